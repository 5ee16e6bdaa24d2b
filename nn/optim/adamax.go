package optim

import (
	"math"

	"cnnbench/nn/kernel"
	"cnnbench/spec"
)

// Adamax is Adam with the largest gradient of late in place of the root of their mean square (Kingma and Ba 2014).
type Adamax struct {
	LearningRate Rate    `yaml:"learning_rate" doc:"size of a step: a number or a schedule"`
	Beta1        float64 `yaml:"beta_1" min:"0" below:"1" doc:"share of the old in the mean of the gradients"`
	Beta2        float64 `yaml:"beta_2" min:"0" below:"1" doc:"what is left of the largest gradient after a step"`
	Epsilon      float64 `yaml:"epsilon" min:"0" doc:"keeps the divisor from 0"`
	Common       `yaml:",inline"`
}

// Settings returns the common settings.
func (o *Adamax) Settings() Settings { return Settings{o.LearningRate, o.Common} }

// Slots are the running mean of the gradients and the largest of late.
func (*Adamax) Slots() []Slot { return []Slot{{Name: "momentum"}, {Name: "norm"}} }

// Begin keeps 1 - beta_1^t.
func (o *Adamax) Begin(h *Step) { h.Bias[0] = float32(1 - math.Pow(o.Beta1, float64(h.T))) }

// Update moves the weights; see Optimizer.
func (o *Adamax) Update(w, g []float32, slots Slots, h *Step) {
	kernel.Adamax(w, g, slots[0], slots[1], float32(1-o.Beta1), float32(o.Beta2), h.Rate, float32(o.Epsilon), h.Bias[0])
}

func init() {
	Family.Register(spec.Kind{Name: "adamax", Class: "Adamax", Doc: "adam by the largest gradient of late",
		New: func() any { return &Adamax{LearningRate: Rate{Value: 0.001}, Beta1: 0.9, Beta2: 0.999, Epsilon: 1e-7} }})
}
