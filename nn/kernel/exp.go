package kernel

import "math"

// Exp is e^x in float32: Cephes's expf (Moshier), one polynomial of degree 6 after reduction by ln 2; relative error
// below 2e-7. Results below the smallest normal number are 0. The operations and their order are fixed, so the bits
// are the same on every machine.
func Exp(x float32) float32 {
	switch {
	case x != x:
		return x
	case x > 88.72283:
		return float32(math.Inf(1))
	case x < -87.33654:
		return 0
	}
	n := float32(math.Floor(float64(float32(x*1.44269504088896341) + 0.5)))
	x -= float32(n * 0.693359375)
	x -= float32(n * -2.12194440e-4)
	z := float32(x * x)
	y := float32(1.9875691500e-4*x) + 1.3981999507e-3
	y = float32(y*x) + 8.3334519073e-3
	y = float32(y*x) + 4.1665795894e-2
	y = float32(y*x) + 1.6666665459e-1
	y = float32(y*x) + 5.0000001201e-1
	y = float32(float32(y*z)+x) + 1
	// 2^n in two steps: n can be 128 where the result is still finite.
	half := int32(n) / 2
	return float32(float32(y*pow2(half)) * pow2(int32(n)-half))
}

func pow2(n int32) float32 { return math.Float32frombits(uint32(n+127) << 23) }

// Tanh is the hyperbolic tangent in float32 (Cephes's tanhf): a polynomial near 0, where 1 - 2/(1+e^2x) would cancel.
func Tanh(x float32) float32 {
	a := x
	if a < 0 {
		a = -a
	}
	switch {
	case x != x:
		return x
	case a > 9:
		if x < 0 {
			return -1
		}
		return 1
	case a >= 0.625:
		y := 1 - 2/(Exp(a+a)+1)
		if x < 0 {
			return -y
		}
		return y
	}
	z := float32(x * x)
	p := float32(-5.70498872745e-3*z) + 2.06390887954e-2
	p = float32(p*z) - 5.37397155531e-2
	p = float32(p*z) + 1.33314422036e-1
	p = float32(p*z) - 3.33332819422e-1
	return float32(float32(p*z)*x) + x
}

// Sigmoid is 1/(1+e^-x).
func Sigmoid(x float32) float32 {
	if x >= 0 {
		return 1 / (1 + Exp(-x))
	}
	e := Exp(x)
	return e / (1 + e)
}
