package kernel

import (
	"math"
	"math/rand/v2"
	"testing"
)

// drawWindow draws the geometry of a pooling, with padding as Keras's "same" or none.
func drawWindow(r *rand.Rand) Window {
	g := Window{H: 1 + r.IntN(11), W: 1 + r.IntN(11), C: 1 + r.IntN(20), KH: 1 + r.IntN(4), KW: 1 + r.IntN(4), SH: 1 + r.IntN(3), SW: 1 + r.IntN(3), DH: 1, DW: 1}
	switch r.IntN(3) {
	case 0:
		g.KH, g.KW, g.SH, g.SW = 2, 2, 2, 2
	case 1:
		g.KH, g.KW = g.SH, g.SW
	}
	if r.IntN(20) == 0 { // indices of two bytes
		g.H, g.W, g.KH, g.KW = 30, 20, 25, 11
	}
	if r.IntN(2) == 0 {
		g.KH, g.KW = min(g.KH, g.H), min(g.KW, g.W)
		g.OH, g.OW = (g.H-g.KH)/g.SH+1, (g.W-g.KW)/g.SW+1
		return g
	}
	g.OH, g.OW = (g.H+g.SH-1)/g.SH, (g.W+g.SW-1)/g.SW
	g.Top, g.Left = max(0, (g.OH-1)*g.SH+g.KH-g.H)/2, max(0, (g.OW-1)*g.SW+g.KW-g.W)/2
	return g
}

// TestPoolingTwins: the vector kernels of pooling give the bits of their Go twins for every geometry, also of values
// that are not finite and of equal ones, write every value of theirs and nothing beyond.
func TestPoolingTwins(t *testing.T) {
	defer Use("")
	r := rand.New(rand.NewPCG(41, 42))
	for range 3000 {
		g := drawWindow(r)
		in, out := g.H*g.W*g.C, g.Pixels()*g.C
		x, dy := oddly(r, in), oddly(r, out)
		if r.IntN(2) == 0 { // ties
			for i := range x {
				x[i] = float32(r.IntN(3))
			}
		}
		pool := func(isa string) (all [][]float32) {
			if err := Use(isa); err != nil {
				t.Fatal(err)
			}
			const guard = 24
			y, plain, mean := dirty(out+guard), dirty(out+guard), dirty(out+guard)
			dx, dmean := dirty(in+guard), dirty(in+guard)
			arg := make([]uint8, out*g.IndexBytes()+guard)
			g.MaxPool(y[:out], arg[:out*g.IndexBytes()], x)
			g.MaxPool(plain[:out], nil, x)
			g.MaxPoolBackward(dx[:in], dy, arg[:out*g.IndexBytes()])
			g.AveragePool(mean[:out], x)
			g.AveragePoolBackward(dmean[:in], dy)
			top, shared := dirty(g.C+guard), dirty(in+guard)
			GlobalMax(top[:g.C], x)
			GlobalMaxBackward(shared[:in], x, top[:g.C], dy[:g.C])
			index := make([]float32, len(arg))
			for i, a := range arg {
				index[i] = float32(a)
			}
			return [][]float32{y, plain, mean, dx, dmean, index, top, shared}
		}
		want, got := pool("generic"), pool("")
		for k, name := range []string{"y", "y without indices", "mean", "dx", "dx of the mean", "index", "top", "dx of the top"} {
			for i, v := range got[k] {
				w := want[k][i]
				if math.Float32bits(v) != math.Float32bits(w) && (v == v || w == w) {
					t.Fatalf("%+v on %s: %s[%d] is %v, want %v", g, ISA(), name, i, v, w)
				}
			}
		}
	}
}

// dirty are values that no kernel may leave in its output.
func dirty(n int) []float32 {
	x := make([]float32, n)
	Fill(x, 1234)
	return x
}

// TestMaxPoolBackward compares gradients with the definition.
func TestMaxPoolBackward(t *testing.T) {
	defer Use("")
	r := rand.New(rand.NewPCG(43, 44))
	for range 300 {
		g := drawWindow(r)
		x := random(r, g.H*g.W*g.C)
		y, dy := make([]float32, g.Pixels()*g.C), random(r, g.Pixels()*g.C)
		arg, dx, want := make([]uint8, len(y)*g.IndexBytes()), dirty(len(x)), make([]float32, len(x))
		g.MaxPool(y, arg, x)
		g.MaxPoolBackward(dx, dy, arg)
		for k := range y {
			oh, ow, c := k/g.C/g.OW, k/g.C%g.OW, k%g.C
			at := -1
			for h := max(0, oh*g.SH-g.Top); h < min(g.H, oh*g.SH-g.Top+g.KH); h++ {
				for w := max(0, ow*g.SW-g.Left); w < min(g.W, ow*g.SW-g.Left+g.KW); w++ {
					if i := (h*g.W+w)*g.C + c; at < 0 || x[i] > x[at] {
						at = i
					}
				}
			}
			want[at] += dy[k]
			if y[k] != x[at] {
				t.Fatalf("%+v: output %d is %v, want %v", g, k, y[k], x[at])
			}
		}
		for i := range dx {
			if dx[i] != want[i] {
				t.Fatalf("%+v: gradient %d is %v, want %v", g, i, dx[i], want[i])
			}
		}
	}
}

// TestMaxPool compares values and places with the definition: the first largest cell in row-major order, a NaN before
// all. Ties are frequent on purpose.
func TestMaxPool(t *testing.T) {
	r := rand.New(rand.NewPCG(15, 16))
	for range 300 {
		g := Window{C: 1 + r.IntN(20), KH: 2, KW: 2, SH: 2, SW: 2, DH: 1, DW: 1, OH: 1 + r.IntN(6), OW: 1 + r.IntN(6)}
		if r.IntN(2) == 0 {
			g.KH, g.KW, g.SH, g.SW, g.Top, g.Left = 1+r.IntN(3), 1+r.IntN(3), 1+r.IntN(2), 1+r.IntN(2), 0, 0
		}
		g.H, g.W = (g.OH-1)*g.SH+g.KH+r.IntN(2), (g.OW-1)*g.SW+g.KW+r.IntN(2)
		x := random(r, g.H*g.W*g.C)
		for i := range x {
			x[i] = float32(r.IntN(4))
			if r.IntN(40) == 0 {
				x[i] = float32(math.NaN())
			}
		}
		y, arg := make([]float32, g.Pixels()*g.C), make([]uint8, g.Pixels()*g.C)
		g.MaxPool(y, arg, x)
		for p := range g.Pixels() {
			for c := range g.C {
				best, at := float32(math.Inf(-1)), 0
				for i := range g.KH {
					for j := range g.KW {
						v := x[((p/g.OW*g.SH+i)*g.W+p%g.OW*g.SW+j)*g.C+c]
						if best == best && (v > best || v != v) {
							best, at = v, i*g.KW+j
						}
					}
				}
				got, from := y[p*g.C+c], int(arg[p*g.C+c])
				if got != best && (got == got || best == best) || best == best && from != at {
					t.Fatalf("%+v: pixel %d channel %d is %v from %d, want %v from %d", g, p, c, got, from, best, at)
				}
			}
		}
	}
}
