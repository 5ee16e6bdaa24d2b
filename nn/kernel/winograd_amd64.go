package kernel

// As in simd_amd64.go, each function does as much of its twin's work as fits whole vectors, and returns how many
// channels that was: those of 16 lanes where there are such, then one of 8.

// lanes splits n channels: those before wide are for 16 lanes, those before end for 8.
func lanes(n int) (wide, end int) {
	if active == &avx512 {
		wide = n &^ 15
	}
	if simd() {
		end = n &^ 7
	}
	return wide, end
}

func winogradInputSIMD(cells *[36]*float32, v []float32, ld, n int) int {
	wide, end := lanes(n)
	if wide > 0 {
		winogradInputAVX512(&cells[0], &v[0], 4*ld, 16*n, 0, 4*wide)
	}
	if end > wide {
		winogradInputAVX2(&cells[0], &v[0], 4*ld, 16*n, 4*wide, 4*end)
	}
	return end
}

func winogradGradientSIMD(cells *[36]*float32, d []float32, ld, n int) int {
	wide, end := lanes(n)
	if wide > 0 {
		winogradGradientAVX512(&cells[0], &d[0], 4*ld, 0, 4*wide)
	}
	if end > wide {
		winogradGradientAVX2(&cells[0], &d[0], 4*ld, 4*wide, 4*end)
	}
	return end
}

func winogradOutputSIMD(cells *[36]*float32, m []float32, ld int, bias []float32, relu bool, n int) int {
	wide, end := lanes(n)
	if wide > 0 {
		if relu {
			winogradOutputReluAVX512(&cells[0], &m[0], &bias[0], 4*ld, 16*n, 0, 4*wide)
		} else {
			winogradOutputAVX512(&cells[0], &m[0], &bias[0], 4*ld, 16*n, 0, 4*wide)
		}
	}
	if end > wide {
		if relu {
			winogradOutputReluAVX2(&cells[0], &m[0], &bias[0], 4*ld, 16*n, 4*wide, 4*end)
		} else {
			winogradOutputAVX2(&cells[0], &m[0], &bias[0], 4*ld, 16*n, 4*wide, 4*end)
		}
	}
	return end
}

func winogradKernelSIMD(u []float32, lu int, w []float32, first, step, n int) int {
	wide, end := lanes(n)
	if wide > 0 {
		winogradKernelAVX512(&u[0], &w[first], 4*lu, 4*step, 0, 4*wide)
	}
	if end > wide {
		winogradKernelAVX2(&u[0], &w[first], 4*lu, 4*step, 4*wide, 4*end)
	}
	return end
}

func winogradKernelGradientSIMD(dw []float32, ld int, du []float32, lu, n int) int {
	wide, end := lanes(n)
	if wide > 0 {
		winogradKernelGradientAVX512(&dw[0], &du[0], 4*ld, 4*lu, 0, 4*wide)
	}
	if end > wide {
		winogradKernelGradientAVX2(&dw[0], &du[0], 4*ld, 4*lu, 4*wide, 4*end)
	}
	return end
}
