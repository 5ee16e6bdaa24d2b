package nn_test

import (
	"slices"
	"testing"

	"cnnbench/nn"
	"cnnbench/rng"
)

// TestDenseRowsByBlocks: each row's input gradient has the bits that it has by itself, also where there are more rows than
// are worked out at a time.
func TestDenseRowsByBlocks(t *testing.T) {
	const in, out = 37, 11
	pass := func(first, rows int) []float32 {
		n, err := nn.Build(&nn.Model{Layers: decode(t, "layers:\n- dense: {units: 11}")}, nn.Shape{in}, nn.Config{Batch: rows, Seed: 4, InputGradient: true})
		if err != nil {
			t.Fatal(err)
		}
		defer n.Close()
		draw := func(to []float32, from, width int) {
			s := rng.New(1, rng.Data, 0, 0).Stream()
			for range from * width {
				s.Norm()
			}
			for i := range to {
				to[i] = float32(s.Norm())
			}
		}
		draw(n.Input(), first, in)
		n.Forward(rows, true, 0)
		draw(n.OutputGradient(), first, out)
		n.Backward()
		return slices.Clone(n.InputGradient())
	}
	const rows = 256 + 17
	all := pass(0, rows)
	for _, first := range []int{0, 250, 256} {
		if !slices.Equal(pass(first, rows-first), all[first*in:]) {
			t.Errorf("from row %d on the gradient has other bits", first)
		}
	}
}
