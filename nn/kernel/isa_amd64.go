package kernel

import "golang.org/x/sys/cpu"

var avx512 = isa{name: "avx512", rows: 14, cols: 32, peak: peakAVX512, flops: 12 * 16 * 2, tile: []func(*byte){
	gemmAVX512_1, gemmAVX512_2, gemmAVX512_3, gemmAVX512_4, gemmAVX512_5, gemmAVX512_6, gemmAVX512_7,
	gemmAVX512_8, gemmAVX512_9, gemmAVX512_10, gemmAVX512_11, gemmAVX512_12, gemmAVX512_13, gemmAVX512_14}}

var avx2 = isa{name: "avx2", rows: 6, cols: 16, peak: peakAVX2, flops: 12 * 8 * 2, strips: &strips{
	{{gemmAVX2_1, gemmAVX2_2, gemmAVX2_3, gemmAVX2_4, gemmAVX2_5, gemmAVX2_6},
		{gemmWideAVX2_1, gemmWideAVX2_2, gemmWideAVX2_3, gemmWideAVX2_4, gemmWideAVX2_5, gemmWideAVX2_6},
		{gemmNarrowAVX2_1, gemmNarrowAVX2_2, gemmNarrowAVX2_3, gemmNarrowAVX2_4, gemmNarrowAVX2_5, gemmNarrowAVX2_6}},
	{{3: gemmPackAVX2_4, 4: gemmPackAVX2_5, 5: gemmPackAVX2_6}, {3: gemmPackWideAVX2_4, 4: gemmPackWideAVX2_5, 5: gemmPackWideAVX2_6},
		{3: gemmPackNarrowAVX2_4, 4: gemmPackNarrowAVX2_5, 5: gemmPackNarrowAVX2_6}}}}

// available lists the kernels that this processor can run, the fastest first.
func available() []*isa {
	var sets []*isa
	x := cpu.X86
	if x.HasAVX512F && x.HasAVX512DQ && x.HasAVX512BW && x.HasAVX512VL && x.HasFMA && x.HasAVX2 {
		sets = append(sets, &avx512)
	}
	if x.HasAVX2 && x.HasFMA {
		return append(sets, &avx2, &generic, &plain)
	}
	return append(sets, &plain, &generic)
}
