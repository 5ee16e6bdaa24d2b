package train

import (
	"math"

	"cnnbench/spec"
)

// Cosine takes the learning rate down along half a cosine, epoch by epoch.
type Cosine struct {
	Epochs *int    `yaml:"epochs" min:"1" unit:"epochs" doc:"length of the way down; null: all epochs of the training"`
	Alpha  float64 `yaml:"alpha" min:"0" max:"1" doc:"share of the learning rate that is left at its end"`
}

func (c *Cosine) begin(s *Setup) (hooks, error) {
	n := s.epochs
	if c.Epochs != nil {
		n = *c.Epochs
	}
	return plan(s, func(epoch int) float64 {
		done := float64(min(epoch, n)) / float64(n)
		return c.Alpha + float64((1-c.Alpha)*(1+math.Cos(math.Pi*done))/2)
	})
}

func init() {
	Callbacks.Register(spec.Kind{Name: "cosine", Class: "Cosine", Doc: "the learning rate falls along half a cosine",
		New: func() any { return &Cosine{} }})
}
