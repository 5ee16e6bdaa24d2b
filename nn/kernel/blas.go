package kernel

import (
	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/gonum"
)

// implementation is gonum's BLAS with our product.
type implementation struct{ gonum.Implementation }

// Sgemm computes C = alpha op(A) op(B) + beta C, with gonum's checks.
func (implementation) Sgemm(tA, tB blas.Transpose, m, n, k int, alpha float32, a []float32, lda int, b []float32, ldb int, beta float32, c []float32, ldc int) {
	// gonum's own checks run on a product of which nothing is left to compute.
	if m == 0 || n == 0 || !wellFormed(tA, tB, m, n, k, a, lda, b, ldb, c, ldc) {
		gonum.Implementation{}.Sgemm(tA, tB, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc)
		return
	}
	sgemm(active, tA != blas.NoTrans, tB != blas.NoTrans, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc)
}

// wellFormed reports whether gonum would take the operands without a panic.
func wellFormed(tA, tB blas.Transpose, m, n, k int, a []float32, lda int, b []float32, ldb int, c []float32, ldc int) bool {
	fits := func(t blas.Transpose, rows, cols, ld, length int) bool {
		switch t {
		case blas.Trans, blas.ConjTrans:
			rows, cols = cols, rows
		case blas.NoTrans:
		default:
			return false
		}
		return ld >= max(1, cols) && length >= ld*(rows-1)+cols
	}
	return m > 0 && n > 0 && k >= 0 && fits(tA, m, k, lda, len(a)) && fits(tB, k, n, ldb, len(b)) && ldc >= n && len(c) >= ldc*(m-1)+n
}
