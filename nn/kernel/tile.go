package kernel

import "unsafe"

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

	// What follows is for several tiles, one below the other, and such panels side by side; AVX2's kernels read it themselves.
	next   int            // bytes from a tile's A to the next one's
	tiles  int            // of a panel
	mask   *int32         // of the columns, 16 lanes
	packed unsafe.Pointer // where the kernels that pack leave B [k, 16]
	ahead  uintptr        // what is fetched to the second cache meanwhile,
	pace   int            // a line for every four of k, so many bytes apart
	panels int            // they count it down, and b and c up to the last one
	wide   int            // bytes from a panel of B to the next one
	left   int            // theirs
	tail   int            // columns of the last vector
	near   int            // 1: A is in the second cache, as it is from the second panel on (they set it): fetching the next tile's costs
}

// laneMasks has 16 words that are set between 8 and 16 that are not.
var laneMasks = [40]int32{8: -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1}

// firstLanes masks the first n of up to 16 lanes, lastLanes the last n of 8.
func firstLanes(n int) *int32 { return &laneMasks[24-n] }
func lastLanes(n int) *int32  { return &laneMasks[n] }

// columns sets the masks.
func (t *tile) columns(n int) {
	t.lo, t.hi = uint16(1<<min(n, 16)-1), uint16(1<<max(n-16, 0)-1)
	t.mask, t.tail = firstLanes(min(n, 16)), (n-1)%8+1
}

// strips are kernels that compute several tiles of at most 6 x 16, one below the other: by packing B or not, by the
// columns that they are made for, and by the rows, less 1.
type strips [2][3][6]func(t *byte)

func (s *strips) kernel(rows, cols int, packing bool) func(t *byte) {
	p, e := 0, 0
	if packing {
		p = 1
	}
	switch {
	case cols <= 8:
		e = 2
	case cols < 16:
		e = 1
	}
	return s[p][e][rows-1]
}

// packs reports whether tiles of so many rows have kernels that pack.
func (s *isa) packs(rows int) bool { return s.strips != nil && s.strips[1][0][rows-1] != nil }

// stack is a block's tiles, one below the other. They are balanced, so that none is thin: 64 rows of at most 14 are
// 13 13 13 13 12.
type stack struct {
	tiles       int
	thin, thick int // rows of a tile; so many tiles, the first ones, have one more
	cols        int
	a, c        unsafe.Pointer
	step        int  // bytes from a row of A to the next tile's, for each row
	narrow      bool // A is [k, rows] for each tile
}

// stacked balances n rows of tiles of at most so many.
func stacked(n, most int) stack {
	tiles := (n + most - 1) / most
	return stack{tiles: tiles, thin: n / tiles, thick: n % tiles}
}

// run computes the tiles from ... to-1 of panels of B side by side. With packing, one tile, B is packed besides.
func (st *stack) run(s *isa, t *tile, from, to, panels int, packing bool) {
	b, near := t.b, t.near
	for from < to {
		rows, n := st.thin, to-from
		if from < st.thick {
			rows, n = st.thin+1, min(to, st.thick)-from
		}
		row := from*st.thin + min(from, st.thick)
		t.a, t.b, t.c = unsafe.Add(st.a, row*st.step), b, unsafe.Add(st.c, row*t.ldc)
		t.next, t.tiles, t.panels, t.near = rows*st.step, n, panels, near
		if st.narrow {
			t.ks = 4 * rows
		}
		if s.strips != nil {
			s.strips.kernel(rows, st.cols, packing)((*byte)(unsafe.Pointer(t)))
		} else {
			t.run(s, rows, st.cols)
		}
		from += n
	}
}

// run does what the AVX2 kernels do with kernels of one tile.
func (t *tile) run(s *isa, rows, cols int) {
	a, b, c := t.a, t.b, t.c
	for p := range t.panels {
		for i := range t.tiles {
			t.a, t.b, t.c = unsafe.Add(a, i*t.next), unsafe.Add(b, p*t.wide), unsafe.Add(c, i*rows*t.ldc+4*p*s.cols)
			if s.tile == nil {
				genericTile(t, rows, cols)
			} else {
				s.tile[rows-1]((*byte)(unsafe.Pointer(t)))
			}
		}
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
