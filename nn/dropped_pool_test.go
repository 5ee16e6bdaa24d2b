package nn_test

import (
	"strings"
	"testing"

	"cnnbench/nn"
	"cnnbench/nn/kernel"
	"cnnbench/nn/loss"
	"cnnbench/nn/optim"
	"cnnbench/rng"
)

// TestDropoutWithPooling: dropout computed together with a pooling gives the bits of the two one by one, which a layer
// between that does nothing brings about: the same losses, gradients and weights, on any number of workers and every
// kernel set.
func TestDropoutWithPooling(t *testing.T) {
	defer kernel.Use("")
	const conv, head = "layers: [{conv2d: {filters: 8, kernel_size: 3, activation: relu}}, ", "flatten, {dense: {units: 3}}]"
	for name, c := range map[string]struct {
		in     nn.Shape
		layers string // # is the place between
	}{
		"even sizes":   {nn.Shape{10, 8, 3}, conv + "{dropout: {rate: .4}}, # max_pooling2d, " + head},
		"odd sizes":    {nn.Shape{9, 7, 3}, conv + "{dropout: {rate: .4}}, # max_pooling2d, " + head},
		"padded":       {nn.Shape{9, 7, 3}, conv + "{dropout: {rate: .4}}, # {max_pooling2d: {padding: same}}, " + head},
		"all dropped":  {nn.Shape{10, 8, 3}, conv + "{dropout: {rate: 1}}, # max_pooling2d, " + head},
		"none dropped": {nn.Shape{10, 8, 3}, conv + "{dropout: {rate: 0}}, # max_pooling2d, " + head},
		"linear":       {nn.Shape{10, 8, 3}, "layers: [{conv2d: {filters: 16, kernel_size: 3}}, {dropout: {rate: .2}}, # max_pooling2d, " + head},
		"of the input": {nn.Shape{8, 6, 8}, "layers: [{dropout: {rate: .2}}, # max_pooling2d, " + head},
		"pooling last": {nn.Shape{10, 8, 3}, conv + "{dropout: {rate: .2}}, # max_pooling2d]"},
		"few channels": {nn.Shape{10, 8, 3}, "layers: [{conv2d: {filters: 5, kernel_size: 3}}, {dropout: {rate: .2}}, # max_pooling2d, " + head},
	} {
		build := func(between string, threads int, inputGradient bool) *nn.Network {
			n, err := nn.Build(&nn.Model{Layers: decode(t, strings.ReplaceAll(c.layers, "#", between))}, c.in, nn.Config{Batch: 11, Seed: 4, Threads: threads, InputGradient: inputGradient,
				Objective: &nn.Objective{Loss: &loss.MeanSquaredError{}, Target: loss.Values, Optimizer: &optim.SGD{LearningRate: optim.Rate{Value: .1}}}})
			if err != nil {
				t.Fatal(err)
			}
			s := rng.New(1, rng.Data, 0, 0).Stream()
			for i := range n.Input() {
				n.Input()[i] = float32(s.Norm())
			}
			for i := range n.Targets() {
				n.Targets()[i] = float32(s.Norm())
			}
			return n
		}
		for _, isa := range kernel.ISAs() {
			if err := kernel.Use(isa); err != nil {
				t.Fatal(err)
			}
			for _, inputGradient := range []bool{false, true} {
				one, other := build("", 3, inputGradient), build("{leaky_relu: {negative_slope: 1}},", 1, inputGradient)
				for i := range 3 {
					if got, want := one.Step(11-i, nil), other.Step(11-i, nil); got != want {
						t.Errorf("%s on %s: loss %d is %v, want %v", name, isa, i, got, want)
					}
				}
				if hash(one) != hash(other) {
					t.Errorf("%s on %s: the weights have other bits", name, isa)
				}
				if inputGradient {
					for k, v := range one.InputGradient() {
						if w := other.InputGradient()[k]; v != w {
							t.Fatalf("%s on %s: the input's gradient %d is %v, want %v", name, isa, k, v, w)
						}
					}
				}
				got, want := one.Predict(11), other.Predict(11)
				for k := range got {
					if got[k] != want[k] {
						t.Fatalf("%s on %s: inference %d gives %v, want %v", name, isa, k, got[k], want[k])
					}
				}
				if a := testing.AllocsPerRun(3, func() { one.Step(11, nil) }); a != 0 && isa != "gonum" {
					t.Errorf("%s on %s: a step allocates %v times", name, isa, a)
				}
				one.Close()
				other.Close()
			}
		}
	}
}
