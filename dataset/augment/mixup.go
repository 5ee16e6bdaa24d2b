package augment

import "math"

// DrawMix draws what a picture is mixed with (Zhang, Cissé, Dauphin, Lopez-Paz: "mixup: Beyond Empirical Risk
// Minimization", 2018): one of n pictures, and its share, from Beta(alpha, alpha) by Jöhnk's method.
func DrawMix(s Source, alpha float64, n int) (with int, share float64) {
	with = s.IntN(n)
	for {
		a, b := math.Pow(s.Float64(), 1/alpha), math.Pow(s.Float64(), 1/alpha)
		if sum := a + b; sum > 0 && sum <= 1 {
			return with, a / sum
		}
	}
}

// Mix adds the share of the other to x, and takes as much from x itself.
func Mix(x, other []float32, share float64) {
	mine, its := float32(1-share), float32(share)
	other = other[:len(x)]
	for i, v := range x {
		x[i] = float32(v*mine) + float32(other[i]*its)
	}
}
