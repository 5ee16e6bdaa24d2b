package kernel

var neon = isa{name: "neon", rows: 6, cols: 16, peak: peakNEON, flops: 24 * 4 * 2, tile: []func(*byte){
	gemmNEON_1, gemmNEON_2, gemmNEON_3, gemmNEON_4, gemmNEON_5, gemmNEON_6}}

// available lists the kernels that this processor can run, the fastest first: NEON is part of every arm64.
func available() []*isa { return []*isa{&neon, &generic, &plain} }
