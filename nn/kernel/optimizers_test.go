package kernel

import (
	"math"
	"testing"
)

// TestSlotsAreNormal: once gradients are 0, what the optimizers keep goes down to 0 and not to subnormal numbers.
func TestSlotsAreNormal(t *testing.T) {
	const n = 37
	updates := []struct {
		name  string
		slots int
		do    func(w, g, a, b, c []float32)
	}{
		{"adam", 2, func(w, g, a, b, _ []float32) { Adam(w, g, a, b, .1, .001, .01, 1e-7) }},
		{"amsgrad", 2, func(w, g, a, b, c []float32) { Amsgrad(w, g, a, b, c, .1, .001, .01, 1e-7) }},
		{"nadam", 2, func(w, g, a, b, _ []float32) {
			Nadam(w, g, a, b, .1, .001, .01, 1e-7, &[5]float32{.45, .8, .55, .6, .002})
		}},
		{"adamax", 2, func(w, g, a, b, _ []float32) { Adamax(w, g, a, b, .1, .999, .01, 1e-7, .3) }},
		{"momentum", 1, func(w, g, a, _, _ []float32) { Momentum(w, g, a, .01, .9) }},
		{"nesterov", 1, func(w, g, a, _, _ []float32) { Nesterov(w, g, a, .01, .9) }},
		{"adagrad", 1, func(w, g, a, _, _ []float32) { Adagrad(w, g, a, .01, 1e-7) }},
		{"adadelta", 2, func(w, g, a, b, _ []float32) { Adadelta(w, g, a, b, .1, .95, .05, 1e-7) }},
		{"rmsprop", 3, func(w, g, a, b, c []float32) { RMSprop(w, g, a, b, c, .01, .9, .1, 1e-7, .8) }},
	}
	tiny := []float32{1e-45, 1e-40, 1.1754942e-38, 1.1754944e-38, 1.2e-38, 0}
	everySet(t, func(t *testing.T) {
		for _, u := range updates {
			w, g := make([]float32, n), make([]float32, n)
			var slots [3][]float32
			for s := range slots {
				slots[s] = make([]float32, n)
				for i := range slots[s] {
					slots[s][i] = tiny[(i+s)%len(tiny)]
				}
			}
			u.do(w, g, slots[0], slots[1], slots[2])
			for s, slot := range slots[:u.slots] {
				for i, v := range slot {
					if v != 0 && math.Abs(float64(v)) < 0x1p-126 {
						t.Errorf("%s: slot %d is %g after %g", u.name, s, v, tiny[(i+s)%len(tiny)])
					}
				}
			}
			if u.name == "adam" && (slots[0][3] != 0 || slots[1][3] == 0) {
				// 0.9 of the smallest normal number, and 0.999 of one a bit above
				t.Errorf("adam: the means are %g and %g", slots[0][3], slots[1][3])
			}
		}
	})
}
