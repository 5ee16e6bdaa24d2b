package kernel

// run is what pooling works on at once: windows of one shape side by side in a row of outputs. Its windows are what is
// inside the image of the whole ones.
type run struct {
	n      int // windows
	in     int // offset of the first window's first cell in the image
	out    int // offset of the first output
	kh, kw int // rows and columns of a window
	first  int // which cell of the whole window the first is: i*KW + j
}

// run gives the run that begins with output position p: all that are whole, or one that is not.
func (g *Window) run(p int) run {
	h0, w0 := p/g.OW*g.SH-g.Top, p%g.OW*g.SW-g.Left
	ilo, ihi := span(h0, g.KH, 1, g.H)
	jlo, jhi := span(w0, g.KW, 1, g.W)
	r := run{n: 1, in: ((h0+ilo)*g.W + w0 + jlo) * g.C, out: p * g.C, kh: ihi - ilo, kw: jhi - jlo, first: ilo*g.KW + jlo}
	if r.kw == g.KW {
		r.n = min((g.W-g.KW-w0)/g.SW+1, g.OW-p%g.OW)
	}
	return r
}

// one is window k of the run.
func (r *run) one(g *Window, k int) run {
	w := *r
	w.n, w.in, w.out = 1, r.in+k*g.SW*g.C, r.out+k*g.C
	return w
}

// cell is the offset in the image of cell (i, j) of the run's first window.
func (r *run) cell(g *Window, i, j int) int { return r.in + (i*g.W+j)*g.C }

// skip is how many cells of a whole window are between two rows of the run's.
func (r *run) skip(g *Window) int { return g.KW - r.kw }

// pairs reports that the windows are 2x2 cells, side by side from the image's corner.
func (g *Window) pairs() bool {
	return g.KH == 2 && g.KW == 2 && g.SH == 2 && g.SW == 2 && g.Top == 0 && g.Left == 0
}

// Pairs reports whether the windows are of 2x2 cells, side by side from the image's corner, and all whole.
func (g *Window) Pairs() bool { return g.pairs() && 2*g.OH <= g.H && 2*g.OW <= g.W }

// quad reports that the run is of whole windows of pairs.
func (r *run) quad(g *Window) bool { return r.kh == 2 && r.kw == 2 && g.pairs() }
