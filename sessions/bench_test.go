package sessions

import (
	"testing"

	"cnnbench/nn/train"
)

// BenchmarkBatch hands out batches of 32 as a training gets them.
func BenchmarkBatch(b *testing.B) {
	for _, preset := range []string{"lecture-cnn", "lecture-shapes", "lenet5", "vgg-small"} {
		b.Run(preset, func(b *testing.B) {
			e, err := Preset(preset)
			if err != nil {
				b.Fatal(err)
			}
			p, err := Prepare(e, ".")
			if err != nil {
				b.Fatal(err)
			}
			x, y := make([]float32, 32*p.In.Size()), make([]float32, 32*p.Train.(*part).columns)
			index := make([]int, 32)
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				for k := range index {
					index[k] = (32*i + k) % p.Train.Len()
				}
				if err := train.Data.Batch(p.Train, 0, index, x, y); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
