package kernel

import (
	"math/rand/v2"
	"testing"
)

// TestLanesStayInside: no kernel on lanes reads or writes beside its operands, be they at the end of a page or at its
// start.
func TestLanesStayInside(t *testing.T) {
	everySet(t, func(t *testing.T) {
		r := rand.New(rand.NewPCG(35, 36))
		var fences [6]*fenced
		for i := range fences {
			fences[i] = fence(t, 1<<16)
		}
		for _, shape := range lanesShapes() {
			l := shape.geometry()
			for _, end := range []bool{false, true} {
				place := func(i, n int) []float32 { return fences[i].put(random(r, n), end) }
				from := make([]uint32, l.FromSize())
				xp, w, bias, y := place(0, l.InputSize()), place(1, l.K()*l.F), place(2, l.F), place(3, l.RowSize())
				fault := trespass(func() {
					for p := range l.PH {
						l.Forward(y, from, xp, w, bias, p, 1, true)
					}
				})
				if fault != nil {
					t.Fatalf("%+v, at the end %v: forward: %v", l, end, fault)
				}
				dz, sums := place(4, l.GradientSize(l.OH)), place(5, 8*l.Sums())
				fault = trespass(func() { l.WeightGradient(sums, xp, dz, 0, l.OH, l.OH, true) })
				if fault != nil {
					t.Fatalf("%+v, at the end %v: weight gradient: %v", l, end, fault)
				}
				dx, turned := place(3, l.InputGradientSize()), place(1, l.TurnedSize())
				fault = trespass(func() {
					for h := range l.H {
						l.InputGradient(dx, dz, turned, h)
					}
				})
				if fault != nil {
					t.Fatalf("%+v, at the end %v: input gradient: %v", l, end, fault)
				}
			}
		}
	})
}
