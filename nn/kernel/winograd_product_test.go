package kernel

import (
	"math/rand/v2"
	"testing"
)

// pointed are the values x [points, rows, cols] of the first points, in panels.
func (p WinogradPanels) pointed(x []float32, points int) []float32 {
	panels := make([]float32, p.Size())
	for i, v := range x[:points*p.rows*p.cols] {
		panels[p.of(i)] = v
	}
	return panels
}

// plain is the reverse.
func (p WinogradPanels) plain(panels []float32, points int) []float32 {
	x := make([]float32, points*p.rows*p.cols)
	for i := range x {
		x[i] = panels[p.of(i)]
	}
	return x
}

// of is where value i of [points, rows, cols] lies.
func (p WinogradPanels) of(i int) int {
	row := i / p.cols
	return row/p.rows*p.stride + p.row(row%p.rows) + p.column(i%p.cols)
}

// TestWinogradProductTwins: the products of the points have the same bits on every set of kernels, with tiles of any
// number of rows and any number of panels.
func TestWinogradProductTwins(t *testing.T) {
	defer Use("")
	r := rand.New(rand.NewPCG(27, 28))
	for round := range 64 {
		tiles, c, f, points := 1+round%32, 1+r.IntN(70), 1+r.IntN(70), 1+r.IntN(2)
		draw := random
		if round%4 == 0 {
			draw = oddly
		}
		v, u, d := draw(r, points*tiles*c), random(r, points*c*f), random(r, points*tiles*f)
		g := []int{tiles, c, f}
		var want [3][]float32
		for _, isa := range append([]string{"generic"}, assembled()...) {
			if Use(isa) != nil {
				continue
			}
			pv, pu, pm := PointPanels(tiles, c), PointPanels(c, f), PointPanels(tiles, f)
			inV, inU, inD := pv.pointed(v, points), pu.pointed(u, points), pm.pointed(d, points)
			var got [3][]float32
			m := make([]float32, pm.Size())
			WinogradMultiply(m, inV, inU, nil, tiles, c, f, 0, points)
			got[0] = pm.plain(m, points)
			WinogradAccumulate(inU, inV, inD, nil, tiles, c, f, 0, points, false)
			got[1] = pu.plain(inU, points)
			WinogradAccumulate(inU, inV, inD, nil, tiles, c, f, 0, points, true)
			got[2] = pu.plain(inU, points)
			if want[0] == nil {
				want = got
			}
			sameBits(t, "products", g, got[0], want[0])
			sameBits(t, "sums", g, got[1], want[1])
			sameBits(t, "sums from 0", g, got[2], want[2])
		}
	}
}
