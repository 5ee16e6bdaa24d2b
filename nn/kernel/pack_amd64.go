package kernel

// packBSIMD is packB for the columns that it returns.
func (x *product) packBSIMD(panel []float32, width, k0, nk, j0, cols int) int {
	if !simd() {
		return 0
	}
	if !x.tb {
		for j := 0; j < cols; j += 16 {
			rowsSIMD(panel[j:], width, x.b[k0*x.ldb+j0+j:], x.ldb, nk, min(16, cols-j), x.alpha)
		}
		return cols
	}
	var rows [8]*float32
	for j := 0; j < cols; j += 8 {
		for i := range rows { // rows that are not there are the last one again
			rows[i] = &x.b[(j0+min(j+i, cols-1))*x.ldb+k0]
		}
		packColumnsAVX2(&panel[j], &rows, nk, 4*width, &laneMasks[16-nk%8], x.alpha)
	}
	return cols
}

// rowsSIMD copies k rows of n <= 16 values, scaled by alpha. Each becomes 8 or 16.
func rowsSIMD(dst []float32, ldd int, src []float32, lds, k, n int, alpha float32) {
	_, _ = src[:(k-1)*lds+n], dst[:(k-1)*ldd+(n+7)&^7]
	if n <= 8 {
		packRows8AVX2(&dst[0], &src[0], k, 4*ldd, 4*lds, &laneMasks[16-n], alpha)
	} else {
		packRows16AVX2(&dst[0], &src[0], k, 4*ldd, 4*lds, &laneMasks[16-n], alpha)
	}
}

// packTilesSIMD copies nk rows of tiles*rows values to tiles [nk, rows], ld apart, and reports whether it could. It
// writes up to 16 values beyond each.
func packTilesSIMD(to []float32, ld int, from []float32, lda, tiles, rows, nk int) bool {
	if !simd() {
		return false
	}
	_, _ = from[:(nk-1)*lda+tiles*rows], to[:(tiles-1)*ld+nk*rows+16]
	if rows <= 8 {
		packTiles8AVX2(&to[0], &from[0], nk, tiles, 4*ld, 4*lda, 4*rows, &laneMasks[16-rows])
	} else {
		packTiles16AVX2(&to[0], &from[0], nk, tiles, 4*ld, 4*lda, 4*rows, &laneMasks[16-rows])
	}
	return true
}
