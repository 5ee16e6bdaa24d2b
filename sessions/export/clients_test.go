package export

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"cnnbench/dataset"
	"cnnbench/dataset/npy"
	"cnnbench/nn"
	"cnnbench/nn/nntest"
	"cnnbench/rng"
	"cnnbench/sessions"
	"cnnbench/spec"
)

// trial is a network with samples and what it makes of them, for other programs to agree with.
type trial struct {
	name string
	in   *Input
	x, y []float32 // [trialRows, ..]
	xs   nn.Shape  // of a sample of x
	ys   nn.Shape  // of a sample of y
}

const trialRows = 3

// newTrial draws the network's samples, and its weights unless they are those it starts with, and asks it.
func newTrial(t *testing.T, name string, p *sessions.Prepared, drawn bool) *trial {
	t.Helper()
	e := p.Experiment
	n, err := nn.Build(&e.Model, p.In, nn.Config{Batch: trialRows, Seed: 7})
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	defer n.Close()
	for i, w := range n.Weights() {
		s := rng.New(11, rng.Init, uint64(i), 1).Stream()
		for j := range w.Data {
			switch {
			case w.State:
				w.Data[j] = float32(s.Uniform(.5, 1.5))
			case drawn:
				w.Data[j] = float32(.5 * s.Norm())
			}
		}
	}
	tr := &trial{name: name, in: &Input{Session: name, Experiment: e, Weights: sessions.Copy(n), Model: p, Classes: p.Classes}, xs: p.In, ys: n.Summary().Out()}
	s := rng.New(5, rng.Data, 2, 0).Stream()
	for i := range n.Input() {
		n.Input()[i] = float32(s.Norm())
	}
	tr.x = slices.Clone(n.Input())
	tr.y = slices.Clone(n.Predict(trialRows))
	return tr
}

// alone is a network that has no data.
func alone(t *testing.T, name string, in nn.Shape, layers ...nn.Layer) *trial {
	t.Helper()
	e := sessions.New()
	e.Name, e.Model.Layers = name, layers
	s, err := nn.Summarize(layers, in)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return newTrial(t, name, &sessions.Prepared{Experiment: e, In: in, Summary: s}, true)
}

// variants are all kinds of layers with every choice of every setting, each on what it takes.
func variants(t *testing.T) []*trial {
	t.Helper()
	var out []*trial
	seen := map[string]bool{}
	for _, kind := range nn.Layers.Names() {
		for _, l := range nntest.Variants(t, kind) {
			for _, in := range []nn.Shape{{7, 6, 3}, {5, 4}, {9}} {
				if _, err := l.Plan(in); err != nil {
					continue
				}
				name := kind + " " + spec.Text(spec.Clone(l)) + " on " + in.String()
				if !seen[name] {
					seen[name] = true
					out = append(out, alone(t, name, in, l))
				}
			}
		}
	}
	return out
}

// model reads the layers of a network.
func model(t *testing.T, text string) []nn.Layer {
	t.Helper()
	e, err := sessions.ParseExperiment("", []byte("data: {source: line}\nmodel:\n  layers:\n"+text))
	if err != nil {
		t.Fatal(err)
	}
	return e.Model.Layers
}

// chains are layers whose exports depend on those around them.
func chains(t *testing.T) []*trial {
	t.Helper()
	var out []*trial
	for _, c := range []struct {
		name string
		in   nn.Shape
		text string
	}{
		{"flatten before dense, with layers between", nn.Shape{6, 5, 2}, `
    - conv2d: {filters: 4, kernel_size: 2, padding: same, strides: 2, activation: relu}
    - flatten
    - dropout: {rate: 0.5}
    - activation: {activation: selu}
    - leaky_relu
    - dense: {units: 3, activation: softmax}`},
		{"flatten before softmax", nn.Shape{6, 5, 2}, `
    - conv2d: {filters: 4, kernel_size: 2}
    - flatten
    - activation: {activation: softmax}
    - dense: {units: 3}`},
		{"flatten before batch normalisation", nn.Shape{4, 5, 2}, `
    - max_pooling2d: {pool_size: 2, padding: same}
    - flatten
    - batch_normalization
    - dense: {units: 3}`},
		{"flatten at the end", nn.Shape{4, 5, 2}, `
    - conv2d: {filters: 4, kernel_size: 2}
    - flatten`},
		{"a flatten of a vector", nn.Shape{5}, `
    - flatten
    - dense: {units: 2}
    - flatten`},
		{"softmax over channels", nn.Shape{4, 5, 2}, `
    - conv2d: {filters: 4, kernel_size: 2, activation: softmax}
    - batch_normalization: {epsilon: 0.01, momentum: 0.9}
    - activation: {activation: softmax}
    - average_pooling2d: {pool_size: [2, 3], padding: same, strides: 1}`},
		{"dense over channels between convolutions", nn.Shape{4, 5, 2}, `
    - conv2d: {filters: 4, kernel_size: 2, activation: elu}
    - dense: {units: 3, activation: softmax}
    - conv2d: {filters: 2, kernel_size: 2, dilation_rate: 2, padding: same}`},
		{"an image as a sequence", nn.Shape{4, 6, 2}, `
    - conv2d: {filters: 3, kernel_size: 3, padding: same}
    - reshape: {target_shape: [4, -1]}
    - lstm: {units: 5, return_sequences: true, activation: {elu: {alpha: 0.7}}}
    - batch_normalization
    - dropout: {rate: 0.1}
    - simple_rnn: {units: 4, activation: relu, return_sequences: true}
    - dense: {units: 3, activation: tanh}
    - reshape: {target_shape: [2, 2, 3]}
    - global_max_pooling2d: {keepdims: true}
    - conv2d: {filters: 2, kernel_size: 1}
    - global_average_pooling2d
    - dense: {units: 2, use_bias: false}`},
		{"nothing to compute", nn.Shape{3}, "    - dropout: {rate: 0.5}"},
		{"names that other programs do not take", nn.Shape{3}, `
    - dense: {units: 2, name: "höhe \"x\" / 1"}
    - dense: {units: 2, name: output}
    - dense: {units: 2, name: input, activation: {gelu: {approximate: true}}}
    - dense: {units: 2, name: input/gelu}`},
	} {
		out = append(out, alone(t, c.name, c.in, model(t, c.text)...))
	}
	return append(out, shorter(t))
}

// shorter is a network that was made for sequences of 6 steps, and sequences of 4, which it took here with padding.
func shorter(t *testing.T) *trial {
	t.Helper()
	tr := alone(t, "sequences that are shorter", nn.Shape{6, 3}, model(t, `
    - dense: {units: 4, activation: relu}
    - simple_rnn: {units: 4, return_sequences: true}
    - lstm: {units: 5, activation: softplus}
    - dense: {units: 2}`)...)
	n, err := tr.in.Model.Load(tr.in.Weights, 1)
	if err != nil {
		t.Fatal(err)
	}
	defer n.Close()
	tr.x, tr.xs = tr.x[:trialRows*4*3], nn.Shape{4, 3}
	clear(n.Input())
	for i := range trialRows {
		copy(n.Input()[i*18:], tr.x[i*12:(i+1)*12])
		n.Lengths()[i] = 4
	}
	tr.y = slices.Clone(n.Predict(trialRows))
	return tr
}

// presets are the experiments that come along, with the weights they start with.
func presets(t *testing.T) []*trial {
	t.Helper()
	var out []*trial
	for _, info := range sessions.Presets() {
		e, err := sessions.Preset(info.Name)
		if err != nil {
			t.Fatal(err)
		}
		p, err := sessions.Prepare(e, "")
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, newTrial(t, info.Name, p, false))
	}
	return out
}

// prepared is a network with everything that may be done to its samples before, and raw samples.
func prepared(t *testing.T) *trial {
	t.Helper()
	tr := alone(t, "normalisation inside", nn.Shape{5, 4, 3}, model(t, `
    - conv2d: {filters: 4, kernel_size: 2}
    - flatten
    - dense: {units: 3}`)...)
	scale := 1. / 255
	data := &tr.in.Experiment.Data
	data.Rescale = &scale
	data.Standardize = dataset.Standardize{SamplewiseCenter: true, SamplewiseStd: true, FeaturewiseCenter: true, FeaturewiseStd: true}
	tr.in.Model.Features = &dataset.Features{Mean: []float64{.1, -.2, .3}, Std: []float64{.9, .8, 1.1}}
	p, err := dataset.NewPreparation(*data, tr.in.Model.In)
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Use(*data, tr.in.Model.Features); err != nil {
		t.Fatal(err)
	}
	n, err := tr.in.Model.Load(tr.in.Weights, 1)
	if err != nil {
		t.Fatal(err)
	}
	defer n.Close()
	size := tr.in.Model.In.Size()
	tr.y = nil
	for i := range trialRows {
		pixels := make([]byte, size)
		for j := range pixels {
			pixels[j] = byte(37*i + 11*j)
			tr.x[i*size+j] = float32(pixels[j])
		}
		if err := p.Bytes(n.Input(), pixels); err != nil {
			t.Fatal(err)
		}
		tr.y = append(tr.y, n.Predict(1)...)
	}
	return tr
}

// job is what a client is asked to do: to open files and to compare what they predict for x with y, channels last.
type job struct {
	Name  string         `json:"name"`
	Path  string         `json:"path"` // of the export
	Data  string         `json:"data"` // an .npz with x and y
	First bool           `json:"first,omitempty"`
	More  map[string]any `json:"more,omitempty"`
}

// write exports a trial into a folder and describes what is to be done with it.
func (tr *trial) write(t *testing.T, dir, stem, format string, o Options) job {
	t.Helper()
	f, err := Lookup(format)
	if err != nil {
		t.Fatal(err)
	}
	in := *tr.in
	in.Options = o
	j := job{Name: format + " " + o.Layout + ": " + tr.name, Path: filepath.Join(dir, stem+o.Layout+f.Extension), Data: filepath.Join(dir, stem+o.Layout+".npz"), First: o.Layout == NCHW}
	if _, err := Write(t.Context(), format, j.Path, &in); err != nil {
		t.Fatalf("%s: %v", j.Name, err)
	}
	var b bytes.Buffer
	shape := func(s nn.Shape) []int { return append([]int{trialRows}, s...) }
	if err := npy.WriteZip(&b, []npy.Array{npy.F32("x", shape(tr.xs), tr.x), npy.F32("y", shape(tr.ys), tr.y)}); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(j.Data, b.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
	return j
}

// result is what a client found: how far its predictions are from ours, and what went wrong.
type result struct {
	Name  string  `json:"name"`
	What  string  `json:"what"` // onnxruntime
	Diff  float64 `json:"diff"`
	Error string  `json:"error"`
}

// tolerance is how far predictions may be apart, where the largest is more than 1: relative to that.
const tolerance = 1e-5

// client is a program that opens exports: a script of testdata and what runs it.
type client struct {
	program string
	script  string // absolute
	dir     string // where it runs; empty: anywhere
}

// find looks for a client before anything is made for it. Where it is missing the test is skipped, and fails in CI.
func find(t *testing.T, c client, env string, probe ...string) client {
	t.Helper()
	cmd := exec.Command(c.program, probe...)
	cmd.Dir = c.dir
	if out, err := cmd.CombinedOutput(); err != nil {
		lines := strings.Split(strings.TrimSpace(string(out)), "\n")
		message := fmt.Sprintf("no client: %s %s: %v: %s; %s names another", c.program, strings.Join(probe, " "), err, lines[len(lines)-1], env)
		if os.Getenv("CI_CLIENTS") == "1" {
			t.Fatal(message)
		}
		t.Skip(message)
	}
	script, err := filepath.Abs(filepath.Join("testdata", c.script))
	if err != nil {
		t.Fatal(err)
	}
	c.script = script
	return c
}

// python is the Python that CNNBENCH_PYTHON names, or python3, with the modules that a script of testdata needs; for
// PyTorch that of CNNBENCH_PYTHON_TORCH, if it is set.
func python(t *testing.T, script string, modules ...string) client {
	t.Helper()
	env := "CNNBENCH_PYTHON"
	if slices.Contains(modules, "torch") && os.Getenv(env+"_TORCH") != "" {
		env += "_TORCH"
	}
	program := cmp.Or(os.Getenv(env), "python3")
	return find(t, client{program: program, script: script}, env, "-c", "import "+strings.Join(modules, ", "))
}

// run lets the client do all jobs at once, as its start takes longest, and returns what it found.
func (c client) run(t *testing.T, jobs []job) []result {
	t.Helper()
	text, err := json.Marshal(jobs)
	if err != nil {
		t.Fatal(err)
	}
	list := filepath.Join(t.TempDir(), "jobs.json")
	if err := os.WriteFile(list, text, 0o644); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(c.program, c.script, list)
	cmd.Dir = c.dir
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s: %v\n%s", c.script, err, stderr.Bytes())
	}
	var results []result
	if err := json.Unmarshal(out, &results); err != nil {
		t.Fatalf("%s printed %.500s: %v", c.script, out, err)
	}
	return results
}

// agree fails for every result that is off, and where not every job was done.
func agree(t *testing.T, jobs []job, results []result) {
	t.Helper()
	worst := map[string]float64{}
	done := map[string]bool{}
	for _, r := range results {
		done[r.Name] = true
		if r.Error != "" || !(r.Diff <= tolerance) {
			t.Errorf("%s: %s: off by %.2g %s", r.Name, r.What, r.Diff, r.Error)
		}
		worst[r.What] = max(worst[r.What], r.Diff)
	}
	for _, j := range jobs {
		if !done[j.Name] {
			t.Errorf("%s was not opened", j.Name)
		}
	}
	t.Logf("%d exports, the largest differences %v", len(jobs), worst)
}
