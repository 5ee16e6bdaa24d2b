package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// Offsets of the fields of implicitProduct, the implicit products' only argument.
const (
	convA, convRows, convCols = 0, 8, 16
	convWhole, convEnd        = 24, 32 // bytes of cols: the whole groups of convUnroll, and all
	convB, convC, convLDC     = 40, 48, 56
	convBias                  = 64
	convZero, convRelu        = 72, 80
	convFull, convLess        = 88, 96 // panels of the kernel's rows, and of one row less
	convWidth                 = 104
	convRowAt, convCAt        = 112, 120 // the kernel's own: where it is in rows and in C
	convEdge                  = 128
)

const (
	convRowsMax = 6
	convUnroll  = 3 // windows of 3x3 have a multiple of it
)

func convKernels() {
	for m := 1; m <= convRowsMax; m++ {
		implicit(m)
	}
	for _, mask := range []bool{false, true} {
		gradientPanel("gradientPanel", mask, false)
	}
	gradientPanel("gradientPanelBack", true, true)
}

// implicit writes the kernel of panels of m rows, then of m-1: C[rows, 16] = A[rows, k] B[k, 16], where A's element
// (i, l) is at rows[i] + cols[l] from a. Each element is one chain in ascending k, as gemm's.
func implicit(m int) {
	name := fmt.Sprintf("implicitAVX2_%d", m)
	TEXT(name, NOSPLIT, "func(t *byte)")
	Pragma("noescape")
	t := Load(Param("t"), GP64())
	for _, f := range [][2]int{{convRows, convRowAt}, {convC, convCAt}} {
		r := GP64()
		MOVQ(Mem{Base: t, Disp: f[0]}, r)
		MOVQ(r, Mem{Base: t, Disp: f[1]})
	}
	for r := m; r > 0 && r >= m-1; r-- {
		count := convFull
		if r < m {
			count = convLess
		}
		implicitPanels(fmt.Sprintf("%d_%d", m, r), t, r, count)
	}
	VZEROUPPER()
	RET()
}

func implicitPanels(id string, t reg.Register, m, count int) {
	at := func(off int) Mem { return Mem{Base: t, Disp: off} }
	load := func(off int) reg.GPVirtual { r := GP64(); MOVQ(at(off), r); return r }
	Label("panel" + id)
	DECQ(at(count))
	JS(LabelRef("done" + id))

	acc := make([][2]reg.VecVirtual, m)
	for i := range acc {
		acc[i] = [2]reg.VecVirtual{YMM(), YMM()}
	}
	CMPQ(at(convZero), Imm(0))
	JNE(LabelRef("zero" + id))
	c, ldcIn := load(convCAt), load(convLDC)
	for i := range acc {
		VMOVUPS(Mem{Base: c}, acc[i][0])
		VMOVUPS(Mem{Base: c, Disp: 32}, acc[i][1])
		if i < m-1 {
			ADDQ(ldcIn, c)
		}
	}
	JMP(LabelRef("start" + id))
	Label("zero" + id)
	for i := range acc {
		for _, v := range acc[i] {
			VXORPS(v, v, v)
		}
	}
	Label("start" + id)

	rows, a := load(convRowAt), load(convA)
	row := make([]reg.GPVirtual, m)
	for i := range row {
		row[i] = GP64()
		MOVLQSX(Mem{Base: rows, Disp: 4 * i}, row[i])
		ADDQ(a, row[i])
	}
	ADDQ(Imm(uint64(4*m)), rows)
	MOVQ(rows, at(convRowAt))
	cols, b, whole, end := load(convCols), load(convB), load(convWhole), load(convEnd)
	ADDQ(cols, whole)
	ADDQ(cols, end)
	lo, hi, x, l := YMM(), YMM(), YMM(), GP64()
	step := func(u int) {
		MOVLQSX(Mem{Base: cols, Disp: 4 * u}, l)
		VMOVUPS(Mem{Base: b, Disp: 64 * u}, lo)
		VMOVUPS(Mem{Base: b, Disp: 64*u + 32}, hi)
		for i := range acc {
			VBROADCASTSS(Mem{Base: row[i], Index: l, Scale: 1}, x)
			VFMADD231PS(lo, x, acc[i][0])
			VFMADD231PS(hi, x, acc[i][1])
		}
	}
	CMPQ(cols, whole)
	JAE(LabelRef("rest" + id))
	Label("loop" + id)
	for u := range convUnroll {
		step(u)
	}
	ADDQ(Imm(4*convUnroll), cols)
	ADDQ(U32(64*convUnroll), b)
	CMPQ(cols, whole)
	JB(LabelRef("loop" + id))
	Label("rest" + id)
	CMPQ(cols, end)
	JAE(LabelRef("epilogue" + id))
	step(0)
	ADDQ(Imm(4), cols)
	ADDQ(Imm(64), b)
	JMP(LabelRef("rest" + id))

	Label("epilogue" + id)
	bias := load(convBias)
	TESTQ(bias, bias)
	JZ(LabelRef("relu" + id))
	for half := range 2 {
		v := YMM()
		VMOVUPS(Mem{Base: bias, Disp: 32 * half}, v)
		for i := range acc {
			VADDPS(v, acc[i][half], acc[i][half])
		}
	}
	Label("relu" + id)
	CMPQ(at(convRelu), Imm(0))
	JEQ(LabelRef("store" + id))
	zero := YMM()
	VXORPS(zero, zero, zero)
	for i := range acc {
		for _, v := range acc[i] {
			keep := YMM()
			VCMPPS(Imm(notLessEqual), zero, v, keep)
			VANDPS(keep, v, v)
		}
	}
	Label("store" + id)
	out, ldc := load(convCAt), load(convLDC)
	width := load(convWidth)
	CMPQ(width, Imm(16))
	JNE(LabelRef("edge" + id))
	for i := range acc {
		VMOVUPS(acc[i][0], Mem{Base: out})
		VMOVUPS(acc[i][1], Mem{Base: out, Disp: 32})
		ADDQ(ldc, out)
	}
	MOVQ(out, at(convCAt))
	JMP(LabelRef("panel" + id))

	// Fewer columns go by way of the edge: whole vectors would write beside C.
	Label("edge" + id)
	for i := range acc {
		VMOVUPS(acc[i][0], at(convEdge+64*i))
		VMOVUPS(acc[i][1], at(convEdge+64*i+32))
	}
	from, left := GP64(), GP64()
	LEAQ(at(convEdge), from)
	MOVQ(U32(uint32(m)), left)
	Label("row" + id)
	src, dst := GP64(), GP64()
	MOVQ(from, src)
	MOVQ(out, dst)
	v, four := YMM(), XMM()
	piece := func(n int, move func()) {
		skip := fmt.Sprintf("skip%d_%s", n, id)
		TESTQ(U32(uint32(n)), width)
		JZ(LabelRef(skip))
		move()
		if n > 1 {
			ADDQ(Imm(uint64(4*n)), src)
			ADDQ(Imm(uint64(4*n)), dst)
		}
		Label(skip)
	}
	piece(8, func() { VMOVUPS(Mem{Base: src}, v); VMOVUPS(v, Mem{Base: dst}) })
	piece(4, func() { VMOVUPS(Mem{Base: src}, four); VMOVUPS(four, Mem{Base: dst}) })
	two, one := GP64(), GP32()
	piece(2, func() { MOVQ(Mem{Base: src}, two); MOVQ(two, Mem{Base: dst}) })
	piece(1, func() { MOVL(Mem{Base: src}, one); MOVL(one, Mem{Base: dst}) })
	ADDQ(Imm(64), from)
	ADDQ(ldc, out)
	DECQ(left)
	JNZ(LabelRef("row" + id))
	MOVQ(out, at(convCAt))
	JMP(LabelRef("panel" + id))
	Label("done" + id)
}

// gradientPanel writes the packing of 16 columns of a gradient to a panel, with their sums; mask: only where y > 0, and
// back: to where the gradient came from, too.
func gradientPanel(name string, mask, back bool) {
	params := "panel, dy, sum *float32, n, ld int"
	if mask {
		name += "Relu"
		params = "panel, dy, y, sum *float32, n, ld int"
	}
	name += "AVX2"
	TEXT(name, NOSPLIT, "func("+params+")")
	Doc(name + " packs n rows, at least 1, ld bytes apart.")
	Pragma("noescape")
	panel, dy, sum := Load(Param("panel"), GP64()), Load(Param("dy"), GP64()), Load(Param("sum"), GP64())
	n, ld := Load(Param("n"), GP64()), Load(Param("ld"), GP64())
	var y reg.Register
	zero := YMM()
	if mask {
		y = Load(Param("y"), GP64())
		VXORPS(zero, zero, zero)
	}
	var sums [2]reg.VecVirtual
	for h := range sums {
		sums[h] = YMM()
		VMOVUPS(Mem{Base: sum, Disp: 32 * h}, sums[h])
	}
	Label("loop_" + name)
	for h := range sums {
		v := YMM()
		if mask {
			VMOVUPS(Mem{Base: y, Disp: 32 * h}, v)
			VCMPPS(Imm(notLessEqual), zero, v, v)
			VANDPS(Mem{Base: dy, Disp: 32 * h}, v, v)
		} else {
			VMOVUPS(Mem{Base: dy, Disp: 32 * h}, v)
		}
		VMOVUPS(v, Mem{Base: panel, Disp: 32 * h})
		if back {
			VMOVUPS(v, Mem{Base: dy, Disp: 32 * h})
		}
		VADDPS(v, sums[h], sums[h])
	}
	ADDQ(Imm(64), panel)
	ADDQ(ld, dy)
	if mask {
		ADDQ(ld, y)
	}
	DECQ(n)
	JNZ(LabelRef("loop_" + name))
	for h := range sums {
		VMOVUPS(sums[h], Mem{Base: sum, Disp: 32 * h})
	}
	VZEROUPPER()
	RET()
}
