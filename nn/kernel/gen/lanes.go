package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// The kernels of convolutions on eight images side by side: a vector holds one value of each. All steps and strides are
// in bytes.

func lanesKernels() {
	for filters := 1; filters <= 3; filters++ {
		lanesForward("lanesRelu", filters, lanesRelu)
		lanesForward("lanesCareful", filters, lanesCareful)
		lanesForward("lanesLinear", filters, lanesLinear)
		lanesForward("lanesPixels", filters, lanesPixels)
		lanesForward("lanesPixelsRelu", filters, lanesPixelsRelu)
	}
	for channels := 1; channels <= 6; channels++ {
		lanesInputGradient(channels)
	}
	lanesWeightGradient(4, 3)
	lanesWeightGradient(3, 4)
	lanesWeightGradient(2, 5)
	lanesSlide(2, 5)
	lanesSlide(3, 3)
	lanesSlide(4, 3)
	lanesExpandRow()
	lanesRegroupRow()
	lanesSum()
	lanesStore()
}

// arguments reads the fields of a kernel's only argument, a struct of 8-byte fields.
type arguments struct{ t reg.Register }

func argument(name string) arguments {
	TEXT(name, NOSPLIT, "func(t *byte)")
	Pragma("noescape")
	return arguments{Load(Param("t"), GP64())}
}

func (a arguments) at(field int) Mem { return Mem{Base: a.t, Disp: 8 * field} }

func (a arguments) load(field int) reg.GPVirtual { r := GP64(); MOVQ(a.at(field), r); return r }

func zeros(n int) []reg.VecVirtual { return narrow.zeros(n) }

func (s isa) zeros(n int) []reg.VecVirtual {
	v := make([]reg.VecVirtual, n)
	for i := range v {
		v[i] = s.vec()
		VXORPS(v[i], v[i], v[i])
	}
	return v
}

// unrolled writes a loop of n steps, at least one, four at a time, then two and one: body does the i-th of those, and
// advance goes on by so many. The loop's own instructions cost where another thread shares the core.
func unrolled(name string, n reg.Register, body func(i int), advance func(steps int)) {
	steps := func(count int) {
		for i := range count {
			body(i)
		}
		advance(count)
	}
	SUBQ(Imm(4), n)
	JLT(LabelRef("rest_" + name))
	Label("four_" + name)
	steps(4)
	SUBQ(Imm(4), n)
	JGE(LabelRef("four_" + name))
	Label("rest_" + name)
	for count := 2; count > 0; count /= 2 {
		skip := fmt.Sprintf("less%d_%s", count, name)
		TESTQ(U32(uint32(count)), n) // these bits are as before the loop
		JZ(LabelRef(skip))
		steps(count)
		Label(skip)
	}
}

// lanesWindow adds up a tile's products: step does those of a vector of the window, which is so many bytes from p, with
// so many weights, so many bytes from w.
func lanesWindow(name string, a arguments, p, w, rows reg.Register, weights int, step func(p, w int)) {
	Label("row_" + name)
	n := a.load(6)
	unrolled("step_"+name, n, func(i int) { step(32*i, 4*weights*i) }, func(steps int) {
		ADDQ(U32(uint32(32*steps)), p)
		ADDQ(Imm(uint64(4*weights*steps)), w)
	})
	ADDQ(a.at(7), p)
	DECQ(rows)
	JNZ(LabelRef("row_" + name))
}

// lanesNext goes on to the next tile of a line, and to the next line.
func lanesNext(name string, a arguments, x, y, right, count, lines reg.Register) {
	ADDQ(a.at(11), y)
	LEAQ(Mem{Base: x, Index: right, Scale: 2}, x)
	DECQ(count)
	JNZ(LabelRef("tile_" + name))
	ADDQ(a.at(15), x)
	ADDQ(a.at(16), y)
	DECQ(lines)
	JNZ(LabelRef("line_" + name))
}

// What follows the products of lanesForward.
const (
	lanesRelu       = iota // relu and the largest of four, for numbers
	lanesCareful           // also for what is no number
	lanesLinear            // the largest of four
	lanesPixels            // nothing
	lanesPixelsRelu        // relu
)

// lanesForward convolves lines of 2x2 pixels: of each filter a chain over the window for each of the four. Then the bias
// is added, and either the largest is kept, with where it came from, or all are.
func lanesForward(name string, filters, kind int) {
	name = fmt.Sprintf("%s%d", name, filters)
	a := argument(name)
	pool := kind != lanesPixels && kind != lanesPixelsRelu
	// Fields: x, w, bias, y, arg, rows of the window, vectors of each, from one's end to the next's start, from a pixel to
	// the next, from a row to the next, tiles of a line, y's step from pixel to pixel, and from row to row, arg's, lines,
	// x's step from a line's end to the next line, y's, whether care was needed.
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
	acc := zeros(4 * filters)
	p, w, rows := GP64(), a.load(1), a.load(5)
	MOVQ(x, p)
	lanesWindow(name, a, p, w, rows, filters, func(from, weight int) {
		weights := make([]reg.VecVirtual, filters)
		for f := range weights {
			weights[f] = YMM()
			VBROADCASTSS(Mem{Base: w, Disp: weight + 4*f}, weights[f])
		}
		for cell := range 4 {
			at := Mem{Base: p, Disp: from}
			if cell > 0 {
				at.Index, at.Scale = []reg.Register{nil, right, down, corner}[cell], 1
			}
			v := YMM()
			VMOVUPS(at, v)
			for f := range weights {
				VFMADD231PS(v, weights[f], acc[4*f+cell])
			}
		}
	})

	bias := a.load(2)
	var sum reg.VecVirtual // a NaN where care was needed
	for f := range filters {
		z := acc[4*f : 4*f+4]
		b := YMM()
		VBROADCASTSS(Mem{Base: bias, Disp: 4 * f}, b)
		for _, v := range z {
			VADDPS(b, v, v)
		}
		var best, right, below, live reg.VecVirtual
		switch kind {
		case lanesPixels:
			continue
		case lanesPixelsRelu:
			zero := zeros(1)[0]
			for _, v := range z {
				VANDPS(compare(notLessEqual, v, zero), v, v)
			}
			continue
		case lanesRelu:
			var check reg.VecVirtual
			best, right, below, live, check = largestNumber(z)
			if sum == nil {
				sum = check
			} else {
				VADDPS(check, sum, sum)
			}
		default:
			best, right, below, live = largest(z, kind == lanesCareful)
		}
		VMOVUPS(best, Mem{Base: y, Disp: 32 * f})
		lanesOrigin(right, below, live, Mem{Base: arg, Disp: 4 * f})
	}
	if kind == lanesRelu {
		bits := GP32()
		VMOVMSKPS(compare(unordered, sum, sum), bits)
		ORL(bits, flag)
	}
	if !pool {
		for row := range 2 {
			q := y
			if row == 1 {
				q = GP64()
				MOVQ(y, q)
				ADDQ(a.at(12), q)
			}
			step := a.load(11)
			for f := range filters {
				VMOVUPS(acc[4*f+2*row], Mem{Base: q, Disp: 32 * f})
				VMOVUPS(acc[4*f+2*row+1], Mem{Base: q, Disp: 32 * f, Index: step, Scale: 1})
			}
		}
		ADDQ(a.at(11), y)
	} else {
		ADDQ(a.at(13), arg)
	}
	lanesNext(name, a, x, y, right, count, lines)
	if kind == lanesRelu {
		MOVL(flag, a.at(17))
	}
	VZEROUPPER()
	RET()
}

// lanesOrigin writes which of the four pixels each image's largest is, and whether it is live.
func lanesOrigin(right, below, live reg.VecVirtual, to Mem) {
	bits, more := GP32(), GP32()
	VMOVMSKPS(right, bits)
	VMOVMSKPS(below, more)
	SHLL(Imm(8), more)
	ORL(more, bits)
	if live == nil {
		ORL(U32(0xff0000), bits)
	} else {
		VMOVMSKPS(live, more)
		SHLL(Imm(16), more)
		ORL(more, bits)
	}
	MOVL(bits, to)
}

// largest is the largest of four values, the first of several or the last NaN, and whether that is in the right column
// and in the row below: signs. With relu it is 0 unless it is live: above 0 or a NaN.
func largest(z []reg.VecVirtual, relu bool) (best, right, below, live reg.VecVirtual) {
	best, below = z[0], YMM()
	VXORPS(below, below, below)
	for cell := 1; cell < 4; cell++ {
		m := compare(greater, z[cell], best)
		VORPS(compare(unordered, z[cell], z[cell]), m, m)
		VBLENDVPS(m, z[cell], best, best)
		VBLENDVPS(m, constant(fmt.Sprintf("cell%d", cell), rep(uint32(cell)<<30)...), below, below)
	}
	right = YMM()
	VPADDD(below, below, right)
	if relu {
		zero := zeros(1)[0]
		live = compare(notLessEqual, best, zero)
		VANDPS(live, best, best)
	}
	return best, right, below, live
}

// largestNumber is largest with relu for numbers: where check is no NaN. Signs of differences leave the multipliers to
// the next chains.
func largestNumber(z []reg.VecVirtual) (best, right, below, live, check reg.VecVirtual) {
	upper, lower := sub(z[0], z[1]), sub(z[2], z[3])
	check = add(upper, lower)
	VMAXPS(z[1], z[0], z[0])
	VMAXPS(z[3], z[2], z[2])
	below = sub(z[0], z[2])
	best = z[0]
	VMAXPS(z[2], best, best)
	right = upper
	VBLENDVPS(below, lower, upper, right)
	zero := zeros(1)[0]
	VMAXPS(zero, best, best)
	live = sub(zero, best)
	return best, right, below, live, check
}

// lanesInputGradient computes some channels of pairs of pixels side by side: chains over groups of filters, the
// gradient's rows, its columns and the filters of a group.
func lanesInputGradient(channels int) {
	name := fmt.Sprintf("lanesInputGradient%d", channels)
	a := argument(name)
	// Fields: dy, w, dx, groups, rows, vectors of a row, dy's step from pixel to pixel, from a row's end to the next, from
	// a group's, w's two such steps, dx's step from pixel to pixel, pairs.
	first, dx, right, step, pairs := a.load(0), a.load(2), a.load(6), a.load(11), a.load(12)
	Label("pair_" + name)
	dy, w, groups := GP64(), a.load(1), a.load(3)
	MOVQ(first, dy)
	acc := zeros(2 * channels)
	Label("group_" + name)
	rows := a.load(4)
	Label("row_" + name)
	n := a.load(5)
	unrolled("step_"+name, n, func(i int) {
		left, other := YMM(), YMM()
		VMOVUPS(Mem{Base: dy, Disp: 32 * i}, left)
		VMOVUPS(Mem{Base: dy, Disp: 32 * i, Index: right, Scale: 1}, other)
		for c := range channels {
			v := YMM()
			VBROADCASTSS(Mem{Base: w, Disp: 4 * (channels*i + c)}, v)
			VFMADD231PS(left, v, acc[2*c])
			VFMADD231PS(other, v, acc[2*c+1])
		}
	}, func(steps int) {
		ADDQ(U32(uint32(32*steps)), dy)
		ADDQ(Imm(uint64(4*channels*steps)), w)
	})
	ADDQ(a.at(7), dy)
	ADDQ(a.at(9), w)
	DECQ(rows)
	JNZ(LabelRef("row_" + name))
	ADDQ(a.at(8), dy)
	ADDQ(a.at(10), w)
	DECQ(groups)
	JNZ(LabelRef("group_" + name))
	for c := range channels {
		VMOVUPS(acc[2*c], Mem{Base: dx, Disp: 32 * c})
		VMOVUPS(acc[2*c+1], Mem{Base: dx, Disp: 32 * c, Index: step, Scale: 1})
	}
	LEAQ(Mem{Base: first, Index: right, Scale: 2}, first)
	LEAQ(Mem{Base: dx, Index: step, Scale: 2}, dx)
	DECQ(pairs)
	JNZ(LabelRef("pair_" + name))
	VZEROUPPER()
	RET()
}

// lanesWeightGradient adds the products of some filters' gradients with some taps' inputs, over rows of pixels, to their
// sums, one in each lane.
func lanesWeightGradient(filters, taps int) {
	name := fmt.Sprintf("lanesWeightGradient%dx%d", filters, taps)
	a := argument(name)
	// Fields: x, dy, sums, rows, pixels of a row, x's step from pixel to pixel, from a row's end to the next, dy's, whether
	// the sums are 0 at first, dy's step from pixel to pixel, the taps' offsets.
	x, dy, rows, step := a.load(0), a.load(1), a.load(3), a.load(5)
	offsets := make([]reg.GPVirtual, taps)
	for t := range offsets {
		offsets[t] = a.load(10 + t)
	}
	acc, sums := narrow.lanesSums(name, a, filters*taps)
	Label("row_" + name)
	n := a.load(4)
	unrolled("step_"+name, n, func(i int) {
		input := func(t int) Mem { return Mem{Base: x, Index: offsets[t], Scale: 1} }
		gradient := func(f int) Mem { return Mem{Base: dy, Disp: 32 * (filters*i + f)} }
		// The fewer of the two stay in registers.
		if taps < filters {
			v := make([]reg.VecVirtual, taps)
			for t := range v {
				v[t] = YMM()
				VMOVUPS(input(t), v[t])
			}
			for f := range filters {
				d := YMM()
				VMOVUPS(gradient(f), d)
				for t := range v {
					VFMADD231PS(d, v[t], acc[f*taps+t])
				}
			}
		} else {
			d := make([]reg.VecVirtual, filters)
			for f := range d {
				d[f] = YMM()
				VMOVUPS(gradient(f), d[f])
			}
			for t := range taps {
				v := YMM()
				VMOVUPS(input(t), v)
				for f := range d {
					VFMADD231PS(d[f], v, acc[f*taps+t])
				}
			}
		}
		ADDQ(step, x)
	}, func(steps int) { ADDQ(U32(uint32(32*filters*steps)), dy) })
	ADDQ(a.at(6), x)
	ADDQ(a.at(7), dy)
	DECQ(rows)
	JNZ(LabelRef("row_" + name))
	narrow.keepLanesSums(acc, sums)
}

// lanesSums are a tile's sums so far, n vectors, and where they lie.
func (s isa) lanesSums(name string, a arguments, n int) (acc []reg.VecVirtual, sums reg.GPVirtual) {
	acc, sums = s.zeros(n), a.load(2)
	CMPQ(a.at(8), Imm(0))
	JNE(LabelRef("row_" + name))
	for i, v := range acc {
		VMOVUPS(Mem{Base: sums, Disp: 4 * s.lanes * i}, v)
	}
	return acc, sums
}

// keepLanesSums ends a kernel of the weight gradient.
func (s isa) keepLanesSums(acc []reg.VecVirtual, sums reg.Register) {
	for i, v := range acc {
		VMOVUPS(v, Mem{Base: sums, Disp: 4 * s.lanes * i})
	}
	VZEROUPPER()
	RET()
}

// lanesSlide is lanesWeightGradient for taps side by side in a row of the window: of a pixel's inputs the next pixel needs
// all but the first, so that each is read once.
func lanesSlide(filters, taps int) {
	name := fmt.Sprintf("lanesSlide%dx%d", filters, taps)
	a := argument(name)
	x, dy, rows, step, dyStep := GP64(), GP64(), a.load(3), a.load(5), a.load(9)
	xRow, dyRow := a.load(10), a.load(1)
	ADDQ(a.at(0), xRow)
	step3, dyStep3 := GP64(), GP64()
	LEAQ(Mem{Base: step, Index: step, Scale: 2}, step3)
	LEAQ(Mem{Base: dyStep, Index: dyStep, Scale: 2}, dyStep3)
	down, dyDown := a.load(4), a.load(4) // from row to row
	IMULQ(step, down)
	ADDQ(a.at(6), down)
	IMULQ(dyStep, dyDown)
	ADDQ(a.at(7), dyDown)
	acc, sums := narrow.lanesSums(name, a, filters*taps)
	inputs := vectors(taps) // those of pixel u are inputs[u], inputs[u+1] and so on, around
	pixel := func(u int) {
		VMOVUPS(strided(x, step, step3, u), inputs[(u+taps-1)%taps])
		for f := range filters {
			d := YMM()
			at := strided(dy, dyStep, dyStep3, u)
			at.Disp = 32 * f
			VMOVUPS(at, d)
			for t := range taps {
				VFMADD231PS(d, inputs[(u+t)%taps], acc[f*taps+t])
			}
		}
	}
	// advance goes on by as many pixels as there are taps.
	advance := func(at, step, step3 reg.Register) {
		LEAQ(Mem{Base: at, Index: step3, Scale: 1}, at)
		if taps == 5 {
			LEAQ(Mem{Base: at, Index: step, Scale: 2}, at)
		}
	}
	Label("row_" + name)
	MOVQ(xRow, x)
	MOVQ(dyRow, dy)
	for t := range taps - 1 {
		VMOVUPS(Mem{Base: x}, inputs[t])
		ADDQ(step, x)
	}
	n := a.load(4)
	SUBQ(Imm(uint64(taps)), n)
	JLT(LabelRef("rest_" + name))
	Label("pixels_" + name)
	for u := range taps {
		pixel(u)
	}
	advance(x, step, step3)
	advance(dy, dyStep, dyStep3)
	SUBQ(Imm(uint64(taps)), n)
	JGE(LabelRef("pixels_" + name))
	Label("rest_" + name)
	ADDQ(Imm(uint64(taps)), n)
	for u := range taps - 1 {
		SUBQ(Imm(1), n)
		JLT(LabelRef("next_" + name))
		pixel(u)
	}
	Label("next_" + name)
	ADDQ(down, xRow)
	ADDQ(dyDown, dyRow)
	DECQ(rows)
	JNZ(LabelRef("row_" + name))
	narrow.keepLanesSums(acc, sums)
}
