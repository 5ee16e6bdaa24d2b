package kernel

const (
	spill      = 8 * 32 // values beyond a panel or a tile that a packer may write
	packedRows = 64     // of B, packed in one call
	rowPad     = 16     // values between packed rows of A, which must not be a multiple of a page apart
)

// packB copies a panel of a block of B, columns p ..., as [nk, s.cols], scaled by alpha. What is in the columns beyond
// cols is left open.
func (x *product) packB(panel []float32, s *isa, at *part, p, cols int) {
	if packBSIMD(x, panel, s.cols, at, p, cols) {
		return
	}
	for l := range at.nk {
		row := panel[l*s.cols:][:cols]
		for j := range row {
			if x.tb {
				row[j] = x.alpha * x.b[(at.j0+p+j)*x.ldb+at.k0+l]
			} else {
				row[j] = x.alpha * x.b[(at.k0+l)*x.ldb+at.j0+p+j]
			}
		}
	}
}

// packPanels copies the whole panels of a block of B side by side, a row apart, some rows at a time: a call is not
// interrupted.
func (x *product) packPanels(panels []float32, s *isa, at *part) {
	count, ld := at.nj/s.cols, s.cols*(at.nk+1)
	for l := 0; l < at.nk; l += packedRows {
		n := min(packedRows, at.nk-l)
		packTiles(panels[l*s.cols:], ld, x.b[(at.k0+l)*x.ldb+at.j0:], x.ldb, count, s.cols, n)
	}
}

// packA copies a block of A, to be read with rowPad values more from row to row: row by row or, if A is taken
// transposed, tile by tile as [nk, rows].
func (x *product) packA(to []float32, at *part, st *stack) {
	ld := at.nk + rowPad
	if !x.ta {
		for i := range at.ni {
			copy(to[i*ld:], x.a[(at.i0+i)*x.lda+at.k0:][:at.nk])
		}
		return
	}
	a := x.a[at.k0*x.lda+at.i0:]
	rows := st.thin + 1
	packTiles(to, rows*ld, a, x.lda, st.thick, rows, at.nk)
	done := st.thick * rows
	packTiles(to[done*ld:], st.thin*ld, a[done:], x.lda, st.tiles-st.thick, st.thin, at.nk)
}

// packTiles cuts nk rows of a to tiles of so many columns, which become their rows; the tiles are ld apart.
func packTiles(to []float32, ld int, a []float32, lda, tiles, rows, nk int) {
	if tiles == 0 || packTilesSIMD(to, ld, a, lda, tiles, rows, nk) {
		return
	}
	for l := range nk {
		for q := range tiles {
			copy(to[q*ld+l*rows:], a[l*lda+q*rows:][:rows])
		}
	}
}
