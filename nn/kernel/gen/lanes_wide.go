package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// The products of lanes.go for AVX-512: a register holds two vectors of eight images. In the forward pass and for the
// input gradient these are two pixels side by side, for the weight gradient two taps. The chains are the same.

const (
	lanesWideFilters = 6 // most filters of a tile: more do not leave the registers that the instructions of AVX2 know
	lanesWidePairs   = 8 // most pairs of taps of a tile
)

func lanesWide() {
	for filters := 1; filters <= lanesWideFilters; filters++ {
		lanesWideForward("lanesRelu", filters, lanesRelu)
		lanesWideForward("lanesCareful", filters, lanesCareful)
		lanesWideForward("lanesLinear", filters, lanesLinear)
		lanesWideForward("lanesPixels", filters, lanesPixels)
		lanesWideForward("lanesPixelsRelu", filters, lanesPixelsRelu)
	}
	for channels := 1; channels <= 6; channels++ {
		lanesWideInputGradient(channels)
	}
	for filters := 2; filters <= 4; filters++ {
		for pairs := 1; pairs <= lanesWidePairs && filters*pairs <= 24; pairs++ {
			lanesWideWeightGradient(filters, pairs)
		}
	}
}

func wideZeros(n int) []reg.VecVirtual { return wide.zeros(n) }

// both loads the vectors at two places.
func both(at, beside Mem) reg.VecVirtual {
	v := ZMM()
	VMOVUPS(at, v.AsY())
	VINSERTF32X8(Imm(1), beside, v, v)
	return v
}

// lanesWideForward is lanesForward with a column of the four pixels in each half of a register. What follows the products
// takes the four from memory, filter by filter.
func lanesWideForward(name string, filters, kind int) {
	name = fmt.Sprintf("%s%dAVX512", name, filters)
	pool := kind != lanesPixels && kind != lanesPixelsRelu
	a := argument(name)
	cells := a.at(18) // [filters, 4, 8]
	x, y, arg := a.load(0), a.load(3), reg.GPVirtual(nil)
	if pool {
		arg = a.load(4)
	}
	right, down := a.load(8), a.load(9)
	corner := GP64()
	LEAQ(Mem{Base: right, Index: down, Scale: 1}, corner)
	lines := a.load(14)
	flag := GP32()
	XORL(flag, flag)

	Label("line_" + name)
	count := a.load(10)
	Label("tile_" + name)
	acc := wideZeros(2 * filters) // of each filter: the upper row, the lower one
	p, w, rows := GP64(), a.load(1), a.load(5)
	MOVQ(x, p)
	lanesWindow(name, a, p, w, rows, filters, func(from, weight int) {
		upper := both(Mem{Base: p, Disp: from}, Mem{Base: p, Disp: from, Index: right, Scale: 1})
		lower := both(Mem{Base: p, Disp: from, Index: down, Scale: 1}, Mem{Base: p, Disp: from, Index: corner, Scale: 1})
		for f := range filters {
			v := ZMM()
			VBROADCASTSS(Mem{Base: w, Disp: weight + 4*f}, v)
			VFMADD231PS(upper, v, acc[2*f])
			VFMADD231PS(lower, v, acc[2*f+1])
		}
	})

	bias := a.load(2)
	for f := range filters {
		b := ZMM()
		VBROADCASTSS(Mem{Base: bias, Disp: 4 * f}, b)
		for row := range 2 {
			v := acc[2*f+row]
			VADDPS(b, v, v)
			switch {
			case pool:
				VMOVUPS(v, cells.Offset(128*f+64*row))
			case kind == lanesPixelsRelu:
				zero, above := ZMM(), K()
				VXORPS(zero, zero, zero)
				VCMPPS(Imm(notLessEqual), zero, v, above)
				VMOVUPS_Z(v, above, v)
			}
		}
	}
	if !pool {
		step := a.load(11)
		for row := range 2 {
			q := y
			if row == 1 {
				q = GP64()
				MOVQ(y, q)
				ADDQ(a.at(12), q)
			}
			for f := range filters {
				VMOVUPS(acc[2*f+row].AsY(), Mem{Base: q, Disp: 32 * f})
				VEXTRACTF32X8(Imm(1), acc[2*f+row], Mem{Base: q, Disp: 32 * f, Index: step, Scale: 1})
			}
		}
		ADDQ(a.at(11), y)
	} else {
		lanesPooled(name, filters, kind, cells, y, arg, flag)
		ADDQ(a.at(13), arg)
	}
	lanesNext(name, a, x, y, right, count, lines)
	if kind == lanesRelu {
		MOVL(flag, a.at(17))
	}
	VZEROUPPER()
	RET()
}

// lanesPooled takes the four pixels of each filter from memory and writes the largest, and which it is.
func lanesPooled(name string, filters, kind int, cells Mem, y, arg, flag reg.GPVirtual) {
	from, left := GP64(), GP64()
	LEAQ(cells, from)
	MOVQ(U32(uint32(filters)), left)
	Label("filter_" + name)
	z := make([]reg.VecVirtual, 4)
	for i := range z {
		z[i] = YMM()
		VMOVUPS(Mem{Base: from, Disp: 32 * i}, z[i])
	}
	var best, right, below, live reg.VecVirtual
	if kind == lanesRelu {
		var check reg.VecVirtual
		best, right, below, live, check = largestNumber(z)
		bits := GP32()
		VMOVMSKPS(compare(unordered, check, check), bits)
		ORL(bits, flag)
	} else {
		best, right, below, live = largest(z, kind == lanesCareful)
	}
	VMOVUPS(best, Mem{Base: y})
	lanesOrigin(right, below, live, Mem{Base: arg})
	ADDQ(U32(128), from)
	ADDQ(Imm(32), y)
	ADDQ(Imm(4), arg)
	DECQ(left)
	JNZ(LabelRef("filter_" + name))
	SUBQ(U32(uint32(32*filters)), y)
	SUBQ(Imm(uint64(4*filters)), arg)
}

// lanesWideInputGradient is lanesInputGradient with both pixels in a register, two pairs at a time while there are: the
// chains of one would wait for their sums.
func lanesWideInputGradient(channels int) {
	name := fmt.Sprintf("lanesInputGradient%dAVX512", channels)
	a := argument(name)
	first, dx, right, step, left := a.load(0), a.load(2), a.load(6), a.load(11), a.load(12)
	right3, step3 := GP64(), GP64()
	LEAQ(Mem{Base: right, Index: right, Scale: 2}, right3)
	LEAQ(Mem{Base: step, Index: step, Scale: 2}, step3)
	pairs := func(n int) {
		label := func(s string) string { return fmt.Sprintf("%s%d_%s", s, n, name) }
		// pixel is one of up to four, from a place on, that are a step apart.
		pixel := func(at reg.Register, disp, i int, step, step3 reg.Register) Mem {
			m := strided(at, step, step3, i)
			m.Disp = disp
			return m
		}
		dy, w, groups := GP64(), a.load(1), a.load(3)
		MOVQ(first, dy)
		acc := wideZeros(n * channels)
		Label(label("group"))
		rows := a.load(4)
		Label(label("row"))
		k := a.load(5)
		Label(label("step"))
		var pixels []reg.VecVirtual
		for i := range n {
			pixels = append(pixels, both(pixel(dy, 0, 2*i, right, right3), pixel(dy, 0, 2*i+1, right, right3)))
		}
		for c := range channels {
			v := ZMM()
			VBROADCASTSS(Mem{Base: w, Disp: 4 * c}, v)
			for i, x := range pixels {
				VFMADD231PS(x, v, acc[n*c+i])
			}
		}
		ADDQ(Imm(32), dy)
		ADDQ(Imm(uint64(4*channels)), w)
		DECQ(k)
		JNZ(LabelRef(label("step")))
		ADDQ(a.at(7), dy)
		ADDQ(a.at(9), w)
		DECQ(rows)
		JNZ(LabelRef(label("row")))
		ADDQ(a.at(8), dy)
		ADDQ(a.at(10), w)
		DECQ(groups)
		JNZ(LabelRef(label("group")))
		for c := range channels {
			for i := range n {
				VMOVUPS(acc[n*c+i].AsY(), pixel(dx, 32*c, 2*i, step, step3))
				VEXTRACTF32X8(Imm(1), acc[n*c+i], pixel(dx, 32*c, 2*i+1, step, step3))
			}
		}
		for range n {
			LEAQ(Mem{Base: first, Index: right, Scale: 2}, first)
			LEAQ(Mem{Base: dx, Index: step, Scale: 2}, dx)
		}
	}
	SUBQ(Imm(2), left)
	JLT(LabelRef("last_" + name))
	Label("two_" + name)
	pairs(2)
	SUBQ(Imm(2), left)
	JGE(LabelRef("two_" + name))
	Label("last_" + name)
	ADDQ(Imm(2), left)
	JZ(LabelRef("done_" + name))
	pairs(1)
	Label("done_" + name)
	VZEROUPPER()
	RET()
}

// lanesWideWeightGradient is lanesWeightGradient for pairs of taps side by side. The second of a pair may be none: its sum
// is of no use then.
func lanesWideWeightGradient(filters, pairs int) {
	name := fmt.Sprintf("lanesWeightGradient%dx%dAVX512", filters, 2*pairs)
	a := argument(name)
	x, dy, rows := a.load(0), a.load(1), a.load(3)
	offsets := make([]reg.GPVirtual, pairs)
	for t := range offsets {
		offsets[t] = a.load(10 + t)
	}
	acc, sums := wide.lanesSums(name, a, filters*pairs)
	Label("row_" + name)
	n := a.load(4)
	Label("step_" + name)
	d := make([]reg.VecVirtual, filters)
	for f := range d {
		d[f] = ZMM()
		VBROADCASTF32X8(Mem{Base: dy, Disp: 32 * f}, d[f])
	}
	for t := range pairs {
		v := ZMM()
		VMOVUPS(Mem{Base: x, Index: offsets[t], Scale: 1}, v)
		for f := range d {
			VFMADD231PS(d[f], v, acc[f*pairs+t])
		}
	}
	ADDQ(a.at(5), x)
	ADDQ(Imm(uint64(32*filters)), dy)
	DECQ(n)
	JNZ(LabelRef("step_" + name))
	ADDQ(a.at(6), x)
	ADDQ(a.at(7), dy)
	DECQ(rows)
	JNZ(LabelRef("row_" + name))
	MOVQ(a.at(2), sums)
	wide.keepLanesSums(acc, sums)
}
