package kernel

import (
	"encoding/binary"
	"math"
)

// IndexBytes is how many bytes one of MaxPool's indices takes.
func (g *Window) IndexBytes() int {
	if g.KH*g.KW > 1<<8 {
		return 2
	}
	return 1
}

// index is the index number k of arg.
func (g *Window) index(arg []uint8, k int) int {
	if g.IndexBytes() == 2 {
		return int(binary.LittleEndian.Uint16(arg[2*k:]))
	}
	return int(arg[k])
}

func (g *Window) setIndex(arg []uint8, k, cell int) {
	if g.IndexBytes() == 2 {
		binary.LittleEndian.PutUint16(arg[2*k:], uint16(cell))
		return
	}
	arg[k] = uint8(cell)
}

// MaxPool writes the largest value under each window of the image x [H, W, C] to y [OH, OW, C], and which cell of the
// window (i*KW + j) it came from to arg [OH, OW, C, IndexBytes], unless arg is nil. Of equal values the first counts;
// cells outside the image do not. A NaN wins.
func (g *Window) MaxPool(y []float32, arg []uint8, x []float32) {
	for p := 0; p < g.Pixels(); {
		r := g.run(p)
		for k := g.maxSIMD(y, arg, x, &r); k < r.n; k++ {
			w := r.one(g, k)
			g.max(y, arg, x, &w)
		}
		p += r.n
	}
}

// max is MaxPool for one window.
func (g *Window) max(y []float32, arg []uint8, x []float32, r *run) {
	best := y[r.out : r.out+g.C]
	Fill(best, float32(math.Inf(-1)))
	if arg != nil {
		for k := range best {
			g.setIndex(arg, r.out+k, r.first)
		}
	}
	for i := range r.kh {
		for j := range r.kw {
			for k, v := range x[r.cell(g, i, j):][:g.C] {
				if v > best[k] || v != v {
					best[k] = v
					if arg != nil {
						g.setIndex(arg, r.out+k, r.first+i*g.KW+j)
					}
				}
			}
		}
	}
}

// MaxPoolBackward writes dx [H, W, C]: the sums of dy [OH, OW, C] over the windows that MaxPool took a cell for. An index
// beyond the window's cells is none.
func (g *Window) MaxPoolBackward(dx, dy []float32, arg []uint8) {
	if g.pairs() {
		g.clearBeside(dx)
	} else {
		clear(dx)
	}
	for p := 0; p < g.Pixels(); {
		r := g.run(p)
		for k := g.maxBackwardSIMD(dx, dy, arg, &r); k < r.n; k++ {
			w := r.one(g, k)
			if r.quad(g) { // nothing is there yet
				clear(dx[w.cell(g, 0, 0):][:2*g.C])
				clear(dx[w.cell(g, 1, 0):][:2*g.C])
			}
			for c, v := range dy[w.out : w.out+g.C] {
				cell := g.index(arg, w.out+c) - w.first
				if cell >= g.KH*g.KW {
					continue
				}
				at := w.cell(g, cell/g.KW, cell%g.KW) + c
				if r.quad(g) {
					dx[at] = v
				} else {
					dx[at] += v
				}
			}
		}
		p += r.n
	}
}

// clearBeside sets to 0 what is in no whole window of pairs: the last row and column where there are an odd number.
func (g *Window) clearBeside(dx []float32) {
	row := g.W * g.C
	if g.W%2 == 1 {
		for h := range g.H {
			clear(dx[(h+1)*row-g.C : (h+1)*row])
		}
	}
	if g.H%2 == 1 {
		clear(dx[(g.H-1)*row:])
	}
}
