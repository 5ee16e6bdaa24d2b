//go:build !amd64 && !arm64

package kernel

// There are no vector kernels here: the Go twins do all of the work.

func winogradInputSIMD(_ *winogradCells, _ []float32, _ WinogradPanels, _ int) int { return 0 }
func winogradGradientSIMD(_ *winogradCells, _ []float32, _ WinogradPanels, _ []float32, _ int) int {
	return 0
}
func winogradOutputSIMD(_ *winogradCells, _ []float32, _ WinogradPanels, _ []float32, _ bool, _ int) int {
	return 0
}
func winogradSpreadSIMD(_ *winogradCells, _ []float32, _ WinogradPanels, _ int) int { return 0 }
func winogradKernelSIMD(_ []float32, _ WinogradPanels, _ []float32, _ int) int      { return 0 }
func winogradKernelGradientSIMD(_ []float32, _ int, _ []float32, _ int, _ WinogradPanels) int {
	return 0
}
