package kernel

import "math"

// MaxPool writes the largest value under each window of the image x [H, W, C] to y [OH, OW, C], and which cell of the
// window (i*KW + j) it came from to arg, unless arg is nil. Cells outside the image do not count. A NaN wins.
func (g *Window) MaxPool(y []float32, arg []uint16, x []float32) {
	c := g.C
	if c < 8 && arg != nil && g.KH == 2 && g.KW == 2 && g.SH == 2 && g.SW == 2 && g.Top == 0 && g.Left == 0 && 2*g.OH <= g.H && 2*g.OW <= g.W {
		g.maxPoolNarrow(y, arg, x)
		return
	}
	for p := range g.Pixels() {
		h0, w0 := p/g.OW*g.SH-g.Top, p%g.OW*g.SW-g.Left
		ilo, ihi := span(h0, g.KH, 1, g.H)
		jlo, jhi := span(w0, g.KW, 1, g.W)
		best := y[p*c : (p+1)*c]
		Fill(best, float32(math.Inf(-1)))
		var from []uint16
		if arg != nil {
			from = arg[p*c : (p+1)*c]
			for k := range from {
				from[k] = uint16(ilo*g.KW + jlo)
			}
		}
		for i := ilo; i < ihi; i++ {
			for j := jlo; j < jhi; j++ {
				cell := x[((h0+i)*g.W+w0+j)*c:][:c]
				if from == nil {
					for k, v := range cell {
						if v > best[k] || v != v {
							best[k] = v
						}
					}
					continue
				}
				larger(best, cell, from, uint16(i*g.KW+j))
			}
		}
	}
}

// maxPoolNarrow is MaxPool for 2x2 windows side by side over few channels, whose cells are too short for vectors: it
// compares whole rows with themselves one pixel on, then both rows, and picks every second pixel.
func (g *Window) maxPoolNarrow(y []float32, arg []uint16, x []float32) {
	c, n := g.C, (g.W-1)*g.C
	w := borrow()
	defer w.giveBack()
	rows, from := w.rows(3 * n)
	best := [2][]float32{rows[:n], rows[n : 2*n]}
	right := [2][]uint16{from[:n], from[n : 2*n]}
	below := from[2*n : 3*n]
	for oh := range g.OH {
		for i := range 2 {
			line := x[(2*oh+i)*g.W*c:][:g.W*c]
			copy(best[i], line)
			clear(right[i])
			larger(best[i], line[c:], right[i], 1)
		}
		clear(below)
		larger(best[0], best[1], below, 1)
		for ow := range g.OW {
			at, to := 2*ow*c, (oh*g.OW+ow)*c
			copy(y[to:to+c], best[0][at:])
			for k := range c {
				f := right[0][at+k]
				if below[at+k] != 0 {
					f = 2 + right[1][at+k]
				}
				arg[to+k] = f
			}
		}
	}
}

// larger keeps the larger of best and cell in best, and sets from to index where that is cell's. A NaN wins.
func larger(best, cell []float32, from []uint16, index uint16) {
	n := maxSIMD(best, cell, from, index)
	for k := n; k < len(best); k++ {
		if v := cell[k]; v > best[k] || v != v {
			best[k], from[k] = v, index
		}
	}
}

// MaxPoolBackward adds dy [OH, OW, C] to the cells of dx [H, W, C] that MaxPool took them from.
func (g *Window) MaxPoolBackward(dx, dy []float32, arg []uint16) {
	c := g.C
	for p := range g.Pixels() {
		h0, w0 := p/g.OW*g.SH-g.Top, p%g.OW*g.SW-g.Left
		from := arg[p*c : (p+1)*c]
		for k, v := range dy[p*c : (p+1)*c] {
			i, j := int(from[k])/g.KW, int(from[k])%g.KW
			dx[((h0+i)*g.W+w0+j)*c+k] += v
		}
	}
}

// AveragePool writes the mean of the image's cells under each window of x [H, W, C] to y [OH, OW, C]; cells outside the
// image do not count.
func (g *Window) AveragePool(y, x []float32) {
	c := g.C
	for p := range g.Pixels() {
		h0, w0 := p/g.OW*g.SH-g.Top, p%g.OW*g.SW-g.Left
		ilo, ihi := span(h0, g.KH, 1, g.H)
		jlo, jhi := span(w0, g.KW, 1, g.W)
		sum := y[p*c : (p+1)*c]
		clear(sum)
		for i := ilo; i < ihi; i++ {
			for j := jlo; j < jhi; j++ {
				Add(sum, x[((h0+i)*g.W+w0+j)*c:][:c])
			}
		}
		n := float32((ihi - ilo) * (jhi - jlo))
		for k := range sum {
			sum[k] /= n
		}
	}
}

// AveragePoolBackward adds dy [OH, OW, C], shared out equally, to the cells of dx [H, W, C].
func (g *Window) AveragePoolBackward(dx, dy []float32) {
	c := g.C
	for p := range g.Pixels() {
		h0, w0 := p/g.OW*g.SH-g.Top, p%g.OW*g.SW-g.Left
		ilo, ihi := span(h0, g.KH, 1, g.H)
		jlo, jhi := span(w0, g.KW, 1, g.W)
		share := 1 / float32((ihi-ilo)*(jhi-jlo))
		for i := ilo; i < ihi; i++ {
			for j := jlo; j < jhi; j++ {
				Axpy(dx[((h0+i)*g.W+w0+j)*c:], share, dy[p*c:(p+1)*c])
			}
		}
	}
}
