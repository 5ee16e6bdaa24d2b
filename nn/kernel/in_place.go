package kernel

// inPlaceK is the block of k of a product that reads B where it lies: its lines and A's share the first cache.
const inPlaceK = 96

// GemmInPlace computes C = op(A) B, or adds it to C, for m x k op(A) and k x n B, which it reads where it lies. That suits
// a B whose rows do not fall to the same places of the first cache.
func GemmInPlace(transA Trans, m, n, k int, a []float32, lda int, b []float32, ldb int, add bool, c []float32, ldc int) {
	if k == 0 || active == &plain {
		beta := float32(0)
		if add {
			beta = 1
		}
		Gemm(transA, NoTrans, m, n, k, a, lda, b, ldb, beta, c, ldc)
		return
	}
	x := product{ta: bool(transA), m: m, n: n, k: k, alpha: 1, a: a, b: b, c: c, lda: lda, ldb: ldb, ldc: ldc, zero: !add}
	w := borrow()
	w.multiply(active, &x, blocking{k: inPlaceK, rows: m, cols: blockCols})
	w.giveBack()
}
