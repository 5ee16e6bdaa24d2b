package kernel

import "unsafe"

// The way back of a convolution on lanes: the output's gradient side by side, then the gradients by the input, the filters
// and the biases.

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
