package main

import (
	"fmt"
	"math"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// offsets of the fields of lstmTile, the only argument of the step's kernel.
const (
	lstmX, lstmH, lstmW    = 0, 8, 16
	lstmB, lstmC           = 24, 32
	lstmG, lstmY           = 40, 48
	lstmXS, lstmHS         = 56, 64
	lstmBS, lstmCS, lstmGS = 72, 80, 88
	lstmGate               = 96
	lstmF, lstmU           = 104, 112
	lstmRows               = 120
	lstmTiles              = 128 // numbers of tiles of the most rows, of one less and so on
	lstmApart              = 176 // from one group's weights to the next, where a kernel has two
)

// The most rows of a tile.
const lstmRowsMax, lstmWideRows = 3, 6

// The gates in their order.
const (
	gateI = iota
	gateF
	gateG
	gateO
)

// gates addresses the gates of eight units from base on.
type gates struct{ base, apart, third reg.GPVirtual }

func (g gates) at(gate int) Mem {
	switch gate {
	case gateI:
		return Mem{Base: g.base}
	case gateO:
		return Mem{Base: g.base, Index: g.third, Scale: 1}
	}
	return Mem{Base: g.base, Index: g.apart, Scale: uint8(gate)}
}

// gatesAt are gates that lie apart bytes from each other.
func gatesAt(base, apart reg.GPVirtual) gates {
	third := GP64()
	LEAQ(Mem{Base: apart, Index: apart, Scale: 2}, third)
	return gates{base, apart, third}
}

func lstmKernels() {
	lstmPack()
	for _, set := range sets {
		l := &lstm{isa: set}
		l.step()
		l.back()
	}
}

// lstm writes the kernels for the units of one vector: a group of eight, or two.
type lstm struct {
	isa
	regs map[string]reg.VecVirtual // constants, if there are enough registers
}

func (l *lstm) wide() bool   { return l.lanes > 8 }
func (l *lstm) size() uint64 { return uint64(4 * l.lanes) }

func (l *lstm) mul(a, b Op) reg.VecVirtual {
	a, b = memoryFirst(a, b)
	d := l.vec()
	VMULPS(a, b, d)
	return d
}

func (l *lstm) add(a, b Op) reg.VecVirtual {
	a, b = memoryFirst(a, b)
	d := l.vec()
	VADDPS(a, b, d)
	return d
}

func (l *lstm) sub(a, b Op) reg.VecVirtual { d := l.vec(); VSUBPS(b, a, d); return d }

// get loads a vector, a constant for example.
func (l *lstm) get(m Op) reg.VecVirtual { d := l.vec(); VMOVUPS(m, d); return d }

// cells are the cells of the units, or their tangents 32 bytes after them: those of the second group are 64 bytes on.
func (l *lstm) cells(m Mem) reg.VecVirtual {
	if !l.wide() {
		return l.get(m)
	}
	v, low := l.vec(), YMM()
	VMOVUPS(m, low)
	VINSERTF32X8(Imm(1), m.Offset(64), low.AsZ(), v)
	return v
}

func (l *lstm) putCells(v reg.VecVirtual, m Mem) {
	if !l.wide() {
		VMOVUPS(v, m)
		return
	}
	VMOVUPS(v.AsY(), m)
	VEXTRACTF32X8(Imm(1), v, m.Offset(64))
}

// prepare loads the constants of the functions, if there are registers for them.
func (l *lstm) prepare() {
	if !l.wide() {
		return
	}
	l.regs = map[string]reg.VecVirtual{}
	load := func(name string, m Mem) {
		l.regs[name] = l.vec()
		VBROADCASTSS(m, l.regs[name])
	}
	load("signs", constant("signs", rep(0x80000000)...))
	for _, c := range gateConstants() {
		load(c.name, number(c.name, c.v))
	}
}

type gateConstant struct {
	name string
	v    float32
}

func gateConstants() []gateConstant {
	cs := []gateConstant{{"magic", 3 << 22}, {"one", 1}, {"gatemin", -86}, {"log2e", 1.44269504088896341}, {"ln2", -math.Ln2}, {"two", 2}}
	for k, v := range gatePolynomial {
		cs = append(cs, gateConstant{fmt.Sprint("gate", k), v})
	}
	return cs
}

// constant is one of the functions', in a register or in memory.
func (l *lstm) constant(name string) Op {
	if l.wide() {
		return l.regs[name]
	}
	if name == "signs" {
		return constant(name, rep(0x80000000)...)
	}
	for _, c := range gateConstants() {
		if c.name == name {
			return number(name, c.v)
		}
	}
	panic(name)
}

// lstmPack copies a vector of each of four gates, gate bytes apart, of each row.
func lstmPack() {
	TEXT("lstmPackAVX2", NOSPLIT, "func(p, w *float32, gate, rows int)")
	Pragma("noescape")
	p, w, gate, rows := Load(Param("p"), GP64()), Load(Param("w"), GP64()), Load(Param("gate"), GP64()), Load(Param("rows"), GP64())
	Label("row_lstmPack")
	for k := range 4 {
		v := YMM()
		VMOVUPS(Mem{Base: w}, v)
		VMOVUPS(v, Mem{Base: p, Disp: 32 * k})
		ADDQ(gate, w)
	}
	ADDQ(U32(128), p)
	DECQ(rows)
	JNZ(LabelRef("row_lstmPack"))
	VZEROUPPER()
	RET()
}

// step writes the kernel of one step for the units: the inputs of their gates as one chain of fused multiply-adds each,
// then the functions of the gates and the cells, then the states. Each part goes through all rows, so that the processor
// works on several at a time.
func (l *lstm) step() {
	TEXT("lstmStep"+l.name, NOSPLIT, "func(t *byte)")
	Pragma("noescape")
	t := Load(Param("t"), GP64())
	load := func(off int) reg.GPVirtual { r := GP64(); MOVQ(Mem{Base: t, Disp: off}, r); return r }
	x, h, g := load(lstmX), load(lstmH), load(lstmG)
	most := lstmRowsMax
	if l.wide() {
		most = lstmWideRows
	}
	for rows := most; rows >= 1; rows-- {
		n := load(lstmTiles + 8*(most-rows))
		again, done := fmt.Sprint("tile", rows), fmt.Sprint("done", rows)
		TESTQ(n, n)
		JZ(LabelRef(done))
		Label(again)
		l.tile(rows, load, x, h, g)
		DECQ(n)
		JNZ(LabelRef(again))
		Label(done)
	}

	gs, cs := load(lstmGS), load(lstmCS)
	l.prepare()
	each := func(name string, body func(gate gates, cell Mem)) {
		g, c, n := load(lstmG), load(lstmC), load(lstmRows)
		gate := gatesAt(g, load(lstmGate))
		Label(name)
		body(gate, Mem{Base: c})
		ADDQ(gs, g)
		ADDQ(cs, c)
		DECQ(n)
		JNZ(LabelRef(name))
	}
	before, bs := load(lstmB), load(lstmBS)
	each("gates", func(gate gates, cell Mem) {
		var in []gateInput
		for g := range 4 {
			in = append(in, gateInput{gate.at(g), g == gateG})
		}
		v := l.functions(in)
		for g := range v {
			VMOVUPS(v[g], gate.at(g))
		}
		c := l.mul(v[gateI], v[gateG])
		if l.wide() {
			VFMADD231PS(l.cells(Mem{Base: before}), v[gateF], c)
		} else {
			VFMADD231PS(Mem{Base: before}, v[gateF], c)
		}
		l.putCells(c, cell)
		ADDQ(bs, before)
	})
	y, hs := load(lstmY), load(lstmHS)
	each("states", func(gate gates, cell Mem) {
		in := gateInput{cell, true}
		if l.wide() {
			in.at = l.cells(cell)
		}
		v := l.functions([]gateInput{in})[0]
		l.putCells(v, cell.Offset(32))
		VMOVUPS(l.mul(gate.at(gateO), v), Mem{Base: y})
		ADDQ(hs, y)
	})
	VZEROUPPER()
	RET()
}

// tile writes one tile of the gates' inputs, to where the gates will be, and moves the pointers on to the rows after it.
// A row is four vectors: a gate's each, or two gates' of a group each.
func (l *lstm) tile(rows int, load func(int) reg.GPVirtual, x, h, g reg.GPVirtual) {
	w := load(lstmW)
	var apart reg.GPVirtual
	if l.wide() {
		apart = load(lstmApart)
	}
	weights := func(row, k int) Mem {
		at := Mem{Base: w, Disp: 128*row + 4*l.lanes*k}
		if 4*l.lanes*k >= 128 {
			at.Disp -= 128
			at.Index, at.Scale = apart, 1
		}
		return at
	}
	acc := make([][4]reg.VecVirtual, rows)
	for k := range 4 {
		for i := range acc {
			acc[i][k] = l.vec()
			if i == 0 {
				VMOVUPS(weights(0, k), acc[0][k])
			} else {
				VMOVAPS(acc[0][k], acc[i][k])
			}
		}
	}
	ADDQ(U32(128), w)
	xs, hs := load(lstmXS), load(lstmHS)
	l.product(fmt.Sprint("x", rows), acc, w, weights, x, xs, load(lstmF))
	l.product(fmt.Sprint("h", rows), acc, w, weights, h, hs, load(lstmU))
	gate, gs := gatesAt(g, load(lstmGate)), load(lstmGS)
	for i := range acc {
		for k, v := range acc[i] {
			if !l.wide() {
				VMOVUPS(v, gate.at(k))
				continue
			}
			group, pair := k/2, k%2*2
			VMOVUPS(v.AsY(), gate.at(pair).Offset(32*group))
			VEXTRACTF32X8(Imm(1), v, gate.at(pair+1).Offset(32*group))
		}
		ADDQ(gs, g)
		ADDQ(xs, x)
		ADDQ(hs, h)
	}
}

// product adds the rows from a on, k values each, times the weights, which it moves on, to the sums.
func (l *lstm) product(id string, acc [][4]reg.VecVirtual, w reg.GPVirtual, weights func(row, k int) Mem, a, stride, k reg.GPVirtual) {
	at := GP64()
	MOVQ(a, at)
	row := rowsOf(stride, len(acc))
	step := func(n int) {
		v := l.vectors(len(acc))
		for i := range v {
			m := row(at, i)
			m.Disp += 4 * n
			VBROADCASTSS(m, v[i])
		}
		for g := range 4 {
			u := l.get(weights(n, g))
			for i := range acc {
				VFMADD231PS(u, v[i], acc[i][g])
			}
		}
	}
	const unroll = 4
	SUBQ(Imm(unroll), k)
	JLT(LabelRef("rest_" + id))
	Label("loop_" + id)
	for n := range unroll {
		step(n)
	}
	ADDQ(U32(128*unroll), w)
	ADDQ(Imm(4*unroll), at)
	SUBQ(Imm(unroll), k)
	JGE(LabelRef("loop_" + id))
	Label("rest_" + id)
	ADDQ(Imm(unroll), k)
	JZ(LabelRef("end_" + id))
	Label("one_" + id)
	step(0)
	ADDQ(U32(128), w)
	ADDQ(Imm(4), at)
	DECQ(k)
	JNZ(LabelRef("one_" + id))
	Label("end_" + id)
}

// gateInput is where the input of a function lies: the hyperbolic tangent, or the logistic function.
type gateInput struct {
	at   Op
	tanh bool
}

// functions is the twin of gateFunction, for several inputs side by side.
func (l *lstm) functions(in []gateInput) []reg.VecVirtual {
	n := len(in)
	a, t, q := make([]reg.VecVirtual, n), make([]reg.VecVirtual, n), make([]reg.VecVirtual, n)
	signs, magic, one := l.constant("signs"), l.constant("magic"), l.constant("one")
	for i, v := range in {
		a[i] = l.get(signs)
		VORPS(v.at, a[i], a[i])
		if v.tanh {
			VADDPS(a[i], a[i], a[i])
		}
		least := l.get(l.constant("gatemin"))
		VMAXPS(a[i], least, a[i]) // the second source where one is not a number
	}
	for i := range in {
		t[i] = l.get(l.constant("log2e"))
		VFMADD213PS(magic, a[i], t[i])
	}
	for i := range in {
		whole := l.vec()
		VSUBPS(magic, t[i], whole)
		VFMADD231PS(l.constant("ln2"), whole, a[i])
		VPSLLD(Imm(23), t[i], t[i])
		VPADDD(one, t[i], t[i])
		q[i] = l.get(l.constant("gate0"))
	}
	for k := range gatePolynomial[1:] {
		for i := range in {
			VFMADD213PS(l.constant(fmt.Sprint("gate", k+1)), a[i], q[i])
		}
	}
	for i := range in {
		VFMADD213PS(a[i], l.mul(a[i], a[i]), q[i])
	}
	for i, v := range in {
		if v.tanh {
			less := l.vec()
			VSUBPS(one, t[i], less)
			VFMADD213PS(less, t[i], q[i]) // e^a - 1
			below := l.add(l.constant("two"), q[i])
			sign := l.get(signs)
			VANDNPS(q[i], sign, q[i])
			VDIVPS(below, q[i], q[i])
			VANDPS(v.at, sign, sign)
			VORPS(sign, q[i], q[i])
			continue
		}
		VFMADD213PS(t[i], t[i], q[i]) // e^a
		below := l.add(one, q[i])
		x, top := l.vec(), l.get(one)
		VMOVUPS(v.at, x)
		if l.mask { // by the sign
			negative := K()
			VPMOVD2M(x, negative)
			VMOVAPS(q[i], negative, top)
			VDIVPS(below, top, q[i])
			continue
		}
		VBLENDVPS(x, q[i], top, q[i]) // by the sign
		VDIVPS(below, q[i], q[i])
	}
	return q
}

// gatePolynomial approximates (e^r - 1 - r)/r^2 where |r| is at most ln 2 / 2; the highest power first.
var gatePolynomial = []float32{1.381454001702946e-3, 8.368745116439775e-3, 4.166839078687683e-2, 1.6666520398961537e-1, 4.999999343211257e-1}
