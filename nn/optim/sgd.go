package optim

import (
	"cnnbench/nn/kernel"
	"cnnbench/spec"
)

// SGD is gradient descent, with momentum m = momentum*m - rate*g where that is set.
type SGD struct {
	LearningRate Rate    `yaml:"learning_rate" doc:"size of a step: a number or a schedule"`
	Momentum     float64 `yaml:"momentum" min:"0" max:"1" doc:"share of the last step that goes on"`
	Nesterov     bool    `yaml:"nesterov" doc:"steps from where the momentum leads"`
	Common       `yaml:",inline"`
}

// Settings returns the common settings.
func (o *SGD) Settings() Settings { return Settings{o.LearningRate, o.Common} }

// Slots is the momentum, where there is one.
func (o *SGD) Slots() []Slot {
	if o.Momentum == 0 {
		return nil
	}
	return []Slot{{Name: "momentum"}}
}

// Begin has nothing to work out.
func (*SGD) Begin(*Step) {}

// Update moves the weights; see Optimizer.
func (o *SGD) Update(w, g []float32, slots Slots, h *Step) {
	switch momentum := float32(o.Momentum); {
	case o.Momentum == 0:
		kernel.Axpy(w, -h.Rate, g)
	case o.Nesterov:
		kernel.Nesterov(w, g, slots[0], h.Rate, momentum)
	default:
		kernel.Momentum(w, g, slots[0], h.Rate, momentum)
	}
}

func init() {
	Family.Register(spec.Kind{Name: "sgd", Class: "SGD", Doc: "gradient descent, with momentum if set",
		New: func() any { return &SGD{LearningRate: Rate{Value: 0.01}} }})
}
