package export

import (
	"cmp"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"cnnbench/nn"
	"cnnbench/sessions"
	"cnnbench/sessions/safetensors"
)

func TestONNXClients(t *testing.T) {
	c := python(t, "onnx_client.py", "onnx", "onnxruntime", "numpy")
	dir := t.TempDir()
	var jobs []job
	add := func(tr *trial, o Options) { jobs = append(jobs, tr.write(t, dir, fmt.Sprint(len(jobs)), "onnx", o)) }
	for _, tr := range append(append(variants(t), chains(t)...), presets(t)...) {
		add(tr, Options{})
		if len(tr.in.Model.In) == 3 {
			add(tr, Options{Layout: NCHW})
		}
	}
	for _, layout := range []string{"", NCHW} {
		tr := prepared(t)
		tr.in.Classes, tr.in.Experiment.Name = []string{"Käse", `"x"`, ""}, ""
		add(tr, Options{Layout: layout, Preprocess: true})
		jobs[len(jobs)-1].More = map[string]any{"class_names": `["Käse","\"x\"",""]`, "preprocessing": "inside",
			"input_layout": strings.ToUpper(cmp.Or(layout, NHWC))}
	}
	agree(t, jobs, c.run(t, jobs))
}

// ops lists the operations of a graph.
func ops(t *testing.T, tr *trial, o Options) string {
	t.Helper()
	in := *tr.in
	in.Options = o
	m, err := onnxModel(&in)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, n := range m.Graph.Nodes {
		names = append(names, n.Op)
	}
	return strings.Join(names, " ")
}

// Images are turned only where it is needed: once before the first layer that wants them otherwise, once back.
func TestONNXGraph(t *testing.T) {
	cnn := alone(t, "cnn", nn.Shape{6, 5, 2}, model(t, `
    - conv2d: {filters: 4, kernel_size: 3, activation: relu}
    - dropout: {rate: 0.2}
    - max_pooling2d
    - flatten
    - dense: {units: 3, activation: softmax}`)...)
	flat := alone(t, "flat", nn.Shape{6, 5, 2}, model(t, `
    - flatten
    - dense: {units: 3}`)...)
	for _, c := range []struct {
		tr   *trial
		o    Options
		want string
	}{
		{cnn, Options{}, "Transpose Conv Relu MaxPool Transpose Flatten Gemm Softmax"},
		{cnn, Options{Layout: NHWC}, "Transpose Conv Relu MaxPool Transpose Flatten Gemm Softmax"},
		{cnn, Options{Layout: NCHW}, "Conv Relu MaxPool Flatten Gemm Softmax"},
		{flat, Options{}, "Flatten Gemm"},
		{flat, Options{Layout: NCHW}, "Flatten Gemm"},
		{prepared(t), Options{Preprocess: true}, "Mul ReduceMean Sub Mul ReduceMean Sqrt Add Div Sub Mul Transpose Conv Transpose Flatten Gemm"},
	} {
		if got := ops(t, c.tr, c.o); got != c.want {
			t.Errorf("%s %+v: %s, want %s", c.tr.name, c.o, got, c.want)
		}
	}
}

func TestONNXMetadata(t *testing.T) {
	tr := prepared(t)
	tr.in.Classes = []string{"cat", `dog "x"`}
	m, err := onnxModel(tr.in)
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for _, p := range m.Metadata {
		got[p.Key] = p.Value
	}
	for key, want := range map[string]string{
		"class_names":   `["cat","dog \"x\""]`,
		"normalization": `{"scale":0.00392156862745098,"samplewise_center":true,"samplewise_std_normalization":true,"mean":[0.1,-0.2,0.3],"std":[0.900001,0.8000010000000001,1.100001]}`,
		"preprocessing": "outside", "input_layout": "NHWC", "epoch": "0",
	} {
		if got[key] != want {
			t.Errorf("%s is %s, want %s", key, got[key], want)
		}
	}
	if _, err := sessions.ParseExperiment("", []byte(got["train_config"])); err != nil && !strings.Contains(err.Error(), "source") {
		t.Error(err)
	}
}

func TestONNXRefused(t *testing.T) {
	vector := alone(t, "vector", nn.Shape{4}, model(t, "    - dense: {units: 3}")...)
	missing := *vector.in
	missing.Weights = &sessions.Weights{}
	other := *vector.in
	other.Weights = &sessions.Weights{Tensors: []safetensors.Tensor{safetensors.F32("dense.kernel", []int{1, 2}, []float32{1, 2})}}
	with := func(o Options) *Input {
		in := *vector.in
		in.Options = o
		return &in
	}
	for _, c := range []struct {
		format string
		in     *Input
		want   string
	}{
		{"onnx", with(Options{Layout: NCHW}), "the layout nchw is for networks that take pictures; this one takes (None, 4)"},
		{"onnx", with(Options{Layout: "hwc"}), `found layout "hwc", needs nhwc or nchw`},
		{"npz", with(Options{Preprocess: true}), "the format npz has neither a layout nor preprocessing to choose; onnx has"},
		{"onnx", &missing, "the weights have no dense.kernel"},
		{"onnx", &other, "the weight dense.kernel has the shape [1 2], needs [4 3]"},
	} {
		if _, err := Write(t.Context(), c.format, filepath.Join(t.TempDir(), "m"), c.in); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", c.format, err, c.want)
		}
	}
}
