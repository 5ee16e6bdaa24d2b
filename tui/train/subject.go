package train

import (
	"fmt"
	"slices"

	"cnnbench/nn/train"
	"cnnbench/sessions"
	"cnnbench/tui/curves"
	"cnnbench/tui/exports"
	"cnnbench/tui/screen"
)

// subject is the training that the tab is about, live or stored.
type subject struct {
	name       string
	live       *screen.Live     // nil: a stored one
	watching   *screen.Watching // another program trains it; nil: none does
	curves     *curves.Run
	state      train.State
	reason     string // of a failure, or of an end that was no end
	epochs     []train.Epoch
	marks      []train.Mark
	last       *train.Step
	experiment *sessions.Experiment
	planned    int
	monitor    string // the figure that says which epoch is best
	network    string // in one line
	unit       string // what the samples are called
	params     int
	samples    [3]int // of training, validation and test
	steps      int64
	seconds    float64
	dir        string
}

// subject is what the tab is about, nil before the first training.
func (s *Screen) subject() *subject {
	if x := s.app.Session; x != nil && s.stored != nil {
		return watched(stored(x, s.stored), s.app.Watching)
	}
	return s.current()
}

// current is the training of this sitting, nil before the first, and until its beginning was told.
func (s *Screen) current() *subject {
	if l := s.app.Live; l != nil && s.live != nil && s.live.Name == l.Run.Name {
		return live(l, s.live)
	}
	return nil
}

func stored(x *sessions.Session, c *curves.Run) *subject {
	return &subject{name: x.Name, curves: c, unit: unitOf(x.Input), state: x.State, reason: x.Reason, epochs: x.History, marks: x.Marks, experiment: x.Experiment,
		planned: x.Planned, monitor: x.Monitor, network: x.Network, params: x.Params, samples: x.Samples, steps: x.Steps, seconds: x.Seconds, dir: x.Dir}
}

// watched is a stored training as another program trains it; nil: none does.
func watched(x *subject, w *screen.Watching) *subject {
	if w == nil {
		return x
	}
	x.watching, x.state, x.last, x.reason = w, w.State, w.Last, ""
	if w.Last != nil {
		x.steps, x.seconds = max(x.steps, w.Last.Step), max(x.seconds, w.Last.Seconds)
	}
	return x
}

func live(l *screen.Live, c *curves.Run) *subject {
	p := l.Run.Prepared
	out := &subject{name: l.Run.Name, live: l, curves: c, unit: unitOf(p.In), state: l.State, epochs: l.Epochs, marks: l.Marks, last: l.Last, experiment: p.Experiment,
		planned: p.Experiment.Fit.Epochs, dir: l.Run.Dir}
	out.monitor, _ = p.Experiment.Fit.Monitor(train.Setup{Metrics: p.Metrics, Validation: p.Validation != nil})
	if l.Err != nil {
		out.reason = l.Err.Error()
	}
	if p.Summary != nil {
		out.network, out.params = networkLine(p), p.Summary.Total
	}
	for i, part := range []train.Data{p.Train, p.Validation, p.Test} {
		if part != nil {
			out.samples[i] = part.Len()
		}
	}
	if l.Last != nil {
		out.steps, out.seconds = l.Last.Step, l.Last.Seconds
	}
	if n := len(l.Epochs); n > 0 {
		out.seconds = max(out.seconds, l.Epochs[n-1].Total)
	}
	return out
}

// unitOf names samples of a shape: one with channels is a picture.
func unitOf(shape []int) string {
	if len(shape) == 3 {
		return textPictures
	}
	return textRows
}

// over says that the training has ended.
func (x *subject) over() bool { return x.watching == nil && (x.live == nil || x.live.Over) }

// status is how the training stands, and the step at which it diverged.
func (x *subject) status() (st curves.Status, step int, diverged bool) {
	step, diverged = x.curves.Diverged()
	return curves.StatusOf(x.state, diverged), step, diverged
}

// source is what is exported of it.
func (x *subject) source() exports.Source {
	s := exports.Source{Name: x.name, Best: best(x.epochs, x.monitor), Last: len(x.epochs)}
	if x.live != nil && !x.live.Over {
		s.Live, s.History = x.live.Run, slices.Clone(x.epochs)
	}
	return s
}

// line is the training in one line, for a window that is too small for anything else.
func (s *Screen) line(w int) string {
	x := s.subject()
	if x == nil {
		return textNothing
	}
	st, _, _ := x.status()
	p := progressOf(x.planned, x.epochs, x.last)
	text := fmt.Sprintf(textLine, p.epoch, p.planned)
	if v, ok := x.loss(); ok {
		text += " " + curves.Loss + " " + curves.Value(v)
	}
	if x.state != train.Running && w > len(text)+len(st.Word) {
		text += " " + st.Word
	}
	return text
}

// loss is the newest mean of the training's loss.
func (x *subject) loss() (float64, bool) { return x.value(curves.Loss) }

// value is the newest value of a figure: a running mean of the epoch under way, or that of the last finished one.
func (x *subject) value(name string) (float64, bool) {
	if x.last != nil && x.last.Epoch > len(x.epochs) {
		for _, v := range x.last.Means {
			if v.Name == name {
				return v.Value, true
			}
		}
	}
	if n := len(x.epochs); n > 0 {
		return x.epochs[n-1].Log(name)
	}
	return 0, false
}

// names are the figures of the training: loss, val_loss, metrics and theirs.
func (x *subject) names() []string {
	has := func(name string) bool { _, ok := x.value(name); return ok }
	var out []string
	for _, n := range append([]string{curves.Loss}, x.curves.Metrics()...) {
		for _, full := range []string{n, curves.Val(n)} {
			if has(full) {
				out = append(out, full)
			}
		}
	}
	return out
}
