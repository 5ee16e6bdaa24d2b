package nn_test

import (
	"testing"

	"cnnbench/nn"
	"cnnbench/rng"
)

// between are the layers between the convolutions of the reference networks.
var between = []struct {
	name   string
	in     nn.Shape
	layers string
}{
	{"batch_normalization-32x32x16", nn.Shape{32, 32, 16}, "layers: [batch_normalization]"},
	{"batch_normalization-16x16x32", nn.Shape{16, 16, 32}, "layers: [batch_normalization]"},
	{"batch_normalization-8x8x64", nn.Shape{8, 8, 64}, "layers: [batch_normalization]"},
	{"relu-32x32x16", nn.Shape{32, 32, 16}, "layers: [{activation: {activation: relu}}]"},
	{"max_pooling2d-32x32x16", nn.Shape{32, 32, 16}, "layers: [max_pooling2d]"},
	{"max_pooling2d-28x28x6", nn.Shape{28, 28, 6}, "layers: [max_pooling2d]"},
	{"max_pooling2d-32x32x32", nn.Shape{32, 32, 32}, "layers: [max_pooling2d]"},
	{"max_pooling2d-16x16x64", nn.Shape{16, 16, 64}, "layers: [max_pooling2d]"},
	{"max_pooling2d-8x8x128", nn.Shape{8, 8, 128}, "layers: [max_pooling2d]"},
	{"max_pooling2d-3x3-32x32x32", nn.Shape{32, 32, 32}, "layers: [{max_pooling2d: {pool_size: 3, strides: 2, padding: same}}]"},
	{"average_pooling2d-32x32x32", nn.Shape{32, 32, 32}, "layers: [average_pooling2d]"},
	{"global_average_pooling2d-4x4x64", nn.Shape{4, 4, 64}, "layers: [global_average_pooling2d]"},
	{"global_max_pooling2d-8x8x64", nn.Shape{8, 8, 64}, "layers: [global_max_pooling2d]"},
	{"dropout-20x20x64", nn.Shape{20, 20, 64}, "layers: [{dropout: {rate: 0.2}}]"},
	{"softmax-10", nn.Shape{10}, "layers: [{activation: {activation: softmax}}]"},
	{"lecture-cnn", nn.Shape{20, 20, 64}, "layers: [{dropout: {rate: 0.2}}, max_pooling2d]"},
	{"bn-net-1", nn.Shape{32, 32, 16}, "layers: [batch_normalization, {activation: {activation: relu}}, max_pooling2d]"},
	{"bn-net-2", nn.Shape{16, 16, 32}, "layers: [batch_normalization, {activation: {activation: relu}}, max_pooling2d]"},
	{"bn-net-3", nn.Shape{8, 8, 64}, "layers: [batch_normalization, {activation: {activation: relu}}, max_pooling2d, global_average_pooling2d]"},
}

// BenchmarkLayer measures the passes of layers without products on batches of 32.
func BenchmarkLayer(b *testing.B) {
	for _, c := range between {
		n, err := nn.Build(&nn.Model{Layers: decode(b, c.layers)}, c.in, nn.Config{Batch: 32, InputGradient: true})
		if err != nil {
			b.Fatal(err)
		}
		s := rng.New(1, rng.Data, 0, 0).Stream()
		for i := range n.Input() {
			n.Input()[i] = float32(s.Norm())
		}
		n.Forward(32, true, 0)
		for i := range n.OutputGradient() {
			n.OutputGradient()[i] = float32(s.Norm())
		}
		b.Run(c.name+"/forward", func(b *testing.B) {
			for b.Loop() {
				n.Forward(32, true, 0)
			}
			b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(32*b.N), "us/image")
		})
		b.Run(c.name+"/backward", func(b *testing.B) {
			for b.Loop() {
				n.Backward()
			}
			b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(32*b.N), "us/image")
		})
		n.Close()
	}
}
