package kernel

import "unsafe"

// panelCols is the number of columns of a panel: what an implicit product computes at a time, or half of it.
const panelCols = 16

// PanelColumns is the number of columns in whole panels that hold n.
func PanelColumns(n int) int { return (n + panelCols - 1) / panelCols * panelCols }

// implicitRows is the most rows that a kernel holds in its registers; with AVX-512 it is more.
const (
	implicitRows     = 6
	implicitWideRows = 10
)

// A round of a kernel's loop is implicitUnroll steps along k, or implicitRun where so many columns are one value apart.
const (
	implicitUnroll = 3
	implicitRun    = 8
)

// implicitProduct is the argument of an assembly kernel. The lists are in bytes.
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
	fetch
	own  [4]uintptr     // the kernel's
	edge unsafe.Pointer // memory for a panel of fewer columns

	// What follows is for the AVX-512 kernels, which have panels of any number of rows, and two side by side.
	apart
	most int  // the rows of full
	mask int  // opmask of the columns of the last panel
	more uint // theirs

	together int // the columns of a round, if they are one value apart
}

// apart is how far panels lie from each other in B and in C: in a kernel's argument, in bytes, else in values.
type apart struct{ b, c int }

// fetch says what is needed next and may be far: lines from two places on.
type fetch struct {
	first        unsafe.Pointer
	second, step int // bytes from the first to the second, and from line to line
	rounds       int // lines of each, in bytes of cols that a round takes
}

// offsetProduct is implicitProduct for an A of the offsets, as far as all kernels need it.
func offsetProduct(c []float32, ldc int, a []float32, rows, cols []int32, b []float32, width int, by apart) (p implicitProduct) {
	m, k, last := len(rows), len(cols), (width-1)/panelCols
	_, _, _ = c[(m-1)*ldc+last*by.c+(width-1)%panelCols], a[(rows[m-1]+cols[k-1])/4], b[last*by.b+k*panelCols-1]
	// Rows are shared out evenly, so that no panel is thin.
	panels := (m + implicitMost() - 1) / implicitMost()
	most := (m + panels - 1) / panels
	p.most, p.less = most, most*panels-m
	p.full = panels - p.less
	p.a, p.b, p.c = unsafe.Pointer(&a[0]), unsafe.Pointer(&b[0]), unsafe.Pointer(&c[0])
	p.rows, p.cols = unsafe.Pointer(&rows[0]), unsafe.Pointer(&cols[0])
	p.whole, p.end = 4*(k-k%implicitUnroll), 4*k
	p.ldc, p.width, p.apart = 4*ldc, width, apart{4 * by.b, 4 * by.c}
	p.mask = 1<<(width-last*panelCols) - 1
	return p
}

// implicit computes C [len(rows), width] = A B, where A is nowhere written: its element (i, l) is rows[i] + cols[l]
// bytes behind a's first, both lists ascending. B is a panel [len(cols), 16], or two, and width is at most
// implicitColumns. Every element is one chain of fused multiply-adds in ascending l that begins with 0; bias [16 or 32],
// in which no 0 is negative, is added at the end, if there is one, and then, with relu, what is not above 0 becomes 0.
// together is how many columns always follow each other, one value apart: implicitUnroll or implicitRun; 0: none.
func implicit(c []float32, ldc int, a []float32, rows, cols []int32, b []float32, width int, by apart, bias []float32, relu bool, together int) {
	if !simd() {
		for i, row := range rows {
			for j := range width {
				sum := chain(0, a, row, cols, b[j:]) // of one panel
				if bias != nil {
					sum += bias[j]
					if relu && sum <= 0 {
						sum = 0
					}
				}
				c[i*ldc+j] = sum
			}
		}
		return
	}
	p := offsetProduct(c, ldc, a, rows, cols, b, width, by)
	if bias != nil {
		p.bias = unsafe.Pointer(&bias[:PanelColumns(width)][0])
	}
	if relu {
		p.relu = 1
	}
	if p.together = together; together > 0 {
		p.whole = 4 * (len(cols) - len(cols)%together)
	}
	if width < panelCols {
		var edge [implicitRows * panelCols]float32
		p.edge = unsafe.Pointer(&edge)
	}
	implicitSIMD(&p, p.most)
}

// implicitAdd adds such a product to panels of C [len(rows), 16], or writes it there if C counts as 0: the chains begin
// with C.
func implicitAdd(c []float32, a []float32, rows, cols []int32, b []float32, width int, by apart, zero bool, next fetch) {
	if !simd() {
		for i, row := range rows {
			for j := range panelCols {
				at := &c[i*panelCols+j]
				if zero {
					*at = 0
				}
				*at = chain(*at, a, row, cols, b[j:])
			}
		}
		return
	}
	p := offsetProduct(c, panelCols, a, rows, cols, b, width, by)
	if zero {
		p.zero = 1
	}
	if p.fetch = next; next.first == nil {
		p.first = p.b
	}
	implicitAddSIMD(&p, p.most)
}

// chain is one element of the products' twins in Go: b is a column of the panel.
func chain(sum float32, a []float32, row int32, cols []int32, b []float32) float32 {
	for l, col := range cols {
		sum = fma(a[(row+col)/4], b[l*panelCols], sum)
	}
	return sum
}

// gradientPanel packs width columns of n rows of a gradient dy, ld apart, to panel [n, 16], and adds them to sum [16],
// row by row; columns beyond width are 0. With y, whose rows are ld apart too and 16 wide, only what has y above 0
// counts; with back, what does not becomes 0 in dy also.
func gradientPanel(panel, dy, y []float32, ld, n, width int, sum []float32, back bool) {
	_, _, _ = panel[n*panelCols-1], dy[(n-1)*ld+width-1], sum[panelCols-1]
	if y != nil {
		_ = y[(n-1)*ld+panelCols-1]
	}
	if gradientPanelSIMD(panel, dy, y, ld, n, width, sum, back) {
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
