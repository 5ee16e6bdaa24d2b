package optim

import (
	"math"

	"cnnbench/nn/kernel"
	"cnnbench/spec"
)

// Nadam is Adam with Nesterov's momentum (Dozat 2016), whose share of the old grows from step to step.
type Nadam struct {
	LearningRate Rate    `yaml:"learning_rate" doc:"size of a step: a number or a schedule"`
	Beta1        float64 `yaml:"beta_1" min:"0" below:"1" doc:"share of the old in the mean of the gradients"`
	Beta2        float64 `yaml:"beta_2" min:"0" below:"1" doc:"share of the old in the mean of their squares"`
	Epsilon      float64 `yaml:"epsilon" min:"0" doc:"keeps the divisor from 0"`
	Common       `yaml:",inline"`
}

// Settings returns the common settings.
func (o *Nadam) Settings() Settings { return Settings{o.LearningRate, o.Common} }

// Slots are the running means of the gradients and of their squares.
func (*Nadam) Slots() []Slot { return []Slot{{Name: "momentum"}, {Name: "velocity"}} }

// Begin keeps, in Keras's words: u_t_1, 1 - u_product_t_1, 1 - u_t, 1 - u_product_t, 1 - beta_2^t.
func (o *Nadam) Begin(h *Step) {
	t := float64(h.T)
	u := o.Beta1 * (1 - 0.5*math.Pow(0.96, t))
	next := o.Beta1 * (1 - 0.5*math.Pow(0.96, t+1))
	h.Product *= u
	h.Bias = [5]float32{float32(next), float32(1 - float64(h.Product*next)), float32(1 - u), float32(1 - h.Product),
		float32(1 - math.Pow(o.Beta2, t))}
}

// Update moves the weights; see Optimizer.
func (o *Nadam) Update(w, g []float32, slots Slots, h *Step) {
	kernel.Nadam(w, g, slots[0], slots[1], float32(1-o.Beta1), float32(1-o.Beta2), h.Rate, float32(o.Epsilon), &h.Bias)
}

func init() {
	Family.Register(spec.Kind{Name: "nadam", Class: "Nadam", Doc: "adam with nesterov's momentum",
		New: func() any { return &Nadam{LearningRate: Rate{Value: 0.001}, Beta1: 0.9, Beta2: 0.999, Epsilon: 1e-7} }})
}
