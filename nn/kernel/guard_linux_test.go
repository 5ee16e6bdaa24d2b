package kernel

import (
	"fmt"
	"math/rand/v2"
	"runtime/debug"
	"testing"
	"unsafe"

	"golang.org/x/sys/unix"
)

// fenced are values between two pages that may not be touched.
type fenced struct {
	page []byte // the pages between
	size int    // of a page
}

func fence(t *testing.T, values int) *fenced {
	size := unix.Getpagesize()
	inner := (4*values + size - 1) / size * size
	all, err := unix.Mmap(-1, 0, inner+2*size, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_ANON|unix.MAP_PRIVATE)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { unix.Munmap(all) })
	for _, guard := range [][]byte{all[:size], all[size+inner:]} {
		if err := unix.Mprotect(guard, unix.PROT_NONE); err != nil {
			t.Fatal(err)
		}
	}
	return &fenced{all[size : size+inner], size}
}

// put copies x to the end or to the start of the pages.
func (f *fenced) put(x []float32, end bool) []float32 {
	page := unsafe.Slice((*float32)(unsafe.Pointer(&f.page[0])), len(f.page)/4)
	if end {
		page = page[len(page)-len(x):]
	}
	copy(page, x)
	return page[:len(x):len(x)]
}

// trespass runs f and returns the fault that it ends with, if it does.
func trespass(f func()) (fault any) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() { fault = recover() }()
	f()
	return nil
}

// TestFences: the fences notice a value read or written on either side.
func TestFences(t *testing.T) {
	f := fence(t, 100)
	for _, end := range []bool{false, true} {
		x := f.put(make([]float32, 100), end)
		at := -1
		if end {
			at = len(x)
		}
		p := (*float32)(unsafe.Add(unsafe.Pointer(&x[0]), 4*at))
		if trespass(func() { x[0] = *p }) == nil {
			t.Errorf("a value read beside the page, at the end %v, went unnoticed", end)
		}
		if trespass(func() { *p = 1 }) == nil {
			t.Errorf("a value written beside the page, at the end %v, went unnoticed", end)
		}
	}
}

// TestProductsStayInside: no product reads or writes beside its operands, be they at the end of a page or at its start.
func TestProductsStayInside(t *testing.T) {
	everySet(t, func(t *testing.T) {
		r := rand.New(rand.NewPCG(31, 32))
		fa, fb, fc := fence(t, 1200*80), fence(t, 1200*80), fence(t, 80*80)
		for range 250 {
			m, n, k := 1+r.IntN(70), 1+r.IntN(70), 1+r.IntN(50)
			if r.IntN(10) == 0 {
				k += 550 + 550*r.IntN(2) // more than a block, or than one that is whole
			}
			x, beta := drawn(r, m, n, k, random)
			if r.IntN(2) == 0 {
				x.alpha = 1
			}
			want := x.chain(beta)
			end := r.IntN(2) == 1
			a, b, c := fa.put(x.a, end), fb.put(x.b, end), fc.put(x.c, end)
			what := fmt.Sprintf("%dx%dx%d transposed %v %v, distances %d %d %d, alpha %v, beta %v, at the end %v", m, n, k, x.ta, x.tb, x.lda, x.ldb, x.ldc, x.alpha, beta, end)
			if fault := trespass(func() {
				if !Chained() {
					Gemm(Trans(x.ta), Trans(x.tb), m, n, k, a, x.lda, b, x.ldb, beta, c, x.ldc)
					return
				}
				sgemm(active, x.ta, x.tb, m, n, k, x.alpha, a, x.lda, b, x.ldb, beta, c, x.ldc)
			}); fault != nil {
				t.Fatalf("%s: %v", what, fault)
			}
			if i := different(c, want); Chained() && i >= 0 {
				t.Fatalf("%s: element %d is %v, want %v", what, i, c[i], want[i])
			}
		}
	})
}

// TestVectorsStayInside: the functions with vector kernels read and write nothing beside their operands.
func TestVectorsStayInside(t *testing.T) {
	everySet(t, func(t *testing.T) {
		r := rand.New(rand.NewPCG(33, 34))
		fences := [4]*fenced{}
		for i := range fences {
			fences[i] = fence(t, 200)
		}
		for n := range 140 {
			for name, f := range twins(n) {
				for _, end := range []bool{false, true} {
					var x [4][]float32
					for i := range x {
						x[i] = fences[i].put(random(r, n), end)
					}
					scaled(x[3], 0) // squares
					if fault := trespass(func() { f(x[0], x[1], x[2], x[3]) }); fault != nil {
						t.Fatalf("%s of %d values, at the end %v: %v", name, n, end, fault)
					}
				}
			}
		}
	})
}
