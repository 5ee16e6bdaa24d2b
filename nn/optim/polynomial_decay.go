package optim

import (
	"math"

	"cnnbench/spec"
)

// PolynomialDecay goes from initial to end as (1 - step/decay_steps)^power.
type PolynomialDecay struct {
	Initial float64 `yaml:"initial_learning_rate" required:"true" min:"0" doc:"learning rate of the first step"`
	Steps   int64   `yaml:"decay_steps" required:"true" min:"1" doc:"steps until the end"`
	End     float64 `yaml:"end_learning_rate" min:"0" doc:"learning rate from then on"`
	Power   float64 `yaml:"power" min:"0" doc:"1: a straight line"`
	Cycle   bool    `yaml:"cycle" doc:"stretches decay_steps to its next multiple and so rises again after each"`
}

// At is the learning rate after so many steps.
func (s *PolynomialDecay) At(step int64) float64 {
	t, steps := float64(step), float64(s.Steps)
	if s.Cycle {
		steps *= max(math.Ceil(t/steps), 1)
	} else {
		t = min(t, steps)
	}
	return float64((s.Initial-s.End)*math.Pow(1-t/steps, s.Power)) + s.End
}

func init() {
	Schedules.Register(spec.Kind{Name: "polynomial_decay", Class: "PolynomialDecay",
		Doc: "goes down to an end in so many steps", New: func() any { return &PolynomialDecay{End: 0.0001, Power: 1} }})
}
