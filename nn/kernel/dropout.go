package kernel

import "cnnbench/rng"

// Dropout writes x scaled to y where a draw of 32 bits is at least drop, and 0 elsewhere; mask is 255 where it kept. The
// draws are the key's: those of value i are word i%4 of block i/4 in the stream of the row.
func Dropout(y, x []float32, mask []uint8, key rng.Key, row uint32, drop uint64, scale float32) {
	words := key.Words()
	i := dropoutSIMD(y, x, mask, &words, row, drop, scale)
	for ; i < len(x); i += 4 {
		draws := key.At(uint64(row)<<32 | uint64(i/4))
		for j := range min(4, len(x)-i) {
			if uint64(draws[j]) < drop {
				y[i+j], mask[i+j] = 0, 0
			} else {
				y[i+j], mask[i+j] = float32(x[i+j]*scale), 255
			}
		}
	}
}

// DropoutBackward writes dy scaled to dx where Dropout kept, and 0 elsewhere.
func DropoutBackward(dx, dy []float32, mask []uint8, scale float32) {
	n := dropoutBackwardSIMD(dx, dy, mask, scale)
	dy = dy[n:]
	dx, mask = dx[n:][:len(dy)], mask[n:][:len(dy)]
	for i, v := range dy {
		if mask[i] == 0 {
			v = 0
		}
		dx[i] = float32(v * scale)
	}
}
