package data

import (
	"context"
	"fmt"

	tea "charm.land/bubbletea/v2"

	"cnnbench/dataset"
	"cnnbench/tui/picture"
)

// counted is what there is to say about the data.
type counted struct {
	data       *dataset.Data
	facts, raw *dataset.Facts
	err        error
}

// count goes through all samples in the background, on processors that a training leaves free, and ends what still goes
// through those of earlier data.
func (s *Screen) count() tea.Cmd {
	if s.giveUp != nil {
		s.giveUp()
	}
	d, pass := s.data, dataset.Pass{Most: func() int { return int(s.spare.Load()) }}
	var ctx context.Context
	ctx, s.giveUp = context.WithCancel(context.Background())
	return func() tea.Msg {
		facts, err := d.Describe(ctx, pass)
		if err != nil {
			return counted{data: d, err: err}
		}
		raw, err := d.Source.Describe(ctx, pass)
		return counted{d, facts, raw, err}
	}
}

func (s *Screen) counted(m counted) {
	if m.data != s.data {
		return
	}
	s.facts, s.bad = m.facts, m.err
	if m.err == nil {
		s.received, s.raw = rangeOfFacts(m.facts), rangeOfFacts(m.raw)
		if _, bytes := s.data.Source.Train.Samples.(dataset.ByteSamples); bytes {
			s.raw = rangeOf{0, 255}
		}
	}
	s.version++
}

func rangeOfFacts(f *dataset.Facts) rangeOf {
	r := rangeOf{float32(f.Parts[0].Min), float32(f.Parts[0].Max)}
	for _, p := range f.Parts[1:] {
		r.lo, r.hi = min(r.lo, float32(p.Min)), max(r.hi, float32(p.Max))
	}
	return r
}

// look is how values are coloured: one range for all samples, so that they can be compared.
func (s *Screen) look() picture.Look {
	if s.facts == nil { // not counted yet
		lo, hi := s.window.Range()
		return picture.Look{Lo: lo, Hi: hi}
	}
	r := s.received
	if s.as() == stored {
		r = s.raw
	}
	return picture.Look{Lo: r.lo, Hi: r.hi}
}

// need asks for the samples around the cursor that are not in memory.
func (s *Screen) need() tea.Cmd {
	if s.data == nil || !s.shown() {
		return nil
	}
	return tea.Batch(s.window.Need(s.list, s.at, s.cap), s.needVariants())
}

// shown says which values of the samples are shown.
type shown int

const (
	received  shown = iota // as the network receives them, without augmentation
	stored                 // as the source has them
	augmented              // as the network receives them in training
)

// as is which values are shown: augmented ones only where there are such.
func (s *Screen) as() shown {
	if s.want == augmented && !s.data.Part(s.part).Augments() {
		return received
	}
	return s.want
}

// asWord says which values are shown.
func (s *Screen) asWord() string {
	switch s.as() {
	case stored:
		return wordStored
	case augmented:
		if s.app.Draft.Experiment().Fit.StepsPerEpoch != nil { // an epoch is not a pass
			return fmt.Sprintf(wordPass, s.pass+1)
		}
		return fmt.Sprintf(wordAugmented, s.pass+1)
	}
	return wordReceived
}

// shape is that of the part's samples as they are shown.
func (s *Screen) shape(p *dataset.Part) []int {
	if s.as() == stored {
		return p.RawShape()
	}
	return p.Shape()
}

// reader reads the part's samples as they are shown.
func (s *Screen) reader(p *dataset.Part) picture.Reader {
	switch s.as() {
	case stored:
		return p.Raw
	case augmented:
		pass := s.pass
		return func(dst []float32, i int) error {
			_, err := p.Augmented(dst, i, pass)
			return err
		}
	}
	return p.Read
}
