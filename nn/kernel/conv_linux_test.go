package kernel

import (
	"math/rand/v2"
	"testing"
)

// TestConvFences: no implicit product and no packing of a gradient reads or writes beyond its operands.
func TestConvFences(t *testing.T) {
	everySet(t, func(t *testing.T) {
		if !Chained() {
			t.Skip("the operands are gonum's to check")
		}
		r := rand.New(rand.NewPCG(35, 36))
		var fences [7]*fenced
		for i := range fences {
			fences[i] = fence(t, 1<<16)
		}
		for range 60 {
			g, f := randomWindow(r), 1+r.IntN(70)
			if r.IntN(3) == 0 {
				f = PanelColumns(f)
			}
			c := NewConv(g, f, 1+r.IntN(2*g.Pixels()))
			end, relu := r.IntN(2) == 0, r.IntN(2) == 0
			put := func(i, n int) []float32 { return fences[i].put(random(r, n), end) }
			maps := PanelColumns(f)
			x, y, dy := put(0, g.H*g.W*g.C), put(1, g.Pixels()*f), put(2, g.Pixels()*f)
			w, bias, dw, scratch := put(3, g.K()*maps), put(4, maps), put(5, g.K()*maps), put(6, c.GradientScratch())
			fault := trespass(func() {
				c.Forward(y, x, 1, w, bias, relu, scratch[:c.Scratch()])
				mask := y
				if f < maps {
					mask = nil
				}
				c.Gradient(dw, bias, x, dy, mask, 1, relu, end, scratch)
			})
			if fault != nil {
				t.Fatalf("%+v to %d maps, operands at the end of a page %v: %v", g, f, end, fault)
			}
		}
	})
}
