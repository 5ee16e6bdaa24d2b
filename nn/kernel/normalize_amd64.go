package kernel

// momentsSIMD does all of momentsTwin's work, or none of it.
func momentsSIMD(sum, dot, shift []float64, x, dy []float32) bool {
	c := len(shift)
	if !simd() || len(x) == 0 {
		return false
	}
	mask := firstLanes(c % 8)
	if dy == nil {
		momentsAVX2(&sum[:c][0], &dot[:c][0], &shift[0], &x[0], len(x)/c, c, 4*c, mask)
	} else {
		momentsBackwardAVX2(&sum[:c][0], &dot[:c][0], &shift[0], &x[0], &dy[:len(x)][0], len(x)/c, c, 4*c, mask)
	}
	return true
}

func normalizeSIMD(y, x []float32, p Affine) int {
	n, period := len(x)&^7, len(p.Shift)
	if n == 0 || !simd() {
		return 0
	}
	normalizeAVX2(&y[:n][0], &x[0], n, period, &p.Shift[0], &p.Scale[:period][0], &p.Offset[:period][0])
	return n
}

func normalizeBackwardSIMD(dx, dy, x []float32, p Affine, a, b, m []float32) int {
	n, period := len(x)&^7, len(p.Shift)
	if n == 0 || !simd() {
		return 0
	}
	normalizeBackwardAVX2(&dx[:n][0], &dy[:n][0], &x[0], n, period, &p.Shift[0], &a[:period][0], &b[:period][0], &m[:period][0])
	return n
}
