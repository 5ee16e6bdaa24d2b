package kernel

// The kernels with two vectors in a register. They are called by their names: through variables their arguments would be
// allocated.

// lanesWide reports whether there are such kernels.
func lanesWide() bool { return active == &avx512 }

func (a *lanesForward) wide(t *byte, filters int, pool, relu bool) {
	switch {
	case !pool && relu:
		switch filters {
		case 1:
			lanesPixelsRelu1AVX512(t)
		case 2:
			lanesPixelsRelu2AVX512(t)
		case 3:
			lanesPixelsRelu3AVX512(t)
		case 4:
			lanesPixelsRelu4AVX512(t)
		case 5:
			lanesPixelsRelu5AVX512(t)
		default:
			lanesPixelsRelu6AVX512(t)
		}
	case !pool:
		switch filters {
		case 1:
			lanesPixels1AVX512(t)
		case 2:
			lanesPixels2AVX512(t)
		case 3:
			lanesPixels3AVX512(t)
		case 4:
			lanesPixels4AVX512(t)
		case 5:
			lanesPixels5AVX512(t)
		default:
			lanesPixels6AVX512(t)
		}
	case !relu:
		switch filters {
		case 1:
			lanesLinear1AVX512(t)
		case 2:
			lanesLinear2AVX512(t)
		case 3:
			lanesLinear3AVX512(t)
		case 4:
			lanesLinear4AVX512(t)
		case 5:
			lanesLinear5AVX512(t)
		default:
			lanesLinear6AVX512(t)
		}
	default:
		a.wideRelu(t, filters)
	}
}

// wideRelu takes more care where it turns out that it must.
func (a *lanesForward) wideRelu(t *byte, filters int) {
	switch filters {
	case 1:
		if lanesRelu1AVX512(t); a.careful != 0 {
			lanesCareful1AVX512(t)
		}
	case 2:
		if lanesRelu2AVX512(t); a.careful != 0 {
			lanesCareful2AVX512(t)
		}
	case 3:
		if lanesRelu3AVX512(t); a.careful != 0 {
			lanesCareful3AVX512(t)
		}
	case 4:
		if lanesRelu4AVX512(t); a.careful != 0 {
			lanesCareful4AVX512(t)
		}
	case 5:
		if lanesRelu5AVX512(t); a.careful != 0 {
			lanesCareful5AVX512(t)
		}
	default:
		if lanesRelu6AVX512(t); a.careful != 0 {
			lanesCareful6AVX512(t)
		}
	}
}

func (*lanesInputGradient) wide(t *byte, channels int) {
	switch channels {
	case 1:
		lanesInputGradient1AVX512(t)
	case 2:
		lanesInputGradient2AVX512(t)
	case 3:
		lanesInputGradient3AVX512(t)
	case 4:
		lanesInputGradient4AVX512(t)
	case 5:
		lanesInputGradient5AVX512(t)
	default:
		lanesInputGradient6AVX512(t)
	}
}

func (*lanesWeightGradient) wide(t *byte, filters, taps int) {
	switch 100*filters + taps {
	case 202:
		lanesWeightGradient2x2AVX512(t)
	case 204:
		lanesWeightGradient2x4AVX512(t)
	case 206:
		lanesWeightGradient2x6AVX512(t)
	case 208:
		lanesWeightGradient2x8AVX512(t)
	case 210:
		lanesWeightGradient2x10AVX512(t)
	case 212:
		lanesWeightGradient2x12AVX512(t)
	case 214:
		lanesWeightGradient2x14AVX512(t)
	case 216:
		lanesWeightGradient2x16AVX512(t)
	case 302:
		lanesWeightGradient3x2AVX512(t)
	case 304:
		lanesWeightGradient3x4AVX512(t)
	case 306:
		lanesWeightGradient3x6AVX512(t)
	case 308:
		lanesWeightGradient3x8AVX512(t)
	case 310:
		lanesWeightGradient3x10AVX512(t)
	case 312:
		lanesWeightGradient3x12AVX512(t)
	case 314:
		lanesWeightGradient3x14AVX512(t)
	case 316:
		lanesWeightGradient3x16AVX512(t)
	case 402:
		lanesWeightGradient4x2AVX512(t)
	case 404:
		lanesWeightGradient4x4AVX512(t)
	case 406:
		lanesWeightGradient4x6AVX512(t)
	case 408:
		lanesWeightGradient4x8AVX512(t)
	case 410:
		lanesWeightGradient4x10AVX512(t)
	default:
		lanesWeightGradient4x12AVX512(t)
	}
}
