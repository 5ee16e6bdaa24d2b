package sessions

import (
	"os"
	"slices"
	"testing"
	"time"

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
	// The goal is 50 ms for 95 of 100.
	b.Run("whole", func(b *testing.B) {
		b.SetBytes(int64(len(text)))
		var took []time.Duration
		for b.Loop() {
			began := time.Now()
			c = r.trainer.CheckpointOver(c)
			if _, text, err = rec.encode(c, nil); err != nil {
				b.Fatal(err)
			}
			if err := rec.save("ckpt-00000000.safetensors", text); err != nil {
				b.Fatal(err)
			}
			took = append(took, time.Since(began))
		}
		slices.Sort(took)
		b.ReportMetric(took[len(took)*95/100].Seconds()*1e3, "ms-p95")
	})
}

// everyOther lets the recorder save the end of every other epoch only, and keeps when the epochs ended.
type everyOther struct {
	history
	recorder *recorder
	ends     []time.Time
}

func (o *everyOther) OnEpoch(e *train.Epoch) {
	o.recorder.due = o.recorder.due && e.Epoch%2 == 0
	o.ends = append(o.ends, time.Now())
}

// BenchmarkTrainingWhileSaving trains lecture-cnn, whose epochs take a fifth of a second, with its session; every other
// end of an epoch is saved. What that takes is the epochs after these beside their neighbours, and the share of their time
// is the metric. The goal is 2 %.
func BenchmarkTrainingWhileSaving(b *testing.B) {
	e, err := Preset("lecture-cnn", "fit.epochs=101")
	if err != nil {
		b.Fatal(err)
	}
	p, err := Prepare(e, ".")
	if err != nil {
		b.Fatal(err)
	}
	var without, more []float64 // seconds of an epoch, and how many more it takes
	for b.Loop() {
		o := &everyOther{}
		s := &Store{Home: b.TempDir()}
		r, rec, err := s.prepareRun(p, RunOptions{Observers: []train.Observer{o}}, BuildOptions{}, train.Options{})
		if err != nil {
			b.Fatal(err)
		}
		o.recorder = rec
		l, err := s.create(r, rec, "", p.header(0), nil, r.trainer.Checkpoint())
		if err != nil {
			b.Fatal(err)
		}
		r.goOn(b.Context(), rec, l)
		<-r.Done()
		took := func(epoch int) float64 { return o.ends[epoch-1].Sub(o.ends[epoch-2]).Seconds() }
		for epoch := 5; epoch < len(o.ends); epoch += 2 { // the first ones warm up
			beside := (took(epoch-1) + took(epoch+1)) / 2
			without, more = append(without, beside), append(more, took(epoch)-beside)
		}
	}
	slices.Sort(without)
	slices.Sort(more)
	half := len(more) / 2
	b.ReportMetric(1e3*without[half], "ms-an-epoch")
	b.ReportMetric(1e3*more[half], "ms-more")
	b.ReportMetric(100*more[half]/without[half], "%-of-it")
	b.ReportMetric(0, "ns/op")
}
