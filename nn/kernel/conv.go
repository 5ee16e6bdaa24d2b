package kernel

import "unsafe"

// Conv is a convolution as products with im2col's matrix, which is nowhere written: its elements are read where they are
// in the image, or in a copy with zeros around, through two lists of offsets. Each value is one chain of fused
// multiply-adds in the order of im2col's rows, those of the zeros around included: the bits of Im2col and Gemm.
type Conv struct {
	Window
	F         int
	padded    bool    // windows reach beyond the image: it is copied
	line      int     // values from a row to the next where the image is read
	strip     int     // output rows that are computed from one part of the image
	images    int     // that are computed together; more than one only whole
	positions []int32 // [images * strip * OW] where the windows begin, in bytes
	taps      []int32 // [K] where the values under a window are, from its beginning, in bytes
}

const (
	convStrip = 48 << 10 // most values of a strip: half of the second cache is left to the filters and the output
	convBlock = 96       // most output positions for which a panel of filters is fetched
	// smallWindow is the values under a window below which calls would cost too much: more is done in each.
	smallWindow = 64
	convSpan    = 1 << 22 // most values of a strip of one output row
	// convChain is the most steps of one call into a kernel, as it cannot be interrupted.
	convChain = 200000
)

// NewConv plans the convolution of the geometry to f maps. So many output positions are computed together, if that is a
// row at least: a strip of the image, or some small images.
func NewConv(g Window, f, positions int) *Conv {
	c := &Conv{Window: g, F: f}
	width := (g.OW-1)*g.SW + (g.KW-1)*g.DW + 1
	height := (g.OH-1)*g.SH + (g.KH-1)*g.DH + 1
	c.line = g.W * g.C
	if c.padded = g.Top > 0 || g.Left > 0 || height > g.H || width > g.W; c.padded {
		c.line = width * g.C
	}
	c.strip = (convStrip/c.line-c.reach(1))/g.SH + 1
	c.strip = max(min(c.strip, positions/g.OW, g.OH), 1)
	c.images = 1
	if c.strip == g.OH {
		c.images = max(min(positions/g.Pixels(), convStrip/c.part()), 1)
	}
	c.positions = make([]int32, 0, c.images*c.strip*g.OW)
	for n := range c.images {
		for oh := range c.strip {
			for ow := range g.OW {
				c.positions = append(c.positions, int32(4*(n*c.part()+oh*g.SH*c.line+ow*g.SW*g.C)))
			}
		}
	}
	c.taps = make([]int32, 0, g.K())
	for i := range g.KH {
		for j := range g.KW {
			for ch := range g.C {
				c.taps = append(c.taps, int32(4*(i*g.DH*c.line+j*g.DW*g.C+ch)))
			}
		}
	}
	return c
}

// reach is the number of rows of the padded image that n output rows read.
func (c *Conv) reach(n int) int { return (n-1)*c.SH + (c.KH-1)*c.DH + 1 }

// part is the number of values of the part of an image under a strip; if it is not copied, of the whole image.
func (c *Conv) part() int {
	if !c.padded {
		return c.H * c.W * c.C
	}
	return c.reach(c.strip) * c.line
}

// Scratch is what Forward and Backward need.
func (c *Conv) Scratch() int {
	if !c.padded {
		return 0
	}
	return c.images * c.part()
}

// Images is the most images that are computed together: several if they are small, for which filters are fetched once.
func (c *Conv) Images() int { return c.images }

// together is how many values under a window always lie side by side, as a round of a product takes them: those of a
// window's row do. 0: too few.
func (c *Conv) together() int {
	side := c.C
	if c.DW == 1 {
		side *= c.KW
	}
	switch {
	case side%implicitRun == 0:
		return implicitRun
	case side%implicitUnroll == 0:
		return implicitUnroll
	}
	return 0
}

// fill copies rows lo..hi of a strip of the padded image; top is the strip's first row there.
func (c *Conv) fill(strip, x []float32, top, lo, hi int) {
	left := c.Left * c.C
	for r := lo; r < hi; r++ {
		line := strip[r*c.line : (r+1)*c.line]
		h := top + r - c.Top
		if h < 0 || h >= c.H {
			clear(line)
			continue
		}
		clear(line[:left])
		n := copy(line[left:], x[h*c.W*c.C:(h+1)*c.W*c.C])
		clear(line[left+n:])
	}
}

// fillAll does so for the first rows of all images.
func (c *Conv) fillAll(strips, x []float32, images, top, rows int) {
	for i := range images {
		c.fill(strips[i*c.part():], x[i*c.H*c.W*c.C:], top, 0, rows)
	}
}

// Forward computes y [images, OH, OW, F] from so many images x [images, H, W, C] and the filters w, packed by
// PackFilters. bias, if there is one, is packed by PackBias; relu needs one: what is not above 0 becomes 0.
func (c *Conv) Forward(y, x []float32, images int, w, bias []float32, relu bool, scratch []float32) {
	c.compute(y, x, images, w, bias, relu, false, scratch)
}

// Backward computes the input gradient dx [OH, OW, F], if c is Transposed, from that by the output dy [H, W, C] and the
// filters w, packed by PackTurned. Rows of the filters that are beyond dy are left out, as Rows says.
func (c *Conv) Backward(dx, dy, w, scratch []float32) {
	c.compute(dx, dy, 1, w, nil, false, true, scratch)
}

// compute does either; clip leaves rows of the filters out, and is for one image.
func (c *Conv) compute(y, x []float32, images int, w, bias []float32, relu, clip bool, scratch []float32) {
	k, row := c.K(), c.KW*c.C
	most := convBlock
	if k < smallWindow {
		most *= 5
	} else {
		most = min(max(convChain/k, implicitMost()), most)
	}
	cols := implicitColumns()
	for top := 0; top < c.OH; top += c.strip {
		n := images * min(c.strip, c.OH-top) * c.OW
		image, filled := scratch, 0 // a strip, and the rows of it that there are
		switch {
		case !c.padded:
			image = x[top*c.SH*c.line:]
		case images > 1:
			c.fillAll(image, x, images, 0, c.reach(c.OH))
		}
		for p, q := 0, 0; p < n; p = q {
			q = min(p+most, n)
			lo, hi := 0, c.KH
			if clip {
				var end int
				lo, hi, end = c.Rows(top + p/c.OW)
				q = min(q, (end-top)*c.OW)
			}
			out := y[(top*c.OW+p)*c.F : (top*c.OW+q)*c.F]
			if lo == hi {
				clear(out)
				continue
			}
			if need := c.reach((q-1)/c.OW + 1); c.padded && images == 1 && need > filled {
				c.fill(image, x, top*c.SH, filled, need)
				filled = need
			}
			for j := 0; j < c.F; j += cols {
				var b []float32
				if bias != nil {
					b = bias[j:]
				}
				implicit(out[j:], c.F, image, c.positions[p:q], c.taps[lo*row:hi*row], w[j*k+lo*row*panelCols:], min(cols, c.F-j), apart{k * panelCols, panelCols}, b, relu, c.together())
			}
		}
	}
}

// ForwardPositions is the number of output positions that Forward computes together: all of an image, or of some small
// ones.
func ForwardPositions(pixels int) int { return max(pixels, convBlock/2) }

// GradientPositions is the number of output positions whose part of the weight gradient is computed together, for
// windows of k values: their gradients, in panels, stay in the first cache, or are read too seldom for that.
func GradientPositions(k int) int {
	if k < smallWindow {
		return 480
	}
	return 128
}

// GradientScratch is what Gradient needs, the same for all kernels.
func (c *Conv) GradientScratch() int { return c.Scratch() + 2*len(c.positions)*panelCols }

// Gradient adds the gradients by the filters and by the bias of so many images x [images, H, W, C], in their order, to
// dw, in panels [K, 16], and to db, in panels; with zero, dw counts as 0. dy [images, OH, OW, F] is the gradient by the
// output. With y, it is that by relu's output y, for whole panels of maps, and is taken to that by relu's input, also in
// dy if back. What follows in dy and y is what will be handed in next, if anything.
func (c *Conv) Gradient(dw, db, x, dy, y []float32, images int, back, zero bool, scratch []float32) {
	k := c.K()
	copied := scratch[:c.Scratch()]
	panels := scratch[len(copied):] // one or two [images * strip * OW, 16]
	cols := implicitColumns()
	for top := 0; top < c.OH; top += c.strip {
		rows := min(c.strip, c.OH-top)
		n := images * rows * c.OW
		strip := copied
		if c.padded {
			c.fillAll(strip, x, images, top*c.SH, c.reach(rows))
		} else {
			strip = x[top*c.SH*c.line:]
		}
		at := top * c.OW * c.F
		for j := 0; j < c.F; j += cols {
			width := PanelColumns(min(cols, c.F-j))
			for i := 0; i < width; i += panelCols {
				var relu []float32
				if y != nil {
					relu = y[at+j+i:]
				}
				gradientPanel(panels[i*n:], dy[at+j+i:], relu, c.F, n, min(panelCols, c.F-j-i), db[j+i:], back)
			}
			next := c.next(dy, y, at, j, width, n)
			for p := 0; p < n; p += gradientChain {
				q := min(p+gradientChain, n)
				for r := 0; r < k; r += gradientTaps {
					s := min(r+gradientTaps, k)
					implicitAdd(dw[j*k+r*panelCols:], strip, c.taps[r:s], c.positions[p:q], panels[p*panelCols:], width, apart{n * panelCols, k * panelCols}, zero && top == 0 && p == 0, next)
					next = fetch{}
				}
			}
		}
	}
}

// next is what gradientPanel will read after width columns from j on of the n positions from dy[from] on: dy and, if
// there is one, y.
func (c *Conv) next(dy, y []float32, from, j, width, n int) fetch {
	to := from + j + width
	if j+width >= c.F {
		to = from + n*c.F
	}
	if to >= len(dy) {
		return fetch{}
	}
	f := fetch{first: unsafe.Pointer(&dy[to]), step: 4 * c.F, rounds: 4 * implicitUnroll * n}
	if len(y) > 0 {
		f.second = int(uintptr(unsafe.Pointer(&y[0])) - uintptr(unsafe.Pointer(&dy[0])))
	}
	return f
}

// What one call of Gradient into a kernel computes at most.
const (
	gradientChain = 512
	gradientTaps  = 288
)

// PackBias writes the bias in whole panels.
func PackBias(panels, bias []float32) { clear(panels[copy(panels, bias):]) }

// PackFilters writes the filters w [K, F] in panels [K, 16]: those of the columns lo..hi, where lo begins a panel;
// columns beyond F are 0.
func PackFilters(panels, w []float32, k, f, lo, hi int) {
	for j := lo; j < hi; j += panelCols {
		n := min(panelCols, f-j)
		for i := range k {
			row := panels[j*k+i*panelCols:][:panelCols]
			copy(row[:n], w[i*f+j:])
			clear(row[n:])
		}
	}
}

// UnpackFilters is the reverse of PackFilters for the values lo..hi of the panels, whole rows of 16.
func UnpackFilters(w, panels []float32, k, f, lo, hi int) {
	for ; lo < hi; lo += panelCols {
		j := lo / panelCols / k * panelCols
		copy(w[lo/panelCols%k*f+j:][:min(panelCols, f-j)], panels[lo:])
	}
}

// PackTurned writes the filters w [KH, KW, C, F] of the geometry turned by half a turn, channels and maps exchanged, in
// panels [KH*KW*F, 16] of channels: those of the channels lo..hi, where lo begins a panel.
func (g *Window) PackTurned(panels, w []float32, f, lo, hi int) {
	taps := g.KH * g.KW
	for c := lo; c < hi; c += panelCols {
		n := min(panelCols, g.C-c)
		for t := range taps {
			panel := panels[(c*taps+t*panelCols)*f:][:f*panelCols] // [F, 16]
			if n < panelCols {
				clear(panel)
			}
			Transpose(panel, panelCols, w[((taps-1-t)*g.C+c)*f:], f, n, f)
		}
	}
}

// Transposed is the geometry of the input gradient at stride 1: the same convolution of the output's gradient
// [OH, OW, f] with the filters turned.
func (g *Window) Transposed(f int) Window {
	return Window{H: g.OH, W: g.OW, C: f, KH: g.KH, KW: g.KW, SH: 1, SW: 1, DH: g.DH, DW: g.DW,
		Top: (g.KH-1)*g.DH - g.Top, Left: (g.KW-1)*g.DW - g.Left, OH: g.H, OW: g.W}
}

// Rows gives the rows lo..hi of the window that are inside the image for the output row oh, and the output row end up to
// which they are the same.
func (g *Window) Rows(oh int) (lo, hi, end int) {
	lo, hi = span(oh*g.SH-g.Top, g.KH, g.DH, g.H)
	for end = oh + 1; end < g.OH; end++ {
		if l, h := span(end*g.SH-g.Top, g.KH, g.DH, g.H); l != lo || h != hi {
			break
		}
	}
	return lo, hi, end
}

// Implicit reports whether the convolution to f maps is best computed by Conv, without im2col's matrix: wherever the
// offsets, counted in 32 bits, reach, and windows span little.
func (g *Window) Implicit(f int) bool {
	if !Chained() || max(g.H*g.W*g.C, g.Pixels()*f) >= 1<<27 {
		return false
	}
	// What a window far apart spans, with the zeros around the image, is copied for each worker.
	return ((g.KH-1)*g.DH+1)*(max(g.W, (g.OW-1)*g.SW+1)+(g.KW-1)*g.DW)*max(g.C, f) <= convSpan
}
