package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// The offsets of the fields of winogradProduct, the only argument of these kernels.
const (
	wpA, wpB, wpC                = 0, 8, 16
	wpPointA, wpPointB, wpPointC = 24, 32, 40
	wpPanelA, wpPanelB, wpPanelC = 48, 56, 64
	wpGroupC                     = 72
	wpPoints, wpGroups, wpPanels = 80, 88, 96
	wpLong, wpShort              = 104, 112
	wpK, wpZero, wpNext          = 120, 128, 136
	// What the loops keep.
	wpAtA, wpAtB, wpAtC      = 144, 152, 160 // the point
	wpGroup                  = 168           // groups left
	wpGroupAtA, wpGroupAtC   = 176, 184
	wpPanel                  = 192 // panels left
	wpPanelAtB, wpPanelAtC   = 200, 208
	wpPanelColumns, wpRowLen = 16, 64 // values, and bytes, of a row of a panel
)

// winogradProducts writes the products of the 36 points in panels of 16 columns: no tile returns to Go.
func winogradProducts() {
	for _, s := range sets {
		if 2*s.lanes != wpPanelColumns {
			continue
		}
		for _, across := range []bool{false, true} {
			for rows := 1; rows <= s.rows; rows++ {
				(&product{isa: s, rows: rows, across: across}).function()
			}
		}
	}
}

// product is the kernel of the products that are cut into tiles of rows rows, and of one less.
type product struct {
	isa
	rows   int
	across bool // A is transposed: C (+)= A'B, else C = A B
	t      reg.Register
	next   reg.GPVirtual // what will be read afterwards
	name   string
}

func (p *product) field(off int) Mem { return Mem{Base: p.t, Disp: off} }

// copy sets a field to another, and step adds one to another.
func (p *product) copy(from, to int) {
	r := GP64()
	MOVQ(p.field(from), r)
	MOVQ(r, p.field(to))
}

func (p *product) step(to, by int) {
	r := GP64()
	MOVQ(p.field(by), r)
	ADDQ(r, p.field(to))
}

// repeat runs body as often as left says.
func (p *product) repeat(name string, left Op, body func()) {
	Label(name + p.name)
	body()
	DECQ(left)
	JNZ(LabelRef(name + p.name))
}

// function writes the loops around the tiles: points, groups (panels of A where it is transposed, else one), panels of
// B's columns, tiles of rows.
func (p *product) function() {
	p.name = "winogradMultiply"
	if p.across {
		p.name = "winogradAccumulate"
	}
	p.name += fmt.Sprintf("%s_%d", p.isa.name, p.rows)
	TEXT(p.name, NOSPLIT, "func(t *byte)")
	Pragma("noescape")
	p.t = Load(Param("t"), GP64())
	p.copy(wpA, wpAtA)
	p.copy(wpB, wpAtB)
	p.copy(wpC, wpAtC)
	p.repeat("point_", p.field(wpPoints), func() {
		p.copy(wpAtA, wpGroupAtA)
		p.copy(wpAtC, wpGroupAtC)
		p.copy(wpGroups, wpGroup)
		p.repeat("group_", p.field(wpGroup), func() {
			p.copy(wpAtB, wpPanelAtB)
			p.copy(wpGroupAtC, wpPanelAtC)
			p.copy(wpPanels, wpPanel)
			p.repeat("panel_", p.field(wpPanel), p.column)
			if p.across {
				p.step(wpGroupAtA, wpPanelA)
				p.step(wpGroupAtC, wpGroupC)
			}
		})
		p.step(wpAtA, wpPointA)
		p.step(wpAtB, wpPointB)
		p.step(wpAtC, wpPointC)
	})
	VZEROUPPER()
	RET()
}

// column does the tiles of a panel of B's columns.
func (p *product) column() {
	a, c, left := GP64(), GP64(), GP64()
	p.next = GP64()
	MOVQ(p.field(wpNext), p.next)
	MOVQ(p.field(wpGroupAtA), a)
	MOVQ(p.field(wpPanelAtC), c)
	for i, count := range []int{wpLong, wpShort} {
		rows := p.rows - i
		if rows == 0 {
			break
		}
		name := fmt.Sprintf("rows%d_", rows)
		MOVQ(p.field(count), left)
		TESTQ(left, left)
		JZ(LabelRef("no_" + name + p.name))
		p.repeat(name, left, func() {
			p.tile(name+p.name, rows, a, c)
			if p.across {
				ADDQ(I32(int32(4*rows)), a)
			} else {
				ADDQ(I32(int32(wpRowLen*rows)), a)
			}
			ADDQ(I32(int32(wpRowLen*rows)), c)
		})
		Label("no_" + name + p.name)
	}
	MOVQ(p.next, p.field(wpNext))
	p.step(wpPanelAtB, wpPanelB)
	p.step(wpPanelAtC, wpPanelC)
}

// tile writes C[rows, 16] = A[rows, k] B[k, 16], or of A transposed. Each element is one chain of fused multiply-adds in
// ascending k.
func (p *product) tile(name string, rows int, atA, c reg.Register) {
	acc := make([][2]reg.VecVirtual, rows)
	for i := range acc {
		acc[i] = [2]reg.VecVirtual{p.vec(), p.vec()}
	}
	row := func(base reg.Register, i, half int) Mem { return Mem{Base: base, Disp: wpRowLen*i + wpRowLen/2*half} }
	every := func(f func(at Mem, v reg.VecVirtual)) {
		for i := range acc {
			for half, v := range acc[i] {
				f(row(c, i, half), v)
			}
		}
	}
	if p.across {
		CMPQ(p.field(wpZero), Imm(0))
		JNE(LabelRef("zero_" + name))
		every(func(at Mem, v reg.VecVirtual) { VMOVUPS(at, v) })
		JMP(LabelRef("start_" + name))
		Label("zero_" + name)
	}
	every(func(_ Mem, v reg.VecVirtual) { VXORPS(v, v, v) })
	Label("start_" + name)

	a, b, k := GP64(), GP64(), GP64()
	MOVQ(atA, a)
	MOVQ(p.field(wpPanelAtB), b)
	MOVQ(p.field(wpK), k)
	lo, hi, x := p.vec(), p.vec(), p.vec()
	// at is where row i of A has value l of k, counted from where a points to.
	at := func(i, l int) Mem { return Mem{Base: a, Disp: wpRowLen*i + 4*l} }
	if p.across {
		at = func(i, l int) Mem { return Mem{Base: a, Disp: wpRowLen*l + 4*i} }
	}
	add := func(values int) {
		for l := range values {
			if l%8 == 7 { // what the transforms read in one go comes in while there is little to fetch
				PREFETCHT1(Mem{Base: p.next})
				ADDQ(I32(64), p.next)
			}
			VMOVUPS(row(b, l, 0), lo)
			VMOVUPS(row(b, l, 1), hi)
			for i := range acc {
				VBROADCASTSS(at(i, l), x)
				VFMADD231PS(lo, x, acc[i][0])
				VFMADD231PS(hi, x, acc[i][1])
			}
		}
		ADDQ(I32(int32(wpRowLen*values)), b)
	}
	// Rows of A lie in panels: after 16 values of k comes the next.
	many, manyStep, oneStep := wpPanelColumns, Op(p.field(wpPanelA)), 4
	if p.across {
		many, oneStep = 8, wpRowLen
		manyStep = I32(int32(many * wpRowLen))
	}
	SUBQ(I32(int32(many)), k)
	JLT(LabelRef("few_" + name))
	Label("many_" + name)
	add(many)
	ADDQ(manyStep, a)
	SUBQ(I32(int32(many)), k)
	JGE(LabelRef("many_" + name))
	Label("few_" + name)
	ADDQ(I32(int32(many)), k)
	JZ(LabelRef("end_" + name))
	Label("one_" + name)
	add(1)
	ADDQ(I32(int32(oneStep)), a)
	DECQ(k)
	JNZ(LabelRef("one_" + name))
	Label("end_" + name)
	every(func(at Mem, v reg.VecVirtual) { VMOVUPS(v, at) })
}
