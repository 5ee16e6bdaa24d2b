package kernel

import "unsafe"

// panelCols is the number of columns of a panel: what an implicit product computes at a time.
const panelCols = 16

// Panels is the number of columns in whole panels that hold n.
func Panels(n int) int { return (n + panelCols - 1) / panelCols * panelCols }

// implicitRows is the most rows that a kernel holds in its registers.
const implicitRows = 6

// implicitUnroll is the number of steps along k in one round of a kernel's loop.
const implicitUnroll = 3

// implicitProduct is the argument of an assembly kernel.
type implicitProduct struct {
	a          unsafe.Pointer
	rows, cols unsafe.Pointer
	whole, end int // bytes of cols: in whole rounds of the loop, and all
	b, c       unsafe.Pointer
	ldc        int            // of C, in bytes
	bias       unsafe.Pointer // or nil
	zero, relu int            // 1: C counts as 0; what is not above 0 becomes 0
	full, less int            // panels of the kernel's rows, and of one row less
	width      int            // columns of C
	rowAt, cAt uintptr        // the kernel's own
	edge       [implicitRows * panelCols]float32
}

// implicit computes C [len(rows), width] = A B, where A is nowhere written: its element (i, l) is rows[i] + cols[l]
// bytes behind a's first, both lists ascending. B is a panel [len(cols), 16], and width is at most 16. Without zero it
// adds to C, whose width is then 16. bias [16] is added at the end, if there is one; with relu, what is not above 0 becomes 0.
// Every element is one chain of fused multiply-adds in ascending l that begins with C.
func implicit(c []float32, ldc int, a []float32, rows, cols []int32, b []float32, width int, zero bool, bias []float32, relu bool) {
	m, k := len(rows), len(cols)
	if m == 0 || k == 0 {
		return
	}
	_, _, _ = c[(m-1)*ldc+width-1], a[(rows[m-1]+cols[k-1])/4], b[k*panelCols-1]
	if bias != nil {
		_ = bias[panelCols-1]
	}
	if !simd() {
		implicitGo(c, ldc, a, rows, cols, b, width, zero, bias, relu)
		return
	}
	// Rows are shared out evenly, so that no panel is thin.
	panels := (m + implicitRows - 1) / implicitRows
	thin := m / panels
	p := implicitProduct{a: unsafe.Pointer(&a[0]), rows: unsafe.Pointer(&rows[0]), cols: unsafe.Pointer(&cols[0]), whole: 4 * (k - k%implicitUnroll), end: 4 * k,
		b: unsafe.Pointer(&b[0]), c: unsafe.Pointer(&c[0]), ldc: 4 * ldc, bias: unsafe.Pointer(unsafe.SliceData(bias)), width: width}
	if zero {
		p.zero = 1
	}
	if relu {
		p.relu = 1
	}
	if p.full = m - thin*panels; p.full > 0 {
		p.less = panels - p.full
		thin++
	} else {
		p.full = panels
	}
	implicitSIMD(&p, thin)
}

// implicitGo is the assembly's twin.
func implicitGo(c []float32, ldc int, a []float32, rows, cols []int32, b []float32, width int, zero bool, bias []float32, relu bool) {
	for i, row := range rows {
		c := c[i*ldc:][:width]
		for j := range c {
			sum := c[j]
			if zero {
				sum = 0
			}
			for l, col := range cols {
				sum = fma(a[(row+col)/4], b[l*panelCols+j], sum)
			}
			if bias != nil {
				sum += bias[j]
			}
			if relu && sum <= 0 {
				sum = 0
			}
			c[j] = sum
		}
	}
}

// gradientPanel packs width columns of n rows of a gradient dy, ld apart, to panel [n, 16], and adds them to sum
// [16], row by row. With y, whose rows are ld apart too, only what has y above 0 counts; with back, what does not becomes 0 in dy also.
// Columns beyond width are 0.
func gradientPanel(panel, dy, y []float32, ld, n, width int, sum []float32, back bool) {
	if n == 0 {
		return
	}
	_, _, _ = panel[n*panelCols-1], dy[(n-1)*ld+width-1], sum[panelCols-1]
	if y != nil {
		_ = y[(n-1)*ld+width-1]
	}
	if width == panelCols && gradientPanelSIMD(panel, dy, y, ld, n, sum, back) {
		return
	}
	for i := range n {
		row := panel[i*panelCols:][:panelCols]
		at := dy[i*ld:][:width]
		for j, v := range at {
			if y != nil && y[i*ld+j] <= 0 {
				v = 0
				if back {
					at[j] = 0
				}
			}
			row[j] = v
			sum[j] += v
		}
		clear(row[width:])
	}
}
