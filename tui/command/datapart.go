package command

import (
	"bytes"
	"context"
	"fmt"
	"math"

	"cnnbench/dataset"
	"cnnbench/dataset/augment"
	"cnnbench/dataset/npy"
	"cnnbench/sessions"
)

// shown is samples of a part in the order in which they are written: as they are, or as passes of the training show them.
type shown struct {
	part  *dataset.Part
	index []int // positions in the part
	pass  []int // of each; nil: as they are

	x       []float32 // [len(index), sample]
	rows    []int64   // in the source
	labels  []int32
	targets []float32
	drawn   []augment.Drawn
	lengths []int32 // of sequences that may end before others
}

// writePart writes the samples of a part as the network receives them: in the part's order, or if epoch is not 0 as that
// epoch of the training, from 1, takes them.
func (p *Program) writePart(ctx context.Context, word, name string, epoch int, out string) error {
	found, err := sessions.FindExperiment(word)
	if err != nil {
		return err
	}
	prepared, err := p.prepare(ctx, found)
	if err != nil {
		return err
	}
	if _, err := prepared.Part(name); err != nil {
		return fmt.Errorf("--part: %w", err)
	}
	s := &shown{part: prepared.Data.Part(name)}
	if err := writable(prepared, s.part.Len(), epoch); err != nil {
		return err
	}
	if epoch > 0 {
		s.epoch(prepared, epoch)
	} else {
		for i := range s.part.Len() {
			s.index = append(s.index, i)
		}
	}
	if err := s.read(prepared.In.Size()); err != nil {
		return failed(err)
	}
	var b bytes.Buffer
	if err := npy.WriteZip(&b, s.arrays(prepared)); err != nil {
		return failed(fmt.Errorf("write %s: %w", out, err))
	}
	if err := saveFile(out, b.Bytes()); err != nil {
		return failed(err)
	}
	fmt.Fprintf(p.Stdout, "%s: %d samples, %s\n", out, len(s.index), fileSize(int64(b.Len())))
	return nil
}

// mostWritten is the most bytes of samples that are written, which are all in memory for it.
const mostWritten = 4 << 30

// writable refuses more samples than memory takes, and epochs beyond what numbers can count. A part has samples.
func writable(p *sessions.Prepared, samples, epoch int) error {
	count := float64(samples)
	if epoch > 0 {
		steps := p.Experiment.Fit.Steps(samples)
		if epoch-1 > math.MaxInt/steps-1 {
			return fmt.Errorf("--epoch: found %d, which no training of %d steps an epoch reaches; take a smaller one", epoch, steps)
		}
		count = float64(steps) * float64(p.Experiment.Fit.Batch(samples))
	}
	if need := 4 * count * float64(p.In.Size()); need > mostWritten {
		return fmt.Errorf("the samples would take about %.1f GiB; at most %d GiB are written: take fewer by data.limit, a smaller data.image.size or fewer fit.steps_per_epoch", need/(1<<30), mostWritten>>30)
	}
	return nil
}

// epoch takes the samples that an epoch trains on.
func (s *shown) epoch(p *sessions.Prepared, epoch int) {
	fit := &p.Experiment.Fit
	steps := fit.Steps(s.part.Len())
	stream := fit.Stream(s.part.Len(), p.Experiment.Seed)
	stream.Skip((epoch - 1) * steps)
	for range steps {
		pass, index := stream.Next()
		for _, i := range index {
			s.index, s.pass = append(s.index, i), append(s.pass, pass)
		}
	}
}

// read reads the samples of so many values each.
func (s *shown) read(size int) error {
	s.x = make([]float32, len(s.index)*size)
	for n, i := range s.index {
		to, err := s.x[n*size:(n+1)*size], error(nil)
		if s.pass == nil {
			err = s.part.Read(to, i)
		} else {
			var d augment.Drawn
			d, err = s.part.Augmented(to, i, s.pass[n])
			s.drawn = append(s.drawn, d)
		}
		if err != nil {
			return err
		}
		s.rows = append(s.rows, int64(s.part.Index[i]))
		if n := s.part.Length(i); n > 0 {
			s.lengths = append(s.lengths, int32(n))
		}
		s.labels = append(s.labels, int32(s.part.Label(i)))
		s.targets = append(s.targets, s.part.Target(i)...)
	}
	return nil
}

func (s *shown) arrays(p *sessions.Prepared) []npy.Array {
	n := []int{len(s.index)}
	y := npy.I32("y", n, s.labels)
	if p.Classes == nil {
		y = npy.F32("y", []int{n[0], p.Data.Width}, s.targets)
	}
	out := []npy.Array{npy.F32("x", append([]int{n[0]}, p.In...), s.x), y, npy.I64("index", n, s.rows)}
	if s.lengths != nil {
		out = append(out, npy.I32("lengths", n, s.lengths))
	}
	if s.drawn != nil && s.part.Augments() {
		out = append(out, s.draws(p.Experiment.Data.Augment)...)
	}
	return out
}

// draws are the numbers that the pictures were deformed by: always those of Keras's warp and flips, and of the rest what
// is on.
func (s *shown) draws(on augment.Settings) []npy.Array {
	drawn := s.drawn
	var out []npy.Array
	number := func(name string, of func(d *augment.Drawn) float64) {
		v := make([]float64, len(drawn))
		for i := range drawn {
			v[i] = of(&drawn[i])
		}
		out = append(out, npy.F64(name, []int{len(v)}, v))
	}
	whole := func(name string, of func(d *augment.Drawn) []int) {
		v := make([]int32, 0, len(drawn))
		for i := range drawn {
			for _, n := range of(&drawn[i]) {
				v = append(v, int32(n))
			}
		}
		shape := []int{len(drawn)}
		if each := len(v) / len(drawn); each > 1 {
			shape = append(shape, each)
		}
		out = append(out, npy.I32(name, shape, v))
	}
	number("theta", func(d *augment.Drawn) float64 { return d.Theta })
	number("tx", func(d *augment.Drawn) float64 { return d.Tx })
	number("ty", func(d *augment.Drawn) float64 { return d.Ty })
	number("shear", func(d *augment.Drawn) float64 { return d.Shear })
	number("zx", func(d *augment.Drawn) float64 { return d.Zx })
	number("zy", func(d *augment.Drawn) float64 { return d.Zy })
	whole("flip_h", func(d *augment.Drawn) []int { return []int{bit(d.FlipH)} })
	whole("flip_v", func(d *augment.Drawn) []int { return []int{bit(d.FlipV)} })
	if on.ChannelShiftRange != 0 {
		number("channel_shift", func(d *augment.Drawn) float64 { return d.ChannelShift })
	}
	if on.BrightnessRange != nil {
		number("brightness", func(d *augment.Drawn) float64 { return d.Brightness })
	}
	if on.RandomCrop != 0 {
		whole("crop", func(d *augment.Drawn) []int { return []int{d.CropX, d.CropY} })
	}
	if on.RandomErasing != 0 {
		whole("erased", func(d *augment.Drawn) []int {
			return []int{d.Erase.Top, d.Erase.Left, d.Erase.Rows, d.Erase.Cols}
		})
	}
	if on.Mixup != 0 {
		number("mix", func(d *augment.Drawn) float64 { return d.Mix })
		whole("mix_with", func(d *augment.Drawn) []int { return []int{s.part.Index[d.MixWith]} })
	}
	return out
}

func bit(b bool) int {
	if b {
		return 1
	}
	return 0
}
