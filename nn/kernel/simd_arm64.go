package kernel

// As in simd_amd64.go, each function does as much of its twin's work as fits whole vectors, here of 4, and returns how
// many values that was.

// simd reports whether NEON is in use.
func simd() bool { return active == &neon }

func addSIMD(y, x []float32) int {
	n := len(x) &^ 3
	if n == 0 || !simd() {
		return 0
	}
	addNEON(&y[:n][0], &x[0], n)
	return n
}

func axpySIMD(y []float32, a float32, x []float32) int {
	n := len(x) &^ 3
	if n == 0 || !simd() {
		return 0
	}
	axpyNEON(&y[:n][0], &x[0], n, a)
	return n
}

func reluSIMD(y, z []float32) int {
	n := len(z) &^ 3
	if n == 0 || !simd() {
		return 0
	}
	reluNEON(&y[:n][0], &z[0], n)
	return n
}

func reluBackwardSIMD(dy, y []float32) int {
	n := len(dy) &^ 3
	if n == 0 || !simd() {
		return 0
	}
	reluBackwardNEON(&dy[0], &y[:n][0], n)
	return n
}

func adamSIMD(w, g, m, v []float32, rest1, rest2, rate, eps float32) int {
	n := len(w) &^ 3
	if n == 0 || !simd() {
		return 0
	}
	adamNEON(&w[0], &g[:n][0], &m[:n][0], &v[:n][0], n, rest1, rest2, rate, eps)
	return n
}

// transposeSIMD transposes the whole blocks of 4x4 and returns how many rows and columns of src they cover.
func transposeSIMD(dst []float32, ldd int, src []float32, lds, rows, cols int) (int, int) {
	rows, cols = rows&^3, cols&^3
	if rows == 0 || cols == 0 || !simd() {
		return 0, 0
	}
	_, _ = src[(rows-1)*lds+cols-1], dst[(cols-1)*ldd+rows-1]
	for i := 0; i < rows; i += 4 {
		transposeNEON(&dst[i], &src[i*lds], cols, 4*ldd, 4*lds)
	}
	return rows, cols
}

// sumRowsSIMD sums the whole vectors of the rows and returns how many columns that was.
func sumRowsSIMD(sum, x []float32, ld, rows int) int {
	n := len(sum) &^ 3
	if n == 0 || rows == 0 || !simd() {
		return 0
	}
	_ = x[(rows-1)*ld+n-1]
	sumRowsNEON(&sum[0], &x[0], rows, n, 4*ld)
	return n
}
