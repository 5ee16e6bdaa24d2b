// Package nn declares neural networks layer by layer, in Keras's words, and builds them into a network that computes
// forward and backward on arenas carved once.
//
// A layer kind is one file: its settings (a plain struct with Keras's names and defaults), what it makes of an input
// shape, and the built operation with forward and backward side by side. Registering it in Layers makes it appear in
// experiment files, forms, summaries and the contract tests.
//
// Tensors are float32 and channels last: images [N, H, W, C], sequences [N, T, F], vectors [N, F].
package nn

import (
	"fmt"
	"strings"

	"cnnbench/spec"
)

// Shape is the shape of one sample, without the batch: [H W C], [T F] or [F]. A 0 stands for "any length".
type Shape []int

// Size is the number of values of one sample.
func (s Shape) Size() int {
	n := 1
	for _, d := range s {
		n *= d
	}
	return n
}

// String writes the shape as Keras does, with None for the batch and for any length.
func (s Shape) String() string {
	var b strings.Builder
	b.WriteString("(None")
	for _, d := range s {
		if d == 0 {
			b.WriteString(", None")
		} else {
			fmt.Fprintf(&b, ", %d", d)
		}
	}
	if len(s) == 0 {
		b.WriteString(",")
	}
	b.WriteString(")")
	return b.String()
}

// Layers is the family of layer kinds.
var Layers = spec.NewFamily[Layer]("layer")

// Layer is a declared layer: settings only, no memory.
type Layer interface {
	// Settings are those that every layer has.
	Settings() *Common
	// Plan works out what the layer makes of samples of the shape in. An error is a person's mistake: it says what
	// was found and what would work.
	Plan(in Shape) (Plan, error)
	// Build makes the operation for the planned shape.
	Build(b *Builder) Op
}

// Common holds what every layer may say.
type Common struct {
	Name      string `yaml:"name" doc:"the layer's own name; empty: Keras's, by class order"`
	Trainable bool   `yaml:"trainable" doc:"false freezes the weights; a frozen batch normalisation infers"`
}

// Settings returns the common settings; layers embed Common.
func (c *Common) Settings() *Common { return c }

// common holds the defaults of every layer.
func common() Common { return Common{Trainable: true} }

// Plan is what a layer makes of an input shape.
type Plan struct {
	Out    Shape
	Params []Param
	MACs   int64 // multiply-accumulates of the forward pass for one sample
	// Masking is what becomes of sequences that end early.
	Masking Masking
}

// Param declares one tensor of weights.
type Param struct {
	Name        string // "kernel"
	Shape       []int
	Init        Initializer
	Regularizer *Regularizer
	State       bool // moved by the layer itself (moving_mean), never by the optimizer
	Streams     bool // the operation hands its gradient on in pieces where its Tensor has Update
}

// Size is the number of values.
func (p *Param) Size() int { return Shape(p.Shape).Size() }

// Model is what an experiment says about the network.
type Model struct {
	Input   []*int  `yaml:"input" doc:"shape of one sample; needed only where there is no data; null: any length"`
	Layers  []Layer `yaml:"layers" required:"true" doc:"from the input to the head"`
	Weights string  `yaml:"weights" doc:"initial values by name and shape: a safetensors, Keras or npz file, or a stored session"`
}
