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
	lstmTiles              = 128 // numbers of tiles of three rows, of two and of one
)

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
	lstmStep()
	lstmBack()
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

// lstmStep writes the kernel of one step for eight units: the inputs of their gates as one chain of fused multiply-adds
// each, then the functions of the gates and the cells, then the states. Each part goes through all rows, so that the
// processor works on several at a time.
func lstmStep() {
	TEXT("lstmStepAVX2", NOSPLIT, "func(t *byte)")
	Pragma("noescape")
	t := Load(Param("t"), GP64())
	load := func(off int) reg.GPVirtual { r := GP64(); MOVQ(Mem{Base: t, Disp: off}, r); return r }
	x, h, g := load(lstmX), load(lstmH), load(lstmG)
	for rows := 3; rows >= 1; rows-- {
		n := load(lstmTiles + 8*(3-rows))
		again, done := fmt.Sprint("tile", rows), fmt.Sprint("done", rows)
		TESTQ(n, n)
		JZ(LabelRef(done))
		Label(again)
		lstmTile(rows, load, x, h, g)
		DECQ(n)
		JNZ(LabelRef(again))
		Label(done)
	}

	gs, cs := load(lstmGS), load(lstmCS)
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
		v := lstmFunctions(in)
		for g := range v {
			VMOVUPS(v[g], gate.at(g))
		}
		c := mul(v[gateI], v[gateG])
		VFMADD231PS(Mem{Base: before}, v[gateF], c)
		VMOVUPS(c, cell)
		ADDQ(bs, before)
	})
	y, hs := load(lstmY), load(lstmHS)
	each("states", func(gate gates, cell Mem) {
		v := lstmFunctions([]gateInput{{cell, true}})[0]
		cell.Disp = 32
		VMOVUPS(v, cell)
		VMOVUPS(mul(gate.at(gateO), v), Mem{Base: y})
		ADDQ(hs, y)
	})
	VZEROUPPER()
	RET()
}

// lstmTile writes one tile of the gates' inputs, to where the gates will be, and moves the pointers on to the rows after
// it.
func lstmTile(rows int, load func(int) reg.GPVirtual, x, h, g reg.GPVirtual) {
	w := load(lstmW)
	acc := make([][4]reg.VecVirtual, rows)
	for k := range 4 {
		for i := range acc {
			acc[i][k] = YMM()
			if i == 0 {
				VMOVUPS(Mem{Base: w, Disp: 32 * k}, acc[0][k])
			} else {
				VMOVAPS(acc[0][k], acc[i][k])
			}
		}
	}
	ADDQ(U32(128), w)
	xs, hs := load(lstmXS), load(lstmHS)
	lstmProduct(fmt.Sprint("x", rows), acc, w, x, xs, load(lstmF))
	lstmProduct(fmt.Sprint("h", rows), acc, w, h, hs, load(lstmU))
	gate, gs := gatesAt(g, load(lstmGate)), load(lstmGS)
	for i := range acc {
		for k, v := range acc[i] {
			VMOVUPS(v, gate.at(k))
		}
		ADDQ(gs, g)
		ADDQ(xs, x)
		ADDQ(hs, h)
	}
}

// lstmProduct adds the rows from a on, k values each, times the weights, which it moves on, to the sums.
func lstmProduct(id string, acc [][4]reg.VecVirtual, w, a, stride, k reg.GPVirtual) {
	at := GP64()
	MOVQ(a, at)
	step := func(l int) {
		v := make([]reg.VecVirtual, len(acc))
		for i := range v {
			v[i] = YMM()
			m := Mem{Base: at, Disp: 4 * l}
			if i > 0 {
				m.Index, m.Scale = stride, uint8(i)
			}
			VBROADCASTSS(m, v[i])
		}
		for g := range 4 {
			u := YMM()
			VMOVUPS(Mem{Base: w, Disp: 128*l + 32*g}, u)
			for i := range acc {
				VFMADD231PS(u, v[i], acc[i][g])
			}
		}
	}
	const unroll = 4
	SUBQ(Imm(unroll), k)
	JLT(LabelRef("rest_" + id))
	Label("loop_" + id)
	for l := range unroll {
		step(l)
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
	at   Mem
	tanh bool
}

// lstmFunctions is the twin of gateFunction, for several inputs side by side.
func lstmFunctions(in []gateInput) []reg.VecVirtual {
	n := len(in)
	a, t, q := make([]reg.VecVirtual, n), make([]reg.VecVirtual, n), make([]reg.VecVirtual, n)
	signs := constant("signs", rep(0x80000000)...)
	magic, one := number("magic", 3<<22), number("one", 1)
	for i, v := range in {
		a[i] = fixed(signs)
		VORPS(v.at, a[i], a[i])
		if v.tanh {
			VADDPS(a[i], a[i], a[i])
		}
		least := fixed(number("gatemin", -86))
		VMAXPS(a[i], least, a[i]) // the second source where one is not a number
	}
	for i := range in {
		t[i] = fixed(number("log2e", 1.44269504088896341))
		VFMADD213PS(magic, a[i], t[i])
	}
	for i := range in {
		whole := YMM()
		VSUBPS(magic, t[i], whole)
		VFMADD231PS(number("ln2", -math.Ln2), whole, a[i])
		VPSLLD(Imm(23), t[i], t[i])
		VPADDD(one, t[i], t[i])
		q[i] = fixed(number("gate0", gatePolynomial[0]))
	}
	for k, v := range gatePolynomial[1:] {
		for i := range in {
			VFMADD213PS(number(fmt.Sprint("gate", k+1), v), a[i], q[i])
		}
	}
	for i := range in {
		VFMADD213PS(a[i], mul(a[i], a[i]), q[i])
	}
	for i, v := range in {
		if v.tanh {
			less := YMM()
			VSUBPS(one, t[i], less)
			VFMADD213PS(less, t[i], q[i]) // e^a - 1
			below := add(number("two", 2), q[i])
			sign := fixed(signs)
			VANDNPS(q[i], sign, q[i])
			VDIVPS(below, q[i], q[i])
			VANDPS(v.at, sign, sign)
			VORPS(sign, q[i], q[i])
			continue
		}
		VFMADD213PS(t[i], t[i], q[i]) // e^a
		below := add(one, q[i])
		x, top := YMM(), fixed(one)
		VMOVUPS(v.at, x)
		VBLENDVPS(x, q[i], top, q[i]) // by the sign
		VDIVPS(below, q[i], q[i])
	}
	return q
}

// gatePolynomial approximates (e^r - 1 - r)/r^2 where |r| is at most ln 2 / 2; the highest power first.
var gatePolynomial = []float32{1.381454001702946e-3, 8.368745116439775e-3, 4.166839078687683e-2, 1.6666520398961537e-1, 4.999999343211257e-1}

// lstmBack writes the elementwise part of a step back, for whole rows.
func lstmBack() {
	TEXT("lstmBackAVX2", NOSPLIT, "func(gates, c, before, dh, dc *float32, bs, gate, gs, groups, rows int)")
	Pragma("noescape")
	g, c, before := Load(Param("gates"), GP64()), Load(Param("c"), GP64()), Load(Param("before"), GP64())
	dh, dc := Load(Param("dh"), GP64()), Load(Param("dc"), GP64())
	bs, apart := Load(Param("bs"), GP64()), GP64()
	Load(Param("gate"), apart)
	rows := Load(Param("rows"), GP64())
	one := fixed(number("one", 1))
	at := GP64()
	gate := gatesAt(at, apart)

	Label("row_lstmBack")
	MOVQ(g, at)
	n := Load(Param("groups"), GP64())
	Label("group_lstmBack")
	get := func(m Mem) reg.VecVirtual { v := YMM(); VMOVUPS(m, v); return v }
	// rest is 1 - v^2, inner v (1 - v): the derivatives by the outputs.
	rest := func(v reg.VecVirtual) reg.VecVirtual { d := YMM(); VMOVAPS(one, d); VFNMADD231PS(v, v, d); return d }
	inner := func(v reg.VecVirtual) reg.VecVirtual { return mul(v, sub(one, v)) }

	dy, tc := get(Mem{Base: dh}), get(Mem{Base: c, Disp: 32})
	i, f, a, o := get(gate.at(gateI)), get(gate.at(gateF)), get(gate.at(gateG)), get(gate.at(gateO))
	VMOVUPS(mul(mul(dy, tc), inner(o)), gate.at(gateO))
	cell := get(Mem{Base: dc})
	VFMADD231PS(rest(tc), mul(dy, o), cell)
	VMOVUPS(mul(mul(cell, a), inner(i)), gate.at(gateI))
	VMOVUPS(mul(mul(cell, Mem{Base: before}), inner(f)), gate.at(gateF))
	VMOVUPS(mul(mul(cell, i), rest(a)), gate.at(gateG))
	VMOVUPS(mul(cell, f), Mem{Base: dc})

	ADDQ(Imm(64), c)
	ADDQ(bs, before)
	for _, p := range []reg.Register{dh, dc, at} {
		ADDQ(Imm(32), p)
	}
	DECQ(n)
	JNZ(LabelRef("group_lstmBack"))
	gs := Load(Param("gs"), GP64())
	ADDQ(gs, g)
	DECQ(rows)
	JNZ(LabelRef("row_lstmBack"))
	VZEROUPPER()
	RET()
}
