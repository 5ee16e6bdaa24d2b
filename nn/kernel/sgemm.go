package kernel

import (
	"unsafe"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/gonum"
)

// tile is the argument of an assembly kernel: C[rows, cols] (+)= A[rows, k] B[k, cols]. Strides are in bytes. The
// kernel is chosen by the rows; the masks say which columns there are.
type tile struct {
	a, b, c unsafe.Pointer
	rs, ks  int // of A: from row to row, and along k
	bs, ldc int // of B along k, and of C from row to row
	k       int
	lo, hi  uint16 // opmasks of the columns
	_       uint32
	zero    int // 1: C counts as 0
}

// The blocks of a product. No bit depends on them: every element is one chain of fused multiply-adds in ascending k
// that begins with C.
const (
	blockK    = 256
	blockRows = 96
	blockCols = 1024
)

// workspace is what one running product needs beside its operands.
type workspace struct {
	tile   tile
	packed []float32 // [panels, k, cols] of a block of B
	edge   []float32 // [rows, cols] of a tile that reaches beyond C
	from   []uint16
}

// rows lends n values and n indices for the rows of a pooling.
func (w *workspace) rows(n int) ([]float32, []uint16) {
	if n > len(w.packed) {
		w.packed = make([]float32, n)
	}
	if n > len(w.from) {
		w.from = make([]uint16, n)
	}
	return w.packed[:n], w.from[:n]
}

// spare holds the workspaces that no product is using.
var spare = make(chan *workspace, 256)

func borrow() *workspace {
	select {
	case w := <-spare:
		return w
	default:
		return &workspace{packed: make([]float32, blockK*(blockCols+32)), edge: make([]float32, 16*32)}
	}
}

func (w *workspace) giveBack() {
	select {
	case spare <- w:
	default:
	}
}

// sgemm computes C = alpha op(A) op(B) + beta C.
func sgemm(s *isa, ta, tb bool, m, n, k int, alpha float32, a []float32, lda int, b []float32, ldb int, beta float32, c []float32, ldc int) {
	w := borrow()
	defer w.giveBack()
	zero := beta == 0
	if beta != 0 && beta != 1 {
		for i := range m {
			for j := range n {
				c[i*ldc+j] *= beta
			}
		}
	}
	if k == 0 || alpha == 0 {
		if zero {
			for i := range m {
				clear(c[i*ldc : i*ldc+n])
			}
		}
		return
	}
	// B is packed where its panels are used often enough to pay for it, and where a kernel could not read it: across
	// its rows, scaled, or beyond its edge.
	pack := tb || alpha != 1 || m > 4*s.rows
	for j0 := 0; j0 < n; j0 += blockCols {
		nj := min(blockCols, n-j0)
		for k0 := 0; k0 < k; k0 += blockK {
			nk := min(blockK, k-k0)
			if pack || !s.masks && nj%s.cols != 0 {
				w.pack(s, tb, alpha, b, ldb, j0, nj, k0, nk, pack)
			}
			for i0 := 0; i0 < m; i0 += blockRows {
				ni := min(blockRows, m-i0)
				w.block(s, ta, a, lda, i0, ni, k0, nk, b, ldb, j0, nj, c, ldc, pack, zero && k0 == 0)
			}
		}
	}
}

// pack copies the block of B to panels of cols columns, [panels, nk, cols], scaled by alpha; columns beyond n are 0.
// Where not all, only the last, partial panel.
func (w *workspace) pack(s *isa, tb bool, alpha float32, b []float32, ldb, j0, nj, k0, nk int, all bool) {
	for p := 0; p < nj; p += s.cols {
		cols := min(s.cols, nj-p)
		if !all && cols == s.cols {
			continue
		}
		panel := w.packed[p*nk:][:nk*s.cols] // [nk, cols]
		if tb {
			Transpose(panel, s.cols, b[(j0+p)*ldb+k0:], ldb, cols, nk)
		}
		for l := range nk {
			row := panel[l*s.cols : (l+1)*s.cols]
			if !tb {
				copy(row, b[(k0+l)*ldb+j0+p:][:cols])
			}
			if alpha != 1 {
				for j := range cols {
					row[j] *= alpha
				}
			}
			clear(row[cols:])
		}
	}
}

// block multiplies a block of A with the block of B.
func (w *workspace) block(s *isa, ta bool, a []float32, lda, i0, ni, k0, nk int, b []float32, ldb, j0, nj int, c []float32, ldc int, packed, zero bool) {
	t := &w.tile
	t.k, t.zero = nk, 0
	if zero {
		t.zero = 1
	}
	t.rs, t.ks = 4*lda, 4
	if ta {
		t.rs, t.ks = 4, 4*lda
	}
	// Panels of rows are balanced, so that none is thin: 64 rows of at most 14 are 13 13 13 13 12.
	panels := (ni + s.rows - 1) / s.rows
	for p := 0; p < nj; p += s.cols {
		cols := min(s.cols, nj-p)
		t.lo, t.hi = uint16(1<<min(cols, 16)-1), uint16(1<<max(cols-16, 0)-1)
		if packed || !s.masks && cols < s.cols {
			t.b, t.bs = unsafe.Pointer(&w.packed[p*nk]), 4*s.cols
		} else {
			t.b, t.bs = unsafe.Pointer(&b[k0*ldb+j0+p]), 4*ldb
		}
		row := i0
		for q := range panels {
			rows := ni * (q + 1) / panels
			rows -= row - i0
			if ta {
				t.a = unsafe.Pointer(&a[k0*lda+row])
			} else {
				t.a = unsafe.Pointer(&a[row*lda+k0])
			}
			at := c[row*ldc+j0+p:]
			switch {
			case s.tile == nil:
				t.c, t.ldc = unsafe.Pointer(&at[0]), 4*ldc
				genericTile(t, rows, cols)
			case s.masks || cols == s.cols:
				t.c, t.ldc = unsafe.Pointer(&at[0]), 4*ldc
				s.tile[rows-1]((*byte)(unsafe.Pointer(t)))
			default:
				w.edgeTile(s, at, ldc, rows, cols)
			}
			row += rows
		}
	}
}

// edgeTile computes a tile of which only some columns are C's, beside it.
func (w *workspace) edgeTile(s *isa, c []float32, ldc, rows, cols int) {
	for i := range rows {
		copy(w.edge[i*s.cols:][:cols], c[i*ldc:])
	}
	w.tile.c, w.tile.ldc = unsafe.Pointer(&w.edge[0]), 4*s.cols
	s.tile[rows-1]((*byte)(unsafe.Pointer(&w.tile)))
	for i := range rows {
		copy(c[i*ldc:][:cols], w.edge[i*s.cols:])
	}
}

// genericTile is the assembly's twin in Go.
func genericTile(t *tile, rows, cols int) {
	for i := range rows {
		for j := range cols {
			c := (*float32)(unsafe.Add(t.c, i*t.ldc+4*j))
			sum := *c
			if t.zero == 1 {
				sum = 0
			}
			for l := range t.k {
				sum = fma(*(*float32)(unsafe.Add(t.a, i*t.rs+l*t.ks)), *(*float32)(unsafe.Add(t.b, l*t.bs+4*j)), sum)
			}
			*c = sum
		}
	}
}

// implementation is gonum's BLAS with our product.
type implementation struct{ gonum.Implementation }

// Sgemm computes C = alpha op(A) op(B) + beta C, with gonum's checks.
func (implementation) Sgemm(tA, tB blas.Transpose, m, n, k int, alpha float32, a []float32, lda int, b []float32, ldb int, beta float32, c []float32, ldc int) {
	// gonum's own checks run on a product of which nothing is left to compute.
	if m == 0 || n == 0 || !wellFormed(tA, tB, m, n, k, a, lda, b, ldb, c, ldc) {
		gonum.Implementation{}.Sgemm(tA, tB, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc)
		return
	}
	sgemm(active, tA != blas.NoTrans, tB != blas.NoTrans, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc)
}

// wellFormed reports whether gonum would take the operands without a panic.
func wellFormed(tA, tB blas.Transpose, m, n, k int, a []float32, lda int, b []float32, ldb int, c []float32, ldc int) bool {
	fits := func(t blas.Transpose, rows, cols, ld, length int) bool {
		switch t {
		case blas.Trans, blas.ConjTrans:
			rows, cols = cols, rows
		case blas.NoTrans:
		default:
			return false
		}
		return ld >= max(1, cols) && length >= ld*(rows-1)+cols
	}
	return m > 0 && n > 0 && k >= 0 && fits(tA, m, k, lda, len(a)) && fits(tB, k, n, ldb, len(b)) && ldc >= n && len(c) >= ldc*(m-1)+n
}
