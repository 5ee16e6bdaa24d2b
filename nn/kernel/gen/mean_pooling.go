package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

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
