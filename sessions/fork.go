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

// Fork makes a new session out of another as it stood at the end of an epoch, with settings changed by set,
// "path=value", and trains it in the background. What fits is taken over by name and shape: weights, the optimizer's
// state if it is of the same kind, what callbacks remember; Fresh of the run lists the weights that start afresh. The
// history up to there comes along.
func (s *Store) Fork(ctx context.Context, name string, epoch int, set []string, o RunOptions) (*Run, error) {
	session, err := s.Open(name)
	if err != nil {
		return nil, err
	}
	if err := session.canGoOn(); err != nil {
		return nil, err
	}
	e, err := s.experiment(name, set...)
	if err != nil {
		return nil, err
	}
	if epoch < 0 || epoch > session.Epochs {
		return nil, &spec.Error{Msg: fmt.Sprintf("session %s has finished %d epochs; it can be forked at 0 to %d", name, session.Epochs, session.Epochs)}
	}
	if epoch >= e.Fit.Epochs {
		return nil, &spec.Error{Path: "fit.epochs", Msg: fmt.Sprintf("found %d, so that nothing is left to train after epoch %d; --set fit.epochs=%d trains on", e.Fit.Epochs, epoch, epoch+e.Fit.Epochs)}
	}
	p, err := s.Prepare(e, ".") // the session's own paths are whole; what set says starts where the person is
	if err != nil {
		return nil, err
	}
	at, gone := session.atEpoch(epoch)
	if gone != nil { // to be computed again, which takes the session's own data
		old, err := session.Prepare()
		if err != nil {
			return nil, err
		}
		if at, err = s.reach(ctx, session, old, epoch, o.Threads); err != nil {
			return nil, err
		}
	}
	from, err := session.origin(at, p)
	if err != nil {
		return nil, err
	}
	from.from = adapt(at.Checkpoint, session.Experiment, e)
	bare := e.Model.Weights == session.Experiment.Model.Weights
	return s.begin(ctx, p, o, BuildOptions{Threads: o.Threads, Bare: bare}, from)
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

// Fresh lists the weights that a fork did not take over: they start as they would without it.
func (r *Run) Fresh() []string { return r.trainer.Fresh() }
