package train

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"cnnbench/nn/metric"
	"cnnbench/nn/optim"
	"cnnbench/spec"
)

// Callback is a declared callback: settings only. The kinds are Keras's by name, defaults and rules, and a few more.
type Callback interface {
	// begin checks the settings against what the training has and returns the callback at work.
	begin(s *Setup) (hooks, error)
}

// Callbacks is the family of callbacks.
var Callbacks = spec.NewFamily[Callback]("callback")

// Setup is what callbacks must know of a training.
type Setup struct {
	Metrics    []metric.Named
	Validation bool // there is validation data
	Scheduled  bool // the optimizer's learning rate is a schedule
	epochs     int
}

// hooks is a callback at work: what it does when. A nil hook does nothing.
type hooks struct {
	scale     func(epoch int) float64 // factor of the learning rate in an epoch
	moves     bool                    // it moves the learning rate: Keras's log shows the rate
	batchEnd  func(m *moment) error
	epochEnd  func(m *moment) error
	lastWords func() []string // at the end of training, before trainEnd: lines for the log
	trainEnd  func(m *moment)
	state     func(k *keeper) // names what it remembers from one batch or epoch to the next; nil: nothing
}

// moment is the end of a batch or an epoch as callbacks see it, and what they decide.
type moment struct {
	epoch int     // epochs finished before this one
	batch int     // batches of this epoch finished before this one
	logs  []Value // at a batch's end the running means
	net   network
	rate  *rate
	save  func(path string) error
	mark  func(text string)

	notes []string // lines for the log
	stop  bool     // a callback's wish: the training ends with this epoch, an epoch at its next batch
}

func (m *moment) log(name string) (float64, bool) {
	for _, v := range m.logs {
		if v.Name == name {
			return v.Value, true
		}
	}
	return 0, false
}

// need is log of a figure that the settings' check found to exist.
func (m *moment) need(name string) float64 {
	v, ok := m.log(name)
	if !ok {
		panic("train: a monitored figure is missing in the logs")
	}
	return v
}

func (m *moment) note(format string, args ...any) {
	m.notes = append(m.notes, fmt.Sprintf(format, args...))
}

// figures are the names of what is measured.
func (s *Setup) figures() []string {
	names := []string{"loss"}
	for _, m := range s.Metrics {
		names = append(names, m.Name)
	}
	if s.Validation {
		for _, n := range names {
			names = append(names, "val_"+n)
		}
	}
	return names
}

// Monitor says which figure a callback watches, and which of two is better.
type Monitor struct {
	Monitor string `yaml:"monitor" doc:"figure to watch: loss, a metric, or val_ and one of these"`
	Mode    string `yaml:"mode" oneof:"auto min max" doc:"min: smaller is better; auto: by the figure"`
}

// direction finds out which is better, and refuses a figure that is not measured.
func (c *Monitor) direction(s *Setup) (metric.Direction, error) {
	if err := s.measures(c.Monitor); err != nil {
		return 0, err
	}
	switch c.Mode {
	case "min":
		return metric.Min, nil
	case "max":
		return metric.Max, nil
	}
	return metric.Auto(c.Monitor, s.Metrics)
}

// measures refuses figures that the logs will not have.
func (s *Setup) measures(monitor string) error {
	names := s.figures()
	if slices.Contains(names, monitor) {
		return nil
	}
	known := "known: " + strings.Join(names, ", ")
	if !s.Validation && strings.HasPrefix(monitor, "val_") {
		return &spec.FieldError{Key: "monitor", Err: fmt.Errorf("found %q, but there is no validation data; %s", monitor, known)}
	}
	return &spec.FieldError{Key: "monitor", Err: fmt.Errorf("found %q, which nothing measures; %s", monitor, known)}
}

// contest is Keras's _is_improvement. Figures are compared as float32, in which Keras holds them.
type contest struct {
	direction metric.Direction
	delta     float64 // not negative
}

func (c contest) improved(value, best float64) bool {
	v, b := float64(float32(value)), float32(best)
	if c.direction == metric.Max {
		return float32(v-c.delta) > b
	}
	return float32(v+c.delta) < b
}

// rate is the learning rate as callbacks and commands move it: the optimizer's own number, times the factors of the
// callbacks that plan it by epochs. What sets the rate to a number keeps these plans in proportion.
type rate struct {
	opt   *optim.State
	base  float64 // the rate without the factors
	scale float64 // product of the factors in the current epoch
}

func newRate(o *optim.State) *rate { return &rate{opt: o, base: o.LearningRate(), scale: 1} }

// get is the rate of the next step as the optimizer holds it, in float32 as in Keras.
func (r *rate) get() float64 { return float64(float32(r.opt.LearningRate())) }

func (r *rate) set(to float64) {
	r.opt.SetLearningRate(to)
	if r.scale > 0 {
		r.base = r.get() / r.scale
	}
}

// plan sets the product of the factors for an epoch.
func (r *rate) plan(scale float64) {
	if scale != r.scale {
		r.scale = scale
		r.opt.SetLearningRate(r.base * scale)
	}
}

// movable refuses a callback that sets the rate beside a schedule, as Keras does.
func (s *Setup) movable() error {
	if s.Scheduled {
		return errors.New("the optimizer's learning_rate is a schedule, which a callback cannot change; give the optimizer a number, or take this callback out")
	}
	return nil
}
