package train

import (
	"context"
	"fmt"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"

	"cnnbench/nn"
	"cnnbench/nn/loss"
	"cnnbench/nn/metric"
	"cnnbench/nn/optim"
	"cnnbench/rng"
)

// ended is what is the same for a training that was stopped and one that was not.
type ended struct {
	history []Epoch
	state   *Checkpoint
}

func endOf(tr *Trainer, before []Epoch, rec *recorder) ended {
	e := ended{append(slices.Clone(before), rec.epochs...), tr.Checkpoint().Without(TimePrefix)}
	for i := range e.history {
		x := &e.history[i]
		x.Seconds, x.TrainSeconds, x.Total = 0, 0, 0
	}
	return e
}

// same compares to the bit.
func (e ended) same(t *testing.T, what string, want ended) {
	t.Helper()
	if got, want := fmt.Sprintf("%#v", e.history), fmt.Sprintf("%#v", want.history); got != want {
		at := 0
		for at < min(len(got), len(want)) && got[at] == want[at] {
			at++
		}
		at = max(at-80, 0)
		t.Errorf("%s: the history goes\n%.200s\nwant\n%.200s", what, got[at:], want[at:])
	}
	if len(e.state.Tensors) != len(want.state.Tensors) {
		t.Fatalf("%s: %d values, want %d", what, len(e.state.Tensors), len(want.state.Tensors))
	}
	for i, w := range want.state.Tensors {
		if g := e.state.Tensors[i]; !sameBits(g, w) {
			t.Errorf("%s: %s is %v, want %v", what, w.Name, g, w)
		}
	}
}

func sameBits(a, b Tensor) bool {
	bits32 := func(v []float32) (out []uint32) {
		for _, x := range v {
			out = append(out, math.Float32bits(x))
		}
		return out
	}
	bits64 := func(v []float64) (out []uint64) {
		for _, x := range v {
			out = append(out, math.Float64bits(x))
		}
		return out
	}
	return a.Name == b.Name && slices.Equal(a.Shape, b.Shape) && slices.Equal(a.I64, b.I64) && slices.Equal(a.Text, b.Text) &&
		slices.Equal(bits32(a.F32), bits32(b.F32)) && slices.Equal(bits64(a.F64), bits64(b.F64))
}

// stopEverywhere runs a training, and again from a checkpoint of every place between two batches. begin makes a trainer
// of Options that are filled but for what it adds.
func stopEverywhere(t *testing.T, begin func(o Options) (*Trainer, *recorder)) {
	t.Helper()
	type stop struct {
		at    *Checkpoint
		place Place
		done  int // epochs
	}
	var stops []stop
	var rec *recorder
	note := func(tr *Trainer) { stops = append(stops, stop{tr.Checkpoint(), tr.Place(), len(rec.epochs)}) }
	straight, r := begin(Options{Between: note})
	rec = r
	note(straight)
	if err := straight.Run(context.Background()); err != nil {
		t.Fatal(err)
	}
	want := endOf(straight, nil, rec)
	if !stops[len(stops)-1].place.Over {
		t.Fatal("the last place is not the end")
	}
	for _, s := range stops {
		before := slices.Clone(rec.epochs[:s.done])
		again, rest := begin(Options{From: s.at})
		if at := again.Place(); at != s.place {
			t.Fatalf("put at %+v, it is at %+v", s.place, at)
		}
		if p, _, err := s.at.Place(); err != nil || p != s.place {
			t.Fatalf("the checkpoint says %+v, %v, of %+v", p, err, s.place)
		}
		if err := again.Run(context.Background()); err != nil {
			t.Fatal(err)
		}
		endOf(again, before, rest).same(t, fmt.Sprintf("stopped at %+v", s.place), want)
		if t.Failed() {
			return
		}
	}
}

// noise is Data drawn from a seed: samples of a shape, two classes, one-hot.
func noise(seed uint64, n int, shape nn.Shape) arrays {
	s := rng.New(seed, rng.Data, 0, 0).Stream()
	d := arrays{x: make([]float32, n*shape.Size()), y: make([]float32, 2*n), columns: 2}
	for i := range d.x {
		d.x[i] = float32(s.Norm())
	}
	for i := range n {
		d.y[2*i+s.IntN(2)] = 1
	}
	return d
}

// TestStopAtEveryBatch stops trainings of real networks at every batch of training and validation, with every optimizer.
func TestStopAtEveryBatch(t *testing.T) {
	const rows = `{layers: [{lstm: {units: 3, return_sequences: true}}, {simple_rnn: {units: 2}}, {dropout: {rate: 0.3}}, {dense: {units: 2, activation: softmax}}]}`
	const pictures = `{layers: [{conv2d: {filters: 2, kernel_size: 3, activation: relu, kernel_regularizer: {l2: 0.01}}}, batch_normalization, {dropout: {rate: 0.2}}, {max_pooling2d: {pool_size: 2}}, flatten, {dense: {units: 2, activation: softmax}}]}`
	var optimizers []string
	for _, name := range optim.Family.Names() {
		optimizers = append(optimizers, "{"+name+": {}}")
	}
	optimizers = append(optimizers, "{sgd: {momentum: 0.9, nesterov: true, clipnorm: 0.5}}", "{rmsprop: {momentum: 0.5, centered: true}}",
		"{adam: {amsgrad: true, weight_decay: 0.01}}", "{adam: {learning_rate: {cosine_decay: {initial_learning_rate: 0.01, decay_steps: 9}}}}")
	for _, o := range optimizers {
		for _, c := range []struct {
			model string
			in    nn.Shape
		}{{rows, nn.Shape{4, 3}}, {pictures, nn.Shape{6, 6, 1}}} {
			var model nn.Model
			decodeInto(t, c.model, &model)
			fit := fitOf(4, 3)
			fit.ClassWeight = ClassWeight{Of: map[int]float64{1: 2}}
			if !strings.Contains(o, "decay") {
				decodeInto(t, "[{early_stopping: {restore_best_weights: true, monitor: loss}}, {reduce_lr_on_plateau: {patience: 1, factor: 0.5, min_delta: 10}}, {warm_up: {epochs: 2}}]", &fit.Callbacks)
			}
			stopEverywhere(t, func(opts Options) (*Trainer, *recorder) {
				objective := &nn.Objective{Loss: &loss.CategoricalCrossentropy{}, Target: loss.OneHot}
				decodeInto(t, o, &objective.Optimizer)
				net, err := nn.Build(&model, c.in, nn.Config{Batch: 4, Seed: 3, Threads: 1, Objective: objective})
				if err != nil {
					t.Fatal(err)
				}
				t.Cleanup(net.Close)
				rec := &recorder{}
				opts.Net, opts.Fit, opts.Seed, opts.Observers = net, &fit, 11, []Observer{rec}
				opts.Train, opts.Validation = noise(1, 10, c.in), noise(2, 6, c.in)
				opts.Metrics = []metric.Named{{Name: "accuracy", Metric: &metric.Accuracy{}}}
				tr, err := New(opts)
				if err != nil {
					t.Fatal(err)
				}
				return tr, rec
			})
			if t.Failed() {
				t.Fatalf("with %s", o)
			}
		}
	}
}

// TestStopWithEveryCallback stops at every batch with every callback there is, in trainings in which it does what it can.
func TestStopWithEveryCallback(t *testing.T) {
	settings := map[string][]string{
		"early_stopping":       {"{patience: 2, restore_best_weights: true}", "{patience: 2, start_from_epoch: 1, baseline: 0.1}", "{monitor: loss, patience: 9, restore_best_weights: true}"},
		"reduce_lr_on_plateau": {"{patience: 1, factor: 0.5, cooldown: 2}", "{patience: 2}"},
		"model_checkpoint": {"{filepath: \"x-{epoch:02d}.safetensors\", save_best_only: true, verbose: 1}", "{filepath: \"x-{batch}.safetensors\", save_freq: 2, verbose: 1}",
			"{filepath: x.safetensors, save_freq: 4, verbose: 1, save_best_only: true, monitor: loss}"},
		"terminate_on_nan":  {"{}"},
		"tensorboard":       {"{log_dir: logs}"},
		"stop_below":        {"{value: 0.6}"},
		"step_decay":        {"{drop: 0.5, epochs_drop: 2}"},
		"exponential_decay": {"{rate: 0.9}"},
		"cosine":            {"{alpha: 0.1}"},
		"warm_up":           {"{epochs: 3}"},
	}
	losses := []float64{.9, .8, .85, .84, .7, .71, .72, .73, .5, .51, .52, .53, .54, .55}
	for _, kind := range Callbacks.Names() {
		cases := settings[kind]
		if len(cases) == 0 {
			t.Errorf("%s has no case here", kind)
		}
		for _, text := range cases {
			for _, nan := range []int64{-1, 14} {
				var saved [2][]string
				run := 0
				stopEverywhere(t, func(opts Options) (*Trainer, *recorder) {
					fit := fitOf(4, 7)
					decodeInto(t, "["+kind+": "+text+"]", &fit.Callbacks)
					into := &saved[min(run, 1)]
					run++
					r := newRig(t, 10, 6, fit, func(o *Options, f *fakeNet) {
						o.From, o.Between = opts.From, opts.Between
						o.Save = func(path string, _ *nn.Network) error { *into = append(*into, path); return nil }
						at := func(step int64) float64 { return losses[int((step-1)/3)%len(losses)] }
						f.lossAt = func(step int64) (float64, bool) {
							if step == nan {
								return math.NaN(), true
							}
							return at(step) + float64(step)/1e4, true
						}
						f.valLoss = func() float64 { return at(f.opt.Iterations()) }
					})
					return r.Trainer, r.rec
				})
				if t.Failed() {
					t.Fatalf("with %s: %s", kind, text)
				}
				// From the first place, the start, all files are written again.
				if n := len(saved[0]); !slices.Equal(saved[0], saved[1][:min(n, len(saved[1]))]) {
					t.Errorf("%s %s wrote %q, and again %q", kind, text, saved[0], saved[1])
				}
			}
		}
	}
}

// Every field of a callback at work that is not a setting is named in its state: two that differ in it have different
// checkpoints.
func TestCallbacksNameAllTheyRemember(t *testing.T) {
	setup := Setup{Metrics: []metric.Named{{Name: "accuracy", Metric: &metric.Accuracy{}}}, Validation: true, epochs: 3}
	for _, c := range []struct {
		callback Callback
		fields   int // of the state that is kept
	}{
		{&EarlyStopping{Monitor: Monitor{"val_loss", "auto"}}, 6},
		{&ReduceLROnPlateau{Monitor: Monitor{"val_loss", "auto"}}, 4},
		{&ModelCheckpoint{Monitor: Monitor{"val_loss", "auto"}, Filepath: "x.safetensors"}, 3},
	} {
		h, err := c.callback.begin(&setup)
		if err != nil {
			t.Fatal(err)
		}
		to := &Checkpoint{}
		h.state(&keeper{does: writes, to: to, net: newFakeNet(1, nil)})
		want := c.fields
		if _, early := c.callback.(*EarlyStopping); early {
			want-- // the weights, of which there are none yet
		}
		if len(to.Tensors) != want {
			t.Errorf("%T keeps %d values, want %d", c.callback, len(to.Tensors), want)
		}
	}
	for typ, want := range map[reflect.Type]int{reflect.TypeFor[earlyStopping](): 6, reflect.TypeFor[reduceLR](): 4, reflect.TypeFor[modelCheckpoint](): 3} {
		own := 0
		for i := range typ.NumField() {
			if !typ.Field(i).Anonymous {
				own++
			}
		}
		if own != want {
			t.Errorf("%v has %d fields beside its settings, of which %d are kept", typ, own, want)
		}
	}
}

func TestChangesAreMadeAgain(t *testing.T) {
	fit := fitOf(4, 4)
	decodeInto(t, "[{reduce_lr_on_plateau: {patience: 1, factor: 0.5, min_delta: 10}}]", &fit.Callbacks)
	// Rates set in an epoch, in its validation, and between two epochs.
	wanted := []Change{{Place{Step: 2, Epoch: 0}, .02}, {Place{Step: 6, Epoch: 1, Checked: 1}, .03}, {Place{Step: 6, Epoch: 1, Checked: 1}, .04}, {Place{Step: 9, Epoch: 3}, .01}}
	made := slices.Clone(wanted)
	var stops []*Checkpoint
	r := newRig(t, 10, 6, fit, func(o *Options, _ *fakeNet) {
		o.Between = func(tr *Trainer) {
			stops = append(stops, tr.Checkpoint())
			for len(made) > 0 && made[0].Place == tr.Place() {
				tr.Send(SetLearningRate{made[0].Rate})
				made = made[1:]
			}
		}
	})
	r.run(t)
	want := endOf(r.Trainer, nil, r.rec)
	var told []Change
	for _, m := range r.rec.marks {
		if m.Change != nil {
			told = append(told, *m.Change)
		}
	}
	if !slices.Equal(told, wanted) {
		t.Fatalf("told of %v, want %v", told, wanted)
	}
	for i, s := range stops {
		p, _, err := s.Place()
		if err != nil {
			t.Fatal(err)
		}
		// A checkpoint is taken before the changes that are made in its place.
		rest := told[:0:0]
		for _, c := range told {
			if c.Step > p.Step || c.Step == p.Step && (c.Epoch > p.Epoch || c.Epoch == p.Epoch && c.Checked >= p.Checked) {
				rest = append(rest, c)
			}
		}
		again := newRig(t, 10, 6, fit, func(o *Options, _ *fakeNet) { o.From, o.Changes = s, rest })
		again.run(t)
		endOf(again.Trainer, r.rec.epochs[:p.Epoch], again.rec).same(t, fmt.Sprintf("from stop %d", i), want)
	}
}

func TestACheckpointOfAnotherTraining(t *testing.T) {
	fit := fitOf(4, 3)
	var stops []*Checkpoint
	r := newRig(t, 10, 6, fit, func(o *Options, _ *fakeNet) {
		o.Between = func(tr *Trainer) { stops = append(stops, tr.Checkpoint()) }
	})
	r.run(t)
	at := stops[3] // in the validation of the first epoch
	change := func(name string, to Tensor) *Checkpoint {
		out := at.Without("/")
		for i := range out.Tensors {
			if out.Tensors[i].Name == name {
				out.Tensors[i] = to
				return out
			}
		}
		out.Tensors = append(out.Tensors, to)
		return out
	}
	count := func(name string, n int64) *Checkpoint { return change(name, Tensor{Name: name, I64: []int64{n}}) }
	for what, c := range map[string]*Checkpoint{
		"nothing":           {},
		"no optimizer":      at.Without(OptimPrefix),
		"something more":    count("optim/secret", 1),
		"another shape":     change("model/dense.kernel", Tensor{Name: "model/dense.kernel", Shape: []int{1, 1}, F32: []float32{1}}),
		"another type":      change("progress/step", Tensor{Name: "progress/step", F64: []float64{1}}),
		"a cursor beyond":   count("progress/cursor", 10),
		"a cursor before":   count("progress/cursor", -1),
		"a batch beyond":    count("progress/batch", 99),
		"a negative epoch":  count("progress/epoch", -1),
		"too few steps":     count("progress/step", 1),
		"a check beyond":    count("progress/checked", 3),
		"over in its midst": count("progress/over", 1),
		"negative time":     count("time/spent", -1),
	} {
		o := r.o
		o.From, o.Between = c, nil
		_, err := newTrainer(o, newFakeNet(4, nil))
		if _, ok := err.(*CheckpointError); !ok {
			t.Errorf("%s: %v", what, err)
		}
	}
}

// A fork takes what fits and goes on where the training had ended.
func TestFork(t *testing.T) {
	fit := fitOf(4, 2)
	r := newRig(t, 10, 6, fit, nil)
	r.run(t)
	end := r.Checkpoint()
	longer := fitOf(5, 4)
	again := newRig(t, 10, 6, longer, func(o *Options, f *fakeNet) {
		o.From, o.Fork = end, true
		f.weight = append(f.weight, nn.Weight{Name: "head.kernel", Shape: []int{2}, Data: []float32{1, 2}})
	})
	if p := again.Place(); p != (Place{Step: 6, Epoch: 2}) {
		t.Errorf("it begins at %+v", p)
	}
	again.run(t)
	if p := again.Position(); p != (Position{Epoch: 4, Step: 10, Pass: 4}) {
		t.Errorf("it ends at %+v", p)
	}
	if n := len(again.rec.epochs); n != 2 {
		t.Errorf("%d epochs", n)
	}
}
