package kernel

// The functions here do as much of their Go twin's work as fits whole vectors, and return how many values that was.

func simd() bool { return active.tile != nil || active.strips != nil }

func addSIMD(y, x []float32) int {
	n := len(x) &^ 7
	if n == 0 || !simd() {
		return 0
	}
	if active == &avx512 {
		addAVX512(&y[:n][0], &x[0], n)
		return n
	}
	addAVX2(&y[:n][0], &x[0], n)
	return n
}

func axpySIMD(y []float32, a float32, x []float32) int {
	n := len(x) &^ 7
	if n == 0 || !simd() {
		return 0
	}
	if active == &avx512 {
		axpyAVX512(&y[:n][0], &x[0], n, a)
		return n
	}
	axpyAVX2(&y[:n][0], &x[0], n, a)
	return n
}

func reluSIMD(y, z []float32) int {
	n := len(z) &^ 7
	if n == 0 || !simd() {
		return 0
	}
	if active == &avx512 {
		reluAVX512(&y[:n][0], &z[0], n)
		return n
	}
	reluAVX2(&y[:n][0], &z[0], n)
	return n
}

func reluBackwardSIMD(dy, y []float32) int {
	n := len(dy) &^ 7
	if n == 0 || !simd() {
		return 0
	}
	if active == &avx512 {
		reluBackwardAVX512(&dy[0], &y[:n][0], n)
		return n
	}
	reluBackwardAVX2(&dy[0], &y[:n][0], n)
	return n
}

func adamSIMD(w, g, m, v []float32, rest1, rest2, rate, eps float32) int {
	n := len(w) &^ 7
	if n == 0 || !simd() {
		return 0
	}
	if active == &avx512 {
		adamAVX512(&w[0], &g[:n][0], &m[:n][0], &v[:n][0], n, rest1, rest2, -rate, eps)
		return n
	}
	adamAVX2(&w[0], &g[:n][0], &m[:n][0], &v[:n][0], n, rest1, rest2, -rate, eps)
	return n
}

func dropoutMaskSIMD(mask []uint8, key *[4]uint32, row, block uint32, drop uint32) int {
	n := len(mask) &^ 31
	if n == 0 || !simd() || drop == 0 || drop >= Draws {
		return 0
	}
	dropoutMaskAVX2(&mask[0], n, key, row, block, (drop-1)^1<<15)
	return n
}

func keepSIMD(y, x []float32, mask []uint8, scale float32) int {
	n := len(x) &^ 7
	if n == 0 || !simd() {
		return 0
	}
	keepAVX2(&y[:n][0], &x[0], &mask[:n][0], n, scale)
	return n
}

func fetchToWriteSIMD(x []float32) {
	if len(x) > 0 && simd() {
		fetchToWrite(&x[0], (len(x)+15)/16)
	}
}

// transposeSIMD transposes the whole blocks of 8x8 and returns how many rows and columns of src they cover.
func transposeSIMD(dst []float32, ldd int, src []float32, lds, rows, cols int) (int, int) {
	rows, cols = rows&^7, cols&^7
	if rows == 0 || cols == 0 || !simd() {
		return 0, 0
	}
	_, _ = src[(rows-1)*lds+cols-1], dst[(cols-1)*ldd+rows-1]
	for i := 0; i < rows; i += 8 {
		transposeAVX2(&dst[i], &src[i*lds], cols, 4*ldd, 4*lds)
	}
	return rows, cols
}

func sigmoidSIMD(y, z []float32) int {
	n := len(z) &^ 7
	if n == 0 || !simd() {
		return 0
	}
	sigmoidAVX2(&y[:n][0], &z[0], n)
	return n
}

func expSIMD(y []float32) int {
	n := len(y) &^ 7
	if n == 0 || !simd() {
		return 0
	}
	expAVX2(&y[0], n)
	return n
}

func tanhSIMD(y, z []float32) int {
	n := len(z) &^ 7
	if n == 0 || !simd() {
		return 0
	}
	tanhAVX2(&y[:n][0], &z[0], n)
	return n
}

func sigmoidBackwardSIMD(dy, y []float32) int {
	n := len(dy) &^ 7
	if n == 0 || !simd() {
		return 0
	}
	sigmoidBackwardAVX2(&dy[0], &y[:n][0], n)
	return n
}

func tanhBackwardSIMD(dy, y []float32) int {
	n := len(dy) &^ 7
	if n == 0 || !simd() {
		return 0
	}
	tanhBackwardAVX2(&dy[0], &y[:n][0], n)
	return n
}

func mulSIMD(y, a, b []float32) int {
	n := len(y) &^ 7
	if n == 0 || !simd() {
		return 0
	}
	mulAVX2(&y[0], &a[:n][0], &b[:n][0], n)
	return n
}

func mulAdd2SIMD(y, a, b, c, d []float32) int {
	n := len(y) &^ 7
	if n == 0 || !simd() {
		return 0
	}
	mulAdd2AVX2(&y[0], &a[:n][0], &b[:n][0], &c[:n][0], &d[:n][0], n)
	return n
}

// sumRowsSIMD sums the whole vectors of the rows and returns how many columns that was.
func sumRowsSIMD(sum, x []float32, ld, rows int) int {
	n := len(sum) &^ 7
	if n == 0 || rows == 0 || !simd() {
		return 0
	}
	_ = x[(rows-1)*ld+n-1]
	sumRowsAVX2(&sum[0], &x[0], rows, n, 4*ld)
	return n
}
