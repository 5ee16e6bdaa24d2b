package sessions

import (
	"fmt"

	"cnnbench/nn"
	"cnnbench/nn/optim"
	"cnnbench/nn/train"
	"cnnbench/sessions/surgery"
	"cnnbench/spec"
)

// Operate works out what would become of the session's weights if it went on with the prepared experiment: what a fork
// does, without doing it.
func (s *Session) Operate(p *Prepared, f ForkOptions) (*surgery.Plan, error) {
	e := s.Experiment
	was, err := nn.Summarize(e.Model.Layers, s.Input)
	if err != nil {
		return nil, e.layerError(err)
	}
	return operate(e, was, p, f), nil
}

// Operate is a session's Operate for one that is being trained.
func (r *Run) Operate(p *Prepared, f ForkOptions) *surgery.Plan {
	return operate(r.Prepared.Experiment, r.Prepared.Summary, p, f)
}

func operate(e *Experiment, was *nn.Summary, p *Prepared, f ForkOptions) *surgery.Plan {
	now := p.Experiment
	o := surgery.Options{Widen: f.Widen, Deepen: f.Deepen, Seed: now.Seed,
		NewOptimizer: optim.Family.Must(e.Compile.Optimizer).Name != optim.Family.Must(now.Compile.Optimizer).Name}
	return surgery.New(surgery.Net{Layers: e.Model.Layers, Summary: was}, surgery.Net{Layers: now.Model.Layers, Summary: p.Summary}, o)
}

// operated notes what became of the weights: in the journal's header, and as a mark where the fork begins.
func (o *origin) operated(r *surgery.Report, s *Session, at *loaded) {
	o.report = r
	if r.Plain() {
		return
	}
	m := train.Mark{Step: at.at.Step, Epoch: float64(at.at.Epoch), Text: fmt.Sprintf("network changed: %v, from %s", r, s.Name)}
	if n := len(o.past.Points); n > 0 {
		m.Epoch = max(m.Epoch, o.past.Points[n-1].Epoch)
		m.Seconds = o.past.Points[n-1].Seconds
	}
	o.past.Marks = append(o.past.Marks, m)
	o.lines = append(o.lines, line{Mark: &markLine{Step: m.Step, Epoch: m.Epoch, Seconds: m.Seconds, Text: m.Text}})
}

// fitsWithin refuses, in the midst of an epoch, what would make another of that epoch: its sums and its place in the
// data go on.
func (s *Session) fitsWithin(at *loaded, e *Experiment) error {
	if at.at.Between || at.at.Over {
		return nil
	}
	cure := fmt.Sprintf("go on to the end of the epoch first, or take the end of one: --at %d", at.at.Epoch)
	if at.at.Checked > 0 {
		return &spec.Error{Msg: fmt.Sprintf("session %s stands in the midst of a validation; %s", s.Name, cure)}
	}
	if path := NotWithinEpoch(s.Experiment, e); path != "" {
		return &spec.Error{Msg: fmt.Sprintf("session %s stands in the midst of an epoch, in which the network, the optimizer and the callbacks can change, but not %s; %s",
			s.Name, path, cure)}
	}
	return nil
}

// NotWithinEpoch is the first setting in which a training cannot go from one experiment to the other in the midst of an
// epoch; "" where it can.
func NotWithinEpoch(old, e *Experiment) string {
	c := e.Clone()
	c.Name, c.Model, c.Compile.Optimizer, c.Fit.Epochs, c.Fit.Callbacks = old.Name, old.Model, old.Compile.Optimizer, old.Fit.Epochs, old.Fit.Callbacks
	if d := Differences(old, c); len(d) > 0 {
		return d[0].Path
	}
	return ""
}
