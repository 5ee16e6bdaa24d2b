package train

import (
	"fmt"
	"math"

	"cnnbench/spec"
)

// TerminateOnNaN ends the training at the first batch after which the loss is not a finite number (Keras 3,
// callbacks/terminate_on_nan.py).
type TerminateOnNaN struct {
	RaiseError bool `yaml:"raise_error" doc:"fail at once, without the epoch's end"`
}

func (c *TerminateOnNaN) begin(*Setup) (hooks, error) {
	return hooks{batchEnd: func(m *moment) error {
		loss := m.need("loss")
		switch {
		case !math.IsNaN(loss) && !math.IsInf(loss, 0):
		case c.RaiseError:
			return fmt.Errorf("terminate_on_nan: the loss is %s at batch %d of epoch %d; try a smaller learning rate", pyFloat(loss), m.batch+1, m.epoch+1)
		default:
			m.note("Batch %d: Invalid loss, terminating training", m.batch)
			m.stop = true
		}
		return nil
	}}, nil
}

func init() {
	Callbacks.Register(spec.Kind{Name: "terminate_on_nan", Class: "TerminateOnNaN", Doc: "ends when the loss is not a number any more",
		New: func() any { return &TerminateOnNaN{} }})
}
