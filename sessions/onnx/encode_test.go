package onnx

import (
	"bytes"
	"math"
	"os"
	"strings"
	"testing"
)

func row(name string, dims ...Dim) Value { return Value{Name: name, Dims: dims} }

// small is the model of testdata/small.py.
func small() *Model {
	n := Dim{Name: "N"}
	pair := func(names ...string) (out []Value) {
		for _, name := range names {
			out = append(out, row(name, n, Dim{Size: 2}))
		}
		return out
	}
	body := &Graph{Name: "body", Nodes: []Node{
		{Name: "h2", Op: "Add", Inputs: []string{"h", "x"}, Outputs: []string{"h2"}},
		{Name: "y", Op: "Identity", Inputs: []string{"h2"}, Outputs: []string{"y"}},
	}, Inputs: pair("h", "x"), Outputs: pair("h2", "y")}
	return &Model{Producer: "cnnbench", ProducerVersion: "1", Doc: "a text", Metadata: []Property{{"class_names", `["Käse"]`}, {"empty", ""}}, Graph: Graph{
		Name: "small",
		Nodes: []Node{
			{Name: "a", Op: "Gemm", Inputs: []string{"input", "w", ""}, Outputs: []string{"a"}, Attributes: []Attribute{{"alpha", float32(.5)}, {"transB", int64(1)}}},
			{Name: "b", Op: "RNN", Inputs: []string{"a"}, Outputs: []string{"b", "c"}, Attributes: []Attribute{{"activations", []string{"Tanh", ""}}}},
			{Name: "d", Op: "Scan", Inputs: []string{"b", "c"}, Outputs: []string{"d", "output"}, Attributes: []Attribute{{"body", body}, {"num_scan_inputs", int64(1)}}},
			{Name: "e", Op: "Transpose", Inputs: []string{"d"}, Outputs: []string{"e"}, Attributes: []Attribute{{"perm", []int64{0, -1, 300}}}},
		},
		Initializers: []Tensor{
			{Name: "w", Dims: []int64{2, 3}, Floats: []float32{1, float32(math.Copysign(0, -1)), 1e-40, float32(math.Inf(1)), math.Float32frombits(0x7fc00000), 2}},
			{Name: "s", Floats: []float32{.25}},
			{Name: "i", Dims: []int64{2}, Ints: []int64{-1, 1 << 40}},
		},
		Inputs:  []Value{row("input", n, Dim{Size: 3})},
		Outputs: []Value{row("output")},
	}}
}

// The bytes are those that onnx's own Python package writes of the same model.
func TestEncode(t *testing.T) {
	want, err := os.ReadFile("testdata/small.onnx")
	if err != nil {
		t.Fatal(err)
	}
	got, err := Encode(small())
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		at := 0
		for at < min(len(got), len(want)) && got[at] == want[at] {
			at++
		}
		t.Errorf("%d bytes, want %d; they differ from byte %d on:\n%q\nwant\n%q", len(got), len(want), at, got[at:], want[at:])
	}
}

func TestTooLarge(t *testing.T) {
	m := &Model{}
	one := make([]float32, 1<<20)
	for range 512 {
		m.Graph.Initializers = append(m.Graph.Initializers, Tensor{Name: "w", Floats: one})
	}
	if _, err := Encode(m); err == nil || !strings.Contains(err.Error(), "2 GB") {
		t.Errorf("a model of 2 GiB gives %v", err)
	}
}
