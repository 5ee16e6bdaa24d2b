package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

func gemmKernels() {
	for _, s := range sets {
		if s.mask {
			for m := 1; m <= s.rows; m++ {
				gemmAVX512(m)
			}
		} else {
			gemmAVX2(s.rows)
			packers()
		}
		peak(s)
	}
}

// offsets of the fields of tile, the kernels' only argument.
const (
	offA, offB, offC    = 0, 8, 16
	offRS, offKS        = 24, 32 // bytes between rows of A, and between its k
	offBS, offLDC, offK = 40, 48, 56
	offMask             = 64 // opmasks of the columns of the two halves
	offZero             = 72 // 1: C is 0 at first
)

// gemmAVX512 writes the kernel of m rows: C[m, 32] (+)= A[m, k] B[k, 32]. Each element is one chain of fused
// multiply-adds in ascending k that begins with C, so that tiles and vectors of any size give the same bits.
func gemmAVX512(m int) {
	TEXT(fmt.Sprintf("gemmAVX512_%d", m), NOSPLIT, "func(t *byte)")
	Pragma("noescape")
	t := Load(Param("t"), GP64())
	at := func(off int) Mem { return Mem{Base: t, Disp: off} }
	load := func(off int) reg.GPVirtual { r := GP64(); MOVQ(at(off), r); return r }
	a, b, c := load(offA), load(offB), load(offC)
	rs, ks, bs, ldc, k := load(offRS), load(offKS), load(offBS), load(offLDC), load(offK)
	zero := load(offZero)

	k1, k2 := K(), K()
	KMOVW(at(offMask), k1)
	KMOVW(at(offMask+2), k2)
	loadRow := func(src Mem, lo, hi reg.VecVirtual) {
		second := src
		second.Disp += 64
		VMOVUPS_Z(src, k1, lo)
		VMOVUPS_Z(second, k2, hi)
	}
	storeRow := func(lo, hi reg.VecVirtual, dst Mem) {
		second := dst
		second.Disp += 64
		VMOVUPS(lo, k1, dst)
		VMOVUPS(hi, k2, second)
	}

	acc := make([][2]reg.VecVirtual, m)
	for i := range acc {
		acc[i] = [2]reg.VecVirtual{ZMM(), ZMM()}
	}
	id := fmt.Sprintf("AVX512%d", m)
	TESTQ(zero, zero)
	JNZ(LabelRef("zero" + id))
	row := GP64()
	MOVQ(c, row)
	for i := range acc {
		loadRow(Mem{Base: row}, acc[i][0], acc[i][1])
		if i < m-1 {
			ADDQ(ldc, row)
		}
	}
	JMP(LabelRef("start" + id))
	Label("zero" + id)
	for i := range acc {
		for _, v := range acc[i] {
			VPXORD(v, v, v)
		}
	}
	Label("start" + id)
	TESTQ(k, k)
	JZ(LabelRef("store" + id))

	rowOf := rowsOf(rs, m)
	lo, hi, x := ZMM(), ZMM(), ZMM()
	Label("loop" + id)
	loadRow(Mem{Base: b}, lo, hi)
	ADDQ(bs, b)
	for i := range acc {
		VBROADCASTSS(rowOf(a, i), x)
		VFMADD231PS(lo, x, acc[i][0])
		VFMADD231PS(hi, x, acc[i][1])
	}
	ADDQ(ks, a)
	DECQ(k)
	JNZ(LabelRef("loop" + id))

	Label("store" + id)
	for i := range acc {
		storeRow(acc[i][0], acc[i][1], Mem{Base: c})
		if i < m-1 {
			ADDQ(ldc, c)
		}
	}
	VZEROUPPER()
	RET()
}

// rowsOf says where row i of at most m is, whose stride is in rs: odd multiples of it reach every row with a scale of 1,
// 2, 4 or 8.
func rowsOf(rs reg.GPVirtual, m int) func(base reg.Register, i int) Mem {
	multiple := map[int]reg.GPVirtual{1: rs}
	for o := 3; o < m; o += 2 {
		multiple[o] = GP64()
		LEAQ(Mem{Base: multiple[o-2], Index: rs, Scale: 2}, multiple[o])
	}
	return func(base reg.Register, i int) Mem {
		if i == 0 {
			return Mem{Base: base}
		}
		scale := 1
		for i%2 == 0 {
			i /= 2
			scale *= 2
		}
		return Mem{Base: base, Index: multiple[i], Scale: uint8(scale)}
	}
}

// peak writes a loop of independent fused multiply-adds: the most that a core can do.
func peak(s isa) {
	TEXT("peak"+s.name, NOSPLIT, "func(n int)")
	Doc(fmt.Sprintf("peak%s runs n rounds of %d independent fused multiply-adds of %d lanes.", s.name, peakChains, s.lanes))
	n := Load(Param("n"), GP64())
	acc := make([]reg.VecVirtual, peakChains)
	for i := range acc {
		acc[i] = s.vec()
		if s.mask {
			VPXORD(acc[i], acc[i], acc[i])
		} else {
			VXORPS(acc[i], acc[i], acc[i])
		}
	}
	Label("peak" + s.name)
	for i := range acc {
		VFMADD231PS(acc[i], acc[i], acc[i])
	}
	DECQ(n)
	JNZ(LabelRef("peak" + s.name))
	VZEROUPPER()
	RET()
}

const peakChains = 12
