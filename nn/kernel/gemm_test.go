package kernel

import (
	"fmt"
	"math"
	"math/big"
	"math/rand/v2"
	"testing"
	"time"
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
func TestGemm(t *testing.T) { everySet(t, testGemm) }

func testGemm(t *testing.T) {
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

// TestFMA compares the emulation with a sum worked out exactly.
func TestFMA(t *testing.T) {
	r := rand.New(rand.NewPCG(9, 10))
	exact := func(a, b, c float32) float32 {
		x := new(big.Float).SetPrec(400).SetFloat64(float64(a))
		x.Mul(x, new(big.Float).SetPrec(400).SetFloat64(float64(b)))
		f, _ := x.Add(x, new(big.Float).SetPrec(400).SetFloat64(float64(c))).Float32()
		return f
	}
	for i := range 400000 {
		a, b, c := math.Float32frombits(r.Uint32()), math.Float32frombits(r.Uint32()), math.Float32frombits(r.Uint32())
		switch i % 4 {
		case 0: // near each other, so that the sum rounds
			a, b, c = float32(r.NormFloat64()), float32(r.NormFloat64()), float32(r.NormFloat64())
		case 1: // halfway cases: c is a half unit in the last place of the product
			a, b = 1+float32(r.IntN(1<<12))/(1<<12), 1+float32(r.IntN(1<<12))/(1<<12)
			c = float32(math.Ldexp(1, -24-r.IntN(30)))
		case 2: // results among the subnormals
			a, b, c = float32(math.Ldexp(r.Float64(), -70)), float32(math.Ldexp(r.Float64(), -70)), float32(math.Ldexp(r.NormFloat64(), -140))
		}
		if a-a != 0 || b-b != 0 || c-c != 0 {
			continue
		}
		if got, want := fma(a, b, c), exact(a, b, c); got != want {
			t.Fatalf("fma(%v, %v, %v) is %v, want %v", a, b, c, got, want)
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

// BenchmarkGemm reports the rate at the shapes that the engine meets, on one core.
func BenchmarkGemm(b *testing.B) {
	r := rand.New(rand.NewPCG(5, 6))
	peak := Peak(200 * time.Millisecond)
	for _, s := range []struct {
		m, n, k int
		ta      Trans
	}{{64, 400, 288, NoTrans}, {32, 484, 27, NoTrans}, {12800, 64, 288, NoTrans}, {15488, 32, 27, NoTrans}, {288, 64, 12800, T}, {12800, 288, 64, NoTrans},
		{32, 128, 6400, NoTrans}, {512, 512, 512, NoTrans}, {1024, 1024, 1024, NoTrans}} {
		b.Run(fmt.Sprintf("%dx%dx%d", s.m, s.n, s.k), func(b *testing.B) {
			x, y, z := random(r, s.m*s.k), random(r, s.k*s.n), make([]float32, s.m*s.n)
			lda := s.k
			if s.ta {
				lda = s.m
			}
			for b.Loop() {
				Gemm(s.ta, NoTrans, s.m, s.n, s.k, x, lda, y, s.n, 0, z, s.n)
			}
			rate := 2 * float64(s.m*s.n*s.k) * float64(b.N) / b.Elapsed().Seconds() / 1e9
			b.ReportMetric(rate, "GFLOPS")
			if peak > 0 {
				b.ReportMetric(100*rate/peak, "%peak")
			}
		})
	}
}
