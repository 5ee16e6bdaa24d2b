package kernel

import (
	"math/rand/v2"
	"testing"
)

// TestLSTMFences: no step reads or writes beyond its operands.
func TestLSTMFences(t *testing.T) {
	everySet(t, func(t *testing.T) {
		if !Chained() {
			t.Skip("there are no kernels")
		}
		r := rand.New(rand.NewPCG(37, 38))
		var fences [10]*fenced
		for i := range fences {
			fences[i] = fence(t, 1<<14)
		}
		for range 60 {
			g := LSTM{F: 1 + r.IntN(9), U: 1 + r.IntN(40)}
			g.X, g.H, g.G = g.F, g.Wide(), 4*g.Wide()
			rows, end := 1+r.IntN(9), r.IntN(2) == 0
			put := func(i, n int) []float32 { return fences[i].put(random(r, n), end) }
			states := func(i int) LSTMRows {
				return LSTMRows{H: put(i, rows*g.H), Gates: put(i+1, rows*g.G), Cells: put(i+2, rows*2*g.Wide())}
			}
			p, x, dh, dc := put(0, g.Packed()), put(1, rows*g.F), put(2, rows*g.Wide()), put(3, rows*g.Wide())
			first, last := states(4), states(7)
			fault := trespass(func() {
				g.Step(p, x, LSTMRows{}, first, rows)
				g.Step(p, x, first, last, rows)
				g.Back(first, last, dh, dc, rows)
				g.Back(LSTMRows{}, first, dh, dc, rows)
			})
			if fault != nil {
				t.Fatalf("%+v, %d rows, operands at the end of a page %v: %v", g, rows, end, fault)
			}
		}
	})
}
