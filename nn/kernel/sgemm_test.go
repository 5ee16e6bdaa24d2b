package kernel

import (
	"math"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas32"
)

// drawn is a product of random operands, with distances between rows of up to 3 more than needed, and what C was.
func drawn(r *rand.Rand, m, n, k int, values func(*rand.Rand, int) []float32) (x product, beta float32) {
	x = product{ta: r.IntN(2) == 1, tb: r.IntN(2) == 1, m: m, n: n, k: k, alpha: []float32{1, 1, 1, -.3}[r.IntN(4)]}
	rows, cols := m, k
	if x.ta {
		rows, cols = k, m
	}
	x.lda = max(cols, 1) + r.IntN(4)
	x.a = values(r, max(rows-1, 0)*x.lda+cols)
	if rows, cols = k, n; x.tb {
		rows, cols = n, k
	}
	x.ldb = max(cols, 1) + r.IntN(4)
	x.b = values(r, max(rows-1, 0)*x.ldb+cols)
	x.ldc = n + r.IntN(4)
	x.c = values(r, (m-1)*x.ldc+n)
	return x, []float32{0, 1, 1, .7}[r.IntN(4)]
}

// chain is the product as it is defined: each element one chain of fused multiply-adds, B scaled before.
func (x *product) chain(beta float32) []float32 {
	c := append([]float32{}, x.c...)
	for i := range x.m {
		for j := range x.n {
			sum := float32(0)
			if beta != 0 {
				sum = beta * c[i*x.ldc+j]
			}
			for l := range x.k {
				if x.alpha == 0 {
					break
				}
				a, b := i*x.lda+l, l*x.ldb+j
				if x.ta {
					a = l*x.lda + i
				}
				if x.tb {
					b = j*x.ldb + l
				}
				sum = fma(x.a[a], float32(x.alpha*x.b[b]), sum)
			}
			c[i*x.ldc+j] = sum
		}
	}
	return c
}

func (x *product) compute(s *isa, beta float32) []float32 {
	c := append([]float32{}, x.c...)
	sgemm(s, x.ta, x.tb, x.m, x.n, x.k, x.alpha, x.a, x.lda, x.b, x.ldb, beta, c, x.ldc)
	return c
}

// different is the first element of which the bits differ, or -1; one NaN is as good as another.
func different(got, want []float32) int {
	for i := range got {
		if math.Float32bits(got[i]) != math.Float32bits(want[i]) && (got[i] == got[i] || want[i] == want[i]) {
			return i
		}
	}
	return -1
}

// TestSameBitsOnAnyProcessor: every kernel set gives the bits of the chains, for any shape, stride and transposition,
// and whatever alpha and beta are; what lies between C's rows stays.
func TestSameBitsOnAnyProcessor(t *testing.T) {
	sets := chained(t)
	r := rand.New(rand.NewPCG(7, 8))
	for range 150 {
		m, n, k := 1+r.IntN(60), 1+r.IntN(70), r.IntN(40)
		if r.IntN(10) == 0 {
			k += 500 + 550*r.IntN(2) // more than a block, or than one that is whole
		}
		x, beta := drawn(r, m, n, k, random)
		want := x.chain(beta)
		for _, s := range sets {
			got := x.compute(s, beta)
			if i := different(got, want); i >= 0 {
				t.Fatalf("%s: %dx%dx%d transposed %v %v: element %d is %v, want %v", s.name, m, n, k, x.ta, x.tb, i, got[i], want[i])
			}
		}
	}
}

// TestNoBitDependsOnBlocks: products cut into blocks of all kinds, with operands packed and not, as they are and turned,
// have the same bits.
func TestNoBitDependsOnBlocks(t *testing.T) {
	sets := chained(t)
	r := rand.New(rand.NewPCG(17, 18))
	for range 200 {
		m, n, k := 1+r.IntN(100), 1+r.IntN(100), 1+r.IntN(60)
		x, _ := drawn(r, m, n, k, random)
		x.zero = r.IntN(2) == 1
		beta := float32(1)
		if x.zero {
			beta = 0
		}
		want := x.chain(beta)
		for _, s := range sets {
			bl := blocking{k: 1 + r.IntN(70), rows: 1 + r.IntN(110), cols: 1 + r.IntN(110), packA: r.IntN(2) == 1, packB: r.IntN(2) == 1}
			y := x
			y.c = append([]float32{}, x.c...)
			w := borrow()
			w.multiply(s, &y, bl)
			if i := different(y.c, want); i >= 0 {
				t.Fatalf("%s: %dx%dx%d transposed %v %v in blocks %+v: element %d is %v, want %v", s.name, m, n, k, x.ta, x.tb, bl, i, y.c[i], want[i])
			}
			if x.ta && !x.mustPack() {
				y.c = append([]float32{}, x.c...)
				w.turned(s, &y)
				if i := different(y.c, want); i >= 0 {
					t.Fatalf("%s: %dx%dx%d turned: element %d is %v, want %v", s.name, m, n, k, i, y.c[i], want[i])
				}
			}
			w.giveBack()
		}
	}
}

// TestCrowdedProducts: where B's rows are a power of 2 apart, so that panels are packed many at a time, and where k is one
// block though it is long, the bits are the chains' too.
func TestCrowdedProducts(t *testing.T) {
	sets := chained(t)
	r := rand.New(rand.NewPCG(37, 38))
	for _, d := range []struct{ m, n, k, ldb int }{{13, 1000, 70, 1024}, {50, 1024, 66, 1024}, {25, 1100, 65, 1536}, {19, 250, 600, 512}, {97, 40, 1024, 512}, {30, 200, 1025, 1024}} {
		x, beta := drawn(r, d.m, d.n, d.k, random)
		x.ta, x.tb, x.lda, x.ldb, x.alpha = false, false, d.k, d.ldb, 1
		x.a, x.b = random(r, d.m*d.k), random(r, (d.k-1)*d.ldb+d.n)
		want := x.chain(beta)
		for _, s := range sets {
			if i := different(x.compute(s, beta), want); i >= 0 {
				t.Errorf("%s: %+v: element %d differs", s.name, d, i)
			}
		}
	}
}

// TestSgemmOfOddValues: zeros of either sign, infinities, values that are no numbers, subnormal and huge ones are treated
// as by the chains.
func TestSgemmOfOddValues(t *testing.T) {
	sets := chained(t)
	r := rand.New(rand.NewPCG(27, 28))
	rarely := func(r *rand.Rand, n int) []float32 {
		x := random(r, n)
		for i := range x {
			if r.IntN(60) == 0 {
				x[i] = odd[r.IntN(len(odd))]
			}
		}
		return x
	}
	finite, not := 0, 0
	for range 200 {
		m, n, k := 1+r.IntN(40), 1+r.IntN(40), 1+r.IntN(30)
		x, beta := drawn(r, m, n, k, rarely)
		want := x.chain(beta)
		for _, v := range want {
			if v-v == 0 {
				finite++
			} else {
				not++
			}
		}
		for _, s := range sets {
			got := x.compute(s, beta)
			if i := different(got, want); i >= 0 {
				t.Fatalf("%s: %dx%dx%d transposed %v %v alpha %v beta %v: element %d is %v, want %v", s.name, m, n, k, x.ta, x.tb, x.alpha, beta, i, got[i], want[i])
			}
		}
	}
	if finite < 1000 || not < 1000 {
		t.Errorf("%d finite values, %d others: the test needs both", finite, not)
	}
}

// TestSgemmReadsOnlyWhatCounts: with beta 0, C is not read; with alpha 0 or no terms, A and B are not.
func TestSgemmReadsOnlyWhatCounts(t *testing.T) {
	everySet(t, func(t *testing.T) {
		if !Chained() {
			t.Skip("stock gonum leaves out terms whose factor is 0 and adds those that alpha 0 makes no number")
		}
		nan := float32(math.NaN())
		of := func(v float32) []float32 {
			x := make([]float32, 20*30)
			for i := range x {
				x[i] = v
			}
			return x
		}
		for _, test := range []struct {
			alpha, beta float32
			k           int
			a, b, c     float32
			want        float32
		}{
			{1, 0, 20, 2, 3, nan, 120},
			{2, 0, 20, 2, 3, nan, 240},
			{0, 2, 20, nan, nan, 3, 6},
			{0, 1, 20, nan, 3, 3, 3},
			{0, 0, 20, nan, nan, nan, 0},
			{1, 2, 0, nan, nan, 3, 6},
			{1, 0, 0, nan, nan, nan, 0},
			{1, 1, 20, 2, 3, nan, nan},
			{1, 1, 20, nan, 3, 1, nan},
			{1, 1, 20, 2, nan, 1, nan},
			{0, 1, 20, 2, 3, nan, nan},
			{1, 1, 20, float32(math.Inf(1)), 3, 1, float32(math.Inf(1))},
			{1, 1, 20, float32(math.Inf(1)), 3, float32(math.Inf(-1)), nan},
			{-1, 1, 20, float32(math.Inf(1)), 3, 1, float32(math.Inf(-1))},
		} {
			for _, tA := range []blas.Transpose{blas.NoTrans, blas.Trans} {
				for _, tB := range []blas.Transpose{blas.NoTrans, blas.Trans} {
					c := of(test.c)
					blas32.Implementation().Sgemm(tA, tB, 20, 20, test.k, test.alpha, of(test.a), 20, of(test.b), 20, test.beta, c, 30)
					for i, got := range c {
						want := test.want
						if i%30 >= 20 {
							want = test.c
						}
						if got != want && (got == got || want == want) {
							t.Fatalf("%+v transposed %c %c: element %d is %v, want %v", test, tA, tB, i, got, want)
						}
					}
				}
			}
		}
	})
}

// FuzzSgemm holds the registered implementation to a sum in float64, and what lies around C to what it was.
func FuzzSgemm(f *testing.F) {
	f.Add(uint64(1), uint8(5), uint8(17), uint8(3), uint8(0), float32(1), float32(0))
	f.Add(uint64(2), uint8(64), uint8(40), uint8(200), uint8(1), float32(1), float32(1))
	f.Add(uint64(3), uint8(100), uint8(9), uint8(70), uint8(2), float32(-2), float32(.5))
	f.Add(uint64(4), uint8(7), uint8(33), uint8(0), uint8(3), float32(0), float32(3))
	f.Fuzz(func(t *testing.T, seed uint64, m, n, k, how uint8, alpha, beta float32) {
		if math.Abs(float64(alpha)) > 1e6 || math.Abs(float64(beta)) > 1e6 || alpha != alpha || beta != beta {
			t.Skip("sums that overflow")
		}
		r := rand.New(rand.NewPCG(seed, 1))
		x, _ := drawn(r, int(m)+1, int(n)+1, int(k), random)
		if int(how&1) == 1 && k > 0 {
			x.k += 512 << (how >> 7) // more than a block, or than one that is whole
			x.a, x.b, x.lda, x.ldb = random(r, (x.m+x.k)*(x.m+x.k)), random(r, (x.n+x.k)*(x.n+x.k)), x.m+x.k, x.n+x.k
		}
		a, b := x.a, x.b
		offA, offB, offC := int(how>>1&3), int(how>>3&3), int(how>>5&3)
		x.a, x.b = append(random(r, offA), a...)[offA:], append(random(r, offB), b...)[offB:]
		before := random(r, offC+len(x.c)+20)
		tA, tB := blas.NoTrans, blas.NoTrans
		if x.ta {
			tA = blas.Trans
		}
		if x.tb {
			tB = blas.ConjTrans
		}
		defer Use("")
		for _, name := range ISAs() {
			Use(name)
			got := append([]float32{}, before...)
			blas32.Implementation().Sgemm(tA, tB, x.m, x.n, x.k, alpha, x.a, x.lda, x.b, x.ldb, beta, got[offC:][:len(x.c)], x.ldc)
			for at := range got {
				i, j := (at-offC)/x.ldc, (at-offC)%x.ldc
				if at < offC || i >= x.m || j >= x.n {
					if got[at] != before[at] {
						t.Fatalf("%s: %d is beside C and was written", name, at)
					}
					continue
				}
				want := float64(beta) * float64(before[at])
				size := math.Abs(want)
				for l := range x.k {
					p, q := i*x.lda+l, l*x.ldb+j
					if x.ta {
						p = l*x.lda + i
					}
					if x.tb {
						q = j*x.ldb + l
					}
					term := float64(alpha) * float64(x.a[p]) * float64(x.b[q])
					want += term
					size += math.Abs(term)
				}
				if bound := float64(x.k+4) * 0x1p-24 * size; math.Abs(float64(got[at])-want) > bound+1e-40 {
					t.Fatalf("%s: %dx%dx%d transposed %v %v alpha %v beta %v: element (%d, %d) is %v, want %v within %v", name, x.m, x.n, x.k, x.ta, x.tb, alpha, beta, i, j, got[at], want, bound)
				}
			}
		}
	})
}

// TestGemmPanels: an operand laid out in panels, from rows or from columns, some at a time, gives the same products.
func TestGemmPanels(t *testing.T) {
	everySet(t, func(t *testing.T) {
		r := rand.New(rand.NewPCG(37, 38))
		for i := range 100 {
			m, n, k := 1+r.IntN(60), 1+r.IntN(80), r.IntN(60)
			if i%10 == 0 {
				k += 550 + 550*r.IntN(2) // more than a block, or than one that is whole
			}
			x, _ := drawn(r, m, n, k, random)
			x.alpha = 1
			panels := random(r, PanelsSize(k, n))
			if x.tb {
				from := r.IntN(k + 1)
				PackT(panels, k, n, x.b, x.ldb, from, k)
				PackT(panels, k, n, x.b, x.ldb, 0, from)
			} else {
				from := r.IntN(n) / PanelWidth() * PanelWidth()
				Pack(panels, k, n, x.b, x.ldb, from, n)
				Pack(panels, k, n, x.b, x.ldb, 0, from)
			}
			add := r.IntN(2) == 1
			beta := float32(0)
			if add {
				beta = 1
			}
			want := x.chain(beta)
			GemmPanels(Trans(x.ta), m, n, k, x.a, x.lda, panels, add, x.c, x.ldc)
			for i, v := range x.c {
				if v != want[i] && (Chained() || math.Abs(float64(v-want[i])) > 1e-3) {
					t.Fatalf("%dx%dx%d transposed %v %v add %v: element %d is %v, want %v", m, n, k, x.ta, x.tb, add, i, v, want[i])
				}
			}
		}
	})
}
