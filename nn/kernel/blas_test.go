package kernel

import (
	"fmt"
	"math"
	"testing"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas32"
	"gonum.org/v1/gonum/blas/gonum"
	"gonum.org/v1/gonum/blas/testblas"
)

// doubled lets gonum's tests for float64 run on the registered implementation for float32: it holds each result to
// gonum's own in float64, which it then gives back.
type doubled struct{ t *testing.T }

func single(x []float64) []float32 {
	y := make([]float32, len(x))
	for i := range x {
		y[i] = float32(x[i])
	}
	return y
}

// same checks that an operand was left alone, near that a result agrees, the rounding of values of that size allowed for.
func (d doubled) same(what string, got []float32, want []float64) {
	for i := range got {
		if got[i] != float32(want[i]) && want[i] == want[i] {
			d.t.Errorf("%s: element %d was changed from %v to %v", what, i, want[i], got[i])
		}
	}
}

func (d doubled) near(what string, got []float32, want []float64) {
	size := 1.0
	for _, w := range want {
		if math.Abs(w) > size {
			size = math.Abs(w)
		}
	}
	for i := range got {
		if (want[i] != want[i]) != (got[i] != got[i]) || math.Abs(float64(got[i])-want[i]) > 1e-5*size {
			d.t.Errorf("%s: element %d is %v, want %v", what, i, got[i], want[i])
		}
	}
}

func (d doubled) Dgemm(tA, tB blas.Transpose, m, n, k int, alpha float64, a []float64, lda int, b []float64, ldb int, beta float64, c []float64, ldc int) {
	sa, sb, sc := single(a), single(b), single(c)
	blas32.Implementation().Sgemm(tA, tB, m, n, k, float32(alpha), sa, lda, sb, ldb, float32(beta), sc, ldc)
	gonum.Implementation{}.Dgemm(tA, tB, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc)
	d.same("A", sa, a)
	d.same("B", sb, b)
	d.near("C", sc, c)
}

func (d doubled) Dgemv(tA blas.Transpose, m, n int, alpha float64, a []float64, lda int, x []float64, incX int, beta float64, y []float64, incY int) {
	sa, sx, sy := single(a), single(x), single(y)
	blas32.Implementation().Sgemv(tA, m, n, float32(alpha), sa, lda, sx, incX, float32(beta), sy, incY)
	gonum.Implementation{}.Dgemv(tA, m, n, alpha, a, lda, x, incX, beta, y, incY)
	d.same("A", sa, a)
	d.same("x", sx, x)
	d.near("y", sy, y)
}

func (d doubled) Dger(m, n int, alpha float64, x []float64, incX int, y []float64, incY int, a []float64, lda int) {
	sx, sy, sa := single(x), single(y), single(a)
	blas32.Implementation().Sger(m, n, float32(alpha), sx, incX, sy, incY, sa, lda)
	gonum.Implementation{}.Dger(m, n, alpha, x, incX, y, incY, a, lda)
	d.same("x", sx, x)
	d.same("y", sy, y)
	d.near("A", sa, a)
}

// TestBLAS runs gonum's cases for products on the implementation that is registered with every kernel set.
func TestBLAS(t *testing.T) {
	everySet(t, func(t *testing.T) {
		if _, ours := blas32.Implementation().(implementation); ours != Chained() {
			t.Fatalf("registered is %T", blas32.Implementation())
		}
		testblas.TestDgemm(t, doubled{t})
		testblas.DgemvTest(t, doubled{t})
		testblas.DgerTest(t, doubled{t})
	})
}

// call is one call of Sgemm: of a 3x4 C, a sum of 5 terms.
type call struct {
	tA, tB        blas.Transpose
	m, n, k       int
	lda, ldb, ldc int
	a, b, c       int // lengths
}

// sgemm returns C, or what the call panicked with.
func (x call) sgemm(impl blas.Float32) (c []float32, failure any) {
	defer func() { failure = recover() }()
	c = make([]float32, x.c)
	a, b := make([]float32, x.a), make([]float32, x.b)
	for i := range a {
		a[i] = float32(i % 7)
	}
	for i := range b {
		b[i] = float32(i % 5)
	}
	for i := range c {
		c[i] = float32(i)
	}
	impl.Sgemm(x.tA, x.tB, x.m, x.n, x.k, 2, a, x.lda, b, x.ldb, 3, c, x.ldc)
	return c, nil
}

// TestBLASPanics: a call that gonum refuses is refused with its words, one that it takes is computed, for each operand
// as short as can be, a value shorter, with strides that are too small, and with sizes of 0 and below.
func TestBLASPanics(t *testing.T) {
	everySet(t, func(t *testing.T) {
		refused, taken := 0, 0
		try := func(x call) {
			want, failure := x.sgemm(gonum.Implementation{})
			got, ours := x.sgemm(blas32.Implementation())
			if fmt.Sprint(ours) != fmt.Sprint(failure) {
				t.Errorf("%+v: panics with %v, want %v", x, ours, failure)
			}
			if failure != nil {
				refused++
				return
			}
			taken++
			for i := range want {
				if got[i] != want[i] { // small whole numbers: exact
					t.Errorf("%+v: element %d is %v, want %v", x, i, got[i], want[i])
				}
			}
		}
		kinds := []blas.Transpose{blas.NoTrans, blas.Trans, blas.ConjTrans, 'X', 0}
		for _, tA := range kinds {
			for _, tB := range kinds {
				x := call{tA: tA, tB: tB, m: 3, n: 4, k: 5, lda: 5, ldb: 4, ldc: 4, a: 15, b: 20, c: 12}
				if tA != blas.NoTrans {
					x.lda = 3
				}
				if tB != blas.NoTrans {
					x.ldb = 5
				}
				for _, change := range []func(x *call, by int){func(*call, int) {},
					func(x *call, by int) { x.a += by }, func(x *call, by int) { x.b += by }, func(x *call, by int) { x.c += by },
					func(x *call, by int) { x.lda += by }, func(x *call, by int) { x.ldb += by }, func(x *call, by int) { x.ldc += by },
					func(x *call, by int) { x.m += by }, func(x *call, by int) { x.n += by }, func(x *call, by int) { x.k += by },
					func(x *call, by int) { x.m *= by + 1 }, func(x *call, by int) { x.n *= by + 1 }, func(x *call, by int) { x.k *= by + 1 },
					func(x *call, by int) { x.m, x.a, x.c = x.m*(by+1), 0, 0 }, func(x *call, by int) { x.n, x.b, x.c = x.n*(by+1), 0, 0 },
					func(x *call, by int) { x.k, x.a, x.b = x.k*(by+1), 0, 0 },
				} {
					for _, by := range []int{-2, -1, 1} {
						y := x
						change(&y, by)
						try(y)
					}
				}
			}
		}
		if refused < 100 || taken < 100 {
			t.Errorf("%d calls refused, %d taken", refused, taken)
		}
	})
}
