package dataset

import (
	"errors"

	"cnnbench/dataset/augment"
	"cnnbench/rng"
	"cnnbench/spec"
)

// augmentation is what becomes of a part's pictures in training. What is drawn follows from the seed, the pass over the
// data and the sample's row in the source.
type augmentation struct {
	augmenter *augment.Augmenter
	seed      uint64
}

// augment makes the training part one that can be augmented.
func (d *Data) augment(cfg Config, seed uint64) error {
	s := cfg.Augment
	if !s.Active() {
		return nil
	}
	if err := s.Fits(d.Shape); err != nil {
		var inner *spec.FieldError
		if errors.As(err, &inner) {
			return field("augment."+inner.Key, inner.Err)
		}
		return field("augment", err)
	}
	_, bytes := d.Train.samples.(ByteSamples)
	d.Train.augmentation = &augmentation{augment.NewAugmenter(s, d.Shape[0], d.Shape[1], d.Shape[2], bytes), seed}
	return nil
}

// Augments reports whether the training shows deformed samples of this part.
func (p *Part) Augments() bool { return p.augmentation != nil }

// Augmented fills dst with sample i as the network receives it in pass number pass, from 0, over the training data, and
// returns what was drawn for it. The same seed, pass and sample give the same bits, whoever asks in whatever order.
func (p *Part) Augmented(dst []float32, i, pass int) (augment.Drawn, error) {
	a := p.augmentation
	if a == nil {
		return augment.Undrawn, p.Read(dst, i)
	}
	row := p.Index[i]
	dst = dst[:p.prepare.outSize]
	if err := p.prepare.load(dst, p.samples, row); err != nil {
		return augment.Undrawn, err
	}
	drawn := a.augmenter.Draw(rng.New(a.seed, rng.Augment, uint64(pass), uint64(row)).Stream())
	a.augmenter.Apply(dst, &drawn)
	p.prepare.finish(dst)
	return drawn, nil
}
