package train

import (
	"math"

	"cnnbench/spec"
)

// ReduceLROnPlateau makes the learning rate smaller when a figure has stopped improving (Keras 3,
// callbacks/reduce_lr_on_plateau.py).
type ReduceLROnPlateau struct {
	Monitor  `yaml:",inline"`
	Factor   float64 `yaml:"factor" min:"0" below:"1" doc:"what the learning rate is multiplied by"`
	Patience int     `yaml:"patience" min:"0" unit:"epochs" doc:"reduce after so many without improvement"`
	MinDelta float64 `yaml:"min_delta" doc:"a change by less is no improvement"`
	Cooldown int     `yaml:"cooldown" min:"0" unit:"epochs" doc:"after a reduction, so many do not count"`
	MinLR    float64 `yaml:"min_lr" min:"0" doc:"the learning rate never falls below"`
	Verbose  int     `yaml:"verbose" min:"0" doc:"1: say so in the log; 0, Keras's own default: do not"`
}

// reduceLR is the callback at work.
type reduceLR struct {
	*ReduceLROnPlateau
	contest
	wait     int
	cooldown int // epochs of it left
	seen     bool
	best     float64
}

func (c *ReduceLROnPlateau) begin(s *Setup) (hooks, error) {
	d, err := c.direction(s)
	if err == nil {
		err = s.movable()
	}
	if err != nil {
		return hooks{}, err
	}
	r := &reduceLR{ReduceLROnPlateau: c, contest: contest{d, math.Abs(c.MinDelta)}}
	return hooks{moves: true, epochEnd: r.epochEnd, state: r.state}, nil
}

func (r *reduceLR) epochEnd(m *moment) error {
	current := m.need(r.Monitor.Monitor)
	if r.cooldown > 0 {
		r.cooldown--
		r.wait = 0
	}
	if !r.seen || r.improved(current, r.best) {
		r.seen, r.best, r.wait = true, current, 0
		return nil
	}
	if r.cooldown > 0 {
		return nil
	}
	r.wait++
	if r.wait < r.Patience {
		return nil
	}
	old := m.rate.get()
	if float32(old) <= float32(r.MinLR) {
		return nil
	}
	reduced := max(old*r.Factor, r.MinLR)
	m.rate.set(reduced)
	if r.Verbose > 0 {
		m.note("Epoch %d: ReduceLROnPlateau reducing learning rate to %s.", m.epoch+1, pyFloat(reduced))
	}
	r.cooldown, r.wait = r.Cooldown, 0
	return nil
}

func (r *reduceLR) state(k *keeper) {
	k.of(r.Monitor)
	k.int("wait", &r.wait)
	k.int("cooldown", &r.cooldown)
	k.bool("seen", &r.seen)
	k.float("best", &r.best)
}

func init() {
	Callbacks.Register(spec.Kind{Name: "reduce_lr_on_plateau", Class: "ReduceLROnPlateau", Doc: "a smaller learning rate when a figure has stopped improving",
		New: func() any {
			return &ReduceLROnPlateau{Monitor: Monitor{"val_loss", "auto"}, Factor: 0.1, Patience: 10, MinDelta: 1e-4, Verbose: 1}
		}})
}
