package kernel

import (
	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas32"
)

// Trans says whether a matrix is taken transposed.
type Trans bool

// The two ways to take a matrix.
const (
	NoTrans Trans = false
	T       Trans = true
)

func (t Trans) blas() blas.Transpose {
	if t {
		return blas.Trans
	}
	return blas.NoTrans
}

// The tile of one call into stock gonum, which starts goroutines of its own, and allocates, from four blocks of 64x64
// on; the threads are ours, so a tile stays below that.
const (
	tileRows = 64
	tileCols = 192
)

// Gemm computes C = op(A) op(B) + beta C for row-major matrices: op(A) is m x k, op(B) is k x n, C is m x n; lda, ldb
// and ldc are the distances between rows as stored.
func Gemm(transA, transB Trans, m, n, k int, a []float32, lda int, b []float32, ldb int, beta float32, c []float32, ldc int) {
	if m == 0 || n == 0 {
		return
	}
	if active != &plain {
		sgemm(active, bool(transA), bool(transB), m, n, k, 1, a, lda, b, ldb, beta, c, ldc)
		return
	}
	rows, cols := tileRows, tileCols
	if n <= tileRows {
		rows, cols = tileCols, tileRows
	}
	for i := 0; i < m; i += rows {
		mi := min(rows, m-i)
		ai := a
		if transA {
			ai = a[i:]
		} else {
			ai = a[i*lda:]
		}
		for j := 0; j < n; j += cols {
			nj := min(cols, n-j)
			bj := b
			if transB {
				bj = b[j*ldb:]
			} else {
				bj = b[j:]
			}
			ga := blas32.General{Rows: mi, Cols: k, Stride: lda, Data: ai}
			if transA {
				ga.Rows, ga.Cols = k, mi
			}
			gb := blas32.General{Rows: k, Cols: nj, Stride: ldb, Data: bj}
			if transB {
				gb.Rows, gb.Cols = nj, k
			}
			blas32.Gemm(transA.blas(), transB.blas(), 1, ga, gb, beta, blas32.General{Rows: mi, Cols: nj, Stride: ldc, Data: c[i*ldc+j:]})
		}
	}
}
