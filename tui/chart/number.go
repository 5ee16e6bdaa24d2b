package chart

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// Number writes a value for a person with four significant digits. A number
// that changes keeps its width as far as it can; only one that is very small or
// very large has an exponent.
func Number(v float64) string {
	switch {
	case math.IsNaN(v):
		return "nan"
	case math.IsInf(v, 1):
		return "inf"
	case math.IsInf(v, -1):
		return "-inf"
	case v == 0:
		return "0"
	}
	const digits = 4
	mantissa, exp, _ := strings.Cut(strconv.FormatFloat(v, 'e', digits-1, 64), "e")
	e, _ := strconv.Atoi(exp)
	if e < -3 || e > digits {
		return strings.TrimRight(strings.TrimRight(mantissa, "0"), ".") + "e" + strconv.Itoa(e)
	}
	return strconv.FormatFloat(v, 'f', max(digits-1-e, 0), 64)
}

// exact writes a value with the digits that a float32 carries.
func exact(v float64) string {
	if !finite(v) {
		return Number(v)
	}
	return shortExponent(strconv.FormatFloat(v, 'g', 7, 64))
}

// shortExponent drops the plus and the zeros that lead an exponent: 1e+30 is
// 1e30, 1e-07 is 1e-7.
func shortExponent(s string) string {
	mantissa, exp, ok := strings.Cut(s, "e")
	if !ok {
		return s
	}
	e, _ := strconv.Atoi(exp)
	return mantissa + "e" + strconv.Itoa(e)
}

// tickLabels writes multiples of step so that neighbours differ and all have
// the same form. One of them may be 0.
func tickLabels(values []float64, step float64) []string {
	largest := 0.0
	for _, v := range values {
		largest = max(largest, math.Abs(v))
	}
	labels := make([]string, len(values))
	for i, v := range values {
		switch {
		case math.Abs(v) < step/1e6:
			labels[i] = "0"
		case largest >= 1e16 || largest < 9.99e-4:
			e := decade(largest)
			m := strconv.FormatFloat(scaleDown(v, e), 'f', decimalsOf(scaleDown(step, e)), 64)
			labels[i] = m + "e" + strconv.Itoa(e)
		case largest >= 1e6 || largest >= 1e4 && step >= 500:
			unit, suffix := unitOf(largest)
			labels[i] = strconv.FormatFloat(v/unit, 'f', decimalsOf(step/unit), 64) + suffix
		default:
			labels[i] = strconv.FormatFloat(v, 'f', decimalsOf(step), 64)
		}
	}
	return labels
}

// unitOf is the thousands unit for labels up to v, which lies in 1e4 to 1e16.
func unitOf(v float64) (float64, string) {
	switch {
	case v >= 1e12:
		return 1e12, "T"
	case v >= 1e9:
		return 1e9, "G"
	case v >= 1e6:
		return 1e6, "M"
	}
	return 1e3, "k"
}

// decimalsOf is how many decimals show a step of 1, 2 or 5 times a power of
// ten, or one of two digits such as 1.5.
func decimalsOf(step float64) int {
	d := 0
	for ; d < 12; d++ {
		if r := step * math.Pow10(d); math.Abs(r-math.Round(r)) < 1e-6*r {
			break
		}
	}
	return d
}

// decade is the power of ten at or below v > 0, safe against the rounding of
// Log10 at the powers themselves.
func decade(v float64) int {
	e := int(math.Floor(math.Log10(v)))
	if scaleDown(v, e) >= 10*(1-1e-12) {
		e++
	}
	return e
}

// scaleDown is v / 10^e without leaving the range of float64 on the way.
func scaleDown(v float64, e int) float64 {
	if e < -300 {
		return v * 1e300 * math.Pow10(-e-300)
	}
	return v / math.Pow10(e)
}

// clock writes seconds as the unit of the axis' largest value asks: 12s, 1:05
// (minutes), 2:30h (hours), 3d.
func clock(seconds, largest, step float64) string {
	switch {
	case largest < 60:
		return strconv.FormatFloat(seconds, 'f', decimalsOf(step), 64) + "s"
	case largest < 3600:
		s := int(math.Round(seconds))
		return fmt.Sprintf("%d:%02d", s/60, s%60)
	case largest < 2*86400:
		m := int(math.Round(seconds / 60))
		return fmt.Sprintf("%d:%02dh", m/60, m%60)
	}
	return strconv.FormatFloat(seconds/86400, 'f', decimalsOf(step/86400), 64) + "d"
}
