package dataset

import (
	"context"
	"fmt"
	"math"
)

// Facts is what there is to say about a source or about data that are ready for training.
type Facts struct {
	Name, Description string
	Shape             []int
	Classes           []string // nil: the targets are values
	Width             int      // columns of a value target
	Parts             []PartFacts
	Skipped           []Skip    // what the source had to leave out
	Overlaps          []Overlap // samples that are there more than once; of a source as it is stored they are not looked for
}

// PartFacts is what there is to say about one part.
type PartFacts struct {
	Name   string // train, validation or test
	Len    int
	Counts []int // samples of each class; nil: the targets are values

	Lengths   [2]int    // steps of the shortest and the longest sequence; 0: all samples are full
	Min, Max  float64   // of all values of the samples
	Mean, Std []float64 // of each channel, the last axis of a sample

	TargetMin, TargetMax float64 // of the values of the targets; both 0 where they are class numbers
}

// Describe reads all samples as they are stored.
func (s *Source) Describe(ctx context.Context, pass Pass) (*Facts, error) {
	plain, err := NewPreparation(Config{}, s.Shape)
	if err != nil {
		return nil, err
	}
	f := &Facts{Name: s.Name, Description: s.Description, Shape: s.Shape, Classes: s.Classes, Width: s.Width, Skipped: s.Skipped}
	var parts [len(partNames)]*Part
	for i, set := range []*Set{s.Train, s.Validation, s.Test} {
		if set != nil {
			parts[i] = newPart(partNames[i], set, nil, len(s.Classes), s.Width, plain)
		}
	}
	return f, f.add(ctx, pass, parts)
}

// Describe reads all samples as the network receives them.
func (d *Data) Describe(ctx context.Context, pass Pass) (*Facts, error) {
	f := &Facts{Name: d.Source.Name, Description: d.Source.Description, Shape: d.Shape, Classes: d.Classes, Width: d.Width, Skipped: d.Source.Skipped}
	parts := [...]*Part{d.Train, d.Validation, d.Test}
	all := samplesOf(parts)
	if err := f.add(ctx, pass.stretch(0, 2*all), parts); err != nil {
		return nil, err
	}
	var err error
	f.Overlaps, err = d.Overlaps(ctx, pass.stretch(all, 2*all))
	return f, err
}

// add reads all samples of the parts that are not nil.
func (f *Facts) add(ctx context.Context, pass Pass, parts [len(partNames)]*Part) error {
	all, before := samplesOf(parts), 0
	for i, p := range parts {
		if p == nil {
			continue
		}
		if err := f.addPart(ctx, pass.stretch(before, all), partNames[i], p); err != nil {
			return err
		}
		before += p.Len()
	}
	return nil
}

// samplesOf counts the samples of the parts that are not nil.
func samplesOf(parts [len(partNames)]*Part) int {
	n := 0
	for _, p := range parts {
		if p != nil {
			n += p.Len()
		}
	}
	return n
}

func (f *Facts) addPart(ctx context.Context, pass Pass, name string, p *Part) error {
	facts := PartFacts{Name: name, Len: p.Len(), Counts: p.Counts()}
	shape := p.Shape()
	x := make([]float32, volume(shape))
	channels := shape[len(shape)-1]
	// Sums of differences to the first sample's values lose no digits where the values lie close together.
	first, sum, squares := make([]float64, channels), make([]float64, channels), make([]float64, channels)
	facts.Min, facts.Max = math.Inf(1), math.Inf(-1)
	n := 0.0 // values of a channel
	for i := range p.Len() {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := p.Read(x, i); err != nil {
			return fmt.Errorf("reading row %d of the %s part: %w", p.Index[i], p.From, err)
		}
		if i == 0 {
			for c := range first {
				first[c] = float64(x[c])
			}
		}
		end := p.end(i)
		n += float64(end / channels)
		facts.lengthen(p.Length(i))
		for j, v := range x[:end] {
			v := float64(v)
			facts.Min, facts.Max = min(facts.Min, v), max(facts.Max, v)
			c := j % channels
			d := v - first[c]
			sum[c] += d
			squares[c] += float64(d * d)
		}
		for j, v := range p.Target(i) {
			v := float64(v)
			if i == 0 && j == 0 {
				facts.TargetMin, facts.TargetMax = v, v
			}
			facts.TargetMin, facts.TargetMax = min(facts.TargetMin, v), max(facts.TargetMax, v)
		}
		pass.tell(i+1, p.Len())
	}
	for c := range first {
		mean := sum[c] / n
		facts.Mean = append(facts.Mean, first[c]+mean)
		facts.Std = append(facts.Std, math.Sqrt(max(squares[c]/n-float64(mean*mean), 0)))
	}
	f.Parts = append(f.Parts, facts)
	return nil
}

// lengthen takes the length of one more sequence into account.
func (f *PartFacts) lengthen(n int) {
	if f.Lengths[0] == 0 || n < f.Lengths[0] {
		f.Lengths[0] = n
	}
	f.Lengths[1] = max(f.Lengths[1], n)
}
