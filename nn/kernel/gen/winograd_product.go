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
	wpMost                   = 216    // the largest tiles' rows, where one kernel has tiles of any
	wpPanelColumns, wpRowLen = 16, 64 // values, and bytes, of a row of a panel
	wpUnroll                 = 4      // values of k in a round of the loop, where tiles are large
)

// winogradProducts writes the products of the 36 points in panels of 16 columns: no tile returns to Go.
func winogradProducts() {
	for _, s := range sets {
		for _, across := range []bool{false, true} {
			if s.mask {
				(&product{isa: s, rows: s.rows, panels: 2, across: across, any: true}).function("")
				(&product{isa: s, rows: wpPanelColumns, panels: 1, across: across, any: true}).function("Narrow")
				continue
			}
			for rows := 1; rows <= s.rows; rows++ {
				(&product{isa: s, rows: rows, panels: 1, across: across}).function("")
			}
		}
	}
}

// product is the kernel of the products that are cut into tiles of rows rows, and of one less; or of any number up to
// it, and of one less.
type product struct {
	isa
	rows   int
	panels int  // of B that are multiplied at a time
	across bool // A is transposed: C (+)= A'B, else C = A B
	any    bool
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
func (p *product) function(kind string) {
	p.name = "winogradMultiply"
	if p.across {
		p.name = "winogradAccumulate"
	}
	p.name += kind + p.isa.name
	if !p.any {
		p.name += fmt.Sprintf("_%d", p.rows)
	}
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

// column does the tiles of a panel of B's columns, or of two.
func (p *product) column() {
	a, c, left := GP64(), GP64(), GP64()
	p.next = GP64()
	MOVQ(p.field(wpNext), p.next)
	MOVQ(p.field(wpGroupAtA), a)
	MOVQ(p.field(wpPanelAtC), c)
	if p.any {
		p.anyRows(a, c, left)
	} else {
		for i, count := range []int{wpLong, wpShort} {
			rows := p.rows - i
			if rows == 0 {
				break
			}
			name := fmt.Sprintf("rows%d_", rows)
			MOVQ(p.field(count), left)
			TESTQ(left, left)
			JZ(LabelRef("no_" + name + p.name))
			p.tiles(name, rows, a, c, left)
			Label("no_" + name + p.name)
		}
	}
	MOVQ(p.next, p.field(wpNext))
	for range p.panels {
		p.step(wpPanelAtB, wpPanelB)
		p.step(wpPanelAtC, wpPanelC)
	}
}

// anyRows goes to the tiles of the most rows, and from there on to those of one less.
func (p *product) anyRows(a, c, left reg.GPVirtual) {
	short := GP64()
	MOVQ(p.field(wpLong), left)
	MOVQ(p.field(wpShort), short)
	name := func(rows int) string { return fmt.Sprintf("rows%d_", rows) }
	for rows := 1; rows < p.rows; rows++ {
		CMPQ(p.field(wpMost), Imm(uint64(rows)))
		JEQ(LabelRef(name(rows) + p.name))
	}
	for rows := p.rows; rows > 0; rows-- {
		p.tiles(name(rows), rows, a, c, left)
		if rows == 1 {
			break
		}
		MOVQ(short, left)
		XORQ(short, short)
		TESTQ(left, left)
		JZ(LabelRef("column_" + p.name))
	}
	Label("column_" + p.name)
}

// tiles does so many tiles, one below the other.
func (p *product) tiles(name string, rows int, a, c, left reg.GPVirtual) {
	p.repeat(name, left, func() {
		p.tile(name+p.name, rows, a, c)
		if p.across {
			ADDQ(I32(int32(4*rows)), a)
		} else {
			ADDQ(I32(int32(wpRowLen*rows)), a)
		}
		ADDQ(I32(int32(wpRowLen*rows)), c)
	})
}

// tile writes C[rows, 16] = A[rows, k] B[k, 16], or of A transposed, or 32 columns. Each element is one chain of fused
// multiply-adds in ascending k.
func (p *product) tile(name string, rows int, atA, c reg.Register) {
	columns := p.panels * wpPanelColumns / p.lanes // vectors
	acc := make([][]reg.VecVirtual, rows)
	for i := range acc {
		acc[i] = p.vectors(columns)
	}
	// row is where vector v of row i is, of panels that lie apart from each other.
	row := func(base, apart reg.Register, i, v int) Mem {
		panel, within := 4*p.lanes*v/wpRowLen, 4*p.lanes*v%wpRowLen
		m := Mem{Base: base, Disp: wpRowLen*i + within}
		if panel > 0 {
			m.Index, m.Scale = apart, 1
		}
		return m
	}
	var apartB, apartC reg.GPVirtual
	if p.panels > 1 {
		apartB, apartC = GP64(), GP64()
		MOVQ(p.field(wpPanelB), apartB)
		MOVQ(p.field(wpPanelC), apartC)
	}
	every := func(f func(at Mem, v reg.VecVirtual)) {
		for i := range acc {
			for n, v := range acc[i] {
				f(row(c, apartC, i, n), v)
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
	bs, x := p.vectors(columns), p.vec()
	// at is where row i of A has value l of k, counted from where a points to.
	at := func(i, l int) Mem { return Mem{Base: a, Disp: wpRowLen*i + 4*l} }
	if p.across {
		at = func(i, l int) Mem { return Mem{Base: a, Disp: wpRowLen*l + 4*i} }
	}
	add := func(values int) {
		for l := range values {
			// What the transforms read in one go comes in while there is little to fetch.
			if p.any && l%wpUnroll == wpUnroll-1 {
				for range p.panels {
					PREFETCHT1(Mem{Base: p.next})
					ADDQ(I32(64), p.next)
				}
			} else if !p.any && l%8 == 7 {
				PREFETCHT1(Mem{Base: p.next})
				ADDQ(I32(64), p.next)
			}
			for v := range bs {
				VMOVUPS(row(b, apartB, l, v), bs[v])
			}
			for i := range acc {
				if columns == 1 {
					VFMADD231PS_BCST(at(i, l), bs[0], acc[i][0])
					continue
				}
				VBROADCASTSS(at(i, l), x)
				for v := range bs {
					VFMADD231PS(bs[v], x, acc[i][v])
				}
			}
		}
		ADDQ(I32(int32(wpRowLen*values)), b)
	}
	// Rows of A lie in panels: after 16 values of k comes the next.
	many, oneStep := wpPanelColumns, 4
	next := func() { ADDQ(p.field(wpPanelA), a) }
	switch {
	case p.across:
		if many = 8; p.any {
			many = wpUnroll
		}
		oneStep = wpRowLen
		next = func() { ADDQ(I32(int32(many*wpRowLen)), a) }
	case p.any:
		next = func() { ADDQ(p.field(wpPanelA), a); SUBQ(Imm(wpRowLen), a) }
	}
	SUBQ(I32(int32(many)), k)
	JLT(LabelRef("few_" + name))
	Label("many_" + name)
	if p.any && !p.across {
		rounds := GP64()
		MOVQ(U32(wpPanelColumns/wpUnroll), rounds)
		p.repeat("round_"+name, rounds, func() {
			add(wpUnroll)
			ADDQ(Imm(4*wpUnroll), a)
		})
	} else {
		add(many)
	}
	next()
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
