package loss

import (
	"math"
	"slices"
	"strings"
	"testing"

	"cnnbench/rng"
	"cnnbench/spec"
)

// every names each kind with settings worth testing, and whether its targets are labels.
var every = []string{
	"mean_squared_error",
	"mean_absolute_error",
	"binary_crossentropy",
	"{binary_crossentropy: {label_smoothing: 0.2}}",
	"categorical_crossentropy",
	"{categorical_crossentropy: {label_smoothing: 0.1}}",
	"sparse_categorical_crossentropy",
}

func TestEveryKindIsTested(t *testing.T) {
	for _, name := range Family.Names() {
		if !slices.ContainsFunc(every, func(s string) bool { return strings.Contains(s, name) }) {
			t.Errorf("%s has no test", name)
		}
	}
}

// The values are those that Keras's documentation and a run of it give, printed with seven digits.
func TestKnownValues(t *testing.T) {
	for _, c := range []struct {
		loss         string
		yTrue, yPred []float32
		width        int
		want         []float64
	}{
		{"categorical_crossentropy", []float32{0, 1, 0, 0, 0, 1}, []float32{.05, .95, 0, .1, .8, .1}, 3, []float64{.0512933, 2.3025851}},
		{"sparse_categorical_crossentropy", []float32{1, 2}, []float32{.05, .95, 0, .1, .8, .1}, 3, []float64{.0512933, 2.3025851}},
		{"binary_crossentropy", []float32{0, 1, 0, 0}, []float32{.6, .4, .4, .6}, 2, []float64{.9162908, .7135582}},
		{"categorical_crossentropy", []float32{1, 0}, []float32{0, 1}, 2, []float64{16.1180957}}, // the clip's highest loss
		{"mse", []float32{0, 1, 2, 2}, []float32{1, 1, 0, 3}, 2, []float64{.5, 2.5}},
		{"mae", []float32{0, 1, 2, 2}, []float32{1, 1, 0, 3}, 2, []float64{.5, 1.5}},
	} {
		got := make([]float64, len(c.want))
		decode(t, c.loss).Rows(c.yTrue, c.yPred, c.width, got, nil)
		for i := range got {
			if math.Abs(got[i]-c.want[i]) > 2e-7*max(1, c.want[i]) {
				t.Errorf("%s: row %d is %.7f, want %.7f", c.loss, i, got[i], c.want[i])
			}
		}
	}
}

// sample draws targets and predictions [rows, width] away from the clip. All numbers are multiples of 2^-16, so that a
// step of 2^-8 is exact in float32.
func sample(l Loss, rows, width int) (yTrue, yPred []float32) {
	s := rng.New(7, rng.Data, uint64(rows), uint64(width)).Stream()
	grid := func(x float64) float32 { return float32(math.Round(x*65536) / 65536) }
	yPred = make([]float32, rows*width)
	for i := range yPred {
		yPred[i] = grid(s.Uniform(.1, .9))
	}
	switch l.(type) {
	case *SparseCategoricalCrossentropy:
		yTrue = make([]float32, rows)
		for i := range yTrue {
			yTrue[i] = float32(s.IntN(width))
		}
	case *CategoricalCrossentropy:
		yTrue = make([]float32, rows*width)
		for r := range rows {
			yTrue[r*width+s.IntN(width)] = 1
		}
	case *BinaryCrossentropy:
		yTrue = make([]float32, rows*width)
		for i := range yTrue {
			yTrue[i] = float32(s.IntN(2))
		}
	default:
		yTrue = make([]float32, rows*width)
		for i := range yTrue {
			yTrue[i] = grid(s.Uniform(-1, 2))
		}
	}
	return yTrue, yPred
}

// checkGradient compares d with the five-point central differences of f by x.
func checkGradient(t *testing.T, x, d []float32, width int, f func(loss []float64)) {
	t.Helper()
	const h = 1.0 / 256
	loss := make([]float64, len(x)/width)
	at := func(i int, step float32) float64 {
		old := x[i]
		x[i] = old + step*h
		f(loss)
		x[i] = old
		return loss[i/width]
	}
	for i := range x {
		want := (8*(at(i, 1)-at(i, -1)) - (at(i, 2) - at(i, -2))) / (12 * h)
		if diff := math.Abs(float64(d[i]) - want); !(diff <= 1e-4*max(1, math.Abs(want))) {
			t.Errorf("gradient %d is %v, differences say %v", i, d[i], want)
		}
	}
}

func TestGradients(t *testing.T) {
	const rows, width = 6, 4
	for _, text := range every {
		l := decode(t, text)
		yTrue, yPred := sample(l, rows, width)
		d := make([]float32, len(yPred))
		l.Rows(yTrue, yPred, width, make([]float64, rows), d)
		t.Run(text, func(t *testing.T) {
			checkGradient(t, yPred, d, width, func(loss []float64) { l.Rows(yTrue, yPred, width, loss, nil) })
		})
	}
}

// activate is the head's activation in float64.
func activate(name string, z []float32, width int) []float32 {
	p := make([]float32, len(z))
	for r := 0; r < len(z); r += width {
		sum := 0.0
		for i := r; i < r+width; i++ {
			sum += math.Exp(float64(z[i]))
		}
		for i := r; i < r+width; i++ {
			if name == "softmax" {
				p[i] = float32(math.Exp(float64(z[i])) / sum)
			} else {
				p[i] = float32(1 / (1 + math.Exp(-float64(z[i]))))
			}
		}
	}
	return p
}

func TestLogits(t *testing.T) {
	const rows, width = 6, 4
	tested := 0
	for _, text := range every {
		l, ok := decode(t, text).(FromLogits)
		if !ok {
			continue
		}
		tested++
		yTrue, z := sample(l, rows, width)
		for i := range z {
			z[i] = z[i]*8 - 4
		}
		p := activate(l.Activation(), z, width)
		loss, d := make([]float64, rows), make([]float32, len(z))
		l.RowsLogits(yTrue, z, p, width, loss, d)
		t.Run(text, func(t *testing.T) {
			checkGradient(t, z, d, width, func(loss []float64) { l.RowsLogits(yTrue, z, p, width, loss, nil) })
		})
		byProbs := make([]float64, rows)
		l.Rows(yTrue, p, width, byProbs, nil)
		for r := range loss {
			if math.Abs(loss[r]-byProbs[r]) > 1e-5*max(1, byProbs[r]) {
				t.Errorf("%s: row %d is %v by logits, %v by probabilities", text, r, loss[r], byProbs[r])
			}
		}
		l.RowsLogits(yTrue, z, p, width, loss, p)
		if !slices.Equal(p, d) {
			t.Errorf("%s: gradients written over the probabilities differ", text)
		}
	}
	if tested != 5 {
		t.Errorf("%d losses by logits, want 5", tested)
	}
}

// Far logits round the probabilities to 0 and 1; the loss is then the distance of the logits, not the clip's 16.118.
func TestLogitsDoNotClip(t *testing.T) {
	for _, c := range []struct {
		loss   string
		yTrue  []float32
		z, p   []float32
		want   float64
		wantDz []float32
	}{
		{"categorical_crossentropy", []float32{1, 0}, []float32{-50, 50}, []float32{0, 1}, 100, []float32{-1, 1}},
		{"sparse_categorical_crossentropy", []float32{0}, []float32{-50, 50}, []float32{0, 1}, 100, []float32{-1, 1}},
		{"binary_crossentropy", []float32{1, 0}, []float32{-50, 50}, []float32{0, 1}, 50, []float32{-.5, .5}},
		{"categorical_crossentropy", []float32{0, 1}, []float32{float32(math.Inf(-1)), 3}, []float32{0, 1}, 0, []float32{0, 0}},
		{"categorical_crossentropy", []float32{1, 0}, []float32{0, 20}, []float32{0, 1}, 20.0000000020612, []float32{-1, 1}},
	} {
		loss, d := make([]float64, 1), make([]float32, 2)
		decode(t, c.loss).(FromLogits).RowsLogits(c.yTrue, c.z, c.p, 2, loss, d)
		if math.Abs(loss[0]-c.want) > 1e-12*max(1, c.want) || !slices.Equal(d, c.wantDz) {
			t.Errorf("%s at %v: loss %v, gradient %v; want %v, %v", c.loss, c.z, loss[0], d, c.want, c.wantDz)
		}
	}
}

func TestNotFiniteShows(t *testing.T) {
	nan := float32(math.NaN())
	for _, text := range every {
		l := decode(t, text)
		yTrue, yPred := sample(l, 2, 3)
		yPred[1] = nan
		loss := make([]float64, 2)
		l.Rows(yTrue, yPred, 3, loss, make([]float32, 6))
		if !math.IsNaN(loss[0]) || math.IsNaN(loss[1]) {
			t.Errorf("%s: losses %v with a NaN in the first row", text, loss)
		}
		if l, ok := l.(FromLogits); ok {
			if l.RowsLogits(yTrue, yPred, yPred, 3, loss, nil); !math.IsNaN(loss[0]) || math.IsNaN(loss[1]) {
				t.Errorf("%s: losses %v by logits with a NaN in the first row", text, loss)
			}
		}
	}
}

// A batch in pieces gives the bits of the whole.
func TestPieces(t *testing.T) {
	const rows, width = 11, 5
	for _, text := range every {
		l := decode(t, text)
		yTrue, yPred := sample(l, rows, width)
		columns := len(yTrue) / rows
		weights := make([]float32, rows)
		for r := range weights {
			weights[r] = float32(r%3) + .3
		}
		run := func(cuts []int, logits bool) ([]float64, []float32) {
			loss, d := make([]float64, rows), make([]float32, rows*width)
			for i := range len(cuts) - 1 {
				lo, hi := cuts[i], cuts[i+1]
				y, p, part := yTrue[lo*columns:hi*columns], yPred[lo*width:hi*width], d[lo*width:hi*width]
				if logits {
					l.(FromLogits).RowsLogits(y, p, p, width, loss[lo:hi], part)
				} else {
					l.Rows(y, p, width, loss[lo:hi], part)
				}
				Weigh(part, width, rows, weights[lo:hi])
			}
			return loss, d
		}
		_, logits := l.(FromLogits)
		for _, byLogits := range []bool{false, logits} {
			wholeLoss, whole := run([]int{0, rows}, byLogits)
			partLoss, parts := run([]int{0, 1, 4, 4, rows}, byLogits)
			if !slices.Equal(wholeLoss, partLoss) || !slices.Equal(whole, parts) {
				t.Errorf("%s: pieces differ from the whole", text)
			}
		}
	}
}

// The gradient of the weighted mean is that of Mean, and the weights do not change the divisor.
func TestWeights(t *testing.T) {
	rows, weights := []float64{1, 2, 6}, []float32{1, 3, .5}
	if got := Mean(rows, weights); got != 10.0/3 {
		t.Errorf("mean %v", got)
	}
	if got := Mean(rows, nil); got != 3 {
		t.Errorf("mean without weights %v", got)
	}
	d := []float32{1, 1, 1, 1, 1, 1}
	Weigh(d, 2, 4, weights)
	if want := []float32{.25, .25, .75, .75, .125, .125}; !slices.Equal(d, want) {
		t.Errorf("gradients %v, want %v", d, want)
	}
}

func TestNoAllocations(t *testing.T) {
	for _, text := range every {
		l := decode(t, text)
		yTrue, yPred := sample(l, 8, 10)
		loss, d := make([]float64, 8), make([]float32, 80)
		if n := testing.AllocsPerRun(10, func() {
			l.Rows(yTrue, yPred, 10, loss, d)
			if l, ok := l.(FromLogits); ok {
				l.RowsLogits(yTrue, yPred, yPred, 10, loss, d)
			}
			Weigh(d, 10, 8, nil)
		}); n != 0 {
			t.Errorf("%s: %v allocations", text, n)
		}
	}
}

func TestRoundTrip(t *testing.T) {
	for _, text := range every {
		l := decode(t, text)
		if got := spec.Text(&l); got != text {
			t.Errorf("%s is written as %s", text, got)
		}
	}
	for alias, name := range map[string]string{"mse": "mean_squared_error", "mae": "mean_absolute_error", "bce": "binary_crossentropy"} {
		if l := decode(t, alias); Family.Must(l).Name != name {
			t.Errorf("%s is read as %T", alias, l)
		}
	}
}

func TestWrongClassPanics(t *testing.T) {
	for _, y := range []float32{-1, 3, .5} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("class %v of 3 was taken", y)
				}
			}()
			(&SparseCategoricalCrossentropy{}).Rows([]float32{y}, []float32{.2, .3, .5}, 3, make([]float64, 1), nil)
		}()
	}
}
