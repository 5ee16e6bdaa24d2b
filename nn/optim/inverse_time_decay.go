package optim

import "cnnbench/spec"

// InverseTimeDecay is initial / (1 + decay_rate*step/decay_steps).
type InverseTimeDecay struct {
	Initial   float64 `yaml:"initial_learning_rate" required:"true" min:"0" doc:"learning rate of the first step"`
	Steps     int64   `yaml:"decay_steps" required:"true" min:"1" doc:"steps for one decay"`
	Rate      float64 `yaml:"decay_rate" required:"true" min:"0" doc:"what the divisor gains by one decay"`
	Staircase bool    `yaml:"staircase" doc:"decays at once after decay_steps and not bit by bit"`
}

// At is the learning rate after so many steps.
func (s *InverseTimeDecay) At(step int64) float64 {
	return s.Initial / (1 + float64(s.Rate*periods(step, s.Steps, s.Staircase)))
}

func init() {
	Schedules.Register(spec.Kind{Name: "inverse_time_decay", Class: "InverseTimeDecay",
		Doc: "shrinks like one over the steps", New: func() any { return &InverseTimeDecay{} }})
}
