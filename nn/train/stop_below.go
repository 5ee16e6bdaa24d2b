package train

import "cnnbench/spec"

// StopBelow ends the training after the epoch in which a figure fell below a value: the course's own rule.
type StopBelow struct {
	Monitor string  `yaml:"monitor" doc:"figure to watch: loss, a metric, or val_ and one of these"`
	Value   float64 `yaml:"value" required:"true" doc:"end when the figure is below"`
}

func (c *StopBelow) begin(s *Setup) (hooks, error) {
	if err := s.measures(c.Monitor); err != nil {
		return hooks{}, err
	}
	return hooks{epochEnd: func(m *moment) error {
		if v := m.need(c.Monitor); v < c.Value {
			m.note("Epoch %d: %s %.5g is below %s, stopping", m.epoch+1, c.Monitor, v, spec.FormatFloat(c.Value))
			m.stop = true
		}
		return nil
	}}, nil
}

func init() {
	Callbacks.Register(spec.Kind{Name: "stop_below", Class: "StopBelow", Doc: "ends when a figure is below a value",
		New: func() any { return &StopBelow{Monitor: "loss"} }})
}
