package nn_test

import (
	"math"
	"testing"

	"cnnbench/nn"
	"cnnbench/nn/kernel"
	"cnnbench/nn/loss"
	"cnnbench/nn/optim"
	"cnnbench/rng"
)

const relu, same = "{activation: {activation: relu}}", "{leaky_relu: {negative_slope: 0}}"

// normalized are networks whose training passes compute batch normalisation together with what follows it; written
// with %s for relu, so that the same function under another name, which is computed on its own, can take its place.
func normalized(relu string) map[string]string {
	return map[string]string{
		"relu":                 "layers: [{conv2d: {filters: 8, kernel_size: 3}}, batch_normalization, " + relu + ", flatten, {dense: {units: 3}}]",
		"relu first":           "layers: [{reshape: {target_shape: [6, 3, 8]}}, batch_normalization, " + relu + ", flatten, {dense: {units: 3}}]",
		"relu last":            "layers: [{conv2d: {filters: 16, kernel_size: 3}}, global_average_pooling2d, {dense: {units: 8}}, batch_normalization, " + relu + "]",
		"pooling":              "layers: [{conv2d: {filters: 8, kernel_size: 3}}, batch_normalization, " + relu + ", max_pooling2d, flatten, {dense: {units: 3}}]",
		"pooling last":         "layers: [{conv2d: {filters: 24, kernel_size: 3}}, {batch_normalization: {scale: false, center: false}}, " + relu + ", max_pooling2d]",
		"pooling of odd sizes": "layers: [{conv2d: {filters: 8, kernel_size: 4}}, batch_normalization, " + relu + ", max_pooling2d, flatten, {dense: {units: 3}}]",
		"frozen":               "layers: [{conv2d: {filters: 8, kernel_size: 3}}, {batch_normalization: {trainable: false}}, " + relu + ", max_pooling2d, flatten, {dense: {units: 3}}]",
	}
}

func normalizedNetwork(t *testing.T, layers string, threads int, inputGradient bool) *nn.Network {
	t.Helper()
	return toTrain(t, layers, nn.Shape{8, 6, 3}, .1, nn.Config{Batch: 11, Seed: 4, Threads: threads, InputGradient: inputGradient})
}

// toTrain is a network with an input and targets, to be trained by gradient descent on squared errors.
func toTrain(t *testing.T, layers string, in nn.Shape, rate float64, c nn.Config) *nn.Network {
	t.Helper()
	c.Objective = &nn.Objective{Loss: &loss.MeanSquaredError{}, Target: loss.Values, Optimizer: &optim.SGD{LearningRate: optim.Rate{Value: rate}}}
	n, err := nn.Build(&nn.Model{Layers: decode(t, layers)}, in, c)
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

// TestNormalizedWithWhatFollows: batch normalisation computed together with the next layers gives what the layers give
// one by one: the same outputs in training and, but for the order of sums, the same gradients; and the same bits on
// any number of workers and every kernel set.
func TestNormalizedWithWhatFollows(t *testing.T) {
	defer kernel.Use("")
	for name, layers := range normalized(relu) {
		for _, gradient := range []bool{false, true} {
			one, other := normalizedNetwork(t, layers, 2, gradient), normalizedNetwork(t, normalized(same)[name], 2, gradient)
			for i := range 3 {
				one.Step(11-i, nil)
				other.Step(11-i, nil)
				if i == 0 {
					for k, v := range one.Output() {
						if w := other.Output()[k]; v != w {
							t.Fatalf("%s: output %d is %v, want %v", name, k, v, w)
						}
					}
				}
			}
			near := func(what string, got, want []float32) {
				for k, v := range got {
					if w := want[k]; !(math.Abs(float64(v-w)) <= 1e-5*(1+math.Abs(float64(w)))) {
						t.Fatalf("%s: %s[%d] is %v, want %v", name, what, k, v, w)
					}
				}
			}
			for i, w := range one.Weights() {
				near(w.Name, w.Data, other.Weights()[i].Data)
			}
			if gradient {
				near("the input's gradient", one.InputGradient(), other.InputGradient())
			}
			near("inference", one.Predict(11), other.Predict(11))
			for i := range len(one.Summary().Rows) {
				got, _ := one.Activation(i)
				want, _ := other.Activation(i)
				near("activation", got, want)
			}
			one.Close()
			other.Close()
		}
		want := ""
		for _, isa := range kernel.ISAs() {
			if isa == "gonum" {
				continue
			}
			if err := kernel.Use(isa); err != nil {
				t.Fatal(err)
			}
			for _, threads := range []int{1, 3} {
				n := normalizedNetwork(t, layers, threads, false)
				for range 3 {
					n.Step(11, nil)
				}
				if got := hash(n); want == "" {
					want = got
				} else if got != want {
					t.Errorf("%s: %d workers on %s give other bits", name, threads, isa)
				}
				if a := allocates(func() { n.Step(11, nil) }); a != 0 {
					t.Errorf("%s: a step allocates %v times", name, a)
				}
				n.Close()
			}
		}
		kernel.Use("")
	}
}

// TestNormalizationOfLargeMeans: the variance does not drown in the squares of values far from 0.
func TestNormalizationOfLargeMeans(t *testing.T) {
	n, err := nn.Build(&nn.Model{Layers: decode(t, "layers: [{batch_normalization: {epsilon: 1.0e-12, momentum: 0}}]")}, nn.Shape{3}, nn.Config{Batch: 1000, InputGradient: true})
	if err != nil {
		t.Fatal(err)
	}
	defer n.Close()
	s := rng.New(1, rng.Data, 0, 0).Stream()
	mean := [3]float64{1e6, -3e4, 0}
	for i := range n.Input() {
		n.Input()[i] = float32(mean[i%3] + s.Norm())
	}
	n.Forward(1000, true, 0)
	for k := range 3 {
		var sum, square float64
		for r := range 1000 {
			sum += float64(n.Input()[3*r+k])
		}
		for r := range 1000 {
			d := float64(n.Input()[3*r+k]) - sum/1000
			square += d * d
		}
		for _, w := range n.Weights() {
			if want := square / 1000; w.Name == "batch_normalization.moving_variance" && math.Abs(float64(w.Data[k])-want) > 1e-6*want {
				t.Errorf("the variance of channel %d is %v, want %v", k, w.Data[k], want)
			}
		}
	}
}
