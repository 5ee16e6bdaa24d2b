package export

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"cnnbench/nn"
	"cnnbench/nn/loss"
	"cnnbench/nn/metric"
	"cnnbench/nn/optim"
	"cnnbench/rng"
	"cnnbench/sessions"
	"cnnbench/sessions/imports"
	"cnnbench/sessions/safetensors"
)

// asked is an experiment that was exported, with what its network answers.
type asked struct {
	in       *Input
	script   bool // it is to be written as a script
	files    bool // it is to be written as Keras's files
	settings bool // only its settings count
}

// bare is the experiment of a YAML text without data.
func bare(t *testing.T, text string) *Input {
	t.Helper()
	e, err := sessions.ParseExperiment("test.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	var in nn.Shape
	for _, d := range e.Model.Input {
		in = append(in, *d)
	}
	s, err := sessions.Check(e, in)
	if err != nil {
		t.Fatal(err)
	}
	p, err := sessions.Bare(e, in, sessions.Answers(e, s))
	if err != nil {
		t.Fatal(err)
	}
	return inputOf(t, p)
}

// inputOf draws weights for a prepared experiment.
func inputOf(t *testing.T, p *sessions.Prepared) *Input {
	t.Helper()
	n, err := p.Build(sessions.BuildOptions{Threads: 1, Inference: true})
	if err != nil {
		t.Fatal(err)
	}
	defer n.Close()
	for i, w := range n.Weights() {
		s := rng.New(3, rng.Init, uint64(i), 1).Stream()
		for j := range w.Data {
			if w.State || strings.HasSuffix(w.Name, "gamma") {
				w.Data[j] = float32(s.Uniform(.5, 1.5))
			} else {
				w.Data[j] += float32(.1 * s.Norm())
			}
		}
	}
	return &Input{Session: p.Experiment.Name, Experiment: p.Experiment, Model: p, Classes: p.Classes, Weights: sessions.Copy(n)}
}

// every is one network of each kind of setting: layers, activations, initializers, losses, optimizers and schedules.
func every(t *testing.T) map[string]asked {
	t.Helper()
	out := map[string]asked{}
	add := func(name, text string) {
		in := bare(t, "name: "+name+"\ndata: {source: blobs}\n"+text)
		out[name] = asked{in: in, script: true, files: true, settings: strings.Contains(name, "_")}
	}
	add("pictures", `
model:
  input: [9, 8, 2]
  layers:
    - conv2d: {filters: 3, kernel_size: [3, 2], strides: [2, 1], padding: same, activation: elu, kernel_regularizer: {l1: 0.001}}
    - batch_normalization: {momentum: 0.9, epsilon: 0.01, center: false}
    - conv2d: {filters: 4, kernel_size: 2, dilation_rate: 2, use_bias: false, name: middle, trainable: false}
    - batch_normalization: {scale: false, gamma_regularizer: {l2: 0.1}}
    - leaky_relu: {negative_slope: 0.01}
    - average_pooling2d: {pool_size: 2, strides: 1, padding: same}
    - max_pooling2d: {pool_size: [2, 1], strides: [1, 1]}
    - activation: {activation: {elu: {alpha: 0.7}}}
    - dropout: {rate: 0.5}
    - global_max_pooling2d: {keepdims: true}
    - flatten
    - dense: {units: 3, activation: softmax, bias_regularizer: {l1: 0.1, l2: 0.2}, trainable: false}
compile: {loss: {categorical_crossentropy: {label_smoothing: 0.1}}, metrics: [acc, mse]}
`)
	add("sequences", `
model:
  input: [6, 4]
  layers:
    - simple_rnn: {units: 3, activation: relu, return_sequences: true, recurrent_regularizer: {l2: 0.01}}
    - lstm: {units: 4, activation: softplus, recurrent_activation: sigmoid, return_sequences: true, unit_forget_bias: false, use_bias: false}
    - lstm: {units: 3}
    - reshape: {target_shape: [3, -1, 1]}
    - global_average_pooling2d
    - dense: {units: 1, activation: sigmoid}
compile: {loss: {binary_crossentropy: {label_smoothing: 0.2}}}
fit:
  epochs: 3
  batch_size: all
  class_weight: {1: 2.5}
  callbacks:
    - early_stopping: {patience: 2, restore_best_weights: true}
    - reduce_lr_on_plateau: {monitor: loss}
    - terminate_on_nan
    - stop_below: {value: 0.01}
    - cosine: {alpha: 0.1}
    - exponential_decay
    - step_decay
    - warm_up
    - model_checkpoint: {filepath: "best-{epoch:02d}.safetensors", save_weights_only: true}
`)
	var layers strings.Builder
	for _, name := range nn.Activations.Names() {
		if name == "linear" { // which is none
			name = "relu}\n    - activation: {activation: linear"
		}
		fmt.Fprintf(&layers, "    - dense: {units: 5, activation: %s}\n", name)
	}
	for _, name := range nn.Initializers.Names() {
		fmt.Fprintf(&layers, "    - dense: {units: 5, kernel_initializer: %s, activation: tanh}\n", name)
	}
	add("activations", "model:\n  input: [5]\n  layers:\n"+layers.String()+
		"    - dense: {units: 5, activation: {leaky_relu: {negative_slope: 0.01}}, kernel_initializer: {variance_scaling: {scale: 2, mode: fan_out, distribution: uniform}}, bias_initializer: {constant: {value: 0.5}}}\n"+
		"    - dense: {units: 2, activation: {elu: {alpha: 0.5}}}\ncompile: {loss: mean_absolute_error, metrics: [mae]}\n")
	for _, name := range optim.Family.Names() {
		add("optimizer_"+name, "model: {input: [2], layers: [{dense: {units: 2, activation: softmax}}]}\n"+
			"compile: {loss: sparse_categorical_crossentropy, optimizer: {"+name+": {learning_rate: 0.03, weight_decay: 0.01, clipnorm: 1.5, "+
			map[string]string{"sgd": "momentum: 0.8, nesterov: true", "rmsprop": "rho: 0.8, centered: true", "adam": "amsgrad: true, beta_1: 0.8", "adagrad": "initial_accumulator_value: 0.2"}[name]+"}}}\n")
	}
	schedules := map[string]string{"cosine_decay": "decay_steps: 100, alpha: 0.1, warmup_target: 0.2, warmup_steps: 5", "cosine_decay_restarts": "first_decay_steps: 10, t_mul: 1.5",
		"exponential_decay": "decay_steps: 7, decay_rate: 0.9, staircase: true", "inverse_time_decay": "decay_steps: 7, decay_rate: 0.9", "polynomial_decay": "decay_steps: 50, power: 2, cycle: true"}
	for _, name := range optim.Schedules.Names() {
		settings := "initial_learning_rate: 0.1, " + schedules[name]
		if name == "piecewise_constant_decay" {
			settings = "boundaries: [10, 20], values: [0.1, 0.05, 0.01]"
		}
		add("schedule_"+name, "model: {input: [2], layers: [{dense: {units: 2}}]}\ncompile: {loss: mean_squared_error, optimizer: {sgd: {learning_rate: {"+name+": {"+settings+"}}}}}\n")
	}
	out["gelu"] = asked{in: bare(t, "name: gelu\ndata: {source: blobs}\nmodel: {input: [4], layers: [{dense: {units: 3, activation: {gelu: {approximate: true}}}}]}\n"), script: true}
	for _, family := range []struct {
		what  string
		names []string
	}{{"loss", loss.Family.Names()}, {"metric", metric.Family.Names()}} {
		for _, name := range family.names {
			text := "compile: {loss: mean_squared_error, metrics: [" + name + "]}\n"
			if family.what == "loss" {
				text = "compile: {loss: " + name + "}\n"
			}
			add(family.what+"_"+name, "model: {input: [2], layers: [{dense: {units: 2, activation: softmax}}]}\n"+text)
		}
	}
	return out
}

// preset is one with a few samples.
func preset(t *testing.T, name string) asked {
	t.Helper()
	e, err := sessions.Preset(name, "data.limit=60", "data.split={test: 10, validation: 10}")
	if err != nil {
		t.Fatal(err)
	}
	p, err := sessions.Prepare(e, t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	return asked{in: inputOf(t, p), script: true, files: true}
}

// roundTrip imports what Keras saved of an export and compares it with what was exported.
func roundTrip(t *testing.T, path string, in *Input) {
	t.Helper()
	n, err := imports.Read(path, imports.Options{Length: in.Model.In[0]})
	if err != nil {
		t.Error(err)
		return
	}
	want, got := in.Model.Settled(), n.Prepared.Settled()
	// What a file of Keras does not hold.
	got.Name, got.Seed, got.Data, got.Fit, got.Model.Input = want.Name, want.Seed, want.Data, want.Fit, want.Model.Input
	if a, b := string(want.Encode()), string(got.Encode()); a != b {
		t.Errorf("%s: exported\n%s\nimported\n%s", filepath.Base(path), a, b)
	}
	for _, note := range n.Notes {
		if !strings.Contains(note, "optimizer") {
			t.Errorf("%s: %s", filepath.Base(path), note)
		}
	}
	for _, w := range in.Weights.Tensors {
		at := slices.IndexFunc(n.Weights.Tensors, func(v safetensors.Tensor) bool { return v.Name == w.Name })
		if at < 0 {
			t.Errorf("%s has no %s", filepath.Base(path), w.Name)
			continue
		}
		a, errA := w.Float32s()
		b, errB := n.Weights.Tensors[at].Float32s()
		if errA != nil || errB != nil || !slices.Equal(a, b) {
			t.Errorf("%s: the weight %s is another", filepath.Base(path), w.Name)
		}
	}
}

// What is written can be read here too, and says the same.
func TestKerasRoundTrip(t *testing.T) {
	dir := t.TempDir()
	all := every(t)
	all["lecture-lstm"] = preset(t, "lecture-lstm") // which is open to any length
	for name, a := range all {
		path := filepath.Join(dir, name+".keras")
		_, err := Write(t.Context(), "keras", path, a.in)
		if !a.files {
			if err == nil || !strings.Contains(err.Error(), "layer dense (Dense): activation: files of Keras cannot say the activation gelu") {
				t.Errorf("what Keras's files cannot say gives %v", err)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		roundTrip(t, path, a.in)
	}
}

// The same input gives the same bytes, whatever the clock says.
func TestKerasBytes(t *testing.T) {
	a := every(t)["sequences"]
	a.in.Stored = &sessions.Session{Info: sessions.Info{Header: sessions.Header{Created: time.Date(2025, 3, 4, 5, 6, 7, 0, time.FixedZone("", 3600))}}}
	for _, format := range []string{"keras", "weights.h5", "keras-script-py"} {
		var first map[string][]byte
		for range 2 {
			dir := t.TempDir()
			if _, err := Write(t.Context(), format, filepath.Join(dir, "m.keras.py"), a.in); err != nil {
				t.Fatal(err)
			}
			files := map[string][]byte{}
			entries, err := os.ReadDir(dir)
			if err != nil {
				t.Fatal(err)
			}
			for _, e := range entries {
				if files[e.Name()], err = os.ReadFile(filepath.Join(dir, e.Name())); err != nil {
					t.Fatal(err)
				}
			}
			if first == nil {
				first = files
			}
			if len(files) != map[string]int{"keras": 1, "weights.h5": 1, "keras-script-py": 3}[format] {
				t.Errorf("%s makes %d files", format, len(files))
			}
			for name, text := range files {
				if !bytes.Equal(text, first[name]) {
					t.Errorf("%s: %s has other bytes the second time", format, name)
				}
			}
		}
		if text := first["m.keras.py"]; format == "keras" && !bytes.Contains(text, []byte(`"date_saved":"2025-03-04@04:06:07"`)) {
			t.Error("the date is not that of the journal")
		}
	}
}

// The script says what is not a default, in Python.
func TestKerasScript(t *testing.T) {
	a := every(t)["sequences"]
	path := filepath.Join(t.TempDir(), "model.py")
	if _, err := Write(t.Context(), "keras-script-py", path, a.in); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"keras.Input(shape=(6, 4)),", `keras.layers.LSTM(units=4, activation="softplus", use_bias=False, return_sequences=True, unit_forget_bias=False),`,
		"keras.layers.Reshape(target_shape=(3, -1, 1)),", "loss=keras.losses.BinaryCrossentropy(label_smoothing=0.2),", "BATCH_SIZE = None", "class_weight={1: 2.5}",
		`keras.callbacks.EarlyStopping(monitor="val_loss", mode="auto", min_delta=0.0, patience=2, restore_best_weights=True, start_from_epoch=0, verbose=1),`,
		"keras.callbacks.LearningRateScheduler(lambda epoch: 0.001 * (0.1 + (1 - 0.1) * (1 + math.cos(math.pi * min(epoch, EPOCHS) / EPOCHS)) / 2) * (0.95 ** epoch) * (0.5 ** (epoch // 10)) * (min(epoch + 1, 5) / 5)),",
		`StopBelow("loss", 0.01),`, `filepath="best-{epoch:02d}.weights.h5"`,
	} {
		if !strings.Contains(string(text), want) {
			t.Errorf("the script lacks %s:\n%s", want, text)
		}
	}
}

// What the script has only where it is asked for.
func TestKerasScriptParts(t *testing.T) {
	in := bare(t, `name: parts
data: {source: shapes, rescale: 1/255, samplewise_center: true, augment: {horizontal_flip: true, mixup: 0.2}}
model: {input: [4, 4, 1], layers: [flatten, dense: {units: 3, activation: {gelu: {approximate: true}}}]}
compile: {loss: categorical_crossentropy}
fit: {class_weight: balanced, callbacks: [tensorboard: {log_dir: logs, update_freq: 5}]}
`)
	path := filepath.Join(t.TempDir(), "model.py")
	if _, err := Write(t.Context(), "keras-script-py", path, in); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"import functools\n", "activation=functools.partial(keras.activations.gelu, approximate=True)", "x = x * np.float32(0.00392156862745098)", "x = x - x.mean(",
		"to_categorical(y, 3)", "class_weight=balanced(data)", "def balanced(data):", "one file an epoch", "mixup of targets is not done", "def pictures(",
		`keras.callbacks.TensorBoard(log_dir="logs", histogram_freq=0, write_images=False, update_freq=5),`} {
		if !strings.Contains(string(text), want) {
			t.Errorf("the script lacks %s:\n%s", want, text)
		}
	}
	if strings.Contains(string(text), "StopBelow") {
		t.Error("the script has a callback that nothing asks for")
	}
}
