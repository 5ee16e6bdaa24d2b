package nn

import "cnnbench/spec"

// LeakyReLU is the activation of that name as a layer, with the layer's own default slope.
type LeakyReLU struct {
	Common        `yaml:",inline"`
	NegativeSlope float64 `yaml:"negative_slope" min:"0" doc:"slope below 0; the activation leaky_relu has 0.2, the lecture 0.01"`
}

// Plan keeps the shape.
func (l *LeakyReLU) Plan(in Shape) (Plan, error) { return Plan{Out: in, Masking: Keeps}, nil }

// Build makes the operation.
func (l *LeakyReLU) Build(b *Builder) Op {
	return buildElementwise(b, &LeakyRelu{NegativeSlope: l.NegativeSlope})
}

func init() {
	Layers.Register(spec.Kind{Name: "leaky_relu", Class: "LeakyReLU", Doc: "relu with a small slope below 0", New: func() any {
		return &LeakyReLU{Common: common(), NegativeSlope: .3}
	}})
}
