package optim

import (
	"math"

	"cnnbench/spec"
)

// ExponentialDecay is initial * decay_rate^(step/decay_steps).
type ExponentialDecay struct {
	Initial   float64 `yaml:"initial_learning_rate" required:"true" min:"0" doc:"learning rate of the first step"`
	Steps     int64   `yaml:"decay_steps" required:"true" min:"1" doc:"steps for one decay"`
	Rate      float64 `yaml:"decay_rate" required:"true" min:"0" doc:"factor of one decay"`
	Staircase bool    `yaml:"staircase" doc:"decays at once after decay_steps and not bit by bit"`
}

// At is the learning rate after so many steps.
func (s *ExponentialDecay) At(step int64) float64 {
	return s.Initial * math.Pow(s.Rate, periods(step, s.Steps, s.Staircase))
}

// periods is how many times so many steps have passed, whole times if staircase.
func periods(step, steps int64, staircase bool) float64 {
	if staircase {
		return float64(step / steps)
	}
	return float64(step) / float64(steps)
}

func init() {
	Schedules.Register(spec.Kind{Name: "exponential_decay", Class: "ExponentialDecay",
		Doc: "shrinks by a factor every so many steps", New: func() any { return &ExponentialDecay{} }})
}
