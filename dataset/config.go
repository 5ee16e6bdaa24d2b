package dataset

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"

	"go.yaml.in/yaml/v3"

	"cnnbench/dataset/augment"
	"cnnbench/spec"
)

// Config is the data section of an experiment. NewConfig gives the defaults.
type Config struct {
	Source  string      `yaml:"source" required:"true" doc:"a built-in name, that of a downloaded data set, or the path of a folder of pictures, IDX or CIFAR files, of an .npz, a .csv or a .tsv"`
	Label   string      `yaml:"label" doc:"the column of a table that is to be predicted, by name or number from 1; empty: the column called label, class, target or y, else the last"`
	Classes []string    `yaml:"classes" doc:"only these classes, numbered in this order; none named: all"`
	Limit   *int        `yaml:"limit" min:"1" doc:"at most so many training samples, spread over the classes" unit:"samples"`
	Image   ImageConfig `yaml:"image" doc:"resize and convert pictures"`
	Rescale *float64    `yaml:"rescale" doc:"factor of every value, such as 1/255; null: 1"`
	Memory  *int        `yaml:"memory" min:"1" max:"1048576" doc:"memory for the pictures of a folder; what is beyond is read from disk each time anew; null: 2048" unit:"MB"`
	Split   SplitConfig `yaml:"split" doc:"what becomes of the training samples"`

	Standardize Standardize      `yaml:",inline"`
	Augment     augment.Settings `yaml:"augment" doc:"deform the training pictures at random, anew in every epoch"`
}

// ImageConfig is how pictures change on their way to the network.
type ImageConfig struct {
	Size          *spec.Pair `yaml:"size" doc:"rows and columns; null: as they are" unit:"pixels"`
	Color         *string    `yaml:"color" oneof:"rgb grayscale" doc:"number of channels: rgb 3, grayscale 1; null: as it is"`
	Interpolation string     `yaml:"interpolation" oneof:"nearest bilinear" doc:"how pixels are found when the size changes; bilinear also smooths when shrinking"`
}

// SplitConfig is how the training samples are divided. A part that is not given is the source's own; where the source
// has none, test is 0 and validation 0.2.
type SplitConfig struct {
	Test        *Amount `yaml:"test" min:"0" doc:"share or count for testing; 0: none; null: the source's own test part, if any"`
	Validation  *Amount `yaml:"validation" min:"0" doc:"share of the whole or count for validation; 0: none; null: the source's own part, else 0.2"`
	Shuffle     bool    `yaml:"shuffle" doc:"draw the parts at random; else training comes first, as stored"`
	Stratify    bool    `yaml:"stratify" doc:"keep the classes' shares in every part"`
	RandomState *int    `yaml:"random_state" min:"0" max:"4294967295" doc:"seed of the split; null: the experiment's"`
}

// NewConfig is a data section with its defaults; the source is still to be named.
func NewConfig() Config {
	return Config{Image: ImageConfig{Interpolation: "nearest"}, Split: SplitConfig{Shuffle: true}, Augment: augment.New()}
}

// Validate checks what can be checked without the source.
func (c Config) Validate() error {
	if c.Source == "" {
		return field("source", errors.New("is empty; name a built-in source or a path"))
	}
	for i, name := range c.Classes {
		if slices.Contains(c.Classes[:i], name) {
			return field("classes", fmt.Errorf("%q stands there twice; keep one", name))
		}
	}
	if c.Rescale != nil && *c.Rescale == 0 {
		return field("rescale", errors.New("0 would make all samples equal; needs another number, such as 1/255"))
	}
	return nil
}

// Validate checks that the settings fit together.
func (s SplitConfig) Validate() error {
	if s.Stratify && !s.Shuffle {
		return field("stratify", errors.New("a stratified split needs shuffle: true"))
	}
	if s.Test != nil && s.Validation != nil && *s.Test < 1 && *s.Validation < 1 && *s.Test+*s.Validation >= 1 {
		return field("validation", fmt.Errorf("a share of %v beside %v for testing leaves nothing for training; their sum must be below 1", *s.Validation, *s.Test))
	}
	return nil
}

// memory is the most bytes that the pictures of a folder may take.
func (c Config) memory() int64 {
	if c.Memory == nil {
		return 2048 << 20
	}
	return int64(*c.Memory) << 20
}

// randomState is the split's seed. RandomState takes 32 bits, so that a larger experiment seed is folded.
func (s SplitConfig) randomState(seed uint64) uint32 {
	if s.RandomState != nil {
		return uint32(*s.RandomState)
	}
	return uint32(seed) ^ uint32(seed>>32)
}

// Amount is a part of some samples: below 1 a share of them, from 1 on a count, 0 nothing.
type Amount float64

// DecodeSpec reads a share or a count; 1.0 is refused, because a share of 1 leaves nothing.
func (a *Amount) DecodeSpec(d *spec.Decoder, n *yaml.Node, path string) error {
	switch n.Tag {
	case "!!int":
		if i, err := strconv.ParseInt(n.Value, 10, 32); err == nil && i >= 0 {
			*a = Amount(i)
			return nil
		}
	case "!!float":
		if f, err := strconv.ParseFloat(n.Value, 64); err == nil && f >= 0 && f < 1 {
			*a = Amount(f)
			return nil
		}
	}
	what := strconv.Quote(n.Value)
	if n.Kind != yaml.ScalarNode {
		what = "a list or a map"
	}
	return d.Errorf(n, path, "found %s, needs a share below 1, such as 0.2, or a count, such as 500; 0 for no such part", what)
}

// EncodeSpec writes a count as a whole number and a share as a decimal.
func (a Amount) EncodeSpec() any {
	if a >= 1 || a == 0 {
		return int(a)
	}
	return float64(a)
}

// of is the number of samples out of n, a share rounded up.
func (a Amount) of(n int) int {
	if a >= 1 {
		return int(a)
	}
	return int(math.Ceil(float64(a) * float64(n)))
}
