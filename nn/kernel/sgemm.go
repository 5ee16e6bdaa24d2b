package kernel

import (
	"unsafe"

	"gonum.org/v1/gonum/blas/gonum"
)

// product is C (+)= alpha op(A) op(B) for row-major matrices: op(A) is m x k, op(B) is k x n, C is m x n.
type product struct {
	ta, tb        bool
	m, n, k       int
	alpha         float32
	a, b, c       []float32
	lda, ldb, ldc int
	zero          bool // C counts as 0
}

// blocking says how a product is cut into blocks, and which operands are packed. No bit depends on it: every element is
// one chain of fused multiply-adds in ascending k that begins with C.
type blocking struct {
	k, rows, cols int // of a block
	packA, packB  bool
}

// The blocks: a panel of B stays in the first cache, a block of A in the second, one of B in the third. A kernel is not
// interrupted, so a block of A is also as much as is computed in some 10 us.
const (
	blockK    = 512
	blockA    = 48 << 10 // values
	blockCols = 1024
	rowPad    = 16 // values between packed rows, which must not be a multiple of a page apart

	packedB = blockK*blockCols + spill
	packedA = blockA + 2*blockA/blockK*rowPad + spill
)

// blocked chooses the blocking.
func (x *product) blocked(s *isa) blocking {
	var bl blocking
	blocks := (x.k + blockK - 1) / blockK
	bl.k = (x.k+blocks-1)/blocks + 7&^7
	bl.k = min(bl.k, blockK)
	rows := max(blockA/bl.k/s.rows, 1) * s.rows
	blocks = (x.m + rows - 1) / rows
	bl.rows = ((x.m+blocks-1)/blocks + s.rows - 1) / s.rows * s.rows
	bl.cols = blockCols
	bl.packB = x.m > 2*s.rows && bl.k > 32
	bl.packA = bl.k > 32 && (x.ta && x.n > 2*s.cols || x.n > 8*s.cols)
	return bl
}

// sgemm computes C = alpha op(A) op(B) + beta C.
func sgemm(s *isa, ta, tb bool, m, n, k int, alpha float32, a []float32, lda int, b []float32, ldb int, beta float32, c []float32, ldc int) {
	x := product{ta, tb, m, n, k, alpha, a, b, c, lda, ldb, ldc, beta == 0}
	if beta != 0 && beta != 1 {
		for i := range m {
			gonum.Implementation{}.Sscal(n, beta, c[i*ldc:], 1)
		}
	}
	if k == 0 || alpha == 0 {
		if x.zero {
			for i := range m {
				clear(c[i*ldc : i*ldc+n])
			}
		}
		return
	}
	w := borrow()
	if x.turns() {
		w.turned(s, &x)
	} else {
		w.multiply(s, &x, x.blocked(s))
	}
	w.giveBack()
}

// turns reports whether C^T is computed in C's place, to have the longer side of C in the lanes: B is then packed in
// tiles, and A, the larger one, read along its rows. The products' factors change sides, which no bit shows.
func (x *product) turns() bool {
	return x.ta && !x.mustPack() && x.m > x.n && x.k >= 64 && x.m*x.n <= blockA
}

// turned computes C^T beside C.
func (w *workspace) turned(s *isa, x *product) {
	c := grown(&w.turn, x.m*x.n) // [n, m]
	if !x.zero {
		Transpose(c, x.m, x.c, x.ldc, x.m, x.n)
	}
	t := product{ta: true, m: x.n, n: x.m, k: x.k, alpha: 1, a: x.b, b: x.a, c: c, lda: x.ldb, ldb: x.lda, ldc: x.m, zero: x.zero}
	w.multiply(s, &t, t.blocked(s))
	Transpose(x.c, x.ldc, c, x.m, x.n, x.m)
}

// multiply computes a product block by block.
func (w *workspace) multiply(s *isa, x *product, bl blocking) {
	if bl.packB || x.mustPack() {
		grown(&w.packed, (min(bl.cols, x.n)+s.cols-1)/s.cols*s.cols*min(bl.k, x.k)+spill)
	}
	for j0 := 0; j0 < x.n; j0 += bl.cols {
		nj := min(bl.cols, x.n-j0)
		for k0 := 0; k0 < x.k; k0 += bl.k {
			nk := min(bl.k, x.k-k0)
			for i0 := 0; i0 < x.m; i0 += bl.rows {
				w.block(s, x, bl, i0, min(bl.rows, x.m-i0), k0, nk, j0, nj)
			}
		}
	}
}

// block multiplies a block of A [ni, nk] with one of B [nk, nj]; the first block of A packs B's for those below it.
func (w *workspace) block(s *isa, x *product, bl blocking, i0, ni, k0, nk, j0, nj int) {
	t := &w.tile
	t.k, t.zero = nk, 0
	if x.zero && k0 == 0 {
		t.zero = 1
	}
	// Tiles are balanced, so that none is thin: 64 rows of at most 14 are 13 13 13 13 12.
	tiles := (ni + s.rows - 1) / s.rows
	thin, thick := ni/tiles, ni%tiles // so many tiles have a row more

	var a unsafe.Pointer
	var rowBytes int // of A from a row to the next one's
	switch {
	case bl.packA:
		to := grown(&w.packedA, ni*(nk+rowPad)+spill)
		x.packA(to, i0, ni, k0, nk, thin, thick)
		a, rowBytes = unsafe.Pointer(&to[0]), 4*(nk+rowPad)
	case x.ta:
		a, rowBytes = unsafe.Pointer(&x.a[k0*x.lda+i0]), 4
	default:
		a, rowBytes = unsafe.Pointer(&x.a[i0*x.lda+k0]), 4*x.lda
	}
	t.rs, t.ks = rowBytes, 4
	if x.ta {
		t.rs, t.ks = 4, 4*x.lda
	}
	packed := bl.packB || x.mustPack()
	for p := 0; p < nj; p += s.cols {
		cols := min(s.cols, nj-p)
		t.columns(cols)
		packing := false
		if packed {
			panel := w.packed[p*nk:]
			t.b, t.bs = unsafe.Pointer(&panel[0]), 4*s.cols
			if i0 == 0 {
				if x.mustPack() || !s.packs(thin) {
					x.packB(panel, s, k0, nk, j0+p, cols)
				} else {
					packing = true
					t.packed = t.b
				}
			}
		}
		if packing || !packed {
			t.b, t.bs = unsafe.Pointer(&x.b[k0*x.ldb+j0+p]), 4*x.ldb
		}
		t.ldc = 4 * x.ldc
		for q, row := 0, 0; q < tiles; {
			rows, n := thin, tiles-q
			if q < thick {
				rows, n = thin+1, thick-q
			}
			if packing {
				n = 1
			}
			t.a, t.next = unsafe.Add(a, row*rowBytes), rows*rowBytes
			t.c = unsafe.Pointer(&x.c[(i0+row)*x.ldc+j0+p])
			if bl.packA && x.ta {
				t.ks = 4 * rows
			}
			t.ahead, t.pace = t.b, 0
			if packed && i0 > 0 && p+s.cols < nj {
				at := (p+s.cols)*nk + q*s.cols*nk/tiles
				t.ahead, t.pace = unsafe.Pointer(&w.packed[at]), 16*s.cols/tiles
			}
			t.run(s, rows, n, cols, packing)
			if packing {
				packing = false
				t.b, t.bs = t.packed, 4*s.cols
			}
			q, row = q+n, row+n*rows
		}
	}
}

// mustPack reports whether the kernels cannot read B where it is: across its rows, or scaled.
func (x *product) mustPack() bool { return x.tb || x.alpha != 1 }
