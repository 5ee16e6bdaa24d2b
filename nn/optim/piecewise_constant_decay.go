package optim

import (
	"fmt"

	"cnnbench/spec"
)

// PiecewiseConstantDecay is values[i] up to the step boundaries[i], inclusive, and the last value after the last.
type PiecewiseConstantDecay struct {
	Boundaries []int64   `yaml:"boundaries" required:"true" min:"0" doc:"last step of each value but the last"`
	Values     []float64 `yaml:"values" required:"true" min:"0" doc:"learning rates, one more than boundaries"`
}

// Validate says what is wrong with the boundaries or their number.
func (s *PiecewiseConstantDecay) Validate() error {
	if len(s.Values) != len(s.Boundaries)+1 {
		return &spec.FieldError{Key: "values", Err: fmt.Errorf("found %d, needs one more than boundaries: %d", len(s.Values), len(s.Boundaries)+1)}
	}
	for i := 1; i < len(s.Boundaries); i++ {
		if s.Boundaries[i] <= s.Boundaries[i-1] {
			return &spec.FieldError{Key: "boundaries", Err: fmt.Errorf("found %d after %d, needs rising steps", s.Boundaries[i], s.Boundaries[i-1])}
		}
	}
	return nil
}

// At is the learning rate after so many steps.
func (s *PiecewiseConstantDecay) At(step int64) float64 {
	for i, b := range s.Boundaries {
		if step <= b {
			return s.Values[i]
		}
	}
	return s.Values[len(s.Values)-1]
}

func init() {
	Schedules.Register(spec.Kind{Name: "piecewise_constant_decay", Class: "PiecewiseConstantDecay",
		Doc: "steps from value to value", New: func() any { return &PiecewiseConstantDecay{} }})
}
