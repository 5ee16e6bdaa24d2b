package kernel

import (
	"math"
	"math/rand/v2"
	"testing"
)

// winogradRun does one convolution of an image, its input gradient and its weight gradient by the kernels.
func winogradRun(g Winograd, x, w, bias, dy []float32, relu bool) (y, dx, dw []float32) {
	tiles := max(g.Tiles(), 1)
	back := g.Transposed()
	tiles = max(tiles, back.Tiles())
	ldc, ldf, ldu := WinogradStride(tiles*g.C), WinogradStride(tiles*g.F), WinogradStride(g.C*g.F)
	v, m, u := make([]float32, 36*ldc), make([]float32, 36*ldf), make([]float32, 36*ldu)
	outside := make([]float32, max(g.C, g.F))
	waste := make([]float32, max(g.C, g.F))
	y, dx, dw = make([]float32, g.OH*g.OW*g.F), make([]float32, g.H*g.W*g.C), make([]float32, 9*g.C*g.F)

	WinogradKernel(u, ldu, w, g.C*g.F, g.C*g.F, false)
	for t := range g.Tiles() {
		g.Input(v[t*g.C:], ldc, x, t, outside)
	}
	WinogradMultiply(m, ldf, v, ldc, u, ldu, g.Tiles(), g.C, g.F)
	for t := range g.Tiles() {
		g.Output(y, m[t*g.F:], ldf, bias, relu, t, waste)
	}

	d, du := make([]float32, 36*ldf), make([]float32, 36*ldu)
	for t := range g.Tiles() {
		g.Gradient(d[t*g.F:], ldf, dy, t, outside)
	}
	half := g.Tiles() / 2
	if half > 0 {
		WinogradAccumulate(du, ldu, v, ldc, d, ldf, half, g.C, g.F, true)
	}
	WinogradAccumulate(du, ldu, v[half*g.C:], ldc, d[half*g.F:], ldf, g.Tiles()-half, g.C, g.F, half == 0)
	WinogradKernelGradient(dw, g.C*g.F, du, ldu, g.C*g.F)

	wt := make([]float32, 9*g.C*g.F)
	for tap := range 9 {
		Transpose(wt[tap*g.C*g.F:], g.C, w[tap*g.C*g.F:], g.F, g.C, g.F)
	}
	WinogradKernel(u, ldu, wt, g.C*g.F, g.C*g.F, true)
	for t := range back.Tiles() {
		back.Input(m[t*g.F:], ldf, dy, t, outside)
	}
	WinogradMultiply(v, ldc, m, ldf, u, ldu, back.Tiles(), g.F, g.C)
	for t := range back.Tiles() {
		back.Output(dx, v[t*g.C:], ldc, outside, false, t, waste)
	}
	return y, dx, dw
}

// convolve is the same from the definition, in float64.
func convolve(g Winograd, x, w, bias, dy []float32, relu bool) (y, dx, dw []float64) {
	y, dx, dw = make([]float64, g.OH*g.OW*g.F), make([]float64, g.H*g.W*g.C), make([]float64, 9*g.C*g.F)
	for oh := range g.OH {
		for ow := range g.OW {
			for f := range g.F {
				at := (oh*g.OW+ow)*g.F + f
				z := float64(bias[f])
				for i := range 3 {
					for j := range 3 {
						h, s := oh+i-g.Top, ow+j-g.Left
						if h < 0 || h >= g.H || s < 0 || s >= g.W {
							continue
						}
						for c := range g.C {
							k, p := ((i*3+j)*g.C+c)*g.F+f, (h*g.W+s)*g.C+c
							z += float64(x[p]) * float64(w[k])
							dx[p] += float64(dy[at]) * float64(w[k])
							dw[k] += float64(dy[at]) * float64(x[p])
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
	return y, dx, dw
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
			y, dx, dw := winogradRun(g, x, w, bias, dy, relu)
			wy, wdx, wdw := convolve(g, x, w, bias, dy, relu)
			for what, pair := range map[string]struct {
				got  []float32
				want []float64
			}{"y": {y, wy}, "dx": {dx, wdx}, "dw": {dw, wdw}} {
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
			var want [3][]float32
			for _, isa := range []string{"generic", "avx2", "avx512"} {
				if Use(isa) != nil {
					continue
				}
				var got [3][]float32
				got[0], got[1], got[2] = winogradRun(g, x, w, bias, dy, relu)
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
