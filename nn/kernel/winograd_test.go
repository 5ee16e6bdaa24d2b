package kernel

import (
	"math"
	"math/rand/v2"
	"testing"
)

// winogradRun does one convolution of an image, its input gradient, its weight gradient and its bias gradient by the
// kernels. Where there is a mask, the output's gradient counts where that is above 0.
func winogradRun(g Winograd, x, w, bias, dy, mask []float32, relu bool) (y, dx, dw, db []float32) {
	tiles, taps := g.Tiles(), g.C*g.F
	pv, pm, pu, pt := PointPanels(tiles, g.C), PointPanels(tiles, g.F), PointPanels(g.C, g.F), PointPanels(g.F, g.C)
	v, m, u := make([]float32, pv.Size()), make([]float32, pm.Size()), make([]float32, max(pu.Size(), pt.Size()))
	outside, waste := make([]float32, max(g.C, g.F)), make([]float32, max(6*g.C, g.F))
	y, dx, dw, db = make([]float32, g.OH*g.OW*g.F), make([]float32, g.H*g.W*g.C), make([]float32, 9*taps), make([]float32, g.F)

	WinogradKernel(u, pu, w, 0, g.C)
	for t := range tiles {
		g.Input(v, pv, t, x, t, outside)
	}
	WinogradMultiply(m, v, u, nil, tiles, g.C, g.F, 0, WinogradPoints)
	for t := range tiles {
		g.Output(y, t, m, pm, t, bias, relu, waste)
	}

	// The weight gradient in two shards, the first in two parts.
	du := make([]float32, 2*pu.Size())
	for i, part := range [][2]int{{0, tiles / 4}, {tiles / 4, tiles / 2}, {tiles / 2, tiles}} {
		n := part[1] - part[0]
		for t := range n {
			g.Input(v, PointPanels(n, g.C), t, x, part[0]+t, outside)
			g.Gradient(m, PointPanels(n, g.F), t, dy, mask, db, part[0]+t, outside)
		}
		for p := 0; p < WinogradPoints && n > 0; p += 12 {
			WinogradAccumulate(du[i/2*pu.Size():], v, m, nil, n, g.C, g.F, p, 12, i != 1 || tiles/4 == 0)
		}
	}
	WinogradKernelGradient(dw, du, 2, pu, 0, g.C)

	wt := make([]float32, 9*taps)
	for tap := range 9 {
		Transpose(wt[tap*taps:], g.C, w[tap*taps:], g.F, g.C, g.F)
	}
	WinogradKernel(u, pt, wt, 0, g.F)
	for t := range tiles {
		g.Gradient(m, pm, t, dy, mask, waste, t, outside)
	}
	WinogradMultiply(v, m, u, nil, tiles, g.F, g.C, 0, WinogradPoints)
	for i := range dx {
		dx[i] = float32(math.NaN())
	}
	g.ClearEdge(dx)
	for t := range tiles {
		g.Spread(dx, t, v, pv, t, waste)
	}
	return y, dx, dw, db
}

// convolve is the same from the definition, in float64.
func convolve(g Winograd, x, w, bias, dy, mask []float32, relu bool) (y, dx, dw, db []float64) {
	y, dx, dw, db = make([]float64, g.OH*g.OW*g.F), make([]float64, g.H*g.W*g.C), make([]float64, 9*g.C*g.F), make([]float64, g.F)
	for oh := range g.OH {
		for ow := range g.OW {
			for f := range g.F {
				at := (oh*g.OW+ow)*g.F + f
				z, dz := float64(bias[f]), float64(dy[at])
				if mask != nil && mask[at] <= 0 {
					dz = 0
				}
				db[f] += dz
				for i := range 3 {
					for j := range 3 {
						h, s := oh+i-g.Top, ow+j-g.Left
						if h < 0 || h >= g.H || s < 0 || s >= g.W {
							continue
						}
						for c := range g.C {
							k, p := ((i*3+j)*g.C+c)*g.F+f, (h*g.W+s)*g.C+c
							z += float64(x[p]) * float64(w[k])
							dx[p] += dz * float64(w[k])
							dw[k] += dz * float64(x[p])
						}
					}
				}
				if relu {
					z = max(z, 0)
				}
				y[at] = z
			}
		}
	}
	return y, dx, dw, db
}

// winogradShapes covers valid and same padding, and every way in which the last tile can reach beyond the output.
func winogradShapes(channels [][2]int) []Winograd {
	var shapes []Winograd
	for _, cf := range channels {
		for _, hw := range [][2]int{{3, 3}, {4, 9}, {5, 6}, {8, 8}, {10, 7}} {
			g := Winograd{H: hw[0], W: hw[1], C: cf[0], F: cf[1]}
			g.OH, g.OW = g.H-2, g.W-2
			shapes = append(shapes, g)
			g.OH, g.OW, g.Top, g.Left = g.H, g.W, 1, 1
			shapes = append(shapes, g)
		}
	}
	return shapes
}

// TestWinogradAgainstDefinition holds the three products of a convolution to its definition.
func TestWinogradAgainstDefinition(t *testing.T) {
	r := rand.New(rand.NewPCG(21, 22))
	for _, g := range winogradShapes([][2]int{{1, 1}, {3, 5}, {16, 16}, {24, 17}, {32, 64}}) {
		x, w, bias, dy := random(r, g.H*g.W*g.C), random(r, 9*g.C*g.F), random(r, g.F), random(r, g.OH*g.OW*g.F)
		for _, relu := range []bool{false, true} {
			var mask []float32
			if relu {
				mask = random(r, len(dy))
			}
			y, dx, dw, db := winogradRun(g, x, w, bias, dy, mask, relu)
			wy, wdx, wdw, wdb := convolve(g, x, w, bias, dy, mask, relu)
			for what, pair := range map[string]struct {
				got  []float32
				want []float64
			}{"y": {y, wy}, "dx": {dx, wdx}, "dw": {dw, wdw}, "db": {db, wdb}} {
				worst, top := 0.0, 0.0
				for i, v := range pair.want {
					worst, top = max(worst, math.Abs(float64(pair.got[i])-v)), max(top, math.Abs(v))
				}
				if !(worst <= 5e-6*top) {
					t.Errorf("%+v: %s is off by %.2g", g, what, worst/top)
				}
			}
		}
	}
}

// TestWinogradTwins: every set of kernels gives the same bits, also of values that are not finite.
func TestWinogradTwins(t *testing.T) {
	defer Use("")
	r := rand.New(rand.NewPCG(23, 24))
	for _, g := range winogradShapes([][2]int{{1, 2}, {7, 9}, {16, 24}, {41, 8}}) {
		for _, draw := range []func(*rand.Rand, int) []float32{random, oddly} {
			x, w, bias, dy := draw(r, g.H*g.W*g.C), random(r, 9*g.C*g.F), draw(r, g.F), random(r, g.OH*g.OW*g.F)
			relu := g.Top == 1
			var mask []float32
			if relu {
				mask = draw(r, len(dy))
			}
			var want [4][]float32
			for _, isa := range append([]string{"generic"}, assembled()...) {
				if Use(isa) != nil {
					continue
				}
				var got [4][]float32
				got[0], got[1], got[2], got[3] = winogradRun(g, x, w, bias, dy, mask, relu)
				if want[0] == nil {
					want = got
				}
				for k := range got {
					for i, v := range got[k] {
						o := want[k][i]
						if math.Float32bits(v) != math.Float32bits(o) && (v == v || o == o) { // which NaN it is may differ
							t.Fatalf("%+v on %s: result %d, element %d is %v, want %v", g, isa, k, i, v, o)
						}
					}
				}
			}
		}
	}
}
