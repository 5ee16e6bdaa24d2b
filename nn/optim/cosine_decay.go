package optim

import (
	"math"

	"cnnbench/spec"
)

// CosineDecay goes down along half a cosine (Loshchilov and Hutter 2016), after a straight rise from initial to
// warmup_target in warmup_steps where those are set.
type CosineDecay struct {
	Initial      float64  `yaml:"initial_learning_rate" required:"true" min:"0" doc:"learning rate of the first step"`
	Steps        int64    `yaml:"decay_steps" required:"true" min:"1" doc:"steps of the way down, after the warm-up"`
	Alpha        float64  `yaml:"alpha" min:"0" doc:"share of the highest rate that is left at the end"`
	WarmupTarget *float64 `yaml:"warmup_target" min:"0" doc:"where the warm-up leads; null: no warm-up"`
	WarmupSteps  int64    `yaml:"warmup_steps" min:"0" doc:"steps of the warm-up"`
}

// At is the learning rate after so many steps.
func (s *CosineDecay) At(step int64) float64 {
	top := s.Initial
	if s.WarmupTarget != nil {
		top = *s.WarmupTarget
		if step < s.WarmupSteps {
			return float64((top-s.Initial)*(float64(step)/float64(s.WarmupSteps))) + s.Initial
		}
		step -= s.WarmupSteps
	}
	return top * cosine(float64(min(step, s.Steps))/float64(s.Steps), 1, s.Alpha)
}

// cosine is half a cosine from top at 0 to 0 at 1, squeezed between alpha and 1.
func cosine(done, top, alpha float64) float64 {
	return float64((1-alpha)*(0.5*top*(1+math.Cos(math.Pi*done)))) + alpha
}

func init() {
	Schedules.Register(spec.Kind{Name: "cosine_decay", Class: "CosineDecay",
		Doc: "half a cosine down, after a warm-up if set", New: func() any { return &CosineDecay{} }})
}
