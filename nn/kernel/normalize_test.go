package kernel

import (
	"math"
	"math/rand/v2"
	"testing"
)

// TestNormalizeTwins: the vector kernels of batch normalisation give the bits of their Go twins for any number of
// channels, also of values that are not finite, and write nothing beyond.
func TestNormalizeTwins(t *testing.T) {
	defer Use("")
	r := rand.New(rand.NewPCG(51, 52))
	for range 2000 {
		c, rows := 1+r.IntN(45), 1+r.IntN(40)
		n, p := rows*c, Period(c)
		x, dy := random(r, n), random(r, n)
		if r.IntN(2) == 0 {
			x, dy = oddly(r, n), oddly(r, n)
		}
		var params [6][]float32
		for i := range params {
			params[i] = random(r, p)
		}
		shift := make([]float64, c)
		for i := range shift {
			shift[i] = r.NormFloat64()
		}
		run := func(isa string) (sums [4][]float64, y, dx, same []float32) {
			if err := Use(isa); err != nil {
				t.Fatal(err)
			}
			for i := range sums {
				sums[i] = make([]float64, c+8)
				for k := range sums[i] {
					sums[i][k] = float64(k)
				}
			}
			Moments(sums[0], sums[1], shift, x)
			MomentsBackward(sums[2], sums[3], shift, x, dy)
			y, dx = dirty(n+8), dirty(n+8)
			same = append(append([]float32{}, dy...), 1, 2, 3)
			Normalize(y[:n], x, Affine{params[0], params[1], params[2]})
			NormalizeBackward(dx[:n], dy, x, Affine{Shift: params[0]}, params[3], params[4], params[5])
			NormalizeBackward(same[:n], same[:n], x, Affine{Shift: params[0]}, params[3], params[4], params[5])
			return sums, y, dx, same
		}
		wantSums, wantY, wantDX, wantSame := run("generic")
		sums, y, dx, same := run("")
		for i := range sums {
			for k, v := range sums[i] {
				if w := wantSums[i][k]; math.Float64bits(v) != math.Float64bits(w) && (v == v || w == w) {
					t.Fatalf("%d rows of %d channels: sum %d of channel %d is %v, want %v", rows, c, i, k, v, w)
				}
			}
		}
		for i, pair := range [][2][]float32{{y, wantY}, {dx, wantDX}, {same, wantSame}} {
			for k, v := range pair[0] {
				if w := pair[1][k]; math.Float32bits(v) != math.Float32bits(w) && (v == v || w == w) {
					t.Fatalf("%d rows of %d channels: result %d, element %d is %v, want %v", rows, c, i, k, v, w)
				}
			}
		}
	}
}
