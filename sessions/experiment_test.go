package sessions

import (
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"cnnbench/spec"
)

// small is a valid experiment; the tests spoil it.
const small = `name: small
seed: 3
data:
  source: blobs
  limit: 60
model:
  layers:
    - dense: {units: 8, activation: relu}
    - dense: {units: 10, activation: softmax}
compile:
  loss: categorical_crossentropy
  optimizer: adam
fit:
  batch_size: 16
  epochs: 2
`

func TestMistakesSayWhereAndWhatWorks(t *testing.T) {
	for _, c := range []struct {
		name, from, to string // the change to small
		want           []string
	}{
		{"unknown key", "fit:", "fitt:", []string{"x.yaml:13:1: ", `unknown key "fitt"`, "did you mean fit?"}},
		{"unknown key below", "batch_size: 16", "batchsize: 16", []string{"x.yaml:14:3: fit: ", "did you mean batch_size?"}},
		{"wrong type", "epochs: 2", "epochs: many", []string{"x.yaml:15:11: fit.epochs: ", `"many"`, "a whole number of 1 or more"}},
		{"out of bounds", "epochs: 2", "epochs: 0", []string{"x.yaml:15:11: fit.epochs: ", `"0"`, "1 or more"}},
		{"fraction for a count", "units: 8", "units: 8.5", []string{"x.yaml:8:22: model.layers[0].dense.units: ", "a whole number"}},
		{"unknown layer", "dense: {units: 8", "dens: {units: 8", []string{"x.yaml:8:7: model.layers[0]: ", `unknown layer "dens"`, "did you mean dense?"}},
		{"unknown loss", "loss: categorical_crossentropy", "loss: crossentropy", []string{"x.yaml:11:9: compile.loss: ", `unknown loss "crossentropy"`}},
		{"unknown optimizer", "optimizer: adam", "optimizer: adan", []string{"compile.optimizer: ", "did you mean adam?"}},
		{"impossible layer", "dense: {units: 8, activation: relu}", "conv2d: {filters: 4, kernel_size: 3}", []string{"x.yaml:8:15: model.layers[0].conv2d: "}},
		{"two layers of a name", "activation: relu}", "activation: relu, name: dense}", []string{"x.yaml:9:14: model.layers[1].dense", `also the name of layer 0`}},
		{"no layers", "layers:\n    - dense: {units: 8, activation: relu}\n    - dense: {units: 10, activation: softmax}", "layers: []", []string{"x.yaml:7:11: model.layers: ", "at least one"}},
		{"no data", "data:\n  source: blobs\n  limit: 60\n", "", []string{"data is missing"}},
		{"no source", "source: blobs", "", []string{"x.yaml:", "data: source is missing"}},
		{"anchor", "seed: 3", "seed: &a 3", []string{"x.yaml:2:7: seed: ", "write the value out"}},
		{"torn YAML", "fit:", "fit: [", []string{"x.yaml:", "not valid YAML"}},
		{"head of another width", "units: 10", "units: 7", []string{"x.yaml:9:14: model.layers[1].dense: ", "7 units", "10 classes", "set units: 10"}},
		{"head without probabilities", "activation: softmax", "activation: relu", []string{"x.yaml:9:14: model.layers[1].dense: ", "relu", "set activation: softmax"}},
		{"loss that does not fit", "    - dense: {units: 10, activation: softmax}", "    - dense: {units: 1, activation: sigmoid}", []string{"x.yaml:9:14: model.layers[1].dense: ", "10 classes", "set units: 10"}},
		{"values for a loss of classes", "source: blobs", "source: line", []string{"x.yaml:11:9: compile.loss: ", "take mean_squared_error"}},
		{"no such source", "source: blobs", "source: blops", []string{"x.yaml:4:11: data.source: ", "blops", "built-in"}},
		{"no such class", "limit: 60", "classes: [zebra]", []string{"x.yaml:5:12: data.classes: ", `no class "zebra"`}},
		{"nothing left to train on", "limit: 60", "split: {test: 1000000}", []string{"x.yaml:5:17: data.split.test: ", "take fewer"}},
		{"input that disagrees", "layers:", "input: [13]\n  layers:", []string{"x.yaml:7:10: model.input: ", "[13]", "[12]"}},
		{"input of nothing", "layers:", "input: [0]\n  layers:", []string{"x.yaml:7:11: model.input[0]: ", "null"}},
		{"unmeasured monitor", "epochs: 2", "epochs: 2\n  callbacks: [early_stopping: {monitor: val_acc}]", []string{"x.yaml:16:41: fit.callbacks[0].early_stopping.monitor: ", `"val_acc"`, "val_accuracy"}},
		{"checkpoint format", "epochs: 2", "epochs: 2\n  callbacks: [model_checkpoint: {filepath: a.keras}]", []string{"x.yaml:16:44: fit.callbacks[0].model_checkpoint.filepath: ", ".safetensors"}},
		{"weight of no class", "epochs: 2", "epochs: 2\n  class_weight: {10: 2}", []string{"x.yaml:16:17: fit.class_weight: ", "class 10", "10 classes"}},
		{"metric twice", "optimizer: adam", "optimizer: adam\n  metrics: [accuracy, accuracy]", []string{"x.yaml:13:12: compile.metrics: ", "twice"}},
		{"no such weights", "layers:", "weights: gone.safetensors\n  layers:", []string{"x.yaml:7:12: model.weights: ", "gone.safetensors"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			if !strings.Contains(small, c.from) {
				t.Fatal("the test changes nothing")
			}
			err := tryText(strings.Replace(small, c.from, c.to, 1))
			if err == nil {
				t.Fatal("no error")
			}
			var se *spec.Error
			if !errors.As(err, &se) {
				t.Fatalf("%T is not a *spec.Error: %v", err, err)
			}
			for _, w := range c.want {
				if !strings.Contains(err.Error(), w) {
					t.Errorf("error %q lacks %q", err, w)
				}
			}
			if strings.Contains(err.Error(), "\n") {
				t.Errorf("error of several lines: %q", err)
			}
		})
	}
}

// tryText takes an experiment as far as training would.
func tryText(text string) error {
	e, err := ParseExperiment("x.yaml", []byte(text))
	if err != nil {
		return err
	}
	p, err := Prepare(e, ".")
	if err != nil {
		return err
	}
	n, err := p.Build(BuildOptions{Threads: 1})
	if err != nil {
		return err
	}
	n.Close()
	return nil
}

func TestSmallIsFine(t *testing.T) {
	if err := tryText(small); err != nil {
		t.Fatal(err)
	}
}

func TestSet(t *testing.T) {
	e, err := ParseExperiment("x.yaml", []byte(small), "fit.epochs=7", "model.layers[0].dense.units=5", "compile.optimizer.adam.learning_rate=0.5", "data.image.size=[3, 4]")
	if err != nil {
		t.Fatal(err)
	}
	text := string(e.Encode())
	for _, want := range []string{"epochs: 7", "units: 5", "learning_rate: 0.5", "size: [3, 4]"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is missing in\n%s", want, text)
		}
	}
	for _, bad := range []string{"fit.epochs", "fit.epochs=none", "model.layers[9].dense.units=3", "fit.epoch=3", "fit..x=1", "fit.epochs=[", "seed=-1"} {
		if _, err := ParseExperiment("x.yaml", []byte(small), bad); err == nil {
			t.Errorf("--set %s is taken", bad)
		}
	}
}

func TestRoundTrip(t *testing.T) {
	texts := map[string]string{"small": small, "full": full}
	for _, i := range Presets() {
		text, err := PresetText(i.Name)
		if err != nil {
			t.Fatal(err)
		}
		texts[i.Name] = string(text)
	}
	for name, text := range texts {
		e, err := ParseExperiment(name+".yaml", []byte(text))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		once := e.Encode()
		again, err := ParseExperiment("again.yaml", once)
		if err != nil {
			t.Errorf("%s: its own encoding is not read: %v\n%s", name, err, once)
			continue
		}
		if twice := again.Encode(); string(twice) != string(once) {
			t.Errorf("%s: encodes to\n%s\nand then to\n%s", name, once, twice)
		}
		a, b := e.Clone(), again.Clone()
		if !reflect.DeepEqual(a, b) {
			t.Errorf("%s: read back as another experiment:\n%s", name, once)
		}
		if string(a.Encode()) != string(once) {
			t.Errorf("%s: the clone encodes differently", name)
		}
	}
}

// full says everything once, and everything other than by default.
const full = `name: full
seed: 18446744073709551615
data:
  source: fashion-mini
  classes: [Bag, Coat]
  limit: 100
  image: {size: [20, 24], color: rgb, interpolation: bilinear}
  rescale: 0.00392156862745098
  split: {test: 0.25, validation: 10, shuffle: true, stratify: true, random_state: 7}
model:
  input: [20, 24, null]
  layers:
    - conv2d: {filters: 4, kernel_size: [3, 5], strides: 2, padding: same, activation: {elu: {alpha: 0.7}}, use_bias: false,
        kernel_regularizer: {l1: 0.001, l2: 0.01}, name: first, trainable: false}
    - average_pooling2d: {pool_size: [2, 3]}
    - flatten: {}
    - dense: {units: 2, activation: softmax}
  weights: start.safetensors
compile:
  loss: {categorical_crossentropy: {label_smoothing: 0.1}}
  convolution: im2col
  optimizer: {sgd: {learning_rate: {cosine_decay: {initial_learning_rate: 0.1, decay_steps: 100}}, momentum: 0.9, clipnorm: 1.0}}
  metrics: []
fit:
  batch_size: all
  epochs: 3
  steps_per_epoch: 4
  validation_steps: 2
  shuffle: false
  class_weight: {0: 1.0, 1: 3.0}
  callbacks:
    - early_stopping: {monitor: loss, patience: 5, restore_best_weights: true}
    - terminate_on_nan
    - stop_below: {monitor: loss, value: 0.1}
`

func TestJSONIsRead(t *testing.T) {
	const text = `{"seed": 1, "data": {"source": "blobs", "split": {"validation": 1e-01}}, "model": {"layers": [{"dense": {"units": 10, "activation": "softmax"}}]},
		"compile": {"optimizer": {"adam": {"epsilon": 1e-07}}}, "fit": {"class_weight": {"0": 1.0, "3": 2.5}}}`
	e, err := ParseExperiment("job.json", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	if e.Name != "job" || e.Fit.ClassWeight.Of[3] != 2.5 || e.Fit.Epochs != 1 || !e.Fit.Shuffle || e.Fit.BatchSize != 32 {
		t.Errorf("read as %+v", e)
	}
}

func TestDefaultsFollowTheData(t *testing.T) {
	for _, c := range []struct{ source, head, loss, metric string }{
		{"blobs", "{units: 10, activation: softmax}", "*loss.CategoricalCrossentropy", "accuracy"},
		{"line", "{units: 1}", "*loss.MeanSquaredError", "mae"},
	} {
		e, err := ParseExperiment("x.yaml", []byte("data: {source: "+c.source+", limit: 40}\nmodel: {layers: [dense: "+c.head+"]}\n"))
		if err != nil {
			t.Fatal(err)
		}
		p, err := Prepare(e, ".")
		if err != nil {
			t.Fatal(err)
		}
		if got := reflect.TypeOf(p.Loss).String(); got != c.loss || len(p.Metrics) != 1 || p.Metrics[0].Name != c.metric {
			t.Errorf("%s: loss %s, metrics %v", c.source, got, p.Metrics)
		}
		if p.Validation == nil {
			t.Errorf("%s: no validation part", c.source)
		}
	}
}

func TestReadExperimentNamesTheFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "my net.yaml")
	if _, err := ReadExperiment(path); err == nil || !strings.Contains(err.Error(), path) {
		t.Errorf("a missing file gives %v", err)
	}
	if err := os.WriteFile(path, []byte(strings.Replace(small, "name: small\n", "", 1)), 0o644); err != nil {
		t.Fatal(err)
	}
	e, err := ReadExperiment(path)
	if err != nil || e.Name != "my-net" {
		t.Errorf("read as %q, %v", e.Name, err)
	}
}

// An experiment that goes to another folder names the same data and weights from there.
func TestMovedExperiment(t *testing.T) {
	top := t.TempDir()
	for _, dir := range []string{"work/shelf", "work/shapes"} {
		if err := os.MkdirAll(filepath.Join(top, dir), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(top, "work", "start.npz"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	abs := filepath.Join(top, "elsewhere")
	for _, c := range []struct{ source, weights, from, to, wantSource, wantWeights string }{
		{"pictures", "start.npz", "work", "work/shelf", "../pictures", "../start.npz"},
		{"work/pictures", "work/start.npz", ".", "work", "pictures", "start.npz"},
		{"pictures", "start.npz", "work", "work/../work", "pictures", "start.npz"},
		{"shapes", "mlp-3", "work", "work/shelf", "shapes", "mlp-3"}, // a name, and a session's
		{"work/shapes", "", ".", "work", "./shapes", ""},             // a folder called as the name
		{abs, abs, "work", "work/shelf", abs, abs},
		{"", "", "work", "work/shelf", "", ""},
		{"none", "", "work", "work/shelf", "none", ""},
	} {
		t.Chdir(top)
		e := New()
		e.Data.Source, e.Model.Weights = filepath.FromSlash(c.source), filepath.FromSlash(c.weights)
		got := e.Moved(filepath.FromSlash(c.from), filepath.FromSlash(c.to))
		if s, w := filepath.ToSlash(got.Data.Source), filepath.ToSlash(got.Model.Weights); s != c.wantSource || w != c.wantWeights {
			t.Errorf("%+v: %s and %s", c, s, w)
		}
		if same := c.source == c.wantSource && c.weights == c.wantWeights; same != (got == e) {
			t.Errorf("%+v: a copy is %v", c, got != e)
		}
		if e.Data.Source != filepath.FromSlash(c.source) {
			t.Errorf("%+v: the experiment itself was changed", c)
		}
	}
}
