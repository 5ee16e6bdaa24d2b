package optim

import (
	"strings"

	"cnnbench/spec"

	"go.yaml.in/yaml/v3"
)

// Rate is a learning rate: a number, or a schedule.
type Rate struct {
	Value    float64
	Schedule Schedule // nil: the number
}

// Schedule gives the learning rate of each step. Keras works it out in float32, this in float64.
type Schedule interface {
	// At is the learning rate of the step that comes after so many: the first step's is At(0).
	At(step int64) float64
}

// Schedules holds the kinds of schedules.
var Schedules = spec.NewFamily[Schedule]("learning-rate schedule")

// At is the learning rate of the step that comes after so many.
func (r Rate) At(step int64) float64 {
	if r.Schedule != nil {
		return r.Schedule.At(step)
	}
	return r.Value
}

// WantSpec says what a rate is read from.
func (*Rate) WantSpec() string {
	return "a number of 0 or more, or a schedule: " + strings.Join(Schedules.Names(), ", ")
}

// DecodeSpec reads a number or a schedule.
func (r *Rate) DecodeSpec(d *spec.Decoder, n *yaml.Node, path string) error {
	if n.Kind == yaml.ScalarNode {
		var v float64
		if err := d.Decode(n, path, &v); err == nil && v >= 0 {
			*r = Rate{Value: v}
			return nil
		}
		if _, ok := Schedules.Lookup(n.Value); !ok {
			return d.Errorf(n, path, "found %q, needs a number of 0 or more, or a schedule such as {cosine_decay: {initial_learning_rate: 0.001, decay_steps: 1000}}; schedules: %s",
				n.Value, strings.Join(Schedules.Names(), ", "))
		}
	}
	var s Schedule
	if err := d.Decode(n, path, &s); err != nil {
		return err
	}
	*r = Rate{Schedule: s}
	return nil
}

// EncodeSpec writes the number or the schedule.
func (r Rate) EncodeSpec() any {
	if r.Schedule != nil {
		return spec.Node(&r.Schedule, nil)
	}
	return r.Value
}
