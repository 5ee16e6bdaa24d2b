package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

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
