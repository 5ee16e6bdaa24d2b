package sessions

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"cnnbench/dataset"
	"cnnbench/nn"
	"cnnbench/nn/kernel"
	"cnnbench/nn/train"
	"cnnbench/sessions/atomicfile"
	"cnnbench/sessions/disk"
	"cnnbench/sessions/surgery"
)

// RunOptions are what a person may say of a training beside the experiment. The zero value is fine.
type RunOptions struct {
	Name              string // of the session; empty: the experiment's name with the first free number
	Threads           int    // 0: as many as GOMAXPROCS
	SaveEvery         Interval
	Observers         []train.Observer // told after the session's own
	Warn              func(error)      // told of a save, or a log, that failed, from any goroutine; nil: the feed's marks must do
	PauseOnDivergence bool             // a loss that is not a number pauses the training instead of letting it go on
	StartPaused       bool

	acked func(save)    // for tests: told of each checkpoint that is on disk
	pulse time.Duration // for tests: between two pulses; 0: pulseTime; less: none
	large int           // for tests: bytes from which on ends of epochs are left out; 0: largeCheckpoint
}

// Run is a training that goes on, in goroutines of its own.
type Run struct {
	Name     string
	Dir      string
	Prepared *Prepared
	Feed     *train.Feed
	Past     Past            // what had happened before this run
	Surgery  *surgery.Report // what became of the weights that it began with; nil: it began with its own

	trainer *train.Trainer
	network *nn.Network
	done    chan struct{}
	err     error
	unsaved atomic.Pointer[error]
}

// Unsaved is why the last save failed, in the system's own word; nil: it did not. Any goroutine may ask.
func (r *Run) Unsaved() error {
	if err := r.unsaved.Load(); err != nil {
		return disk.Reason(*err)
	}
	return nil
}

// Past is what had happened in a training that goes on.
type Past struct {
	Epochs   []train.Epoch
	Marks    []train.Mark
	Points   []train.Point
	Branches []Branch // that were left
}

// Start makes a session and trains it in the background until it is done, stopped, or ctx ends. When it returns, the
// experiment and the checkpoint of the start are on disk. An error before that leaves nothing behind.
func (s *Store) Start(ctx context.Context, p *Prepared, o RunOptions) (*Run, error) {
	return s.begin(ctx, p, o, BuildOptions{Threads: o.Threads}, origin{})
}

// origin is where a new session begins. The zero value is the experiment's own start.
type origin struct {
	from   *train.Checkpoint
	parent *Parent
	lines  []line // of the journal by then
	past   Past
	report *surgery.Report // nil: it is no fork
}

// begin makes a session and trains it.
func (s *Store) begin(ctx context.Context, p *Prepared, o RunOptions, b BuildOptions, from origin) (*Run, error) {
	if o.Name != "" {
		if err := CheckName(o.Name); err != nil {
			return nil, err
		}
	}
	if err := s.sweep(); err != nil && o.Warn != nil {
		o.Warn(err)
	}
	if o.Name != "" && s.Exists(o.Name) {
		return nil, &ExistsError{Name: o.Name}
	}
	r, rec, err := s.prepareRun(p, o, b, train.Options{From: from.from, Fork: from.from != nil})
	if err != nil {
		return nil, err
	}
	r.Past, rec.history = from.past, slices.Clone(from.past.Epochs) // two goroutines append to them
	h := p.header(o.Threads)
	h.Parent = from.parent
	if r.Surgery = from.report; r.Surgery == nil {
		r.Surgery = p.Started
	}
	if r.Surgery != nil && !r.Surgery.Plain() {
		h.Surgery = r.Surgery
	}
	l, err := s.create(r, rec, o.Name, h, from.lines, r.trainer.Checkpoint())
	if err != nil {
		r.network.Close()
		return nil, err
	}
	r.goOn(ctx, rec, l)
	return r, nil
}

// prepareRun makes a training and what will write it down.
func (s *Store) prepareRun(p *Prepared, o RunOptions, b BuildOptions, t train.Options) (*Run, *recorder, error) {
	data, err := p.fingerprint()
	if err != nil {
		return nil, nil, p.Experiment.dataError(err)
	}
	net, err := p.Build(b)
	if err != nil {
		return nil, nil, err
	}
	r := &Run{Prepared: p, Feed: &train.Feed{}, network: net, done: make(chan struct{})}
	interval, work := o.SaveEvery, 0.0
	if interval == (Interval{}) {
		interval.Every = DefaultInterval
		work = trainingPasses * operationsOfAMAC * float64(p.Summary.MACs) * float64(p.batch())
	}
	rec := &recorder{disk: s.fs(), stamp: stamp{string(p.Portable().Encode()), data}, interval: interval, work: work, large: cmp.Or(o.large, largeCheckpoint), curve: newCurve(p.Experiment.Fit.Epochs), acked: o.acked, pulses: pulses{every: o.pulse}, warn: func(err error) {
		r.Feed.OnMark(train.Mark{Text: "not saved: " + err.Error()})
		if o.Warn != nil {
			o.Warn(fmt.Errorf("%w; it is tried again after the next epoch", err))
		}
	}}
	rec.told = func(err error) {
		if err != nil {
			r.unsaved.Store(&err)
		} else if r.unsaved.Swap(nil) != nil {
			r.Feed.OnMark(train.Mark{Text: "saved again"})
		}
	}
	all := p.options(net, o, p.withBoards(net, slices.Concat([]train.Observer{rec, r.Feed}, o.Observers), o.Warn))
	all.From, all.Fork, all.Changes, all.Between = t.From, t.Fork, t.Changes, rec.between
	if r.trainer, err = train.New(all); err != nil {
		net.Close()
		return nil, nil, p.Experiment.fitError(err)
	}
	return r, rec, nil
}

// goOn trains in the background.
func (r *Run) goOn(ctx context.Context, rec *recorder, l io.Closer) {
	go func() {
		defer close(r.done)
		defer r.network.Close()
		defer l.Close()
		rec.start()
		r.err = r.trainer.Run(ctx)
		if err := rec.finish(r.trainer, r.err); r.err == nil {
			r.err = err
		}
	}()
}

// create makes the session's folder and fills it with the checkpoint that it begins with, the journal last, without which a folder is no session. What it made is
// gone again if that fails.
func (s *Store) create(r *Run, rec *recorder, name string, h *Header, before []line, c *train.Checkpoint) (_ io.Closer, err error) {
	l, err := s.enter(r, name)
	if r.Name == "" {
		return nil, err
	}
	rec.dir = r.Dir
	if err == nil {
		err = s.fill(r, rec, h, before, c)
	}
	if err != nil {
		if l != nil {
			l.Close()
		}
		return nil, errors.Join(err, disk.RemoveAll(s.fs(), r.Dir))
	}
	return l, nil
}

// enter makes the folder of a new session and locks it.
func (s *Store) enter(r *Run, name string) (io.Closer, error) {
	if err := disk.MkdirAll(s.fs(), s.folder()); err != nil {
		return nil, fmt.Errorf("cannot make the folder of the sessions, which --home chooses: %w", err)
	}
	door, err := s.door()
	if err != nil {
		return nil, fmt.Errorf("make the session's folder: %w", err)
	}
	defer door.Close()
	if r.Name, err = s.claim(name, plainName(r.Prepared.Experiment.Name)); err != nil {
		return nil, err
	}
	r.Dir = s.dir(r.Name)
	return s.lock(r.Name)
}

// fill writes what must be on disk before the first step.
func (s *Store) fill(r *Run, rec *recorder, h *Header, before []line, c *train.Checkpoint) error {
	d := s.fs()
	if err := disk.MkdirAll(d, filepath.Join(r.Dir, checkpointFolder)); err != nil {
		return fmt.Errorf("make the session's folder: %w", err)
	}
	if err := atomicfile.WriteFileFS(d, filepath.Join(r.Dir, experimentFile), []byte(rec.stamp.experiment), filePerm); err != nil {
		return fmt.Errorf("cannot save the experiment in %s: %w", r.Dir, disk.Reason(err))
	}
	at, text, err := rec.encode(c, rec.history)
	if err != nil {
		return err
	}
	if err := rec.save(at.File, text); err != nil {
		return err
	}
	journal := append(encodeLines([]line{{Start: h}}), encodeLines(append(before, line{Save: &at.saveLine}))...)
	path := filepath.Join(r.Dir, journalFile)
	if err := atomicfile.WriteFileFS(d, path, journal, filePerm); err != nil {
		return fmt.Errorf("cannot start the journal in %s: %w", r.Dir, disk.Reason(err))
	}
	if err := d.SyncDir(s.folder()); err != nil {
		return fmt.Errorf("cannot save in %s: %w", s.folder(), disk.Reason(err))
	}
	rec.kept = kept{disk: d, folder: filepath.Join(r.Dir, checkpointFolder)}
	rec.kept.add(at, int64(len(text)))
	rec.newest, rec.filed = at.saveLine, at.Step
	rec.journal, err = openJournal(d, path, int64(len(journal)))
	return err
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

// Portable is the experiment as a session keeps it: its paths no longer depend on a folder.
func (p *Prepared) Portable() *Experiment {
	e := p.Experiment.Clone()
	if e.Data.Source != NoData && !dataset.Named(e.Data.Source) {
		e.Data.Source = absolute(e.Data.Source, p.Dir)
	}
	if e.Model.Weights != "" && !p.startsFromSession() {
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
