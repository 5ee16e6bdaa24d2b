package kernel

import "cnnbench/rng"

// DropoutMaxPool is MaxPool of what dropout leaves of an image x [H, W, C], in one pass, for windows as Pairs says
// and a number of channels that is a multiple of 8. Where the largest value is one that was dropped the index is beyond
// the window's cells: MaxPoolBackward takes the gradient nowhere. mask [2 W C] is memory to work in.
func (g *Window) DropoutMaxPool(y []float32, arg []uint8, x []float32, mask []uint8, key rng.Key, row uint32, drop uint32, scale float32) {
	in, out := 2*g.W*g.C, g.OW*g.C // of a row of windows
	mask = mask[:in]
	for i := range g.OH {
		DropoutMask(mask, key, row, uint32(i*in/8), drop)
		g.MaxPoolKept(y[i*out:(i+1)*out], arg[i*out:(i+1)*out], x[i*in:(i+1)*in], mask, scale)
	}
}

// MaxPoolKept does a row of DropoutMaxPool's windows: y and arg [OW, C] of x and its mask [2, W, C].
func (g *Window) MaxPoolKept(y []float32, arg []uint8, x []float32, mask []uint8, scale float32) {
	if g.maxKeptSIMD(y, arg, x, mask, scale) {
		return
	}
	for k := range y {
		for i := range 4 {
			cell := g.cell(k, i)
			v, from := float32(0), i+4
			if mask[cell] != 0 {
				v, from = float32(x[cell]*scale), i
			}
			if i == 0 || v > y[k] || v != v {
				y[k], arg[k] = v, uint8(from)
			}
		}
	}
}
