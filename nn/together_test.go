package nn_test

import (
	"slices"
	"strings"
	"testing"

	"cnnbench/nn"
	"cnnbench/nn/kernel"
)

// TestTogetherAsApart: a max pooling computed together with a dropout or a convolution before it, or with both, gives the
// bits of one after the other, which a layer between that does nothing brings about: the same losses, gradients and
// weights, on any number of workers and every kernel set. Together, the convolution's output is not written.
func TestTogetherAsApart(t *testing.T) {
	defer kernel.Use("")
	const nothing = "{leaky_relu: {negative_slope: 1}},"
	const winograd = "layers: [{conv2d: {filters: 8, kernel_size: 3, padding: same}}, {conv2d: {filters: 16, kernel_size: 3, activation: relu}}, "
	const conv, head = "layers: [{conv2d: {filters: 8, kernel_size: 3, activation: relu}}, ", "flatten, {dense: {units: 3}}]"
	for name, c := range map[string]struct {
		in     nn.Shape
		layers string // # is the place between; @ another one, for the number of layers to stay
	}{
		"even sizes":               {nn.Shape{10, 8, 3}, conv + "{dropout: {rate: .4}}, # max_pooling2d, " + head},
		"odd sizes":                {nn.Shape{9, 7, 3}, conv + "{dropout: {rate: .4}}, # max_pooling2d, " + head},
		"padded":                   {nn.Shape{9, 7, 3}, conv + "{dropout: {rate: .4}}, # {max_pooling2d: {padding: same}}, " + head},
		"all dropped":              {nn.Shape{10, 8, 3}, conv + "{dropout: {rate: 1}}, # max_pooling2d, " + head},
		"nothing dropped":          {nn.Shape{10, 8, 3}, conv + "{dropout: {rate: 0}}, # max_pooling2d, " + head},
		"linear":                   {nn.Shape{10, 8, 3}, "layers: [{conv2d: {filters: 16, kernel_size: 3}}, {dropout: {rate: .2}}, # max_pooling2d, " + head},
		"of the input":             {nn.Shape{8, 6, 8}, "layers: [{dropout: {rate: .2}}, # max_pooling2d, " + head},
		"pooling last":             {nn.Shape{10, 8, 3}, conv + "{dropout: {rate: .2}}, # max_pooling2d]"},
		"few channels":             {nn.Shape{10, 8, 3}, "layers: [{conv2d: {filters: 5, kernel_size: 3}}, {dropout: {rate: .2}}, # max_pooling2d, " + head},
		"a convolution":            {nn.Shape{14, 12, 3}, winograd + "# max_pooling2d, " + head},
		"one of odd sizes":         {nn.Shape{11, 9, 3}, winograd + "# max_pooling2d, " + head},
		"one of a window":          {nn.Shape{5, 4, 3}, winograd + "# max_pooling2d, " + head},
		"one with rest":            {nn.Shape{13, 15, 3}, winograd + "{dropout: {rate: .4}}, # max_pooling2d, " + head},
		"one with all dropped":     {nn.Shape{14, 12, 3}, winograd + "{dropout: {rate: 1}}, # max_pooling2d, " + head},
		"one that is linear":       {nn.Shape{11, 9, 3}, "layers: [{conv2d: {filters: 24, kernel_size: 3, use_bias: false}}, {dropout: {rate: .4}}, # max_pooling2d, " + head},
		"one of many maps":         {nn.Shape{8, 6, 3}, "layers: [{conv2d: {filters: 32, kernel_size: 3, padding: same}}, {conv2d: {filters: 64, kernel_size: 3, padding: same, activation: relu}}, {dropout: {rate: .4}}, # max_pooling2d, " + head},
		"one that is not trained":  {nn.Shape{11, 9, 3}, "layers: [{conv2d: {filters: 8, kernel_size: 3}}, {conv2d: {filters: 16, kernel_size: 3, trainable: false, activation: relu}}, # max_pooling2d, " + head},
		"one before a dropout":     {nn.Shape{14, 12, 3}, winograd + "# max_pooling2d, @ {dropout: {rate: .4}}, " + head},
		"sums":                     {nn.Shape{14, 12, 3}, winograd + "{dropout: {rate: .4}}, # max_pooling2d, " + head},
		"sums of odd sizes":        {nn.Shape{11, 9, 3}, winograd + "# max_pooling2d, " + head},
		"sums with strides":        {nn.Shape{11, 9, 8}, "layers: [{conv2d: {filters: 16, kernel_size: 5, strides: 2, padding: same, activation: relu}}, {dropout: {rate: .4}}, # max_pooling2d, " + head},
		"sums for 24 maps":         {nn.Shape{9, 7, 8}, "layers: [{conv2d: {filters: 24, kernel_size: 2, activation: relu}}, # max_pooling2d, " + head},
		"sums that are linear":     {nn.Shape{11, 9, 3}, "layers: [{conv2d: {filters: 24, kernel_size: 3, use_bias: false}}, {dropout: {rate: .4}}, # max_pooling2d, " + head},
		"sums not trained":         {nn.Shape{11, 9, 3}, "layers: [{conv2d: {filters: 8, kernel_size: 3}}, {conv2d: {filters: 16, kernel_size: 3, trainable: false, activation: relu}}, # max_pooling2d, " + head},
		"one and the pooling last": {nn.Shape{14, 12, 3}, winograd + "{dropout: {rate: .4}}, # max_pooling2d]"},
	} {
		convolution := ""
		switch {
		case strings.Contains(name, "one"), name == "a convolution":
			convolution = "winograd"
		case strings.HasPrefix(name, "sums"):
			convolution = "im2col"
		}
		build := func(between, behind string, threads int, inputGradient bool) *nn.Network {
			layers := strings.NewReplacer("#", between, "@", behind).Replace(c.layers)
			return toTrain(t, layers, c.in, .001, nn.Config{Batch: 5, Seed: 4, Threads: threads, InputGradient: inputGradient, Convolution: convolution})
		}
		for _, isa := range kernel.ISAs() {
			if err := kernel.Use(isa); err != nil {
				t.Fatal(err)
			}
			for _, inputGradient := range []bool{false, true} {
				one, other := build("", nothing, 3, inputGradient), build(nothing, "", 1, inputGradient)
				for i := range 2 {
					if got, want := one.Step(5-i, nil), other.Step(5-i, nil); got != want {
						t.Errorf("%s on %s: loss %d is %v, want %v", name, isa, i, got, want)
					}
				}
				if convolution != "" && isa != "gonum" && written(one) {
					t.Errorf("%s on %s: the convolution's output was written", name, isa)
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
				got, want := one.Predict(5), other.Predict(5)
				for k := range got {
					if got[k] != want[k] {
						t.Fatalf("%s on %s: inference %d gives %v, want %v", name, isa, k, got[k], want[k])
					}
				}
				if a := allocates(func() { one.Step(5, nil) }); a != 0 && isa != "gonum" {
					t.Errorf("%s on %s: a step allocates %v times", name, isa, a)
				}
				one.Close()
				other.Close()
			}
		}
	}
}

// written reports whether training passes wrote the output of the last convolution.
func written(n *nn.Network) bool {
	last := 0
	for i, r := range n.Summary().Rows {
		if r.Kind == "conv2d" {
			last = i
		}
	}
	v, _ := n.Activation(last)
	return slices.ContainsFunc(v, func(x float32) bool { return x != 0 })
}
