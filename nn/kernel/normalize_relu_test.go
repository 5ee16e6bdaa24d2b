package kernel

import (
	"math"
	"math/rand/v2"
	"testing"
)

// TestNormalizeReluTwins: the vector kernels of batch normalisation with relu and pooling give the bits of their Go twins,
// also of values that are not finite and of equal ones, and those of the operations one by one.
func TestNormalizeReluTwins(t *testing.T) {
	defer Use("")
	r := rand.New(rand.NewPCG(61, 62))
	for range 1000 {
		g := Window{C: 8 * (1 + r.IntN(5)), KH: 2, KW: 2, SH: 2, SW: 2, DH: 1, DW: 1, OH: 1 + r.IntN(4), OW: 1 + r.IntN(4)}
		g.H, g.W = 2*g.OH, 2*g.OW
		n, out := g.H*g.W*g.C, g.Pixels()*g.C
		x, dy, dp := random(r, n), random(r, n), random(r, out)
		finite := r.IntN(2) == 0
		if !finite {
			x, dy, dp = oddly(r, n), oddly(r, n), oddly(r, out)
		} else if r.IntN(2) == 0 { // ties
			for i := range x {
				x[i] = float32(r.IntN(3))
			}
		}
		p := Affine{random(r, g.C), random(r, g.C), random(r, g.C)}
		a, b, m := random(r, g.C), random(r, g.C), random(r, g.C)
		mean := make([]float64, g.C)
		for i := range mean {
			mean[i] = float64(p.Shift[i]) * 1.00000001
		}
		// run computes all of it: fused or, for the second result, one by one.
		run := func(isa string) (fused, single [][]float32, sums [4][]float64) {
			if err := Use(isa); err != nil {
				t.Fatal(err)
			}
			guarded := func(n int) []float32 { return dirty(n + 8) }
			y, dx, pooled, dpx := guarded(n), guarded(n), guarded(out), guarded(n)
			arg := make([]uint8, out+8)
			for i := range sums {
				sums[i] = make([]float64, g.C)
			}
			NormalizeRelu(y[:n], x, p)
			MomentsRelu(sums[0], sums[1], mean, x, dy, p)
			NormalizeReluBackward(dx[:n], dy, x, p, a, b, m)
			g.NormalizePool(pooled[:out], arg[:out], x, p)
			g.MomentsPool(sums[2], sums[3], mean, x, dp, arg[:out])
			g.NormalizePoolBackward(dpx[:n], dp, arg[:out], x, p, a, b, m)
			index := make([]float32, len(arg))
			for i, v := range arg {
				index[i] = float32(v)
			}

			z, y1, d, dx1, pooled1, dpx1 := guarded(n), guarded(n), guarded(n), guarded(n), guarded(out), guarded(n)
			Normalize(z[:n], x, p)
			Relu(y1[:n], z[:n])
			copy(d, dy)
			ReluBackward(d[:n], y1[:n])
			NormalizeBackward(dx1[:n], d[:n], x, p, a, b, m)
			one := make([]uint8, out)
			g.MaxPool(pooled1[:out], one, y1[:n])
			g.MaxPoolBackward(d[:n], dp, one)
			ReluBackward(d[:n], y1[:n])
			NormalizeBackward(dpx1[:n], d[:n], x, p, a, b, m)
			return [][]float32{y, dx, pooled, dpx, index}, [][]float32{y1, dx1, pooled1, dpx1}, sums
		}
		want, single, wantSums := run("generic")
		got, _, sums := run("")
		compare := func(what string, got, want []float32) {
			t.Helper()
			for i, v := range got {
				w := want[i]
				if math.Float32bits(v) != math.Float32bits(w) && (v == v || w == w) {
					t.Fatalf("%+v: %s: element %d is %v, want %v", g, what, i, v, w)
				}
			}
		}
		for i, what := range []string{"relu", "gradient through relu", "pooling", "gradient through the pooling", "index"} {
			compare(what, got[i], want[i])
			if i < len(single) && finite {
				compare(what+" one by one", got[i], single[i])
			}
		}
		for i := range sums {
			for k, v := range sums[i] {
				if w := wantSums[i][k]; math.Float64bits(v) != math.Float64bits(w) && (v == v || w == w) {
					t.Fatalf("%+v: sum %d of channel %d is %v, want %v", g, i, k, v, w)
				}
			}
		}
	}
}
