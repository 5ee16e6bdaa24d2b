package tfevents

import "math"

// Buckets is how many buckets a histogram has, as in TensorFlow.
const Buckets = 30

// buckets counts the finite values: rows of left edge, right edge and count, as TensorBoard's summary_v2.histogram makes
// them. Where all values are the same, the last bucket has them all; where there are none, all is 0.
func buckets(values []float32) (out [Buckets][3]float64) {
	lo, hi, n := math.Inf(1), math.Inf(-1), 0
	for _, v := range values {
		if f := float64(v); !math.IsNaN(f) && !math.IsInf(f, 0) {
			lo, hi = min(lo, f), max(hi, f)
			n++
		}
	}
	if n == 0 {
		return out
	}
	width := (hi - lo) / Buckets
	edge := func(i int) float64 {
		if i == Buckets { // where rounding could miss it
			return hi
		}
		return lo + float64(width*float64(i))
	}
	for i := range out {
		out[i][0], out[i][1] = edge(i), edge(i+1)
	}
	if width == 0 {
		out[Buckets-1][2] = float64(n)
		return out
	}
	for _, v := range values {
		if f := float64(v); !math.IsNaN(f) && !math.IsInf(f, 0) {
			out[min(int((f-lo)/width), Buckets-1)][2]++
		}
	}
	return out
}
