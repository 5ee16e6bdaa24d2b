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

func TestContractLanes(t *testing.T) { nntest.ContractOf(t, "conv2d", "lanes") }

// TestGoldenLanes is TestGolden for convolutions with images side by side.
func TestGoldenLanes(t *testing.T) {
	golden.Each(t, "testdata/*conv2d*.safetensors", 16, func(t *testing.T, f golden.File) { asComputed(t, f, "lanes") })
}

// lanesNets are convolutions with a pooling after them and without one.
var lanesNets = []string{
	`layers:
- conv2d: {filters: 6, kernel_size: 5, padding: same, activation: relu}
- max_pooling2d
- conv2d: {filters: 7, kernel_size: 3, activation: relu, use_bias: false}
- max_pooling2d: {padding: same}
- flatten
- dense: {units: 4, activation: softmax}`,
	`layers:
- conv2d: {filters: 4, kernel_size: [2, 3], trainable: false, activation: relu}
- max_pooling2d
- conv2d: {filters: 5, kernel_size: 3, padding: same, activation: gelu}
- conv2d: {filters: 3, kernel_size: [3, 2]}
- max_pooling2d`,
	`layers:
- batch_normalization
- conv2d: {filters: 8, kernel_size: 3, padding: same, activation: linear, trainable: false}
- max_pooling2d
- conv2d: {filters: 9, kernel_size: 1, activation: softmax}
- conv2d: {filters: 6, kernel_size: 2, activation: relu}
- max_pooling2d: {strides: 1}`,
}

// lanesPass gives a network's output in training, then all gradients.
func lanesPass(t *testing.T, text string, in nn.Shape, convolution string, rows, threads int, inputGradient bool) [][]float32 {
	t.Helper()
	o := &nn.Objective{Loss: &loss.MeanSquaredError{}, Target: loss.Values, Optimizer: &optim.SGD{LearningRate: optim.Rate{Value: .01}}}
	n, err := nn.Build(&nn.Model{Layers: decode(t, text)}, in, nn.Config{Batch: rows + 3, Seed: 3, Threads: threads, InputGradient: inputGradient, Convolution: convolution, Objective: o})
	if err != nil {
		t.Fatal(err)
	}
	defer n.Close()
	s := rng.New(1, rng.Data, 0, 0).Stream()
	// Another pass first, of more rows, so that the memory is not all 0.
	var out [][]float32
	for _, rows := range []int{rows + 3, rows} {
		for i := range n.Input() {
			n.Input()[i] = float32(s.Norm())
		}
		n.Forward(rows, true, 0)
		for i := range n.OutputGradient() {
			n.OutputGradient()[i] = float32(s.Norm())
		}
		out = [][]float32{slices.Clone(n.Output()[:rows*n.Summary().Out().Size()])}
		n.Backward()
		if inputGradient {
			out = append(out, slices.Clone(n.InputGradient()[:rows*in.Size()]))
		}
		for _, w := range n.Weights() {
			out = append(out, slices.Clone(w.Gradient))
		}
	}
	return out
}

// TestLanesAgainstIm2col: with images side by side the output has the same bits as im2col's, and the gradients are the
// same up to rounding, for whole and partial blocks, for sizes that the pooling does not divide, and for batches of more
// blocks than shards.
func TestLanesAgainstIm2col(t *testing.T) {
	for _, text := range lanesNets {
		for _, in := range []nn.Shape{{12, 12, 1}, {11, 14, 3}, {17, 13, 8}} {
			for _, rows := range []int{1, 7, 8, 21, 150} {
				for _, inputGradient := range []bool{false, true} {
					if rows == 150 && in[2] != 1 {
						continue
					}
					want, got := lanesPass(t, text, in, "im2col", rows, 2, inputGradient), lanesPass(t, text, in, "lanes", rows, 2, inputGradient)
					if !slices.Equal(got[0], want[0]) {
						t.Errorf("%s\n%v, %d rows: the output has other bits", text, in, rows)
					}
					for i, w := range want[1:] {
						if r := golden.Relative(got[i+1], w); !(r <= 2e-5) {
							t.Errorf("%s\n%v, %d rows, input gradient %v: gradient %d is off by %.2g", text, in, rows, inputGradient, i, r)
						}
					}
				}
			}
		}
	}
}

// TestLanesBits: no bit depends on the kernels or on the number of workers.
func TestLanesBits(t *testing.T) {
	defer kernel.Use("")
	for _, text := range lanesNets {
		var want [][]float32
		for _, isa := range kernel.ISAs() {
			if isa == "gonum" { // its products have other bits
				continue
			}
			if err := kernel.Use(isa); err != nil {
				t.Fatal(err)
			}
			for _, threads := range []int{1, 2, 3, 8} {
				got := lanesPass(t, text, nn.Shape{11, 14, 3}, "lanes", 21, threads, true)
				if want == nil {
					want = got
				}
				for i := range want {
					for j, v := range want[i] {
						if math.Float32bits(v) != math.Float32bits(got[i][j]) {
							t.Fatalf("%s\n%s with %d workers: result %d, element %d is %v, want %v", text, isa, threads, i, j, got[i][j], v)
						}
					}
				}
			}
		}
	}
}

// TestLanesTrains: trainings either way stay together, a step allocates nothing, and an inference between them hands on
// every layer's output.
func TestLanesTrains(t *testing.T) {
	adam, _ := optim.Family.Lookup("adam")
	train := func(convolution string) [][]float32 {
		n, err := nn.Build(&nn.Model{Layers: decode(t, lanesNets[0])}, nn.Shape{13, 12, 1}, nn.Config{Batch: 12, Seed: 5, Threads: 2, Convolution: convolution,
			Objective: &nn.Objective{Loss: &loss.CategoricalCrossentropy{}, Target: loss.OneHot, Optimizer: adam.New().(optim.Optimizer)}})
		if err != nil {
			t.Fatal(err)
		}
		defer n.Close()
		s := rng.New(2, rng.Data, 0, 0).Stream()
		for i := range n.Input() {
			n.Input()[i] = float32(s.Norm())
		}
		for r := range 12 {
			n.Targets()[r*n.Columns()+r%n.Columns()] = 1
		}
		if a := allocates(func() { n.Step(12, nil) }); a != 0 {
			t.Errorf("a step allocates %v times", a)
		}
		var out [][]float32
		n.Predict(12)
		for i := range lanesLayers {
			v, _ := n.Activation(i)
			out = append(out, slices.Clone(v))
		}
		return out
	}
	want, got := train("im2col"), train("lanes")
	for i := range want {
		for j, w := range want[i] {
			if math.Abs(float64(got[i][j]-w)) > 1e-4 {
				t.Fatalf("layer %d, output %d is %v, by im2col %v", i, j, got[i][j], w)
			}
		}
		if slices.Max(want[i]) <= 0 {
			t.Errorf("layer %d hands on nothing, so this shows nothing", i)
		}
	}
}

const lanesLayers = 6 // of the first network

// TestLanesSmallBatch: auto leaves batches of less than half a block to im2col.
func TestLanesSmallBatch(t *testing.T) {
	text := "layers: [{conv2d: {filters: 6, kernel_size: 5, activation: relu}}, max_pooling2d]"
	for rows, want := range map[int]string{3: "im2col", 4: "lanes"} {
		for i, got := range results(t, text, nn.Shape{12, 12, 1}, "auto", rows, 1) {
			if !slices.Equal(got, results(t, text, nn.Shape{12, 12, 1}, want, rows, 1)[i]) {
				t.Errorf("batches of %d: auto does not give what %s gives", rows, want)
			}
		}
	}
}

// TestLanesInference: images inferred side by side hand on the same bits, layer by layer, as by im2col.
func TestLanesInference(t *testing.T) {
	for _, text := range lanesNets {
		layers := decode(t, text)
		infer := func(convolution string) [][]float32 {
			n, err := nn.Build(&nn.Model{Layers: layers}, nn.Shape{11, 14, 3}, nn.Config{Batch: 21, Seed: 7, Threads: 2, Convolution: convolution})
			if err != nil {
				t.Fatal(err)
			}
			defer n.Close()
			s := rng.New(2, rng.Data, 0, 0).Stream()
			for i := range n.Input() {
				n.Input()[i] = float32(s.Norm())
			}
			n.Predict(21)
			var out [][]float32
			for i := range layers {
				v, _ := n.Activation(i)
				out = append(out, slices.Clone(v))
			}
			return out
		}
		want, got := infer("im2col"), infer("lanes")
		for i := range want {
			for j, w := range want[i] {
				if math.Float32bits(got[i][j]) != math.Float32bits(w) {
					t.Fatalf("%s\nlayer %d, output %d is %v, by im2col %v", text, i, j, got[i][j], w)
				}
			}
		}
	}
}

// TestLanesRule: auto chooses by the layer, and what it chooses is what runs.
func TestLanesRule(t *testing.T) {
	for _, c := range []struct {
		layers string
		in     nn.Shape
		want   string
	}{
		{"conv2d: {filters: 6, kernel_size: 5, activation: relu}}, max_pooling2d", nn.Shape{12, 12, 1}, "lanes"},
		{"conv2d: {filters: 6, kernel_size: 5, activation: relu}}, {max_pooling2d: {pool_size: 3}}", nn.Shape{12, 12, 1}, "lanes"},
		{"conv2d: {filters: 6, kernel_size: 5, activation: tanh}}, max_pooling2d", nn.Shape{12, 12, 1}, "lanes"},
		{"conv2d: {filters: 16, kernel_size: 5}}, max_pooling2d", nn.Shape{12, 12, 6}, "lanes"},
		{"conv2d: {filters: 40, kernel_size: 3}}, max_pooling2d", nn.Shape{12, 12, 32}, "winograd"},
		{"conv2d: {filters: 40, kernel_size: 5}}, max_pooling2d", nn.Shape{12, 12, 13}, "im2col"},
		{"conv2d: {filters: 12, kernel_size: 5}}, max_pooling2d", nn.Shape{12, 12, 40}, "lanes"},
		{"conv2d: {filters: 240, kernel_size: 3}}, max_pooling2d", nn.Shape{6, 6, 8}, "im2col"},
		{"conv2d: {filters: 40, kernel_size: 2}}, max_pooling2d", nn.Shape{160, 160, 3}, "im2col"},
		{"conv2d: {filters: 6, kernel_size: 1}}, max_pooling2d", nn.Shape{12, 12, 3}, "im2col"},
		{"conv2d: {filters: 16, kernel_size: 3}}, max_pooling2d", nn.Shape{12, 12, 3}, "lanes"},
		{"conv2d: {filters: 16, kernel_size: 3}}, {max_pooling2d: {strides: 1}}", nn.Shape{12, 12, 3}, "im2col"},
		{"conv2d: {filters: 16, kernel_size: 3}}, {max_pooling2d: {strides: 1}}", nn.Shape{12, 12, 6}, "lanes"},
		{"conv2d: {filters: 6, kernel_size: 5, strides: 2}}, max_pooling2d", nn.Shape{12, 12, 1}, "im2col"},
		{"conv2d: {filters: 6, kernel_size: 3, dilation_rate: 2}}, max_pooling2d", nn.Shape{12, 12, 1}, "im2col"},
	} {
		text := "layers: [{" + c.layers + "]"
		want := fmt.Sprint(lanesPass(t, text, c.in, c.want, 5, 1, true))
		for _, convolution := range []string{"", "auto"} {
			if fmt.Sprint(lanesPass(t, text, c.in, convolution, 5, 1, true)) != want {
				t.Errorf("%s on %v: %q does not give what %s gives", c.layers, c.in, convolution, c.want)
			}
		}
		if c.want == "lanes" && fmt.Sprint(lanesPass(t, text, c.in, "im2col", 5, 1, true)) == want {
			t.Errorf("%s on %v: im2col gives the same bits, so this shows nothing", c.layers, c.in)
		}
	}
}
