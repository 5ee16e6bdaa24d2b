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

// Period is the length to which the parameters of n channels must be repeated: whole channels and whole vectors.
func Period(n int) int {
	for p := n; ; p += n {
		if p%8 == 0 {
			return p
		}
	}
}

// Affine are the parameters of a normalisation, repeated to the channels' period: y = (x - Shift)*Scale + Offset.
type Affine struct{ Shift, Scale, Offset []float32 }

// at is the normalised value of channel k.
func (a *Affine) at(k int, x float32) float32 {
	return float32((x-a.Shift[k])*a.Scale[k]) + a.Offset[k]
}

// Normalize writes the normalised x [rows, C] to y.
func Normalize(y, x []float32, p Affine) {
	for n := normalizeSIMD(y, x, p); n < len(x); n++ {
		y[n] = p.at(n%len(p.Shift), x[n])
	}
}

// NormalizeBackward writes a*dy + b*(x - Shift) + m to dx [rows, C], which may be dy; a, b and m are repeated to the
// channels' period.
func NormalizeBackward(dx, dy, x []float32, p Affine, a, b, m []float32) {
	for n := normalizeBackwardSIMD(dx, dy, x, p, a, b, m); n < len(x); n++ {
		k := n % len(a)
		dx[n] = float32(a[k]*dy[n]) + float32(b[k]*(x[n]-p.Shift[k])) + m[k]
	}
}
