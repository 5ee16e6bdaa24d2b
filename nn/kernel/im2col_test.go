package kernel

import (
	"math"
	"math/rand/v2"
	"testing"
)

// TestCol2imIsTheTranspose: <im2col(x), c> = <x, col2im(c)> for any window, and tiles give what the whole gives.
func TestCol2imIsTheTranspose(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for range 200 {
		g := Window{H: 1 + r.IntN(9), W: 1 + r.IntN(9), C: 1 + r.IntN(4), KH: 1 + r.IntN(4), KW: 1 + r.IntN(4), SH: 1 + r.IntN(3), SW: 1 + r.IntN(3),
			DH: 1 + r.IntN(2), DW: 1 + r.IntN(3), Top: r.IntN(3), Left: r.IntN(3), OH: 1 + r.IntN(5), OW: 1 + r.IntN(5)}
		n, k := g.Pixels(), g.K()
		x, c := random(r, g.H*g.W*g.C), random(r, n*k)
		col, dx := make([]float32, n*k), make([]float32, len(x))
		cut := r.IntN(n + 1)
		g.Im2col(col, x, 0, cut)
		g.Im2col(col[cut*k:], x, cut, n)
		g.Col2im(dx, c, 0, cut)
		g.Col2im(dx, c[cut*k:], cut, n)
		var a, b float64
		for i := range col {
			a += float64(col[i]) * float64(c[i])
		}
		for i := range x {
			b += float64(x[i]) * float64(dx[i])
		}
		if math.Abs(a-b) > 1e-4 {
			t.Fatalf("%+v: %v and %v", g, a, b)
		}
	}
}

// TestLecturePooling is the lecture's worked example.
func TestLecturePooling(t *testing.T) {
	g := Window{H: 4, W: 4, C: 1, KH: 2, KW: 2, SH: 2, SW: 2, DH: 1, DW: 1, OH: 2, OW: 2}
	x := []float32{1, 0, 4, 1, 0, 2, 1, 2, 2, 3, 1, 0, 4, 1, 2, 3}
	y := make([]float32, 4)
	g.MaxPool(y, nil, x)
	if [4]float32(y) != [4]float32{2, 4, 4, 3} {
		t.Errorf("maximum is %v", y)
	}
	g.AveragePool(y, x)
	if [4]float32(y) != [4]float32{.75, 2, 2.5, 1.5} {
		t.Errorf("mean is %v", y)
	}
}
