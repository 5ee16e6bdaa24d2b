package nn_test

import (
	"fmt"
	"testing"
	"time"

	"cnnbench/nn"
	"cnnbench/nn/loss"
	"cnnbench/nn/optim"
	"cnnbench/rng"
)

// convShapes are the 3x3 convolutions of the reference networks.
var convShapes = []struct {
	size, channels, filters int
	padding                 string
}{
	{24, 3, 32, "valid"}, // lecture-cnn
	{22, 32, 64, "valid"},
	{28, 1, 32, "valid"}, // keras-mnist
	{26, 32, 64, "valid"},
	{32, 3, 32, "same"}, // vgg-small
	{32, 32, 32, "same"},
	{16, 32, 64, "same"},
	{16, 64, 64, "same"},
	{8, 64, 128, "same"},
	{8, 128, 128, "same"},
	{32, 3, 16, "same"}, // bn-net
	{16, 16, 32, "same"},
	{8, 32, 64, "same"},
}

// BenchmarkConv2D measures the passes of a convolution on one thread and batches of 32: the best time of an image, and the
// arithmetic of the definition in that time, of which Winograd's algorithm does a quarter. backward is both gradients,
// twice a pass's arithmetic.
func BenchmarkConv2D(b *testing.B) {
	for _, c := range convShapes {
		for _, pass := range []string{"forward", "input", "weights", "backward"} {
			b.Run(fmt.Sprintf("%dx%dx%d-%d/%s", c.size, c.size, c.channels, c.filters, pass), func(b *testing.B) {
				const batch = 32
				text := fmt.Sprintf("layers:\n- conv2d: {filters: %d, kernel_size: 3, padding: %s, activation: relu, trainable: %v}\n- flatten", c.filters, c.padding, pass != "input")
				config := nn.Config{Batch: batch, Threads: 1, Convolution: *convolution, InputGradient: pass == "input" || pass == "backward"}
				if pass == "weights" || pass == "backward" {
					adam, _ := optim.Family.Lookup("adam")
					config.Objective = &nn.Objective{Loss: &loss.MeanSquaredError{}, Optimizer: adam.New().(optim.Optimizer)}
				}
				n, err := nn.Build(&nn.Model{Layers: decode(b, text)}, nn.Shape{c.size, c.size, c.channels}, config)
				if err != nil {
					b.Fatal(err)
				}
				defer n.Close()
				s := rng.New(1, rng.Data, 0, 0).Stream()
				for i := range n.Input() {
					n.Input()[i] = float32(s.Norm())
				}
				n.Forward(batch, pass != "forward", 0)
				run := func() { n.Forward(batch, false, 0) }
				if pass != "forward" {
					for i := range n.OutputGradient() {
						n.OutputGradient()[i] = float32(s.Norm())
					}
					run = n.Backward
				}
				best := time.Hour
				for b.Loop() {
					start := time.Now()
					run()
					best = min(best, time.Since(start))
				}
				flops := 2 * 9 * float64(n.Summary().Out().Size()*c.channels) * batch
				if pass == "backward" {
					flops *= 2
				}
				b.ReportMetric(best.Seconds()*1e6/batch, "µs/image")
				b.ReportMetric(flops/best.Seconds()/1e9, "GFLOPS")
			})
		}
	}
}
