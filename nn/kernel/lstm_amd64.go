package kernel

import "unsafe"

// lstmTile is the argument of the step's kernel: rows of samples times one group of eight units, or with AVX-512 two.
// Strides are in bytes.
type lstmTile struct {
	x, h, w    unsafe.Pointer
	b, c, g, y unsafe.Pointer // cells before, cells, gates and states
	xs, hs     int            // from row to row of x, and of h and y
	bs, cs, gs int            // of b, c and g
	gate       int            // from gate to gate
	f, u       int            // values of a row of x, and of h that count
	rows       int
	tiles      [lstmWideRows]int // tiles of the most rows, then of one less and so on
	apart      int               // from a group's weights to the next one's
}

// lstmWideRows is the most rows of a tile with AVX-512; else there are three.
const lstmWideRows = 6

// nothing are the cells before the first step, of two groups.
var nothing [4 * lstmGroup]float32

func (g LSTM) packSIMD(p, w []float32, u, rows int) bool {
	if !simd() || rows == 0 {
		return false
	}
	_, _ = p[:rows*lstmColumns], w[:rows*4*g.U]
	lstmPackAVX2(&p[0], &w[u], 4*g.U, rows)
	return true
}

func (g LSTM) stepSIMD(p, x []float32, before, now LSTMRows, rows int) bool {
	if !simd() || rows == 0 {
		return false
	}
	wide := g.Wide()
	g.check(now, rows)
	_, _ = p[:g.Packed()], x[:(rows-1)*g.X+g.F]
	t := lstmTile{x: unsafe.Pointer(&x[0]), b: unsafe.Pointer(&nothing), xs: 4 * g.X, hs: 4 * g.H, cs: 8 * wide, gs: 4 * g.G, gate: 4 * wide, f: g.F, rows: rows}
	if before.H != nil {
		g.check(before, rows)
		t.h, t.u, t.bs = unsafe.Pointer(&before.H[0]), g.U, t.cs
	}
	u := 0
	if active == &avx512 && wide >= 2*lstmGroup {
		t.cutWide()
		for t.apart = 4 * g.panel(); u+2*lstmGroup <= wide; u += 2 * lstmGroup {
			g.group(&t, p, before, now, u)
			lstmStepAVX512((*byte)(unsafe.Pointer(&t)))
		}
	}
	t.cut()
	for ; u < wide; u += lstmGroup {
		g.group(&t, p, before, now, u)
		lstmStepAVX2((*byte)(unsafe.Pointer(&t)))
	}
	return true
}

// group takes a tile to the units from u on.
func (g LSTM) group(t *lstmTile, p []float32, before, now LSTMRows, u int) {
	t.w, t.c = unsafe.Pointer(&p[u/lstmGroup*g.panel()]), unsafe.Pointer(&now.Cells[2*u])
	t.g, t.y = unsafe.Pointer(&now.Gates[u]), unsafe.Pointer(&now.H[u])
	if before.H != nil {
		t.b = unsafe.Pointer(&before.Cells[2*u])
	}
}

// cut makes tiles of three rows, and none of one if there are more than that.
func (t *lstmTile) cut() {
	t.tiles = [lstmWideRows]int{t.rows / 3}
	switch t.rows % 3 {
	case 1:
		if t.rows == 1 {
			t.tiles[2] = 1
		} else {
			t.tiles[0]--
			t.tiles[1] = 2
		}
	case 2:
		t.tiles[1] = 1
	}
}

// cutWide makes as few tiles as there can be, none of them thin.
func (t *lstmTile) cutWide() {
	n := (t.rows + lstmWideRows - 1) / lstmWideRows
	most := (t.rows + n - 1) / n
	t.tiles = [lstmWideRows]int{}
	short := n*most - t.rows
	t.tiles[lstmWideRows-most] = n - short
	if short > 0 {
		t.tiles[lstmWideRows-most+1] = short
	}
}

// check panics where the slices are too short: the kernels do not look.
func (g LSTM) check(s LSTMRows, rows int) {
	wide := g.Wide()
	_, _, _ = s.H[:(rows-1)*g.H+wide], s.Gates[:(rows-1)*g.G+4*wide], s.Cells[:rows*2*wide]
}

func (g LSTM) backSIMD(before, now LSTMRows, dh, dc []float32, rows int) bool {
	if !simd() || rows == 0 {
		return false
	}
	wide := g.Wide()
	g.check(now, rows)
	_, _ = dh[:rows*wide], dc[:rows*wide]
	b, bs := &nothing[0], 0
	if before.H != nil {
		g.check(before, rows)
		b, bs = &before.Cells[0], 8*lstmGroup
	}
	if active == &avx512 {
		lstmBackAVX512(&now.Gates[0], &now.Cells[0], b, &dh[0], &dc[0], bs, 4*wide, 4*g.G, wide/lstmGroup, rows)
		return true
	}
	lstmBackAVX2(&now.Gates[0], &now.Cells[0], b, &dh[0], &dc[0], bs, 4*wide, 4*g.G, wide/lstmGroup, rows)
	return true
}
