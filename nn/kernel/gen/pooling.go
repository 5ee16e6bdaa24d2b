package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// The pooling kernels take a run of windows of one shape side by side: n outputs of c channels, the image's windows step
// bytes apart, its rows line bytes apart. They go through the channels by eights; the last eight begin at c-8, or at 0
// where there are fewer, and so overlap what is done or reach beyond the cell: the caller sees to what is there.

// pooling writes the family.
func pooling() {
	maxPool2()
	maxPool2Backward()
	maxPool2Kept()
	maxWindows()
	maxWindowsBackward()
	meanWindows()
	meanWindowsBackward()
	meanPool2()
	meanPool2Backward()
	shareTops()
}

// parameter loads one.
func parameter(name string) reg.GPVirtual {
	r := GP64()
	Load(Param(name), r)
	return r
}

// parameter32 loads one of 32 bits.
func parameter32(name string) reg.GPVirtual {
	r := GP32()
	Load(Param(name), r)
	return r
}

// channels loops over the outputs and, for each, over its channels by eights: body computes those at off, and the
// pointers go on by what next adds.
func channels(name string, body func(off, last reg.GPVirtual), next func(c reg.GPVirtual)) {
	n, c, last, off := parameter("n"), parameter("c"), GP64(), GP64()
	XORQ(off, off)
	MOVQ(c, last)
	SUBQ(Imm(8), last)
	CMOVQLT(off, last)
	Label("pixel_" + name)
	XORQ(off, off)
	Label("block_" + name)
	body(off, last)
	CMPQ(off, last)
	JEQ(LabelRef("done_" + name))
	ADDQ(Imm(8), off)
	CMPQ(off, last)
	CMOVQGT(last, off)
	JMP(LabelRef("block_" + name))
	Label("done_" + name)
	next(c)
	DECQ(n)
	JNZ(LabelRef("pixel_" + name))
	VZEROUPPER()
	RET()
}

// cells loops over the cells of a window whose first is at from: body computes that at the pointer.
func cells(name string, from Mem, c4 reg.GPVirtual, body func(cell Mem), row func()) {
	line, i, j, p := GP64(), GP64(), GP64(), GP64()
	LEAQ(from, line)
	Load(Param("kh"), i)
	Label("row_" + name)
	MOVQ(line, p)
	Load(Param("kw"), j)
	Label("cell_" + name)
	body(Mem{Base: p})
	ADDQ(c4, p)
	DECQ(j)
	JNZ(LabelRef("cell_" + name))
	row()
	ADDQ(parameter("line"), line)
	DECQ(i)
	JNZ(LabelRef("row_" + name))
}

// replaces is the mask of where v takes the place of best: where it is larger, or is no number.
func replaces(v, best reg.VecVirtual) reg.VecVirtual {
	m, u := YMM(), YMM()
	VCMPPS(Imm(greater), best, v, m)
	VCMPPS(Imm(unordered), v, v, u)
	VORPS(u, m, m)
	return m
}

// bytes packs eight words of 32 bits, -128..127, to eight bytes in the lower half of the result.
func bytes(v reg.VecVirtual) reg.VecVirtual {
	hi := XMM()
	VEXTRACTI128(Imm(1), v, hi)
	VPACKSSDW(hi, v.AsX(), hi)
	VPACKSSWB(hi, hi, hi)
	return hi
}

// vector is that of eight values at the index.
func vector(p, index reg.GPVirtual) Mem { return Mem{Base: p, Index: index, Scale: 4} }

// quad are the cells of a window: the image's pointer and, after it, three more.
func quad(x string) (cells [4]reg.GPVirtual, c4 reg.GPVirtual) {
	c4 = quadruple("c")
	cells[0] = parameter(x)
	for i := range 3 {
		cells[i+1] = GP64()
	}
	MOVQ(cells[0], cells[1])
	ADDQ(c4, cells[1])
	MOVQ(cells[0], cells[2])
	ADDQ(parameter("line"), cells[2])
	MOVQ(cells[2], cells[3])
	ADDQ(c4, cells[3])
	return cells, c4
}

// indices are the numbers of a window's cells.
func indices() (index [4]reg.VecVirtual) {
	for i := range index {
		index[i] = YMM()
		VMOVDQU(constant(fmt.Sprintf("cell%d", i), rep(uint32(i))...), index[i])
	}
	return index
}

func maxPool2() {
	TEXT("maxPool2AVX2", NOSPLIT, "func(y *float32, arg *uint8, x *float32, n, c, line int)")
	Doc("maxPool2AVX2 takes the largest of each window of 2x2 cells, side by side, and which it was, unless arg is nil.")
	Pragma("noescape")
	cells, c4 := quad("x")
	y, arg := parameter("y"), parameter("arg")
	two := YMM()
	VMOVDQU(constant("twos", rep(2)...), two)
	channels("maxPool2", func(off, _ reg.GPVirtual) {
		var best, from [2]reg.VecVirtual
		for i := range 2 {
			v := YMM()
			best[i] = YMM()
			VMOVUPS(vector(cells[2*i], off), best[i])
			VMOVUPS(vector(cells[2*i+1], off), v)
			from[i] = replaces(v, best[i])
			VBLENDVPS(from[i], v, best[i], best[i])
		}
		m := replaces(best[1], best[0])
		VBLENDVPS(m, best[1], best[0], best[0])
		VMOVUPS(best[0], vector(y, off))
		TESTQ(arg, arg)
		JZ(LabelRef("plain_maxPool2"))
		// The masks are -1: so far the cells' negative numbers.
		VPSUBD(two, from[1], from[1])
		VBLENDVPS(m, from[1], from[0], from[0])
		b := bytes(from[0])
		VPABSB(b, b)
		VMOVQ(b.AsX(), Mem{Base: arg, Index: off, Scale: 1})
		Label("plain_maxPool2")
	}, func(c reg.GPVirtual) {
		ADDQ(c4, y)
		for _, p := range cells {
			LEAQ(Mem{Base: p, Index: c4, Scale: 2}, p)
		}
		TESTQ(arg, arg)
		JZ(LabelRef("next_maxPool2"))
		ADDQ(c, arg)
		Label("next_maxPool2")
	})
}

func maxPool2Backward() {
	TEXT("maxPool2BackwardAVX2", NOSPLIT, "func(dx, dy *float32, arg *uint8, n, c, line int)")
	Doc("maxPool2BackwardAVX2 writes the four cells of each window: dy in that which arg names, 0 in the others.")
	Pragma("noescape")
	cells, c4 := quad("dx")
	dy, arg := parameter("dy"), parameter("arg")
	index := indices()
	channels("maxPool2Backward", func(off, _ reg.GPVirtual) {
		v, from := YMM(), YMM()
		VPMOVZXBD(Mem{Base: arg, Index: off, Scale: 1}, from)
		VMOVUPS(vector(dy, off), v)
		for i, p := range cells {
			m := YMM()
			VPCMPEQD(index[i], from, m)
			VANDPS(v, m, m)
			VMOVUPS(m, vector(p, off))
		}
	}, func(c reg.GPVirtual) {
		ADDQ(c4, dy)
		ADDQ(c, arg)
		for _, p := range cells {
			LEAQ(Mem{Base: p, Index: c4, Scale: 2}, p)
		}
	})
}

func maxPool2Kept() {
	TEXT("maxPool2KeptAVX2", NOSPLIT, "func(y *float32, arg *uint8, x *float32, mask *uint8, n, c, line int, scale float32)")
	Doc("maxPool2KeptAVX2 is maxPool2AVX2 of x scaled where the mask keeps it, and of 0 elsewhere, for whole vectors of",
		"channels; where the largest is a value that was not kept, the index has 4 more.")
	Pragma("noescape")
	y, arg, n, c, c4, k := parameter("y"), parameter("arg"), parameter("n"), parameter("c"), quadruple("c"), GP64()
	x, mask := [2]reg.GPVirtual{parameter("x"), GP64()}, [2]reg.GPVirtual{parameter("mask"), GP64()} // of each row
	MOVQ(parameter("line"), x[1])
	MOVQ(x[1], mask[1])
	SHRQ(Imm(2), mask[1])
	ADDQ(x[0], x[1])
	ADDQ(mask[0], mask[1])
	two, four, scale := YMM(), YMM(), scalar("scale")
	VMOVDQU(constant("twos", rep(2)...), two)
	VMOVDQU(constant("fours", rep(4)...), four)
	Label("pixel_maxPool2Kept")
	MOVQ(c, k)
	Label("block_maxPool2Kept")
	dropped := func(x, mask Mem) (v, kept reg.VecVirtual) {
		v, kept = YMM(), YMM()
		VPMOVSXBD(mask, kept)
		VMULPS(x, scale, v)
		VANDPS(kept, v, v)
		return v, kept
	}
	var best, from, kept [2]reg.VecVirtual
	for i := range 2 {
		var v, second reg.VecVirtual
		best[i], kept[i] = dropped(Mem{Base: x[i]}, Mem{Base: mask[i]})
		v, second = dropped(Mem{Base: x[i], Index: c4, Scale: 1}, Mem{Base: mask[i], Index: c, Scale: 1})
		from[i] = replaces(v, best[i])
		VBLENDVPS(from[i], v, best[i], best[i])
		VBLENDVPS(from[i], second, kept[i], kept[i])
	}
	m := replaces(best[1], best[0])
	VBLENDVPS(m, best[1], best[0], best[0])
	VBLENDVPS(m, kept[1], kept[0], kept[0])
	VMOVUPS(best[0], Mem{Base: y})
	// The masks are -1: so far the cells' negative numbers.
	VPSUBD(two, from[1], from[1])
	VBLENDVPS(m, from[1], from[0], from[0])
	VPANDN(four, kept[0], kept[0])
	VPSUBD(kept[0], from[0], from[0])
	b := bytes(from[0])
	VPABSB(b, b)
	VMOVQ(b.AsX(), Mem{Base: arg})
	for _, p := range []reg.GPVirtual{x[0], x[1], y} {
		ADDQ(Imm(32), p)
	}
	for _, p := range []reg.GPVirtual{mask[0], mask[1], arg} {
		ADDQ(Imm(8), p)
	}
	SUBQ(Imm(8), k)
	JNZ(LabelRef("block_maxPool2Kept"))
	for i := range 2 {
		ADDQ(c4, x[i])
		ADDQ(c, mask[i])
	}
	DECQ(n)
	JNZ(LabelRef("pixel_maxPool2Kept"))
	VZEROUPPER()
	RET()
}

// broadcast is the parameter, of 32 or 64 bits, in every word of a vector.
func broadcast(param string) reg.VecVirtual {
	r, x, v := parameter(param), XMM(), YMM()
	VMOVQ(r, x)
	VPBROADCASTD(x, v)
	return v
}

// quadruple is four times the parameter: the bytes of so many values.
func quadruple(param string) reg.GPVirtual {
	r := parameter(param)
	SHLQ(Imm(2), r)
	return r
}

// advance adds the step of a run to its pointer into the image.
func advance(p reg.GPVirtual) {
	ADDQ(parameter("step"), p)
}

const runParams = "n, c, kh, kw, step, line int"

func maxWindows() {
	TEXT("maxWindowsAVX2", NOSPLIT, "func(y *float32, arg *uint8, x *float32, "+runParams+", first, skip, wide int)")
	Doc("maxWindowsAVX2 takes the largest of each window and which it was, unless arg is nil, in one byte or, where wide",
		"is 1, in two: cells count from first, and on by skip at a row's end.")
	Pragma("noescape")
	y, arg, x := parameter("y"), parameter("arg"), parameter("x")
	first, skip, one := broadcast("first"), broadcast("skip"), YMM()
	VMOVDQU(constant("ones", rep(1)...), one)
	c4 := quadruple("c")
	channels("maxWindows", func(off, _ reg.GPVirtual) {
		best, from, index := YMM(), YMM(), YMM()
		at := vector(x, off)
		VMOVUPS(at, best)
		VMOVDQA(first, from)
		VMOVDQA(first, index)
		cells("maxWindows", at, c4, func(cell Mem) {
			v := YMM()
			VMOVUPS(cell, v)
			m := replaces(v, best)
			VBLENDVPS(m, v, best, best)
			VBLENDVPS(m, index, from, from)
			VPADDD(one, index, index)
		}, func() { VPADDD(skip, index, index) })
		VMOVUPS(best, vector(y, off))
		TESTQ(arg, arg)
		JZ(LabelRef("plain_maxWindows"))
		words := XMM()
		VEXTRACTI128(Imm(1), from, words)
		VPACKUSDW(words, from.AsX(), words)
		wide := parameter("wide")
		TESTQ(wide, wide)
		JNZ(LabelRef("wide_maxWindows"))
		VPACKUSWB(words, words, words)
		VMOVQ(words, Mem{Base: arg, Index: off, Scale: 1})
		JMP(LabelRef("plain_maxWindows"))
		Label("wide_maxWindows")
		VMOVDQU(words, Mem{Base: arg, Index: off, Scale: 2})
		Label("plain_maxWindows")
	}, func(c reg.GPVirtual) {
		ADDQ(c4, y)
		advance(x)
		TESTQ(arg, arg)
		JZ(LabelRef("next_maxWindows"))
		nextArg("maxWindows", arg, c)
		Label("next_maxWindows")
	})
}

// nextArg goes on by a window's cells.
func nextArg(name string, arg, c reg.GPVirtual) {
	ADDQ(c, arg)
	wide := parameter("wide")
	TESTQ(wide, wide)
	JZ(LabelRef("narrow_" + name))
	ADDQ(c, arg)
	Label("narrow_" + name)
}

// onlyNew clears the values that the last eight channels share with the eight before.
func onlyNew(name string, v reg.VecVirtual, off, last reg.GPVirtual) {
	CMPQ(off, last)
	JNE(LabelRef("whole_" + name))
	VANDPS(Mem{Base: parameter("tail")}, v, v)
	Label("whole_" + name)
}

func maxWindowsBackward() {
	TEXT("maxWindowsBackwardAVX2", NOSPLIT, "func(dx, dy *float32, arg *uint8, "+runParams+", first, skip, wide int, tail *int32)")
	Doc("maxWindowsBackwardAVX2 adds dy to the cell of each window that arg names, and 0 to the others. tail masks the last",
		"eight channels.")
	Pragma("noescape")
	dx, dy, arg := parameter("dx"), parameter("dy"), parameter("arg")
	first, skip, one := broadcast("first"), broadcast("skip"), YMM()
	VMOVDQU(constant("ones", rep(1)...), one)
	c4 := quadruple("c")
	const name = "maxWindowsBackward"
	channels(name, func(off, last reg.GPVirtual) {
		v, from, index := YMM(), YMM(), YMM()
		VMOVUPS(vector(dy, off), v)
		onlyNew(name, v, off, last)
		wide := parameter("wide")
		TESTQ(wide, wide)
		JNZ(LabelRef("wide_" + name))
		VPMOVZXBD(Mem{Base: arg, Index: off, Scale: 1}, from)
		JMP(LabelRef("start_" + name))
		Label("wide_" + name)
		VPMOVZXWD(Mem{Base: arg, Index: off, Scale: 2}, from)
		Label("start_" + name)
		VMOVDQA(first, index)
		cells(name, vector(dx, off), c4, func(cell Mem) {
			m := YMM()
			VPCMPEQD(index, from, m)
			VANDPS(v, m, m)
			VADDPS(cell, m, m)
			VMOVUPS(m, cell)
			VPADDD(one, index, index)
		}, func() { VPADDD(skip, index, index) })
	}, func(c reg.GPVirtual) {
		ADDQ(c4, dy)
		advance(dx)
		nextArg(name, arg, c)
	})
}

func meanWindows() {
	TEXT("meanWindowsAVX2", NOSPLIT, "func(y, x *float32, "+runParams+", count float32)")
	Doc("meanWindowsAVX2 adds up each window's cells, in order, and divides by count.")
	Pragma("noescape")
	y, x, count := parameter("y"), parameter("x"), scalar("count")
	c4 := quadruple("c")
	channels("meanWindows", func(off, _ reg.GPVirtual) {
		sum := YMM()
		VXORPS(sum, sum, sum)
		cells("meanWindows", vector(x, off), c4, func(cell Mem) { VADDPS(cell, sum, sum) }, func() {})
		VDIVPS(count, sum, sum)
		VMOVUPS(sum, vector(y, off))
	}, func(reg.GPVirtual) {
		ADDQ(c4, y)
		advance(x)
	})
}

func meanWindowsBackward() {
	TEXT("meanWindowsBackwardAVX2", NOSPLIT, "func(dx, dy *float32, "+runParams+", share float32, tail *int32)")
	Doc("meanWindowsBackwardAVX2 adds share*dy to each window's cells. tail masks the last eight channels.")
	Pragma("noescape")
	dx, dy, share := parameter("dx"), parameter("dy"), scalar("share")
	c4 := quadruple("c")
	const name = "meanWindowsBackward"
	channels(name, func(off, last reg.GPVirtual) {
		v := YMM()
		VMULPS(vector(dy, off), share, v)
		onlyNew(name, v, off, last)
		cells(name, vector(dx, off), c4, func(cell Mem) {
			sum := YMM()
			VADDPS(cell, v, sum)
			VMOVUPS(sum, cell)
		}, func() {})
	}, func(reg.GPVirtual) {
		ADDQ(c4, dy)
		advance(dx)
	})
}

func meanPool2() {
	const name = "meanPool2AVX2"
	TEXT(name, NOSPLIT, "func(y, x *float32, n, c, line int)")
	Doc(name + " takes the mean of each window of 2x2 cells, side by side.")
	Pragma("noescape")
	cells, c4 := quad("x")
	y, zero, quarter := parameter("y"), YMM(), YMM()
	VXORPS(zero, zero, zero)
	VMOVUPS(constant("quarters", rep(0x3E800000)...), quarter)
	channels(name, func(off, _ reg.GPVirtual) {
		sum := YMM()
		VADDPS(vector(cells[0], off), zero, sum)
		for _, p := range cells[1:] {
			VADDPS(vector(p, off), sum, sum)
		}
		VMULPS(quarter, sum, sum)
		VMOVUPS(sum, vector(y, off))
	}, func(reg.GPVirtual) {
		ADDQ(c4, y)
		for _, p := range cells {
			LEAQ(Mem{Base: p, Index: c4, Scale: 2}, p)
		}
	})
}

func meanPool2Backward() {
	const name = "meanPool2BackwardAVX2"
	TEXT(name, NOSPLIT, "func(dx, dy *float32, n, c, line int)")
	Doc(name + " writes a quarter of dy to the four cells of each window.")
	Pragma("noescape")
	cells, c4 := quad("dx")
	dy, zero, quarter := parameter("dy"), YMM(), YMM()
	VXORPS(zero, zero, zero)
	VMOVUPS(constant("quarters", rep(0x3E800000)...), quarter)
	channels(name, func(off, _ reg.GPVirtual) {
		v := YMM()
		VMULPS(vector(dy, off), quarter, v)
		VADDPS(zero, v, v) // as what is added to 0: no -0
		for _, p := range cells {
			VMOVUPS(v, vector(p, off))
		}
	}, func(reg.GPVirtual) {
		ADDQ(c4, dy)
		for _, p := range cells {
			LEAQ(Mem{Base: p, Index: c4, Scale: 2}, p)
		}
	})
}

// shareTops writes the gradient of a global max pooling: eight channels of all cells at a time, the last eight as in
// channels.
func shareTops() {
	const name = "shareTopsAVX2"
	TEXT(name, NOSPLIT, "func(dx, x, y, dy *float32, n, c int)")
	Doc(name + " shares dy [c] among those of the n cells of x [n, c] that equal y [c]; c is at least 8.")
	Pragma("noescape")
	y, dy, c4, off, last := parameter("y"), parameter("dy"), quadruple("c"), GP64(), parameter("c")
	SUBQ(Imm(8), last)
	XORQ(off, off)
	Label("columns_" + name)
	top, count := YMM(), YMM()
	VMOVUPS(vector(y, off), top)
	VPXOR(count, count, count)
	cell, to, n := parameter("x"), parameter("dx"), parameter("n")
	LEAQ(vector(cell, off), cell)
	LEAQ(vector(to, off), to)
	from := GP64()
	MOVQ(cell, from)
	Label("count_" + name)
	m := YMM()
	VCMPPS(Imm(equal), Mem{Base: from}, top, m)
	VPSUBD(m, count, count)
	ADDQ(c4, from)
	DECQ(n)
	JNZ(LabelRef("count_" + name))
	VCVTDQ2PS(count, count)
	share := YMM()
	VMOVUPS(vector(dy, off), share)
	VDIVPS(count, share, share)
	n = parameter("n")
	Label("share_" + name)
	VCMPPS(Imm(equal), Mem{Base: cell}, top, m)
	VANDPS(share, m, m)
	VMOVUPS(m, Mem{Base: to})
	ADDQ(c4, cell)
	ADDQ(c4, to)
	DECQ(n)
	JNZ(LabelRef("share_" + name))
	CMPQ(off, last)
	JEQ(LabelRef("done_" + name))
	ADDQ(Imm(8), off)
	CMPQ(off, last)
	CMOVQGT(last, off)
	JMP(LabelRef("columns_" + name))
	Label("done_" + name)
	VZEROUPPER()
	RET()
}
