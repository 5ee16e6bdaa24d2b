//go:build !amd64 && !arm64

package kernel

// There are no vector kernels here: the Go twins do all of the work. simd says so.

func simd() bool                                                                 { return false }
func implicitSIMD(_ *implicitProduct, _ int)                                     {}
func implicitAddSIMD(_ *implicitProduct, _ int)                                  {}
func gradientPanelSIMD(_, _, _ []float32, _, _, _ int, _ []float32, _ bool) bool { return false }
