package kernel

import "unsafe"

// WinogradPanels is how a matrix [rows, cols] of each of the 36 points lies: its columns in panels, [panels, rows,
// width], and each point stride values after the one before. What the last panel has beyond the columns is not used.
type WinogradPanels struct {
	rows, cols, width, stride int
}

// PointPanels lays matrices [rows, cols] out as the kernels in use like them.
func PointPanels(rows, cols int) WinogradPanels {
	// An odd number of cache lines from point to point: else the points' values would fall to the same few places of the
	// first cache.
	lines := rows*((cols+15)/16) | 1
	return WinogradPanels{rows, cols, winogradWidth(cols), 16 * lines}
}

// Size is the number of values of all points, the same for all kernels.
func (p WinogradPanels) Size() int { return WinogradPoints * p.stride }

// row is where a row begins, column how far from there a column is, and size what a point holds.
func (p WinogradPanels) row(row int) int { return row * p.width }
func (p WinogradPanels) column(col int) int {
	return col/p.width*p.width*p.rows + col%p.width
}
func (p WinogradPanels) size() int { return (p.cols + p.width - 1) / p.width * p.width * p.rows }

// steps are the bytes from one vector of a row to the next, and from that to the one after it.
func (p WinogradPanels) steps(lanes int) (step, skip int) {
	if p.width >= p.cols {
		return 4 * lanes, 4 * lanes
	}
	step, skip = 4*lanes, 4*(p.width*p.rows-(p.width-lanes))
	if p.width == lanes {
		step = skip
	}
	return step, skip
}

// WinogradMultiply computes M = V U for n of the points from the first on: v holds [tiles, c] of each, u [c, f] and m
// [tiles, f]. next is what will be read afterwards and has long left the caches, or nil.
func WinogradMultiply(m, v, u, next []float32, tiles, c, f, first, n int) {
	pm, pv, pu := PointPanels(tiles, f), PointPanels(tiles, c), PointPanels(c, f)
	m, v, u = m[first*pm.stride:], v[first*pv.stride:], u[first*pu.stride:]
	_, _, _ = m[:(n-1)*pm.stride+pm.size()], v[:(n-1)*pv.stride+pv.size()], u[:(n-1)*pu.stride+pu.size()] // as checks
	if winogradMultiplySIMD(m, v, u, next, pm, pv, pu, n) {
		return
	}
	for p := range n {
		Gemm(NoTrans, NoTrans, tiles, f, c, v[p*pv.stride:], c, u[p*pu.stride:], f, 0, m[p*pm.stride:], f)
	}
}

// WinogradAccumulate adds V^T D to dU for n of the points from the first on, or writes it there if dU counts as 0: v
// holds [tiles, c] of each, d [tiles, f] and du [c, f]. next is as in WinogradMultiply.
func WinogradAccumulate(du, v, d, next []float32, tiles, c, f, first, n int, zero bool) {
	pu, pv, pd := PointPanels(c, f), PointPanels(tiles, c), PointPanels(tiles, f)
	du, v, d = du[first*pu.stride:], v[first*pv.stride:], d[first*pd.stride:]
	_, _, _ = du[:(n-1)*pu.stride+pu.size()], v[:(n-1)*pv.stride+pv.size()], d[:(n-1)*pd.stride+pd.size()]
	if winogradAccumulateSIMD(du, v, d, next, pu, pv, pd, n, zero) {
		return
	}
	beta := float32(1)
	if zero {
		beta = 0
	}
	for p := range n {
		Gemm(T, NoTrans, c, f, tiles, v[p*pv.stride:], c, d[p*pd.stride:], f, beta, du[p*pu.stride:], f)
	}
}

// winogradProduct is the argument of the kernels of the points' products. Steps are in bytes. A lies in panels too;
// where it is transposed they are groups, each with rows of C of its own.
type winogradProduct struct {
	a, b, c                unsafe.Pointer
	pointA, pointB, pointC int // from point to point
	panelA, panelB, panelC int // from panel to panel
	groupC                 int // from group to group
	points, groups, panels int
	long, short            int // tiles of the most rows, and of one less
	k                      int
	zero                   int     // 1: C counts as 0
	next                   uintptr // what is asked for early, as it will be read afterwards
	_                      [9]uint // what the kernels keep
	most                   int     // the largest tiles' rows
}
