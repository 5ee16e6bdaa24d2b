package nn_test

import (
	"math"
	"slices"
	"testing"

	"cnnbench/nn"
	"cnnbench/nn/kernel"
	"cnnbench/nn/loss"
	"cnnbench/nn/optim"
	"cnnbench/rng"
)

// wide is a network with wide layers: with and without an input gradient, a bias, and a derivative by whole rows; of more
// inputs than a chunk of the weight gradient, and of a number that fills no tile.
func wide(t *testing.T, batch, threads int, o optim.Optimizer) *nn.Network {
	t.Helper()
	n, err := nn.Build(&nn.Model{Layers: decode(t, `layers:
- dense: {units: 256, activation: relu}
- dense: {units: 288, activation: softmax, use_bias: false}
- dense: {units: 3, activation: softmax}`)}, nn.Shape{1031}, nn.Config{Batch: batch, Seed: 5, Threads: threads,
		Objective: &nn.Objective{Loss: &loss.CategoricalCrossentropy{}, Target: loss.OneHot, Optimizer: o}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(n.Close)
	s := rng.New(1, rng.Data, 0, 0).Stream()
	for i := range wideTestRows * 1031 {
		n.Input()[i] = float32(s.Norm())
	}
	for r := range wideTestRows {
		n.Targets()[r*3+r%3] = 1
	}
	return n
}

const wideTestRows = 21

// sameLearned compares all that two networks have learned.
func sameLearned(t *testing.T, what string, a, b *nn.Network) {
	t.Helper()
	bits := func(x, y float32) bool { return math.Float32bits(x) == math.Float32bits(y) }
	for i, w := range a.Weights() {
		if !slices.EqualFunc(w.Data, b.Weights()[i].Data, bits) {
			t.Errorf("%s on %s: other bits in %s", what, kernel.ISA(), w.Name)
		}
	}
	for i, x := range a.Optimizer().Tensors() {
		if y := b.Optimizer().Tensors()[i]; x.Name != y.Name || !slices.EqualFunc(x.Values, y.Values, bits) {
			t.Errorf("%s on %s: other bits in the %s of %s", what, kernel.ISA(), x.Slot, x.Name)
		}
	}
}

func adam() optim.Optimizer {
	return &optim.Adam{LearningRate: optim.Rate{Value: .01}, Beta1: .9, Beta2: .999, Epsilon: 1e-7}
}

func clipped() optim.Optimizer {
	limit, decay := .001, .01
	return &optim.SGD{LearningRate: optim.Rate{Value: .01}, Momentum: .9, Common: optim.Common{Clipvalue: &limit, WeightDecay: &decay}}
}

// TestSameBitsInPanels: layers whose weights lie in panels learn what others do, to the bit, on any number of workers; that
// the weights come into sight between steps changes nothing.
func TestSameBitsInPanels(t *testing.T) {
	chained(t, func(string) {
		for _, o := range []func() optim.Optimizer{adam, clipped} { // in long pieces and in short ones
			rows := wide(t, nn.WideRows+1, 1, o()) // too large a batch for panels
			if n := rows.Panelled(); n != 0 {
				t.Fatalf("%d weights lie in panels", n)
			}
			for i := range 2 {
				rows.Step(wideTestRows-8*i, nil)
			}
			for _, threads := range []int{1, 2, 8} {
				n := wide(t, wideTestRows, threads, o())
				if got := n.Panelled(); got != 2 {
					t.Fatalf("%d weights lie in panels, want 2", got)
				}
				for i := range 2 {
					if n.Step(wideTestRows-8*i, nil); threads == 1 {
						n.Weights()
					}
				}
				sameLearned(t, "in panels", n, rows)
			}
		}
	})
}

// TestPanelsTakeWhatIsWritten: weights and optimizer that are copied from another network between two steps go on as
// that one does; a network that is reset begins anew.
func TestPanelsTakeWhatIsWritten(t *testing.T) {
	a, b := wide(t, wideTestRows, 2, adam()), wide(t, wideTestRows, 2, adam())
	a.Step(wideTestRows, nil)
	b.Step(wideTestRows, nil)
	b.Step(wideTestRows, nil)
	for i, w := range b.Weights() {
		copy(w.Data, a.Weights()[i].Data)
	}
	for i, s := range b.Optimizer().Tensors() {
		copy(s.Values, a.Optimizer().Tensors()[i].Values)
	}
	b.Optimizer().Restore(a.Optimizer().Scalars())
	if x, y := a.Evaluate(wideTestRows, nil), b.Evaluate(wideTestRows, nil); x != y {
		t.Errorf("the losses are %v and %v", x, y)
	}
	a.Step(wideTestRows, nil)
	b.Step(wideTestRows, nil)
	sameLearned(t, "copied", b, a)

	b.Reset()
	sameLearned(t, "reset", b, wide(t, wideTestRows, 2, adam()))
}

// TestNoPanels: where the gradient is wanted whole, it is worked out in rows.
func TestNoPanels(t *testing.T) {
	limit := .1
	o := adam().(*optim.Adam)
	o.Clipnorm = &limit
	if n := wide(t, wideTestRows, 1, o).Panelled(); n != 0 {
		t.Errorf("%d weights lie in panels", n)
	}
}

func TestStepInPanelsAllocatesNothing(t *testing.T) {
	n := wide(t, wideTestRows, 2, adam())
	if a := allocates(func() { n.Step(wideTestRows, nil); n.Evaluate(9, nil) }); a != 0 {
		t.Errorf("a step allocates %v times", a)
	}
}
