package kernel

import "unsafe"

// As in simd_amd64.go, each function does as much of its twin's work as fits whole vectors, and returns how many
// channels that was: those of 16 lanes where there are such, then one of 8.

// winogradWidth is the columns of a panel: where there are kernels for all of the products, 16, else all.
func winogradWidth(cols int) int {
	if simd() {
		return winogradPanel
	}
	return cols
}

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

func (s *winogradCells) bytes() *byte { return (*byte)(unsafe.Pointer(s)) }

func winogradInputSIMD(cells *winogradCells, v []float32, p WinogradPanels, n int) int {
	wide, end := lanes(n)
	if wide > 0 {
		step, skip := p.steps(16)
		winogradInputAVX512(cells.bytes(), &v[0], 4*p.stride, 0, 4*wide, step, skip)
	}
	if end > wide {
		step, skip := p.steps(8)
		winogradInputAVX2(cells.bytes(), &v[p.column(wide)], 4*p.stride, 4*wide, 4*end, step, skip)
	}
	return end
}

func winogradGradientSIMD(cells *winogradCells, d []float32, p WinogradPanels, sums []float32, n int) int {
	wide, end := lanes(n)
	if wide > 0 {
		step, skip := p.steps(16)
		if cells.y != nil {
			winogradGradientReluAVX512(cells.bytes(), &d[0], &sums[0], 4*p.stride, 0, 4*wide, step, skip)
		} else {
			winogradGradientAVX512(cells.bytes(), &d[0], &sums[0], 4*p.stride, 0, 4*wide, step, skip)
		}
	}
	if end > wide {
		step, skip := p.steps(8)
		if d := &d[p.column(wide)]; cells.y != nil {
			winogradGradientReluAVX2(cells.bytes(), d, &sums[0], 4*p.stride, 4*wide, 4*end, step, skip)
		} else {
			winogradGradientAVX2(cells.bytes(), d, &sums[0], 4*p.stride, 4*wide, 4*end, step, skip)
		}
	}
	return end
}

func winogradOutputSIMD(cells *winogradCells, m []float32, p WinogradPanels, bias []float32, relu bool, n int) int {
	wide, end := lanes(n)
	if wide > 0 {
		step, skip := p.steps(16)
		if relu {
			winogradOutputReluAVX512(cells.bytes(), &m[0], &bias[0], 4*p.stride, 0, 4*wide, step, skip)
		} else {
			winogradOutputAVX512(cells.bytes(), &m[0], &bias[0], 4*p.stride, 0, 4*wide, step, skip)
		}
	}
	if end > wide {
		step, skip := p.steps(8)
		if m := &m[p.column(wide)]; relu {
			winogradOutputReluAVX2(cells.bytes(), m, &bias[0], 4*p.stride, 4*wide, 4*end, step, skip)
		} else {
			winogradOutputAVX2(cells.bytes(), m, &bias[0], 4*p.stride, 4*wide, 4*end, step, skip)
		}
	}
	return end
}

func winogradSpreadSIMD(cells *winogradCells, m []float32, p WinogradPanels, n int) int {
	wide, end := lanes(n)
	if wide > 0 {
		step, skip := p.steps(16)
		winogradSpreadAVX512(cells.bytes(), &m[0], 4*p.stride, 0, 4*wide, step, skip)
	}
	if end > wide {
		step, skip := p.steps(8)
		winogradSpreadAVX2(cells.bytes(), &m[p.column(wide)], 4*p.stride, 4*wide, 4*end, step, skip)
	}
	return end
}

func winogradKernelSIMD(u []float32, p WinogradPanels, w []float32, taps int) int {
	wide, end := lanes(p.cols)
	if wide > 0 {
		step, skip := p.steps(16)
		winogradKernelAVX512(&u[0], &w[0], 4*p.stride, 4*taps, 0, 4*wide, step, skip)
	}
	if end > wide {
		step, skip := p.steps(8)
		winogradKernelAVX2(&u[p.column(wide)], &w[0], 4*p.stride, 4*taps, 4*wide, 4*end, step, skip)
	}
	return end
}

func winogradKernelGradientSIMD(dw []float32, taps int, du []float32, shards int, p WinogradPanels) int {
	wide, end := lanes(p.cols)
	if wide > 0 {
		step, skip := p.steps(16)
		winogradKernelGradientAVX512(&dw[0], &du[0], 4*taps, 4*p.stride, shards, 4*p.Size(), 0, 4*wide, step, skip)
	}
	if end > wide {
		step, skip := p.steps(8)
		winogradKernelGradientAVX2(&dw[0], &du[p.column(wide)], 4*taps, 4*p.stride, shards, 4*p.Size(), 4*wide, 4*end, step, skip)
	}
	return end
}
