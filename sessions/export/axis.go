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
	if digits > 5 || max(-lo, hi) >= 1e7 {
		format, digits = 'g', 7 // without the digits that rounding leaves
	}
	for i := int(math.Ceil(lo/step - 1e-9)); i <= int(math.Floor(hi/step+1e-9)); i++ {
		v := float64(i) * step
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

// axisRange is the range of an axis for values from lo to hi, with room above and below. The values are such as tame
// leaves.
func axisRange(lo, hi float64, logarithmic bool) (from, to float64) {
	most := max(-lo, hi)
	switch {
	case lo > hi:
		return 0, 1
	case logarithmic:
		room := math.Pow(hi/lo, 0.06)
		return lo / room, hi * room
	case most == 0:
		return -1, 1
	case hi-lo < 1e-5*most: // a line that is as good as straight is not made a mountain
		return lo - most/2, hi + most/2
	}
	room := (hi - lo) * 0.06
	return lo - room, hi + room
}

// tame is a value as charts show it: beyond what their arithmetic can bear it is no number, and below it is 0.
func tame(v float64) float64 {
	switch a := math.Abs(v); {
	case a > 1e150:
		return math.NaN()
	case a < 1e-150:
		return 0
	}
	return v
}
