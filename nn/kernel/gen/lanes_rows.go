package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// What goes on between the products of images side by side.

// lanesExpandRow writes a row of a pooling's gradients to the two rows of cells that they belong to, zeros between and at
// both ends, and adds them to the filters' sums.
func lanesExpandRow() {
	a := argument("lanesExpandRow")
	// Fields: dy, arg, out, sums, filters, windows, dy's step from pixel to pixel, arg's, out's, out's from row to row.
	dy, arg, out, sums, filters := a.load(0), a.load(1), a.load(2), a.load(3), a.load(4)
	dyStep, argStep, right, down := a.load(6), a.load(7), a.load(8), a.load(9)
	zero := zeros(1)[0]
	var bits [3]reg.VecVirtual // of each image: right, below, live
	for k := range bits {
		var words []uint32
		for lane := range 8 {
			words = append(words, 1<<(8*k+lane))
		}
		bits[k] = fixed(constant(fmt.Sprintf("bits%d", k), words...))
	}
	Label("filter_expand")
	d, from, to, n := GP64(), GP64(), GP64(), a.load(5)
	MOVQ(dy, d)
	MOVQ(arg, from)
	MOVQ(out, to)
	sum := YMM()
	VMOVUPS(Mem{Base: sums}, sum)
	ends := func() {
		VMOVUPS(zero, Mem{Base: to})
		VMOVUPS(zero, Mem{Base: to, Index: down, Scale: 1})
	}
	ends()
	ADDQ(right, to)
	Label("window_expand")
	v, at := YMM(), YMM()
	VPBROADCASTD(Mem{Base: from}, at)
	var is [3]reg.VecVirtual
	for k := range is {
		is[k] = YMM()
		VPAND(bits[k], at, is[k])
		VPCMPEQD(bits[k], is[k], is[k])
	}
	VANDPS(Mem{Base: d}, is[2], v)
	VADDPS(v, sum, sum)
	above := YMM()
	VANDNPS(v, is[1], above)
	VANDPS(v, is[1], v)
	for column := range 2 {
		for row, d := range []reg.VecVirtual{above, v} {
			if column == 0 {
				m := YMM()
				VANDNPS(d, is[0], m)
				d = m
			} else {
				VANDPS(is[0], d, d)
			}
			cell := Mem{Base: to}
			if row == 1 {
				cell.Index, cell.Scale = down, 1
			}
			VMOVUPS(d, cell)
		}
		ADDQ(right, to)
	}
	ADDQ(dyStep, d)
	ADDQ(argStep, from)
	DECQ(n)
	JNZ(LabelRef("window_expand"))
	ends()
	VMOVUPS(sum, Mem{Base: sums})
	ADDQ(Imm(32), dy)
	ADDQ(Imm(4), arg)
	ADDQ(Imm(32), out)
	ADDQ(Imm(32), sums)
	DECQ(filters)
	JNZ(LabelRef("filter_expand"))
	VZEROUPPER()
	RET()
}

// lanesRegroupRow copies a row of gradients, zeros at both ends, and adds them to the filters' sums.
func lanesRegroupRow() {
	a := argument("lanesRegroupRow")
	// Fields: dy, out, sums, filters, pixels, dy's step from pixel to pixel, out's.
	dy, out, sums, filters, step, right := a.load(0), a.load(1), a.load(2), a.load(3), a.load(5), a.load(6)
	zero := zeros(1)[0]
	Label("filter_regroup")
	d, to, n := GP64(), GP64(), a.load(4)
	MOVQ(dy, d)
	MOVQ(out, to)
	sum := YMM()
	VMOVUPS(Mem{Base: sums}, sum)
	VMOVUPS(zero, Mem{Base: to})
	Label("pixel_regroup")
	ADDQ(right, to)
	v := YMM()
	VMOVUPS(Mem{Base: d}, v)
	VMOVUPS(v, Mem{Base: to})
	VADDPS(v, sum, sum)
	ADDQ(step, d)
	DECQ(n)
	JNZ(LabelRef("pixel_regroup"))
	VMOVUPS(zero, Mem{Base: to, Index: right, Scale: 1})
	VMOVUPS(sum, Mem{Base: sums})
	ADDQ(Imm(32), dy)
	ADDQ(Imm(32), out)
	ADDQ(Imm(32), sums)
	DECQ(filters)
	JNZ(LabelRef("filter_regroup"))
	VZEROUPPER()
	RET()
}

// lanesSum adds the lanes of vectors, eight at a time.
func lanesSum() {
	TEXT("lanesSum", NOSPLIT, "func(dst, src *float32, n int)")
	Pragma("noescape")
	dst, src, n := Load(Param("dst"), GP64()), Load(Param("src"), GP64()), Load(Param("n"), GP64())
	Label("loop_sum")
	v := make([]reg.VecVirtual, 8)
	for i := range v {
		v[i] = YMM()
		VMOVUPS(Mem{Base: src, Disp: 32 * i}, v[i])
	}
	for len(v) > 2 {
		next := make([]reg.VecVirtual, len(v)/2)
		for i := range next {
			next[i] = YMM()
			VHADDPS(v[2*i+1], v[2*i], next[i])
		}
		v = next
	}
	lo, hi := YMM(), YMM()
	VPERM2F128(Imm(0x20), v[1], v[0], lo)
	VPERM2F128(Imm(0x31), v[1], v[0], hi)
	VADDPS(hi, lo, lo)
	VMOVUPS(lo, Mem{Base: dst})
	ADDQ(Imm(32), dst)
	ADDQ(U32(256), src)
	SUBQ(Imm(8), n)
	JNZ(LabelRef("loop_sum"))
	VZEROUPPER()
	RET()
}

// lanesStore writes eight values of each of eight images a round, from lanes to the images' own rows.
func lanesStore() {
	TEXT("lanesStore", NOSPLIT, "func(dst, src *float32, n, ld int)")
	Pragma("noescape")
	dst, src, n, ld := Load(Param("dst"), GP64()), Load(Param("src"), GP64()), Load(Param("n"), GP64()), Load(Param("ld"), GP64())
	ld3, ld5, ld7 := GP64(), GP64(), GP64()
	LEAQ(Mem{Base: ld, Index: ld, Scale: 2}, ld3)
	LEAQ(Mem{Base: ld, Index: ld, Scale: 4}, ld5)
	LEAQ(Mem{Base: ld3, Index: ld, Scale: 4}, ld7)
	rows := []Mem{{Base: dst}, {Base: dst, Index: ld, Scale: 1}, {Base: dst, Index: ld, Scale: 2}, {Base: dst, Index: ld3, Scale: 1},
		{Base: dst, Index: ld, Scale: 4}, {Base: dst, Index: ld5, Scale: 1}, {Base: dst, Index: ld3, Scale: 2}, {Base: dst, Index: ld7, Scale: 1}}
	Label("loop_store")
	// Halves of rows i and i+4 meet in one vector; then pairs of values are sorted within halves.
	var v [8]reg.VecVirtual
	for i := range 4 {
		for half := range 2 {
			r := YMM()
			VMOVUPS(Mem{Base: src, Disp: 32*i + 16*half}, r.AsX())
			VINSERTF128(Imm(1), Mem{Base: src, Disp: 32*(i+4) + 16*half}, r, r)
			v[4*half+i] = r
		}
	}
	for half := range 2 {
		r := v[4*half : 4*half+4]
		a, b, c, d := YMM(), YMM(), YMM(), YMM()
		VUNPCKLPS(r[1], r[0], a)
		VUNPCKHPS(r[1], r[0], b)
		VUNPCKLPS(r[3], r[2], c)
		VUNPCKHPS(r[3], r[2], d)
		for k, pair := range [][2]reg.VecVirtual{{a, c}, {b, d}} {
			lo, hi := YMM(), YMM()
			VSHUFPS(Imm(0x44), pair[1], pair[0], lo)
			VSHUFPS(Imm(0xee), pair[1], pair[0], hi)
			VMOVUPS(lo, rows[4*half+2*k])
			VMOVUPS(hi, rows[4*half+2*k+1])
		}
	}
	ADDQ(Imm(32), dst)
	ADDQ(U32(256), src)
	SUBQ(Imm(8), n)
	JNZ(LabelRef("loop_store"))
	VZEROUPPER()
	RET()
}
