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

// onlyNew clears the values that the last eight channels share with the eight before.
func onlyNew(name string, v reg.VecVirtual, off, last reg.GPVirtual) {
	CMPQ(off, last)
	JNE(LabelRef("whole_" + name))
	VANDPS(Mem{Base: parameter("tail")}, v, v)
	Label("whole_" + name)
}
