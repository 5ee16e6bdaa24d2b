package augment

import (
	"math"
	"slices"
	"testing"

	"cnnbench/rng"
)

// TestVectorsGiveTheBitsOfGo deforms pictures of all sizes by the assembly and by Go.
func TestVectorsGiveTheBitsOfGo(t *testing.T) {
	if !vectors {
		t.Skip("this processor has no AVX2")
	}
	defer func() { vectors = true }()
	src := rng.New(8, rng.Augment, 0, 0).Stream()
	for n := range 400 {
		h, w, c := 1+src.IntN(40), 1+src.IntN(40), 1+2*src.IntN(2)
		s := allOn()
		s.RotationRange, s.ZoomRange, s.ShearRange = 180, Zoom{Factor: &Range{.2, 4}}, 60
		s.FillMode = []string{"constant", "nearest", "reflect", "wrap"}[n%4]
		if n%3 == 0 {
			s.BrightnessRange = nil
		}
		d := s.Draw(src, h, w)
		from := picture(h, w, c)
		if n%2 == 0 { // not of bytes
			for i := range from {
				from[i] = float32(src.Norm())
			}
		}
		var got [2][]float32
		for i, on := range []bool{false, true} {
			vectors = on
			got[i] = slices.Clone(from)
			NewAugmenter(s, h, w, c, n%2 == 1).Apply(got[i], &d)
		}
		for i := range got[0] {
			if math.Float32bits(got[0][i]) != math.Float32bits(got[1][i]) {
				t.Fatalf("%d by %d by %d, %s, %+v: value %d is %v in Go and %v in vectors", h, w, c, s.FillMode, d, i, got[0][i], got[1][i])
			}
		}
	}
}

// TestVectorsStayWithin: nothing before or behind the pixels asked for is written.
func TestVectorsStayWithin(t *testing.T) {
	for _, c := range []int{1, 3} {
		src := make([]float32, 6*9*c+behind(9, c))
		for n := range 30 {
			dst := make([]float32, (n+2)*c+16)
			for i := range dst {
				dst[i] = -1
			}
			bilinear(dst[c:c+n*c], src, &span{dy: .1, dx: .5, step: 1, bottom: 5, right: 8, row: 9 * c, c: c})
			for i, v := range dst {
				if (i >= c && i < c+n*c) != (v == 0) {
					t.Fatalf("%d pixels of %d channels: value %d is %v", n, c, i-c, v)
				}
			}
		}
	}
}
