package train

import "cnnbench/spec"

// WarmUp raises the learning rate in equal steps: the first of n epochs has the n-th part of it, the n-th all of it.
type WarmUp struct {
	Epochs int `yaml:"epochs" min:"1" unit:"epochs" doc:"how many until the full learning rate"`
}

func (c *WarmUp) begin(s *Setup) (hooks, error) {
	return plan(s, func(epoch int) float64 { return float64(min(epoch+1, c.Epochs)) / float64(c.Epochs) })
}

func init() {
	Callbacks.Register(spec.Kind{Name: "warm_up", Class: "WarmUp", Doc: "the learning rate rises over the first epochs",
		New: func() any { return &WarmUp{Epochs: 5} }})
}
