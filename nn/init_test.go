package nn

import (
	"math"
	"testing"

	"cnnbench/rng"
)

// TestInitializers compares each kind's draws with the moments that Keras's definition gives.
func TestInitializers(t *testing.T) {
	shape := []int{3, 3, 50, 200} // fan in 450, fan out 1800
	const in, out = 450.0, 1800.0
	uniform := func(limit float64) (mean, sd, top float64) { return 0, limit / math.Sqrt(3), limit }
	for _, c := range []struct {
		init          Initializer
		mean, sd, top float64
	}{
		{init: &Zeros{}}, {init: &Ones{}, mean: 1, top: 1}, {init: &Constant{2.5}, mean: 2.5, top: 2.5},
		{&RandomUniform{-.1, .3}, .1, .4 / math.Sqrt(12), .3},
		{&RandomNormal{.5, .1}, .5, .1, .5 + .1*6},
		{&TruncatedNormal{0, .1}, 0, .1 * truncatedStd, .2},
		{&HeNormal{}, 0, math.Sqrt(2 / in), 2 * math.Sqrt(2/in) / truncatedStd},
		{&LecunNormal{}, 0, math.Sqrt(1 / in), 2 * math.Sqrt(1/in) / truncatedStd},
		{&GlorotNormal{}, 0, math.Sqrt(2 / (in + out)), 2 * math.Sqrt(2/(in+out)) / truncatedStd},
		{&VarianceScaling{3, "fan_out", "untruncated_normal"}, 0, math.Sqrt(3 / out), 6 * math.Sqrt(3/out)},
	} {
		check(t, c.init, shape, c.mean, c.sd, c.top)
	}
	for _, c := range []struct {
		init  Initializer
		limit float64
	}{{&GlorotUniform{}, math.Sqrt(6 / (in + out))}, {&HeUniform{}, math.Sqrt(6 / in)}, {&LecunUniform{}, math.Sqrt(3 / in)}} {
		mean, sd, top := uniform(c.limit)
		check(t, c.init, shape, mean, sd, top)
	}
}

func check(t *testing.T, init Initializer, shape []int, mean, sd, top float64) {
	t.Helper()
	w := make([]float32, Shape(shape).Size())
	init.Fill(w, shape, rng.New(1, rng.Init, 0, 0).Stream())
	var sum, square, most float64
	for _, v := range w {
		sum += float64(v)
		most = math.Max(most, math.Abs(float64(v)))
	}
	m := sum / float64(len(w))
	for _, v := range w {
		square += (float64(v) - m) * (float64(v) - m)
	}
	s := math.Sqrt(square / float64(len(w)))
	if math.Abs(m-mean) > .01*(sd+1e-9) || math.Abs(s-sd) > .01*sd+1e-9 || most > top*1.0001 {
		t.Errorf("%T: mean %v, deviation %v, largest %v; want %v, %v, at most %v", init, m, s, most, mean, sd, top)
	}
}

func TestLectureLimit(t *testing.T) {
	// The lecture's first convolution: sqrt(6/(3*9 + 32*9)).
	w := make([]float32, 864)
	(&GlorotUniform{}).Fill(w, []int{3, 3, 3, 32}, rng.New(0, rng.Init, 0, 0).Stream())
	top := float32(0)
	for _, v := range w {
		top = max(top, v, -v)
	}
	if top > .138013 || top < .135 {
		t.Errorf("largest weight %v, want just under .138013", top)
	}
}

func TestOrthogonal(t *testing.T) {
	for _, shape := range [][]int{{8, 8}, {12, 5}, {5, 12}, {32, 128}} {
		w := make([]float32, shape[0]*shape[1])
		(&Orthogonal{2}).Fill(w, shape, rng.New(1, rng.Init, 0, 0).Stream())
		rows, cols := shape[0], shape[1]
		at := func(i, k int) float64 { // vector i, element k, of whichever are fewer
			if rows < cols {
				return float64(w[i*cols+k])
			}
			return float64(w[k*cols+i])
		}
		for i := range min(rows, cols) {
			for j := range min(rows, cols) {
				dot, want := 0.0, 0.0
				for k := range max(rows, cols) {
					dot += at(i, k) * at(j, k)
				}
				if i == j {
					want = 4
				}
				if math.Abs(dot-want) > 1e-5 {
					t.Fatalf("%v: product of %d and %d is %v, want %v", shape, i, j, dot, want)
				}
			}
		}
	}
}
