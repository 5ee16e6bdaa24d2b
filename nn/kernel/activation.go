package kernel

import (
	"math"

	"cnnbench/portable"
)

// The activations come in pairs. F writes f(z) to y; FBackward multiplies dy by f' in place, from z or y. z and y may
// be the same slice where the backward pass needs y alone. A NaN stays a NaN.

// Relu is max(0, z).
func Relu(y, z []float32) {
	n := reluSIMD(y, z)
	LeakyRelu(y[n:], z[n:], 0)
}

// ReluBackward keeps dy where y > 0.
func ReluBackward(dy, y []float32) {
	n := reluBackwardSIMD(dy, y)
	dy = dy[n:]
	y = y[n:][:len(dy)]
	for i, v := range y {
		if v <= 0 {
			dy[i] = 0
		}
	}
}

// LeakyRelu is z where z > 0 and slope*z elsewhere.
func LeakyRelu(y, z []float32, slope float32) {
	y = y[:len(z)]
	for i, v := range z {
		if v <= 0 {
			v = float32(v * slope)
			if slope == 0 {
				v = 0 // and not -0, nor NaN for -Inf
			}
		}
		y[i] = v
	}
}

// LeakyReluBackward multiplies dy by slope where z <= 0.
func LeakyReluBackward(dy, z []float32, slope float32) {
	z = z[:len(dy)]
	for i, v := range z {
		if v <= 0 {
			dy[i] *= slope
		}
	}
}

// Elu is scale*z where z > 0 and scale*alpha*(e^z - 1) elsewhere (Clevert et al. 2016; with scale, Klambauer et al. 2017).
func Elu(y, z []float32, alpha, scale float32) {
	y = y[:len(z)]
	for i, v := range z {
		if v <= 0 {
			v = float32(alpha * expm1(v))
		}
		y[i] = float32(scale * v)
	}
}

// EluBackward multiplies dy by scale where y > 0 and by y + scale*alpha elsewhere.
func EluBackward(dy, y []float32, alpha, scale float32) {
	y = y[:len(dy)]
	sa := float32(alpha * scale)
	for i, v := range y {
		if v > 0 {
			dy[i] *= scale
		} else {
			dy[i] *= v + sa
		}
	}
}

func expm1(x float32) float32 {
	if x > -0.3 { // e^x - 1 would cancel: Taylor's series to x^6
		p := float32(x*(1.0/720)) + 1.0/120
		p = float32(p*x) + 1.0/24
		p = float32(p*x) + 1.0/6
		p = float32(p*x) + 0.5
		p = float32(p*x) + 1
		return float32(p * x)
	}
	return Exp(x) - 1
}

// Gelu is z*Phi(z) with the normal distribution's Phi (Hendrycks and Gimpel 2016).
func Gelu(y, z []float32) {
	y = y[:len(z)]
	for i, v := range z {
		y[i] = float32(v * phi(v))
	}
}

func phi(v float32) float32 { return float32(0.5 * (1 + portable.Erf(float64(v)/math.Sqrt2))) }

// GeluBackward multiplies dy by Phi(z) + z*phi(z).
func GeluBackward(dy, z []float32) {
	z = z[:len(dy)]
	for i, v := range z {
		density := float32(0.3989422804014327 * Exp(-float32(0.5*float32(v*v))))
		dy[i] *= phi(v) + float32(v*density)
	}
}

const (
	geluC = 0.7978845608028654 // sqrt(2/pi)
	geluA = 0.044715
)

// GeluTanh is the approximation z/2 * (1 + tanh(sqrt(2/pi) (z + 0.044715 z^3))).
func GeluTanh(y, z []float32) {
	y = y[:len(z)]
	for i, v := range z {
		t := Tanh(float32(geluC * (v + float32(geluA*float32(v*float32(v*v))))))
		y[i] = float32(float32(0.5*v) * (1 + t))
	}
}

// GeluTanhBackward multiplies dy by the derivative of GeluTanh at z.
func GeluTanhBackward(dy, z []float32) {
	z = z[:len(dy)]
	for i, v := range z {
		vv := float32(v * v)
		t := Tanh(float32(geluC * (v + float32(geluA*float32(v*vv)))))
		inner := float32(geluC * (1 + float32(3*geluA*vv)))
		dy[i] *= float32(0.5*(1+t)) + float32(float32(float32(0.5*v)*(1-float32(t*t)))*inner)
	}
}

// Silu is z*sigmoid(z).
func Silu(y, z []float32) {
	y = y[:len(z)]
	for i, v := range z {
		y[i] = float32(v * Sigmoid(v))
	}
}

// SiluBackward multiplies dy by s + z*s*(1-s) with s = sigmoid(z).
func SiluBackward(dy, z []float32) {
	z = z[:len(dy)]
	for i, v := range z {
		s := Sigmoid(v)
		dy[i] *= s + float32(float32(v*s)*(1-s))
	}
}

// Softplus is ln(1 + e^z).
func Softplus(y, z []float32) {
	y = y[:len(z)]
	for i, v := range z {
		m := max(v, 0)
		a := v
		if a > 0 {
			a = -a
		}
		y[i] = m + float32(portable.Log1p(float64(Exp(a))))
	}
}

// SoftplusBackward multiplies dy by sigmoid(z).
func SoftplusBackward(dy, z []float32) {
	z = z[:len(dy)]
	for i, v := range z {
		dy[i] *= Sigmoid(v)
	}
}

// SigmoidAll is the logistic function of each element.
func SigmoidAll(y, z []float32) {
	n := sigmoidSIMD(y, z)
	z = z[n:]
	y = y[n:][:len(z)]
	for i, v := range z {
		y[i] = Sigmoid(v)
	}
}

// SigmoidBackward multiplies dy by y*(1-y).
func SigmoidBackward(dy, y []float32) {
	n := sigmoidBackwardSIMD(dy, y)
	dy = dy[n:]
	y = y[n:][:len(dy)]
	for i, v := range y {
		dy[i] *= float32(v * (1 - v))
	}
}

// TanhAll is the hyperbolic tangent of each element.
func TanhAll(y, z []float32) {
	n := tanhSIMD(y, z)
	z = z[n:]
	y = y[n:][:len(z)]
	for i, v := range z {
		y[i] = Tanh(v)
	}
}

// TanhBackward multiplies dy by 1 - y^2.
func TanhBackward(dy, y []float32) {
	n := tanhBackwardSIMD(dy, y)
	dy = dy[n:]
	y = y[n:][:len(dy)]
	for i, v := range y {
		dy[i] *= 1 - float32(v*v)
	}
}

// Softmax writes e^z / sum e^z of each row of z [rows, n] to y, the row's maximum taken off first.
func Softmax(y, z []float32, n int) {
	if n == 0 {
		return
	}
	z = z[:len(z)/n*n]
	y = y[:len(z)]
	for r := 0; r < len(z); r += n {
		row, to := z[r:r+n], y[r:r+n]
		top := row[0]
		for _, v := range row {
			if v > top || v != v {
				top = v
			}
		}
		for i, v := range row {
			to[i] = v - top
		}
	}
	expAll(y) // of all rows at once, as few classes fill no vector
	for r := 0; r < len(y); r += n {
		row := y[r : r+n]
		var sum float32
		for _, e := range row {
			sum += e
		}
		for i := range row {
			row[i] /= sum
		}
	}
}

// expAll is e^y of each element, in place.
func expAll(y []float32) {
	y = y[expSIMD(y):]
	for i, v := range y {
		y[i] = Exp(v)
	}
}

// SoftmaxBackward turns dy into dz = y * (dy - sum(y*dy)), row by row of [rows, n].
func SoftmaxBackward(dy, y []float32, n int) {
	for len(y) >= n && n > 0 {
		var dot float32
		for i, v := range y[:n] {
			dot += float32(v * dy[i])
		}
		for i, v := range y[:n] {
			dy[i] = float32(v * (dy[i] - dot))
		}
		y, dy = y[n:], dy[n:]
	}
}
