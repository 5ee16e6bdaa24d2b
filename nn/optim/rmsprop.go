package optim

import (
	"cnnbench/nn/kernel"
	"cnnbench/spec"
)

// RMSprop divides the gradient by the root of a running mean of its square (Hinton 2012); centered takes the square
// of the running mean off first.
type RMSprop struct {
	LearningRate Rate    `yaml:"learning_rate" doc:"size of a step: a number or a schedule"`
	Rho          float64 `yaml:"rho" min:"0" max:"1" doc:"share of the old in the running means"`
	Momentum     float64 `yaml:"momentum" min:"0" doc:"share of the last step that goes on"`
	Epsilon      float64 `yaml:"epsilon" min:"0" doc:"keeps the divisor from 0"`
	Centered     bool    `yaml:"centered" doc:"divides by the spread of the gradient and not by its size"`
	Common       `yaml:",inline"`
}

// Settings returns the common settings.
func (o *RMSprop) Settings() Settings { return Settings{o.LearningRate, o.Common} }

// Slots are the running mean of the squares, then what momentum and centered need.
func (o *RMSprop) Slots() []Slot {
	slots := []Slot{{Name: "velocity"}}
	if o.Momentum > 0 {
		slots = append(slots, Slot{Name: "momentum"})
	}
	if o.Centered {
		slots = append(slots, Slot{Name: "average_gradient"})
	}
	return slots
}

// Begin has nothing to work out.
func (*RMSprop) Begin(*Step) {}

// Update moves the weights; see Optimizer.
func (o *RMSprop) Update(w, g []float32, slots Slots, h *Step) {
	var m, avg []float32
	last := 1
	if o.Momentum > 0 {
		m = slots[last]
		last++
	}
	if o.Centered {
		avg = slots[last]
	}
	kernel.RMSprop(w, g, slots[0], m, avg, h.Rate, float32(o.Rho), float32(1-o.Rho), float32(o.Epsilon), float32(o.Momentum))
}

func init() {
	Family.Register(spec.Kind{Name: "rmsprop", Class: "RMSprop", Doc: "a rate for each weight by its recent gradients",
		New: func() any { return &RMSprop{LearningRate: Rate{Value: 0.001}, Rho: 0.9, Epsilon: 1e-7} }})
}
