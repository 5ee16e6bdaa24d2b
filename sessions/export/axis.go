package export

import (
	"math"
	"strconv"
)

// tick is a place on an axis with its label.
type tick struct {
	value float64
	label string
}

// mostTicks is how many labels an axis has at most.
const mostTicks = 7

// ticks are round places from lo to hi, lo being smaller: of steps of 1, 2 or 5, or powers of ten.
func ticks(lo, hi float64, logarithmic bool) []tick {
	var out []tick
	if logarithmic {
		first, last := math.Ceil(math.Log10(lo)-1e-9), math.Floor(math.Log10(hi)+1e-9)
		stride := math.Ceil((last - first + 1) / mostTicks)
		for e := first; e <= last; e += stride {
			v := math.Pow10(int(e))
			out = append(out, tick{v, strconv.FormatFloat(v, 'g', -1, 64)})
		}
		return out
	}
	step, exponent := roundStep((hi - lo) / (mostTicks - 1))
	format, digits := byte('f'), max(-exponent, 0)
	if digits > 5 || math.Max(math.Abs(lo), math.Abs(hi)) >= 1e7 {
		format, digits = 'g', -1
	}
	for i := math.Ceil(lo/step - 1e-9); i*step <= hi+step*1e-9; i++ {
		v := i * step
		if format == 'g' { // without the digits that rounding leaves
			v, _ = strconv.ParseFloat(strconv.FormatFloat(v, 'e', 6, 64), 64)
		}
		if v == 0 {
			v = 0 // never minus
		}
		out = append(out, tick{v, strconv.FormatFloat(v, format, digits, 64)})
	}
	return out
}

// roundStep is the smallest of 1, 2 and 5 times a power of ten that is not below least, and that power.
func roundStep(least float64) (step float64, exponent int) {
	exponent = int(math.Floor(math.Log10(least)))
	for {
		for _, m := range []float64{1, 2, 5} {
			if s := m * math.Pow10(exponent); s >= least {
				return s, exponent
			}
		}
		exponent++
	}
}

// epochTicks are round whole numbers from first to last.
func epochTicks(first, last int) []tick {
	if first == last {
		return []tick{{float64(first), strconv.Itoa(first)}}
	}
	step, _ := roundStep(max(float64(last-first)/10, 1))
	var out []tick
	for e := int(math.Ceil(float64(first)/step)) * int(step); e <= last; e += int(step) {
		out = append(out, tick{float64(e), strconv.Itoa(e)})
	}
	return out
}

// axisRange is the range of an axis for values from lo to hi, with room above and below.
func axisRange(lo, hi float64, logarithmic bool) (from, to float64) {
	switch {
	case lo > hi:
		return 0, 1
	case logarithmic:
		room := math.Pow(hi/lo, 0.06)
		return lo / room, hi * room
	case lo == hi:
		room := math.Abs(lo) / 2
		if room == 0 {
			room = 1
		}
		return lo - room, hi + room
	}
	room := (hi - lo) * 0.06
	if math.IsInf(room, 0) || lo-room == lo || hi+room == hi { // at the ends of what floats can hold
		return lo, hi
	}
	return lo - room, hi + room
}
