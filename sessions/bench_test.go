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

// epochTimes is when the epochs ended.
type epochTimes struct {
	history
	at []time.Time
}

func (o *epochTimes) OnEpoch(*train.Epoch) { o.at = append(o.at, time.Now()) }

// perEpoch is what an epoch took, without the first, with which a training warms up.
func (o *epochTimes) perEpoch() float64 {
	n := len(o.at) - 1
	return o.at[n].Sub(o.at[0]).Seconds() / float64(n)
}

// BenchmarkTrainingWhileSaving trains lecture-cnn with its session, which is saved after epochs and every 30 s, and
// without, in turn: the share of an epoch's time that it takes is the metric, for epochs as short as the preset's, a fifth
// of a second, and for ten times as long ones. The goal is 2 %.
func BenchmarkTrainingWhileSaving(b *testing.B) {
	for _, c := range []struct {
		name string
		set  []string
	}{{"short", []string{"fit.epochs=16"}}, {"long", []string{"fit.epochs=3", "fit.steps_per_epoch=290"}}} {
		b.Run(c.name, func(b *testing.B) {
			e, err := Preset("lecture-cnn", c.set...)
			if err != nil {
				b.Fatal(err)
			}
			p, err := Prepare(e, ".")
			if err != nil {
				b.Fatal(err)
			}
			var without, more []float64 // seconds of an epoch, and how many more it takes
			for b.Loop() {
				var o epochTimes
				r, err := (&Store{Home: b.TempDir()}).Start(b.Context(), p, RunOptions{Observers: []train.Observer{&o}})
				if err != nil {
					b.Fatal(err)
				}
				<-r.Done()
				with := o.perEpoch()
				o = epochTimes{}
				if err := p.again(b.Context(), nil, nil, 0, []train.Observer{&o}, func(*train.Trainer) {}); err != nil {
					b.Fatal(err)
				}
				without = append(without, o.perEpoch())
				more = append(more, with-o.perEpoch())
			}
			slices.Sort(without)
			slices.Sort(more)
			half := len(more) / 2
			b.ReportMetric(1e3*without[half], "ms-an-epoch")
			b.ReportMetric(1e3*more[half], "ms-more")
			b.ReportMetric(100*more[half]/without[half], "%-of-it")
			b.ReportMetric(0, "ns/op")
		})
	}
}
