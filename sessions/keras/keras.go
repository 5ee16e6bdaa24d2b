// Package keras says networks and how they are trained in Keras's words, and understands these: the JSON of config.json
// in a .keras file, of to_json, and of a legacy .h5 file's attributes, in the dialects of Keras 2 and Keras 3. It also
// knows where Keras keeps weights in its HDF5 files.
//
// The settings here have Keras's names by design, so that most are handed on as they are. What differs is said in
// tables: what Keras has besides (options.go) and how objects are wrapped up (objects.go).
package keras

import (
	"cnnbench/nn"
	"cnnbench/nn/loss"
	"cnnbench/nn/metric"
	"cnnbench/nn/optim"
	"cnnbench/spec"

	"go.yaml.in/yaml/v3"
)

// Model is what was understood of a Keras model.
type Model struct {
	Name      string
	Input     []*int // shape of one sample; nil: it does not say
	Layers    []nn.Layer
	Loss      loss.Loss       // nil: it does not say, or not in words that are known here
	Optimizer optim.Optimizer // nil: the same
	Metrics   []metric.Named
	Notes     []string // what could not be carried over, each a sentence
}

// pair is one key of settings with its value.
type pair struct {
	key   string
	value *yaml.Node
}

// settings lists all settings of a member of a family, in their order, defaults included.
func settings(v any) []pair {
	var out []pair
	n := spec.Node(v, nil)
	for i := 0; i+1 < len(n.Content); i += 2 {
		out = append(out, pair{n.Content[i].Value, n.Content[i+1]})
	}
	return out
}
