package nn

import (
	"math"
	"math/rand/v2"
	"testing"

	"cnnbench/nn/kernel"
)

// TestWorkersGemm: several workers compute the product of one, to the bit.
func TestWorkersGemm(t *testing.T) {
	if !kernel.Chained() {
		t.Skipf("the sums of %s depend on the shape of a product", kernel.ISA())
	}
	r := rand.New(rand.NewPCG(41, 42))
	random := func(n int) []float32 {
		x := make([]float32, n)
		for i := range x {
			x[i] = float32(r.NormFloat64())
		}
		return x
	}
	workers := NewWorkers(3)
	defer workers.Close()
	one := NewWorkers(1)
	defer one.Close()
	for range 60 {
		m, n, k := 1+r.IntN(300), 1+r.IntN(300), 1+r.IntN(20)
		lda, ldb := max(m, k), max(n, k)
		a, b, c := random(lda*lda), random(ldb*ldb), random(m*n)
		ta, tb := kernel.Trans(r.IntN(2) == 1), kernel.Trans(r.IntN(2) == 1)
		want := append([]float32{}, c...)
		one.Gemm(ta, tb, m, n, k, a, lda, b, ldb, 1, want, n)
		workers.Gemm(ta, tb, m, n, k, a, lda, b, ldb, 1, c, n)
		for i := range c {
			if math.Float32bits(c[i]) != math.Float32bits(want[i]) {
				t.Fatalf("%dx%dx%d transposed %v %v: element %d is %v, want %v", m, n, k, ta, tb, i, c[i], want[i])
			}
		}
	}
}
