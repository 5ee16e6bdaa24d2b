package kernel

import "unsafe"

// As in simd_arm64.go, each function does as many channels as fit whole vectors.

// table lists the addresses of n x n cells of x.
func (s *winogradCells) table(x unsafe.Pointer, n int) (cells [36]*float32) {
	for i := range n {
		for j := range n {
			cells[i*n+j] = s.of(x, i, j, 0)
		}
	}
	return cells
}

func winogradInputSIMD(s *winogradCells, v []float32, p WinogradPanels, n int) int {
	n &^= 3
	if n == 0 || !simd() {
		return 0
	}
	cells := s.table(s.x, 6)
	winogradInputNEON(&cells[0], &v[0], 4*p.stride, 4*n)
	return n
}

func winogradGradientSIMD(s *winogradCells, d []float32, p WinogradPanels, sums []float32, n int) int {
	n &^= 3
	if n == 0 || !simd() {
		return 0
	}
	cells := s.table(s.x, 4)
	if s.y == nil {
		winogradGradientNEON(&cells[0], &d[0], &sums[0], 4*p.stride, 4*n)
		return n
	}
	ys := s.table(s.y, 4)
	winogradGradientReluNEON(&cells[0], &ys[0], &d[0], &sums[0], 4*p.stride, 4*n)
	return n
}

func winogradOutputSIMD(s *winogradCells, m []float32, p WinogradPanels, bias []float32, relu bool, n int) int {
	n &^= 3
	if n == 0 || !simd() {
		return 0
	}
	cells := s.table(s.x, 4)
	if relu {
		winogradOutputReluNEON(&cells[0], &m[0], &bias[0], 4*p.stride, 4*n)
	} else {
		winogradOutputNEON(&cells[0], &m[0], &bias[0], 4*p.stride, 4*n)
	}
	return n
}

func winogradSpreadSIMD(s *winogradCells, m []float32, p WinogradPanels, n int) int {
	n &^= 3
	if n == 0 || !simd() {
		return 0
	}
	cells := s.table(s.x, 6)
	winogradSpreadNEON(&cells[0], &m[0], 4*p.stride, 4*n)
	return n
}

func winogradKernelSIMD(u []float32, p WinogradPanels, w []float32, taps int) int {
	n := p.cols &^ 3
	if n == 0 || !simd() {
		return 0
	}
	winogradKernelNEON(&u[0], &w[0], 4*p.stride, 4*taps, 4*n)
	return n
}

func winogradKernelGradientSIMD(dw []float32, taps int, du []float32, shards int, p WinogradPanels) int {
	n := p.cols &^ 3
	if n == 0 || !simd() {
		return 0
	}
	winogradKernelGradientNEON(&dw[0], &du[0], 4*taps, 4*p.stride, shards, 4*p.Size(), 4*n)
	return n
}
