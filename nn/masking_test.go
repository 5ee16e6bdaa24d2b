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
	"cnnbench/nn/optim"
	"cnnbench/rng"
)

// sequential is a network that answers every step of a sequence, with each kind of layer that knows of its end.
const sequential = `layers:
- lstm: {units: 8, return_sequences: true}
- batch_normalization: {}
- activation: {activation: relu}
- dropout: {rate: 0.3}
- simple_rnn: {units: 6, return_sequences: true}
- leaky_relu: {}
- lstm: {units: 5, return_sequences: true, activation: relu}
- batch_normalization: {}
- dense: {units: 3, activation: softmax}`

const (
	sequenceRows  = 21
	sequenceSteps = 9
)

// sequenceLength is the length of sample i: some are full, some of one step.
func sequenceLength(i int) int { return 1 + i*4%sequenceSteps }

// sequentialNetwork builds the network with a batch of sequences, padding, input and target, behind their ends.
func sequentialNetwork(t testing.TB, threads int, padding float32) *nn.Network {
	t.Helper()
	n, err := nn.Build(&nn.Model{Layers: decode(t, sequential)}, nn.Shape{sequenceSteps, 4}, nn.Config{Batch: sequenceRows, Seed: 4, Threads: threads,
		Objective: &nn.Objective{Loss: &loss.CategoricalCrossentropy{}, Target: loss.OneHot, Optimizer: &optim.Adam{LearningRate: optim.Rate{Value: .01}, Beta1: .9, Beta2: .999, Epsilon: 1e-7}}})
	if err != nil {
		t.Fatal(err)
	}
	s := rng.New(1, rng.Data, 0, 0).Stream()
	for i := range n.Input() {
		n.Input()[i] = float32(s.Norm())
	}
	for r := range sequenceRows {
		n.Lengths()[r] = sequenceLength(r)
		for step := range sequenceSteps {
			row := r*sequenceSteps + step
			n.Targets()[row*3+(r+step)%3] = 1
			if step >= sequenceLength(r) {
				fillWith(n.Input()[row*4:(row+1)*4], padding)
				fillWith(n.Targets()[row*3:(row+1)*3], padding)
			}
		}
	}
	return n
}

func fillWith(x []float32, v float32) {
	for i := range x {
		x[i] = v
	}
}

// sequencesHash is fiveStepsHash of the sequential network.
const sequencesHash = "58468ca71865be7783a71d86993dd3688bb2d27609c9f4b98a99d14a74d92101 3ff281d09dc5ab32"

// TestSameBitsOfSequences: five steps on sequences that end early give the same weights on every kernel set with fused
// multiply-adds and with any number of workers, whatever lies behind the ends.
func TestSameBitsOfSequences(t *testing.T) {
	chained(t, func(isa string) {
		for i, threads := range []int{1, 2, 3, 8} {
			n := sequentialNetwork(t, threads, []float32{0, float32(math.NaN()), 3e38, float32(math.Inf(-1))}[i])
			var last float64
			for i := range 5 {
				last = n.Step(sequenceRows-i, nil)
			}
			if got := fmt.Sprintf("%s %x", hash(n), math.Float64bits(last)); got != sequencesHash {
				t.Errorf("%d workers on %s give other bits: %s", threads, isa, got)
			}
			n.Close()
		}
	})
}

// TestFullLengthsChangeNothing: lengths that say all steps are as none.
func TestFullLengthsChangeNothing(t *testing.T) {
	run := func(length int) string {
		n := sequentialNetwork(t, 2, 0)
		defer n.Close()
		for r := range n.Lengths() {
			n.Lengths()[r] = length
		}
		n.Step(sequenceRows, nil)
		return hash(n)
	}
	if run(0) != run(sequenceSteps) {
		t.Error("full lengths give other bits than none")
	}
}

// TestStepOfSequencesAllocatesNothing includes an evaluation.
func TestStepOfSequencesAllocatesNothing(t *testing.T) {
	n := sequentialNetwork(t, 2, 0)
	defer n.Close()
	if a := allocates(func() { n.Step(sequenceRows, nil); n.Evaluate(20, nil) }); a != 0 {
		t.Errorf("a step allocates %v times", a)
	}
}

// recurrentLayers are those whose every path is to be tried: the fused LSTM, the general one, and the simple one.
var recurrentLayers = []string{"lstm: {units: 12%s}", "lstm: {units: 12, recurrent_activation: relu%s}", "simple_rnn: {units: 7%s}"}

// TestPaddedAsAlone: a sequence in a padded batch gives the bits that it gives alone in a network of its own length,
// forward and back; what a batch's weights get is the sum of what its sequences give alone.
func TestPaddedAsAlone(t *testing.T) {
	defer kernel.Use("")
	lengths := []int{6, 1, 4, 6, 2, 5, 3, 6, 6, 1, 2}
	const steps, features = 6, 5
	s := rng.New(2, rng.Data, 0, 0).Stream()
	normal := func(n int) []float32 {
		x := make([]float32, n)
		for i := range x {
			x[i] = float32(s.Norm())
		}
		return x
	}
	x := normal(len(lengths) * steps * features)
	for _, isa := range kernel.ISAs() {
		if err := kernel.Use(isa); err != nil {
			t.Fatal(err)
		}
		for _, layer := range recurrentLayers {
			for _, more := range []string{"", ", return_sequences: true"} {
				text := fmt.Sprintf(layer, more)
				build := func(steps, batch int) *nn.Network {
					n, err := nn.Build(&nn.Model{Layers: decode(t, "layers:\n- "+text)}, nn.Shape{steps, features}, nn.Config{Batch: batch, Seed: 1, InputGradient: true, Threads: 1})
					if err != nil {
						t.Fatal(err)
					}
					return n
				}
				all := build(steps, len(lengths))
				copy(all.Input(), x)
				copy(all.Lengths(), lengths)
				all.Forward(len(lengths), true, 0)
				out := all.Summary().Out()
				units := out[len(out)-1]
				dy := normal(len(all.Output()))
				copy(all.OutputGradient(), dy)
				all.Backward()
				sums := make([][]float64, len(all.Weights()))
				for r, length := range lengths {
					one := build(length, 1)
					copy(one.Input(), x[r*steps*features:][:length*features])
					one.Forward(1, true, 0)
					y, d := all.Output()[r*out.Size():][:out.Size()], dy[r*out.Size():][:out.Size()]
					want, grad := slices.Clone(one.Output()), slices.Clone(d[:len(one.Output())])
					for t := length; t < steps && len(out) == 2; t++ { // the last state is repeated, and gets these gradients
						want = append(want, want[(length-1)*units:length*units]...)
					}
					for t := steps - 1; len(out) == 2 && t >= length-1; t-- {
						for u := range units {
							if t == steps-1 {
								grad[(length-1)*units+u] = 0
							}
							grad[(length-1)*units+u] += d[t*units+u]
						}
					}
					if !slices.Equal(y, want) {
						t.Errorf("%s on %s: sequence %d of %d steps: %v, alone %v", text, isa, r, length, y, want)
					}
					copy(one.OutputGradient(), grad)
					one.Backward()
					dx := all.InputGradient()[r*steps*features:][:steps*features]
					if !slices.Equal(dx[:length*features], one.InputGradient()) || slices.ContainsFunc(dx[length*features:], func(v float32) bool { return v != 0 }) {
						t.Errorf("%s on %s: sequence %d of %d steps: input gradient %v, alone %v", text, isa, r, length, dx, one.InputGradient())
					}
					for i, w := range one.Weights() {
						if sums[i] == nil {
							sums[i] = make([]float64, len(w.Gradient))
						}
						for k, v := range w.Gradient {
							sums[i][k] += float64(v)
						}
					}
					one.Close()
				}
				for i, w := range all.Weights() {
					if r := golden.Relative(w.Gradient, sums[i]); !(r <= 2e-6) {
						t.Errorf("%s on %s: gradient of %s is off by %.2g", text, isa, w.Name, r)
					}
				}
				all.Close()
			}
		}
	}
}

// TestMaskStops: the layers that take padding for a part of the sequence are those of Keras.
func TestMaskStops(t *testing.T) {
	for text, want := range map[string]int{
		"layers: [lstm: {units: 3}, dense: {units: 2}]":                                                                 -1,
		"layers: [lstm: {units: 3, return_sequences: true}, dropout: {rate: 0.1}, simple_rnn: {units: 3}, flatten]":     -1,
		"layers: [dense: {units: 3}, lstm: {units: 3, return_sequences: true}, flatten, dense: {units: 2}]":             2,
		"layers: [reshape: {target_shape: [4, 9]}, lstm: {units: 3}]":                                                   0,
		"layers: [batch_normalization, leaky_relu, activation: {activation: tanh}, reshape: {target_shape: [9, 2, 2]}]": 3,
	} {
		s, err := nn.Summarize(decode(t, text), nn.Shape{9, 4})
		if err != nil {
			t.Fatal(err)
		}
		if got := s.Unmasked(); got != want {
			t.Errorf("%s: the mask stops at layer %d, want %d", text, got, want)
		}
	}
	s, err := nn.Summarize(decode(t, "layers: [flatten]"), nn.Shape{6, 6, 1})
	if err != nil || s.Unmasked() != -1 {
		t.Errorf("pictures have no ends: %d, %v", s.Unmasked(), err)
	}
}
