package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// The kernels here normalise and go on with relu, or with relu and a max pooling of 2x2 cells, in one pass; whole eights
// of channels only.

// dead is what marks, among the cells of a window, that relu let none through.
const dead = 4

// affine is (x - shift)*scale + beta of the eight values at x.
func affine(x, shift, scale, beta Op) reg.VecVirtual {
	v := YMM()
	VMOVUPS(x, v)
	VSUBPS(shift, v, v)
	VMULPS(scale, v, v)
	VADDPS(beta, v, v)
	return v
}

// normalizeRelu writes the twin of NormalizeRelu.
func normalizeRelu() {
	TEXT("normalizeReluAVX2", NOSPLIT, "func(y, x *float32, n, period int, shift, scale, beta *float32)")
	Doc("normalizeReluAVX2 is normalizeAVX2 and relu.")
	Pragma("noescape")
	y, x := parameter("y"), parameter("x")
	shift, scale, beta := parameter("shift"), parameter("scale"), parameter("beta")
	zero := YMM()
	VXORPS(zero, zero, zero)
	periodic("normalizeRelu", []reg.GPVirtual{y, x}, func(index reg.GPVirtual) {
		v, m := affine(Mem{Base: x}, vector(shift, index), vector(scale, index), vector(beta, index)), YMM()
		VCMPPS(Imm(notLessEqual), zero, v, m)
		VANDPS(v, m, m)
		VMOVUPS(m, Mem{Base: y})
	})
}

func normalizeReluBackward() {
	TEXT("normalizeReluBackwardAVX2", NOSPLIT, "func(dx, dy, x *float32, n, period int, shift, scale, beta, a, b, m *float32)")
	Doc("normalizeReluBackwardAVX2 is normalizeBackwardAVX2 of what relu lets through of dy.")
	Pragma("noescape")
	dx, dy, x := parameter("dx"), parameter("dy"), parameter("x")
	shift, scale, beta := parameter("shift"), parameter("scale"), parameter("beta")
	a, b, m := parameter("a"), parameter("b"), parameter("m")
	zero := YMM()
	VXORPS(zero, zero, zero)
	periodic("normalizeReluBackward", []reg.GPVirtual{dx, dy, x}, func(index reg.GPVirtual) {
		d, v, g := YMM(), YMM(), YMM()
		VMOVUPS(Mem{Base: x}, d)
		VSUBPS(vector(shift, index), d, d)
		VMULPS(vector(scale, index), d, v)
		VADDPS(vector(beta, index), v, v)
		VCMPPS(Imm(notLessEqual), zero, v, v)
		VANDPS(Mem{Base: dy}, v, g)
		VMULPS(vector(a, index), g, g)
		VMULPS(vector(b, index), d, d)
		VADDPS(d, g, g)
		VADDPS(vector(m, index), g, g)
		VMOVUPS(g, Mem{Base: dx})
	})
}

// accumulator holds the sums of eight channels in double precision.
type accumulator struct{ sum, dot, shift [2]reg.VecVirtual }

// doubles are the four of double precision at half i of the eight at the offset.
func doubles(p, off reg.GPVirtual, i int) Mem {
	return Mem{Base: p, Index: off, Scale: 8, Disp: 32 * i}
}

func accumulate(sum, dot, shift, off reg.GPVirtual) (a accumulator) {
	for i := range 2 {
		a.sum[i], a.dot[i], a.shift[i] = YMM(), YMM(), YMM()
		VMOVUPD(doubles(sum, off, i), a.sum[i])
		VMOVUPD(doubles(dot, off, i), a.dot[i])
		VMOVUPD(doubles(shift, off, i), a.shift[i])
	}
	return a
}

// add adds eight values of g and of g*(x - shift).
func (a *accumulator) add(x, g reg.VecVirtual) {
	for i := range 2 {
		var d [2]reg.VecVirtual
		for k, v := range []reg.VecVirtual{x, g} {
			half := v.AsX()
			if i == 1 {
				high := XMM()
				VEXTRACTF128(Imm(1), v, high)
				half = high
			}
			d[k] = YMM()
			VCVTPS2PD(half, d[k])
		}
		VSUBPD(a.shift[i], d[0], d[0])
		VADDPD(d[1], a.sum[i], a.sum[i])
		VFMADD231PD(d[1], d[0], a.dot[i])
	}
}

func (a *accumulator) store(sum, dot, off reg.GPVirtual) {
	for i := range 2 {
		VMOVUPD(a.sum[i], doubles(sum, off, i))
		VMOVUPD(a.dot[i], doubles(dot, off, i))
	}
}

func momentsRelu() {
	const name = "momentsReluAVX2"
	TEXT(name, NOSPLIT, "func(sum, dot, mean *float64, x, dy *float32, rows, c int, shift, scale, beta *float32)")
	Doc(name + " is momentsBackwardAVX2 of what relu lets through of dy; c is a multiple of 8.")
	Pragma("noescape")
	sum, dot, mean := parameter("sum"), parameter("dot"), parameter("mean")
	c4, off := quadruple("c"), GP64()
	zero := YMM()
	VXORPS(zero, zero, zero)
	XORQ(off, off)
	Label("columns_" + name)
	a := accumulate(sum, dot, mean, off)
	var params [3]reg.VecVirtual
	for i, p := range []string{"shift", "scale", "beta"} {
		params[i] = YMM()
		VMOVUPS(vector(parameter(p), off), params[i])
	}
	x, dy, rows := parameter("x"), parameter("dy"), parameter("rows")
	LEAQ(vector(x, off), x)
	LEAQ(vector(dy, off), dy)
	Label("rows_" + name)
	v, d, g := YMM(), YMM(), YMM()
	VMOVUPS(Mem{Base: x}, v)
	VSUBPS(params[0], v, d)
	VMULPS(params[1], d, d)
	VADDPS(params[2], d, d)
	VCMPPS(Imm(notLessEqual), zero, d, d)
	VANDPS(Mem{Base: dy}, d, g)
	a.add(v, g)
	ADDQ(c4, x)
	ADDQ(c4, dy)
	DECQ(rows)
	JNZ(LabelRef("rows_" + name))
	a.store(sum, dot, off)
	ADDQ(Imm(8), off)
	CMPQ(off, parameter("c"))
	JLT(LabelRef("columns_" + name))
	VZEROUPPER()
	RET()
}

func normalizePool() {
	const name = "normalizePoolAVX2"
	TEXT(name, NOSPLIT, "func(y *float32, arg *uint8, x *float32, n, c, line int, shift, scale, beta *float32)")
	Doc(name+" is normalizeAVX2, relu and maxPool2AVX2 in one: of n windows side by side. arg is 4 where relu lets nothing",
		"through.")
	Pragma("noescape")
	cells, c4 := quad("x")
	y, arg := parameter("y"), parameter("arg")
	shift, scale, beta := parameter("shift"), parameter("scale"), parameter("beta")
	two, minus, zero := YMM(), YMM(), YMM()
	VMOVDQU(constant("twos", rep(2)...), two)
	VMOVDQU(constant("minus_dead", rep(1<<32-dead)...), minus)
	VXORPS(zero, zero, zero)
	channels(name, func(off, _ reg.GPVirtual) {
		sh, sc, be := YMM(), YMM(), YMM()
		VMOVUPS(vector(shift, off), sh)
		VMOVUPS(vector(scale, off), sc)
		VMOVUPS(vector(beta, off), be)
		var best, from [2]reg.VecVirtual
		for i := range 2 {
			best[i] = affine(vector(cells[2*i], off), sh, sc, be)
			v := affine(vector(cells[2*i+1], off), sh, sc, be)
			from[i] = replaces(v, best[i])
			VBLENDVPS(from[i], v, best[i], best[i])
		}
		m := replaces(best[1], best[0])
		VBLENDVPS(m, best[1], best[0], best[0])
		VPSUBD(two, from[1], from[1])
		VBLENDVPS(m, from[1], from[0], from[0])
		VCMPPS(Imm(notLessEqual), zero, best[0], m)
		VANDPS(m, best[0], best[0])
		VMOVUPS(best[0], vector(y, off))
		VBLENDVPS(m, from[0], minus, from[0])
		b := bytes(from[0])
		VPABSB(b, b)
		VMOVQ(b.AsX(), Mem{Base: arg, Index: off, Scale: 1})
	}, func(c reg.GPVirtual) {
		ADDQ(c4, y)
		ADDQ(c, arg)
		for _, p := range cells {
			LEAQ(Mem{Base: p, Index: c4, Scale: 2}, p)
		}
	})
}

func momentsPool() {
	const name = "momentsPoolAVX2"
	TEXT(name, NOSPLIT, "func(sum, dot, mean *float64, x, dy *float32, arg *uint8, n, c, line int)")
	Doc(name + " adds up dy and dy*(x - mean), of each of n windows side by side, where arg names a cell.")
	Pragma("noescape")
	sum, dot, mean := parameter("sum"), parameter("dot"), parameter("mean")
	off := GP64()
	XORQ(off, off)
	Label("columns_" + name)
	cells, c4 := quad("x")
	dy, arg, c, n := parameter("dy"), parameter("arg"), parameter("c"), parameter("n")
	for _, p := range append(cells[:], dy) {
		LEAQ(vector(p, off), p)
	}
	ADDQ(off, arg)
	a := accumulate(sum, dot, mean, off)
	Label("windows_" + name)
	from, x, g := YMM(), YMM(), YMM()
	VPMOVZXBD(Mem{Base: arg}, from)
	VMOVUPS(Mem{Base: cells[0]}, x)
	for i := 1; i < 4; i++ {
		m := YMM()
		VPCMPEQD(constant(fmt.Sprintf("cell%d", i), rep(uint32(i))...), from, m)
		VBLENDVPS(m, Mem{Base: cells[i]}, x, x)
	}
	VMOVDQU(constant("cell4", rep(dead)...), g)
	VPCMPGTD(from, g, g)
	VANDPS(Mem{Base: dy}, g, g)
	a.add(x, g)
	for _, p := range cells {
		LEAQ(Mem{Base: p, Index: c4, Scale: 2}, p)
	}
	ADDQ(c4, dy)
	ADDQ(c, arg)
	DECQ(n)
	JNZ(LabelRef("windows_" + name))
	a.store(sum, dot, off)
	ADDQ(Imm(8), off)
	CMPQ(off, c)
	JLT(LabelRef("columns_" + name))
	VZEROUPPER()
	RET()
}

func normalizePoolBackward() {
	const name = "normalizePoolBackwardAVX2"
	TEXT(name, NOSPLIT, "func(dx, dy *float32, arg *uint8, x *float32, n, c, line int, shift, a, b, m *float32)")
	Doc(name + " is maxPool2BackwardAVX2 and normalizeBackwardAVX2 in one: of n windows side by side.")
	Pragma("noescape")
	dx, c4 := quad("dx")
	dy, arg := parameter("dy"), parameter("arg")
	far := parameter("x") // from a cell's gradient to the cell
	SUBQ(dx[0], far)
	index := indices()
	channels(name, func(off, _ reg.GPVirtual) {
		var params [4]reg.VecVirtual
		for i, p := range []string{"shift", "a", "b", "m"} {
			params[i] = YMM()
			VMOVUPS(vector(parameter(p), off), params[i])
		}
		g, from, at := YMM(), YMM(), GP64()
		VPMOVZXBD(Mem{Base: arg, Index: off, Scale: 1}, from)
		VMULPS(vector(dy, off), params[1], g)
		for i, p := range dx {
			v, m := YMM(), YMM()
			LEAQ(vector(p, off), at)
			VMOVUPS(Mem{Base: at, Index: far, Scale: 1}, v)
			VSUBPS(params[0], v, v)
			VMULPS(params[2], v, v)
			VPCMPEQD(index[i], from, m)
			VANDPS(g, m, m)
			VADDPS(v, m, m)
			VADDPS(params[3], m, m)
			VMOVUPS(m, Mem{Base: at})
		}
	}, func(c reg.GPVirtual) {
		ADDQ(c4, dy)
		ADDQ(c, arg)
		for _, p := range dx {
			LEAQ(Mem{Base: p, Index: c4, Scale: 2}, p)
		}
	})
}
