package kernel

// Scale multiplies g by a number.
func Scale(g []float32, by float32) {
	g = g[scaleSIMD(g, by):]
	for i := range g {
		g[i] *= by
	}
}

// Clamp cuts g to plus and minus limit, which is 0 or more. A NaN stays.
func Clamp(g []float32, limit float32) {
	g = g[clampSIMD(g, limit):]
	for i, v := range g {
		switch {
		case v > limit:
			g[i] = limit
		case v < -limit:
			g[i] = -limit
		}
	}
}

// Shrink takes the share decay*rate off the weights.
func Shrink(w []float32, decay, rate float32) {
	w = w[shrinkSIMD(w, decay, rate):]
	for i, v := range w {
		w[i] = v - float32(float32(v*decay)*rate)
	}
}
