package sessions

import (
	"fmt"
	"runtime"
	"sync"

	"cnnbench/dataset"
	"cnnbench/dataset/augment"
	"cnnbench/nn"
	"cnnbench/nn/loss"
	"cnnbench/nn/train"
)

// part hands the samples of a part of the data to the trainer.
type part struct {
	*dataset.Part
	inputs  int // values of a sample
	columns int // of a target
	target  loss.Target
	deforms bool // it shows its samples as training sees them, augmented
}

func (p *Prepared) adapt(d *dataset.Part) train.Data {
	if d == nil || d.Len() == 0 {
		return nil
	}
	out := p.Summary.Out()
	columns := p.Target.Columns(out[len(out)-1]) * (out.Size() / out[len(out)-1])
	return &part{Part: d, inputs: p.In.Size(), columns: columns, target: p.Target}
}

// shown is the training part as training sees it: augmented, where the experiment says so.
func (p *Prepared) shown() *part {
	q := *p.Train.(*part)
	q.deforms = q.Augments()
	return &q
}

// manyInputs is the size of a sample from which on samples are read by several goroutines.
const manyInputs = 1024

// rowsEach is the least number of samples in memory that a goroutine is worth.
const rowsEach = 4

// slow reports whether samples take long enough to read that it is worth doing so by several goroutines, and ahead of
// the training.
func (p *part) slow() bool { return p.deforms || p.inputs >= manyInputs || p.Streams() }

// workers is how many goroutines read so many samples.
func (p *part) workers(samples int) int {
	switch {
	case !p.slow():
		return 1
	case p.Streams(): // each is a file to be opened and decoded
		return min(runtime.GOMAXPROCS(0), samples)
	}
	return min(runtime.GOMAXPROCS(0), samples/rowsEach)
}

// Batch fills x [len(index), sample] and y [len(index), columns] with the samples at these positions, as that pass over
// the training data shows them. Each sample follows from itself alone, so that it does not matter who reads it.
func (p *part) Batch(pass int, index []int, x, y []float32) error {
	workers := p.workers(len(index))
	if workers < 2 {
		return p.read(pass, index, x, y)
	}
	errs := make([]error, workers)
	var wg sync.WaitGroup
	for w := range workers {
		lo, hi := w*len(index)/workers, (w+1)*len(index)/workers
		wg.Go(func() {
			errs[w] = p.read(pass, index[lo:hi], x[lo*p.inputs:hi*p.inputs], y[lo*p.columns:hi*p.columns])
		})
	}
	wg.Wait()
	for _, err := range errs { // the first by its place, not by its time
		if err != nil {
			return err
		}
	}
	return nil
}

// fill fills the network's input, with its lengths, and targets with the samples at these positions, as they are.
func (p *part) fill(n *nn.Network, index []int) error {
	for row, i := range index {
		n.Lengths()[row] = p.Length(i)
	}
	return p.Batch(0, index, n.Input(), n.Targets())
}

func (p *part) read(pass int, index []int, x, y []float32) error {
	for row, i := range index {
		to, drawn := x[row*p.inputs:(row+1)*p.inputs], augment.Undrawn
		var err error
		if p.deforms {
			drawn, err = p.Augmented(to, i, pass)
		} else {
			err = p.Read(to, i)
		}
		if err != nil {
			return fmt.Errorf("sample %d of the %s part: %w", p.Index[i], p.From, err)
		}
		target := y[row*p.columns : (row+1)*p.columns]
		p.fillTarget(target, i)
		if drawn.Mix > 0 {
			other := make([]float32, p.columns)
			p.fillTarget(other, drawn.MixWith)
			augment.Mix(target, other, drawn.Mix)
		}
	}
	return nil
}

// fillTarget writes the target of sample i in the form that the loss takes.
func (p *part) fillTarget(y []float32, i int) {
	switch p.target {
	case loss.Labels:
		y[0] = float32(p.Label(i))
	case loss.OneHot:
		clear(y)
		y[p.Label(i)] = 1
	case loss.Values:
		copy(y, p.Target(i))
	}
}
