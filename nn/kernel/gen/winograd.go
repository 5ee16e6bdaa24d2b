package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// winograd writes one transform: the arithmetic of its twins in Go, in the same order, on the vectors of one
// instruction set.
type winograd struct {
	isa
	constants map[float64]Op
}

// side is where the values of a transform lie: in the cells of an image, or in points whose channels are side by side or
// in panels.
type side struct {
	name   string // of the parameter
	stride string // between points; "": cells
	panels bool
}

// kind is one transform of p x p values to q x q.
type kind struct {
	name, params string
	in, out      side
	p, q         int
	line         func(w *winograd, x []reg.VecVirtual, store func(int, reg.VecVirtual))
	constants    []float64 // kept in registers
	others       []float64 // in memory, or in registers if there are enough
	bias, relu   bool      // of the output
	sums, masked bool      // of the output's gradient: its cells are summed, and count where the output's are above 0
	accumulate   bool      // to what the first two rows and columns of cells hold
	shards       bool      // what comes in is a sum
	ahead        bool      // the cells that the next tile adds are asked for early
}

func winogradKernels() {
	cells := side{name: "cells"}
	m := side{"m", "ld", true}
	all := []float64{wgProduct, wgSum, wgA2, wgB2, wgA, wgB}
	output := kind{name: "winogradOutput", params: "cells *byte, m, bias *float32, ld", in: m, out: cells, p: 6, q: 4, line: (*winograd).output,
		constants: []float64{wgA, wgB, wgA2, wgB2, wgA3, wgB3}, bias: true, ahead: true}
	relu := output
	relu.name, relu.relu = "winogradOutputRelu", true
	gradient := kind{name: "winogradGradient", params: "cells *byte, d, sums *float32, ld", in: cells, out: side{"d", "ld", true}, p: 4, q: 6, line: (*winograd).gradient,
		constants: all[2:], sums: true, ahead: true}
	masked := gradient
	masked.name, masked.masked = "winogradGradientRelu", true
	kinds := []kind{
		{name: "winogradInput", params: "cells *byte, v *float32, ld", in: cells, out: side{"v", "ld", true}, p: 6, q: 6, line: (*winograd).input, constants: all, ahead: true},
		gradient, masked, output, relu,
		{name: "winogradSpread", params: "cells *byte, m *float32, ld", in: m, out: cells, p: 6, q: 6, line: (*winograd).spread, constants: all, others: []float64{wgB * wgA2, wgA * wgB2}, accumulate: true, ahead: true},
		{name: "winogradKernel", params: "u, w *float32, lu, lw", in: side{"w", "lw", false}, out: side{"u", "lu", true}, p: 3, q: 6, line: (*winograd).kernel},
		{name: "winogradKernelGradient", params: "dw, du *float32, lw, lu, shards, apart", in: side{"du", "lu", true}, out: side{"dw", "lw", false}, p: 6, q: 3, line: (*winograd).kernelGradient, shards: true},
	}
	for _, s := range sets {
		for _, k := range kinds {
			(&winograd{isa: s}).function(k)
		}
	}
}

// The offsets of the fields of winogradCells.
const (
	wcX, wcFirst, wcRow, wcColumn    = 0, 8, 16, 24
	wcTop, wcBottom, wcLeft, wcRight = 32, 40, 48, 56
	wcOutside, wcStep                = 64, 72
	wcAhead, wcY                     = 80, 88
)

// locate writes the table of the addresses of n x n cells, a line of four or eight for each row: those of the image that
// is the field from row top to bottom and column left to right, and others outside it.
func locate(name string, cells reg.Register, field, n int) (table Mem, line int) {
	name += fmt.Sprintf("_%d", field)
	halves := (n + 3) / 4
	line = 32 * halves
	table = AllocLocal(n * line)
	fill := func(off int) reg.VecVirtual {
		v := YMM()
		VPBROADCASTQ(Mem{Base: cells, Disp: off}, v)
		return v
	}
	left, right, column, outside, step := fill(wcLeft), fill(wcRight), fill(wcColumn), fill(wcOutside), fill(wcStep)
	var columns, beyond, inside []reg.VecVirtual
	for half := range halves {
		var index []uint32
		for j := range uint32(4) {
			index = append(index, uint32(4*half)+j, 0)
		}
		i, c, b, before, m := YMM(), YMM(), YMM(), YMM(), YMM()
		VMOVDQU(constant(fmt.Sprintf("wgcolumns%d", half), index...), i)
		VPMULUDQ(column, i, c)
		VPMULUDQ(step, i, b)
		VPADDQ(outside, b, b)
		VPCMPGTQ(i, left, before)
		VPCMPGTQ(i, right, m)
		VPANDN(m, before, m)
		columns, beyond, inside = append(columns, c), append(beyond, b), append(inside, m)
	}
	for r := range n {
		for half, b := range beyond {
			VMOVDQU(b, table.Offset(line*r+32*half))
		}
	}
	row, left2, at, stride := GP64(), GP64(), GP64(), GP64()
	MOVQ(Mem{Base: cells, Disp: wcTop}, row)
	MOVQ(Mem{Base: cells, Disp: wcBottom}, left2)
	SUBQ(row, left2)
	JLE(LabelRef("located_" + name))
	MOVQ(Mem{Base: cells, Disp: wcRow}, stride)
	MOVQ(stride, at)
	IMULQ(row, at)
	ADDQ(Mem{Base: cells, Disp: field}, at)
	ADDQ(Mem{Base: cells, Disp: wcFirst}, at)
	SHLQ(Imm(uint64(4+halves)), row) // to the line
	into := GP64()
	LEAQ(table, into)
	ADDQ(row, into)
	Label("locate_" + name)
	first, half1 := YMM(), XMM()
	VMOVQ(at, half1)
	VPBROADCASTQ(half1, first)
	for half := range halves {
		a := YMM()
		VPADDQ(columns[half], first, a)
		VPBLENDVB(inside[half], a, beyond[half], a)
		VMOVDQU(a, Mem{Base: into, Disp: 32 * half})
	}
	ADDQ(stride, at)
	ADDQ(I32(int32(line)), into)
	DECQ(left2)
	JNZ(LabelRef("locate_" + name))
	Label("located_" + name)
	return table, line
}

// lines reaches the values of a side, line by line.
type lines struct {
	side
	n                         int // values of a line
	base, stride, three, five reg.GPVirtual
	at                        reg.GPVirtual // the line's first value
	table, y                  Mem           // of the cells' addresses, and of the output's
	line                      int           // bytes of one of its lines
}

// lines loads what reaches a side of n values a line.
func (k kind) lines(name string, s side, n int) *lines {
	l := &lines{side: s, n: n}
	if s.stride == "" {
		cells := Load(Param(s.name), GP64())
		l.table, l.line = locate(name, cells, wcX, n)
		if k.masked {
			l.y, _ = locate(name, cells, wcY, n)
		}
		return l
	}
	l.base = Load(Param(s.name), GP64()).(reg.GPVirtual)
	l.stride = Load(Param(s.stride), GP64()).(reg.GPVirtual)
	if k.shards && s.panels {
		return l // read point by point
	}
	l.three = GP64()
	LEAQ(Mem{Base: l.stride, Index: l.stride, Scale: 2}, l.three)
	if n > 4 {
		l.five = GP64()
		LEAQ(Mem{Base: l.stride, Index: l.stride, Scale: 4}, l.five)
	}
	return l
}

// begin goes to the first line of the channels at at.
func (l *lines) begin(at reg.Register) {
	switch {
	case l.side.stride == "":
		return
	case l.panels:
		l.at = GP64()
		MOVQ(l.base, l.at)
	default:
		l.at = GP64()
		LEAQ(Mem{Base: l.base, Index: at, Scale: 1}, l.at)
	}
}

// next goes to the next line.
func (l *lines) next() {
	if l.side.stride != "" {
		LEAQ(Mem{Base: l.at, Index: l.three, Scale: uint8(l.n / 3)}, l.at)
	}
}

// value is value i of the line.
func (l *lines) value(i int) Mem {
	switch i {
	case 0:
		return Mem{Base: l.at}
	case 3:
		return Mem{Base: l.at, Index: l.three, Scale: 1}
	case 5:
		return Mem{Base: l.at, Index: l.five, Scale: 1}
	}
	return Mem{Base: l.at, Index: l.stride, Scale: uint8(i)}
}

// cell is cell (i, j) of a table.
func (t *passes) cell(table Mem, l *lines, i, j int) Mem {
	c := GP64()
	MOVQ(table.Offset(l.line*i+8*j), c)
	return Mem{Base: c, Index: t.at, Scale: 1}
}

// early asks for what the next tile has in place of a cell.
func (t *passes) early(cell Mem) {
	if t.ahead != nil {
		cell.Index = t.ahead
		PREFETCHT0(cell)
	}
}

// function writes a transform of the channels from..to, in bytes. The side in panels begins at channel from; from one
// vector to the next it goes step bytes on, then skip, and so in turn.
func (w *winograd) function(k kind) {
	name := k.name + w.name
	TEXT(name, 0, "func("+k.params+", from, to, step, skip int)")
	Pragma("noescape")
	width := 4 * w.lanes
	load := func(param string) reg.GPVirtual { return Load(Param(param), GP64()).(reg.GPVirtual) }
	t := &passes{winograd: w, kind: k, width: width, in: k.lines(name, k.in, k.p), out: k.lines(name, k.out, k.q)}
	t.at = load("from")
	to, step, skip := load("to"), load("step"), load("skip")
	if k.bias {
		t.bias = load("bias")
	}
	if k.sums {
		t.bias = load("sums")
	}
	if k.ahead {
		t.ahead = load("cells")
		MOVQ(Mem{Base: t.ahead, Disp: wcAhead}, t.ahead)
		ADDQ(t.at, t.ahead)
	}
	// The values between the two passes, on vectors' boundaries.
	t.mid = GP64()
	size := k.p * k.q * width
	if k.shards {
		size += k.p * k.p * width // for the sum
	}
	LEAQ(AllocLocal(size+64), t.mid)
	ADDQ(Imm(63), t.mid)
	ANDQ(I8(-64), t.mid)
	if k.relu || k.masked {
		t.zero = w.vec()
		w.clear(t.zero)
	}
	w.prepare(k.constants, k.others)
	Label("loop_" + name)
	t.in.begin(t.at)
	if k.shards {
		t.addShards(name)
	}
	for i := range k.p {
		t.first(i)
	}
	t.out.begin(t.at)
	for j := range k.q {
		t.second(j)
	}
	panels := t.out
	if k.in.panels {
		panels = t.in
	}
	ADDQ(step, panels.base)
	XCHGQ(step, skip)
	if k.ahead {
		ADDQ(Imm(uint64(width)), t.ahead)
	}
	ADDQ(Imm(uint64(width)), t.at)
	CMPQ(t.at, to)
	JLT(LabelRef("loop_" + name))
	VZEROUPPER()
	RET()
}

// passes writes the lines of a transform's two passes.
type passes struct {
	*winograd
	kind
	in, out     *lines
	width       int
	at, mid     reg.GPVirtual
	bias, ahead reg.GPVirtual
	zero, total reg.VecVirtual
}

// first transforms line i.
func (t *passes) first(i int) {
	x := make([]reg.VecVirtual, t.p)
	for j := range x {
		x[j] = t.vec()
		switch {
		case t.shards:
			VMOVUPS(Mem{Base: t.mid, Disp: (t.p*t.q + i*t.p + j) * t.width}, x[j])
			continue
		case t.kind.in.stride != "":
			VMOVUPS(t.in.value(j), x[j])
			continue
		}
		cell := t.cell(t.in.table, t.in, i, j)
		VMOVUPS(cell, x[j])
		if j >= t.p-4 {
			t.early(cell)
		}
		if t.masked {
			cell = t.cell(t.in.y, t.in, i, j)
			t.keep(cell, x[j])
			t.early(cell)
		}
	}
	if i < t.p-1 && !t.shards {
		t.in.next()
	}
	if t.sums {
		t.sum(i, x)
	}
	t.line(t.winograd, x, func(j int, v reg.VecVirtual) { VMOVUPS(v, Mem{Base: t.mid, Disp: (i*t.q + j) * t.width}) })
}

// keep makes x 0 where y is 0 or less.
func (t *passes) keep(y Op, x reg.VecVirtual) {
	// The comparison takes what is in memory second: 0 is not greater or equal.
	if t.mask {
		k := K()
		VCMPPS(Imm(notGreaterEqual), y, t.zero, k)
		VMOVUPS_Z(x, k, x)
		return
	}
	k := t.vec()
	VCMPPS(Imm(notGreaterEqual), y, t.zero, k)
	VANDPS(k, x, x)
}

// sum adds the cells of line i, and after the last line all of them to the sums.
func (t *passes) sum(i int, x []reg.VecVirtual) {
	line, right := t.add(x[0], x[1]), t.add(x[2], x[3])
	VADDPS(right, line, line)
	if i == 0 {
		t.total = line
		return
	}
	VADDPS(line, t.total, t.total)
	if i == t.p-1 {
		at := Mem{Base: t.bias, Index: t.at, Scale: 1}
		VADDPS(at, t.total, t.total)
		VMOVUPS(t.total, at)
	}
}

// addShards adds the shards' values of all points, in the shards' order.
func (t *passes) addShards(name string) {
	left, sum, from, into, n := GP64(), t.vec(), GP64(), GP64(), GP64()
	apart, err := Param("apart").Resolve()
	if err != nil {
		panic(err)
	}
	LEAQ(Mem{Base: t.mid, Disp: t.p * t.q * t.width}, into)
	MOVQ(U32(uint32(t.p*t.p)), left)
	Label("points_" + name)
	VMOVUPS(Mem{Base: t.in.at}, sum)
	MOVQ(t.in.at, from)
	Load(Param("shards"), n)
	JMP(LabelRef("shards_" + name))
	Label("shard_" + name)
	ADDQ(apart.Addr, from)
	VADDPS(Mem{Base: from}, sum, sum)
	Label("shards_" + name)
	DECQ(n)
	JNZ(LabelRef("shard_" + name))
	VMOVUPS(sum, Mem{Base: into})
	ADDQ(t.in.stride, t.in.at)
	ADDQ(Imm(uint64(t.width)), into)
	DECQ(left)
	JNZ(LabelRef("points_" + name))
}

// second transforms column j of what first left, to line j of the result.
func (t *passes) second(j int) {
	x := make([]reg.VecVirtual, t.p)
	for i := range x {
		x[i] = t.vec()
		VMOVUPS(Mem{Base: t.mid, Disp: (i*t.q + j) * t.width}, x[i])
	}
	t.line(t.winograd, x, func(i int, v reg.VecVirtual) {
		if t.kind.out.stride != "" {
			VMOVUPS(v, t.out.value(i))
			return
		}
		cell := t.cell(t.out.table, t.out, j, i)
		if t.kind.bias {
			VADDPS(Mem{Base: t.bias, Index: t.at, Scale: 1}, v, v)
		}
		if t.accumulate && (i < 2 || j < 2) {
			VADDPS(cell, v, v)
		}
		if t.relu {
			t.keep(v, v)
		}
		VMOVUPS(v, cell)
		if i >= t.q-4 {
			t.early(cell)
		}
	})
	if j < t.q-1 {
		t.out.next()
	}
}
