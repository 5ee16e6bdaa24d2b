package kernel

import "cnnbench/rng"

// Draws is how many draws DropoutMask tells apart: as many as drop make it drop everything.
const Draws = 1 << 16

// DropoutMask writes 255 for each value that is kept and 0 for one that is dropped: whose draw of 16 bits is below drop.
// The draws are the key's: that of value i is the half i%8, the lower one of each word first, of block i/8 in the stream
// of the row. mask begins with a block's first value.
func DropoutMask(mask []uint8, key rng.Key, row, block uint32, drop uint32) {
	words := key.Words()
	for i := dropoutMaskSIMD(mask, &words, row, block, drop); i < len(mask); i += 8 {
		draws := key.At(uint64(row)<<32 | uint64(block+uint32(i/8)))
		for j := range min(8, len(mask)-i) {
			mask[i+j] = 0
			if draws[j/2]>>(j%2*16)&0xffff >= drop {
				mask[i+j] = 255
			}
		}
	}
}

// Keep writes x scaled to y where the mask keeps it, and 0 elsewhere.
func Keep(y, x []float32, mask []uint8, scale float32) {
	n := keepSIMD(y, x, mask, scale)
	x = x[n:]
	y, mask = y[n:][:len(x)], mask[n:][:len(x)]
	for i, v := range x {
		if mask[i] == 0 {
			v = 0
		}
		y[i] = float32(v * scale)
	}
}
