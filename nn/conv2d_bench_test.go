package nn_test

import (
	"fmt"
	"math"
	"testing"
	"time"

	"cnnbench/nn"
	"cnnbench/nn/loss"
	"cnnbench/nn/optim"
	"cnnbench/rng"
)

// convolutions are the shapes whose passes are measured: those of the reference networks.
var convolutions = []struct {
	in      nn.Shape
	filters int
	padding string
	bias    bool
}{
	{nn.Shape{24, 24, 3}, 32, "valid", true},
	{nn.Shape{22, 22, 32}, 64, "valid", true},
	{nn.Shape{32, 32, 3}, 32, "same", true},
	{nn.Shape{28, 28, 1}, 32, "valid", true},
	{nn.Shape{32, 32, 3}, 16, "same", false},
	{nn.Shape{32, 32, 32}, 32, "same", true},
	{nn.Shape{16, 16, 64}, 64, "same", true},
	{nn.Shape{8, 8, 128}, 128, "same", true},
}

// BenchmarkConvolution reports the rate of each pass of one 3x3 convolution with relu on one core, at its best: forward
// and of the two gradients, by the direct algorithm's operations.
func BenchmarkConvolution(b *testing.B) {
	for _, c := range convolutions {
		b.Run(fmt.Sprintf("%dx%dx%d-%d-%s", c.in[0], c.in[1], c.in[2], c.filters, c.padding), func(b *testing.B) {
			summary, err := nn.Summarize(decode(b, fmt.Sprintf("layers: [{conv2d: {filters: %d, kernel_size: 3, padding: %s}}]", c.filters, c.padding)), c.in)
			if err != nil {
				b.Fatal(err)
			}
			macs := int(summary.Rows[0].MACs)
			batch := max(12, min(16, 1<<24/macs)) // some milliseconds: who else uses the processor spares some of them
			build := func(trainable, inputGradient bool) *nn.Network {
				text := fmt.Sprintf("layers: [{conv2d: {filters: %d, kernel_size: 3, padding: %s, activation: relu, use_bias: %v, trainable: %v}}]", c.filters, c.padding, c.bias, trainable)
				n, err := nn.Build(&nn.Model{Layers: decode(b, text)}, c.in, nn.Config{Batch: batch, Threads: 1, InputGradient: inputGradient, Convolution: *convolution,
					Objective: &nn.Objective{Loss: &loss.MeanSquaredError{}, Target: loss.Values, Optimizer: &optim.SGD{LearningRate: optim.Rate{Value: .01}}}})
				if err != nil {
					b.Fatal(err)
				}
				s := rng.New(1, rng.Data, 0, 0).Stream()
				for i := range n.Input() {
					n.Input()[i] = float32(s.Float64())
				}
				n.Forward(batch, true, 0)
				return n
			}
			first, frozen := build(true, false), build(false, true)
			defer first.Close()
			defer frozen.Close()
			least := [3]float64{math.Inf(1), math.Inf(1), math.Inf(1)}
			best := func(i int, f func()) {
				start := time.Now()
				f()
				least[i] = min(least[i], time.Since(start).Seconds())
			}
			for b.Loop() {
				best(0, func() { first.Forward(batch, true, 0) })
				best(1, first.Backward)
				best(2, frozen.Backward)
			}
			work := 2e-9 * float64(macs*batch)
			b.ReportMetric(work/least[0], "forward")
			b.ReportMetric(work/least[2], "dgrad")
			b.ReportMetric(work/least[1], "wgrad")
			b.ReportMetric(0, "ns/op")
		})
	}
}
