// Package dataset finds samples and their targets, divides them into parts, and hands them out as a network receives
// them. A source is generated, embedded, or read from a path; each kind of source is one file that registers itself.
//
// From the source to the network a sample goes through: classes, limit, split, size and colour, augmentation (in training
// only), rescale, standardization.
package dataset

import (
	"context"
	"fmt"
	"slices"

	"cnnbench/spec"
)

// Targets says what the targets are to be taken for; it matters where a file can be read both ways.
type Targets int

const (
	// Either takes a column of whole numbers and one-hot rows for classes, and all else for values.
	Either Targets = iota
	// Labels does so too, but refuses a column of whole numbers that cannot be class numbers.
	Labels
	// Values takes targets as they are stored, as rows of numbers; class numbers become one column.
	Values
)

// Options are what a data section does not say.
type Options struct {
	Seed    uint64 // the experiment's seed: generated samples, and the split where random_state is not given
	Dir     string // where relative paths start; "" is the working folder
	Targets Targets

	Downloads string // the folder of downloaded public data sets; "": there are none

	Pass Pass // how the pictures of a folder are gone through while it is opened

	// Features are the means and deviations that featurewise settings use; nil: those of the training part.
	Features *Features
}

// Data is a source divided into parts, ready for training.
type Data struct {
	Source  *Source
	Shape   []int    // of a sample as the network receives it
	Classes []string // the names of the class numbers; nil: the targets are values
	Width   int      // columns of a value target; 0 where the targets are class numbers

	Train, Validation, Test *Part // nil: no such part; Train is never nil

	Features *Features // that featurewise settings use; nil: there are none

	open bool
}

// Part returns the part called train, validation or test, nil if there is none.
func (d *Data) Part(name string) *Part {
	switch name {
	case "train":
		return d.Train
	case "validation":
		return d.Validation
	case "test":
		return d.Test
	}
	return nil
}

// Sequences reports whether the samples are sequences that may end before others.
func (d *Data) Sequences() bool { return d.Train.lengths != nil }

// Open reports whether there may be classes above the highest one seen: class numbers without names, all taken.
func (d *Data) Open() bool { return d.open }

// Load opens the source of the data section and divides it. An error about one setting is a *spec.FieldError whose
// key (source, split.test) counts from the data section.
func Load(cfg Config, opt Options) (*Data, error) {
	return LoadContext(context.Background(), cfg, opt)
}

// LoadContext is Load until ctx ends, which a folder of many pictures is worth.
func LoadContext(ctx context.Context, cfg Config, opt Options) (*Data, error) {
	src, err := OpenContext(ctx, cfg, opt)
	if err != nil {
		return nil, err
	}
	return Divide(src, cfg, opt)
}

// Divide applies the data section to a source that was opened with it, or with one that differs in split, image and
// rescale only (in classes and limit too, if the source is not a generated one). A folder whose pictures have several
// sizes was opened in the size of its section: in another one they have its shape, but went through two resizings.
func Divide(src *Source, cfg Config, opt Options) (*Data, error) {
	d := &Data{Source: src, Classes: src.Classes, Width: src.Width, open: src.Unnamed && len(cfg.Classes) == 0}
	if src.Train.Lengths != nil && (cfg.Image.Size != nil || cfg.Image.Color != nil) {
		return nil, field("image", fmt.Errorf("%s holds sequences, no pictures; leave size and color out", src.Name))
	}
	prepare, err := NewPreparation(cfg, src.Shape)
	if err != nil {
		return nil, err
	}
	d.Shape = prepare.Shape()

	var renumber []int32 // the new number of each class, -1 where it is left out
	if len(cfg.Classes) > 0 {
		if renumber, err = chosenClasses(src, cfg.Classes); err != nil {
			return nil, field("classes", err)
		}
		d.Classes = slices.Clone(cfg.Classes)
	}
	part := func(name string, set *Set) *Part {
		return newPart(name, set, renumber, len(d.Classes), d.Width, prepare)
	}
	d.Train = part("train", src.Train)
	if src.Validation != nil {
		d.Validation = part("validation", src.Validation).orNil()
	}
	if src.Test != nil {
		d.Test = part("test", src.Test).orNil()
	}
	if len(cfg.Classes) > 0 {
		if err := classesPresent(d.Train, d.Classes); err != nil {
			return nil, field("classes", err)
		}
	}
	if cfg.Limit != nil {
		d.Train = d.Train.Subset(spread(d.Train.labels, d.Train.Len(), len(d.Classes), *cfg.Limit))
	}
	if err := d.split(cfg.Split, opt.Seed); err != nil {
		return nil, err
	}
	if opt.Targets == Values && d.Classes != nil {
		for _, p := range []*Part{d.Train, d.Validation, d.Test} {
			p.toValues()
		}
		d.Classes, d.Width, d.open = nil, 1, false
	}
	if err := d.standardize(cfg, prepare, opt.Features); err != nil {
		return nil, err
	}
	if err := d.augment(cfg, opt.Seed); err != nil {
		return nil, err
	}
	return d, nil
}

// field names the setting that an error is about.
func field(key string, err error) error { return &spec.FieldError{Key: key, Err: err} }

// classesPresent refuses a training part that holds nothing of a class that was asked for.
func classesPresent(train *Part, classes []string) error {
	for c, n := range train.Counts() {
		if n == 0 {
			return fmt.Errorf("there is no training sample of class %q; leave it out", classes[c])
		}
	}
	return nil
}
