package kernel

// A matrix [m, k] can lie in panels for good, where k is of whole ones: nothing is packed when it is a right operand.

// ToPanels writes src [m, k] to dst in panels, FromPanels the other way.
func ToPanels(dst, src []float32, m, k int) {
	w := PanelWidth()
	for j := 0; j < k; j += w {
		for i := range m {
			copy(dst[j*m+i*w:][:w], src[i*k+j:])
		}
	}
}

// FromPanels is the inverse of ToPanels.
func FromPanels(dst, src []float32, m, k int) {
	w := PanelWidth()
	for j := 0; j < k; j += w {
		for i := range m {
			copy(dst[i*k+j:][:w], src[j*m+i*w:])
		}
	}
}

// Panelled is such a matrix as a left operand: where its rows and its columns lie, in bytes.
type Panelled struct{ rows, cols []int32 }

// PanelledFits reports whether [m, k] can lie in panels, and be a left operand so.
func PanelledFits(m, k int) bool { return k%PanelWidth() == 0 && int64(m)*int64(k) < 1<<29 }

// NewPanelled makes it for [m, k].
func NewPanelled(m, k int) *Panelled {
	w := PanelWidth()
	p := &Panelled{make([]int32, m), make([]int32, k)}
	for i := range p.rows {
		p.rows[i] = int32(4 * w * i)
	}
	for l := range p.cols {
		p.cols[l] = int32(4 * (l/w*w*m + l%w))
	}
	return p
}

// PackT lays out the rows from <= l < to of the right operand b' [k, n] for Multiply, from b [n, k], ldb apart. It takes
// PanelColumns(n) * k values.
func (p *Panelled) PackT(right []float32, n int, b []float32, ldb, from, to int) {
	packT(right, panelCols, len(p.cols), n, b, ldb, from, to)
}

// Multiply computes the rows i0 <= i < i1 of a's product with what PackT laid out: c [i1-i0, n], ldc apart.
func (p *Panelled) Multiply(a []float32, i0, i1 int, right []float32, n int, c []float32, ldc int) {
	k, cols := len(p.cols), implicitColumns() // PanelWidth is of whole implicitRuns
	for j := 0; j < n; j += cols {
		implicit(c[j:], ldc, a, p.rows[i0:i1], p.cols, right[j*k:], min(cols, n-j), apart{k * panelCols, panelCols}, nil, false, implicitRun)
	}
}
