//go:build !arm64

package kernel

import "math"

// fma is a*b + c rounded once, as the processor's fused multiply-add. The product of two float32s is exact in float64;
// the sum is rounded there to odd, so that rounding it again to float32 gives what one rounding would (Boldo and
// Melquiond, "Emulation of a FMA and correctly rounded sums", 2008).
func fma(a, b, c float32) float32 {
	p, q := float64(a)*float64(b), float64(c)
	s := p + q
	if s-s != 0 { // infinite, or not a number
		return float32(s)
	}
	// Knuth's error of the sum: s + e is exactly p + q.
	v := s - p
	e := (p - (s - v)) + (q - v)
	if u := math.Float64bits(s); e != 0 && u&1 == 0 {
		if (e > 0) == (s > 0) {
			u++
		} else {
			u--
		}
		s = math.Float64frombits(u)
	}
	return float32(s)
}
