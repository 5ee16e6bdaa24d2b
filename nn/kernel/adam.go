package kernel

import "math"

// Adam is one step of Adam's update: m and v are the running means of g and g^2, rest1 and rest2 what they take of the
// new; w -= m*rate / (sqrt(v) + eps). As in all updates, see normal.
func Adam(w, g, m, v []float32, rest1, rest2, rate, eps float32) {
	n := adamSIMD(w, g, m, v, rest1, rest2, rate, eps)
	w = w[n:]
	g, m, v = g[n:][:len(w)], m[n:][:len(w)], v[n:][:len(w)]
	for i, gi := range g {
		mi := normal(m[i] + float32((gi-m[i])*rest1))
		vi := normal(v[i] + float32((float32(gi*gi)-v[i])*rest2))
		m[i], v[i] = mi, vi
		w[i] -= float32(mi*rate) / (sqrt(vi) + eps)
	}
}

// normal is x, or 0 where x is subnormal. Once a unit has died its weights' gradients are 0, and the means of these go
// down to the subnormal numbers and stay there, with which processors are slow. TensorFlow and JAX take all such numbers
// for 0 on a CPU; here it is done to what an optimizer keeps.
func normal(x float32) float32 {
	if math.Float32bits(x)&exponent == 0 {
		return 0
	}
	return x
}

// exponent are the bits of a float32's exponent.
const exponent = 0x7f800000

// sqrt is the correctly rounded root.
func sqrt(x float32) float32 { return float32(math.Sqrt(float64(x))) }
