package kernel

import "unsafe"

// LaneImages is the number of images of a block: a vector's lanes.
const LaneImages = 8

// Lanes is a convolution at stride 1 without dilation, computed on blocks of eight images side by side, so that few
// channels and maps fill whole vectors too. All images are [.., 8] there, one value of each image beside the others':
// the input [PadH, PadW, C, 8] with its padding, which is 0; the output's gradient [F/Filters, rows, OW+2, Filters, 8]
// by groups of filters, with a column of 0 at either end.
//
// With Pool, a max pooling with 2x2 windows side by side follows at once, and output that it drops is not computed.
type Lanes struct {
	H, W, C    int // image
	KH, KW, F  int // window, filters
	Top, Left  int // padding before
	OH, OW     int // output; with Pool what the pooling looks at
	PH, PW     int // 2x2 cells of the output, the last ones partly beyond it unless Pool
	PadH, PadW int // the padded input that those cells look at
	Pool       bool
	Filters    int   // of a group
	Part, Taps int   // of a tile of the weight gradient: filters, all of a group's or part of them, and taps
	slide      bool  // a tile's taps are of one channel, of pixels side by side
	wide       bool  // by the kernels with two vectors in a register: the taps of a tile are pairs
	offsets    []int // of the tiles' taps, or pairs of taps, in the padded input, in bytes
}

// NewLanes is the geometry of a convolution g with so many filters.
func NewLanes(g Window, filters int, pool bool) Lanes {
	l := Lanes{H: g.H, W: g.W, C: g.C, KH: g.KH, KW: g.KW, F: filters, Top: g.Top, Left: g.Left, OH: g.OH, OW: g.OW, Pool: pool}
	if pool {
		l.OH, l.OW = l.OH&^1, l.OW&^1
	}
	l.PH, l.PW = (l.OH+1)/2, (l.OW+1)/2
	l.PadH, l.PadW = 2*l.PH+l.KH-1, 2*l.PW+l.KW-1
	least := 0
	for _, t := range lanesTiles {
		// A tile costs its products, whether its filters and taps exist or not.
		cost := (filters + t.filters - 1) / t.filters * ((l.K() + t.taps - 1) / t.taps) * t.filters * t.taps
		if least == 0 || cost < least {
			least, l.Filters, l.Part, l.Taps = cost, t.filters, t.filters, t.taps
		}
	}
	// The groups stay whatever the tiles are: the input gradient's sums follow them.
	if lanesWide() {
		l.widen()
		return l
	}
	switch { // Sliding reads an input once for all taps of a tile, which divide a row of the window.
	case l.KW%5 == 0 && l.Filters%2 == 0:
		l.slide, l.Part, l.Taps = true, 2, 5
	case l.KW%3 == 0 && l.Filters >= 3:
		l.slide, l.Taps = true, 3
	}
	l.locate()
	return l
}

// locate says where each tile's taps lie. Those that are none are where the tile's first one is.
func (l *Lanes) locate() {
	n := l.offsetsOf()
	l.offsets = make([]int, l.tiles()*n)
	for i := range l.offsets {
		if k := l.tap(i/n, i%n*(l.Taps/n)); k >= 0 { // the first of a pair
			row := l.KW * l.C
			l.offsets[i] = 32 * (k/row*l.PadW*l.C + k%row)
		} else {
			l.offsets[i] = l.offsets[i/n*n]
		}
	}
}

// offsetsOf is the number of offsets of a tile.
func (l *Lanes) offsetsOf() int {
	if l.wide {
		return l.Taps / 2
	}
	return l.Taps
}

// widen takes the geometry to the wide kernels.
func (l *Lanes) widen() {
	l.wide, l.slide, l.Part = true, false, l.Filters
	pairs := l.KH * l.rowPairs()
	tiles := (pairs + lanesWidePairs[l.Filters] - 1) / lanesWidePairs[l.Filters]
	l.Taps = 2 * ((pairs + tiles - 1) / tiles)
	l.locate()
}

// lanesWidePairs are the most pairs of taps of a tile of so many filters.
var lanesWidePairs = [...]int{2: 8, 3: 8, 4: 6}

// rowPairs is the number of pairs of taps side by side in a row of the window; the last one may have one tap only.
func (l *Lanes) rowPairs() int { return (l.KW*l.C + 1) / 2 }

// tap is which value under the window is a tile's tap t, or -1 where it is none.
func (l *Lanes) tap(tile, t int) int {
	if l.slide {
		return (tile/l.C*l.Taps+t)*l.C + tile%l.C
	}
	k := tile*l.Taps + t
	if l.wide {
		pair := k / 2
		column := pair%l.rowPairs()*2 + k%2
		if column == l.KW*l.C {
			return -1
		}
		k = pair/l.rowPairs()*l.KW*l.C + column
	}
	if k >= l.K() {
		return -1
	}
	return k
}

// together is how many filters are computed at once, from f on: up to three, or six by the wide kernels.
func (l *Lanes) together(f int) int {
	if l.wide {
		return evenly(l.F, 6, f)
	}
	return evenly(l.F, 3, f)
}

// evenly is the size of the group that begins at a place, where n are cut into groups of at most so many, all about alike:
// a small one would be no faster than a larger one, for it waits for its sums.
func evenly(n, most, at int) int {
	st := stacked(n, most)
	if at < st.thick*(st.thin+1) {
		return st.thin + 1
	}
	return st.thin
}

// lanesTiles are the tiles of the weight gradient that there are kernels for.
var lanesTiles = [...]struct{ filters, taps int }{{4, 3}, {3, 4}, {2, 5}}

// K is the number of values under the window.
func (l *Lanes) K() int { return l.KH * l.KW * l.C }

func (l *Lanes) groups() int { return (l.F + l.Filters - 1) / l.Filters }

func (l *Lanes) tiles() int {
	if l.wide {
		return (2*l.KH*l.rowPairs() + l.Taps - 1) / l.Taps
	}
	return (l.K() + l.Taps - 1) / l.Taps
}

// InputSize is the number of values of a block's padded input, and of a vector behind it where one is read for the last
// pair of taps.
func (l *Lanes) InputSize() int {
	n := l.PadH * l.PadW * l.C * 8
	if l.wide {
		n += 8
	}
	return n
}

// RowSize is the number of values that Forward writes for a row of 2x2 cells: [PW, F, 8] with Pool, else [2, 2*PW, F, 8].
func (l *Lanes) RowSize() int {
	if l.Pool {
		return l.PW * l.F * 8
	}
	return 4 * l.PW * l.F * 8
}

// GradientSize is the number of values of so many rows of the output's gradient.
func (l *Lanes) GradientSize(rows int) int { return l.groups() * rows * l.gradientRow() }

// gradientRow is the number of values of one row of one group.
func (l *Lanes) gradientRow() int { return (l.OW + 2) * l.Filters * 8 }

// TurnedSize is the number of weights that Turn writes.
func (l *Lanes) TurnedSize() int { return l.groups() * l.Filters * l.KH * l.KW * l.C }

// Sums is the number of values of the weights' and biases' gradients in the tiles' order, a multiple of eight.
func (l *Lanes) Sums() int { return (l.biasAt() + l.F + 7) &^ 7 }

func (l *Lanes) biasAt() int { return l.groups() * l.tiles() * l.Filters * l.Taps }

// Begin sets the biases' sums, and those that fill up the last eight, to 0.
func (l *Lanes) Begin(sums []float32) { clear(sums[8*l.biasAt() : 8*l.Sums()]) }

// Load writes n images x [n, H, W, C] to the padded block xp [PadH, PadW, C, 8], whose padding is set to 0.
func (l *Lanes) Load(xp, x []float32, n int) {
	size, row := l.H*l.W*l.C, l.PadW*l.C*8
	if l.Top == 0 && l.Left == 0 && l.PadH <= l.H && l.PadW == l.W {
		LoadLanes(xp, x, size, n, l.PadH*l.W*l.C)
		return
	}
	cols := min(l.W, l.PadW-l.Left) * l.C
	for h := range l.PadH {
		line := xp[h*row : (h+1)*row]
		if h < l.Top || h >= l.Top+l.H {
			clear(line)
			continue
		}
		clear(line[:l.Left*l.C*8])
		clear(line[l.Left*l.C*8+cols*8:])
		LoadLanes(line[l.Left*l.C*8:], x[(h-l.Top)*l.W*l.C:], size, n, cols)
	}
}

// LoadLanes writes the first values of each of up to eight rows, ld apart, side by side: dst [values, 8]; lanes beyond n
// become 0.
func LoadLanes(dst, src []float32, ld, n, values int) {
	if n == 8 && loadLanesSIMD(dst, src, ld, values) {
		return
	}
	if n < 8 {
		clear(dst[:8*values])
	}
	for lane := range n {
		for i, v := range src[lane*ld:][:values] {
			dst[8*i+lane] = v
		}
	}
}

// StoreLanes is LoadLanes the other way: n rows of dst, ld apart, from src [values, 8].
func StoreLanes(dst, src []float32, ld, n, values int) {
	if n == 8 && storeLanesSIMD(dst, src, ld, values) {
		return
	}
	for lane := range n {
		row := dst[lane*ld:][:values]
		for i := range row {
			row[i] = src[8*i+lane]
		}
	}
}

// Pack copies the filters w [K, F] to packed, by the groups that are computed together: [K, group].
func (l *Lanes) Pack(packed, w []float32) {
	for f := 0; f < l.F; {
		n := l.together(f)
		group := packed[f*l.K():][:l.K()*n] // [K, n]
		for k := range l.K() {
			to, from := group[k*n:][:n], w[k*l.F+f:][:n]
			switch n { // without a call
			case 3:
				to[0], to[1], to[2] = from[0], from[1], from[2]
			case 2:
				to[0], to[1] = from[0], from[1]
			default:
				copy(to, from)
			}
		}
		f += n
	}
}

// lanesForward is the argument of the kernels of a row of 2x2 cells.
type lanesForward struct {
	x, w, bias, y unsafe.Pointer
	from          unsafe.Pointer
	rows, run     int // of the window: rows, vectors of each
	jump          int // from the end of a row to the start of the next
	right, down   int // from a pixel to the next, to the one below
	tiles         int
	step, below   int // y's
	fromStep      int
	lines         int
	xLine, yLine  int                // from the end of a line to the next
	careful       int                // not 0: there were values that are no numbers, or perhaps infinities
	cells         [6 * 4 * 8]float32 // the wide kernels'
}

// FromSize is the number of words that Forward writes for a row of 2x2 cells to say where the largest came from.
func (l *Lanes) FromSize() int { return l.PW * l.F }

// Forward computes n lines of 2x2 cells of the block xp, from line r on, with Pack's filters. With Pool it writes the
// largest of each four to y [n, PW, F, 8], and to from [n, PW, F] which it is, a bit for each image: in the right column,
// from bit 8 on in the row below, from bit 16 on whether relu, which is done too, lets a gradient through. As in MaxPool
// the first of several wins, and a NaN. Else it writes all, after relu or as they are, to y [n, 2, 2*PW, F, 8].
func (l *Lanes) Forward(y []float32, from []uint32, xp, packed, bias []float32, r, n int, relu bool) {
	a := lanesForward{rows: l.KH, run: l.KW * l.C, jump: 32 * (l.PadW - l.KW) * l.C, right: 32 * l.C, down: 32 * l.PadW * l.C,
		tiles: l.PW, step: 32 * l.F, fromStep: 4 * l.F, below: 32 * l.F * 2 * l.PW, lines: n}
	a.xLine = 2*a.down - 2*a.right*a.tiles
	if !l.Pool {
		a.yLine = a.below
	}
	xp = xp[:l.InputSize()][2*r*l.PadW*l.C*8:]
	y, packed, bias = y[:n*l.RowSize()], packed[:l.K()*l.F], bias[:l.F]
	a.x = unsafe.Pointer(&xp[0])
	if l.Pool {
		from = from[:n*l.FromSize()]
	}
	for f := 0; f < l.F; {
		m := l.together(f)
		a.w, a.bias, a.y = unsafe.Pointer(&packed[f*l.K()]), unsafe.Pointer(&bias[f]), unsafe.Pointer(&y[8*f])
		if l.Pool {
			a.from = unsafe.Pointer(&from[f])
		}
		a.compute(m, l.Pool, relu, l.wide)
		f += m
	}
}
