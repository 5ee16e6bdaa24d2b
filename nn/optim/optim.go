// Package optim holds the optimizers and learning-rate schedules, with Keras 3's names, defaults and equations, one
// file a kind, and State, which runs an optimizer over a network's parameters.
//
// An update is an elementwise loop in float32, a function of package kernel, in Keras's order of operations; what is the same for all elements is
// worked out once a step in float64. So a step cut into any pieces, on any number of cores, gives the same bits.
package optim

import (
	"errors"

	"cnnbench/spec"
)

// Optimizer is one optimizer with its settings.
type Optimizer interface {
	// Settings returns what every optimizer may say.
	Settings() Settings

	// Slots lists what the optimizer remembers of every weight: at most three values.
	Slots() []Slot

	// Begin works out the step's scalars from h.T and h.LearningRate.
	Begin(h *Step)

	// Update moves some weights w by their gradients g. slots are the slots' values of these weights, in the order of
	// Slots. All slices are equally long; no element depends on another.
	Update(w, g []float32, slots Slots, h *Step)
}

// Slot is a value that is kept for every weight.
type Slot struct {
	Name    string  // Keras's: momentum, velocity
	Initial float32 // before the first step
}

// Slots are the slots' values of a range of weights; those beyond the optimizer's number are nil.
type Slots [maxSlots][]float32

const maxSlots = 3

// Step holds the scalars of one step.
type Step struct {
	T            int64      // the step's number, from 1
	LearningRate float64    // of this step
	Rate         float32    // the learning rate, or what Begin makes of it
	Bias         [5]float32 // what Begin keeps for Update; each optimizer says what
	Product      float64    // Nadam's product of the momenta so far; kept from step to step, 1 at first
}

// Family holds the kinds of optimizers.
var Family = spec.NewFamily[Optimizer]("optimizer")

// Settings is what every optimizer may say.
type Settings struct {
	LearningRate Rate
	Common
}

// Common holds the settings that all optimizers share, beside the learning rate, whose default differs.
type Common struct {
	WeightDecay    *float64 `yaml:"weight_decay" min:"0" doc:"each step first takes this share of the weights times the learning rate"`
	Clipnorm       *float64 `yaml:"clipnorm" min:"0" doc:"scales each tensor's gradient down to this norm"`
	Clipvalue      *float64 `yaml:"clipvalue" min:"0" doc:"cuts each gradient to plus and minus this"`
	GlobalClipnorm *float64 `yaml:"global_clipnorm" min:"0" doc:"scales all gradients together down to this norm"`
}

// Validate refuses two clippings at once, as Keras does.
func (c *Common) Validate() error {
	first := ""
	for _, f := range []struct {
		key   string
		value *float64
	}{{"clipnorm", c.Clipnorm}, {"clipvalue", c.Clipvalue}, {"global_clipnorm", c.GlobalClipnorm}} {
		switch {
		case f.value == nil:
		case first == "":
			first = f.key
		default:
			return &spec.FieldError{Key: f.key, Err: errors.New("clips what " + first + " clips already; keep one of the two")}
		}
	}
	return nil
}

// value is *p, and 0 where it is null, which for all common settings means the same.
func value(p *float64) float64 {
	if p == nil {
		return 0
	}
	return *p
}
