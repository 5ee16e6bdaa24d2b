package nn

import "cnnbench/nn/kernel"

// Workers are threads that compute products together. They are those of a network: they wait awake for the next one.
type Workers struct{ pool *pool }

// NewWorkers starts so many workers, of whom the caller is one. Close ends them.
func NewWorkers(threads int) *Workers { return &Workers{newPool(threads)} }

// Close ends the workers.
func (w *Workers) Close() { w.pool.close() }

// A product is cut into at most so many bands of its rows or columns, of whole units: of tiles' sizes.
const (
	bands    = 8
	bandUnit = 32
)

// Each calls do once for every chunk from 0, some of them at the same time, and returns when all are done. Nothing may
// depend on who does which.
func (w *Workers) Each(chunks int, do func(chunk int)) {
	w.pool.run(chunks, func(chunk, _ int) { do(chunk) })
}

// Gemm is kernel.Gemm, each band of the longer side of C computed by one worker. The bands depend on the shape only, and
// one worker takes them in one piece: no bit depends on it.
func (w *Workers) Gemm(transA, transB kernel.Trans, m, n, k int, a []float32, lda int, b []float32, ldb int, beta float32, c []float32, ldc int) {
	if w.pool.workers == 1 {
		kernel.Gemm(transA, transB, m, n, k, a, lda, b, ldb, beta, c, ldc)
		return
	}
	long := max(m, n)
	units := (long + bandUnit - 1) / bandUnit
	count := min(bands, units)
	w.pool.run(count, func(band, _ int) {
		lo, hi := band*units/count*bandUnit, min((band+1)*units/count*bandUnit, long)
		switch {
		case m < n && transB == kernel.T:
			kernel.Gemm(transA, transB, m, hi-lo, k, a, lda, b[lo*ldb:], ldb, beta, c[lo:], ldc)
		case m < n:
			kernel.Gemm(transA, transB, m, hi-lo, k, a, lda, b[lo:], ldb, beta, c[lo:], ldc)
		case transA == kernel.T:
			kernel.Gemm(transA, transB, hi-lo, n, k, a[lo:], lda, b, ldb, beta, c[lo*ldc:], ldc)
		default:
			kernel.Gemm(transA, transB, hi-lo, n, k, a[lo*lda:], lda, b, ldb, beta, c[lo*ldc:], ldc)
		}
	})
}
