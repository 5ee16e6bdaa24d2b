package train

import (
	"fmt"
	"math"

	"cnnbench/spec"
)

// EarlyStopping ends the training when a figure has stopped improving (Keras 3, callbacks/early_stopping.py).
type EarlyStopping struct {
	Monitor            `yaml:",inline"`
	MinDelta           float64  `yaml:"min_delta" doc:"a change by less is no improvement"`
	Patience           int      `yaml:"patience" min:"0" unit:"epochs" doc:"stop after so many without improvement"`
	Baseline           *float64 `yaml:"baseline" doc:"what the figure must beat, else patience runs out; null: nothing"`
	RestoreBestWeights bool     `yaml:"restore_best_weights" doc:"end with the weights of the best epoch, also when not stopped early"`
	StartFromEpoch     int      `yaml:"start_from_epoch" min:"0" unit:"epochs" doc:"watch only after so many"`
	Verbose            int      `yaml:"verbose" min:"0" doc:"1: say so in the log; 0, Keras's own default: do not"`
}

func (c *EarlyStopping) keeps() (Monitor, bool) { return c.Monitor, true }

// earlyStopping is the callback at work. Epochs count from 0 in it.
type earlyStopping struct {
	*EarlyStopping
	contest
	wait         int
	stoppedEpoch int
	seen         bool // best is a figure
	best         float64
	bestEpoch    int
	weights      [][]float32 // of the best epoch; nil: none yet
}

func (c *EarlyStopping) begin(s *Setup) (hooks, error) {
	d, err := c.direction(s)
	if err != nil {
		return hooks{}, err
	}
	e := &earlyStopping{EarlyStopping: c, contest: contest{d, math.Abs(c.MinDelta)}}
	return hooks{epochEnd: e.epochEnd, lastWords: e.lastWords, trainEnd: e.trainEnd, state: e.state}, nil
}

func (e *earlyStopping) epochEnd(m *moment) error {
	if m.epoch < e.StartFromEpoch {
		return nil
	}
	current := m.need(e.Monitor.Monitor)
	if e.RestoreBestWeights && e.weights == nil {
		e.keep(m)
	}
	e.wait++
	if !e.seen || e.improved(current, e.best) {
		e.seen, e.best = true, current
		if e.RestoreBestWeights {
			e.keep(m)
		}
		if e.Baseline == nil || e.improved(current, *e.Baseline) {
			e.wait = 0
		}
		return nil
	}
	if e.wait >= e.Patience {
		e.stoppedEpoch = m.epoch
		m.stop = true
	}
	return nil
}

// keep copies the weights, moving statistics included.
func (e *earlyStopping) keep(m *moment) {
	e.bestEpoch = m.epoch
	weights := m.net.Weights()
	if e.weights == nil {
		e.weights = make([][]float32, len(weights))
	}
	for i, w := range weights {
		e.weights[i] = append(e.weights[i][:0], w.Data...)
	}
}

func (e *earlyStopping) state(k *keeper) {
	k.of(e.Monitor)
	k.int("wait", &e.wait)
	k.int("stopped_epoch", &e.stoppedEpoch)
	k.bool("seen", &e.seen)
	k.float("best", &e.best)
	k.int("best_epoch", &e.bestEpoch)
	k.weights("weights", &e.weights)
	if k.does == reads && !e.RestoreBestWeights { // a fork has switched it off
		e.weights = nil
	}
}

func (e *earlyStopping) lastWords() []string {
	if e.Verbose == 0 {
		return nil
	}
	var out []string
	if e.stoppedEpoch > 0 {
		out = append(out, fmt.Sprintf("Epoch %d: early stopping", e.stoppedEpoch+1))
	}
	if e.weights != nil {
		out = append(out, fmt.Sprintf("Restoring model weights from the end of the best epoch: %d.", e.bestEpoch+1))
	}
	return out
}

func (e *earlyStopping) trainEnd(m *moment) {
	if e.weights == nil {
		return
	}
	for i, w := range m.net.Weights() {
		copy(w.Data, e.weights[i])
	}
	m.mark(fmt.Sprintf("weights of epoch %d restored", e.bestEpoch+1))
}

func init() {
	Callbacks.Register(spec.Kind{Name: "early_stopping", Class: "EarlyStopping", Doc: "ends when a figure has stopped improving",
		New: func() any { return &EarlyStopping{Monitor: Monitor{"val_loss", "auto"}, Verbose: 1} }})
}
