package kernel

import "unsafe"

// Each method runs its argument's kernel, or its twin.

func (a *lanesForward) compute(filters int, pool, relu, wide bool) {
	if !simd() {
		a.twin(filters, pool, relu)
		return
	}
	t := (*byte)(unsafe.Pointer(a))
	if wide {
		a.wide(t, filters, pool, relu)
		return
	}
	switch {
	case !pool && relu && filters == 3:
		lanesPixelsRelu3(t)
	case !pool && relu && filters == 2:
		lanesPixelsRelu2(t)
	case !pool && relu:
		lanesPixelsRelu1(t)
	case !pool && filters == 3:
		lanesPixels3(t)
	case !pool && filters == 2:
		lanesPixels2(t)
	case !pool:
		lanesPixels1(t)
	case !relu && filters == 3:
		lanesLinear3(t)
	case !relu && filters == 2:
		lanesLinear2(t)
	case !relu:
		lanesLinear1(t)
	case filters == 3:
		if lanesRelu3(t); a.careful != 0 {
			lanesCareful3(t)
		}
	case filters == 2:
		if lanesRelu2(t); a.careful != 0 {
			lanesCareful2(t)
		}
	default:
		if lanesRelu1(t); a.careful != 0 {
			lanesCareful1(t)
		}
	}
}

func (a *lanesInputGradient) compute(channels int, wide bool) {
	if !simd() {
		a.twin(channels)
		return
	}
	t := (*byte)(unsafe.Pointer(a))
	if wide {
		a.wide(t, channels)
		return
	}
	switch channels {
	case 1:
		lanesInputGradient1(t)
	case 2:
		lanesInputGradient2(t)
	case 3:
		lanesInputGradient3(t)
	case 4:
		lanesInputGradient4(t)
	case 5:
		lanesInputGradient5(t)
	default:
		lanesInputGradient6(t)
	}
}

func (a *lanesWeightGradient) compute(filters, taps int, slide, wide bool) {
	if !simd() {
		a.twin(filters, taps, wide)
		return
	}
	t := (*byte)(unsafe.Pointer(a))
	if wide {
		a.wide(t, filters, taps)
		return
	}
	switch {
	case slide && filters == 4:
		lanesSlide4x3(t)
	case slide && filters == 3:
		lanesSlide3x3(t)
	case slide:
		lanesSlide2x5(t)
	case filters == 4:
		lanesWeightGradient4x3(t)
	case filters == 3:
		lanesWeightGradient3x4(t)
	default:
		lanesWeightGradient2x5(t)
	}
}

func (a *lanesExpand) compute() {
	if !simd() {
		a.twin()
		return
	}
	lanesExpandRow((*byte)(unsafe.Pointer(a)))
}

func (a *lanesRegroup) compute() {
	if !simd() {
		a.twin()
		return
	}
	lanesRegroupRow((*byte)(unsafe.Pointer(a)))
}

// loadLanesSIMD and those below report whether they did the work. Where the values are no whole vectors, the last eight
// are written again.
func loadLanesSIMD(dst, src []float32, ld, values int) bool {
	if values < 8 || !simd() {
		return false
	}
	_, _ = src[:7*ld+values], dst[:8*values]
	transposeAVX2(&dst[0], &src[0], values&^7, 4*8, 4*ld)
	if values%8 != 0 {
		transposeAVX2(&dst[8*(values-8)], &src[values-8], 8, 4*8, 4*ld)
	}
	return true
}

func storeLanesSIMD(dst, src []float32, ld, values int) bool {
	if values < 8 || !simd() {
		return false
	}
	_, _ = dst[:7*ld+values], src[:8*values]
	lanesStore(&dst[0], &src[0], values&^7, 4*ld)
	if values%8 != 0 {
		lanesStore(&dst[values-8], &src[8*(values-8)], 8, 4*ld)
	}
	return true
}

func sumLanesSIMD(dst, src []float32, n int) bool {
	if n == 0 || !simd() {
		return false
	}
	lanesSum(&dst[0], &src[0], n)
	return true
}
