package nn

import (
	"errors"
	"fmt"

	"cnnbench/spec"
)

// Reshape gives each sample another shape of the same size. Nothing is computed or copied.
type Reshape struct {
	Common      `yaml:",inline"`
	TargetShape []int `yaml:"target_shape" required:"true" min:"-1" doc:"the new shape without the batch; one axis may be -1: what is left"`
}

// Validate refuses shapes that mean nothing.
func (l *Reshape) Validate() error {
	free := 0
	for _, d := range l.TargetShape {
		switch {
		case d == -1:
			free++
		case d < 1 || d > 1<<30:
			return &spec.FieldError{Key: "target_shape", Err: fmt.Errorf("found %d, needs whole numbers of 1 or more, or -1 once", d)}
		}
	}
	if free > 1 {
		return &spec.FieldError{Key: "target_shape", Err: errors.New("found -1 twice; only one axis can be worked out")}
	}
	if len(l.TargetShape) == 0 {
		return &spec.FieldError{Key: "target_shape", Err: errors.New("found an empty list, needs at least one axis")}
	}
	return nil
}

// Plan works out the axis that is -1.
func (l *Reshape) Plan(in Shape) (Plan, error) {
	size := in.Size()
	if size == 0 {
		return Plan{}, fmt.Errorf("the input %v has an axis of any length; reshape needs fixed ones", in)
	}
	out, fixed, free := append(Shape{}, l.TargetShape...), 1, -1
	for i, d := range out {
		if d == -1 {
			free = i
		} else if fixed *= d; fixed > size {
			break
		}
	}
	if free >= 0 && fixed > 0 && size%fixed == 0 {
		out[free] = size / fixed
		return Plan{Out: out}, nil
	}
	if free >= 0 || fixed != size {
		return Plan{}, fmt.Errorf("target_shape: %v does not hold the input's %d values %v; the product of the axes must be %d", l.TargetShape, size, in, size)
	}
	return Plan{Out: out}, nil
}

// Build returns nil: the output is the input.
func (l *Reshape) Build(*Builder) Op { return nil }

func init() {
	Layers.Register(spec.Kind{Name: "reshape", Class: "Reshape", Doc: "another shape of the same size", New: func() any {
		return &Reshape{Common: common()}
	}})
}
