package sessions

import (
	"os"
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

// BenchmarkSave saves the checkpoint of lecture-cnn with Adam, 10 MB, part by part: copied in the trainer's goroutine,
// then made into a file and written in another.
func BenchmarkSave(b *testing.B) {
	e, err := Preset("lecture-cnn")
	if err != nil {
		b.Fatal(err)
	}
	p, err := Prepare(e, ".")
	if err != nil {
		b.Fatal(err)
	}
	s := &Store{Home: b.TempDir()}
	r, rec, err := s.prepareRun(p, RunOptions{}, BuildOptions{}, train.Options{})
	if err != nil {
		b.Fatal(err)
	}
	defer r.network.Close()
	rec.dir = b.TempDir()
	if err := os.Mkdir(rec.path(""), 0o755); err != nil {
		b.Fatal(err)
	}
	c := r.trainer.Checkpoint()
	_, text, err := rec.encode(c, nil)
	if err != nil {
		b.Fatal(err)
	}
	b.Run("copy", func(b *testing.B) {
		b.SetBytes(int64(len(text)))
		for b.Loop() {
			c = r.trainer.CheckpointOver(c)
		}
	})
	b.Run("encode", func(b *testing.B) {
		b.SetBytes(int64(len(text)))
		for b.Loop() {
			if _, text, err = rec.encode(c, nil); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("write", func(b *testing.B) {
		b.SetBytes(int64(len(text)))
		for b.Loop() {
			if err := rec.save("ckpt-00000000.safetensors", text); err != nil {
				b.Fatal(err)
			}
		}
	})
}
