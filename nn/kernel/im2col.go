package kernel

// Window is the geometry of a sliding window over an image [H, W, C]: of a convolution or a pooling.
type Window struct {
	H, W, C   int // image
	KH, KW    int // window
	SH, SW    int // strides
	DH, DW    int // dilation; 1 is a dense window
	Top, Left int // padding before; what is after follows from the output size
	OH, OW    int // output
}

// K is the length of an im2col row: the values under one window, k = (i*KW+j)*C + c.
func (g *Window) K() int { return g.KH * g.KW * g.C }

// Pixels is the number of output positions.
func (g *Window) Pixels() int { return g.OH * g.OW }

// Im2col writes the rows of the output positions p0 <= p < p1 (row-major) of the image x [H, W, C] to
// col [p1-p0, K]. Cells outside the image are 0.
func (g *Window) Im2col(col, x []float32, p0, p1 int) {
	kw := g.KW * g.C
	for p := p0; p < p1; p++ {
		oh, ow := p/g.OW, p%g.OW
		w0 := ow*g.SW - g.Left
		for i := range g.KH {
			row := col[:kw]
			col = col[kw:]
			h := oh*g.SH - g.Top + i*g.DH
			if h < 0 || h >= g.H {
				clear(row)
				continue
			}
			line := x[h*g.W*g.C : (h+1)*g.W*g.C] // [W, C]
			if g.DW == 1 && w0 >= 0 && w0+g.KW <= g.W {
				copy(row, line[w0*g.C:])
				continue
			}
			for j := range g.KW {
				cell := row[j*g.C : (j+1)*g.C]
				if w := w0 + j*g.DW; w >= 0 && w < g.W {
					copy(cell, line[w*g.C:])
				} else {
					clear(cell)
				}
			}
		}
	}
}

// Col2im adds the rows col [p1-p0, K] of the output positions p0 <= p < p1 back into the image dx [H, W, C]: the
// transpose of Im2col.
func (g *Window) Col2im(dx, col []float32, p0, p1 int) {
	kw := g.KW * g.C
	for p := p0; p < p1; p++ {
		oh, ow := p/g.OW, p%g.OW
		w0 := ow*g.SW - g.Left
		for i := range g.KH {
			row := col[:kw]
			col = col[kw:]
			h := oh*g.SH - g.Top + i*g.DH
			if h < 0 || h >= g.H {
				continue
			}
			line := dx[h*g.W*g.C : (h+1)*g.W*g.C] // [W, C]
			if g.DW == 1 && w0 >= 0 && w0+g.KW <= g.W {
				Add(line[w0*g.C:], row)
				continue
			}
			for j := range g.KW {
				if w := w0 + j*g.DW; w >= 0 && w < g.W {
					Add(line[w*g.C:], row[j*g.C:(j+1)*g.C])
				}
			}
		}
	}
}

// span is the part lo <= i < hi of a window of size k with dilation d, starting at s, that lies inside 0..n-1.
func span(s, k, d, n int) (lo, hi int) {
	for lo < k && s+lo*d < 0 {
		lo++
	}
	hi = k
	for hi > lo && s+(hi-1)*d >= n {
		hi--
	}
	return lo, hi
}
