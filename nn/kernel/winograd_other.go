//go:build !amd64

package kernel

// There are no vector kernels of these yet: Gemm multiplies, and a panel has all columns.

func winogradWidth(cols int) int { return cols }

func winogradMultiplySIMD(_, _, _, _ []float32, _, _, _ WinogradPanels, _ int) bool { return false }
func winogradAccumulateSIMD(_, _, _, _ []float32, _, _, _ WinogradPanels, _ int, _ bool) bool {
	return false
}
