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
	convAhead, convDelta      = 112, 120 // what to fetch: two lines a round of the loop
	convStep, convRounds      = 128, 136 // from line to line, and for how many rounds
	convRowAt, convCAt        = 144, 152 // the kernel's own: where it is in rows, in C,
	convAheadAt, convEndAt    = 160, 168 // and in what to fetch; and where cols ends
	convEdge                  = 176      // memory for a panel of fewer columns
)

const (
	convRowsMax = 6
	convUnroll  = 3 // windows of 3x3 have a multiple of it
)

func convKernels() {
	for m := 1; m <= convRowsMax; m++ {
		implicit("implicitAVX2_", m, false)
		implicit("implicitAddAVX2_", m, true)
	}
	gradientPanel("gradientPanel", false, false, false)
	gradientPanel("gradientPanelPart", false, false, true)
	gradientPanel("gradientPanelRelu", true, false, false)
	gradientPanel("gradientPanelReluBack", true, true, false)
}

// implicit writes the kernel of panels of m rows, then of m-1: C[rows, 16] = A[rows, k] B[k, 16], where A's element
// (i, l) is at rows[i] + cols[l] from a. Each element is one chain in ascending k, as gemm's. A sum may begin with C, and
// fetches lines that are needed later; it has no bias, no relu and no edge.
func implicit(name string, m int, sum bool) {
	name += fmt.Sprint(m)
	TEXT(name, NOSPLIT, "func(t *byte)")
	Pragma("noescape")
	t := Load(Param("t"), GP64())
	cursors := [][2]int{{convRows, convRowAt}, {convC, convCAt}}
	if sum {
		cursors = append(cursors, [2]int{convAhead, convAheadAt})
	}
	for _, f := range cursors {
		r := GP64()
		MOVQ(Mem{Base: t, Disp: f[0]}, r)
		MOVQ(r, Mem{Base: t, Disp: f[1]})
	}
	end := GP64()
	MOVQ(Mem{Base: t, Disp: convEnd}, end)
	ADDQ(Mem{Base: t, Disp: convCols}, end)
	MOVQ(end, Mem{Base: t, Disp: convEndAt})
	for r := m; r > 0 && r >= m-1; r-- {
		count := convFull
		if r < m {
			count = convLess
		}
		implicitPanels(fmt.Sprintf("_%s_%d", name, r), t, r, count, sum)
	}
	VZEROUPPER()
	RET()
}

// implicitPanels writes the loop over the panels of m rows.
func implicitPanels(id string, t reg.Register, m, count int, sum bool) {
	at := func(off int) Mem { return Mem{Base: t, Disp: off} }
	load := func(off int) reg.GPVirtual { r := GP64(); MOVQ(at(off), r); return r }
	Label("panel" + id)
	DECQ(at(count))
	JS(LabelRef("done" + id))

	acc := make([][2]reg.VecVirtual, m)
	for i := range acc {
		acc[i] = [2]reg.VecVirtual{YMM(), YMM()}
	}
	if sum {
		CMPQ(at(convZero), Imm(0))
		JNE(LabelRef("zero" + id))
		c, ldc := load(convCAt), load(convLDC)
		for i := range acc {
			VMOVUPS(Mem{Base: c}, acc[i][0])
			VMOVUPS(Mem{Base: c, Disp: 32}, acc[i][1])
			if i < m-1 {
				ADDQ(ldc, c)
			}
		}
		JMP(LabelRef("start" + id))
	}
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
	cols, b, whole := load(convCols), load(convB), load(convWhole)
	ADDQ(cols, whole)
	var ahead, delta, next reg.GPVirtual
	if sum {
		ahead, delta, next = load(convAheadAt), load(convDelta), GP64()
		XORQ(next, next)
		CMPQ(at(convRounds), Imm(0))
		JLE(LabelRef("fetched" + id))
		MOVQ(at(convStep), next)
		Label("fetched" + id)
	}
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
	if sum {
		PREFETCHT0(Mem{Base: ahead})
		PREFETCHT0(Mem{Base: ahead, Index: delta, Scale: 1})
		ADDQ(next, ahead)
	}
	ADDQ(Imm(4*convUnroll), cols)
	ADDQ(U32(64*convUnroll), b)
	CMPQ(cols, whole)
	JB(LabelRef("loop" + id))
	Label("rest" + id)
	CMPQ(cols, at(convEndAt))
	JAE(LabelRef("epilogue" + id))
	step(0)
	ADDQ(Imm(4), cols)
	ADDQ(Imm(64), b)
	JMP(LabelRef("rest" + id))

	Label("epilogue" + id)
	if sum {
		MOVQ(ahead, at(convAheadAt))
		done := load(convWhole)
		SUBQ(done, at(convRounds))
	} else {
		epilogue(id, at, acc)
	}
	out, ldc := load(convCAt), load(convLDC)
	width := GP64()
	if !sum {
		MOVQ(at(convWidth), width)
		CMPQ(width, Imm(16))
		JNE(LabelRef("edge" + id))
	}
	for i := range acc {
		VMOVUPS(acc[i][0], Mem{Base: out})
		VMOVUPS(acc[i][1], Mem{Base: out, Disp: 32})
		ADDQ(ldc, out)
	}
	MOVQ(out, at(convCAt))
	JMP(LabelRef("panel" + id))
	if !sum {
		Label("edge" + id)
		lastPanel(id, at, acc, out, ldc, width)
		MOVQ(out, at(convCAt))
		JMP(LabelRef("panel" + id))
	}
	Label("done" + id)
}

// epilogue adds the bias, if there is one, and takes relu, if so.
func epilogue(id string, at func(int) Mem, acc [][2]reg.VecVirtual) {
	bias := GP64()
	MOVQ(at(convBias), bias)
	TESTQ(bias, bias)
	JZ(LabelRef("store" + id))
	for half := range 2 {
		v := YMM()
		VMOVUPS(Mem{Base: bias, Disp: 32 * half}, v)
		for i := range acc {
			VADDPS(v, acc[i][half], acc[i][half])
		}
	}
	CMPQ(at(convRelu), Imm(0))
	JEQ(LabelRef("store" + id))
	// The second operand stays if it is a NaN. It is never -0: a sum is so only where both of its parts are.
	zero := YMM()
	VXORPS(zero, zero, zero)
	for i := range acc {
		for _, v := range acc[i] {
			VMAXPS(v, zero, v)
		}
	}
	Label("store" + id)
}

// lastPanel stores fewer columns by way of memory of its own: whole vectors would write beside C.
func lastPanel(id string, at func(int) Mem, acc [][2]reg.VecVirtual, out, ldc, width reg.GPVirtual) {
	from := GP64()
	MOVQ(at(convEdge), from)
	for i := range acc {
		VMOVUPS(acc[i][0], Mem{Base: from, Disp: 64 * i})
		VMOVUPS(acc[i][1], Mem{Base: from, Disp: 64*i + 32})
	}
	left := GP64()
	MOVQ(U32(uint32(len(acc))), left)
	Label("row" + id)
	src, dst := GP64(), GP64()
	MOVQ(from, src)
	MOVQ(out, dst)
	piece := func(n int, move func()) {
		skip := fmt.Sprintf("skip%d%s", n, id)
		TESTQ(U32(uint32(n)), width)
		JZ(LabelRef(skip))
		move()
		if n > 1 {
			ADDQ(Imm(uint64(4*n)), src)
			ADDQ(Imm(uint64(4*n)), dst)
		}
		Label(skip)
	}
	eight, four, two, one := YMM(), XMM(), GP64(), GP32()
	piece(8, func() { VMOVUPS(Mem{Base: src}, eight); VMOVUPS(eight, Mem{Base: dst}) })
	piece(4, func() { VMOVUPS(Mem{Base: src}, four); VMOVUPS(four, Mem{Base: dst}) })
	piece(2, func() { MOVQ(Mem{Base: src}, two); MOVQ(two, Mem{Base: dst}) })
	piece(1, func() { MOVL(Mem{Base: src}, one); MOVL(one, Mem{Base: dst}) })
	ADDQ(Imm(64), from)
	ADDQ(ldc, out)
	DECQ(left)
	JNZ(LabelRef("row" + id))
}

// gradientPanel writes the packing of 16 columns of a gradient to a panel, with their sums; relu: only where y > 0, and
// back: to where the gradient came from, too; part: of fewer columns, others are 0.
func gradientPanel(name string, relu, back, part bool) {
	params := "panel, dy, sum *float32, n, ld int"
	if relu {
		params = "panel, dy, y, sum *float32, n, ld int"
	}
	if part {
		params += ", mask *int32"
	}
	name += "AVX2"
	TEXT(name, NOSPLIT, "func("+params+")")
	Doc(name + " packs n rows, at least 1, ld bytes apart.")
	Pragma("noescape")
	panel, dy, sum := Load(Param("panel"), GP64()), Load(Param("dy"), GP64()), Load(Param("sum"), GP64())
	n, ld := Load(Param("n"), GP64()), Load(Param("ld"), GP64())
	var masks [2]reg.VecVirtual
	if part {
		mask := Load(Param("mask"), GP64())
		for h := range masks {
			masks[h] = YMM()
			VMOVUPS(Mem{Base: mask, Disp: 32 * h}, masks[h])
		}
	}
	var y reg.Register
	var zero reg.VecVirtual
	if relu {
		zero = YMM()
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
		switch {
		case relu:
			VMOVUPS(Mem{Base: y, Disp: 32 * h}, v)
			VCMPPS(Imm(notLessEqual), zero, v, v)
			VANDPS(Mem{Base: dy, Disp: 32 * h}, v, v)
		case part:
			VMASKMOVPS(Mem{Base: dy, Disp: 32 * h}, masks[h], v)
		default:
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
	if relu {
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
