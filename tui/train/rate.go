package train

import (
	"fmt"
	"math"
	"strconv"
)

// nextRate is the nearest of 1, 2 and 5 times a power of ten above a learning rate, or below it where up is false.
func nextRate(rate float64, up bool) float64 {
	if !(rate > 0) {
		rate = smallestRate
	}
	// The engine holds rates in float32: one that is a step already comes back a little off.
	const off = 1e-6
	e := int(math.Floor(math.Log10(rate)))
	found := rate
	for k := e - 1; k <= e+1; k++ {
		for _, m := range []int{1, 2, 5} {
			v, err := strconv.ParseFloat(fmt.Sprintf("%de%d", m, k), 64)
			switch {
			case err != nil:
			case up && v > rate*(1+off):
				return min(v, largestRate)
			case !up && v < rate*(1-off):
				found = v
			}
		}
	}
	return max(found, smallestRate)
}

// Where steps of the learning rate end.
const (
	smallestRate = 1e-9
	largestRate  = 100
)

// near says that two learning rates are the same but for rounding.
func near(a, b float64) bool { return math.Abs(a-b) <= 1e-6*math.Abs(b) }
