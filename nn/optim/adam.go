package optim

import (
	"math"

	"cnnbench/nn/kernel"
	"cnnbench/spec"
)

// Adam joins momentum with RMSprop's division (Kingma and Ba 2014, in the form with "epsilon hat"); amsgrad divides by
// the largest mean of squares so far (Reddi and others 2018).
type Adam struct {
	LearningRate Rate    `yaml:"learning_rate" doc:"size of a step: a number or a schedule"`
	Beta1        float64 `yaml:"beta_1" min:"0" below:"1" doc:"share of the old in the mean of the gradients"`
	Beta2        float64 `yaml:"beta_2" min:"0" below:"1" doc:"share of the old in the mean of their squares"`
	Epsilon      float64 `yaml:"epsilon" min:"0" doc:"keeps the divisor from 0"`
	Amsgrad      bool    `yaml:"amsgrad" doc:"never lets the divisor shrink"`
	Common       `yaml:",inline"`
}

// Settings returns the common settings.
func (o *Adam) Settings() Settings { return Settings{o.LearningRate, o.Common} }

// Slots are the running means of the gradients and of their squares.
func (o *Adam) Slots() []Slot {
	slots := []Slot{{Name: "momentum"}, {Name: "velocity"}}
	if o.Amsgrad {
		slots = append(slots, Slot{Name: "velocity_hat"})
	}
	return slots
}

// Begin puts both means' corrections into the rate.
func (o *Adam) Begin(h *Step) {
	t := float64(h.T)
	h.Rate = float32(h.LearningRate * math.Sqrt(1-math.Pow(o.Beta2, t)) / (1 - math.Pow(o.Beta1, t)))
}

// Update moves the weights; see Optimizer.
func (o *Adam) Update(w, g []float32, slots Slots, h *Step) {
	rest1, rest2, eps := float32(1-o.Beta1), float32(1-o.Beta2), float32(o.Epsilon)
	if o.Amsgrad {
		kernel.Amsgrad(w, g, slots[0], slots[1], slots[2], rest1, rest2, h.Rate, eps)
	} else {
		kernel.Adam(w, g, slots[0], slots[1], rest1, rest2, h.Rate, eps)
	}
}

// adam holds Keras's defaults.
func adam() Adam {
	return Adam{LearningRate: Rate{Value: 0.001}, Beta1: 0.9, Beta2: 0.999, Epsilon: 1e-7}
}

func init() {
	Family.Register(spec.Kind{Name: "adam", Class: "Adam", Doc: "momentum and a rate for each weight: the usual choice",
		New: func() any { o := adam(); return &o }})
}
