package kernel

import (
	"math"
	"math/rand/v2"
	"testing"

	"cnnbench/rng"
)

// odd are values that are easily got wrong.
var odd = []float32{0, float32(math.Copysign(0, -1)), float32(math.Inf(1)), float32(math.Inf(-1)), float32(math.NaN()), 1e-40, -1e-40, 3e38}

func oddly(r *rand.Rand, n int) []float32 {
	x := random(r, n)
	for i := range x {
		if r.IntN(5) == 0 {
			x[i] = odd[r.IntN(len(odd))]
		}
	}
	return x
}

// twins are the functions with vector kernels, on the first n of four operands.
func twins(n int) map[string]func(w, x, y, z []float32) {
	key := rng.New(uint64(n), rng.Dropout, 1, 2)
	return map[string]func(w, x, y, z []float32){
		"add":              func(w, x, _, _ []float32) { Add(w[:n], x[:n]) },
		"axpy":             func(w, x, _, _ []float32) { Axpy(w[:n], -1.7, x[:n]) },
		"relu":             func(w, x, _, _ []float32) { Relu(w[:n], x[:n]) },
		"relu in place":    func(w, _, _, _ []float32) { Relu(w[:n], w[:n]) },
		"relu backward":    func(w, x, _, _ []float32) { ReluBackward(w[:n], x[:n]) },
		"sigmoid":          func(w, x, _, _ []float32) { SigmoidAll(w[:n], x[:n]) },
		"tanh":             func(w, x, _, _ []float32) { TanhAll(w[:n], x[:n]) },
		"large sigmoid":    func(w, _, y, _ []float32) { scaled(y, 40); SigmoidAll(w[:n], y[:n]) },
		"large tanh":       func(w, _, y, _ []float32) { scaled(y, 5); TanhAll(w[:n], y[:n]) },
		"sigmoid backward": func(w, x, _, _ []float32) { SigmoidBackward(w[:n], x[:n]) },
		"tanh backward":    func(w, x, _, _ []float32) { TanhBackward(w[:n], x[:n]) },
		"sum rows": func(w, x, _, _ []float32) {
			for cols := 1; cols <= 50 && cols <= n; cols++ {
				SumRows(w[:cols], x[:n])
			}
		},
		"mul":     func(w, x, y, _ []float32) { Mul(w[:n], x[:n], y[:n]) },
		"mul add": func(w, x, y, z []float32) { MulAdd2(w[:n], x[:n], y[:n], z[:n], w[:n]) },
		"adam":    func(w, x, y, z []float32) { Adam(w[:n], x[:n], y[:n], z[:n], .1, .001, .01, 1e-7) },
		"exp":     func(w, _, _, _ []float32) { scaled(w[:n], 40); expAll(w[:n]) },
		"softmax": func(w, x, _, z []float32) { Softmax(w[:n], x[:n], 1+n%11); Softmax(z[:n], z[:n], 1+n%23) },
		"scale":   func(w, _, _, _ []float32) { Scale(w[:n], 1.3) },
		"clamp": func(w, _, y, z []float32) {
			Clamp(w[:n], .5)
			Clamp(y[:n], 0)
			Clamp(z[:n], .5)
		},
		"shrink":   func(w, _, _, _ []float32) { Shrink(w[:n], .01, .3) },
		"momentum": func(w, x, y, _ []float32) { Momentum(w[:n], x[:n], y[:n], .01, .9) },
		"nesterov": func(w, x, y, _ []float32) { Nesterov(w[:n], x[:n], y[:n], .01, .9) },
		"adagrad":  func(w, x, _, z []float32) { Adagrad(w[:n], x[:n], z[:n], .01, 1e-7) },
		"adadelta": func(w, x, y, z []float32) {
			Mul(y[:n], y[:n], y[:n])
			Adadelta(w[:n], x[:n], y[:n], z[:n], .1, .95, .05, 1e-7)
		},
		"adamax":       func(w, x, y, z []float32) { Adamax(w[:n], x[:n], y[:n], z[:n], .1, .999, .01, 1e-7, .3) },
		"adamax's max": func(w, x, y, z []float32) { Adamax(y[:n], w[:n], z[:n], x[:n], .1, .999, .01, 0, .3) },
		"nadam": func(w, x, y, z []float32) {
			Nadam(w[:n], x[:n], y[:n], z[:n], .1, .001, .01, 1e-7, &[5]float32{.45, .8, .55, .6, .002})
		},
		// Gradients that are a slot too: each element is read before it is written.
		"amsgrad":                      func(w, x, y, z []float32) { Amsgrad(w[:n], x[:n], y[:n], z[:n], x[:n], .1, .001, .01, 1e-7) },
		"amsgrad's max":                func(w, x, y, z []float32) { Amsgrad(y[:n], z[:n], y[:n], w[:n], x[:n], .1, 0, .01, 0) },
		"rmsprop":                      func(w, x, _, z []float32) { RMSprop(w[:n], x[:n], z[:n], nil, nil, .01, .9, .1, 1e-7, 0) },
		"rmsprop with momentum":        func(w, x, y, z []float32) { RMSprop(w[:n], x[:n], z[:n], y[:n], nil, .01, .9, .1, 1e-7, .8) },
		"centered rmsprop":             func(w, x, y, z []float32) { RMSprop(w[:n], x[:n], z[:n], nil, y[:n], .01, .9, .1, 1e-7, 0) },
		"centered rmsprop's max":       func(w, x, y, z []float32) { RMSprop(y[:n], w[:n], x[:n], nil, w[:n], .01, .9, 0, 0, 0) },
		"centered rmsprop on momentum": func(w, x, y, z []float32) { RMSprop(w[:n], x[:n], z[:n], y[:n], x[:n], .01, .9, .1, 1e-7, .8) },
		"max pooling": func(w, x, _, z []float32) {
			g := Window{H: 2, W: 1, C: n, KH: 2, KW: 1, SH: 2, SW: 1, DH: 1, DW: 1, OH: 1, OW: 1}
			from := make([]uint8, n)
			g.MaxPool(w[:n], from, append(append([]float32{}, x[:n]...), w[:n]...))
			for i, f := range from {
				z[i] = float32(f)
			}
		},
		"dropout's mask": func(w, _, _, _ []float32) {
			mask := make([]uint8, n)
			DropoutMask(mask, key, 7, uint32(n), 1<<14)
			for i, m := range mask {
				w[i] = float32(m)
			}
		},
		"dropout": func(w, x, _, _ []float32) {
			mask := make([]uint8, n)
			for i := range mask {
				mask[i] = -uint8(i % 3 & 1)
			}
			Keep(w[:n], x[:n], mask, 1.25)
		},
		"transpose": func(w, x, _, _ []float32) {
			for cols := 1; cols < 20 && cols <= n; cols++ {
				Transpose(w[:n], n/cols, x[:n], cols, n/cols, cols)
			}
		},
	}
}

func scaled(x []float32, by float32) {
	for i := range x {
		x[i] *= by
	}
}

// TestVectorsAndTwins: the vector kernels give the bits of their Go twins for every length, also of values that are not
// finite, and write nothing beyond.
func TestVectorsAndTwins(t *testing.T) {
	defer Use("")
	r := rand.New(rand.NewPCG(11, 12))
	for n := range 140 {
		squares := random(r, n+3)
		for i := range squares {
			squares[i] *= squares[i]
		}
		operands := [4][]float32{oddly(r, n+3), oddly(r, n+3), random(r, n+3), squares}
		for name, f := range twins(n) {
			run := func(isa string) (out [4][]float32) {
				if err := Use(isa); err != nil {
					t.Fatal(err)
				}
				for i, x := range operands {
					out[i] = append([]float32{}, x...)
				}
				f(out[0], out[1], out[2], out[3])
				return out
			}
			want, got := run("generic"), run("")
			for k := range got {
				for i, v := range got[k] {
					w := want[k][i]
					if math.Float32bits(v) != math.Float32bits(w) && (v == v || w == w) { // which NaN it is may differ
						t.Fatalf("%s of %d values on %s: operand %d, element %d is %v, want %v", name, n, ISA(), k, i, v, w)
					}
				}
			}
		}
	}
}

func TestTranspose(t *testing.T) {
	r := rand.New(rand.NewPCG(13, 14))
	for range 100 {
		rows, cols := 1+r.IntN(40), 1+r.IntN(40)
		lds, ldd := cols+r.IntN(3), rows+r.IntN(3)
		src, dst := random(r, rows*lds), make([]float32, cols*ldd)
		Transpose(dst, ldd, src, lds, rows, cols)
		for i := range rows {
			for j := range cols {
				if dst[j*ldd+i] != src[i*lds+j] {
					t.Fatalf("%dx%d: element (%d, %d)", rows, cols, i, j)
				}
			}
		}
	}
}
