package nn_test

import (
	"crypto/sha256"
	"fmt"
	"math"
	"testing"

	"cnnbench/nn"
	"cnnbench/nn/kernel"
	"cnnbench/nn/loss"
	"cnnbench/nn/optim"
	"cnnbench/rng"
	"cnnbench/spec"
)

func decode(t testing.TB, text string) []nn.Layer {
	t.Helper()
	var d spec.Decoder
	n, err := d.Parse([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	var m nn.Model
	if err := d.Decode(n, "", &m); err != nil {
		t.Fatal(err)
	}
	return m.Layers
}

// everyKind is a network with each kind of layer, penalties, a frozen layer and a norm to clip.
const everyKind = `layers:
- conv2d: {filters: 6, kernel_size: 3, padding: same, activation: relu, kernel_regularizer: {l2: 0.01}}
- batch_normalization: {}
- leaky_relu: {}
- conv2d: {filters: 4, kernel_size: 1, trainable: false}
- dropout: {rate: 0.3}
- max_pooling2d: {}
- conv2d: {filters: 5, kernel_size: 2, strides: 2, activation: gelu, use_bias: false}
- average_pooling2d: {pool_size: 2, strides: 1, padding: same}
- reshape: {target_shape: [4, 5]}
- lstm: {units: 7, return_sequences: true}
- simple_rnn: {units: 6, return_sequences: true}
- reshape: {target_shape: [2, 2, 6]}
- global_max_pooling2d: {keepdims: true}
- global_average_pooling2d: {}
- flatten: {}
- activation: {activation: tanh}
- dense: {units: 3, activation: softmax, bias_regularizer: {l1: 0.02}}`

func everyKindNetwork(t testing.TB, threads int) *nn.Network {
	t.Helper()
	limit := .5
	o := &optim.Adam{LearningRate: optim.Rate{Value: .01}, Beta1: .9, Beta2: .999, Epsilon: 1e-7, Common: optim.Common{Clipnorm: &limit}}
	n, err := nn.Build(&nn.Model{Layers: decode(t, everyKind)}, nn.Shape{9, 8, 2}, nn.Config{Batch: 21, Seed: 4, Threads: threads,
		Objective: &nn.Objective{Loss: &loss.CategoricalCrossentropy{}, Target: loss.OneHot, Optimizer: o}})
	if err != nil {
		t.Fatal(err)
	}
	s := rng.New(1, rng.Data, 0, 0).Stream()
	for i := range n.Input() {
		n.Input()[i] = float32(s.Norm())
	}
	for r := range 21 {
		n.Targets()[r*3+r%3] = 1
	}
	return n
}

// hash is the digest of all weights' bits.
func hash(n *nn.Network) string {
	h := sha256.New()
	for _, w := range n.Weights() {
		for _, v := range w.Data {
			fmt.Fprintf(h, "%08x", math.Float32bits(v))
		}
	}
	return fmt.Sprintf("%x", h.Sum(nil))
}

// fiveStepsHash is the hash after five steps, and the last one's loss, on every architecture. What changes the order of a
// sum, or the network, changes it: the test says what it became, which must be the same everywhere.
const fiveStepsHash = "cb1d09a56ffcb16189ba5bceb079d5dab5d83d946f81a11dc369b3e5a472f9f4 3ff0ad22ec7a003e"

// chained runs a test on every kernel set of this processor with fused multiply-adds; gonum's sums go in another order.
func chained(t *testing.T, test func(isa string)) {
	t.Helper()
	defer kernel.Use("")
	for _, isa := range kernel.ISAs() {
		if isa == "gonum" {
			continue
		}
		if err := kernel.Use(isa); err != nil {
			t.Fatal(err)
		}
		test(isa)
	}
}

// TestSameBits: five steps through every kind of layer give the same weights however many workers there are, on every
// kernel set with fused multiply-adds, and on every architecture.
func TestSameBits(t *testing.T) {
	kinds := map[string]bool{}
	for _, l := range decode(t, everyKind) {
		kinds[nn.Layers.Must(l).Name] = true
	}
	for _, k := range nn.Layers.Names() {
		if !kinds[k] {
			t.Errorf("the network has no %s", k)
		}
	}
	chained(t, func(isa string) {
		for _, threads := range []int{1, 2, 3, 8} {
			fiveSteps(t, isa, threads)
		}
	})
}

// fiveSteps trains and compares the weights' bits with those wanted.
func fiveSteps(t *testing.T, isa string, threads int) {
	t.Helper()
	n := everyKindNetwork(t, threads)
	defer n.Close()
	var first, last float64
	for i := range 5 {
		last = n.Step(21-i, nil)
		if i == 0 {
			first = last
		}
	}
	if math.IsNaN(last) || last == first {
		t.Errorf("the loss went from %v to %v", first, last)
	}
	if got := fmt.Sprintf("%s %x", hash(n), math.Float64bits(last)); got != fiveStepsHash {
		t.Errorf("%d workers on %s give other bits: %s", threads, isa, got)
	}
}

func TestStepAllocatesNothing(t *testing.T) {
	n := everyKindNetwork(t, 2)
	defer n.Close()
	if a := allocates(func() { n.Step(21, nil); n.Evaluate(20, nil) }); a != 0 {
		t.Errorf("a step allocates %v times", a)
	}
}

// TestFrozenStays: trainable: false keeps weights, and moving statistics of others move.
func TestFrozenStays(t *testing.T) {
	n := everyKindNetwork(t, 1)
	defer n.Close()
	before := map[string][]float32{}
	for _, w := range n.Weights() {
		before[w.Name] = append([]float32{}, w.Data...)
	}
	n.Step(21, nil)
	for _, w := range n.Weights() {
		moved := false
		for i, v := range w.Data {
			moved = moved || v != before[w.Name][i]
		}
		if frozen := w.Layer == 3; moved == frozen {
			t.Errorf("%s: moved is %v", w.Name, moved)
		}
	}
}

// TestNothingToLearn: a network without anything to learn is trained for its figures alone.
func TestNothingToLearn(t *testing.T) {
	for _, text := range []string{
		"layers: [flatten, {dense: {units: 3, activation: softmax, trainable: false}}]",
		"layers: [{conv2d: {filters: 3, kernel_size: 1, trainable: false}}, global_average_pooling2d, {activation: {activation: softmax}}]",
		"layers: [{reshape: {target_shape: [3]}}]",
	} {
		in := nn.Shape{1, 1, 3}
		n, err := nn.Build(&nn.Model{Layers: decode(t, text)}, in, nn.Config{Batch: 4, Threads: 1,
			Objective: &nn.Objective{Loss: &loss.MeanSquaredError{}, Target: loss.Values, Optimizer: &optim.SGD{LearningRate: optim.Rate{Value: .01}}}})
		if err != nil {
			t.Fatal(err)
		}
		draw := rng.New(1, rng.Data, 0, 0).Stream()
		for i := range n.Input() {
			n.Input()[i] = float32(draw.Norm())
		}
		before := hash(n)
		first, second := n.Step(4, nil), n.Step(4, nil)
		if want := n.Evaluate(4, nil); first != want || second != want || first == 0 {
			t.Errorf("%s: losses %v and %v, want twice %v", text, first, second, want)
		}
		if got := hash(n); got != before {
			t.Errorf("%s: weights moved", text)
		}
		n.Close()
	}
}

// TestDropout: about the rate is dropped, what stays is scaled, and the draws follow the step.
func TestDropout(t *testing.T) {
	n, err := nn.Build(&nn.Model{Layers: decode(t, "layers: [{dropout: {rate: 0.3}}]")}, nn.Shape{1001}, nn.Config{Batch: 40, Seed: 1, InputGradient: true})
	if err != nil {
		t.Fatal(err)
	}
	defer n.Close()
	for i := range n.Input() {
		n.Input()[i] = 1
	}
	run := func(step int64) []float32 {
		n.Forward(40, true, step)
		return append([]float32{}, n.Output()...)
	}
	a, b, again := run(1), run(2), run(1)
	dropped, same := 0, 0
	for i, v := range a {
		if v != 0 && v != float32(1/.7) {
			t.Fatalf("a value became %v", v)
		}
		if v == 0 {
			dropped++
		}
		if v == b[i] {
			same++
		}
		if v != again[i] {
			t.Fatal("the same step drew differently")
		}
	}
	if share := float64(dropped) / float64(len(a)); math.Abs(share-.3) > .01 {
		t.Errorf("%.3f were dropped", share)
	}
	if share := float64(same) / float64(len(a)); math.Abs(share-.58) > .01 { // .3*.3 + .7*.7
		t.Errorf("two steps share %.3f of their mask", share)
	}
	for i := range n.OutputGradient() {
		n.OutputGradient()[i] = 1
	}
	n.Backward()
	for i, v := range n.InputGradient() {
		if v != again[i] {
			t.Fatal("the gradient does not follow the mask")
		}
	}
	if p := n.Predict(40); p[0] != 1 || p[777] != 1 {
		t.Error("inference drops")
	}
}

// allocates is how often a step allocates once all is there that it needs: a worker whose product is interrupted keeps
// its memory, and another one then gets some of its own.
func allocates(step func()) float64 {
	least := testing.AllocsPerRun(1, step)
	for range 4 {
		if least > 0 {
			least = min(least, testing.AllocsPerRun(1, step))
		}
	}
	return least
}
