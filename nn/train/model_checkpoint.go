package train

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"cnnbench/spec"

	"go.yaml.in/yaml/v3"
)

// ModelCheckpoint writes the model or its weights to files while it trains (Keras 3, callbacks/model_checkpoint.py).
type ModelCheckpoint struct {
	Filepath         string `yaml:"filepath" required:"true" doc:"file to write; may hold {epoch:02d} and figures such as {val_loss:.2f}"`
	Monitor          `yaml:",inline"`
	SaveBestOnly     bool     `yaml:"save_best_only" doc:"write only when the figure is the best so far"`
	SaveWeightsOnly  bool     `yaml:"save_weights_only" doc:"the weights without the model"`
	SaveFreq         SaveFreq `yaml:"save_freq" doc:"epoch, or a number of batches"`
	InitialThreshold *float64 `yaml:"initial_value_threshold" doc:"with save_best_only, what the first file must beat"`
	Verbose          int      `yaml:"verbose" min:"0" doc:"1: say so in the log"`
}

func (c *ModelCheckpoint) keeps() (Monitor, bool) { return c.Monitor, c.SaveBestOnly }

// Validate holds the file's name to the formats, as Keras does.
func (c *ModelCheckpoint) Validate() error {
	bad := func(format string, args ...any) error {
		return &spec.FieldError{Key: "filepath", Err: fmt.Errorf(format, args...)}
	}
	endings := []string{".keras", ".h5", ".safetensors"}
	if c.SaveWeightsOnly {
		endings = []string{".weights.h5", ".safetensors"}
	}
	for _, e := range endings {
		if strings.HasSuffix(c.Filepath, e) {
			return nil
		}
	}
	if c.SaveWeightsOnly {
		return bad("found %q; with save_weights_only it must end in %s", c.Filepath, strings.Join(endings, " or "))
	}
	return bad("found %q; it must end in %s", c.Filepath, strings.Join(endings, ", "))
}

// modelCheckpoint is the callback at work.
type modelCheckpoint struct {
	*ModelCheckpoint
	contest
	seen    bool
	best    float64
	batches int // since the last file, where save_freq counts them
}

func (c *ModelCheckpoint) begin(s *Setup) (hooks, error) {
	w := &modelCheckpoint{ModelCheckpoint: c}
	known := *s
	if c.SaveFreq != EachEpoch { // at a batch's end there is no validation
		known.Validation = false
	}
	if c.SaveBestOnly {
		d, err := c.direction(s)
		if err == nil && c.SaveFreq != EachEpoch && strings.HasPrefix(c.Monitor.Monitor, "val_") {
			err = &spec.FieldError{Key: "monitor", Err: fmt.Errorf("found %q, which is not known when batches are counted; take one of %s, or save_freq: epoch",
				c.Monitor.Monitor, strings.Join(known.figures(), ", "))}
		}
		if err != nil {
			return hooks{}, err
		}
		w.contest = contest{direction: d}
	}
	if c.InitialThreshold != nil {
		w.seen, w.best = true, *c.InitialThreshold
	}
	names := append(known.figures(), "epoch", "learning_rate")
	if c.SaveFreq != EachEpoch {
		names = append(names, "batch")
	}
	_, err := expand(c.Filepath, func(name string) (float64, bool, bool) {
		return 0, name == "epoch" || name == "batch", slices.Contains(names, name)
	})
	if err != nil {
		return hooks{}, &spec.FieldError{Key: "filepath", Err: fmt.Errorf("%w; known: %s", err, strings.Join(names, ", "))}
	}
	if c.SaveFreq == EachEpoch {
		return hooks{epochEnd: w.write, state: w.state}, nil
	}
	return hooks{batchEnd: w.count, state: w.state}, nil
}

func (w *modelCheckpoint) state(k *keeper) {
	k.of(w.Monitor)
	k.int("batches", &w.batches)
	k.bool("seen", &w.seen)
	k.float("best", &w.best)
}

func (w *modelCheckpoint) count(m *moment) error {
	w.batches++
	if w.batches < int(w.SaveFreq) {
		return nil
	}
	w.batches = 0
	return w.write(m)
}

func (w *modelCheckpoint) write(m *moment) error {
	path, err := expand(w.Filepath, func(name string) (float64, bool, bool) {
		switch name {
		case "epoch":
			return float64(m.epoch + 1), true, true
		case "batch":
			return float64(m.batch + 1), true, true
		case "learning_rate":
			return m.rate.get(), false, true
		}
		return m.need(name), false, true
	})
	if err != nil {
		panic("train: the checked name of a checkpoint cannot be made")
	}
	if !w.wanted(m, path) {
		return nil
	}
	if err := m.save(path); err != nil {
		return fmt.Errorf("model_checkpoint: save %s: %w", path, err)
	}
	if w.Verbose > 0 {
		m.note("Epoch %d: finished saving model to %s", m.epoch+1, path)
	}
	return nil
}

// wanted reports whether the model is to be saved now.
func (w *modelCheckpoint) wanted(m *moment, path string) bool {
	say := func(format string, args ...any) {
		if w.Verbose > 0 {
			m.note("Epoch %d: "+format, append([]any{m.epoch + 1}, args...)...)
		}
	}
	if !w.SaveBestOnly {
		say("saving model to %s", path)
		return true
	}
	best := "None"
	if w.seen {
		best = pyFixed(w.best, 5)
	}
	name := w.Monitor.Monitor
	current := m.need(name)
	if w.seen && !w.improved(current, w.best) {
		say("%s did not improve from %s", name, best)
		return false
	}
	say("%s improved from %s to %s, saving model to %s", name, best, pyFixed(current, 5), path)
	w.seen, w.best = true, current
	return true
}

// SaveFreq is a number of batches, or EachEpoch.
type SaveFreq int

// EachEpoch saves at each epoch's end.
const EachEpoch SaveFreq = 0

// DecodeSpec reads the word epoch, or a whole number of 1 or more.
func (f *SaveFreq) DecodeSpec(d *spec.Decoder, n *yaml.Node, path string) error {
	if n.Kind == yaml.ScalarNode && n.Value == "epoch" {
		*f = EachEpoch
		return nil
	}
	if i, err := strconv.Atoi(n.Value); n.Kind == yaml.ScalarNode && err == nil && i >= 1 && n.Tag == "!!int" {
		*f = SaveFreq(i)
		return nil
	}
	return d.Errorf(n, path, "found %q, needs epoch, or a whole number of batches of 1 or more", n.Value)
}

// EncodeSpec writes the word or the number.
func (f SaveFreq) EncodeSpec() any {
	if f == EachEpoch {
		return "epoch"
	}
	return int(f)
}

func init() {
	Callbacks.Register(spec.Kind{Name: "model_checkpoint", Class: "ModelCheckpoint", Doc: "writes the model or its weights to files",
		New: func() any { return &ModelCheckpoint{Monitor: Monitor{"val_loss", "auto"}} }})
}
