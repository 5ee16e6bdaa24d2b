// Package figure writes numbers as the screens show them: short, and all alike.
package figure

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// Thousands writes a whole number with commas: 839,107.
func Thousands[T ~int | ~int64](n T) string {
	s := strconv.FormatInt(int64(n), 10)
	neg := strings.HasPrefix(s, "-")
	s = strings.TrimPrefix(s, "-")
	var parts []string
	for len(s) > 3 {
		parts = append([]string{s[len(s)-3:]}, parts...)
		s = s[:len(s)-3]
	}
	s = strings.Join(append([]string{s}, parts...), ",")
	if neg {
		return "-" + s
	}
	return s
}

// SI writes a count with three digits and a prefix: 418k, 1.23M.
func SI[T ~int | ~int64 | ~float64](n T) string {
	f := float64(n)
	if math.Abs(f) < 1000 {
		return digits(f)
	}
	for _, prefix := range []string{"k", "M", "G", "T"} {
		f /= 1000
		if math.Abs(f) < 999.5 || prefix == "T" {
			return digits(f) + prefix
		}
	}
	return digits(f)
}

// digits writes a number below 1000 with three digits; whole ones without a point.
func digits(f float64) string {
	switch a := math.Abs(f); {
	case f == math.Trunc(f) || a >= 99.95:
		return strconv.FormatFloat(f, 'f', 0, 64)
	case a >= 9.995:
		return strconv.FormatFloat(f, 'f', 1, 64)
	}
	return strconv.FormatFloat(f, 'f', 2, 64)
}

// Bytes writes a size in memory or on disk: 3.2 MB.
func Bytes[T ~int | ~int64](n T) string {
	s := SI(n)
	if last := s[len(s)-1]; last >= '0' && last <= '9' {
		return s + " B"
	}
	return s[:len(s)-1] + " " + s[len(s)-1:] + "B"
}

// Short writes a loss or a share in four or five characters: .846, 12.3, 1.2e+04.
func Short(v float64) string {
	switch a := math.Abs(v); {
	case math.IsNaN(v), math.IsInf(v, 0):
		return fmt.Sprint(v)
	case a < 0.9995:
		return strings.Replace(strconv.FormatFloat(v, 'f', 3, 64), "0.", ".", 1)
	case a < 99.95:
		return digits(v)
	}
	return strconv.FormatFloat(v, 'g', 3, 64)
}

// Loss is Short, but writes what would be .000 with its exponent: 5e-04.
func Loss(v float64) string {
	if a := math.Abs(v); a > 0 && a < 0.0005 {
		return strconv.FormatFloat(v, 'e', 0, 64)
	}
	return Short(v)
}

// Percent writes a share of 0 to 1: 97%, and below ten of them with one digit more.
func Percent(v float64) string {
	if a := math.Abs(v); a > 0 && a < 0.0995 {
		return strconv.FormatFloat(100*v, 'f', 1, 64) + "%"
	}
	return strconv.FormatFloat(100*v, 'f', 0, 64) + "%"
}

// Clock writes a duration as clocks do: 0:42, 1:02:03.
func Clock(d time.Duration) string {
	s := int(d.Round(time.Second) / time.Second)
	if s < 3600 {
		return fmt.Sprintf("%d:%02d", s/60, s%60)
	}
	return fmt.Sprintf("%d:%02d:%02d", s/3600, s/60%60, s%60)
}

// Shape writes lengths as 22×22×32; 0 is any length.
func Shape(dims []int) string {
	if len(dims) == 0 {
		return "1"
	}
	parts := make([]string, len(dims))
	for i, d := range dims {
		parts[i] = strconv.Itoa(d)
		if d == 0 {
			parts[i] = "?"
		}
	}
	return strings.Join(parts, "×")
}
