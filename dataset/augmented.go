package dataset

import (
	"errors"
	"sync"

	"cnnbench/dataset/augment"
	"cnnbench/rng"
	"cnnbench/spec"
)

// augmentation is what becomes of a part's pictures in training. What is drawn follows from the seed, the pass over the
// data and the sample's row in the source.
type augmentation struct {
	augmenter *augment.Augmenter
	seed      uint64
	mixup     float64   // 0: none
	mixed     sync.Pool // of *[]float32, a sample
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
	d.Train.augmentation = &augmentation{augmenter: augment.NewAugmenter(s, d.Shape[0], d.Shape[1], d.Shape[2], bytes), seed: seed, mixup: s.Mixup,
		mixed: sync.Pool{New: func() any { x := make([]float32, volume(d.Shape)); return &x }}}
	return nil
}

// Augments reports whether the training shows deformed samples of this part.
func (p *Part) Augments() bool { return p.augmentation != nil }

// Augmented fills dst with sample i as the network receives it in pass number pass, from 0, over the training data, and
// returns what was drawn for it; where it was mixed, its target is to be mixed too. The same seed, pass and sample give
// the same bits, whoever asks in whatever order.
func (p *Part) Augmented(dst []float32, i, pass int) (augment.Drawn, error) {
	a := p.augmentation
	if a == nil {
		return augment.Undrawn, p.Read(dst, i)
	}
	dst = dst[:p.prepare.outSize]
	drawn := p.Drawn(i, pass)
	if err := p.deform(dst, i, &drawn); err != nil || a.mixup == 0 {
		return drawn, err
	}
	other := a.mixed.Get().(*[]float32)
	defer a.mixed.Put(other)
	its := p.Drawn(drawn.MixWith, pass)
	if err := p.deform(*other, drawn.MixWith, &its); err != nil {
		return drawn, err
	}
	augment.Mix(dst, *other, drawn.Mix)
	return drawn, nil
}

// Drawn is what Augmented draws for sample i in pass number pass, without reading the sample.
func (p *Part) Drawn(i, pass int) augment.Drawn {
	a := p.augmentation
	if a == nil {
		return augment.Undrawn
	}
	draws := rng.New(a.seed, rng.Augment, uint64(pass), uint64(p.Index[i])).Stream()
	drawn := a.augmenter.Draw(draws)
	if a.mixup > 0 {
		drawn.MixWith, drawn.Mix = augment.DrawMix(draws, a.mixup, p.Len())
	}
	return drawn
}

// deform is all but mixup.
func (p *Part) deform(dst []float32, i int, drawn *augment.Drawn) error {
	if err := p.prepare.load(dst, p.samples, p.Index[i]); err != nil {
		return err
	}
	p.augmentation.augmenter.Apply(dst, drawn)
	p.prepare.finish(dst)
	return nil
}
