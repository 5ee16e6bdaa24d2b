//go:build !amd64

package kernel

// There are no vector kernels here yet: the Go twins do all of the work.

func winogradInputSIMD(_ *[36]*float32, _ []float32, _, _ int) int    { return 0 }
func winogradGradientSIMD(_ *[36]*float32, _ []float32, _, _ int) int { return 0 }
func winogradOutputSIMD(_ *[36]*float32, _ []float32, _ int, _ []float32, _ bool, _ int) int {
	return 0
}
func winogradKernelSIMD(_ []float32, _ int, _ []float32, _, _, _ int) int      { return 0 }
func winogradKernelGradientSIMD(_ []float32, _ int, _ []float32, _, _ int) int { return 0 }
