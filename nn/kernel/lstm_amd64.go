package kernel

import "unsafe"

// lstmTile is the argument of the step's kernel: rows of samples times one group of eight units. Strides are in bytes.
type lstmTile struct {
	x, h, w    unsafe.Pointer
	b, c, g, y unsafe.Pointer // cells before, cells, gates and states
	xs, hs     int            // from row to row of x, and of h and y
	bs, cs, gs int            // of b, c and g
	gate       int            // from gate to gate
	f, u       int            // values of a row of x, and of h that count
	rows       int
	tiles      [3]int // tiles of three rows, then of two, then of one
}

// nothing are the cells before the first step.
var nothing [lstmGroup]float32

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
	// Tiles are of three rows, and none of one if there are more than that.
	switch t.tiles[0] = rows / 3; rows % 3 {
	case 1:
		if rows == 1 {
			t.tiles[2] = 1
		} else {
			t.tiles[0]--
			t.tiles[1] = 2
		}
	case 2:
		t.tiles[1] = 1
	}
	if before.H != nil {
		g.check(before, rows)
		t.h, t.u, t.bs = unsafe.Pointer(&before.H[0]), g.U, t.cs
	}
	for u := 0; u < wide; u += lstmGroup {
		t.w, t.c = unsafe.Pointer(&p[u/lstmGroup*g.panel()]), unsafe.Pointer(&now.Cells[2*u])
		t.g, t.y = unsafe.Pointer(&now.Gates[u]), unsafe.Pointer(&now.H[u])
		if before.H != nil {
			t.b = unsafe.Pointer(&before.Cells[2*u])
		}
		lstmStepAVX2((*byte)(unsafe.Pointer(&t)))
	}
	return true
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
	lstmBackAVX2(&now.Gates[0], &now.Cells[0], b, &dh[0], &dc[0], bs, 4*wide, 4*g.G, wide/lstmGroup, rows)
	return true
}
