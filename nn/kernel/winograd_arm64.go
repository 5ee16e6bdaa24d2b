package kernel

// As in simd_arm64.go, each function does as many channels as fit whole vectors.

func winogradInputSIMD(cells *[36]*float32, v []float32, ld, n int) int {
	n &^= 3
	if n == 0 || !simd() {
		return 0
	}
	winogradInputNEON(&cells[0], &v[0], 4*ld, 0, 4*n)
	return n
}

func winogradGradientSIMD(cells *[36]*float32, d []float32, ld, n int) int {
	n &^= 3
	if n == 0 || !simd() {
		return 0
	}
	winogradGradientNEON(&cells[0], &d[0], 4*ld, 0, 4*n)
	return n
}

func winogradOutputSIMD(cells *[36]*float32, m []float32, ld int, bias []float32, relu bool, n int) int {
	n &^= 3
	switch {
	case n == 0 || !simd():
		return 0
	case relu:
		winogradOutputReluNEON(&cells[0], &m[0], &bias[0], 4*ld, 0, 4*n)
	default:
		winogradOutputNEON(&cells[0], &m[0], &bias[0], 4*ld, 0, 4*n)
	}
	return n
}

func winogradKernelSIMD(u []float32, lu int, w []float32, first, step, n int) int {
	n &^= 3
	if n == 0 || !simd() {
		return 0
	}
	winogradKernelNEON(&u[0], &w[first], 4*lu, 4*step, 0, 4*n)
	return n
}

func winogradKernelGradientSIMD(dw []float32, ld int, du []float32, lu, n int) int {
	n &^= 3
	if n == 0 || !simd() {
		return 0
	}
	winogradKernelGradientNEON(&dw[0], &du[0], 4*ld, 4*lu, 0, 4*n)
	return n
}
