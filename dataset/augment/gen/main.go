// Command gen writes the assembly of package augment; go generate in that package runs it.
//
// It is a module of its own, so that the generator's dependencies are none of the program's. Each kernel does the
// operations of its Go twin in the same order, so the bits are the same.
package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

func main() {
	ConstraintExpr("amd64")
	grey()
	color()
	extent()
	shift()
	brighten()
	Generate()
}

// offsets of the fields of span.
const (
	offY, offDY, offX, offDX           = 0, 4, 8, 12
	offK, offStep, offBottom, offRight = 16, 20, 24, 28
	offRow                             = 32
)

// course is where 8 pixels at a time lie. What does not change lies in memory: there are 16 registers.
type course struct {
	y, dy, x, dx, step, bottom, right, row Mem
	k, zero                                reg.VecVirtual
}

// lanes0to7 is 0 to 7.
func lanes0to7(name string, f func(i int) Constant) Mem {
	m := GLOBL(name, RODATA|NOPTR)
	for i := range 8 {
		DATA(4*i, f(i))
	}
	return m
}

func newCourse(s reg.Register, lanes Mem) *course {
	all := func(off int) reg.VecVirtual { v := YMM(); VBROADCASTSS(Mem{Base: s, Disp: off}, v); return v }
	keep := func(v reg.VecVirtual) Mem { m := AllocLocal(32); VMOVUPS(v, m); return m }
	c := &course{y: keep(all(offY)), dy: keep(all(offDY)), x: keep(all(offX)), dx: keep(all(offDX)),
		bottom: keep(all(offBottom)), right: keep(all(offRight)), row: keep(all(offRow)), zero: YMM(), k: YMM()}
	VXORPS(c.zero, c.zero, c.zero)
	step := all(offStep)
	VMULPS(lanes, step, c.k)
	first := all(offK)
	VADDPS(first, c.k, c.k)
	for range 3 { // of 8 pixels
		VADDPS(step, step, step)
	}
	c.step = keep(step)
	return c
}

// next is the whole and the broken part of where the next 8 pixels lie.
func (c *course) next() (iy, ix, fy, fx reg.VecVirtual) {
	axis := func(at, d, last Mem) (whole, rest reg.VecVirtual) {
		whole, rest = YMM(), YMM()
		VMULPS(d, c.k, rest)
		VADDPS(at, rest, rest)
		VMAXPS(c.zero, rest, rest)
		VMINPS(last, rest, rest)
		VCVTTPS2DQ(rest, whole)
		f := YMM()
		VCVTDQ2PS(whole, f)
		VSUBPS(f, rest, rest)
		return whole, rest
	}
	iy, fy = axis(c.y, c.dy, c.bottom)
	ix, fx = axis(c.x, c.dx, c.right)
	VADDPS(c.step, c.k, c.k)
	return iy, ix, fy, fx
}

// lerp is p + (q-p)*f in p; q is spent.
func lerp(p, q, f reg.VecVirtual) {
	VSUBPS(p, q, q)
	VMULPS(f, q, q)
	VADDPS(q, p, p)
}

// grey is bilinear for one channel.
func grey() {
	lanes := lanes0to7("lanes", func(i int) Constant { return F32(i) })
	numbers := lanes0to7("numbers", func(i int) Constant { return U32(i) })
	TEXT("bilinear1AVX2", NOSPLIT, "func(dst, src *float32, n int, s *byte)")
	Pragma("noescape")
	dst, src, n, s := Load(Param("dst"), GP64()), Load(Param("src"), GP64()), Load(Param("n"), GP64()), Load(Param("s"), GP64())
	c := newCourse(s, lanes)
	below := GP64()
	MOVQ(Mem{Base: s, Disp: offRow}, below)
	LEAQ(Mem{Base: src, Index: below, Scale: 4}, below)

	Label("pixels1")
	iy, ix, fy, fx := c.next()
	VPMULLD(c.row, iy, iy)
	VPADDD(ix, iy, iy)
	// Pairs of neighbours are gathered in the order 0 1 4 5, 2 3 6 7, which the shuffles below take apart.
	VPERMQ(Imm(0xd8), iy, iy)
	second := XMM()
	VEXTRACTI128(Imm(1), iy, second)
	gather := func(base reg.GPVirtual) (first, right reg.VecVirtual) {
		a, b := YMM(), YMM()
		for _, g := range []struct {
			index, to reg.VecVirtual
		}{{iy, a}, {second, b}} {
			mask := YMM()
			VPCMPEQD(mask, mask, mask)
			VGATHERDPD(mask, Mem{Base: base, Index: g.index.AsX(), Scale: 4}, g.to)
		}
		first, right = YMM(), YMM()
		VSHUFPS(Imm(0x88), b, a, first)
		VSHUFPS(Imm(0xdd), b, a, right)
		return first, right
	}
	topLeft, topRight := gather(src.(reg.GPVirtual))
	bottomLeft, bottomRight := gather(below)
	lerp(topLeft, bottomLeft, fy)
	lerp(topRight, bottomRight, fy)
	lerp(topLeft, topRight, fx)
	CMPQ(n, Imm(8))
	JLT(LabelRef("last1"))
	VMOVUPS(topLeft, Mem{Base: dst})
	ADDQ(Imm(32), dst)
	SUBQ(Imm(8), n)
	JNZ(LabelRef("pixels1"))
	VZEROUPPER()
	RET()

	Label("last1")
	x, left := XMM(), YMM()
	VMOVD(n.(reg.GPVirtual).As32(), x)
	VPBROADCASTD(x, left)
	VPCMPGTD(numbers, left, left)
	VMASKMOVPS(topLeft, left, Mem{Base: dst})
	VZEROUPPER()
	RET()
}

// color is bilinear for three channels. A load of 8 values takes both neighbours of a pixel and two values that do not
// count.
func color() {
	second := lanes0to7("second", func(i int) Constant { return U32(min(3+i, 7)) })
	TEXT("bilinear3AVX2", NOSPLIT, "func(dst, src *float32, n int, s *byte)")
	Pragma("noescape")
	dst, src, n, s := Load(Param("dst"), GP64()), Load(Param("src"), GP64()), Load(Param("n"), GP64()), Load(Param("s"), GP64())
	c := newCourse(s, NewDataAddr(NewStaticSymbol("lanes"), 0))
	order := YMM()
	VMOVDQU(second, order)
	below := GP64()
	MOVQ(Mem{Base: s, Disp: offRow}, below)
	LEAQ(Mem{Base: src, Index: below, Scale: 4}, below)
	places, parts := AllocLocal(32), AllocLocal(64)

	Label("pixels3")
	iy, ix, fy, fx := c.next()
	VPMULLD(c.row, iy, iy)
	three := YMM()
	VPADDD(ix, ix, three)
	VPADDD(three, ix, ix)
	VPADDD(ix, iy, iy)
	VMOVDQU(iy, places)
	VMOVUPS(fy, parts)
	VMOVUPS(fx, parts.Offset(32))
	i := GP64()
	XORQ(i, i)
	Label("pixel3")
	at := GP64()
	MOVL(places.Idx(i, 4), at.As32())
	p, q, f := YMM(), YMM(), YMM()
	VMOVUPS(Mem{Base: src, Index: at, Scale: 4}, p)
	VMOVUPS(Mem{Base: below, Index: at, Scale: 4}, q)
	VBROADCASTSS(parts.Idx(i, 4), f)
	lerp(p, q, f)
	right := YMM()
	VPERMPS(p, order, right)
	VBROADCASTSS(parts.Offset(32).Idx(i, 4), f)
	lerp(p, right, f)
	VMOVLPS(p.AsX(), Mem{Base: dst})
	VEXTRACTPS(Imm(2), p.AsX(), Mem{Base: dst, Disp: 8})
	ADDQ(Imm(12), dst)
	DECQ(n)
	JZ(LabelRef("done3"))
	INCQ(i)
	CMPQ(i, Imm(8))
	JNE(LabelRef("pixel3"))
	JMP(LabelRef("pixels3"))
	Label("done3")
	VZEROUPPER()
	RET()
}

// values runs body for every 8 values of x; n is a multiple of 8 and not 0.
func values(name, signature string, prepare func(), body func(at Mem), after func()) {
	TEXT(name, NOSPLIT, signature)
	Pragma("noescape")
	x, n := Load(Param("x"), GP64()), Load(Param("n"), GP64())
	prepare()
	Label("loop_" + name)
	body(Mem{Base: x})
	ADDQ(Imm(32), x)
	SUBQ(Imm(8), n)
	JNZ(LabelRef("loop_" + name))
	after()
	VZEROUPPER()
	RET()
}

func scalar(name string) reg.VecVirtual {
	x, y := XMM(), YMM()
	Load(Param(name), x)
	VBROADCASTSS(x, y)
	return y
}

// extent finds the lowest and the highest of each of 8 lanes; what bounds holds counts too.
func extent() {
	lo, hi := YMM(), YMM()
	var bounds reg.Register
	values("extentAVX2", "func(x *float32, n int, bounds *[16]float32)", func() {
		bounds = Load(Param("bounds"), GP64())
		VMOVUPS(Mem{Base: bounds}, lo)
		VMOVUPS(Mem{Base: bounds, Disp: 32}, hi)
	}, func(at Mem) {
		v := YMM()
		VMOVUPS(at, v)
		VMINPS(lo, v, lo)
		VMAXPS(hi, v, hi)
	}, func() {
		VMOVUPS(lo, Mem{Base: bounds})
		VMOVUPS(hi, Mem{Base: bounds, Disp: 32})
	})
}

func shift() {
	var by, lo, hi reg.VecVirtual
	values("shiftAVX2", "func(x *float32, n int, by, lo, hi float32)", func() {
		by, lo, hi = scalar("by"), scalar("lo"), scalar("hi")
	}, func(at Mem) {
		v := YMM()
		VADDPS(at, by, v)
		VMAXPS(lo, v, v)
		VMINPS(hi, v, v)
		VMOVUPS(v, at)
	}, func() {})
}

func brighten() {
	var factor, most reg.VecVirtual
	values("brightenAVX2", "func(x *float32, n int, factor, most float32)", func() {
		factor, most = scalar("factor"), scalar("most")
	}, func(at Mem) {
		v := YMM()
		VCVTTPS2DQ(at, v)
		VCVTDQ2PS(v, v)
		VMULPS(factor, v, v)
		VMINPS(most, v, v)
		VCVTTPS2DQ(v, v)
		VCVTDQ2PS(v, v)
		VMOVUPS(v, at)
	}, func() {})
}
