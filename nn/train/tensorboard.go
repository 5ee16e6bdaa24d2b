package train

import (
	"errors"
	"strconv"

	"cnnbench/spec"

	"go.yaml.in/yaml/v3"
)

// TensorBoard writes the figures of the training to a folder that TensorBoard shows (Keras 3, callbacks/tensorboard.py).
// It decides nothing: whoever runs the training and owns the disk writes the files, as an observer.
type TensorBoard struct {
	LogDir        string     `yaml:"log_dir" doc:"folder of the log; give each training its own"`
	HistogramFreq int        `yaml:"histogram_freq" min:"0" doc:"every so many epochs, how the weights are spread; 0: never"`
	WriteImages   bool       `yaml:"write_images" doc:"with the histograms, the first convolution's filters as a picture"`
	UpdateFreq    UpdateFreq `yaml:"update_freq" doc:"epoch; or batch or a number of batches: the running means as well"`
}

// Validate refuses a folder without a name.
func (c *TensorBoard) Validate() error {
	if c.LogDir == "" {
		return &spec.FieldError{Key: "log_dir", Err: errors.New("found an empty path, needs a folder such as logs")}
	}
	return nil
}

func (c *TensorBoard) begin(*Setup) (hooks, error) { return hooks{}, nil }

// UpdateFreq is a number of batches, or EpochsOnly.
type UpdateFreq int

// EpochsOnly writes at each epoch's end only.
const EpochsOnly UpdateFreq = 0

// DecodeSpec reads the word epoch, the word batch, or a whole number of 1 or more.
func (f *UpdateFreq) DecodeSpec(d *spec.Decoder, n *yaml.Node, path string) error {
	if n.Kind == yaml.ScalarNode {
		switch n.Value {
		case "epoch":
			*f = EpochsOnly
			return nil
		case "batch":
			*f = 1
			return nil
		}
		if i, err := strconv.Atoi(n.Value); err == nil && i >= 1 && n.Tag == "!!int" {
			*f = UpdateFreq(i)
			return nil
		}
	}
	const needs = "needs epoch, batch, or a whole number of batches of 1 or more"
	if n.Kind != yaml.ScalarNode {
		return d.Errorf(n, path, "found a list or a map, %s", needs)
	}
	return d.Errorf(n, path, "found %q, %s", n.Value, needs)
}

// EncodeSpec writes a word or the number.
func (f UpdateFreq) EncodeSpec() any {
	switch f {
	case EpochsOnly:
		return "epoch"
	case 1:
		return "batch"
	}
	return int(f)
}

func init() {
	Callbacks.Register(spec.Kind{Name: "tensorboard", Class: "TensorBoard", Doc: "writes a log for TensorBoard while it trains",
		New: func() any { return &TensorBoard{LogDir: "logs"} }})
}
