package sessions

import (
	"context"
	"fmt"
	"reflect"
	"slices"

	"cnnbench/nn/optim"
	"cnnbench/nn/train"
	"cnnbench/spec"
)

// ForkOptions say where a session branches off from another, and what it changes. The zero value branches off where that
// one stands, and changes nothing.
type ForkOptions struct {
	At  *int     // finished epochs; nil: where the session stands, in the midst of an epoch too
	Set []string // settings to change, "path=value"
	// Experiment is taken instead of the session's own, with Set already in it; its relative paths start at Dir. nil: the
	// session's own.
	Experiment *Experiment
	Dir        string
	Widen      bool // see surgery.Options
	Deepen     bool
}

// Fork makes a new session out of another as it stood, with settings changed, and trains it in the background. What fits
// is taken over by name and shape: weights, the optimizer's state if it is of the same kind, what callbacks remember; of a
// changed network what package surgery can carry over, of which Surgery of the run tells. The history up to there comes
// along.
func (s *Store) Fork(ctx context.Context, name string, f ForkOptions, o RunOptions) (*Run, error) {
	session, err := s.Open(name)
	if err != nil {
		return nil, err
	}
	if err := session.canGoOn(); err != nil {
		return nil, err
	}
	e, dir := f.Experiment, f.Dir
	if e == nil {
		dir = "." // the session's own paths are whole; what set says starts where the person is
		if e, err = s.experiment(name, f.Set...); err != nil {
			return nil, err
		}
	}
	if f.At != nil && (*f.At < 0 || *f.At > session.Epochs) {
		return nil, &spec.Error{Msg: fmt.Sprintf("session %s has finished %d epochs; it can be forked at 0 to %d", name, session.Epochs, session.Epochs)}
	}
	epoch := session.Epochs
	if f.At != nil {
		epoch = *f.At
	}
	if epoch >= e.Fit.Epochs {
		return nil, &spec.Error{Path: "fit.epochs", Msg: fmt.Sprintf("found %d, so that nothing is left to train after epoch %d; --set fit.epochs=%d trains on", e.Fit.Epochs, epoch, epoch+e.Fit.Epochs)}
	}
	p, err := s.Prepare(e, dir)
	if err != nil {
		return nil, err
	}
	at, err := s.forkingPoint(ctx, session, f.At, o.Threads)
	if err != nil {
		return nil, err
	}
	if err := session.fitsWithin(at, e); err != nil {
		return nil, err
	}
	plan, err := session.Operate(p, f)
	if err != nil {
		return nil, err
	}
	from, err := session.origin(at, p)
	if err != nil {
		return nil, err
	}
	from.from = adapt(plan.Apply(at.Checkpoint), session.Experiment, e)
	from.operated(&plan.Report, session, at)
	bare := e.Model.Weights == session.Experiment.Model.Weights
	return s.begin(ctx, p, o, BuildOptions{Threads: o.Threads, Bare: bare}, from)
}

// forkingPoint is the checkpoint to branch off at.
func (s *Store) forkingPoint(ctx context.Context, session *Session, epoch *int, threads int) (*loaded, error) {
	if epoch == nil {
		at, _, err := session.newest()
		return at, err
	}
	at, gone := session.atEpoch(*epoch)
	if gone == nil {
		return at, nil
	}
	old, err := session.Prepare() // to be computed again, which takes the session's own data
	if err != nil {
		return nil, err
	}
	return s.reach(ctx, session, old, *epoch, threads)
}

// origin is a session as it stood at a checkpoint, for an experiment that goes on from there.
func (s *Session) origin(at *loaded, p *Prepared) (origin, error) {
	c := s.chronicle
	o := origin{parent: &Parent{Session: s.Name, Epoch: at.at.Epoch}}
	o.past = Past{Epochs: slices.Clone(c.history[:at.at.epochs]), Marks: slices.Clone(c.marks[:at.at.marks])}
	same := p.monitor() == c.header.Monitor
	for i := range o.past.Epochs {
		e := &o.past.Epochs[i]
		e.Best = e.Best && same
		o.lines = append(o.lines, line{Epoch: newEpochLine(e)})
	}
	for _, m := range o.past.Marks { // without the changes, which no one makes again
		o.lines = append(o.lines, line{Mark: &markLine{Step: m.Step, Epoch: m.Epoch, Seconds: m.Seconds, Text: m.Text}})
	}
	for _, text := range c.curves[:at.at.curves] {
		o.lines = append(o.lines, line{Curve: text})
	}
	part := chronicle{way: way{curves: c.curves[:at.at.curves]}}
	var err error
	o.past.Points, err = part.points()
	return o, err
}

// adapt leaves out of a checkpoint what changed settings make meaningless: the state of another kind of optimizer, and
// the learning rate where the experiment now says another.
func adapt(c *train.Checkpoint, old, e *Experiment) *train.Checkpoint {
	was, is := old.Compile.Optimizer, e.Compile.Optimizer
	switch {
	case optim.Family.Must(was).Name != optim.Family.Must(is).Name:
		return c.Without(train.OptimPrefix, train.RatePrefix)
	case !reflect.DeepEqual(was.Settings().LearningRate, is.Settings().LearningRate):
		return c.Without(train.RatePrefix)
	}
	return c
}
