package train

import (
	"context"
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"

	"cnnbench/nn"
	"cnnbench/nn/loss"
	"cnnbench/nn/nntest"
	"cnnbench/sessions/safetensors"
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

// goldenFile is a file of tensors by name.
type goldenFile struct {
	t     *testing.T
	limit float64 // of relative
	*safetensors.File
}

// get returns a tensor as float32s, whole numbers included, and its shape; nil where there is none.
func (f goldenFile) get(name string) ([]float32, []int) {
	f.t.Helper()
	v, ok := f.Lookup(name)
	if !ok {
		return nil, nil
	}
	if v.DType == safetensors.Int32 {
		whole, err := v.Int64s()
		if err != nil {
			f.t.Fatal(err)
		}
		x := make([]float32, len(whole))
		for i, n := range whole {
			x[i] = float32(n)
		}
		return x, v.Shape
	}
	x, err := v.Float32s()
	if err != nil {
		f.t.Fatal(err)
	}
	return x, v.Shape
}

// relative fails the test where got is off from the tensor by more than the limit of its largest value.
func (f goldenFile) relative(what string, got []float32, name string) {
	f.t.Helper()
	v, _ := f.get(name)
	if len(v) != len(got) {
		f.t.Errorf("%s: %d values, the reference has %d", what, len(got), len(v))
		return
	}
	want := make([]float64, len(v))
	for i := range v {
		want[i] = float64(v[i])
	}
	if r := nntest.Relative(got, want); !(r <= f.limit) {
		f.t.Errorf("%s is off by %.2g", what, r)
	}
}

// TestGolden trains as Keras 3.15 and PyTorch did and compares weights, histories and predictions.
func TestGolden(t *testing.T) {
	files, err := filepath.Glob("testdata/*training_*.safetensors")
	if err != nil || len(files) != 20 {
		t.Fatalf("%d golden files, want 20: %v", len(files), err)
	}
	for _, path := range files {
		name := strings.TrimSuffix(filepath.Base(path), ".safetensors")
		t.Run(name, func(t *testing.T) { golden(t, path) })
	}
}

func golden(t *testing.T, path string) {
	file, err := safetensors.Read(path)
	if err != nil {
		t.Fatal(err)
	}
	f := goldenFile{t, 1e-4, file}
	if strings.Contains(path, "masked") { // few steps
		f.limit = 1e-5
	}
	var c goldenCase
	if err := json.Unmarshal([]byte(file.Metadata["case"]), &c); err != nil {
		t.Fatal(err)
	}
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

	x, shape := f.get("x")
	y, yShape := f.get("y")
	switch {
	case c.Loss == "sparse_categorical_crossentropy":
		objective.Target = loss.Labels
	case strings.Contains(c.Loss, "categorical"):
		objective.Target = loss.OneHot
	default:
		objective.Target = loss.Values
	}
	lengths, _ := f.get("lengths")
	data := arrays{x: x, y: y, columns: len(y) / yShape[0], lengths: lengths}
	net, err := nn.Build(&model, c.InputShape, nn.Config{Batch: fit.Batch(shape[0]), Objective: objective})
	if err != nil {
		t.Fatal(err)
	}
	defer net.Close()
	for _, w := range net.Weights() {
		before, _ := f.get("before." + w.Name)
		if len(before) != len(w.Data) {
			t.Fatalf("%s has %d values, the file %d", w.Name, len(w.Data), len(before))
		}
		copy(w.Data, before)
	}
	rec := &recorder{}
	o := Options{Net: net, Fit: &fit, Train: data, Observers: []Observer{rec}}
	xVal, valShape := f.get("x_val")
	lengthsVal, _ := f.get("lengths_val")
	if xVal != nil {
		yVal, _ := f.get("y_val")
		o.Validation = arrays{x: xVal, y: yVal, columns: data.columns, lengths: lengthsVal}
		for _, figure := range []string{"accuracy", "mae"} {
			if _, ok := f.Lookup("history." + figure); ok {
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
		f.relative(w.Name, w.Data, "after."+w.Name)
	}
	history := map[string][]float32{}
	for _, e := range rec.epochs {
		for _, v := range e.Logs {
			history[v.Name] = append(history[v.Name], float32(v.Value))
		}
		history["learning_rate"] = append(history["learning_rate"], float32(e.LearningRate))
	}
	if xVal == nil {
		f.relative("loss", history["loss"], "losses")
		f.relative("predictions", predict(net, data, shape[0]), "predictions")
		return
	}
	for figure, values := range history {
		f.relative(figure, values, "history."+figure)
	}
	f.relative("predictions", predict(net, o.Validation.(arrays), valShape[0]), "predictions")
	f.relative("evaluate", evaluate(t, tr), "evaluate")
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
