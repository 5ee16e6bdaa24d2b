package kernel

// Panels are a right operand B [k, n] laid out for products: column panels [n/PanelWidth, k, PanelWidth], each one piece
// of memory, the last one filled up with zeros. What is multiplied several times, or by several workers, is laid out
// once.

// PanelWidth is the number of columns of a panel. It depends on the kernels in use.
func PanelWidth() int {
	if active == &plain {
		return 16
	}
	return active.cols
}

// PanelsSize is the most values that the panels of a k x n operand take, whichever kernels are in use.
func PanelsSize(k, n int) int { return (n + 31) / 32 * 32 * k }

// Pack lays out the columns from <= j < to of b [k, n], ldb apart. Both begin or end a panel, or to is n: of the last
// panel, the columns beyond are zeros.
func Pack(panels []float32, k, n int, b []float32, ldb, from, to int) {
	w := PanelWidth()
	x, all := product{b: b, ldb: ldb, alpha: 1}, part{nk: k}
	for j := from; j < to && k > 0; j += w {
		panel, cols := panels[j*k:][:k*w], min(w, n-j) // [k, w]
		FetchToWrite(panel)
		packed := packBSIMD(&x, panel, w, &all, j, cols)
		for l := 0; l < k && (!packed || cols < w); l++ {
			row := panel[l*w:][:w]
			if !packed {
				copy(row, b[l*ldb+j:][:cols])
			}
			clear(row[cols:])
		}
	}
}

// PackT lays out the rows from <= l < to of the operand b' [k, n] that is the transpose of b [n, k], ldb apart.
func PackT(panels []float32, k, n int, b []float32, ldb, from, to int) {
	packT(panels, PanelWidth(), k, n, b, ldb, from, to)
}

// packT is PackT for panels of w columns.
func packT(panels []float32, w, k, n int, b []float32, ldb, from, to int) {
	for j := 0; j < n; j += w {
		panel, cols := panels[j*k+from*w:][:(to-from)*w], min(w, n-j) // [to-from, w]
		FetchToWrite(panel)
		Transpose(panel, w, b[j*ldb+from:], ldb, cols, to-from)
		for ; len(panel) > 0 && cols < w; panel = panel[w:] {
			clear(panel[cols:w])
		}
	}
}

// GemmPanels computes C = op(A) B, or adds it to C, for m x k op(A) and B [k, n] in panels.
func GemmPanels(transA Trans, m, n, k int, a []float32, lda int, panels []float32, add bool, c []float32, ldc int) {
	if m == 0 || n == 0 {
		return
	}
	width := PanelWidth()
	if active == &plain {
		beta := float32(0)
		if add {
			beta = 1
		}
		for j := 0; j < n; j += width {
			Gemm(transA, NoTrans, m, min(width, n-j), k, a, lda, panels[j*k:], width, beta, c[j:], ldc)
		}
		return
	}
	if k == 0 {
		if !add {
			for i := range m {
				clear(c[i*ldc : i*ldc+n])
			}
		}
		return
	}
	x := product{ta: bool(transA), m: m, n: n, k: k, alpha: 1, a: a, b: panels, c: c, lda: lda, ldc: ldc, panels: true, zero: !add}
	w := borrow()
	w.multiply(active, &x, x.blocked(active))
	w.giveBack()
}
