package optim

import (
	"cnnbench/nn/kernel"
	"cnnbench/spec"
)

// Adadelta takes steps as large as the last ones were (Zeiler 2012): the original's learning rate is 1.
type Adadelta struct {
	LearningRate Rate    `yaml:"learning_rate" doc:"share of a step that is taken: a number or a schedule"`
	Rho          float64 `yaml:"rho" min:"0" max:"1" doc:"share of the old in the running means"`
	Epsilon      float64 `yaml:"epsilon" min:"0" doc:"lets the first steps start, and keeps the divisor from 0"`
	Common       `yaml:",inline"`
}

// Settings returns the common settings.
func (o *Adadelta) Settings() Settings { return Settings{o.LearningRate, o.Common} }

// Slots are the running means of the squared gradients and of the squared steps.
func (*Adadelta) Slots() []Slot {
	return []Slot{{Name: "accumulated_grad"}, {Name: "accumulated_delta_var"}}
}

// Begin has nothing to work out.
func (*Adadelta) Begin(*Step) {}

// Update moves the weights; see Optimizer.
func (o *Adadelta) Update(w, g []float32, slots Slots, h *Step) {
	kernel.Adadelta(w, g, slots[0], slots[1], h.Rate, float32(o.Rho), float32(1-o.Rho), float32(o.Epsilon))
}

func init() {
	Family.Register(spec.Kind{Name: "adadelta", Class: "Adadelta", Doc: "steps as large as the last ones; set learning_rate: 1 for the original",
		New: func() any { return &Adadelta{LearningRate: Rate{Value: 0.001}, Rho: 0.95, Epsilon: 1e-7} }})
}
