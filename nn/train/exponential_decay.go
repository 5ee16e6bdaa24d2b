package train

import "cnnbench/spec"

// ExponentialDecay multiplies the learning rate by Rate after every epoch.
type ExponentialDecay struct {
	Rate float64 `yaml:"rate" above:"0" max:"1" doc:"what the learning rate is multiplied by after each epoch"`
}

func (c *ExponentialDecay) begin(s *Setup) (hooks, error) {
	return plan(s, func(epoch int) float64 { return power(c.Rate, epoch) })
}

func init() {
	Callbacks.Register(spec.Kind{Name: "exponential_decay", Class: "ExponentialDecay", Doc: "a smaller learning rate each epoch",
		New: func() any { return &ExponentialDecay{Rate: 0.95} }})
}
