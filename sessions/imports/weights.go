package imports

import (
	"errors"
	"fmt"
	"strings"

	"cnnbench/nn"
	"cnnbench/sessions/keras"
	"cnnbench/sessions/safetensors"
)

// Files reads weights for a network that has others beside them: sessions.Store's Foreign.
type Files struct{}

// Weights reads a file's weights by name. Those of a whole Keras model have the names of its layers; where none of these
// is the network's, they have the names that Keras gives by class order, since it goes on counting from model to model.
func (Files) Weights(path string, s *nn.Summary) ([]safetensors.Tensor, error) {
	c, err := openFile(path)
	if err != nil {
		return nil, err
	}
	if c.weights == nil {
		return nil, errors.New("it holds a network without weights")
	}
	if c.model == nil {
		tensors, _, err := c.weights(s)
		return tensors, err
	}
	names := map[string]bool{}
	for _, r := range s.Rows {
		names[r.Name] = len(r.Params) > 0
	}
	own, err := summary(c.model, s.In)
	if err != nil {
		return nil, err
	}
	known := false
	for _, r := range own.Rows {
		known = known || len(r.Params) > 0 && names[r.Name]
	}
	if !known {
		forgetCounted(c.model.Layers)
		if own, err = summary(c.model, s.In); err != nil {
			return nil, err
		}
	}
	tensors, _, err := c.weights(own)
	return tensors, err
}

// summary is what a model's layers make of its own input, in which an axis of any length is as long as in.
func summary(m *keras.Model, in nn.Shape) (*nn.Summary, error) {
	shape := in
	if m.Input != nil {
		shape = nil
		for i, d := range m.Input {
			switch {
			case d != nil:
				shape = append(shape, *d)
			case i < len(in):
				shape = append(shape, in[i])
			default:
				shape = append(shape, 1)
			}
		}
	}
	s, err := nn.Summarize(m.Layers, shape)
	if err != nil {
		return nil, fmt.Errorf("the network in it: %w", err)
	}
	return s, nil
}

// forgetCounted takes the names away that Keras gave, such as conv2d_7.
func forgetCounted(layers []nn.Layer) {
	for _, l := range layers {
		c := l.Settings()
		rest, ok := strings.CutPrefix(c.Name, nn.KerasName(nn.Layers.Must(l).Class))
		if number := strings.TrimPrefix(rest, "_"); ok && strings.Trim(number, "0123456789") == "" {
			c.Name = ""
		}
	}
}
