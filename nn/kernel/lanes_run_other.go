//go:build !arm64

package kernel

import "unsafe"

// What amd64 does in kernels of its own, and the others in Go.

func lanesChainSIMD(_ *[8]float32, _ unsafe.Pointer, _ int, _ unsafe.Pointer, _ int) bool {
	return false
}
func lanesProductsSIMD(_ *[8]float32, _ unsafe.Pointer, _ int, _ unsafe.Pointer, _, _ int) bool {
	return false
}
