package nn

import (
	"fmt"
	"math"
	"testing"

	"cnnbench/nn/kernel"
	"cnnbench/rng"
	"cnnbench/spec"
)

// TestConvolutionsWithoutIm2col have the bits of those with it: in training, also in several shards, and of gradients.
func TestConvolutionsWithoutIm2col(t *testing.T) {
	if !kernel.Chained() {
		t.Skip("products are stock gonum's")
	}
	defer kernel.Use("")
	relu, gelu := &Relu{}, &Gelu{}
	cases := []struct {
		in    Shape
		layer Conv2D
	}{
		{Shape{24, 24, 3}, Conv2D{Filters: 32, KernelSize: spec.Square(3), Padding: "valid", Activation: relu, UseBias: true}},
		{Shape{12, 13, 32}, Conv2D{Filters: 48, KernelSize: spec.Square(3), Padding: "same", Activation: relu, UseBias: true}},
		{Shape{9, 9, 5}, Conv2D{Filters: 7, KernelSize: spec.Pair{4, 2}, Padding: "same", Activation: gelu}},
		{Shape{11, 9, 5}, Conv2D{Filters: 20, KernelSize: spec.Square(3), Padding: "same", Strides: spec.Square(2), Activation: relu, UseBias: true}},
		{Shape{11, 9, 5}, Conv2D{Filters: 20, KernelSize: spec.Square(3), Padding: "valid", DilationRate: spec.Pair{2, 3}, UseBias: true}},
		{Shape{6, 6, 40}, Conv2D{Filters: 18, KernelSize: spec.Square(1), Padding: "valid", Activation: relu, UseBias: true}},
		{Shape{6, 6, 3}, Conv2D{Filters: 18, KernelSize: spec.Square(1), Padding: "valid", Activation: relu}},
		{Shape{10, 8, 16}, Conv2D{Filters: 33, KernelSize: spec.Square(5), Padding: "same", Activation: relu}},
	}
	for _, c := range cases {
		t.Run(fmt.Sprint(c.in, c.layer.Filters), func(t *testing.T) {
			l := c.layer
			l.Common.Trainable = l.Filters != 33
			if l.Strides == (spec.Pair{}) {
				l.Strides = spec.Square(1)
			}
			if l.DilationRate == (spec.Pair{}) {
				l.DilationRate = spec.Square(1)
			}
			l.KernelInitializer, l.BiasInitializer = &GlorotUniform{}, &GlorotUniform{}
			run := func(isa string) map[string][]float32 {
				if err := kernel.Use(isa); err != nil {
					t.Fatal(err)
				}
				n, err := Build(&Model{Layers: []Layer{&l}}, c.in, Config{Batch: 19, Threads: 2, InputGradient: true, Convolution: convIm2col})
				if err != nil {
					t.Fatal(err)
				}
				defer n.Close()
				if o, ok := n.ops[0].(*conv2d); ok { // built as for other kernels
					o.turned = !o.plain && turnedWindow(o.g)
				}
				kernel.Use("")
				s := rng.New(1, rng.Data, 0, 0).Stream()
				for _, x := range [][]float32{n.Input(), n.OutputGradient()} {
					for i := range x {
						x[i] = float32(s.Norm())
					}
				}
				// What is not finite shows which zeros around the image count.
				n.Weights()[0].Data[5] = float32(math.Inf(1))
				n.Forward(19, true, 0)
				n.Backward()
				out := map[string][]float32{"output": n.Output(), "input gradient": n.InputGradient()}
				for _, w := range n.Weights() {
					if w.Gradient != nil {
						out[w.Name] = w.Gradient
					}
				}
				return out
			}
			want, got := run("gonum"), run("")
			if len(got) < 2 || len(got) != len(want) {
				t.Fatalf("%d results, want %d", len(got), len(want))
			}
			for name, w := range want {
				for i, v := range got[name] {
					if math.Float32bits(v) != math.Float32bits(w[i]) && (v == v || w[i] == w[i]) {
						t.Fatalf("%s: element %d is %v, want %v", name, i, v, w[i])
					}
				}
			}
		})
	}
}

// TestWindowFarApart: a window whose cells lie far beyond the image is computed without the zeros between.
func TestWindowFarApart(t *testing.T) {
	l := &Conv2D{Common: common(), Filters: 4, KernelSize: spec.Square(5), Strides: spec.Square(1), Padding: "same", DilationRate: spec.Square(4096), UseBias: true,
		KernelInitializer: &GlorotUniform{}, BiasInitializer: &Zeros{}}
	n, err := Build(&Model{Layers: []Layer{l}}, Shape{28, 28, 1}, Config{Batch: 2, Threads: 2, InputGradient: true})
	if err != nil {
		t.Fatal(err)
	}
	defer n.Close()
	if n.Bytes() > 1<<24 {
		t.Errorf("%d bytes", n.Bytes())
	}
	n.Input()[28*14+3] = 2
	n.Forward(2, true, 0)
	if got, want := n.Output()[(28*14+3)*4], 2*n.Weights()[0].Data[(2*5+2)*4]; got != want { // only the middle cell is inside
		t.Errorf("the output is %v, want %v", got, want)
	}
	n.Backward()
}
