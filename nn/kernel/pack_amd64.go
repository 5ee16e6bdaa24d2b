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

// rowsSIMD copies k rows of n <= 16 values, scaled by alpha, and reports whether it could. Beyond them it may write as
// much as makes each row, or the last, 8 or 16.
func rowsSIMD(dst []float32, ldd int, src []float32, lds, k, n int, alpha float32) bool {
	if !simd() {
		return false
	}
	_ = src[(k-1)*lds+n-1]
	if n <= 8 {
		packRows8AVX2(&dst[0], &src[0], k, 4*ldd, 4*lds, &laneMasks[16-n], alpha)
	} else {
		packRows16AVX2(&dst[0], &src[0], k, 4*ldd, 4*lds, &laneMasks[16-n], alpha)
	}
	return true
}
