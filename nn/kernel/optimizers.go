package kernel

import "math"

// One step of each optimizer's update of the weights w by their gradients g, on slices of the same length. The others
// are what the optimizer keeps of every weight; see normal. Adam's is in a file of its own, and plain gradient descent is Axpy.

// Momentum is gradient descent with momentum: m = m*momentum - g*rate; w += m.
func Momentum(w, g, m []float32, rate, momentum float32) {
	n := momentumSIMD(w, g, m, rate, momentum)
	w = w[n:]
	g, m = g[n:][:len(w)], m[n:][:len(w)]
	for i, gi := range g {
		mi := normal(float32(m[i]*momentum) - float32(gi*rate))
		m[i] = mi
		w[i] += mi
	}
}

// Nesterov is Momentum that steps from where the momentum leads: w += m*momentum - g*rate.
func Nesterov(w, g, m []float32, rate, momentum float32) {
	n := nesterovSIMD(w, g, m, rate, momentum)
	w = w[n:]
	g, m = g[n:][:len(w)], m[n:][:len(w)]
	for i, gi := range g {
		mi := normal(float32(m[i]*momentum) - float32(gi*rate))
		m[i] = mi
		w[i] += float32(mi*momentum) - float32(gi*rate)
	}
}

// Adagrad adds g^2 to a; w -= g*rate / sqrt(a + eps).
func Adagrad(w, g, a []float32, rate, eps float32) {
	n := adagradSIMD(w, g, a, rate, eps)
	w = w[n:]
	g, a = g[n:][:len(w)], a[n:][:len(w)]
	for i, gi := range g {
		ai := normal(a[i] + float32(gi*gi))
		a[i] = ai
		w[i] -= float32(rate*gi) / sqrt(ai+eps)
	}
}

// Adadelta keeps the running means of g^2 in a and of the squared steps in d: rho of the old and rest of the new. A
// step is g * sqrt(d + eps) / sqrt(a + eps), with the old d and the new a; rate is the share of it that w takes.
func Adadelta(w, g, a, d []float32, rate, rho, rest, eps float32) {
	n := adadeltaSIMD(w, g, a, d, rate, rho, rest, eps)
	w = w[n:]
	g, a, d = g[n:][:len(w)], a[n:][:len(w)], d[n:][:len(w)]
	for i, gi := range g {
		ai := normal(float32(rho*a[i]) + float32(rest*float32(gi*gi)))
		delta := -(float32(sqrt(d[i]+eps)*gi) / sqrt(ai+eps))
		a[i] = ai
		d[i] = normal(float32(rho*d[i]) + float32(rest*float32(delta*delta)))
		w[i] += float32(rate * delta)
	}
}

// Adamax keeps the running mean of g in m, which takes rest1 of the new, and in u the largest |g| of late, of which
// beta2 is left after a step; w -= m*rate / (bias * (u + eps)).
func Adamax(w, g, m, u []float32, rest1, beta2, rate, eps, bias float32) {
	n := adamaxSIMD(w, g, m, u, rest1, beta2, rate, eps, bias)
	w = w[n:]
	g, m, u = g[n:][:len(w)], m[n:][:len(w)], u[n:][:len(w)]
	for i, gi := range g {
		mi := normal(m[i] + float32((gi-m[i])*rest1))
		ui := normal(max(float32(beta2*u[i]), float32(math.Abs(float64(gi)))))
		m[i], u[i] = mi, ui
		w[i] -= float32(rate*mi) / float32(bias*(ui+eps))
	}
}

// Nadam keeps the means m and v as Adam does. bias is, in Keras's words: u_t_1, 1 - u_product_t_1, 1 - u_t,
// 1 - u_product_t, 1 - beta_2^t.
func Nadam(w, g, m, v []float32, rest1, rest2, rate, eps float32, bias *[5]float32) {
	n := nadamSIMD(w, g, m, v, rest1, rest2, rate, eps, bias)
	w = w[n:]
	g, m, v = g[n:][:len(w)], m[n:][:len(w)], v[n:][:len(w)]
	for i, gi := range g {
		mi := normal(m[i] + float32((gi-m[i])*rest1))
		vi := normal(v[i] + float32((float32(gi*gi)-v[i])*rest2))
		m[i], v[i] = mi, vi
		hat := float32(bias[0]*mi)/bias[1] + float32(bias[2]*gi)/bias[3]
		w[i] -= float32(hat*rate) / (sqrt(vi/bias[4]) + eps)
	}
}

// Amsgrad is Adam that divides by the root of top, the largest v so far.
func Amsgrad(w, g, m, v, top []float32, rest1, rest2, rate, eps float32) {
	n := amsgradSIMD(w, g, m, v, top, rest1, rest2, rate, eps)
	w = w[n:]
	g, m, v, top = g[n:][:len(w)], m[n:][:len(w)], v[n:][:len(w)], top[n:][:len(w)]
	for i, gi := range g {
		mi := normal(m[i] + float32((gi-m[i])*rest1))
		vi := normal(v[i] + float32((float32(gi*gi)-v[i])*rest2))
		ti := max(top[i], vi)
		m[i], v[i], top[i] = mi, vi, ti
		w[i] -= float32(mi*rate) / (sqrt(ti) + eps)
	}
}

// RMSprop keeps the running mean of g^2 in v: rho of the old and rest of the new; a step is g*rate / sqrt(v + eps).
// With avg, the running mean of g, its square is taken off v in the divisor. With m the steps gather there, momentum
// of the last one and the new, and w takes what gathered. Both may be nil.
func RMSprop(w, g, v, m, avg []float32, rate, rho, rest, eps, momentum float32) {
	n := rmspropSIMD(w, g, v, m, avg, rate, rho, rest, eps, momentum)
	w = w[n:]
	g, v = g[n:][:len(w)], v[n:][:len(w)]
	if m != nil {
		m = m[n:][:len(w)]
	}
	if avg != nil {
		avg = avg[n:][:len(w)]
	}
	for i, gi := range g {
		vi := normal(float32(rho*v[i]) + float32(rest*float32(gi*gi)))
		v[i] = vi
		if avg != nil {
			ai := normal(float32(rho*avg[i]) + float32(rest*gi))
			avg[i] = ai
			// The mean of the squares is never below the square of the mean but by rounding, which Keras lets through
			// to the root: a weight whose gradient stays the same would become NaN.
			vi = max(vi-float32(ai*ai), 0)
		}
		step := float32(rate*gi) / sqrt(vi+eps)
		if m != nil {
			step = normal(float32(momentum*m[i]) + step)
			m[i] = step
		}
		w[i] -= step
	}
}
