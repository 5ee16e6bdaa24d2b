package kernel

import (
	"math/rand/v2"
	"testing"
)

// TestWinogradFences: no transform and no product reads or writes beyond its operands.
func TestWinogradFences(t *testing.T) {
	everySet(t, func(t *testing.T) {
		if !Chained() {
			t.Skip("the operands are gonum's to check")
		}
		r := rand.New(rand.NewPCG(25, 26))
		for _, g := range winogradShapes([][2]int{{8, 24}, {17, 16}, {32, 8}}) {
			sizes := []int{g.H * g.W * g.C, 9 * g.C * g.F, g.F, g.OH * g.OW * g.F}
			var fences []*fenced
			for _, n := range sizes {
				fences = append(fences, fence(t, n))
			}
			work := fence(t, 6*g.C+g.F)
			panels := PointPanels(g.Tiles(), g.C)
			v, m, u := fence(t, panels.Size()), fence(t, PointPanels(g.Tiles(), g.F).Size()), fence(t, PointPanels(g.C, g.F).Size())
			for _, end := range []bool{false, true} {
				var x [4][]float32
				for i, n := range sizes {
					x[i] = fences[i].put(random(r, n), end)
				}
				zeros := work.put(make([]float32, max(g.C, g.F)), end)
				fault := trespass(func() {
					pv, pm, pu := PointPanels(g.Tiles(), g.C), PointPanels(g.Tiles(), g.F), PointPanels(g.C, g.F)
					v, m, u := v.put(make([]float32, pv.Size()), end), m.put(make([]float32, pm.Size()), end), u.put(make([]float32, pu.Size()), end)
					WinogradKernel(u, pu, x[1], 0, g.C)
					for tile := range g.Tiles() {
						g.Input(v, pv, tile, x[0], tile, zeros)
					}
					WinogradMultiply(m, v, u, nil, g.Tiles(), g.C, g.F, 0, WinogradPoints)
					for tile := range g.Tiles() {
						g.Output(x[3], tile, m, pm, tile, x[2], true, zeros)
					}
					for tile := range g.Tiles() {
						g.Gradient(m, pm, tile, x[3], x[3], x[2], tile, zeros)
					}
					WinogradAccumulate(u, v, m, nil, g.Tiles(), g.C, g.F, 0, WinogradPoints, true)
					WinogradKernelGradient(x[1], u, 1, pu, 0, g.C)
					g.ClearEdge(x[0])
					waste := work.put(make([]float32, 6*g.C), end)
					for tile := range g.Tiles() {
						g.Spread(x[0], tile, v, pv, tile, waste)
					}
				})
				if fault != nil {
					t.Fatalf("%+v, operands at the end of a page %v: %v", g, end, fault)
				}
			}
		}
	})
}
