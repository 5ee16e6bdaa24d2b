package kernel

import (
	"math"
	"math/rand/v2"
	"testing"
)

func random(r *rand.Rand, n int) []float32 {
	x := make([]float32, n)
	for i := range x {
		x[i] = float32(r.NormFloat64())
	}
	return x
}

// TestGemm compares products of all shapes, strides and transpositions with a sum in float64, and checks that nothing
// outside C is written.
func TestGemm(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 300 {
		m, n, k := 1+r.IntN(150), 1+r.IntN(230), 1+r.IntN(90)
		ta, tb, beta := Trans(r.IntN(2) == 1), Trans(r.IntN(2) == 1), float32(r.IntN(2))
		rows := func(t Trans, a, b int) (int, int) {
			if t {
				return b, a
			}
			return a, b
		}
		ar, ac := rows(ta, m, k)
		br, bc := rows(tb, k, n)
		lda, ldb, ldc := ac+r.IntN(5), bc+r.IntN(5), n+r.IntN(5)
		a, b, c := random(r, ar*lda), random(r, br*ldb), random(r, m*ldc)
		before := append([]float32{}, c...)
		Gemm(ta, tb, m, n, k, a, lda, b, ldb, beta, c, ldc)
		for i := range m {
			for j := range ldc {
				if j >= n {
					if c[i*ldc+j] != before[i*ldc+j] {
						t.Fatalf("%dx%dx%d: element (%d, %d) beside C was written", m, n, k, i, j)
					}
					continue
				}
				want, size := float64(beta*before[i*ldc+j]), 1.0
				for l := range k {
					x, y := a[min(i*lda+l, len(a)-1)], b[min(l*ldb+j, len(b)-1)]
					if ta {
						x = a[l*lda+i]
					}
					if tb {
						y = b[j*ldb+l]
					}
					want += float64(x) * float64(y)
					size += math.Abs(float64(x) * float64(y))
				}
				if math.Abs(float64(c[i*ldc+j])-want) > 1e-6*size {
					t.Fatalf("%dx%dx%d transposed %v %v beta %v: element (%d, %d) is %v, want %v", m, n, k, ta, tb, beta, i, j, c[i*ldc+j], want)
				}
			}
		}
	}
}

// TestGemmStaysInItsGoroutine: BLAS must not start goroutines or allocate, the threads are the caller's.
func TestGemmStaysInItsGoroutine(t *testing.T) {
	a, b, c := make([]float32, 512*512), make([]float32, 512*512), make([]float32, 512*512)
	for _, s := range [][3]int{{512, 512, 8}, {64, 512, 100}, {512, 30, 64}, {193, 193, 64}} {
		for _, ta := range []Trans{NoTrans, T} {
			if n := testing.AllocsPerRun(2, func() { Gemm(ta, NoTrans, s[0], s[1], s[2], a, 512, b, 512, 0, c, 512) }); n != 0 {
				t.Errorf("%v transposed %v: %v allocations", s, ta, n)
			}
		}
	}
}

func BenchmarkGemm(b *testing.B) {
	r := rand.New(rand.NewPCG(5, 6))
	x, y, z := random(r, 64*288), random(r, 288*64), make([]float32, 64*64)
	for b.Loop() {
		Gemm(NoTrans, NoTrans, 64, 64, 288, x, 288, y, 64, 0, z, 64)
	}
	b.ReportMetric(2*64*64*288*float64(b.N)/b.Elapsed().Seconds()/1e9, "GFLOPS")
}
