package train

import (
	"context"
	"encoding/json"
	"strings"
	"testing"

	"cnnbench/nn"
	"cnnbench/nn/golden"
	"cnnbench/nn/loss"
	"cnnbench/spec"
)

// goldenCase is a training as its file's metadata tells of it, in Keras's words.
type goldenCase struct {
	BatchSize   int             `json:"batch_size"`
	Epochs      int             `json:"epochs"`
	InputShape  []int           `json:"input_shape"`
	Layers      json.RawMessage `json:"layers"`
	Loss        string          `json:"loss"`
	LossConfig  json.RawMessage `json:"loss_config"`
	Optimizer   json.RawMessage `json:"optimizer"`
	Callbacks   json.RawMessage `json:"callbacks"`
	ClassWeight json.RawMessage `json:"class_weight"`
	Shuffle     bool            `json:"shuffle"`
}

// decodeInto reads JSON as an experiment's part.
func decodeInto(t testing.TB, text string, into any) {
	t.Helper()
	var d spec.Decoder
	n, err := d.Parse([]byte(text))
	if err == nil {
		err = d.Decode(n, "", into)
	}
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
}

// agrees fails the test where got is off from the tensor by more than the limit of its largest value.
func agrees(t *testing.T, f golden.File, limit float64, what string, got []float32, name string) {
	t.Helper()
	want := f.Optional(name)
	if len(want) != len(got) {
		t.Errorf("%s: %d values, the reference has %d", what, len(got), len(want))
		return
	}
	if r := golden.Relative(got, want); !(r <= limit) {
		t.Errorf("%s is off by %.2g", what, r)
	}
}

// TestGolden trains as Keras 3.15 and PyTorch did and compares weights, histories and predictions.
func TestGolden(t *testing.T) {
	golden.Each(t, "testdata/*training_*.safetensors", 20, trainAsComputed)
}

func trainAsComputed(t *testing.T, f golden.File) {
	limit := 1e-4
	if strings.Contains(t.Name(), "masked") { // few steps
		limit = 1e-5
	}
	var c goldenCase
	f.Case(&c)
	var model nn.Model
	decodeInto(t, `{"layers": `+string(c.Layers)+`}`, &model)
	fit := Defaults()
	fit.BatchSize, fit.Epochs, fit.Shuffle = BatchSize(c.BatchSize), c.Epochs, c.Shuffle
	if c.Callbacks != nil {
		decodeInto(t, string(c.Callbacks), &fit.Callbacks)
	}
	if c.ClassWeight != nil {
		decodeInto(t, string(c.ClassWeight), &fit.ClassWeight)
	}
	objective := &nn.Objective{}
	config := "{}"
	if c.LossConfig != nil {
		config = string(c.LossConfig)
	}
	decodeInto(t, `{"`+c.Loss+`": `+config+`}`, &objective.Loss)
	decodeInto(t, string(c.Optimizer), &objective.Optimizer)

	x, shape := f.Floats("x"), f.Shape("x")
	y, yShape := f.Floats("y"), f.Shape("y")
	switch {
	case c.Loss == "sparse_categorical_crossentropy":
		objective.Target = loss.Labels
	case strings.Contains(c.Loss, "categorical"):
		objective.Target = loss.OneHot
	default:
		objective.Target = loss.Values
	}
	data := arrays{x: x, y: y, columns: len(y) / yShape[0], lengths: f.Optional("lengths")}
	net, err := nn.Build(&model, c.InputShape, nn.Config{Batch: fit.Batch(shape[0]), Objective: objective})
	if err != nil {
		t.Fatal(err)
	}
	defer net.Close()
	for _, w := range net.Weights() {
		before := f.Floats("before." + w.Name)
		if len(before) != len(w.Data) {
			t.Fatalf("%s has %d values, the file %d", w.Name, len(w.Data), len(before))
		}
		copy(w.Data, before)
	}
	rec := &recorder{}
	o := Options{Net: net, Fit: &fit, Train: data, Observers: []Observer{rec}}
	xVal := f.Optional("x_val")
	if xVal != nil {
		o.Validation = arrays{x: xVal, y: f.Floats("y_val"), columns: data.columns, lengths: f.Optional("lengths_val")}
		for _, figure := range []string{"accuracy", "mae"} {
			if f.Has("history." + figure) {
				decodeInto(t, "["+figure+"]", &o.Metrics)
			}
		}
	}
	tr, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	if err := tr.Run(context.Background()); err != nil {
		t.Fatal(err)
	}

	for _, w := range net.Weights() {
		agrees(t, f, limit, w.Name, w.Data, "after."+w.Name)
	}
	history := map[string][]float32{}
	for _, e := range rec.epochs {
		for _, v := range e.Logs {
			history[v.Name] = append(history[v.Name], float32(v.Value))
		}
		history["learning_rate"] = append(history["learning_rate"], float32(e.LearningRate))
	}
	if xVal == nil {
		agrees(t, f, limit, "loss", history["loss"], "losses")
		agrees(t, f, limit, "predictions", predict(net, data, shape[0]), "predictions")
		return
	}
	for figure, values := range history {
		agrees(t, f, limit, figure, values, "history."+figure)
	}
	agrees(t, f, limit, "predictions", predict(net, o.Validation.(arrays), f.Shape("x_val")[0]), "predictions")
	agrees(t, f, limit, "evaluate", evaluate(t, tr), "evaluate")
}

// evaluate validates once more, with the weights at the end of training: loss, then the metrics.
func evaluate(t *testing.T, tr *Trainer) []float32 {
	tr.validation.reset()
	for tr.at.checked = 0; tr.at.checked < tr.checks; {
		if err := tr.validate(); err != nil {
			t.Fatal(err)
		}
	}
	var out []float32
	for _, v := range tr.validation.current() {
		out = append(out, float32(v.Value))
	}
	return out
}

// predict infers all samples, [samples, output size].
func predict(n *nn.Network, data arrays, samples int) []float32 {
	var out []float32
	size := len(data.x) / samples
	for from := 0; from < samples; from += n.Batch() {
		rows := min(n.Batch(), samples-from)
		copy(n.Input(), data.x[from*size:(from+rows)*size])
		for row := range rows {
			n.Lengths()[row] = data.Length(from + row)
		}
		out = append(out, n.Predict(rows)...)
	}
	return out
}
