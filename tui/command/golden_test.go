package command

import (
	"bytes"
	"encoding/json"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"cnnbench/dataset/npy"
	"cnnbench/nn/golden"
	"cnnbench/sessions/safetensors"
)

// keras is a training of Keras 3.15 or of PyTorch under the same rules: the case in its metadata, the data, the weights before and after, and the history.
type keras struct {
	t    *testing.T
	file *safetensors.File
	Case struct {
		BatchSize   int             `json:"batch_size"`
		Epochs      int             `json:"epochs"`
		Layers      json.RawMessage `json:"layers"`
		Loss        string          `json:"loss"`
		LossConfig  json.RawMessage `json:"loss_config"`
		Optimizer   json.RawMessage `json:"optimizer"`
		Callbacks   json.RawMessage `json:"callbacks"`
		ClassWeight json.RawMessage `json:"class_weight"`
		Shuffle     bool            `json:"shuffle"`
	}
}

func readKeras(t *testing.T, path string) *keras {
	f, err := safetensors.Read(path)
	if err != nil {
		t.Fatal(err)
	}
	k := &keras{t: t, file: f}
	if err := json.Unmarshal([]byte(f.Metadata["case"]), &k.Case); err != nil {
		t.Fatal(err)
	}
	return k
}

// experiment writes the case as an experiment with its data and its weights beside it.
func (k *keras) experiment(d *desk) string {
	var arrays []npy.Array
	before := &safetensors.File{}
	metric := ""
	for _, v := range k.file.Tensors {
		switch name, isBefore := strings.CutPrefix(v.Name, "before."); {
		case isBefore:
			v.Name = name
			before.Tensors = append(before.Tensors, v)
		case v.Name == "history.accuracy", v.Name == "history.mae":
			metric = strings.TrimPrefix(v.Name, "history.")
		case v.DType == safetensors.Int32:
			arrays = append(arrays, npy.Array{Name: v.Name, DType: "<i4", Shape: v.Shape, Data: v.Data})
		case v.Name == "x" || v.Name == "y" || v.Name == "x_val" || v.Name == "y_val":
			arrays = append(arrays, npy.Array{Name: v.Name, DType: "<f4", Shape: v.Shape, Data: v.Data})
		}
	}
	var npz bytes.Buffer
	if err := npy.WriteZip(&npz, arrays); err != nil {
		k.t.Fatal(err)
	}
	d.file("data.npz", npz.String())
	weights, err := safetensors.Encode(before)
	if err != nil {
		k.t.Fatal(err)
	}
	d.file("start.safetensors", string(weights))
	or := func(text json.RawMessage, otherwise string) string {
		if text == nil {
			return otherwise
		}
		return string(text)
	}
	validation := "null" // the file's own
	if !k.validates() {
		validation = "0"
	}
	return d.file("case.json", fmt.Sprintf(`{"name": "case", "data": {"source": "data.npz", "split": {"test": 0, "validation": %s}},
"model": {"layers": %s, "weights": "start.safetensors"},
"compile": {"loss": {%q: %s}, "optimizer": %s, "metrics": [%s]},
"fit": {"batch_size": %d, "epochs": %d, "shuffle": %v, "callbacks": %s, "class_weight": %s}}`,
		validation, k.Case.Layers, k.Case.Loss, or(k.Case.LossConfig, "{}"), k.Case.Optimizer, metric,
		k.Case.BatchSize, k.Case.Epochs, k.Case.Shuffle, or(k.Case.Callbacks, "[]"), or(k.Case.ClassWeight, "null")))
}

// validates reports whether there is validation data, and with it a whole history.
func (k *keras) validates() bool {
	_, ok := k.file.Lookup("x_val")
	return ok
}

// count is the number of tensors whose names begin so.
func (k *keras) count(prefix string) int {
	n := 0
	for _, v := range k.file.Tensors {
		if strings.HasPrefix(v.Name, prefix) {
			n++
		}
	}
	return n
}

// near fails the test where values are off by more than 1e-4 of the tensor's largest.
func (k *keras) near(what string, got []float64, name string) {
	k.t.Helper()
	v, ok := k.file.Lookup(name)
	if !ok {
		k.t.Errorf("the reference has no %s", name)
		return
	}
	want, err := v.Float64s()
	if err != nil {
		k.t.Fatal(err)
	}
	if len(got) != len(want) {
		k.t.Errorf("%s: %d values, Keras has %d", what, len(got), len(want))
		return
	}
	if r := golden.Relative(got, want); !(r <= 1e-4) {
		k.t.Errorf("%s is off by %.2g", what, r)
	}
}

// TestReferenceTrainings trains the reference cases from experiment files, by the very commands that a person has.
func TestReferenceTrainings(t *testing.T) {
	paths, err := filepath.Glob("../../nn/train/testdata/*training_*.safetensors")
	if err != nil || len(paths) != 20 {
		t.Fatalf("%d files, want 20: %v", len(paths), err)
	}
	for _, path := range paths {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".safetensors"), func(t *testing.T) {
			k, d := readKeras(t, path), newDesk(t)
			epochs := objects(t, d.must("train", k.experiment(d), "--json"))
			if s := epochs[len(epochs)-1]["session"]; s != "case-1" {
				t.Errorf("the last line names the session %v", s)
			}
			history := map[string][]float64{}
			for i, e := range epochs[:len(epochs)-1] {
				if e["epoch"] != float64(i+1) {
					t.Errorf("line %d is of epoch %v", i+1, e["epoch"])
				}
				for name, v := range e {
					history[name] = append(history[name], v.(float64))
				}
			}
			for _, v := range k.file.Tensors {
				if name, ok := strings.CutPrefix(v.Name, "history."); ok {
					k.near(name, history[name], v.Name)
				}
			}

			out := filepath.Join(d.dir, "after.safetensors")
			d.must("export", "case-1", "--format", "safetensors", "-o", out)
			after, err := safetensors.Read(out)
			if err != nil {
				t.Fatal(err)
			}
			for _, v := range after.Tensors {
				got, err := v.Float64s()
				if err != nil {
					t.Fatal(err)
				}
				k.near(v.Name, got, "after."+v.Name)
			}
			if want := k.count("after."); len(after.Tensors) != want {
				t.Errorf("the export has %d weights, Keras %d", len(after.Tensors), want)
			}
			if !k.validates() {
				k.near("losses", history["loss"], "losses")
				k.predictions(d, "x", "lengths")
				return
			}
			e := objects(t, d.must("evaluate", "case-1", "--split", "validation", "--json"))[0]
			judged := []float64{e["loss"].(float64)}
			for _, name := range []string{"accuracy", "mae"} {
				if v, ok := e[name]; ok {
					judged = append(judged, v.(float64))
				}
			}
			k.near("evaluate", judged, "evaluate")
			k.predictions(d, "x_val", "lengths_val")
		})
	}
}

// predictions compares predict's --out on the samples of that name, with their lengths where there are some.
func (k *keras) predictions(d *desk, name, lengths string) {
	x, _ := k.file.Lookup(name)
	arrays := []npy.Array{{Name: "x", DType: "<f4", Shape: x.Shape, Data: x.Data}}
	if v, ok := k.file.Lookup(lengths); ok {
		arrays = append(arrays, npy.Array{Name: "lengths", DType: "<i4", Shape: v.Shape, Data: v.Data})
	}
	var npz bytes.Buffer
	if err := npy.WriteZip(&npz, arrays); err != nil {
		k.t.Fatal(err)
	}
	out := filepath.Join(d.dir, "out.npz")
	d.must("predict", "case-1", d.file("x.npz", npz.String()), "--out", out)
	predicted, err := npy.ReadZip(out, "predictions")
	if err != nil {
		k.t.Fatal(err)
	}
	values, err := predicted[0].Float32s()
	if err != nil {
		k.t.Fatal(err)
	}
	wide := make([]float64, len(values))
	for i, v := range values {
		wide[i] = float64(v)
	}
	k.near("predictions", wide, "predictions")
}
