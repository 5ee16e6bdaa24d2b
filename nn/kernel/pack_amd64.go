package kernel

// packBSIMD is packB if there are vector kernels, and reports whether there are.
func packBSIMD(x *product, panel []float32, width int, at *part, p, cols int) bool {
	if !simd() {
		return false
	}
	if !x.tb {
		for j := 0; j < cols; j += 16 {
			n := min(16, cols-j)
			from := x.b[at.k0*x.ldb+at.j0+p+j:][:(at.nk-1)*x.ldb+n]
			if n <= 8 {
				packRows8AVX2(&panel[j], &from[0], at.nk, 4*width, 4*x.ldb, firstLanes(n), x.alpha)
			} else {
				packRows16AVX2(&panel[j], &from[0], at.nk, 4*width, 4*x.ldb, firstLanes(n), x.alpha)
			}
		}
		return true
	}
	var rows [8]*float32
	for j := 0; j < cols; j += 8 {
		for i := range rows { // those that are not there are the last one again
			rows[i] = &x.b[(at.j0+p+min(j+i, cols-1))*x.ldb+at.k0:][:at.nk][0]
		}
		packColumnsAVX2(&panel[j], &rows, at.nk, 4*width, firstLanes(at.nk%8), x.alpha)
	}
	return true
}

// packTilesSIMD is packTiles if there are vector kernels, and reports whether there are. The tiles are ld apart; up to
// 16 values beyond each are written.
func packTilesSIMD(to []float32, ld int, a []float32, lda, tiles, rows, nk int) bool {
	if !simd() {
		return false
	}
	_, _ = a[:(nk-1)*lda+tiles*rows], to[:(tiles-1)*ld+nk*rows+16]
	if rows <= 8 {
		packTiles8AVX2(&to[0], &a[0], nk, tiles, 4*ld, 4*lda, 4*rows, firstLanes(rows))
	} else {
		packTiles16AVX2(&to[0], &a[0], nk, tiles, 4*ld, 4*lda, 4*rows, firstLanes(rows))
	}
	return true
}
