package optim

import (
	"math"

	"cnnbench/spec"
)

// CosineDecayRestarts goes down along half a cosine again and again, each time for t_mul times as many steps and from
// m_mul times the rate (Loshchilov and Hutter 2016).
type CosineDecayRestarts struct {
	Initial float64 `yaml:"initial_learning_rate" required:"true" min:"0" doc:"learning rate of the first step"`
	Steps   int64   `yaml:"first_decay_steps" required:"true" min:"1" doc:"steps of the first way down"`
	TMul    float64 `yaml:"t_mul" min:"1" doc:"how much longer each way down is than the one before"`
	MMul    float64 `yaml:"m_mul" min:"0" doc:"how much higher each way down starts than the one before"`
	Alpha   float64 `yaml:"alpha" min:"0" doc:"share of the first rate that is left at each end"`
}

// At is the learning rate after so many steps.
func (s *CosineDecayRestarts) At(step int64) float64 {
	// Counting the restarts needs no logarithm, which would round a whole number down at a restart's very step.
	done, length, top := float64(step), float64(s.Steps), 1.0
	if s.TMul == 1 {
		restarts := math.Floor(done / length)
		done -= float64(restarts * length)
		top = math.Pow(s.MMul, restarts)
	} else {
		for done >= length {
			done -= length
			length *= s.TMul
			top *= s.MMul
		}
	}
	return s.Initial * cosine(done/length, top, s.Alpha)
}

func init() {
	Schedules.Register(spec.Kind{Name: "cosine_decay_restarts", Class: "CosineDecayRestarts",
		Doc: "half a cosine down, again and again", New: func() any { return &CosineDecayRestarts{TMul: 2, MMul: 1} }})
}
