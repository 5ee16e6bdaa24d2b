package augment

import (
	"unsafe"

	"golang.org/x/sys/cpu"
)

//go:generate sh -c "cd gen && go run . -pkg augment -out ../kernels_amd64.s -stubs ../kernels_amd64.go"

// vectors says that the processor runs the assembly; it gives the same bits as Go.
var vectors = cpu.X86.HasAVX2

// bilinearSIMD does the work of bilinear, if it can.
func bilinearSIMD(dst, src []float32, s *span) bool {
	if !vectors || s.c != 1 && s.c != 3 || len(dst) == 0 {
		return false
	}
	if s.c == 1 {
		bilinear1AVX2(&dst[0], &src[0], len(dst), (*byte)(unsafe.Pointer(s)))
	} else {
		bilinear3AVX2(&dst[0], &src[0], len(dst)/3, (*byte)(unsafe.Pointer(s)))
	}
	return true
}

// The functions below do as much of the work as fits whole vectors, and return how many values that was.

func extentSIMD(x []float32) (lo, hi float32, n int) {
	if n = len(x) &^ 7; n == 0 || !vectors {
		return 0, 0, 0
	}
	var bounds [16]float32
	for i := range bounds {
		bounds[i] = x[0]
	}
	extentAVX2(&x[0], n, &bounds)
	lo, hi = bounds[0], bounds[8]
	for i := range 8 {
		lo, hi = min(lo, bounds[i]), max(hi, bounds[8+i])
	}
	return lo, hi, n
}

func shiftSIMD(x []float32, by, lo, hi float32) int {
	n := len(x) &^ 7
	if n == 0 || !vectors {
		return 0
	}
	shiftAVX2(&x[0], n, by, lo, hi)
	return n
}

func brightenSIMD(x []float32, factor, most float32) int {
	n := len(x) &^ 7
	if n == 0 || !vectors {
		return 0
	}
	brightenAVX2(&x[0], n, factor, most)
	return n
}
