package kernel

import (
	"math"
	"math/rand/v2"
	"testing"
)

// randomWindow draws a convolution: padding, strides and dilation of any kind, sometimes with padding that windows do
// not need.
func randomWindow(r *rand.Rand) Window {
	g := Window{C: 1 + r.IntN(9), KH: 1 + r.IntN(4), KW: 1 + r.IntN(4), SH: 1, SW: 1, DH: 1, DW: 1, OH: 1 + r.IntN(9), OW: 1 + r.IntN(13)}
	switch r.IntN(4) {
	case 0:
		g.SH, g.SW = 1+r.IntN(3), 1+r.IntN(3)
	case 1:
		g.DH, g.DW = 1+r.IntN(3), 1+r.IntN(3)
	}
	reachH, reachW := g.DH*(g.KH-1)+1, g.DW*(g.KW-1)+1
	g.H, g.W = (g.OH-1)*g.SH+reachH+r.IntN(2), (g.OW-1)*g.SW+reachW+r.IntN(2)
	if r.IntN(2) == 0 {
		g.Top, g.Left = r.IntN(reachH), r.IntN(reachW)
		g.H, g.W = max(g.H-g.Top-r.IntN(reachH), 1), max(g.W-g.Left-r.IntN(reachW), 1)
	}
	return g
}

// sameBits fails where two results differ, but for which NaN it is.
func sameBits(t *testing.T, what string, g any, got, want []float32) {
	t.Helper()
	for i, v := range got {
		if w := want[i]; math.Float32bits(v) != math.Float32bits(w) && (v == v || w == w) {
			t.Fatalf("%+v on %s: %s: element %d is %v, want %v", g, ISA(), what, i, v, w)
		}
	}
}

// TestConvIsIm2colAndGemm: the passes of a convolution have the bits of products with im2col's matrix, on every
// kernel set, also of values that are not finite, and write nothing beside their results.
func TestConvIsIm2colAndGemm(t *testing.T) {
	defer Use("")
	r := rand.New(rand.NewPCG(31, 32))
	for round := range 150 {
		g, f := randomWindow(r), []int{16, 32, 48, 1 + r.IntN(40)}[r.IntN(4)]
		draw := random
		if round%3 == 0 {
			draw = oddly
		}
		x, w, bias, dy := draw(r, g.H*g.W*g.C), draw(r, g.K()*f), draw(r, f), draw(r, g.Pixels()*f)
		relu, back, positions := r.IntN(2) == 0, r.IntN(2) == 0, 1+r.IntN(4*g.Pixels())
		for _, isa := range append([]string{"generic"}, assembled()...) {
			if Use(isa) != nil {
				continue
			}
			n, k, panels := g.Pixels(), g.K(), PanelColumns(f)
			c := NewConv(g, f, positions)
			scratch := random(r, c.GradientScratch())

			col, want := make([]float32, n*k), make([]float32, n*f)
			g.Im2col(col, x, 0, n)
			Gemm(NoTrans, NoTrans, n, f, k, col, k, w, f, 0, want, f)
			packed, packedBias := random(r, k*panels), make([]float32, panels)
			PackFilters(packed, w, k, f, 0, panels)
			PackBias(packedBias, bias)
			y := random(r, n*f+16)
			beside := append([]float32{}, y[n*f:]...)
			if biased := relu || back; biased {
				AddRows(want, bias)
				if relu {
					Relu(want, want)
				}
				c.Forward(y, x, 1, packed, packedBias, relu, scratch)
			} else {
				c.Forward(y, x, 1, packed, nil, false, scratch)
			}
			sameBits(t, "forward", g, y[:n*f], want)
			sameBits(t, "beside the output", g, y[n*f:], beside)

			if c.Images() > 1 {
				both := random(r, 2*n*f)
				c.Forward(both, append(x, x...), 2, packed, packedBias, relu, scratch)
				if relu || back {
					sameBits(t, "forward of several images", g, both, append(want, want...))
				}
			}

			masked, got := append([]float32{}, dy...), append([]float32{}, dy...)
			var mask []float32
			if relu && f == panels {
				mask = y[:n*f]
				ReluBackward(masked, mask)
			}
			dw, db, unpacked := make([]float32, k*f), make([]float32, f), random(r, k*f)
			for range 2 {
				Gemm(T, NoTrans, k, f, n, col, k, masked, f, 1, dw, f)
				SumRows(db, masked)
			}
			packed, packedBias = random(r, k*panels), make([]float32, panels)
			if c.Images() > 1 {
				xs, dys, masks := append(x, x...), append(append([]float32{}, dy...), dy...), append(mask, mask...)
				c.Gradient(packed, packedBias, xs, dys, masks, 2, back, true, scratch)
				copy(got, dys[len(dy):])
			} else {
				c.Gradient(packed, packedBias, x, got, mask, 1, back, true, scratch)
				c.Gradient(packed, packedBias, x, got, mask, 1, back, false, scratch)
			}
			UnpackFilters(unpacked, packed, k, f, 0, len(packed))
			sameBits(t, "gradient by the filters", g, unpacked, dw)
			sameBits(t, "gradient by the bias", g, packedBias[:f], db)
			if back {
				sameBits(t, "gradient by relu's input", g, got, masked)
			} else {
				sameBits(t, "gradient by the output", g, got, dy)
			}
		}
	}
}

// TestConvTransposed: the convolution with the filters turned is the transpose of the convolution.
func TestConvTransposed(t *testing.T) {
	defer Use("")
	r := rand.New(rand.NewPCG(33, 34))
	for round := range 100 {
		g, f := randomWindow(r), 1+r.IntN(40)
		if g.SH*g.SW > 1 {
			continue
		}
		draw, finite := random, round%3 > 0
		if !finite {
			draw = oddly
		}
		w, dy := draw(r, g.K()*f), draw(r, g.Pixels()*f)
		turned, want := make([]float32, f*g.K()), make([]float32, g.H*g.W*g.C)
		col := make([]float32, g.Pixels()*g.K())
		Gemm(NoTrans, T, g.Pixels(), g.K(), f, dy, f, w, f, 0, col, g.K())
		g.Col2im(want, col, 0, g.Pixels())
		var first []float32
		for _, isa := range append([]string{"generic"}, assembled()...) {
			if Use(isa) != nil {
				continue
			}
			back := g.Transposed(f)
			c := NewConv(back, g.C, 1+r.IntN(2*back.Pixels()))
			panels := random(r, back.K()*PanelColumns(g.C))
			g.PackTurned(panels, w, f, 0, PanelColumns(g.C))
			dx := random(r, len(want))
			c.Backward(dx, dy, panels, random(r, c.Scratch()))
			UnpackFilters(turned, panels, back.K(), g.C, 0, len(panels))
			col, product := make([]float32, back.Pixels()*back.K()), make([]float32, len(dx))
			back.Im2col(col, dy, 0, back.Pixels())
			for oh := range back.OH {
				lo, hi, _ := back.Rows(oh)
				from, k := lo*back.KW*f, (hi-lo)*back.KW*f
				Gemm(NoTrans, NoTrans, back.OW, g.C, k, col[oh*back.OW*back.K()+from:], back.K(), turned[from*g.C:], g.C, 0, product[oh*back.OW*g.C:], g.C)
			}
			sameBits(t, "input gradient by Gemm", g, dx, product)
			for i, v := range dx {
				if finite && math.Abs(float64(v-want[i])) > 1e-4 {
					t.Fatalf("%+v on %s: element %d is %v, want %v", g, isa, i, v, want[i])
				}
			}
			if first == nil {
				first = dx
			}
			sameBits(t, "input gradient", g, dx, first)
		}
	}
}
