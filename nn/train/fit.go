package train

import (
	"errors"
	"fmt"
	"strconv"

	"cnnbench/nn/metric"
	"cnnbench/spec"

	"go.yaml.in/yaml/v3"
)

// Fit is what Keras's fit takes: how long, in which batches, with which callbacks. Defaults holds the defaults.
type Fit struct {
	BatchSize       BatchSize   `yaml:"batch_size" doc:"samples of a step, or all: full-batch descent"`
	Epochs          int         `yaml:"epochs" min:"1" doc:"how often the data is gone through"`
	StepsPerEpoch   *int        `yaml:"steps_per_epoch" min:"1" doc:"steps of an epoch; the next one goes on where it stopped; null: all of the data"`
	ValidationSteps *int        `yaml:"validation_steps" min:"1" doc:"batches of the validation, from its start; null: all of it"`
	Shuffle         bool        `yaml:"shuffle" doc:"a new order of the samples at each pass"`
	ClassWeight     ClassWeight `yaml:"class_weight" doc:"factors of the training samples' losses by their class; one left out has 1"`
	Callbacks       []Callback  `yaml:"callbacks" doc:"what ends, saves or changes the training by itself"`
}

// Defaults are Keras's.
func Defaults() Fit { return Fit{BatchSize: 32, Epochs: 1, Shuffle: true} }

// Batch is the number of samples of a step on so many training samples; networks are built for it.
func (f *Fit) Batch(samples int) int {
	if f.BatchSize == All {
		return samples
	}
	return min(int(f.BatchSize), samples)
}

// Steps is the number of steps of an epoch on so many training samples.
func (f *Fit) Steps(samples int) int {
	if f.StepsPerEpoch != nil {
		return *f.StepsPerEpoch
	}
	return batches(samples, f.Batch(samples))
}

// batches is how many batches so many samples make; the last one may be partial.
func batches(samples, batch int) int { return (samples + batch - 1) / batch }

// Check says what is wrong with the callbacks for such a training, before anything is built: a figure that nothing
// measures, a rate that cannot be set. The error is a *spec.FieldError whose key is below fit.
func (f *Fit) Check(s Setup) error {
	_, err := f.begin(s)
	return err
}

// begin sets the callbacks to work.
func (f *Fit) begin(s Setup) ([]hooks, error) {
	s.epochs = f.Epochs
	out := make([]hooks, len(f.Callbacks))
	for i, c := range f.Callbacks {
		var err error
		if out[i], err = c.begin(&s); err != nil {
			key := fmt.Sprintf("callbacks[%d].%s", i, Callbacks.Must(c).Name)
			var at *spec.FieldError
			if errors.As(err, &at) {
				key, err = key+"."+at.Key, at.Err
			}
			return nil, &spec.FieldError{Key: key, Err: err}
		}
	}
	return out, nil
}

// Monitor is the figure that says which epoch is the best, and in which direction: what the first callback that keeps
// the best watches, else val_loss, or loss where there is no validation data.
func (f *Fit) Monitor(s Setup) (string, metric.Direction) {
	for _, c := range f.Callbacks {
		keeper, ok := c.(interface{ keeps() (Monitor, bool) })
		if !ok {
			continue
		}
		if m, keeps := keeper.keeps(); keeps {
			if d, err := m.direction(&s); err == nil {
				return m.Monitor, d
			}
		}
	}
	if s.Validation {
		return "val_loss", metric.Min
	}
	return "loss", metric.Min
}

// BatchSize is a number of samples, or All.
type BatchSize int

// All is full-batch descent: one step takes all samples.
const All BatchSize = 0

// DecodeSpec reads a whole number of 1 or more, or the word all.
func (b *BatchSize) DecodeSpec(d *spec.Decoder, n *yaml.Node, path string) error {
	if n.Kind == yaml.ScalarNode {
		if n.Value == "all" {
			*b = All
			return nil
		}
		if i, err := strconv.Atoi(n.Value); err == nil && i >= 1 && n.Tag == "!!int" {
			*b = BatchSize(i)
			return nil
		}
	}
	const needs = "needs a whole number of 1 or more, or all"
	if n.Kind != yaml.ScalarNode {
		return d.Errorf(n, path, "found a list or a map, %s", needs)
	}
	return d.Errorf(n, path, "found %q, %s", n.Value, needs)
}

// EncodeSpec writes the number or all.
func (b BatchSize) EncodeSpec() any {
	if b == All {
		return "all"
	}
	return int(b)
}
