package kernel

// The functions that return a bool do all of their twin's work, or none of it.

func normalizeReluSIMD(y, x []float32, p Affine) int {
	n, period := len(x)&^7, len(p.Shift)
	if n == 0 || !simd() {
		return 0
	}
	normalizeReluAVX2(&y[:n][0], &x[0], n, period, &p.Shift[0], &p.Scale[:period][0], &p.Offset[:period][0])
	return n
}

func momentsReluSIMD(sum, dot, mean []float64, x, dy []float32, p Affine) bool {
	c := len(mean)
	if len(x) == 0 || c%8 != 0 || !simd() {
		return false
	}
	momentsReluAVX2(&sum[:c][0], &dot[:c][0], &mean[0], &x[0], &dy[:len(x)][0], len(x)/c, c, &p.Shift[:c][0], &p.Scale[:c][0], &p.Offset[:c][0])
	return true
}

func normalizeReluBackwardSIMD(dx, dy, x []float32, p Affine, a, b, m []float32) int {
	n, period := len(x)&^7, len(p.Shift)
	if n == 0 || !simd() {
		return 0
	}
	normalizeReluBackwardAVX2(&dx[:n][0], &dy[:n][0], &x[0], n, period, &p.Shift[0], &p.Scale[:period][0], &p.Offset[:period][0], &a[:period][0], &b[:period][0], &m[:period][0])
	return n
}

// quads reports whether the pooling's vector kernels take the channels.
func (g *Window) quads() bool { return g.C%8 == 0 && simd() }

func (g *Window) normalizePoolSIMD(y []float32, arg []uint8, x []float32, p Affine) bool {
	if !g.quads() {
		return false
	}
	in, out := 2*g.W*g.C, g.OW*g.C // of a row of windows
	for i := range g.OH {
		normalizePoolAVX2(&y[i*out : (i+1)*out][0], &arg[i*out : (i+1)*out][0], &x[i*in : (i+1)*in][0], g.OW, g.C, 2*in, &p.Shift[:g.C][0], &p.Scale[:g.C][0], &p.Offset[:g.C][0])
	}
	return true
}

func (g *Window) momentsPoolSIMD(sum, dot, mean []float64, x, dy []float32, arg []uint8) bool {
	if !g.quads() {
		return false
	}
	in, out := 2*g.W*g.C, g.OW*g.C
	for i := range g.OH {
		momentsPoolAVX2(&sum[:g.C][0], &dot[:g.C][0], &mean[:g.C][0], &x[i*in : (i+1)*in][0], &dy[i*out : (i+1)*out][0], &arg[i*out : (i+1)*out][0], g.OW, g.C, 2*in)
	}
	return true
}

func (g *Window) normalizePoolBackwardSIMD(dx, dy []float32, arg []uint8, x []float32, p Affine, a, b, m []float32) bool {
	if !g.quads() {
		return false
	}
	in, out := 2*g.W*g.C, g.OW*g.C
	for i := range g.OH {
		normalizePoolBackwardAVX2(&dx[i*in : (i+1)*in][0], &dy[i*out : (i+1)*out][0], &arg[i*out : (i+1)*out][0], &x[i*in : (i+1)*in][0], g.OW, g.C, 2*in,
			&p.Shift[:g.C][0], &a[:g.C][0], &b[:g.C][0], &m[:g.C][0])
	}
	return true
}
