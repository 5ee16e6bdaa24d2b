package nn_test

import (
	"slices"
	"testing"

	"cnnbench/nn"
	"cnnbench/nn/golden"
	"cnnbench/nn/kernel"
	"cnnbench/rng"
)

// TestFusedLSTMAgreesWithGeneral: the usual LSTM gives what the general operation does, which networks without vector
// kernels have.
func TestFusedLSTMAgreesWithGeneral(t *testing.T) {
	defer kernel.Use("")
	const most, features = 13, 5
	for i, units := range []int{1, 8, 20, 45, 64} {
		kind, _ := nn.Layers.Lookup("lstm")
		l := kind.New().(*nn.LSTM)
		l.Units, l.ReturnSequences, l.UseBias = units, i%2 == 0, i%3 > 0
		run := func(isa string, rows int) [][]float32 {
			if err := kernel.Use(isa); err != nil {
				t.Fatal(err)
			}
			n, err := nn.Build(&nn.Model{Layers: []nn.Layer{l}}, nn.Shape{1 + 3*i, features}, nn.Config{Batch: most, InputGradient: true})
			if err != nil {
				t.Fatal(err)
			}
			defer n.Close()
			s := rng.New(3, rng.Data, 0, 0).Stream()
			for i := range n.Input() {
				n.Input()[i] = float32(s.Norm())
			}
			n.Forward(most, true, 0) // what another pass has left must not matter
			n.Forward(rows, true, 0)
			for i := range n.OutputGradient() {
				n.OutputGradient()[i] = float32(s.Norm())
			}
			n.Backward()
			in, out := n.Summary().In.Size(), n.Summary().Out().Size()
			results := [][]float32{n.Output()[:rows*out], n.InputGradient()[:rows*in]}
			for _, w := range n.Weights() {
				results = append(results, w.Gradient)
			}
			return results
		}
		for _, rows := range []int{most, 1, 6} {
			want := run("gonum", rows)
			for k, got := range run("", rows) {
				if r := golden.Relative(got, want[k]); !(r <= 3e-6) {
					t.Errorf("%d units, %d rows: result %d is off by %.2g", units, rows, k, r)
				}
			}
		}
	}
}

// TestInferenceOfLSTMs: a network that never trains keeps less of each step and gives the same bits.
func TestInferenceOfLSTMs(t *testing.T) {
	const rows = 11
	for _, steps := range []int{1, 2, 9} {
		run := func(train bool) []float32 {
			n, err := nn.Build(&nn.Model{Layers: decode(t, "layers:\n- lstm: {units: 20, return_sequences: true}\n- lstm: {units: 9}")}, nn.Shape{steps, 6},
				nn.Config{Batch: rows, InputGradient: train})
			if err != nil {
				t.Fatal(err)
			}
			defer n.Close()
			s := rng.New(4, rng.Data, 0, 0).Stream()
			for i := range n.Input() {
				n.Input()[i] = float32(s.Norm())
			}
			n.Forward(rows, train, 0)
			return n.Predict(rows)
		}
		if got, want := run(false), run(true); !slices.Equal(got, want) {
			t.Errorf("%d steps: %v, want %v", steps, got, want)
		}
	}
}
