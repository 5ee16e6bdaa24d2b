package kernel

// The functions here do a run's first windows, and return how many that was: all, unless the image has so few channels
// that vectors of eight reach beyond a cell.

// tail masks those of the last eight channels that are there and in no eight before.
func (g *Window) tail() *int32 {
	if g.C < 8 {
		return firstLanes(g.C)
	}
	return lastLanes((g.C-1)%8 + 1)
}

// fit is how many of the run's windows have eight values from the beginning of their last cell, and from their output,
// before the ends of the image and of the outputs.
func (g *Window) fit(r *run) int {
	if !simd() || r.kh == 0 || r.kw == 0 {
		return 0
	}
	if g.C >= 8 {
		return r.n
	}
	return max(0, min(r.n, fit(g.H*g.W*g.C-r.cell(g, r.kh-1, r.kw-1), g.SW*g.C), fit(g.Pixels()*g.C-r.out, g.C)))
}

// fit is how many vectors of eight, step apart, are whole within n values.
func fit(n, step int) int {
	if n < 8 {
		return 0
	}
	return (n-8)/step + 1
}

// firstIndex is a pointer to the index of the first output, or nil.
func (g *Window) firstIndex(arg []uint8, r *run) *uint8 {
	if arg == nil {
		return nil
	}
	return &arg[:g.Pixels()*g.C*g.IndexBytes()][r.out*g.IndexBytes()]
}

func (g *Window) maxSIMD(y []float32, arg []uint8, x []float32, r *run) int {
	n := g.fit(r)
	if n == 0 {
		return 0
	}
	to, from, at := &y[:g.Pixels()*g.C][r.out], &x[:g.H*g.W*g.C][r.in], g.firstIndex(arg, r)
	if r.quad(g) {
		maxPool2AVX2(to, at, from, n, g.C, 4*g.W*g.C)
	} else {
		maxWindowsAVX2(to, at, from, n, g.C, r.kh, r.kw, 4*g.SW*g.C, 4*g.W*g.C, r.first, r.skip(g), g.IndexBytes()-1)
	}
	return n
}

func (g *Window) maxBackwardSIMD(dx, dy []float32, arg []uint8, r *run) int {
	n := g.fit(r)
	quad := r.quad(g)
	switch {
	case g.C >= 8:
	case quad: // what is written too much must be of windows to the right
		n = min(n, fit(r.n*2*g.C-g.C, 2*g.C))
	case g.pairs(): // beyond the cell may be a -0, which is no longer that once 0 is added
		return 0
	}
	if n == 0 {
		return 0
	}
	to, from, at := &dx[:g.H*g.W*g.C][r.in], &dy[:g.Pixels()*g.C][r.out], g.firstIndex(arg, r)
	if quad {
		maxPool2BackwardAVX2(to, from, at, n, g.C, 4*g.W*g.C)
	} else {
		maxWindowsBackwardAVX2(to, from, at, n, g.C, r.kh, r.kw, 4*g.SW*g.C, 4*g.W*g.C, r.first, r.skip(g), g.IndexBytes()-1, g.tail())
	}
	return n
}

// maxKeptSIMD does a row of windows, or nothing.
func (g *Window) maxKeptSIMD(y []float32, arg []uint8, x []float32, mask []uint8, scale float32) bool {
	if !g.quads() {
		return false
	}
	_, _, _, _ = y[:g.OW*g.C], arg[:g.OW*g.C], x[:2*g.W*g.C], mask[:2*g.W*g.C]
	maxPool2KeptAVX2(&y[0], &arg[0], &x[0], &mask[0], g.OW, g.C, 4*g.W*g.C, scale)
	return true
}

func (g *Window) meanSIMD(y, x []float32, r *run) int {
	n := g.fit(r)
	switch {
	case n == 0:
	case r.quad(g):
		meanPool2AVX2(&y[:g.Pixels()*g.C][r.out], &x[:g.H*g.W*g.C][r.in], n, g.C, 4*g.W*g.C)
	default:
		meanWindowsAVX2(&y[:g.Pixels()*g.C][r.out], &x[:g.H*g.W*g.C][r.in], n, g.C, r.kh, r.kw, 4*g.SW*g.C, 4*g.W*g.C, float32(r.kh*r.kw))
	}
	return n
}

// writesQuads reports whether meanBackwardSIMD writes the whole windows of pairs rather than add to them.
func (g *Window) writesQuads() bool { return g.pairs() && g.C >= 8 && simd() }

func (g *Window) meanBackwardSIMD(dx, dy []float32, r *run) int {
	n := g.fit(r)
	switch {
	case n == 0:
	case r.quad(g) && g.writesQuads():
		meanPool2BackwardAVX2(&dx[:g.H*g.W*g.C][r.in], &dy[:g.Pixels()*g.C][r.out], n, g.C, 4*g.W*g.C)
	default:
		meanWindowsBackwardAVX2(&dx[:g.H*g.W*g.C][r.in], &dy[:g.Pixels()*g.C][r.out], n, g.C, r.kh, r.kw, 4*g.SW*g.C, 4*g.W*g.C, 1/float32(r.kh*r.kw), g.tail())
	}
	return n
}

func shareTopsSIMD(dx, x, y, dy []float32) bool {
	c := len(y)
	if c < 8 || len(x) == 0 || !simd() {
		return false
	}
	shareTopsAVX2(&dx[:len(x)][0], &x[0], &y[0], &dy[:c][0], len(x)/c, c)
	return true
}
