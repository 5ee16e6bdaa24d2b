package command

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"cnnbench/dataset/npy"
	"cnnbench/sessions/safetensors"
)

// run runs a command line on a home of its own and returns what it printed.
func runIn(t *testing.T, home string, args ...string) string {
	t.Helper()
	var out, errs bytes.Buffer
	p := Program{Args: append([]string{"--home", home}, args...), Stdin: strings.NewReader(""), Stdout: &out, Stderr: &errs}
	if code := p.Main(context.Background()); code != 0 {
		t.Fatalf("cnnbench %s: exit code %d: %s", strings.Join(args, " "), code, errs.String())
	}
	return out.String()
}

// goldenTraining is a whole training that real Keras did, written out as the files that a person would have.
type goldenTraining struct {
	t    *testing.T
	file *safetensors.File
	dir  string
	Case struct {
		BatchSize   int              `json:"batch_size"`
		Callbacks   []map[string]any `json:"callbacks"`
		ClassWeight map[string]any   `json:"class_weight"`
		Epochs      int              `json:"epochs"`
		InputShape  []int            `json:"input_shape"`
		Layers      []map[string]any `json:"layers"`
		Loss        string           `json:"loss"`
		LossConfig  map[string]any   `json:"loss_config"`
		Optimizer   map[string]any   `json:"optimizer"`
	}
}

func (g *goldenTraining) tensor(name string) ([]float32, []int) {
	g.t.Helper()
	v, ok := g.file.Lookup(name)
	if !ok {
		g.t.Fatalf("the file has no %s", name)
	}
	x, err := v.Float32s()
	if err != nil {
		g.t.Fatal(err)
	}
	return x, v.Shape
}

// write makes the experiment as JSON, the data as .npz and the first weights as safetensors.
func (g *goldenTraining) write() string {
	g.t.Helper()
	var arrays []npy.Array
	for _, name := range []string{"x", "y", "x_val", "y_val"} {
		v, ok := g.file.Lookup(name)
		if classes, err := v.Int64s(); ok && err == nil {
			arrays = append(arrays, npy.I32(name, v.Shape, narrow(classes)))
		} else if ok {
			x, shape := g.tensor(name)
			arrays = append(arrays, npy.F32(name, shape, x))
		}
	}
	var data bytes.Buffer
	if err := npy.WriteZip(&data, arrays); err != nil {
		g.t.Fatal(err)
	}
	before := &safetensors.File{}
	for _, t := range g.file.Tensors {
		if name, ok := strings.CutPrefix(t.Name, "before."); ok {
			x, shape := g.tensor(t.Name)
			before.Tensors = append(before.Tensors, safetensors.F32(name, shape, x))
		}
	}
	weights, err := safetensors.Encode(before)
	if err != nil {
		g.t.Fatal(err)
	}
	split := map[string]any{}
	if len(arrays) == 2 {
		split["validation"] = 0
	}
	metric := "accuracy"
	if _, ok := g.file.Lookup("history.mae"); ok || strings.HasPrefix(g.Case.Loss, "mean") {
		metric = "mae"
	}
	c := &g.Case
	experiment, err := json.MarshalIndent(map[string]any{
		"data":    map[string]any{"source": "data.npz", "split": split},
		"model":   map[string]any{"layers": c.Layers, "weights": "before.safetensors"},
		"compile": map[string]any{"loss": map[string]any{c.Loss: c.LossConfig}, "optimizer": c.Optimizer, "metrics": []string{metric}},
		"fit":     map[string]any{"batch_size": c.BatchSize, "epochs": c.Epochs, "shuffle": false, "callbacks": c.Callbacks, "class_weight": c.ClassWeight},
	}, "", "  ")
	if err != nil {
		g.t.Fatal(err)
	}
	for name, content := range map[string][]byte{"data.npz": data.Bytes(), "before.safetensors": weights, "golden.json": experiment} {
		if err := os.WriteFile(filepath.Join(g.dir, name), content, 0o644); err != nil {
			g.t.Fatal(err)
		}
	}
	return filepath.Join(g.dir, "golden.json")
}

// near holds values to a tensor: the largest difference over the largest reference value.
func (g *goldenTraining) near(what string, got []float64, name string) {
	g.t.Helper()
	want, _ := g.tensor(name)
	if len(got) != len(want) {
		g.t.Errorf("%s has %d values, Keras %d", what, len(got), len(want))
		return
	}
	worst, top := 0.0, 0.0
	for i, w := range want {
		worst = math.Max(worst, math.Abs(got[i]-float64(w)))
		top = math.Max(top, math.Abs(float64(w)))
	}
	if !(worst <= 1e-4*top) {
		g.t.Errorf("%s is off by %.2g, relative", what, worst/top)
	}
}

func narrow(x []int64) []int32 {
	out := make([]int32, len(x))
	for i, v := range x {
		out[i] = int32(v)
	}
	return out
}

func widen(x []float32) []float64 {
	out := make([]float64, len(x))
	for i, v := range x {
		out[i] = float64(v)
	}
	return out
}

// TestGoldenTrainings repeats whole trainings of Keras 3.15 and PyTorch through the command line: each epoch's history,
// the epochs run, the learning rates, the weights at the end, an evaluation and predictions.
func TestGoldenTrainings(t *testing.T) {
	paths, err := filepath.Glob("../../nn/train/testdata/*training_*.safetensors")
	if err != nil || len(paths) != 14 {
		t.Fatalf("%d golden trainings, %v", len(paths), err)
	}
	for _, path := range paths {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".safetensors"), func(t *testing.T) {
			f, err := safetensors.Read(path)
			if err != nil {
				t.Fatal(err)
			}
			g := &goldenTraining{t: t, file: f, dir: t.TempDir()}
			if err := json.Unmarshal([]byte(f.Metadata["case"]), &g.Case); err != nil {
				t.Fatal(err)
			}
			g.check()
		})
	}
}

func (g *goldenTraining) check() {
	t := g.t
	home := filepath.Join(g.dir, "home")
	lines := strings.Split(strings.TrimSpace(runIn(t, home, "train", g.write(), "--name", "run", "--json")), "\n")
	history := map[string][]float64{}
	for i, line := range lines[:len(lines)-1] {
		var epoch map[string]float64
		if err := json.Unmarshal([]byte(line), &epoch); err != nil {
			t.Fatalf("%v in %s", err, line)
		}
		if epoch["epoch"] != float64(i+1) {
			t.Errorf("line %d says epoch %v", i, epoch["epoch"])
		}
		for name, v := range epoch {
			history[name] = append(history[name], v)
		}
	}
	if lines[len(lines)-1] != `{"session":"run"}` {
		t.Errorf("the last line is %s", lines[len(lines)-1])
	}
	if _, ok := g.file.Lookup("losses"); ok {
		g.near("loss", history["loss"], "losses")
	}
	for _, v := range g.file.Tensors {
		if name, ok := strings.CutPrefix(v.Name, "history."); ok {
			g.near(name, history[name], v.Name)
		}
	}

	weights := filepath.Join(g.dir, "after.safetensors")
	runIn(t, home, "export", "run", "--format", "safetensors", "-o", weights)
	after, err := safetensors.Read(weights)
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range g.file.Tensors {
		name, ok := strings.CutPrefix(v.Name, "after.")
		if !ok {
			continue
		}
		got, ok := after.Lookup(name)
		if !ok {
			t.Errorf("the export has no %s", name)
			continue
		}
		x, err := got.Float32s()
		if err != nil {
			t.Fatal(err)
		}
		g.near(name, widen(x), v.Name)
	}

	// The golden predictions are on x_val where there is one, else on x.
	x, shape := []float32{}, []int{}
	if _, ok := g.file.Lookup("x_val"); ok {
		x, shape = g.tensor("x_val")
		var e map[string]any
		if err := json.Unmarshal([]byte(runIn(t, home, "evaluate", "run", "--split", "validation", "--json")), &e); err != nil {
			t.Fatal(err)
		}
		metric := "accuracy"
		if _, ok := e["mae"]; ok {
			metric = "mae"
		}
		g.near("evaluation", []float64{e["loss"].(float64), e[metric].(float64)}, "evaluate")
	} else {
		x, shape = g.tensor("x")
	}
	in, out := filepath.Join(g.dir, "in.npz"), filepath.Join(g.dir, "out.npz")
	var b bytes.Buffer
	if err := npy.WriteZip(&b, []npy.Array{npy.F32("x", shape, x)}); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(in, b.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
	runIn(t, home, "predict", "run", in, "--out", out)
	arrays, err := npy.ReadZip(out)
	if err != nil {
		t.Fatal(err)
	}
	p, ok := arrays.Lookup("predictions")
	if !ok {
		t.Fatal("there are no predictions")
	}
	got, err := p.Float32s()
	if err != nil {
		t.Fatal(err)
	}
	if want := fmt.Sprint(shape[0]); fmt.Sprint(p.Shape[0]) != want {
		t.Errorf("predictions are %v, want %s rows", p.Shape, want)
	}
	g.near("predictions", widen(got), "predictions")
}
