package kernel

import "unsafe"

// winogradPanel is the number of columns of a panel that the kernels of the products take.
const winogradPanel = 16

// The most rows of a tile of two panels' columns with AVX-512, and of one's.
const (
	winogradRows       = 14
	winogradNarrowRows = 16
)

// winogradMultiplySIMD does all of the products, or nothing.
func winogradMultiplySIMD(m, v, u, next []float32, pm, pv, pu WinogradPanels, points int) bool {
	if !simd() {
		return false
	}
	t := winogradProduct{a: unsafe.Pointer(&v[0]), b: unsafe.Pointer(&u[0]), c: unsafe.Pointer(&m[0]),
		pointA: 4 * pv.stride, pointB: 4 * pu.stride, pointC: 4 * pm.stride, panelA: 64 * pv.rows, panelB: 64 * pu.rows, panelC: 64 * pm.rows,
		points: points, groups: 1, panels: (pu.cols + 15) / 16, k: pv.cols}
	t.early(next)
	if active == &avx512 {
		t.wide(pv.rows, false)
		return true
	}
	switch b := (*byte)(unsafe.Pointer(&t)); t.tiles(pv.rows, avx2.rows) {
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
	if !simd() {
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
	switch {
	case t.groups == 0:
	case active == &avx512:
		t.wide(16, true)
	default:
		t.tiles(16, avx2.rows)
		winogradAccumulateAVX2_6(b)
	}
	// The last group may have fewer rows.
	whole := pv.cols &^ 15
	if whole == pv.cols {
		return true
	}
	t.a, t.c = unsafe.Pointer(&v[pv.column(whole)]), unsafe.Pointer(&du[pu.row(whole)])
	t.points, t.groups = points, 1
	if active == &avx512 {
		t.wide(pv.cols-whole, true)
		return true
	}
	switch t.tiles(pv.cols-whole, avx2.rows) {
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

// wide computes tiles of two panels' columns, then of the one that is left, with AVX-512.
func (t *winogradProduct) wide(rows int, across bool) {
	points, panels, right := t.points, t.panels, t.b // the kernels count points down
	b := (*byte)(unsafe.Pointer(t))
	if t.panels = panels / 2; t.panels > 0 {
		t.most = t.tiles(rows, winogradRows)
		if across {
			winogradAccumulateAVX512(b)
		} else {
			winogradMultiplyAVX512(b)
		}
	}
	if panels%2 == 1 {
		t.b, t.c = unsafe.Add(t.b, (panels-1)*t.panelB), unsafe.Add(t.c, (panels-1)*t.panelC)
		t.points, t.panels = points, 1
		t.most = t.tiles(rows, winogradNarrowRows)
		if across {
			winogradAccumulateNarrowAVX512(b)
		} else {
			winogradMultiplyNarrowAVX512(b)
		}
	}
	t.b, t.panels = right, panels
}

// early has the kernel ask for values early.
func (t *winogradProduct) early(next []float32) {
	t.next = uintptr(t.a)
	if len(next) > 0 {
		t.next = uintptr(unsafe.Pointer(&next[0]))
	}
}

// tiles cuts rows into tiles of at most so many, none of them thin, and returns the rows of the largest: 16 of at most 6
// are 6 5 5.
func (t *winogradProduct) tiles(rows, of int) int {
	n := (rows + of - 1) / of
	most := (rows + n - 1) / n
	t.short = n*most - rows
	t.long = n - t.short
	return most
}
