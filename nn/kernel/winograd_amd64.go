package kernel

import "unsafe"

// As in simd_amd64.go, each function does as much of its twin's work as fits whole vectors, and returns how many
// channels that was: those of 16 lanes where there are such, then one of 8.

// winogradWidth is the columns of a panel: where there are kernels for all of the products, their tiles', else all.
func winogradWidth(cols int) int {
	if active == &avx2 {
		return avx2.cols
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

// winogradMultiplySIMD does all of the products, or nothing.
func winogradMultiplySIMD(m, v, u, next []float32, pm, pv, pu WinogradPanels, points int) bool {
	if active != &avx2 {
		return false
	}
	t := winogradProduct{a: unsafe.Pointer(&v[0]), b: unsafe.Pointer(&u[0]), c: unsafe.Pointer(&m[0]),
		pointA: 4 * pv.stride, pointB: 4 * pu.stride, pointC: 4 * pm.stride, panelA: 64 * pv.rows, panelB: 64 * pu.rows, panelC: 64 * pm.rows,
		points: points, groups: 1, panels: (pu.cols + 15) / 16, k: pv.cols}
	t.early(next)
	switch b := (*byte)(unsafe.Pointer(&t)); t.tiles(pv.rows) {
	case 1:
		winogradMultiplyAVX2_1(b)
	case 2:
		winogradMultiplyAVX2_2(b)
	case 3:
		winogradMultiplyAVX2_3(b)
	case 4:
		winogradMultiplyAVX2_4(b)
	case 5:
		winogradMultiplyAVX2_5(b)
	case 6:
		winogradMultiplyAVX2_6(b)
	}
	return true
}

// winogradAccumulateSIMD does all of the products, or nothing.
func winogradAccumulateSIMD(du, v, d, next []float32, pu, pv, pd WinogradPanels, points int, zero bool) bool {
	if active != &avx2 {
		return false
	}
	t := winogradProduct{a: unsafe.Pointer(&v[0]), b: unsafe.Pointer(&d[0]), c: unsafe.Pointer(&du[0]),
		pointA: 4 * pv.stride, pointB: 4 * pd.stride, pointC: 4 * pu.stride, panelA: 64 * pv.rows, panelB: 64 * pd.rows, panelC: 64 * pu.rows,
		groupC: 64 * 16, points: points, groups: pv.cols / 16, panels: (pd.cols + 15) / 16, k: pv.rows}
	if zero {
		t.zero = 1
	}
	t.early(next)
	b := (*byte)(unsafe.Pointer(&t))
	if t.groups > 0 {
		t.tiles(16)
		winogradAccumulateAVX2_6(b)
	}
	// The last group may have fewer rows.
	whole := pv.cols &^ 15
	if whole == pv.cols {
		return true
	}
	t.a, t.c = unsafe.Pointer(&v[pv.column(whole)]), unsafe.Pointer(&du[pu.row(whole)])
	t.points, t.groups = points, 1
	switch t.tiles(pv.cols - whole) {
	case 1:
		winogradAccumulateAVX2_1(b)
	case 2:
		winogradAccumulateAVX2_2(b)
	case 3:
		winogradAccumulateAVX2_3(b)
	case 4:
		winogradAccumulateAVX2_4(b)
	case 5:
		winogradAccumulateAVX2_5(b)
	case 6:
		winogradAccumulateAVX2_6(b)
	}
	return true
}

// early has the kernel ask for values early.
func (t *winogradProduct) early(next []float32) {
	t.next = uintptr(t.a)
	if len(next) > 0 {
		t.next = uintptr(unsafe.Pointer(&next[0]))
	}
}

// tiles cuts rows into tiles, none of them thin, and returns the rows of the largest: 16 of at most 6 are 6 5 5.
func (t *winogradProduct) tiles(rows int) int {
	n := (rows + avx2.rows - 1) / avx2.rows
	most := (rows + n - 1) / n
	t.short = n*most - rows
	t.long = n - t.short
	return most
}
