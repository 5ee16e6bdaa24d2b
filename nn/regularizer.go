package nn

// Regularizer adds l1*sum|w| + l2*sum w^2 to the loss (Keras 3, src/regularizers: no half).
type Regularizer struct {
	L1 float64 `yaml:"l1" min:"0" doc:"factor of the sum of absolute values"`
	L2 float64 `yaml:"l2" min:"0" doc:"factor of the sum of squares"`
}

// penalty is what w adds to the loss.
func (r *Regularizer) penalty(w []float32) float64 {
	var abs, sq float64
	for _, v := range w {
		x := float64(v)
		if x < 0 {
			abs -= x
		} else {
			abs += x
		}
		sq += float64(x * x)
	}
	return float64(r.L1*abs) + float64(r.L2*sq)
}

// addGradient adds l1*sign(w) + 2*l2*w to g.
func (r *Regularizer) addGradient(g, w []float32) {
	l1, l2 := float32(r.L1), float32(2*r.L2)
	g = g[:len(w)]
	for i, v := range w {
		g[i] += float32(l2 * v)
		switch {
		case v > 0:
			g[i] += l1
		case v < 0:
			g[i] -= l1
		}
	}
}
