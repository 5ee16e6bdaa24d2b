package sessions

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"cnnbench/dataset"
	"cnnbench/nn"
	"cnnbench/nn/kernel"
	"cnnbench/nn/train"
)

// RunOptions are what a person may say of a training beside the experiment. The zero value is fine.
type RunOptions struct {
	Name              string // of the session; empty: the experiment's name with the first free number
	Threads           int    // 0: as many as GOMAXPROCS
	SaveEvery         Interval
	Observers         []train.Observer // told after the session's own
	Warn              func(error)      // told of a save that failed, from any goroutine; nil: the feed's marks must do
	PauseOnDivergence bool             // a loss that is not a number pauses the training instead of letting it go on
	StartPaused       bool
}

// Run is a training that goes on, in goroutines of its own.
type Run struct {
	Name     string
	Dir      string
	Prepared *Prepared
	Feed     *train.Feed

	trainer *train.Trainer
	network *nn.Network
	done    chan struct{}
	err     error
}

// Start makes a session and trains it in the background until it is done, stopped, or ctx ends. When it returns, the
// experiment and the weights of epoch 0 are on disk. An error before that leaves nothing behind.
func (s *Store) Start(ctx context.Context, p *Prepared, o RunOptions) (*Run, error) {
	if o.Name != "" {
		if err := CheckName(o.Name); err != nil {
			return nil, err
		}
		if s.Exists(o.Name) {
			return nil, &ExistsError{Name: o.Name}
		}
	}
	net, err := p.Build(BuildOptions{Threads: o.Threads})
	if err != nil {
		return nil, err
	}
	r := &Run{Prepared: p, Feed: &train.Feed{}, network: net, done: make(chan struct{})}
	rec := &recorder{experiment: p.portable(), network: net, interval: o.SaveEvery, curve: newCurve(p.Experiment.Fit.Epochs), warn: func(err error) {
		r.Feed.OnMark(train.Mark{Text: "not saved: " + err.Error()})
		if o.Warn != nil {
			o.Warn(err)
		}
	}}
	r.trainer, err = train.New(p.options(net, o, p.withBoards(net, slices.Concat([]train.Observer{rec, r.Feed}, o.Observers))))
	if err != nil {
		net.Close()
		return nil, p.Experiment.fitError(err)
	}
	l, err := s.open(r, rec, p, o)
	if err != nil {
		net.Close()
		return nil, err
	}
	go func() {
		defer close(r.done)
		defer net.Close()
		defer l.release()
		rec.start()
		r.err = r.trainer.Run(ctx)
		if err := rec.finish(r.err); r.err == nil {
			r.err = err
		}
	}()
	return r, nil
}

// open makes the session's folder and fills it; what it made is gone again if that fails.
func (s *Store) open(r *Run, rec *recorder, p *Prepared, o RunOptions) (_ *lock, err error) {
	if r.Name, err = s.claim(o.Name, plainName(p.Experiment.Name)); err != nil {
		return nil, err
	}
	r.Dir = s.dir(r.Name)
	rec.dir = r.Dir
	defer func() {
		if err != nil {
			_ = os.RemoveAll(r.Dir)
		}
	}()
	l, err := acquire(r.Dir)
	if err != nil {
		return nil, err
	}
	if err := rec.create(p.header(o.Threads)); err != nil {
		l.release()
		return nil, err
	}
	return l, nil
}

// Send hands a command to the trainer, which takes it between batches. It never blocks.
func (r *Run) Send(c train.Command) { r.trainer.Send(c) }

// Done is closed when the training has ended and everything is on disk.
func (r *Run) Done() <-chan struct{} { return r.done }

// Err is what the training failed with; it may be asked after Done.
func (r *Run) Err() error {
	select {
	case <-r.done:
		return r.err
	default:
		return nil
	}
}

// ErrEnded says that a training has ended, so that there is nobody to ask; the session has its weights.
var ErrEnded = errors.New("the training has ended")

// Snapshot copies the weights as they are between two batches.
func (r *Run) Snapshot(ctx context.Context) (*Weights, error) {
	got := make(chan *Weights, 1)
	if !r.trainer.Send(train.Call{Do: func(n *nn.Network) { got <- Copy(n) }}) {
		return nil, ErrEnded
	}
	select {
	case w := <-got:
		return w, nil
	case <-r.done:
		return nil, ErrEnded
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// header describes the training for the journal.
func (p *Prepared) header(threads int) *Header {
	if threads < 1 {
		threads = runtime.GOMAXPROCS(0)
	}
	h := &Header{Version: journalVersion, Program: "cnnbench " + Version(), Go: runtime.Version(), GOOS: runtime.GOOS, GOARCH: runtime.GOARCH,
		ISA: kernel.ISA(), Threads: threads, Created: time.Now().UTC(), Source: p.Experiment.Data.Source, Network: p.line(), Params: p.Summary.Total,
		Trainable: p.Summary.Trainable, Input: p.In, Classes: p.Classes, Planned: p.Experiment.Fit.Epochs, Monitor: p.monitor(), Features: p.Features}
	for i, part := range []train.Data{p.Train, p.Validation, p.Test} {
		if part != nil {
			h.Samples[i] = part.Len()
		}
	}
	return h
}

// Version is this program's, from the build.
func Version() string {
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		return info.Main.Version
	}
	return "(devel)"
}

// line is the network in one line, for lists: its layers with weights, and how wide they are.
func (p *Prepared) line() string {
	var parts []string
	for _, r := range p.Summary.Rows {
		if r.Total > 0 && r.Kind != "batch_normalization" {
			parts = append(parts, fmt.Sprintf("%s %d", r.Kind, r.Out[len(r.Out)-1]))
		}
	}
	return strings.Join(parts, ", ")
}

// portable is the experiment as a session keeps it: its paths no longer depend on a folder.
func (p *Prepared) portable() *Experiment {
	e := p.Experiment.Clone()
	if e.Data.Source != NoData && !dataset.Named(e.Data.Source) {
		e.Data.Source = absolute(e.Data.Source, p.Dir)
	}
	if e.Model.Weights != "" {
		e.Model.Weights = absolute(e.Model.Weights, p.Dir)
	}
	for _, c := range e.Fit.Callbacks {
		switch c := c.(type) {
		case *train.ModelCheckpoint:
			c.Filepath = absolute(c.Filepath, p.Dir)
		case *train.TensorBoard:
			c.LogDir = absolute(c.LogDir, p.Dir)
		}
	}
	return e
}

// absolute is the path from dir, if it can be told.
func absolute(path, dir string) string {
	if filepath.IsAbs(path) {
		return path
	}
	abs, err := filepath.Abs(filepath.Join(dir, path))
	if err != nil {
		return path
	}
	return abs
}
