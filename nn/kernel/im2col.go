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

// Plain reports whether an image is its own im2col: under a window of 1x1 at stride 1.
func (g *Window) Plain() bool { return g.KH == 1 && g.KW == 1 && g.SH == 1 && g.SW == 1 }

// Im2col writes the rows of the output positions p0 <= p < p1 (row-major) of the image x [H, W, C] to
// col [p1-p0, K]. Cells outside the image are 0.
func (g *Window) Im2col(col, x []float32, p0, p1 int) {
	kw, k := g.KW*g.C, g.K()
	for oh, ow, p := p0/g.OW, p0%g.OW, p0; p < p1; p++ {
		h0, w0 := oh*g.SH-g.Top, ow*g.SW-g.Left
		row := col[:k] // [KH, KW, C], and what follows
		ilo, ihi := span(h0, g.KH, g.DH, g.H)
		clear(row[:ilo*kw])
		if g.DW == 1 && w0 >= 0 && w0+g.KW <= g.W {
			for i := ilo; i < ihi; i++ {
				copyRow(col[i*kw:], x[((h0+i*g.DH)*g.W+w0)*g.C:], kw)
			}
		} else {
			jlo, jhi := span(w0, g.KW, g.DW, g.W)
			for i := ilo; i < ihi; i++ {
				line, cells := x[(h0+i*g.DH)*g.W*g.C:], row[i*kw:][:kw]
				clear(cells[:jlo*g.C])
				clear(cells[jhi*g.C:])
				for j := jlo; j < jhi; j++ {
					copy(cells[j*g.C:(j+1)*g.C], line[(w0+j*g.DW)*g.C:])
				}
			}
		}
		clear(row[ihi*kw:])
		col = col[k:]
		if ow++; ow == g.OW {
			oh, ow = oh+1, 0
		}
	}
}

// copyRow copies n values. Short rows go by eights, which is cheaper than a call: what that writes too much is behind
// the row, where Im2col, which writes upwards, has not been yet.
func copyRow(dst, src []float32, n int) {
	whole := (n + 7) &^ 7
	if n > 40 || len(dst) < whole || len(src) < whole {
		copy(dst[:n], src)
		return
	}
	for i := 0; i < whole; i += 8 {
		*(*[8]float32)(dst[i:]) = *(*[8]float32)(src[i:])
	}
}

// Col2im adds the rows col [p1-p0, K] of the output positions p0 <= p < p1 back into the image dx [H, W, C]: the
// transpose of Im2col.
func (g *Window) Col2im(dx, col []float32, p0, p1 int) {
	kw, k := g.KW*g.C, g.K()
	for oh, ow, p := p0/g.OW, p0%g.OW, p0; p < p1; p++ {
		h0, w0 := oh*g.SH-g.Top, ow*g.SW-g.Left
		row := col[:k:k] // [KH, KW, C]
		col = col[k:]
		ilo, ihi := span(h0, g.KH, g.DH, g.H)
		jlo, jhi := span(w0, g.KW, g.DW, g.W)
		for i := ilo; i < ihi; i++ {
			line, cells := dx[(h0+i*g.DH)*g.W*g.C:], row[i*kw:][:kw]
			if g.DW == 1 {
				if jlo < jhi {
					Add(line[(w0+jlo)*g.C:(w0+jhi)*g.C], cells[jlo*g.C:jhi*g.C])
				}
				continue
			}
			for j := jlo; j < jhi; j++ {
				Add(line[(w0+j*g.DW)*g.C:][:g.C], cells[j*g.C:(j+1)*g.C])
			}
		}
		if ow++; ow == g.OW {
			oh, ow = oh+1, 0
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
