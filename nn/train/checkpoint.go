package train

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"cnnbench/nn"
	"cnnbench/nn/optim"
)

// Checkpoint is all of a training between two batches, from which it goes on as if it had never stopped: weights and
// moving statistics, the optimizer, the place in the stream of samples, the running sums of the epoch, and what each
// callback remembers. What the seed and the place decide is not in it: the order of the samples, dropout's draws.
type Checkpoint struct{ Tensors []Tensor }

// Tensor is one value of a checkpoint; one of its lists holds it. The names' beginnings say what it belongs to: model/,
// optim/, rate/, progress/, means/, callback/, and time/ for what differs from run to run.
type Tensor struct {
	Name  string
	Shape []int // nil: a list has its length, a single number none
	F32   []float32
	F64   []float64
	I64   []int64
	Text  []byte
}

// The beginnings of names, for those who take a part of a checkpoint.
const (
	ModelPrefix = "model/" // and the weight's name: model/conv2d.kernel
	OptimPrefix = "optim/" // slots, as optim/momentum/conv2d.kernel, and counts
	RatePrefix  = "rate/"  // the learning rate as it was set
	TimePrefix  = "time/"  // seconds, which differ from run to run
)

// Place is a point between two batches of a training.
type Place struct {
	Step    int64 `json:"step"`              // steps done
	Epoch   int   `json:"epoch"`             // finished epochs
	Checked int   `json:"checked,omitempty"` // batches of the validation done, of the epoch that is not finished
	// Over: the training has ended, and the callbacks have done what they do then.
	Over bool `json:"over,omitempty"`
}

// Start is the checkpoint of a network that was not trained here: its weights, before the first step. A fork begins with
// it; no training goes on from it.
func Start(weights []nn.Weight) *Checkpoint {
	c := &Checkpoint{}
	(&progress{}).keep(&keeper{does: writes, to: c, prefix: "progress/"})
	for _, w := range weights {
		k := &keeper{does: writes, to: c, prefix: ModelPrefix}
		k.float32s(w.Name, w.Shape, w.Data)
	}
	return c
}

// Find is the value of a name.
func (c *Checkpoint) Find(name string) (Tensor, bool) {
	for _, t := range c.Tensors {
		if t.Name == name {
			return t, true
		}
	}
	return Tensor{}, false
}

// Place is where the checkpoint was taken, and whether that was between two epochs. The error is a *CheckpointError.
func (c *Checkpoint) Place() (p Place, between bool, err error) {
	number := func(name string) (v int64) {
		t, _ := c.Find("progress/" + name)
		switch {
		case len(t.I64) == 1:
			return t.I64[0]
		case err == nil:
			err = &CheckpointError{"progress/" + name, "is missing"}
		}
		return 0
	}
	p = Place{Step: number("step"), Epoch: int(number("epoch")), Checked: int(number("checked")), Over: number("over") != 0}
	return p, number("began") == 0, err
}

// Without is the checkpoint without what begins with one of these.
func (c *Checkpoint) Without(prefixes ...string) *Checkpoint {
	out := &Checkpoint{}
next:
	for _, t := range c.Tensors {
		for _, p := range prefixes {
			if strings.HasPrefix(t.Name, p) {
				continue next
			}
		}
		out.Tensors = append(out.Tensors, t)
	}
	return out
}

// Checkpoint copies the training as it stands. It may be asked where Options.Between is told, and when Run is not
// running; after a Run that failed there is none.
func (t *Trainer) Checkpoint() *Checkpoint { return t.CheckpointOver(&Checkpoint{}) }

// CheckpointOver is Checkpoint in the memory of an old one, which must not be used any more.
func (t *Trainer) CheckpointOver(old *Checkpoint) *Checkpoint {
	c := &Checkpoint{Tensors: make([]Tensor, 0, len(old.Tensors))}
	for _, s := range t.sections() {
		s.keep(&keeper{does: writes, to: c, over: old.Tensors, net: t.net, prefix: s.prefix})
	}
	return c
}

// Place is where the training stands. It may be asked when Checkpoint may.
func (t *Trainer) Place() Place {
	return Place{Step: t.at.Step, Epoch: t.at.Epoch, Checked: t.at.checked, Over: t.at.over}
}

// section is a part of a training's state that is taken as a whole, or not at all.
type section struct {
	prefix string
	keep   func(k *keeper)
}

// sections are the training's state.
func (t *Trainer) sections() []section {
	out := []section{
		{"progress/", t.at.keep},
		{"progress/best/", func(k *keeper) { k.float(t.monitor, &t.at.best) }},
		{TimePrefix, t.keepTime},
		{OptimPrefix, func(k *keeper) {
			s := t.net.Optimizer().Scalars()
			k.int64("iterations", &s.Iterations)
			k.float("product", &s.Product)
			t.restoreScalars(k, s)
		}},
		{RatePrefix, func(k *keeper) {
			s := t.net.Optimizer().Scalars()
			k.float("learning_rate", &s.LearningRate)
			k.bool("fixed", &s.Fixed)
			k.float("base", &t.rate.base)
			k.float("scale", &t.rate.scale)
			t.restoreScalars(k, s)
		}},
		{"means/", func(k *keeper) {
			k.means("training", t.means.sums)
			if t.validation != nil {
				k.means("validation", t.validation.sums)
			}
		}},
		{"progress/", func(k *keeper) { k.texts("notes", &t.moment.notes) }},
	}
	for i, h := range t.hooks {
		if h.state != nil {
			prefix := fmt.Sprintf("callback/%d.%s/", i, Callbacks.Must(t.o.Fit.Callbacks[i]).Name)
			out = append(out, section{prefix, h.state})
		}
	}
	for _, w := range t.net.Weights() {
		out = append(out, section{ModelPrefix, func(k *keeper) { k.float32s(w.Name, w.Shape, w.Data) }})
	}
	shapes := map[string][]int{}
	for _, w := range t.net.Weights() {
		shapes[w.Name] = w.Shape
	}
	for _, s := range t.net.Optimizer().Tensors() {
		out = append(out, section{OptimPrefix + s.Slot + "/", func(k *keeper) { k.float32s(s.Name, shapes[s.Name], s.Values) }})
	}
	return out
}

func (a *progress) keep(k *keeper) {
	k.int("epoch", &a.Epoch)
	k.int64("step", &a.Step)
	k.int("pass", &a.Pass)
	k.int("cursor", &a.Cursor)
	k.bool("began", &a.began)
	k.int("batch", &a.batch)
	k.int("samples", &a.samples)
	k.int("checked", &a.checked)
	k.bool("stop", &a.stop)
	k.bool("diverged", &a.diverged)
	k.bool("live", &a.live)
	k.float("rate", &a.rate)
	k.bool("over", &a.over)
}

func (t *Trainer) keepTime(k *keeper) {
	spent := int64(t.clock.total())
	k.int64("spent", &spent)
	k.float("start", &t.at.start)
	k.float("trained", &t.at.trained)
	if k.does == reads {
		t.clock.spent = time.Duration(spent)
	}
}

// restoreScalars gives the optimizer what was read.
func (t *Trainer) restoreScalars(k *keeper, s optim.Scalars) {
	if k.does == reads {
		t.net.Optimizer().Restore(s)
	}
}

// restore puts the training where a checkpoint was taken: with all of it, or in a fork with what fits.
func (t *Trainer) restore(c *Checkpoint, fork bool) error {
	from := make(map[string]Tensor, len(c.Tensors))
	for _, x := range c.Tensors {
		from[x.Name] = x
	}
	used := 0
	for _, s := range t.sections() {
		check := &keeper{does: checks, from: from, net: t.net, prefix: s.prefix}
		s.keep(check)
		used += check.used
		switch {
		case check.err == nil:
			s.keep(&keeper{does: reads, from: from, net: t.net, prefix: s.prefix})
		case !fork:
			return check.err
		}
	}
	if fork {
		t.branchOff()
	} else if used != len(c.Tensors) {
		return &CheckpointError{"", "it has " + strconv.Itoa(len(c.Tensors)) + " values, but the training takes " + strconv.Itoa(used)}
	}
	t.at.ending = t.at.began && t.at.stop
	return t.at.check(t)
}

// branchOff fits what was read to settings that have changed since: a training that a callback or its last epoch had
// ended goes on, and where batches are cut otherwise, it does with the next pass over the data.
func (t *Trainer) branchOff() {
	a := &t.at
	a.stop, a.over = false, false
	if n := t.o.Train.Len(); a.Cursor != 0 && (a.Cursor >= n || a.Cursor%t.rows != 0) {
		a.Pass, a.Cursor = a.Pass+1, 0
	}
}

// check refuses numbers that no training can have.
func (a *progress) check(t *Trainer) error {
	began := a.batch > 0 && a.samples > 0
	ok := a.Epoch >= 0 && a.Step >= 0 && a.Step >= int64(a.batch) && a.Pass >= 0 && a.Cursor >= 0 && a.Cursor < t.o.Train.Len() &&
		a.batch >= 0 && a.batch <= t.steps && a.samples >= 0 && a.checked >= 0 && a.checked <= t.checks &&
		a.began == began && (a.checked == 0 || a.batch == t.steps || a.ending) && !(a.over && a.began) &&
		t.clock.spent >= 0
	if !ok {
		return &CheckpointError{"progress", "is of no place in this training"}
	}
	return nil
}
