// Package keras says networks and how they are trained in Keras's words, and understands these: the JSON of config.json
// in a .keras file, of to_json, and of a legacy .h5 file's attributes, in the dialects of Keras 2 and Keras 3. It also
// knows where Keras keeps weights in its HDF5 files.
//
// The settings here have Keras's names by design, so that most are handed on as they are. What differs is said in
// tables: what Keras has besides (options.go) and how objects are wrapped up (objects.go).
package keras

import (
	"strings"

	"cnnbench/nn"
	"cnnbench/nn/loss"
	"cnnbench/nn/metric"
	"cnnbench/nn/optim"
	"cnnbench/spec"

	"go.yaml.in/yaml/v3"
)

// Model is what was understood of a Keras model.
type Model struct {
	Input     []*int // shape of one sample; nil: it does not say
	Layers    []nn.Layer
	Loss      loss.Loss       // nil: it does not say, or not in words that are known here
	Optimizer optim.Optimizer // nil: the same
	Metrics   []metric.Named
	Notes     []string // what could not be carried over, each a sentence

	shape nn.Shape // while it is read, what the layers so far hand on; nil: that is not known
}

// pair is one key of settings with its value.
type pair struct {
	key   string
	value *yaml.Node
}

// settings lists all settings of a member of a family, in their order, defaults included.
func settings(v any) []pair {
	return changed(v, nil)
}

// changed lists the settings that differ from their defaults, and those that must be given.
func changed(v, defaults any) []pair {
	decimals := map[string]bool{}
	for _, f := range spec.Fields(v) {
		decimals[f.Key] = f.Decimal
	}
	var out []pair
	n := spec.Node(v, defaults)
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i].Value, n.Content[i+1]
		if decimals[key] {
			decimal(value)
		}
		out = append(out, pair{key, value})
	}
	return out
}

// decimal gives whole numbers a point: Keras minds whether a number is a float.
func decimal(n *yaml.Node) {
	for _, c := range n.Content {
		decimal(c)
	}
	if n.Kind == yaml.ScalarNode && n.Tag != "!!null" {
		n.Value = number(n.Value)
	}
}

// number is the text of a float, which Python reads as one.
func number(text string) string {
	if strings.ContainsAny(text, ".en") {
		return text
	}
	return text + ".0"
}

// float writes a number that is no whole one.
func float(f float64) string { return number(spec.FormatFloat(f)) }
