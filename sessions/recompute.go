package sessions

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"

	"cnnbench/nn"
	"cnnbench/nn/train"
)

// Recompute gives the weights at the end of an epoch whose checkpoint is no longer there, bit for bit: it trains from the
// nearest earlier one. Nothing is written.
func (s *Store) Recompute(ctx context.Context, session *Session, epoch, threads int) (*Weights, error) {
	if err := session.canGoOn(); err != nil {
		return nil, err
	}
	p, err := session.Prepare()
	if err != nil {
		return nil, err
	}
	c, err := s.reach(ctx, session, p, epoch, threads)
	if err != nil {
		return nil, err
	}
	return weightsOf(c.Checkpoint), nil
}

// WeightsOf gives weights of a session: those that it keeps, or else computed again.
func (s *Store) WeightsOf(ctx context.Context, session *Session, w Which, threads int) (*Weights, error) {
	out, err := session.Weights(w)
	if gone := (*GoneError)(nil); errors.As(err, &gone) && session.canGoOn() == nil {
		return s.Recompute(ctx, session, gone.Epoch, threads)
	}
	return out, err
}

// reach gives the checkpoint at the end of an epoch: the one that is kept, or else one computed again.
func (s *Store) reach(ctx context.Context, session *Session, p *Prepared, epoch, threads int) (*loaded, error) {
	kept, gone := session.atEpoch(epoch)
	if gone == nil {
		return kept, nil
	}
	c := session.chronicle
	target, ok := c.ofEpoch(epoch)
	if !ok {
		if parent := session.Parent; parent != nil && epoch < parent.Epoch {
			return nil, fmt.Errorf("session %s begins at epoch %d of session %s, which has the epochs before: take epoch %d of that one", session.Name, parent.Epoch, parent.Session, epoch)
		}
		return nil, gone
	}
	for _, at := range slices.Backward(c.saves[:c.find(target.File)]) {
		from, err := session.read(at)
		var damaged *DamagedError
		if errors.Is(err, fs.ErrNotExist) || errors.As(err, &damaged) {
			continue
		}
		if err != nil {
			return nil, err
		}
		got, err := p.trainTo(ctx, from.Checkpoint, c.changes[at.made:target.made], target.Place, threads)
		if err != nil {
			return nil, err
		}
		if !target.has(got) {
			return nil, fmt.Errorf("epoch %d of session %s does not come out as it did; it was trained by %s with %s kernels on %s", epoch, session.Name, session.Program, session.ISA, session.GOARCH)
		}
		return &loaded{Checkpoint: got, stamp: from.stamp, at: target, computed: true}, nil
	}
	return nil, gone
}

// trainTo trains from a checkpoint to a place, and writes nothing.
func (p *Prepared) trainTo(ctx context.Context, from *train.Checkpoint, changes []train.Change, to train.Place, threads int) (*train.Checkpoint, error) {
	var got *train.Checkpoint
	err := p.again(ctx, from, changes, threads, nil, func(t *train.Trainer) {
		if got == nil && t.Place() == to {
			got = t.Checkpoint()
			t.Send(train.Stop{})
		}
	})
	if err == nil && got == nil {
		err = errors.New("the training ended before it was there")
	}
	if err != nil {
		return nil, fmt.Errorf("compute epoch %d again: %w", to.Epoch, err)
	}
	return got, nil
}

// again trains once more, from a checkpoint or nil, the start, and writes nothing.
func (p *Prepared) again(ctx context.Context, from *train.Checkpoint, changes []train.Change, threads int, o []train.Observer, between func(t *train.Trainer)) error {
	net, err := p.Build(BuildOptions{Threads: threads, Bare: from != nil})
	if err != nil {
		return err
	}
	defer net.Close()
	options := p.options(net, RunOptions{}, o)
	options.From, options.Changes, options.Between = from, changes, between
	options.Save = func(string, *nn.Network) error { return nil } // model_checkpoint's files are there already
	t, err := train.New(options)
	if err != nil {
		return err
	}
	between(t)
	if err := t.Run(ctx); err != nil {
		return err
	}
	return ctx.Err()
}
