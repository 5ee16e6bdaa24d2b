package train

import "cnnbench/spec"

// StepDecay multiplies the learning rate by Drop after every EpochsDrop epochs.
type StepDecay struct {
	Drop       float64 `yaml:"drop" above:"0" max:"1" doc:"what the learning rate is multiplied by"`
	EpochsDrop int     `yaml:"epochs_drop" min:"1" unit:"epochs" doc:"after so many, and again after as many"`
}

func (c *StepDecay) begin(s *Setup) (hooks, error) {
	return plan(s, func(epoch int) float64 { return power(c.Drop, epoch/c.EpochsDrop) })
}

// plan is a callback that fixes the learning rate of each epoch, counted from 0, as a share of what it would be else:
// Keras's LearningRateScheduler with a function that is data. Several of them multiply.
func plan(s *Setup, scale func(epoch int) float64) (hooks, error) {
	return hooks{moves: true, scale: scale}, s.movable()
}

// power is x^n for n of 0 or more.
func power(x float64, n int) float64 {
	p := 1.0
	for range n {
		p *= x
	}
	return p
}

func init() {
	Callbacks.Register(spec.Kind{Name: "step_decay", Class: "StepDecay", Doc: "a smaller learning rate every so many epochs",
		New: func() any { return &StepDecay{Drop: 0.5, EpochsDrop: 10} }})
}
