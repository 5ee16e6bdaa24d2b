package kernel

import "math"

// Adam is one step of Adam's update: m and v are the running means of g and g^2, rest1 and rest2 what they take of the
// new; w -= m*rate / (sqrt(v) + eps).
func Adam(w, g, m, v []float32, rest1, rest2, rate, eps float32) {
	n := adamSIMD(w, g, m, v, rest1, rest2, rate, eps)
	w = w[n:]
	g, m, v = g[n:][:len(w)], m[n:][:len(w)], v[n:][:len(w)]
	for i, gi := range g {
		mi := m[i] + float32((gi-m[i])*rest1)
		vi := v[i] + float32((float32(gi*gi)-v[i])*rest2)
		m[i], v[i] = mi, vi
		w[i] -= float32(mi*rate) / (sqrt(vi) + eps)
	}
}

// sqrt is the correctly rounded root.
func sqrt(x float32) float32 { return float32(math.Sqrt(float64(x))) }
