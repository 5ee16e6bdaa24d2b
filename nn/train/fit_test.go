package train

import (
	"strings"
	"testing"

	"cnnbench/nn"
	"cnnbench/nn/metric"
	"cnnbench/nn/optim"
	"cnnbench/spec"

	"go.yaml.in/yaml/v3"
)

func decodeFit(text string) (Fit, error) {
	fit := Defaults()
	d := &spec.Decoder{File: "f.yaml"}
	n, err := d.Parse([]byte(text))
	if err == nil {
		err = d.Decode(n, "fit", &fit)
	}
	return fit, err
}

// TestFitText reads settings, writes them again, and holds that to the text.
func TestFitText(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"{}", "{}"},
		{"{batch_size: 32, epochs: 1, shuffle: true, steps_per_epoch: null, validation_steps: null, callbacks: []}", "callbacks: []"},
		{"batch_size: all", "batch_size: all"},
		{"{batch_size: 8, epochs: 3, steps_per_epoch: 50, validation_steps: 10, shuffle: false}",
			"batch_size: 8\nepochs: 3\nsteps_per_epoch: 50\nvalidation_steps: 10\nshuffle: false"},
		{`{"class_weight": {"0": 1.0, "1": 3}}`, "class_weight: {0: 1, 1: 3}"},
		{"class_weight: balanced", "class_weight: balanced"},
		{"class_weight: null", "{}"},
		{"callbacks: [terminate_on_nan, early_stopping, {early_stopping: {monitor: loss, patience: 2, baseline: 0.5, verbose: 1}}]",
			"callbacks:\n    - terminate_on_nan\n    - early_stopping\n    - early_stopping: {monitor: loss, patience: 2, baseline: 0.5}"},
		{"callbacks: [{model_checkpoint: {filepath: '{epoch:02d}.keras', save_freq: 10}}, {model_checkpoint: {filepath: m.h5, save_freq: epoch}}]",
			"callbacks:\n    - model_checkpoint: {filepath: '{epoch:02d}.keras', save_freq: 10}\n    - model_checkpoint: {filepath: m.h5}"},
		{"callbacks: [tensorboard, {tensorboard: {update_freq: 1, log_dir: a}}, {tensorboard: {update_freq: 20, histogram_freq: 5, write_images: true}}, {tensorboard: {update_freq: batch}}]",
			"callbacks:\n    - tensorboard\n    - tensorboard: {log_dir: a, update_freq: batch}\n    - tensorboard: {histogram_freq: 5, write_images: true, update_freq: 20}\n    - tensorboard: {update_freq: batch}"},
		{"callbacks: [{stop_below: {value: 0.1}}, {cosine: {epochs: 3}}, step_decay, exponential_decay, warm_up, reduce_lr_on_plateau]",
			"callbacks:\n    - stop_below: {value: 0.1}\n    - cosine: {epochs: 3}\n    - step_decay\n    - exponential_decay\n    - warm_up\n    - reduce_lr_on_plateau"},
	} {
		fit, err := decodeFit(c.text)
		if err != nil {
			t.Errorf("%s: %v", c.text, err)
			continue
		}
		defaults := Defaults()
		got, err := yaml.Marshal(spec.Node(&fit, &defaults))
		if err != nil {
			t.Fatal(err)
		}
		if strings.TrimSpace(string(got)) != c.want {
			t.Errorf("%s: wrote\n%swant\n%s", c.text, got, c.want)
		}
	}
}

func TestFitMistakes(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"batch_size: 0", `f.yaml:1:13: fit.batch_size: found "0", needs a whole number of 1 or more, or all`},
		{"batch_size: some", `found "some", needs a whole number of 1 or more, or all`},
		{"batch_size: '8'", `found "8", needs a whole number`},
		{"batch_size: [8]", "found a list or a map, needs a whole number"},
		{"epochs: 0", "fit.epochs: found \"0\", needs a whole number of 1 or more"},
		{"class_weight: {0: -1}", "fit.class_weight.0: found \"-1\", needs a number of 0 or more"},
		{"class_weight: balance", "f.yaml:1:15: fit.class_weight: found \"balance\", needs balanced, or factors by class number such as {0: 1, 1: 3}"},
		{"class_weight: [1, 2]", "fit.class_weight: found a list, needs balanced, or factors"},
		{"class_weight: {one: 2}", "fit.class_weight: found \"one\", needs a whole number of 0 or more"},
		{"class_weight: {1: two}", "fit.class_weight.1: found \"two\", needs a number"},
		{"callbacks: [early_stoping]", "did you mean early_stopping?"},
		{"callbacks: [{reduce_lr_on_plateau: {factor: 1}}]", "fit.callbacks[0].reduce_lr_on_plateau.factor: found \"1\""},
		{"callbacks: [stop_below]", "stop_below needs value"},
		{"callbacks: [{model_checkpoint: {filepath: m.pth}}]", "model_checkpoint.filepath: found \"m.pth\"; it must end in .keras, .h5, .safetensors"},
		{"callbacks: [{model_checkpoint: {filepath: m.keras, save_weights_only: true}}]", "with save_weights_only it must end in .weights.h5 or .safetensors"},
		{"callbacks: [{model_checkpoint: {filepath: m.keras, save_freq: 0}}]", `save_freq: found "0", needs epoch, or a whole number of batches`},
		{"callbacks: [{tensorboard: {log_dir: ''}}]", "fit.callbacks[0].tensorboard.log_dir: found an empty path, needs a folder such as logs"},
		{"callbacks: [{tensorboard: {update_freq: step}}]", `update_freq: found "step", needs epoch, batch, or a whole number of batches`},
		{"callbacks: [{tensorboard: {update_freq: [1]}}]", "update_freq: found a list or a map"},
		{"callbacks: [{tensorboard: {histogram_freq: -1}}]", `histogram_freq: found "-1", needs a whole number of 0 or more`},
		{"callbacks: [{tensorboard: {write_graph: true}}]", `unknown key "write_graph"`},
	} {
		if _, err := decodeFit(c.text); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %s", c.text, err, c.want)
		}
	}
}

// TestCheck holds callbacks to what a training has.
func TestCheck(t *testing.T) {
	for _, c := range []struct {
		callbacks  string
		validation bool
		scheduled  bool
		want       string // "": fine
	}{
		{"[early_stopping]", true, false, ""},
		{"[{early_stopping: {monitor: acc}}, {stop_below: {monitor: val_acc, value: 1}}]", true, false, ""},
		{"[early_stopping]", false, false, `callbacks[0].early_stopping.monitor: found "val_loss", but there is no validation data; known: loss, acc`},
		{"[terminate_on_nan, {early_stopping: {monitor: val_accuracy}}]", true, false,
			`callbacks[1].early_stopping.monitor: found "val_accuracy", which nothing measures; known: loss, acc, val_loss, val_acc`},
		{"[{stop_below: {monitor: mae, value: 1}}]", true, false, `stop_below.monitor: found "mae", which nothing measures`},
		{"[{reduce_lr_on_plateau: {monitor: los}}]", true, false, `reduce_lr_on_plateau.monitor: found "los"`},
		{"[reduce_lr_on_plateau]", true, true, "callbacks[0].reduce_lr_on_plateau: the optimizer's learning_rate is a schedule, which a callback cannot change"},
		{"[warm_up]", true, true, "warm_up: the optimizer's learning_rate is a schedule"},
		{"[early_stopping]", true, true, ""},
		{"[{model_checkpoint: {filepath: '{epoch:02d}-{val_acc:.2f}-{learning_rate}.keras'}}]", true, false, ""},
		{"[{model_checkpoint: {filepath: '{epoch:02d}-{val_acc:.2f}.keras'}}]", false, false, "model_checkpoint.filepath: the field {val_acc} has no value; known: loss, acc, epoch, learning_rate"},
		{"[{model_checkpoint: {filepath: '{loss:02d}.keras'}}]", true, false, "the field {loss:02d}: d is for whole numbers; take a format like .2f"},
		{"[{model_checkpoint: {filepath: '{epoch.keras'}}]", true, false, "a brace has no partner"},
		{"[{model_checkpoint: {filepath: '{batch}.keras'}}]", true, false, "the field {batch} has no value"},
		{"[{model_checkpoint: {filepath: '{batch}-{loss:.1f}.keras', save_freq: 3}}]", true, false, ""},
		{"[{model_checkpoint: {filepath: '{val_loss}.keras', save_freq: 3}}]", true, false, "the field {val_loss} has no value"},
		{"[{model_checkpoint: {filepath: m.keras, save_freq: 3, save_best_only: true}}]", true, false,
			`model_checkpoint.monitor: found "val_loss", which is not known when batches are counted; take one of loss, acc, or save_freq: epoch`},
		{"[{model_checkpoint: {filepath: m.keras, monitor: nonsense}}]", true, false, ""}, // as in Keras not looked at
	} {
		fit := Defaults()
		decodeInto(t, c.callbacks, &fit.Callbacks)
		err := fit.Check(Setup{Metrics: []metric.Named{{Name: "acc", Metric: &metric.Accuracy{}}}, Validation: c.validation, Scheduled: c.scheduled})
		switch {
		case c.want == "" && err != nil, c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)):
			t.Errorf("%s: %v, want %q", c.callbacks, err, c.want)
		}
	}
}

func TestNewRefuses(t *testing.T) {
	for _, c := range []struct {
		name string
		set  func(*Options, *fakeNet)
		want string
	}{
		{"no samples", func(o *Options, _ *fakeNet) { o.Train = &numbers{} }, "there are no training samples"},
		{"a schedule beside a callback", func(o *Options, f *fakeNet) {
			f.opt = optim.New(&optim.SGD{LearningRate: optim.Rate{Schedule: &optim.ExponentialDecay{Initial: 1, Steps: 1, Rate: 1}}}, nil)
			o.Fit.Callbacks = []Callback{&WarmUp{Epochs: 2}}
		}, "is a schedule"},
		{"no validation", func(o *Options, _ *fakeNet) {
			o.Validation = &numbers{}
			decodeInto(t, "[early_stopping]", &o.Fit.Callbacks)
		}, "there is no validation data"},
	} {
		fit := fitOf(2, 1)
		net := newFakeNet(2, nil)
		o := Options{Fit: &fit, Train: &numbers{n: 4}}
		c.set(&o, net)
		if _, err := newTrainer(o, net); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %s", c.name, err, c.want)
		}
	}
}

// TestCheckpointByBatches counts the batches through the epochs.
func TestCheckpointByBatches(t *testing.T) {
	fit := fitOf(2, 3)
	decodeInto(t, "[{model_checkpoint: {filepath: 'e{epoch}b{batch:02d}.safetensors', save_freq: 3}}]", &fit.Callbacks)
	var saved []string
	r := newRig(t, 8, 0, fit, func(o *Options, _ *fakeNet) {
		o.Save = func(path string, _ *nn.Network) error { saved = append(saved, path); return nil }
	})
	r.run(t)
	if got, want := strings.Join(saved, " "), "e1b03.safetensors e2b02.safetensors e3b01.safetensors e3b04.safetensors"; got != want {
		t.Errorf("saved %s, want %s", got, want)
	}
}

func TestStopBelow(t *testing.T) {
	fit := fitOf(2, 9)
	decodeInto(t, "[{stop_below: {value: 0.25}}]", &fit.Callbacks)
	r := newRig(t, 2, 0, fit, func(o *Options, f *fakeNet) {
		f.lossAt = func(step int64) (float64, bool) { return 1 / float64(step), true }
	})
	r.run(t)
	if n := len(r.rec.epochs); n != 5 || strings.Join(r.rec.epochs[4].Notes, "") != "Epoch 5: loss 0.2 is below 0.25, stopping" {
		t.Errorf("%d epochs, notes %q", n, r.rec.epochs[n-1].Notes)
	}
}

func TestMonitor(t *testing.T) {
	metrics := []metric.Named{{Name: "accuracy", Metric: &metric.Accuracy{}}}
	for _, c := range []struct {
		callbacks  string
		validation bool
		want       string
		best       metric.Direction
	}{
		{"[]", true, "val_loss", metric.Min},
		{"[]", false, "loss", metric.Min},
		{"[reduce_lr_on_plateau, {early_stopping: {monitor: val_accuracy}}]", true, "val_accuracy", metric.Max},
		{"[{model_checkpoint: {filepath: m.keras, monitor: accuracy, save_best_only: true}}, early_stopping]", true, "accuracy", metric.Max},
		{"[{early_stopping: {monitor: loss, mode: max}}]", false, "loss", metric.Max},
	} {
		fit := Defaults()
		decodeInto(t, c.callbacks, &fit.Callbacks)
		if name, best := fit.Monitor(Setup{Metrics: metrics, Validation: c.validation}); name != c.want || best != c.best {
			t.Errorf("%s: %s %v, want %s %v", c.callbacks, name, best, c.want, c.best)
		}
	}
}

func TestPython(t *testing.T) {
	for _, c := range []struct {
		v    float64
		want string
	}{{0.00010000000474974513, "0.00010000000474974513"}, {1.0000000474974514e-05, "1.0000000474974514e-05"}, {1, "1.0"}, {0.5, "0.5"}, {0, "0.0"},
		{1e16, "1e+16"}, {123456789, "123456789.0"}} {
		if got := pyFloat(c.v); got != c.want {
			t.Errorf("repr(%v) = %s, want %s", c.v, got, c.want)
		}
	}
	for _, c := range []struct {
		v     float64
		whole bool
		spec  string
		want  string
	}{{3, true, "02d", "03"}, {3, true, "", "3"}, {3, true, "4", "   3"}, {-3, true, "04d", "-003"}, {0.125, false, ".2f", "0.12"}, {0.125, false, "08.3f", "0000.125"},
		{0.125, false, "", "0.125"}, {12, true, ".1f", "12.0"}, {1e-5, false, ".1e", "1.0e-05"}, {2, false, "f", "2.000000"}} {
		if got, err := pyFormat(c.v, c.whole, c.spec); got != c.want || err != nil {
			t.Errorf("format(%v, %q) = %q, %v, want %q", c.v, c.spec, got, err, c.want)
		}
	}
}
