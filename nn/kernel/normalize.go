package kernel

import "math"

// momentValues is how many values are summed for one group of channels before the next: few enough to stay in the cache.
const momentValues = 4096

// Moments adds to sum and square [C], for each channel of x [rows, C], d and d*d with d = x - shift. The sums are in
// double precision and in the order of the rows; with a shift near the mean they lose nothing to its size.
func Moments(sum, square, shift []float64, x []float32) { moments(sum, square, shift, x, nil) }

// MomentsBackward adds to sum and dot [C], for each channel of dy [rows, C], dy and dy*d with d = x - shift.
func MomentsBackward(sum, dot, shift []float64, x, dy []float32) { moments(sum, dot, shift, x, dy) }

// moments is Moments where dy is nil, else MomentsBackward.
func moments(sum, dot, shift []float64, x, dy []float32) {
	c := len(shift)
	sum, dot = sum[:c], dot[:c]
	for step := max(1, momentValues/c) * c; len(x) > 0; {
		n := min(step, len(x))
		var g []float32
		if dy != nil {
			g, dy = dy[:n], dy[n:]
		}
		if !momentsSIMD(sum, dot, shift, x[:n], g) {
			momentsTwin(sum, dot, shift, x[:n], g)
		}
		x = x[n:]
	}
}

func momentsTwin(sum, dot, shift []float64, x, dy []float32) {
	for c := len(shift); len(x) > 0; x = x[c:] {
		for k, s := range shift {
			d := float64(x[k]) - s
			g := d
			if dy != nil {
				g = float64(dy[k])
			}
			sum[k] += g
			dot[k] = math.FMA(d, g, dot[k])
		}
		if dy != nil {
			dy = dy[c:]
		}
	}
}

// Period is the length to which the parameters of n channels must be repeated for Normalize: whole channels and whole
// vectors.
func Period(n int) int {
	for p := n; ; p += n {
		if p%8 == 0 {
			return p
		}
	}
}

// Normalize writes (x - shift)*scale + beta to y [rows, C]; the parameters are repeated to their period.
func Normalize(y, x, shift, scale, beta []float32) {
	n := normalizeSIMD(y, x, shift, scale, beta)
	for k := n % len(shift); n < len(x); n++ {
		y[n] = float32((x[n]-shift[k])*scale[k]) + beta[k]
		if k++; k == len(shift) {
			k = 0
		}
	}
}

// NormalizeBackward writes a*dy + b*(x - shift) + m to dx [rows, C], which may be dy; the parameters are repeated to
// their period.
func NormalizeBackward(dx, dy, x, shift, a, b, m []float32) {
	n := normalizeBackwardSIMD(dx, dy, x, shift, a, b, m)
	for k := n % len(shift); n < len(x); n++ {
		dx[n] = float32(a[k]*dy[n]) + float32(b[k]*(x[n]-shift[k])) + m[k]
		if k++; k == len(shift) {
			k = 0
		}
	}
}
