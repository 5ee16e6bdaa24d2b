package kernel

// spill is how far beyond a panel a packer may write.
const spill = 8 * 32

// packB copies panel p of the block of B to [nk, cols], scaled by alpha. What is in the columns beyond n is left open.
func (x *product) packB(panel []float32, s *isa, k0, nk, j0, cols int) {
	if from := x.packBSIMD(panel, s.cols, k0, nk, j0, cols); from < cols {
		x.packBGo(panel, s.cols, k0, nk, j0, from, cols)
	}
}

// packBGo is the packers' twin for the columns from ... cols-1.
func (x *product) packBGo(panel []float32, width, k0, nk, j0, from, cols int) {
	for l := range nk {
		row := panel[l*width:][:cols]
		for j := from; j < cols; j++ {
			if x.tb {
				row[j] = x.alpha * x.b[(j0+j)*x.ldb+k0+l]
			} else {
				row[j] = x.alpha * x.b[(k0+l)*x.ldb+j0+j]
			}
		}
	}
}

// packColumnsOfA copies the rows i0 ... of a block of A, which is taken transposed, as [nk, rows].
func (x *product) packColumnsOfA(to []float32, i0, rows, k0, nk int) {
	if rowsSIMD(to, rows, x.a[k0*x.lda+i0:], x.lda, nk, rows, 1) {
		return
	}
	for l := range nk {
		copy(to[l*rows:], x.a[(k0+l)*x.lda+i0:][:rows])
	}
}
