package dataset

import (
	"context"
	"fmt"
	"math"
)

// Standardize says how samples are brought to a common level and spread after rescale, in the order of the fields, by
// the names and the arithmetic of Keras's ImageDataGenerator. Dividing by a deviation takes the mean away too.
type Standardize struct {
	SamplewiseCenter  bool `yaml:"samplewise_center" doc:"take from each sample the mean of all its values"`
	SamplewiseStd     bool `yaml:"samplewise_std_normalization" doc:"divide each sample by its standard deviation, after samplewise_center"`
	FeaturewiseCenter bool `yaml:"featurewise_center" doc:"take from each channel its mean over the training part, before augmentation"`
	FeaturewiseStd    bool `yaml:"featurewise_std_normalization" doc:"divide each channel by its standard deviation over the training part, after featurewise_center"`
}

// featurewise reports whether the training part's statistics are needed.
func (s *Standardize) featurewise() bool { return s.FeaturewiseCenter || s.FeaturewiseStd }

// Features are the training part's mean and standard deviation of each channel, the last axis of a sample, after rescale
// and the samplewise steps.
type Features struct {
	Mean []float64 `json:"mean"`
	Std  []float64 `json:"std"`
}

// epsilon keeps the division of samples without any contrast from overflowing, as Keras does it.
const epsilon = 1e-6

// standardizer is a Standardize at work; the zero value does nothing.
type standardizer struct {
	center, spread bool
	mean, factor   []float32 // of each channel; nil: not featurewise
}

func newStandardizer(s Standardize) standardizer {
	return standardizer{center: s.SamplewiseCenter || s.SamplewiseStd, spread: s.SamplewiseStd}
}

// use makes it featurewise.
func (z *standardizer) use(s Standardize, f *Features) {
	z.mean, z.factor = make([]float32, len(f.Mean)), make([]float32, len(f.Mean))
	for c := range f.Mean {
		z.mean[c], z.factor[c] = float32(f.Mean[c]), 1
		if s.FeaturewiseStd {
			z.factor[c] = float32(1 / (f.Std[c] + epsilon))
		}
	}
}

// apply standardizes a sample.
func (z *standardizer) apply(x []float32) {
	if z.center {
		z.samplewise(x)
	}
	channels := len(z.mean)
	if channels == 0 {
		return
	}
	for ; len(x) >= channels; x = x[channels:] {
		for c, mean := range z.mean {
			x[c] = float32((x[c] - mean) * z.factor[c])
		}
	}
}

func (z *standardizer) samplewise(x []float32) {
	n := float64(len(x))
	sum, squares := 0.0, 0.0
	for _, v := range x {
		sum += float64(v)
	}
	mean := sum / n
	for _, v := range x {
		d := float64(v) - mean
		squares += float64(d * d)
	}
	by := 1.0
	if z.spread {
		by = 1 / (math.Sqrt(squares/n) + epsilon)
	}
	for i, v := range x {
		x[i] = float32((float64(v) - mean) * by)
	}
}

// Use gives the preparation the statistics that featurewise settings need; nil where there are none.
func (p *Preparation) Use(cfg Config, f *Features) error {
	if !cfg.Standardize.featurewise() {
		return nil
	}
	if channels := p.out[len(p.out)-1]; f == nil || len(f.Mean) != channels || len(f.Std) != channels {
		return fmt.Errorf("there are no means of the training part for samples of %d channels", channels)
	}
	p.standardize.use(cfg.Standardize, f)
	return nil
}

// standardize finds the training part's statistics, unless they are given, and uses them for all parts.
func (d *Data) standardize(cfg Config, prepare *Preparation, given *Features) error {
	if !cfg.Standardize.featurewise() {
		return nil
	}
	if d.Features = given; given == nil {
		var f Facts
		if err := f.addPart(context.Background(), Pass{}, "train", d.Train); err != nil {
			return err
		}
		d.Features = &Features{Mean: f.Parts[0].Mean, Std: f.Parts[0].Std}
	}
	if err := prepare.Use(cfg, d.Features); err != nil {
		return field("featurewise_center", err)
	}
	return nil
}
