package dataset

import "math"

// axis says from which pixels of one input axis each pixel of the output comes, and with which weights. The rules are
// Pillow's, and so those of Keras's load_img: pixel centres at halves; bilinear widens its triangle when it shrinks a
// picture, so that every pixel counts.
type axis struct {
	first   []int     // [out] the first input pixel
	taps    []int     // [out] how many from there
	most    int       // the largest of taps
	weights []float64 // [out, most]
	fixed   []int32   // [out, most] the weights in units of 1/2^fixedBits, for bytes
}

// fixedBits leaves a sum of weighted bytes room in 32 bits.
const fixedBits = 32 - 8 - 2

func newAxis(in, out int, interpolation string) *axis {
	a := &axis{first: make([]int, out), taps: make([]int, out), most: 1}
	if interpolation == "nearest" {
		step := float64(in) / float64(out)
		at := step * .5
		for i := range out {
			a.first[i], a.taps[i] = min(int(at), in-1), 1
			a.weights = append(a.weights, 1)
			at += step // added up as Pillow does: a product rounds another way
		}
	} else {
		a.bilinear(in, out)
	}
	for _, w := range a.weights {
		a.fixed = append(a.fixed, int32(.5+float64(w*(1<<fixedBits))))
	}
	return a
}

// bilinear fills the weights as Pillow's precompute_coeffs does.
func (a *axis) bilinear(in, out int) {
	scale := float64(in) / float64(out)
	support := max(scale, 1)
	a.most = int(math.Ceil(support))*2 + 1
	a.weights = make([]float64, out*a.most)
	for i := range out {
		center := float64((float64(i) + .5) * scale)
		lo := max(int(center-support+.5), 0)
		hi := min(int(center+support+.5), in)
		w := a.weights[i*a.most:]
		sum := 0.
		for x := range hi - lo {
			w[x] = max(0, 1-math.Abs(float64((float64(x+lo)-center+.5)*(1/support))))
			sum += w[x]
		}
		for x := range hi - lo {
			w[x] /= sum
		}
		a.first[i], a.taps[i] = lo, hi-lo
	}
}

// resampleBytes resamples the middle axis of src [outer, in, inner] into dst [outer, out, inner].
func (a *axis) resampleBytes(dst, src []uint8, outer, in, inner int) {
	out := len(a.first)
	for o := range outer {
		for i := range out {
			line := src[(o*in+a.first[i])*inner:]
			w := a.fixed[i*a.most : i*a.most+a.taps[i]]
			to := dst[(o*out+i)*inner : (o*out+i+1)*inner]
			for j := range to {
				sum := int32(1 << (fixedBits - 1))
				for t, k := range w {
					sum += int32(line[t*inner+j]) * k
				}
				to[j] = uint8(min(max(sum>>fixedBits, 0), 255))
			}
		}
	}
}

// resampleFloats is resampleBytes for floats.
func (a *axis) resampleFloats(dst, src []float32, outer, in, inner int) {
	out := len(a.first)
	for o := range outer {
		for i := range out {
			line := src[(o*in+a.first[i])*inner:]
			w := a.weights[i*a.most : i*a.most+a.taps[i]]
			to := dst[(o*out+i)*inner : (o*out+i+1)*inner]
			for j := range to {
				sum := 0.
				for t, k := range w {
					sum += float64(float64(line[t*inner+j]) * k)
				}
				to[j] = float32(sum)
			}
		}
	}
}
