package nn_test

import (
	"flag"
	"testing"

	"cnnbench/nn"
	"cnnbench/nn/loss"
	"cnnbench/nn/optim"
	"cnnbench/rng"
)

// networks are the reference networks whose steps are measured.
var networks = []struct {
	name   string
	in     nn.Shape
	layers string
}{
	{"lecture-cnn", nn.Shape{24, 24, 3}, `layers:
- conv2d: {filters: 32, kernel_size: 3, activation: relu}
- conv2d: {filters: 64, kernel_size: 3, activation: relu}
- dropout: {rate: 0.2}
- max_pooling2d
- flatten
- dense: {units: 128, activation: relu}
- dense: {units: 3, activation: softmax}`},
	{"lenet5", nn.Shape{28, 28, 1}, `layers:
- conv2d: {filters: 6, kernel_size: 5, padding: same, activation: relu}
- max_pooling2d
- conv2d: {filters: 16, kernel_size: 5, activation: relu}
- max_pooling2d
- flatten
- dense: {units: 120, activation: relu}
- dense: {units: 84, activation: relu}
- dense: {units: 10, activation: softmax}`},
	{"keras-mnist", nn.Shape{28, 28, 1}, `layers:
- conv2d: {filters: 32, kernel_size: 3, activation: relu}
- conv2d: {filters: 64, kernel_size: 3, activation: relu}
- max_pooling2d
- dropout: {rate: 0.25}
- flatten
- dense: {units: 128, activation: relu}
- dropout: {rate: 0.5}
- dense: {units: 10, activation: softmax}`},
	{"vgg-small", nn.Shape{32, 32, 3}, `layers:
- conv2d: {filters: 32, kernel_size: 3, padding: same, activation: relu}
- conv2d: {filters: 32, kernel_size: 3, padding: same, activation: relu}
- max_pooling2d
- conv2d: {filters: 64, kernel_size: 3, padding: same, activation: relu}
- conv2d: {filters: 64, kernel_size: 3, padding: same, activation: relu}
- max_pooling2d
- conv2d: {filters: 128, kernel_size: 3, padding: same, activation: relu}
- conv2d: {filters: 128, kernel_size: 3, padding: same, activation: relu}
- max_pooling2d
- flatten
- dense: {units: 128, activation: relu}
- dense: {units: 10, activation: softmax}`},
	{"mlp", nn.Shape{784}, `layers:
- dense: {units: 512, activation: relu}
- dense: {units: 512, activation: relu}
- dense: {units: 10, activation: softmax}`},
	{"bn-net", nn.Shape{32, 32, 3}, `layers:
- conv2d: {filters: 16, kernel_size: 3, padding: same, use_bias: false}
- batch_normalization
- activation: {activation: relu}
- max_pooling2d
- conv2d: {filters: 32, kernel_size: 3, padding: same, use_bias: false}
- batch_normalization
- activation: {activation: relu}
- max_pooling2d
- conv2d: {filters: 64, kernel_size: 3, padding: same, use_bias: false}
- batch_normalization
- activation: {activation: relu}
- max_pooling2d
- global_average_pooling2d
- dense: {units: 10, activation: softmax}`},
	{"lstm-rows", nn.Shape{28, 28}, `layers:
- lstm: {units: 64}
- dense: {units: 10, activation: softmax}`},
}

var convolution = flag.String("convolution", "auto", "how the benchmarks compute convolutions: auto, im2col, winograd or lanes")

// BenchmarkStep measures whole training steps on batches of 32 in memory.
func BenchmarkStep(b *testing.B) {
	adam, _ := optim.Family.Lookup("adam")
	for _, c := range networks {
		b.Run(c.name, func(b *testing.B) {
			n, err := nn.Build(&nn.Model{Layers: decode(b, c.layers)}, c.in, nn.Config{Batch: 32, Convolution: *convolution,
				Objective: &nn.Objective{Loss: &loss.CategoricalCrossentropy{}, Target: loss.OneHot, Optimizer: adam.New().(optim.Optimizer)}})
			if err != nil {
				b.Fatal(err)
			}
			defer n.Close()
			s := rng.New(1, rng.Data, 0, 0).Stream()
			for i := range n.Input() {
				n.Input()[i] = float32(s.Float64())
			}
			for r := range 32 {
				n.Targets()[r*n.Columns()+r%n.Columns()] = 1
			}
			for b.Loop() {
				n.Step(32, nil)
			}
			b.ReportMetric(32*float64(b.N)/b.Elapsed().Seconds(), "images/s")
		})
	}
}
