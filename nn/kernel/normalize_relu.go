package kernel

import "math"

// positive reports what relu lets through: all but what is at most 0.
func positive(v float32) bool { return !(v <= 0) }

// The functions here normalise and go on with relu or, for windows of 2x2 side by side that leave nothing over, with
// relu and a max pooling, in one pass. The number of channels is a multiple of 8. What is between the operations is
// worked out again when it goes backward.

// NormalizeRelu writes the normalised x [rows, C], or 0 where that is at most 0, to y.
func NormalizeRelu(y, x []float32, p Affine) {
	n := normalizeReluSIMD(y, x, p)
	for c := len(p.Shift); n < len(x); n++ {
		v := p.at(n%c, x[n])
		if !positive(v) {
			v = 0
		}
		y[n] = v
	}
}

// MomentsRelu is MomentsBackward of dy where NormalizeRelu let x through, and of 0 elsewhere.
func MomentsRelu(sum, dot, mean []float64, x, dy []float32, p Affine) {
	c := len(mean)
	for step := max(1, momentValues/c) * c; len(x) > 0; {
		n := min(step, len(x))
		if !momentsReluSIMD(sum, dot, mean, x[:n], dy, p) {
			momentsReluTwin(sum, dot, mean, x[:n], dy, p)
		}
		x, dy = x[n:], dy[n:]
	}
}

func momentsReluTwin(sum, dot, mean []float64, x, dy []float32, p Affine) {
	for i, v := range x {
		k, g := i%len(mean), float64(0)
		if positive(p.at(k, v)) {
			g = float64(dy[i])
		}
		sum[k] += g
		dot[k] = math.FMA(g, float64(v)-mean[k], dot[k])
	}
}

// NormalizeReluBackward is NormalizeBackward of dy where NormalizeRelu let x through, and of 0 elsewhere.
func NormalizeReluBackward(dx, dy, x []float32, p Affine, a, b, m []float32) {
	n := normalizeReluBackwardSIMD(dx, dy, x, p, a, b, m)
	for c := len(p.Shift); n < len(x); n++ {
		k, g := n%c, float32(0)
		if positive(p.at(k, x[n])) {
			g = dy[n]
		}
		dx[n] = float32(a[k]*g) + float32(b[k]*(x[n]-p.Shift[k])) + m[k]
	}
}

// deadWindow marks, in place of a cell, a window whose every value relu sets to 0.
const deadWindow = 4

// Quads reports whether the windows are of 2x2 cells, side by side, and cover the whole image.
func (g *Window) Quads() bool { return g.pairs() && 2*g.OH == g.H && 2*g.OW == g.W }

// cell is the offset in the image of cell number i of the window whose output has the offset k.
func (g *Window) cell(k, i int) int {
	row, c := k/g.C, k%g.C
	return ((row/g.OW*2+i/2)*g.W+row%g.OW*2+i%2)*g.C + c
}

// NormalizePool writes the largest normalised value under each window of the image x [H, W, C], or 0 where that is at
// most 0, to y [OH, OW, C], and the cell that it came from, or 4 for none, to arg.
func (g *Window) NormalizePool(y []float32, arg []uint8, x []float32, p Affine) {
	if g.normalizePoolSIMD(y, arg, x, p) {
		return
	}
	for k := range y {
		c := k % g.C
		best, from := p.at(c, x[g.cell(k, 0)]), uint8(0)
		for i := 1; i < 4; i++ {
			if v := p.at(c, x[g.cell(k, i)]); v > best || v != v {
				best, from = v, uint8(i)
			}
		}
		if !positive(best) {
			best, from = 0, deadWindow
		}
		y[k], arg[k] = best, from
	}
}

// MomentsPool adds to sum and dot [C] dy [OH, OW, C] and dy*(x - mean) of the cells that NormalizePool took.
func (g *Window) MomentsPool(sum, dot, mean []float64, x, dy []float32, arg []uint8) {
	if g.momentsPoolSIMD(sum, dot, mean, x, dy, arg) {
		return
	}
	for k, v := range dy {
		c, from, d := k%g.C, int(arg[k]), float64(v)
		if from == deadWindow {
			from, d = 0, 0
		}
		sum[c] += d
		dot[c] = math.FMA(d, float64(x[g.cell(k, from)])-mean[c], dot[c])
	}
}

// NormalizePoolBackward writes dx [H, W, C]: NormalizeBackward of dy [OH, OW, C] in the cells that NormalizePool took,
// and of 0 in the others.
func (g *Window) NormalizePoolBackward(dx, dy []float32, arg []uint8, x []float32, p Affine, a, b, m []float32) {
	if g.normalizePoolBackwardSIMD(dx, dy, arg, x, p, a, b, m) {
		return
	}
	for k, v := range dy {
		c := k % g.C
		for i := range 4 {
			at, d := g.cell(k, i), float32(0)
			if int(arg[k]) == i {
				d = float32(v * a[c])
			}
			dx[at] = d + float32(b[c]*(x[at]-p.Shift[c])) + m[c]
		}
	}
}
