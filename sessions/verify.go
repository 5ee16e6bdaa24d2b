package sessions

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"

	"cnnbench/nn/train"
)

// Verdict is what came of training a session again.
type Verdict struct {
	Same   bool
	Epochs int   // compared
	Step   int64 // up to which

	// Where it first differs: the epoch, from 1, or 0 for the start, and what is how there and here.
	Epoch  int
	Differ string

	Damaged []error // checkpoints that could not be compared
}

// Verify trains a session again beside it, up to where it stands, and compares with what it stored: the figures of every
// epoch, the weights at its end, and all of the checkpoints that it keeps. Changes that were made live are made again.
// Nothing is written. The observers are told of the training.
func (s *Store) Verify(ctx context.Context, name string, threads int, o ...train.Observer) (*Verdict, error) {
	session, err := s.Open(name)
	if err != nil {
		return nil, err
	}
	if err := session.canGoOn(); err != nil {
		return nil, err
	}
	c := session.chronicle
	if len(c.saves) == 0 {
		return nil, fmt.Errorf("session %s has no checkpoint, so nothing to begin with", name)
	}
	first := c.saves[0]
	start, err := session.read(first)
	if err != nil {
		return nil, fmt.Errorf("read the start of session %s: %w", name, err)
	}
	if start.data == "" {
		return nil, fmt.Errorf("session %s was imported and not trained here: there is nothing to verify", name)
	}
	p, err := session.Prepare()
	if err != nil {
		return nil, err
	}
	data, err := p.fingerprint()
	if err != nil {
		return nil, p.Experiment.dataError(err)
	}
	if data != start.data {
		return nil, fmt.Errorf("the data of session %s are no longer those that it was trained on (%s)", name, session.Source)
	}
	var from *train.Checkpoint
	if session.Parent != nil || session.Experiment.Model.Weights != "" {
		from = start.Checkpoint
	}
	v := &verifier{session: session, verdict: &Verdict{Same: true}}
	err = p.again(ctx, from, c.changes[first.made:], threads, append(slices.Clone(o), v), v.between)
	if err != nil {
		return nil, err
	}
	if !v.ended {
		v.differs(session.Epochs, "the training ends before it did")
	}
	return v.verdict, nil
}

// verifier compares a training with a session while it goes on.
type verifier struct {
	session *Session
	verdict *Verdict
	ended   bool
}

// differs notes the first difference.
func (v *verifier) differs(epoch int, format string, args ...any) {
	if v.verdict.Same {
		v.verdict.Same, v.verdict.Epoch, v.verdict.Differ = false, epoch, fmt.Sprintf(format, args...)
	}
}

// OnState does nothing.
func (*verifier) OnState(train.State, error) {}

// OnStep does nothing.
func (*verifier) OnStep(*train.Step) {}

// OnMark does nothing.
func (*verifier) OnMark(train.Mark) {}

// OnEpoch compares the figures.
func (v *verifier) OnEpoch(e *train.Epoch) {
	at := slices.IndexFunc(v.session.History, func(h train.Epoch) bool { return h.Epoch == e.Epoch })
	if at < 0 {
		return
	}
	h := &v.session.History[at]
	v.verdict.Epochs++
	for i, x := range e.Logs {
		if i >= len(h.Logs) || h.Logs[i].Name != x.Name {
			v.differs(e.Epoch, "%s is not stored", x.Name)
		} else if stored := h.Logs[i].Value; !equal64(stored, x.Value) {
			v.differs(e.Epoch, "%s is %v as stored and %v now", x.Name, stored, x.Value)
		}
	}
	if !equal64(h.LearningRate, e.LearningRate) {
		v.differs(e.Epoch, "the learning rate is %v as stored and %v now", h.LearningRate, e.LearningRate)
	}
}

// between compares with the checkpoint of the place, and ends with the last one, or at the first difference.
func (v *verifier) between(t *train.Trainer) {
	if v.ended {
		return
	}
	place := t.Place()
	var now *train.Checkpoint
	saves := v.session.chronicle.saves
	for i, at := range saves {
		if at.Place != place {
			continue
		}
		if now == nil {
			now = t.Checkpoint()
		}
		if _, between, err := now.Place(); err != nil || between != at.Between {
			continue
		}
		v.compare(at, now)
		v.verdict.Step = place.Step
		v.ended = i == len(saves)-1
	}
	if v.ended = v.ended || !v.verdict.Same; v.ended {
		t.Send(train.Stop{})
	}
}

func (v *verifier) compare(at save, now *train.Checkpoint) {
	epoch := at.Epoch
	if !at.Between {
		epoch++ // the one under way
	}
	if !at.has(now) {
		v.differs(epoch, "the weights after step %d", at.Step)
		return
	}
	stored, err := v.session.read(at)
	switch {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		v.verdict.Damaged = append(v.verdict.Damaged, err)
	default:
		if name := differing(stored.Checkpoint, now); name != "" {
			v.differs(epoch, "%s after step %d", name, at.Step)
		}
	}
}
