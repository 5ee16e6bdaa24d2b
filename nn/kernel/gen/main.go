// Command gen writes the assembly of package kernel; go generate in that package runs it.
//
// It is a module of its own, so that the generator's dependencies are none of the program's.
package main

import (
	"flag"
	"fmt"
	"log"
	"maps"
	"slices"
	"strings"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// isa describes one instruction set's micro-kernel: at most rows x (2 * lanes) accumulators.
type isa struct {
	name  string
	rows  int // most rows of a tile
	lanes int // float32s of a register
	vec   func() reg.VecVirtual
	mask  bool // opmasks, or masks in vector registers
}

var sets = []isa{
	{name: "AVX512", rows: 14, lanes: 16, vec: ZMM, mask: true},
	{name: "AVX2", rows: 6, lanes: 8, vec: YMM},
}

// families are the files that the generator writes, one a run: avo keeps one file at a time.
var families = map[string]func(){
	"gemm":        gemmKernels,
	"elementwise": elementwise,
	"winograd":    winogradKernels,
}

// main writes the family that its argument names.
func main() {
	list := flag.Bool("list", false, "print the families' names")
	flag.Parse()
	names := slices.Sorted(maps.Keys(families))
	if *list {
		fmt.Println(strings.Join(names, "\n"))
		return
	}
	family, ok := families[flag.Arg(0)]
	if !ok {
		log.Fatalf("found family %q; needs one of %v", flag.Arg(0), names)
	}
	ConstraintExpr("amd64")
	family()
	Generate()
}

func gemmKernels() {
	for _, s := range sets {
		for m := 1; m <= s.rows; m++ {
			gemm(s, m)
		}
		peak(s)
	}
}

// offsets of the fields of tile, the kernels' only argument.
const (
	offA, offB, offC    = 0, 8, 16
	offRS, offKS        = 24, 32 // bytes between rows of A, and between its k
	offBS, offLDC, offK = 40, 48, 56
	offMask             = 64 // opmasks of the columns of the two halves; AVX2 takes whole tiles only
	offZero             = 72 // 1: C is 0 at first
)

// gemm writes the kernel of m rows: C[m, 2*lanes] (+)= A[m, k] B[k, 2*lanes]. Each element is one chain of fused
// multiply-adds in ascending k that begins with C, so that tiles and vectors of any size give the same bits.
func gemm(s isa, m int) {
	TEXT(fmt.Sprintf("gemm%s_%d", s.name, m), NOSPLIT, "func(t *byte)")
	Pragma("noescape")
	t := Load(Param("t"), GP64())
	at := func(off int) Mem { return Mem{Base: t, Disp: off} }
	load := func(off int) reg.GPVirtual { r := GP64(); MOVQ(at(off), r); return r }
	a, b, c := load(offA), load(offB), load(offC)
	rs, ks, bs, ldc, k := load(offRS), load(offKS), load(offBS), load(offLDC), load(offK)
	zero := load(offZero)

	var k1, k2 reg.Register
	if s.mask {
		m1, m2 := K(), K()
		KMOVW(at(offMask), m1)
		KMOVW(at(offMask+2), m2)
		k1, k2 = m1, m2
	}
	width := 4 * s.lanes
	loadRow := func(src Mem, lo, hi reg.VecVirtual) {
		second := src
		second.Disp += width
		if s.mask {
			VMOVUPS_Z(src, k1, lo)
			VMOVUPS_Z(second, k2, hi)
		} else {
			VMOVUPS(src, lo)
			VMOVUPS(second, hi)
		}
	}
	storeRow := func(lo, hi reg.VecVirtual, dst Mem) {
		second := dst
		second.Disp += width
		if s.mask {
			VMOVUPS(lo, k1, dst)
			VMOVUPS(hi, k2, second)
		} else {
			VMOVUPS(lo, dst)
			VMOVUPS(hi, second)
		}
	}

	acc := make([][2]reg.VecVirtual, m)
	for i := range acc {
		acc[i] = [2]reg.VecVirtual{s.vec(), s.vec()}
	}
	id := fmt.Sprintf("%s%d", s.name, m)
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
			if s.mask {
				VPXORD(v, v, v)
			} else {
				VXORPS(v, v, v)
			}
		}
	}
	Label("start" + id)
	TESTQ(k, k)
	JZ(LabelRef("store" + id))

	// Odd multiples of the row stride reach every row with a scale of 1, 2, 4 or 8.
	multiple := map[int]reg.GPVirtual{1: rs}
	for o := 3; o < m; o += 2 {
		r := GP64()
		if o == 3 {
			LEAQ(Mem{Base: rs, Index: rs, Scale: 2}, r)
		} else {
			LEAQ(Mem{Base: multiple[o-2], Index: rs, Scale: 2}, r)
		}
		multiple[o] = r
	}
	element := func(i int) Mem {
		if i == 0 {
			return Mem{Base: a}
		}
		scale := 1
		for i%2 == 0 {
			i /= 2
			scale *= 2
		}
		return Mem{Base: a, Index: multiple[i], Scale: uint8(scale)}
	}
	lo, hi, x := s.vec(), s.vec(), s.vec()
	Label("loop" + id)
	loadRow(Mem{Base: b}, lo, hi)
	ADDQ(bs, b)
	for i := range acc {
		VBROADCASTSS(element(i), x)
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
