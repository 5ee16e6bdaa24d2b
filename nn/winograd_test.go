package nn_test

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"cnnbench/nn"
	"cnnbench/nn/golden"
	"cnnbench/nn/kernel"
	"cnnbench/nn/loss"
	"cnnbench/nn/nntest"
	"cnnbench/nn/optim"
	"cnnbench/rng"
)

func TestContractWinograd(t *testing.T) { nntest.ContractOf(t, "conv2d", "winograd") }

// winogradNet is two convolutions, so that the second has an input gradient to hand on, and a head.
const winogradNet = `layers:
- conv2d: {filters: %d, kernel_size: 3, padding: %s, activation: %s}
- conv2d: {filters: %d, kernel_size: 3, padding: %s, activation: relu}
- global_average_pooling2d
- dense: {units: 3, activation: softmax}`

// results are a network's output and all gradients after one pass on drawn samples.
func results(t *testing.T, text string, in nn.Shape, convolution string, rows, threads int) [][]float32 {
	t.Helper()
	n, err := nn.Build(&nn.Model{Layers: decode(t, text)}, in, nn.Config{Batch: rows, Seed: 3, Threads: threads, InputGradient: true, Convolution: convolution})
	if err != nil {
		t.Fatal(err)
	}
	defer n.Close()
	s := rng.New(1, rng.Data, 0, 0).Stream()
	for i := range n.Input() {
		n.Input()[i] = float32(s.Norm())
	}
	n.Forward(rows, true, 0)
	for i := range n.OutputGradient() {
		n.OutputGradient()[i] = float32(s.Norm())
	}
	out := [][]float32{append([]float32{}, n.Output()...)}
	n.Backward()
	out = append(out, append([]float32{}, n.InputGradient()...))
	for _, w := range n.Weights() {
		out = append(out, append([]float32{}, w.Gradient...))
	}
	return out
}

// TestWinogradAgainstIm2col: both algorithms give the same output and gradients up to rounding, for every way in which
// the tiles can reach beyond the image, and blocks of tiles beyond an image.
func TestWinogradAgainstIm2col(t *testing.T) {
	for _, padding := range []string{"same", "valid"} {
		for _, c := range []struct {
			in   nn.Shape
			rows int
		}{{nn.Shape{5, 5, 16}, 7}, {nn.Shape{6, 9, 17}, 7}, {nn.Shape{11, 8, 24}, 7}, {nn.Shape{16, 16, 32}, 7}, {nn.Shape{8, 8, 72}, 75}, {nn.Shape{50, 45, 8}, 3}} {
			in := c.in
			text := fmt.Sprintf(winogradNet, 32, padding, "gelu", 20, padding)
			want, got := results(t, text, in, "im2col", c.rows, 2), results(t, text, in, "winograd", c.rows, 2)
			for i, w := range want {
				if r := golden.Relative(got[i], w); !(r <= 1e-5) {
					t.Errorf("%v, padding %s: result %d is off by %.2g", in, padding, i, r)
				}
			}
		}
	}
}

// TestWinogradBits: no bit depends on the kernels or on the number of workers.
func TestWinogradBits(t *testing.T) {
	defer kernel.Use("")
	text := fmt.Sprintf(winogradNet, 16, "same", "tanh", 24, "valid")
	for _, c := range []struct {
		in   nn.Shape
		rows int
	}{{nn.Shape{9, 10, 16}, 11}, {nn.Shape{5, 6, 144}, 40}} { // by shards, and by points in rounds
		var want [][]float32
		for _, isa := range kernel.ISAs() {
			if isa == "gonum" { // its products have other bits
				continue
			}
			if err := kernel.Use(isa); err != nil {
				t.Fatal(err)
			}
			for _, threads := range []int{1, 2, 3, 8} {
				got := results(t, text, c.in, "winograd", c.rows, threads)
				if want == nil {
					want = got
				}
				for i := range want {
					for j, v := range want[i] {
						if math.Float32bits(v) != math.Float32bits(got[i][j]) {
							t.Fatalf("%v on %s with %d workers: result %d, element %d is %v, want %v", c.in, isa, threads, i, j, got[i][j], v)
						}
					}
				}
			}
		}
	}
}

// TestWinogradTrains: from the same weights, trainings by either algorithm stay together.
func TestWinogradTrains(t *testing.T) {
	adam, _ := optim.Family.Lookup("adam")
	text := fmt.Sprintf(winogradNet, 16, "same", "relu", 16, "same")
	train := func(convolution string) []float64 {
		n, err := nn.Build(&nn.Model{Layers: decode(t, text)}, nn.Shape{12, 12, 16}, nn.Config{Batch: 8, Seed: 5, Convolution: convolution,
			Objective: &nn.Objective{Loss: &loss.CategoricalCrossentropy{}, Target: loss.OneHot, Optimizer: adam.New().(optim.Optimizer)}})
		if err != nil {
			t.Fatal(err)
		}
		defer n.Close()
		s := rng.New(2, rng.Data, 0, 0).Stream()
		for i := range n.Input() {
			n.Input()[i] = float32(s.Norm())
		}
		for r := range 8 {
			n.Targets()[r*n.Columns()+r%n.Columns()] = 1
		}
		var out []float64
		for range 20 {
			n.Step(8, nil)
		}
		n.Forward(8, false, 0)
		for _, v := range n.Output() {
			out = append(out, float64(v))
		}
		return out
	}
	want, got := train("im2col"), train("winograd")
	for i, w := range want {
		if math.Abs(got[i]-w) > 1e-4 {
			t.Errorf("output %d is %v, by im2col %v", i, got[i], w)
		}
	}
}

// TestWinogradRule: auto chooses by the layer, and what it chooses is what runs.
func TestWinogradRule(t *testing.T) {
	for _, c := range []struct {
		layer string
		in    nn.Shape
		want  string
	}{
		{"filters: 32, kernel_size: 3", nn.Shape{8, 8, 32}, "winograd"},
		{"filters: 40, kernel_size: 3, padding: same, activation: relu", nn.Shape{7, 7, 32}, "winograd"},
		{"filters: 40, kernel_size: 3, padding: same, activation: tanh", nn.Shape{7, 7, 32}, "im2col"},
		{"filters: 16, kernel_size: 3, padding: same", nn.Shape{8, 8, 16}, "winograd"},
		{"filters: 24, kernel_size: 3", nn.Shape{8, 8, 32}, "im2col"},
		{"filters: 32, kernel_size: 3", nn.Shape{8, 8, 32}, "winograd"},
		{"filters: 31, kernel_size: 3", nn.Shape{8, 8, 32}, "im2col"},
		{"filters: 8, kernel_size: 3", nn.Shape{10, 10, 32}, "im2col"},
		{"filters: 36, kernel_size: 3", nn.Shape{8, 8, 32}, "im2col"},
		{"filters: 32, kernel_size: 3", nn.Shape{8, 8, 3}, "im2col"},
		{"filters: 32, kernel_size: 3, padding: same", nn.Shape{5, 5, 32}, "im2col"},
		{"filters: 256, kernel_size: 3, padding: same", nn.Shape{4, 4, 128}, "im2col"},
		{"filters: 32, kernel_size: 3, strides: 2", nn.Shape{16, 16, 32}, "im2col"},
		{"filters: 32, kernel_size: 3, dilation_rate: 2", nn.Shape{16, 16, 32}, "im2col"},
		{"filters: 32, kernel_size: 5", nn.Shape{16, 16, 32}, "im2col"},
	} {
		text := "layers:\n- conv2d: {" + c.layer + "}"
		want := results(t, text, c.in, c.want, 2, 1)
		for _, convolution := range []string{"", "auto"} {
			for i, got := range results(t, text, c.in, convolution, 2, 1) {
				for j, v := range got {
					if v != want[i][j] {
						t.Fatalf("%s on %v: %q does not give what %s gives", c.layer, c.in, convolution, c.want)
					}
				}
			}
		}
		if c.want == "winograd" && slices.Equal(results(t, text, c.in, "im2col", 2, 1)[0], want[0]) {
			t.Errorf("%s on %v: im2col gives the same bits, so this shows nothing", c.layer, c.in)
		}
	}
}
