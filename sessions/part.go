package sessions

import (
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"

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
	deforms bool        // it shows its samples as training sees them, augmented
	workers *nn.Workers // of the network that learns from it; nil: there is none
}

func (p *Prepared) adapt(d *dataset.Part) train.Data {
	if d == nil || d.Len() == 0 {
		return nil
	}
	out := p.Summary.Out()
	columns := p.Target.Columns(out[len(out)-1]) * (out.Size() / out[len(out)-1])
	return &part{Part: d, inputs: p.In.Size(), columns: columns, target: p.Target}
}

// shown is the training part as the training of n, or of nobody, sees it: augmented, where the experiment says so.
func (p *Prepared) shown(n *nn.Network) *part {
	q := *p.Train.(*part)
	q.deforms = q.Augments()
	if n != nil {
		q.workers = n.Workers()
	}
	return &q
}

// manyInputs is the size of a sample from which on samples are read by several workers.
const manyInputs = 1024

// rowsEach is how many samples in memory a worker reads in one piece.
const rowsEach = 4

// Batch fills x [len(index), sample] and y [len(index), columns] with the samples at these positions, as that pass over
// the training data shows them. Each sample follows from itself alone, so that it does not matter who reads it.
func (p *part) Batch(pass int, index []int, x, y []float32) error {
	rows := len(index)
	switch {
	case p.Streams(): // each is a file to be opened and decoded, while the network's workers compute
		rows = 1
	case p.workers != nil && (p.deforms || p.inputs >= manyInputs):
		rows = rowsEach
	}
	chunks := (len(index) + rows - 1) / rows
	if chunks < 2 {
		return p.read(pass, index, x, y)
	}
	errs := make([]error, chunks)
	chunk := func(c int) {
		lo, hi := c*rows, min((c+1)*rows, len(index))
		errs[c] = p.read(pass, index[lo:hi], x[lo*p.inputs:hi*p.inputs], y[lo*p.columns:hi*p.columns])
	}
	if p.Streams() {
		inParallel(chunks, chunk)
	} else {
		p.workers.Each(chunks, chunk)
	}
	for _, err := range errs { // the first by its place, not by its time
		if err != nil {
			return err
		}
	}
	return nil
}

// inParallel calls do for every chunk from as many goroutines as there are processors.
func inParallel(chunks int, do func(chunk int)) {
	var next atomic.Int64
	var wg sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), chunks) {
		wg.Go(func() {
			for c := int(next.Add(1)) - 1; c < chunks; c = int(next.Add(1)) - 1 {
				do(c)
			}
		})
	}
	wg.Wait()
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
