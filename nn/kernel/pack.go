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

// packA copies a block of A, [ni, nk], to be read with rowPad values more from row to row: row by row or, if A is taken
// transposed, by tiles [nk, rows], the first thick of which have thin+1 rows.
func (x *product) packA(to []float32, i0, ni, k0, nk, thin, thick int) {
	ld := nk + rowPad
	if !x.ta {
		for i := range ni {
			copy(to[i*ld:], x.a[(i0+i)*x.lda+k0:][:nk])
		}
		return
	}
	x.packTiles(to, i0, thick, thin+1, k0, nk)
	done := thick * (thin + 1)
	x.packTiles(to[done*ld:], i0+done, (ni-done)/thin, thin, k0, nk)
}

// packTiles copies tiles of so many rows from i0 on.
func (x *product) packTiles(to []float32, i0, tiles, rows, k0, nk int) {
	ld := rows * (nk + rowPad)
	if tiles == 0 || packTilesSIMD(to, ld, x.a[k0*x.lda+i0:], x.lda, tiles, rows, nk) {
		return
	}
	for l := range nk {
		from := x.a[(k0+l)*x.lda+i0:]
		for q := range tiles {
			copy(to[q*ld+l*rows:], from[q*rows:][:rows])
		}
	}
}
