// Package portable has functions of package math with the same bits on every machine. Those of math itself are assembly
// on some architectures, and Go's compiler fuses their a*b + c on others, so that the last bit differs. Here each product
// is rounded.
//
// The methods and constants are those of FreeBSD's libm (e_exp.c, e_log.c, s_erf.c), which came with this notice:
//
//	Copyright (C) 1993 by Sun Microsystems, Inc. All rights reserved.
//
//	Developed at SunPro, a Sun Microsystems, Inc. business.
//	Permission to use, copy, modify, and distribute this software is freely granted, provided that this notice
//	is preserved.
package portable

import "math"

const (
	ln2Hi = 6.93147180369123816490e-01
	ln2Lo = 1.90821492927058770002e-10
)

// polynomial is c[0] + c[1] x + c[2] x^2 + ...
func polynomial(x float64, c []float64) float64 {
	y := c[len(c)-1]
	for i := len(c) - 2; i >= 0; i-- {
		y = float64(y*x) + c[i]
	}
	return y
}

var expP = []float64{1.66666666666666657415e-01, -2.77777777770155933842e-03, 6.61375632143793436117e-05, -1.65339022054652515390e-06, 4.13813679705723846039e-08}

// Exp is e^x. It is off by less than one unit in the last place.
func Exp(x float64) float64 {
	switch {
	case x != x:
		return x
	case x > 7.09782712893383973096e+02:
		return math.Inf(1)
	case x < -7.45133219101941108420e+02:
		return 0
	}
	// x is k ln 2 + hi - lo, and hi - lo at most half of ln 2.
	k := math.RoundToEven(float64(math.Log2E * x))
	hi, lo := x-float64(k*ln2Hi), float64(k*ln2Lo)
	r := hi - lo
	t := float64(r * r)
	c := r - float64(t*polynomial(t, expP))
	y := 1 - ((lo - float64(r*c)/(2-c)) - hi)
	if k < -1020 || k > 1020 {
		return math.Ldexp(y, int(k))
	}
	return y * math.Float64frombits(uint64(int(k)+1023)<<52)
}

var (
	logOdd  = []float64{6.666666666666735130e-01, 2.857142874366239149e-01, 1.818357216161805012e-01, 1.479819860510658591e-01}
	logEven = []float64{3.999999999940941908e-01, 2.222219843214978396e-01, 1.531383769920937332e-01}
)

// Log is the natural logarithm. It is off by less than one unit in the last place.
func Log(x float64) float64 {
	switch {
	case x != x || x > math.MaxFloat64:
		return x
	case x < 0:
		return math.NaN()
	case x == 0:
		return math.Inf(-1)
	}
	// x is 2^k (1 + f), with 1 + f between the roots of 1/2 and 2.
	f, exponent := math.Frexp(x)
	if f < math.Sqrt2/2 {
		f *= 2
		exponent--
	}
	f--
	k := float64(exponent)
	s := f / (2 + f)
	s2 := float64(s * s)
	s4 := float64(s2 * s2)
	r := float64(s2*polynomial(s4, logOdd)) + float64(s4*polynomial(s4, logEven))
	half := float64(float64(0.5*f) * f)
	return float64(k*ln2Hi) - ((half - (float64(s*(half+r)) + float64(k*ln2Lo))) - f)
}

// Log1p is log(1 + x), also where x is small: what 1 + x loses by rounding, the quotient corrects (Kahan).
func Log1p(x float64) float64 {
	u := 1 + x
	switch {
	case u == 1:
		return x
	case u > math.MaxFloat64:
		return u
	}
	return float64(Log(u)*x) / (u - 1)
}
