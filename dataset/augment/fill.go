package augment

import "math"

// fillMode is how a picture goes on outside itself, as SciPy's ndimage has it.
type fillMode uint8

const (
	fillConstant fillMode = iota // k k k | a b c d | k k k
	fillNearest                  // a a a | a b c d | d d d
	fillReflect                  // c b a | a b c d | d c b
	fillWrap                     // b c d | a b c d | b c d: the period is one less than the length
)

// fillModes are the names of the modes.
var fillModes = map[string]fillMode{"constant": fillConstant, "nearest": fillNearest, "reflect": fillReflect, "wrap": fillWrap}

// coordinate takes a coordinate to one within [-1, n), where that of reflect may lie half a pixel or more outside 0..n-1
// with both its neighbours the same pixel. False: it is cval.
func (f fillMode) coordinate(x float64, n int) (float64, bool) {
	last := float64(n - 1)
	if x >= 0 && x <= last {
		return x, true
	}
	switch f {
	case fillConstant:
		return 0, false
	case fillNearest:
		return max(0, min(x, last)), true
	case fillReflect:
		period := 2 * float64(n)
		if x < 0 {
			x = -x - 1
		}
		x -= period * math.Floor(x/period)
		if x > last {
			x = period - x - 1
		}
		return x, true
	}
	if n == 1 {
		return 0, true
	}
	// SciPy's own steps: they decide which end a coordinate on the seam belongs to.
	if x < 0 {
		return x + last*(math.Trunc(-x/last)+1), true
	}
	return x - last*math.Trunc(x/last), true
}

// at is coordinate for a whole one.
func (f fillMode) at(i, n int) (int, bool) {
	x, ok := f.coordinate(float64(i), n)
	return int(x), ok
}
