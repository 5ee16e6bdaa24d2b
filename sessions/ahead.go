package sessions

import (
	"slices"

	"cnnbench/nn/train"
)

// ahead prepares the training's next batch while the network learns from the one before. Which one comes next follows
// from the seed, so that nothing but the time depends on it; should another be asked for, that one is read at once.
type ahead struct {
	train.Data
	fit    *train.Fit
	seed   uint64
	stream *train.Stream // behind the batch under way
	way    *underWay     // nil: none
}

// underWay is a batch that a goroutine prepares; done is closed when it is.
type underWay struct {
	done     chan struct{}
	pass     int
	index    []int
	x, y     []float32
	err      error
	panicked any
}

// maxAhead is the most values of a batch that is prepared ahead: it is kept beside the network's own.
const maxAhead = 16 << 20

// ahead is the data with the next batch prepared ahead, where it is read from a disk: what lies in memory the network's
// workers prepare faster between two steps than others could beside them.
func (p *Prepared) ahead(d *part) train.Data {
	if !d.Streams() || p.batch()*d.inputs > maxAhead {
		return d
	}
	return &ahead{Data: d, fit: &p.Experiment.Fit, seed: p.Experiment.Seed}
}

// Batch fills x [len(index), sample] and y [len(index), columns].
func (a *ahead) Batch(pass int, index []int, x, y []float32) error {
	w := a.way
	if w != nil {
		<-w.done
		if w.panicked != nil {
			panic(w.panicked)
		}
	}
	if w == nil || w.pass != pass || !slices.Equal(w.index, index) {
		if err := a.Data.Batch(pass, index, x, y); err != nil {
			return err
		}
		a.find(pass, index)
	} else {
		if w.err != nil {
			return w.err
		}
		copy(x, w.x)
		copy(y, w.y)
	}
	if a.stream != nil {
		a.begin(len(x)/len(index), len(y)/len(index))
	}
	return nil
}

// find puts the stream behind a batch.
func (a *ahead) find(pass int, index []int) {
	a.way, a.stream = nil, a.fit.Stream(a.Len(), a.seed)
	each := (a.Len() + a.fit.Batch(a.Len()) - 1) / a.fit.Batch(a.Len())
	a.stream.Skip(pass * each)
	for range each {
		if _, next := a.stream.Next(); slices.Equal(next, index) {
			return
		}
	}
	a.stream = nil
}

// begin prepares the next batch, of samples and targets of so many values, in a goroutine that ends with it.
func (a *ahead) begin(inputs, columns int) {
	w := a.way
	if w == nil {
		w = &underWay{}
		a.way = w
	}
	w.done, w.err, w.panicked = make(chan struct{}), nil, nil
	go func() {
		defer close(w.done)
		defer func() { w.panicked = recover() }()
		w.pass, w.index = a.stream.Next()
		n := len(w.index)
		w.x, w.y = room(w.x, n*inputs), room(w.y, n*columns)
		w.err = a.Data.Batch(w.pass, w.index, w.x, w.y)
	}()
}

// room is n values of a buffer, made anew where it is too small.
func room(buf []float32, n int) []float32 { return slices.Grow(buf[:0], n)[:n] }
