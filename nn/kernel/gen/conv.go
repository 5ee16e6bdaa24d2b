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
	convWhole, convEnd        = 24, 32 // bytes of cols: the whole groups, and all
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
	// Where a kernel has panels of any rows, and two side by side:
	convApartB, convApartC = 184, 192 // bytes from one to the other, in B and in C
	convMost, convMask     = 200, 208 // the most rows of a panel, and the columns of the last one
	convWholeAt            = 216      // the kernel's own: where the whole groups end
	convTogether           = 224      // the columns of a group, if they are one value apart
)

const (
	convRowsMax        = 6
	convWideRows       = 10 // with AVX-512: as many as there are registers for their addresses
	convUnroll         = 3  // columns of a group: windows of 3x3 have a multiple of it
	convTogetherUnroll = 8  // of a group where they are one value apart and as many as that
	convPanelCols      = 16
)

func convKernels() {
	for _, s := range sets {
		if s.mask {
			for _, sum := range []bool{false, true} {
				(&implicit{isa: s, rows: convWideRows, panels: 1, sum: sum, any: true}).function()
				(&implicit{isa: s, rows: convWideRows, panels: 2, sum: sum, any: true}).function()
			}
		} else {
			for m := 1; m <= convRowsMax; m++ {
				(&implicit{isa: s, rows: m, panels: 1}).function()
				(&implicit{isa: s, rows: m, panels: 1, sum: true}).function()
			}
		}
		gradientPanel(s, "gradientPanel", false, false, false)
		gradientPanel(s, "gradientPanelPart", false, false, true)
		gradientPanel(s, "gradientPanelRelu", true, false, false)
		gradientPanel(s, "gradientPanelReluBack", true, true, false)
	}
}

// implicit is the kernel of panels of so many rows, then of one less: C[rows, 16] = A[rows, k] B[k, 16], where A's element
// (i, l) is at rows[i] + cols[l] from a. Each element is one chain in ascending k, as gemm's. A sum may begin with C, and
// fetches lines that are needed later; it has no bias, no relu and no edge.
type implicit struct {
	isa
	rows   int
	panels int // of B, side by side, and with them of C
	sum    bool
	any    bool // of any number of rows up to these, and of one less
	name   string
	t      reg.Register
}

func (p *implicit) at(off int) Mem { return Mem{Base: p.t, Disp: off} }
func (p *implicit) load(off int) reg.GPVirtual {
	r := GP64()
	MOVQ(p.at(off), r)
	return r
}

// vector is where vector v of a row is, of panels that lie apart from each other.
func (p *implicit) vector(base, apart reg.Register, disp, v int) Mem {
	panel, within := p.lanes*v/convPanelCols, p.lanes*v%convPanelCols
	m := Mem{Base: base, Disp: disp + 4*within}
	if panel > 0 {
		m.Index, m.Scale = apart, 1
	}
	return m
}

// apart loads the bytes from panel to panel.
func (p *implicit) apart(off int) (r reg.GPVirtual) {
	if p.panels > 1 {
		r = p.load(off)
	}
	return r
}

func (p *implicit) function() {
	p.name = "implicit"
	if p.sum {
		p.name += "Add"
	}
	if p.panels > 1 {
		p.name += "Wide"
	}
	p.name += p.isa.name
	if !p.any {
		p.name += fmt.Sprintf("_%d", p.rows)
	}
	TEXT(p.name, NOSPLIT, "func(t *byte)")
	Pragma("noescape")
	p.t = Load(Param("t"), GP64())
	cursors := [][2]int{{convRows, convRowAt}, {convC, convCAt}}
	if p.sum {
		cursors = append(cursors, [2]int{convAhead, convAheadAt})
	}
	for _, f := range cursors {
		MOVQ(p.load(f[0]), p.at(f[1]))
	}
	end := p.load(convEnd)
	ADDQ(p.at(convCols), end)
	MOVQ(end, p.at(convEndAt))
	if p.any {
		p.anyRows()
	} else {
		for r := p.rows; r > 0 && r >= p.rows-1; r-- {
			count := convFull
			if r < p.rows {
				count = convLess
			}
			p.tiles(r, count)
		}
	}
	VZEROUPPER()
	RET()
}

func (p *implicit) id(m int) string { return fmt.Sprintf("_%s_%d", p.name, m) }

// anyRows goes to the panels of the most rows, and from there on to those of one less.
func (p *implicit) anyRows() {
	whole := p.load(convWhole)
	ADDQ(p.at(convCols), whole)
	MOVQ(whole, p.at(convWholeAt))
	for m := 1; m < p.rows; m++ {
		CMPQ(p.at(convMost), Imm(uint64(m)))
		JEQ(LabelRef("panel" + p.id(m)))
	}
	for m := p.rows; m > 0; m-- {
		p.tiles(m, convFull)
		less := p.load(convLess)
		TESTQ(less, less)
		JZ(LabelRef("end_" + p.name))
		MOVQ(less, p.at(convFull))
		MOVQ(I32(0), p.at(convLess))
	}
	Label("end_" + p.name)
}

// tiles writes the loop over the panels of m rows.
func (p *implicit) tiles(m, count int) {
	id := p.id(m)
	Label("panel" + id)
	DECQ(p.at(count))
	JS(LabelRef("done" + id))

	columns := p.panels * convPanelCols / p.lanes // vectors
	acc := make([][]reg.VecVirtual, m)
	for i := range acc {
		acc[i] = p.vectors(columns)
	}
	if p.sum {
		CMPQ(p.at(convZero), Imm(0))
		JNE(LabelRef("zero" + id))
		c, ldc, apart := p.load(convCAt), p.load(convLDC), p.apart(convApartC)
		for i := range acc {
			for v := range acc[i] {
				VMOVUPS(p.vector(c, apart, 0, v), acc[i][v])
			}
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
	p.products(id, acc)

	if !p.sum {
		p.epilogue(id, acc)
	}
	out, ldc, apart := p.load(convCAt), p.load(convLDC), p.apart(convApartC)
	var width reg.GPVirtual
	var mask reg.Register
	switch {
	case p.sum:
	case p.mask:
		mask = K()
		KMOVW(p.at(convMask), mask)
	default:
		width = p.load(convWidth)
		CMPQ(width, Imm(16))
		JNE(LabelRef("edge" + id))
	}
	for i := range acc {
		for v := range acc[i] {
			to := p.vector(out, apart, 0, v)
			if mask != nil && v == columns-1 {
				VMOVUPS(acc[i][v], mask, to)
			} else {
				VMOVUPS(acc[i][v], to)
			}
		}
		ADDQ(ldc, out)
	}
	MOVQ(out, p.at(convCAt))
	JMP(LabelRef("panel" + id))
	if !p.sum && !p.mask {
		Label("edge" + id)
		lastPanel(id, p.at, acc, out, ldc, width)
		MOVQ(out, p.at(convCAt))
		JMP(LabelRef("panel" + id))
	}
	Label("done" + id)
}

// products adds the products along k.
func (p *implicit) products(id string, acc [][]reg.VecVirtual) {
	rows, a := p.load(convRowAt), p.load(convA)
	row := make([]reg.GPVirtual, len(acc))
	for i := range row {
		row[i] = GP64()
		MOVLQSX(Mem{Base: rows, Disp: 4 * i}, row[i])
		ADDQ(a, row[i])
	}
	ADDQ(Imm(uint64(4*len(acc))), rows)
	MOVQ(rows, p.at(convRowAt))
	cols, b, apart := p.load(convCols), p.load(convB), p.apart(convApartB)
	whole := Op(p.at(convWholeAt))
	if !p.any {
		r := p.load(convWhole)
		ADDQ(cols, r)
		whole = r
	}
	ahead, ended := p.fetches(id)
	bs, x, l := p.vectors(len(acc[0])), p.vec(), GP64()
	// step adds the products of the u-th of a group; its column is the first one's, so many bytes on, or its own.
	step := func(u, beside int) {
		if beside == 0 {
			MOVLQSX(Mem{Base: cols, Disp: 4 * u}, l)
		}
		for v := range bs {
			VMOVUPS(p.vector(b, apart, 64*u, v), bs[v])
		}
		for i := range acc {
			from := Mem{Base: row[i], Index: l, Scale: 1, Disp: beside}
			if len(bs) == 1 {
				VFMADD231PS_BCST(from, bs[0], acc[i][0])
				continue
			}
			VBROADCASTSS(from, x)
			for v := range bs {
				VFMADD231PS(bs[v], x, acc[i][v])
			}
		}
	}
	// loop writes one over the groups.
	loop := func(name string, columns int, together bool, also func()) {
		Label(name + id)
		for u := range columns {
			if together {
				step(u, 4*u)
			} else {
				step(u, 0)
			}
		}
		also()
		ADDQ(Imm(uint64(4*columns)), cols)
		ADDQ(U32(uint32(64*columns)), b)
		CMPQ(cols, whole)
		JB(LabelRef(name + id))
	}
	CMPQ(cols, whole)
	JAE(LabelRef("rest" + id))
	// Each instruction counts, as in the products of matrices. So there are several loops: with the columns' offsets or
	// with one of a group, with what is fetched or without.
	if p.sum {
		CMPQ(p.at(convRounds), Imm(0))
		JLE(LabelRef("alone" + id))
		loop("loop", convUnroll, false, ahead)
		JMP(LabelRef("rest" + id))
		loop("alone", convUnroll, false, func() {})
	} else {
		CMPQ(p.at(convTogether), Imm(convUnroll))
		JE(LabelRef("few" + id))
		JA(LabelRef("many" + id))
		loop("loop", convUnroll, false, func() {})
		JMP(LabelRef("rest" + id))
		loop("few", convUnroll, true, func() {})
		JMP(LabelRef("rest" + id))
		loop("many", convTogetherUnroll, true, func() {})
	}
	Label("rest" + id)
	CMPQ(cols, p.at(convEndAt))
	JAE(LabelRef("epilogue" + id))
	step(0, 0)
	ADDQ(Imm(4), cols)
	ADDQ(Imm(64), b)
	JMP(LabelRef("rest" + id))
	Label("epilogue" + id)
	ended()
}

// fetches prepares what a sum fetches; ahead asks for the lines of a round, and ended is for the end of a panel. Where the
// registers are few, all is in memory.
func (p *implicit) fetches(id string) (ahead, ended func()) {
	if !p.sum {
		return func() {}, func() {}
	}
	count := func() {
		done := p.load(convWhole)
		SUBQ(done, p.at(convRounds))
	}
	if !p.any {
		to, delta, step := p.load(convAheadAt), p.load(convDelta), p.load(convStep)
		return func() {
				PREFETCHT0(Mem{Base: to})
				PREFETCHT0(Mem{Base: to, Index: delta, Scale: 1})
				ADDQ(step, to)
			}, func() {
				MOVQ(to, p.at(convAheadAt))
				count()
			}
	}
	return func() {
		to := p.load(convAheadAt)
		lines := func() {
			for panel := range p.panels {
				PREFETCHT0(Mem{Base: to, Disp: 64 * panel})
			}
		}
		lines()
		ADDQ(p.at(convDelta), to)
		lines()
		step := p.load(convStep)
		ADDQ(step, p.at(convAheadAt))
	}, count
}

// epilogue adds the bias, if there is one, and takes relu, if so.
func (p *implicit) epilogue(id string, acc [][]reg.VecVirtual) {
	bias := p.load(convBias)
	TESTQ(bias, bias)
	JZ(LabelRef("store" + id))
	for part := range acc[0] {
		v := p.vec()
		VMOVUPS(Mem{Base: bias, Disp: 4 * p.lanes * part}, v)
		for i := range acc {
			VADDPS(v, acc[i][part], acc[i][part])
		}
	}
	CMPQ(p.at(convRelu), Imm(0))
	JEQ(LabelRef("store" + id))
	// The second operand stays if it is a NaN. It is never -0: a sum is so only where both of its parts are.
	zero := p.vec()
	VXORPS(zero, zero, zero)
	for i := range acc {
		for _, v := range acc[i] {
			VMAXPS(v, zero, v)
		}
	}
	Label("store" + id)
}

// lastPanel stores fewer columns by way of memory of its own: whole vectors would write beside C.
func lastPanel(id string, at func(int) Mem, acc [][]reg.VecVirtual, out, ldc, width reg.GPVirtual) {
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
func gradientPanel(s isa, name string, relu, back, part bool) {
	params := "panel, dy, sum *float32, n, ld int"
	if relu {
		params = "panel, dy, y, sum *float32, n, ld int"
	}
	if part && s.mask {
		params += ", mask uint16"
	} else if part {
		params += ", mask *int32"
	}
	name += s.name
	TEXT(name, NOSPLIT, "func("+params+")")
	Doc(name + " packs n rows, at least 1, ld bytes apart.")
	Pragma("noescape")
	panel, dy, sum := Load(Param("panel"), GP64()), Load(Param("dy"), GP64()), Load(Param("sum"), GP64())
	n, ld := Load(Param("n"), GP64()), Load(Param("ld"), GP64())
	vectors := convPanelCols / s.lanes
	masks := make([]reg.VecVirtual, vectors)
	k := K()
	if part && s.mask {
		at, err := Param("mask").Resolve()
		if err != nil {
			panic(err)
		}
		KMOVW(at.Addr, k)
	} else if part {
		mask := Load(Param("mask"), GP64())
		for h := range masks {
			masks[h] = s.vec()
			VMOVUPS(Mem{Base: mask, Disp: 32 * h}, masks[h])
		}
	}
	var y reg.Register
	var zero reg.VecVirtual
	if relu {
		zero = s.vec()
		y = Load(Param("y"), GP64())
		VXORPS(zero, zero, zero)
	}
	sums := make([]reg.VecVirtual, vectors)
	for h := range sums {
		sums[h] = s.vec()
		VMOVUPS(Mem{Base: sum, Disp: 32 * h}, sums[h])
	}
	Label("loop_" + name)
	for h := range sums {
		v := s.vec()
		switch from := (Mem{Base: dy, Disp: 32 * h}); {
		case relu && s.mask:
			VCMPPS(Imm(notGreaterEqual), Mem{Base: y}, zero, k) // 0 is not greater or equal
			VMOVUPS_Z(from, k, v)
		case relu:
			VMOVUPS(Mem{Base: y, Disp: 32 * h}, v)
			VCMPPS(Imm(notLessEqual), zero, v, v)
			VANDPS(from, v, v)
		case part && s.mask:
			VMOVUPS_Z(from, k, v)
		case part:
			VMASKMOVPS(from, masks[h], v)
		default:
			VMOVUPS(from, v)
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
