package augment

import (
	"fmt"
	"testing"

	"cnnbench/rng"
)

// allOn has every range that Keras has.
func allOn() Settings {
	s := New()
	s.RotationRange, s.ShearRange, s.ZoomRange = 40, .2, Zoom{By: .2}
	s.WidthShiftRange, s.HeightShiftRange = Shift{Most: .2}, Shift{Most: .2}
	s.ChannelShiftRange, s.BrightnessRange = 20, &Range{.8, 1.2}
	s.HorizontalFlip, s.VerticalFlip = true, true
	return s
}

func BenchmarkApply(b *testing.B) {
	for _, shape := range [][3]int{{28, 28, 1}, {32, 32, 3}, {24, 24, 3}} {
		for _, fill := range []string{"nearest", "constant", "reflect", "wrap"} {
			b.Run(fmt.Sprintf("%dx%dx%d/%s", shape[0], shape[1], shape[2], fill), func(b *testing.B) {
				s := allOn()
				s.FillMode = fill
				a := NewAugmenter(s, shape[0], shape[1], shape[2], true)
				from := picture(shape[0], shape[1], shape[2])
				x := make([]float32, len(from))
				b.ReportAllocs()
				for i := 0; b.Loop(); i++ {
					copy(x, from)
					d := a.Draw(rng.New(1, rng.Augment, 0, uint64(i)).Stream())
					a.Apply(x, &d)
				}
				b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "pictures/s")
			})
		}
	}
}

// picture is a picture of bytes.
func picture(h, w, c int) []float32 {
	x := make([]float32, h*w*c)
	s := rng.New(9, rng.Data, uint64(h), uint64(w)).Stream()
	for i := range x {
		x[i] = float32(s.IntN(256))
	}
	return x
}
