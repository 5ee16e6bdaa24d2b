package optim

import (
	"cnnbench/nn/kernel"
	"cnnbench/spec"
)

// Adagrad divides each weight's rate by the root of the sum of its squared gradients (Duchi and others 2011).
type Adagrad struct {
	LearningRate Rate    `yaml:"learning_rate" doc:"size of a step: a number or a schedule"`
	Initial      float64 `yaml:"initial_accumulator_value" min:"0" doc:"where the sums start"`
	Epsilon      float64 `yaml:"epsilon" min:"0" doc:"keeps the divisor from 0"`
	Common       `yaml:",inline"`
}

// Settings returns the common settings.
func (o *Adagrad) Settings() Settings { return Settings{o.LearningRate, o.Common} }

// Slots is the sum of squared gradients.
func (o *Adagrad) Slots() []Slot { return []Slot{{"accumulator", float32(o.Initial)}} }

// Begin has nothing to work out.
func (*Adagrad) Begin(*Step) {}

// Update moves the weights; see Optimizer.
func (o *Adagrad) Update(w, g []float32, slots Slots, h *Step) {
	kernel.Adagrad(w, g, slots[0], h.Rate, float32(o.Epsilon))
}

func init() {
	Family.Register(spec.Kind{Name: "adagrad", Class: "Adagrad", Doc: "a rate for each weight, which only shrinks",
		New: func() any { return &Adagrad{LearningRate: Rate{Value: 0.001}, Initial: 0.1, Epsilon: 1e-7} }})
}
