package optim

import "math"

// squareSum is the sum of g's squares in float64: eight strided partial sums, added as a tree. A product of two
// float32s is exact in float64.
func squareSum(g []float32) float64 {
	var s [8]float64
	for len(g) >= 8 {
		for i, v := range g[:8] {
			s[i] += float64(v) * float64(v)
		}
		g = g[8:]
	}
	for i, v := range g {
		s[i] += float64(v) * float64(v)
	}
	return ((s[0] + s[1]) + (s[2] + s[3])) + ((s[4] + s[5]) + (s[6] + s[7]))
}

// clipFactor is what scales a gradient of that norm down to limit: 1 where it is within, NaN where it is not a number.
func clipFactor(norm, limit float64) float32 {
	if norm <= limit {
		return 1
	}
	return float32(limit / norm)
}

// globalFactor is clipFactor for all gradients together. As in Keras an infinite norm makes all of them NaN, so that
// the training shows that it diverged.
func globalFactor(norm, limit float64) float32 {
	if math.IsInf(norm, 0) {
		return float32(math.NaN())
	}
	return clipFactor(norm, limit)
}
