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
	panels        bool // B is laid out in Panels
	zero          bool // C counts as 0
}

// blocking says how a product is cut into blocks, and which operands are packed. No bit depends on it: every element is
// one chain of fused multiply-adds in ascending k that begins with C.
type blocking struct {
	k, rows, cols int // of a block
	packA, packB  bool
}

// The blocks: a panel of B and a tile's rows of A stay in the first cache or flow from the second, where a block of A
// is; a block of B is in the third. Kernels are not interrupted, so a block of A is also no more than some 15 us take.
const (
	blockK    = 512
	wholeK    = 16 << 10 // values of the largest panel of B whose k is not cut
	blockA    = 48 << 10 // values
	blockCols = 1024
	turnedC   = 64 << 10 // values of C^T beside C
	callSums  = 64 << 10 // products of a call for each column of a panel, if it is for several

	packedB = (blockK+1)*blockCols + spill // at first: a block whose k is whole may need more
	packedA = blockA + 2*blockA/blockK*rowPad + spill
)

// blocked chooses the blocking.
func (x *product) blocked(s *isa) blocking {
	even := func(n, most, unit int) int { // blocks of equal size, of whole units
		blocks := (n + most - 1) / most
		return ((n+blocks-1)/blocks + unit - 1) / unit * unit
	}
	bl := blocking{k: min(even(x.k, blockK, 8), blockK), cols: blockCols}
	if x.k > blockK && x.k*s.cols <= wholeK { // C is not read again
		bl.k = x.k
	}
	bl.rows = even(x.m, max(blockA/bl.k/s.rows, 1)*s.rows, s.rows)
	// What is read often enough, or so that lines fall to the same places of a cache, is packed.
	bl.packB = !x.panels && x.m > s.rows && bl.k > 32
	bl.packA = bl.k > 32 && x.n > 2*s.cols && (x.ta || x.n > 8*s.cols)
	return bl
}

// sgemm computes C = alpha op(A) op(B) + beta C.
func sgemm(s *isa, ta, tb bool, m, n, k int, alpha float32, a []float32, lda int, b []float32, ldb int, beta float32, c []float32, ldc int) {
	x := product{ta: ta, tb: tb, m: m, n: n, k: k, alpha: alpha, a: a, b: b, c: c, lda: lda, ldb: ldb, ldc: ldc, zero: beta == 0}
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
// tiles, and A, the larger one, read along its rows. The factors of the products change sides, which no bit shows.
func (x *product) turns() bool {
	return x.ta && !x.mustPack() && x.m > x.n && x.k >= 64 && x.m*x.n <= turnedC
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

// mustPack reports whether the kernels cannot read B where it is: across its rows, or scaled.
func (x *product) mustPack() bool { return x.tb || x.alpha != 1 }

// part is a block of a product: of A and C the rows from i0 on, of B and C the columns from j0 on, of the sums the terms
// from k0 on.
type part struct{ i0, ni, j0, nj, k0, nk int }

// multiply computes a product block by block.
func (w *workspace) multiply(s *isa, x *product, bl blocking) {
	bl.packB = bl.packB || x.mustPack()
	if bl.packB {
		grown(&w.packed, (min(bl.cols, x.n)+s.cols-1)/s.cols*s.cols*(min(bl.k, x.k)+1)+spill)
	}
	for j0 := 0; j0 < x.n; j0 += bl.cols {
		nj := min(bl.cols, x.n-j0)
		for k0 := 0; k0 < x.k; k0 += bl.k {
			nk := min(bl.k, x.k-k0)
			for i0 := 0; i0 < x.m; i0 += bl.rows {
				w.block(s, x, bl, part{i0, min(bl.rows, x.m-i0), j0, nj, k0, nk})
			}
		}
	}
}

// block multiplies a block of A with one of B, panel by panel of B.
func (w *workspace) block(s *isa, x *product, bl blocking, at part) {
	t := &w.tile
	*t = tile{k: at.nk, rs: 4 * x.lda, ks: 4, ldc: 4 * x.ldc}
	if x.zero && at.k0 == 0 {
		t.zero = 1
	}
	if x.ta {
		t.rs, t.ks = 4, 4*x.lda
	}
	st := stacked(at.ni, s.rows)
	switch {
	case bl.packA:
		to := grown(&w.packedA, at.ni*(at.nk+rowPad)+spill)
		x.packA(to, &at, &st)
		st.a, st.step, st.narrow = unsafe.Pointer(&to[0]), 4*(at.nk+rowPad), x.ta
		if !x.ta {
			t.rs = st.step
		}
	case x.ta:
		st.a, st.step = unsafe.Pointer(&x.a[at.k0*x.lda+at.i0]), t.rs
	default:
		st.a, st.step = unsafe.Pointer(&x.a[at.i0*x.lda+at.k0]), t.rs
	}
	for p := 0; p < at.nj; {
		if bl.packA || p > 0 {
			t.near = 1
		}
		st.c, st.cols = unsafe.Pointer(&x.c[at.i0*x.ldc+at.j0+p]), min(s.cols, at.nj-p)
		t.columns(st.cols)
		if bl.packB && at.i0 == 0 {
			w.packPanel(s, x, &at, &st, p)
			p += s.cols
			continue
		}
		// Panels that lie ready go together.
		panels := 1
		if st.cols == s.cols {
			panels = min((at.nj-p)/s.cols, max(callSums/(at.ni*at.nk), 1))
		}
		next := p + panels*s.cols
		t.ahead, t.pace = 0, 0
		switch {
		case bl.packB:
			t.b, t.bs, t.wide = unsafe.Pointer(&w.packed[p*(at.nk+1)]), 4*s.cols, 4*s.cols*(at.nk+1)
			if next < at.nj {
				t.ahead = address(&w.packed[(p+s.cols)*(at.nk+1)])
			}
		case x.panels:
			t.b, t.bs, t.wide = unsafe.Pointer(&x.b[(at.j0+p)*x.k+at.k0*s.cols]), 4*s.cols, 4*s.cols*x.k
			if next < at.nj {
				t.ahead = address(&x.b[(at.j0+p+s.cols)*x.k+at.k0*s.cols])
			}
		default:
			t.b, t.bs, t.wide = unsafe.Pointer(&x.b[at.k0*x.ldb+at.j0+p]), 4*x.ldb, 4*s.cols
		}
		if t.ahead != 0 {
			t.pace = 16 * s.cols / st.tiles
		}
		st.run(s, t, 0, st.tiles, panels, false)
		p = next
	}
}

// packPanel multiplies the first block of A with a panel of B, columns p ... of the block, and packs it for those below:
// if the kernels can, the first tile does in passing. Meanwhile the next panel's rows are fetched.
func (w *workspace) packPanel(s *isa, x *product, at *part, st *stack, p int) {
	t := &w.tile
	panel := w.packed[p*(at.nk+1):] // [nk, s.cols], and the panels behind it, a row apart
	first := 0
	t.ahead, t.pace = 0, 0
	switch {
	case x.mustPack() || !s.packs(st.thin) || x.crowded() && st.cols < s.cols:
		x.packB(panel, s, at, p, st.cols)
	case x.crowded():
		if p == 0 {
			x.packPanels(panel, s, at)
		}
	default:
		t.b, t.bs, t.packed = unsafe.Pointer(&x.b[at.k0*x.ldb+at.j0+p]), 4*x.ldb, unsafe.Pointer(&panel[0])
		st.run(s, t, 0, 1, 1, true)
		first = 1
	}
	t.b, t.bs = unsafe.Pointer(&panel[0]), 4*s.cols
	if first == 1 {
		switch {
		case p+s.cols < at.nj:
			t.ahead = address(&x.b[at.k0*x.ldb+min(at.j0+p+2*s.cols, x.n)-1])
		case at.k0+at.nk < x.k:
			t.ahead = address(&x.b[(at.k0+at.nk)*x.ldb+min(at.j0+s.cols, x.n)-1])
		}
		if t.ahead != 0 { // a row with every four of k: four tiles
			enough := min(5, st.tiles)
			t.pace = 4 * x.ldb
			st.run(s, t, first, enough, 1, false)
			t.ahead, t.pace, first = 0, 0, enough
			t.b = unsafe.Pointer(&panel[0])
		}
	}
	st.run(s, t, first, st.tiles, 1, false)
}

// crowded reports whether the lines of a column of B fall to the same few places of the caches, so that those of a panel
// displace each other before they are read: all whole panels are packed at once then, along the rows.
func (x *product) crowded() bool { return x.ldb%512 == 0 && x.k > 64 }

// address is where v is, for the kernels to fetch from: that reads nothing, and may be beyond v's memory.
func address(v *float32) uintptr { return uintptr(unsafe.Pointer(v)) }
