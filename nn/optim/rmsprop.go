package optim

import "cnnbench/spec"

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
	rate, rho, rest, eps, momentum := h.Rate, float32(o.Rho), float32(1-o.Rho), float32(o.Epsilon), float32(o.Momentum)
	g, v := g[:len(w)], slots[0][:len(w)]
	var m, avg []float32
	last := 1
	if o.Momentum > 0 {
		m = slots[last][:len(w)]
		last++
	}
	if o.Centered {
		avg = slots[last][:len(w)]
	}
	for i, gi := range g {
		vi := float32(rho*v[i]) + float32(rest*float32(gi*gi))
		v[i] = vi
		if avg != nil {
			ai := float32(rho*avg[i]) + float32(rest*gi)
			avg[i] = ai
			// The mean of the squares is never below the square of the mean but by rounding, which Keras lets through
			// to the root: a weight whose gradient stays the same would become NaN.
			vi = max(vi-float32(ai*ai), 0)
		}
		step := float32(rate*gi) / sqrt(vi+eps)
		if m != nil {
			step = float32(momentum*m[i]) + step
			m[i] = step
		}
		w[i] -= step
	}
}

func init() {
	Family.Register(spec.Kind{Name: "rmsprop", Class: "RMSprop", Doc: "a rate for each weight by its recent gradients",
		New: func() any { return &RMSprop{LearningRate: Rate{Value: 0.001}, Rho: 0.9, Epsilon: 1e-7} }})
}
