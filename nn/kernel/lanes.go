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

// Turn copies the filters w [K, F] to the order of the input gradient: by groups of channels and of filters, the window
// turned by half a turn, [KH, KW, filters, channels]. Filters that fill the last group up are 0.
func (l *Lanes) Turn(turned, w []float32) {
	for c0 := 0; c0 < l.C; {
		m := l.channels(c0)
		for g := range l.groups() {
			for tap := l.KH*l.KW - 1; tap >= 0; tap-- {
				for f := g * l.Filters; f < (g+1)*l.Filters; f++ {
					for c := range m {
						turned[c] = 0
						if f < l.F {
							turned[c] = w[(tap*l.C+c0+c)*l.F+f]
						}
					}
					turned = turned[m:]
				}
			}
		}
		c0 += m
	}
}

// channels is how many channels are computed at once, from c on.
func (l *Lanes) channels(c int) int { return evenly(l.C, 6, c) }

// lanesInputGradient is the argument of the kernels of pairs of pixels.
type lanesInputGradient struct {
	dy, w, dx         unsafe.Pointer
	groups, rows, run int
	right             int // dy's step from pixel to pixel
	dyRow, dyGroup    int // from the end of a row, of a group's rows, to the next
	wRow, wGroup      int
	step              int // dx's
	pairs             int
}

// InputGradientSize is the number of values that InputGradient writes.
func (l *Lanes) InputGradientSize() int { return (l.W + 1) &^ 1 * l.C * 8 }

// InputGradient computes row h of the input's gradient, dx [W, C, 8] and perhaps a pixel more, from all rows of the
// output's, dy, with Turn's filters. Each sum is one chain over groups of filters, rows and columns of the output in
// ascending order, and the filters of a group; cells beyond the rows are left out, and mostly those beyond the columns.
func (l *Lanes) InputGradient(dx, dy, turned []float32, h int) {
	dx, dy, turned = dx[:l.InputGradientSize()], dy[:l.GradientSize(l.OH)], turned[:l.TurnedSize()]
	first, last := max(0, h+l.Top-l.KH+1), min(l.OH-1, h+l.Top) // rows of the output
	taps := l.Filters * l.KW                                    // of a row, for each channel
	for w := 0; w < l.W; {
		// Columns of the window that meet the output from either pixel; pairs of which these are the same go together.
		lo, hi := l.meets(w)
		from := w
		for w += 2; w < l.W; w += 2 {
			if l, h := l.meets(w); l != lo || h != hi {
				break
			}
		}
		out := dx[from*l.C*8 : w*l.C*8]
		if first > last || lo > hi {
			clear(out)
			continue
		}
		a := lanesInputGradient{groups: l.groups(), rows: last - first + 1, run: (hi - lo + 1) * l.Filters, right: 32 * l.Filters, step: 32 * l.C, pairs: (w - from) / 2}
		a.dyRow = 4*l.gradientRow() - 32*a.run
		a.dyGroup = 4 * l.gradientRow() * (l.OH - a.rows)
		a.dy = unsafe.Pointer(&dy[first*l.gradientRow()+(from+l.Left-hi+1)*l.Filters*8])
		for c := 0; c < l.C; {
			m := l.channels(c)
			tap := ((l.KH-1-(h+l.Top-first))*l.KW + l.KW - 1 - hi) * l.Filters
			a.w = unsafe.Pointer(&turned[c*l.groups()*l.KH*taps+tap*m])
			a.wRow = 4 * m * (taps - a.run)
			a.wGroup = 4 * m * taps * (l.KH - a.rows)
			a.dx = unsafe.Pointer(&out[8*c])
			a.compute(m, l.wide)
			c += m
		}
	}
}

// meets gives the first and last column of the window that meets the output from pixel w of the input or from the next.
func (l *Lanes) meets(w int) (first, last int) {
	return max(0, w+l.Left-l.OW+1), min(l.KW-1, w+1+l.Left)
}

// lanesWeightGradient is the argument of the kernels of a tile.
type lanesWeightGradient struct {
	x, dy, sums unsafe.Pointer
	rows, cols  int
	step        int    // x's from pixel to pixel
	xRow, dyRow int    // from a row's end to the next
	zero        int    // 1: the sums are 0 at first
	dyStep      int    // dy's from pixel to pixel
	offsets     [8]int // of the taps, or of the pairs
}

// WeightGradient adds the products of rows of the output's gradient, row..row+rows, with the block xp to sums [Sums, 8].
// dy holds all rows of the gradient, or, where held is fewer than OH, these from its first on. Each sum is eight chains
// in the order of the pixels. With zero, they are 0 at first.
func (l *Lanes) WeightGradient(sums, xp, dy []float32, row, rows, held int, zero bool) {
	at := row
	if held < l.OH {
		at = 0
	}
	xp, dy, sums = xp[:l.InputSize()], dy[:l.GradientSize(held)], sums[:8*l.Sums()]
	a := lanesWeightGradient{rows: rows, cols: l.OW, step: 32 * l.C, xRow: 32 * l.C * (l.PadW - l.OW), dyRow: 2 * 32 * l.Filters, dyStep: 32 * l.Filters}
	if zero {
		a.zero = 1
	}
	a.x = unsafe.Pointer(&xp[row*l.PadW*l.C*8])
	for g := range l.groups() {
		first := unsafe.Pointer(&dy[(g*held+at)*l.gradientRow()+l.Filters*8])
		for offsets := l.offsets; len(offsets) > 0; {
			offsets = offsets[copy(a.offsets[:], offsets[:l.offsetsOf()]):]
			for f := 0; f < l.Filters; f += l.Part {
				a.dy, a.sums = unsafe.Add(first, 32*f), unsafe.Pointer(&sums[0])
				sums = sums[l.Part*l.Taps*8:]
				a.compute(l.Part, l.Taps, l.slide, l.wide)
			}
		}
	}
}

// lanesExpand is the argument of the kernel of a row of windows.
type lanesExpand struct {
	dy, from, out, sums unsafe.Pointer
	filters, windows    int
	step, fromStep      int
	right, down         int
}

// Expand writes the gradient dy [PW, F, 8] of row r of the pooling to the rows of dz, the output's, from row 2*at of the
// held ones on, as Forward's from [PW, F] says, and adds it to the bias's in sums [Sums, 8].
func (l *Lanes) Expand(dz, sums, dy []float32, from []uint32, at, held int) {
	dz, sums, dy, from = dz[:l.GradientSize(held)], sums[8*l.biasAt():], dy[:l.RowSize()], from[:l.FromSize()]
	a := lanesExpand{windows: l.PW, step: 32 * l.F, fromStep: 4 * l.F, right: 32 * l.Filters, down: 4 * l.gradientRow()}
	for g := range l.groups() {
		f := g * l.Filters
		a.filters = min(l.Filters, l.F-f)
		rows := dz[(g*held+2*at)*l.gradientRow():][:2*l.gradientRow()]
		if a.filters < l.Filters {
			clear(rows)
		}
		a.dy, a.from, a.out, a.sums = unsafe.Pointer(&dy[8*f]), unsafe.Pointer(&from[f]), unsafe.Pointer(&rows[0]), unsafe.Pointer(&sums[8*f])
		a.compute()
	}
}

// lanesRegroup is the argument of the kernel of a row.
type lanesRegroup struct {
	dy, out, sums   unsafe.Pointer
	filters, pixels int
	step, right     int // dy's and out's from pixel to pixel
}

// Regroup is Expand without a pooling: dy [OW, F, 8] is row at of the output's gradient itself.
func (l *Lanes) Regroup(dz, sums, dy []float32, at, held int) {
	dz, sums, dy = dz[:l.GradientSize(held)], sums[8*l.biasAt():], dy[:l.OW*l.F*8]
	a := lanesRegroup{pixels: l.OW, step: 32 * l.F, right: 32 * l.Filters}
	for g := range l.groups() {
		f := g * l.Filters
		a.filters = min(l.Filters, l.F-f)
		row := dz[(g*held+at)*l.gradientRow():][:l.gradientRow()]
		if a.filters < l.Filters {
			clear(row)
		}
		a.dy, a.out, a.sums = unsafe.Pointer(&dy[8*f]), unsafe.Pointer(&row[0]), unsafe.Pointer(&sums[8*f])
		a.compute()
	}
}

// SumLanes writes the sum of each eight lanes of src [n, 8] to dst [n], n a multiple of eight: pairs, pairs of these,
// and the two halves.
func SumLanes(dst, src []float32, n int) {
	src, dst = src[:8*n], dst[:n]
	if sumLanesSIMD(dst, src, n) {
		return
	}
	for i := range dst {
		s := src[8*i:][:8]
		dst[i] = ((s[0] + s[1]) + (s[2] + s[3])) + ((s[4] + s[5]) + (s[6] + s[7]))
	}
}

// Places says of each sum of the weights, in the tiles' order, where in dw [K, F] it goes, or -1 where it is of no use.
func (l *Lanes) Places() []int32 {
	places := make([]int32, l.biasAt())
	for i := range places {
		tile, at := i/(l.Filters*l.Taps), i%(l.Filters*l.Taps)
		f, k := tile/l.tiles()*l.Filters+at/l.Taps, l.tap(tile%l.tiles(), at%l.Taps)
		places[i] = -1
		if f < l.F && k >= 0 {
			places[i] = int32(k*l.F + f)
		}
	}
	return places
}

// Unpack writes the sums from..to, in the tiles' order, to their Places in dw [K, F] and, unless it is nil, db [F].
func (l *Lanes) Unpack(dw, db, sums []float32, places []int32, from, to int) {
	for i := from; i < min(to, len(places)); i++ {
		if place := places[i]; place >= 0 {
			dw[place] = sums[i]
		}
	}
	for i := max(from, len(places)); i < to; i++ {
		if b := i - l.biasAt(); db != nil && b < l.F {
			db[b] = sums[i]
		}
	}
}
