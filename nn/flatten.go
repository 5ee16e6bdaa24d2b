package nn

import (
	"fmt"

	"cnnbench/spec"
)

// Flatten makes a vector of each sample, row-major (H, W, C). Nothing is computed or copied.
type Flatten struct {
	Common `yaml:",inline"`
}

// Plan multiplies the axes.
func (l *Flatten) Plan(in Shape) (Plan, error) {
	if in.Size() == 0 {
		return Plan{}, fmt.Errorf("the input %v has an axis of any length; flatten needs fixed ones", in)
	}
	return Plan{Out: Shape{in.Size()}}, nil
}

// Build returns nil: the output is the input.
func (l *Flatten) Build(*Builder) Op { return nil }

func init() {
	Layers.Register(spec.Kind{Name: "flatten", Class: "Flatten", Doc: "an image becomes a vector", New: func() any {
		return &Flatten{common()}
	}})
}
