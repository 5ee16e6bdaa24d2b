package kernel

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// TestPanelled: a matrix comes back from its panels as it was, and is the left operand there that it is in rows; nothing
// beside the result is written.
func TestPanelled(t *testing.T) {
	everySet(t, func(t *testing.T) {
		r := rand.New(rand.NewPCG(41, 42))
		for range 100 {
			m, n, k := 1+r.IntN(70), 1+r.IntN(70), PanelWidth()*(1+r.IntN(5))
			if !PanelledFits(m, k) || PanelledFits(m, k+1) {
				t.Fatalf("%dx%d: not where whole panels are", m, k)
			}
			w, b := random(r, m*k), random(r, n*k)
			a, back := random(r, m*k), random(r, m*k)
			ToPanels(a, w, m, k)
			FromPanels(back, a, m, k)
			if !slices.Equal(back, w) {
				t.Fatalf("%dx%d does not come back", m, k)
			}
			i0 := r.IntN(m)
			i1 := i0 + 1 + r.IntN(m-i0)
			ldc := n + r.IntN(5)
			c := random(r, (i1-i0)*ldc)
			want := slices.Clone(c)
			Gemm(NoTrans, T, i1-i0, n, k, w[i0*k:], k, b, k, 0, want, ldc)
			p, right := NewPanelled(m, k), random(r, PanelColumns(n)*k)
			from := r.IntN(k + 1)
			p.PackT(right, n, b, k, from, k)
			p.PackT(right, n, b, k, 0, from)
			p.Multiply(a, i0, i1, right, n, c, ldc)
			for i, v := range c {
				if v != want[i] && (Chained() || math.Abs(float64(v-want[i])) > 1e-3) {
					t.Fatalf("rows %d to %d of %dx%d by %d: element %d is %v, want %v", i0, i1, m, k, n, i, v, want[i])
				}
			}
		}
	})
}
