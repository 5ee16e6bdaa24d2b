package optim

import (
	"math"
	"slices"
	"strings"
	"sync"
	"testing"

	"cnnbench/rng"
)

// every names each kind in each of its forms.
var every = []string{
	"sgd",
	"{sgd: {momentum: 0.9}}",
	"{sgd: {momentum: 0.9, nesterov: true}}",
	"adagrad",
	"rmsprop",
	"{rmsprop: {momentum: 0.5}}",
	"{rmsprop: {centered: true}}",
	"{rmsprop: {momentum: 0.5, centered: true}}",
	"adam",
	"{adam: {amsgrad: true}}",
	"adamw",
	"{adamw: {amsgrad: true}}",
	"nadam",
	"adadelta",
	"adamax",
	"{adam: {clipnorm: 0.5}}",
	"{adam: {clipvalue: 0.5}}",
	"{adam: {global_clipnorm: 0.5}}",
	"{nadam: {weight_decay: 0.01, learning_rate: {cosine_decay: {initial_learning_rate: 0.01, decay_steps: 5}}}}",
}

func TestEveryKindIsTested(t *testing.T) {
	for _, name := range Family.Names() {
		if !slices.ContainsFunc(every, func(s string) bool { return s == name || strings.HasPrefix(s, "{"+name+":") }) {
			t.Errorf("%s has no test", name)
		}
	}
}

// net makes parameters of sizes around those of a chunk, a block and a cache line.
func net() []Param {
	var out []Param
	for i, n := range []int{2*chunkSize + 5, 1, blockSize, 0, 17, chunkSize} {
		p := Param{W: make([]float32, n), G: make([]float32, n)}
		s := rng.New(3, rng.Init, uint64(i), 0).Stream()
		for j := range p.W {
			p.W[j] = float32(s.Norm())
		}
		out = append(out, p)
	}
	return out
}

// fillGrads gives every parameter the gradients of a step, with zeros, small and large ones among them.
func fillGrads(params []Param, step int) {
	for i, p := range params {
		s := rng.New(4, rng.Init, uint64(i), uint64(step)).Stream()
		for j := range p.G {
			p.G[j] = float32(s.Norm() * math.Pow(10, s.Uniform(-6, 1)))
			if j%11 == 3 {
				p.G[j] = 0
			}
		}
	}
}

func weights(params []Param) []float32 {
	var out []float32
	for _, p := range params {
		out = append(out, p.W...)
	}
	return out
}

// A step in pieces, by several workers and in any order, gives the bits of the whole.
func TestPieces(t *testing.T) {
	for _, text := range every {
		o := must(t, text)
		whole, chunks, pieces := net(), net(), net()
		a, b, c := New(o, whole), New(o, chunks), New(o, pieces)
		for step := range 3 {
			fillGrads(whole, step)
			a.Step()

			fillGrads(chunks, step)
			spread(b, b.Measure)
			b.Begin()
			spread(b, b.Apply)

			fillGrads(pieces, step)
			if c.Measures() {
				for i := range slices.Backward(c.Chunks()) {
					c.Measure(i)
				}
			}
			c.Begin()
			for p, x := range slices.Backward(pieces) {
				for hi := len(x.W); hi > 0; {
					lo := max(0, hi-777-hi%5)
					c.Update(p, lo, c.params[p].G[lo:hi])
					hi = lo
				}
			}
		}
		if !slices.Equal(weights(whole), weights(chunks)) {
			t.Errorf("%s: chunks by workers differ from the whole", text)
		}
		if !slices.Equal(weights(whole), weights(pieces)) {
			t.Errorf("%s: pieces differ from the whole", text)
		}
		if !slices.Equal(a.memory, b.memory) || !slices.Equal(a.memory, c.memory) {
			t.Errorf("%s: slots differ", text)
		}
	}
}

// spread runs f over all chunks on three goroutines.
func spread(s *State, f func(chunk int)) {
	var wg sync.WaitGroup
	for worker := range 3 {
		wg.Go(func() {
			for i := worker; i < len(s.Chunks()); i += 3 {
				f(i)
			}
		})
	}
	wg.Wait()
}

func TestChunksCoverTheParameters(t *testing.T) {
	params := net()
	s := New(must(t, "adam"), params)
	next, at := 0, 0
	for _, c := range s.Chunks() {
		for next < c.Param {
			if at != len(params[next].W) {
				t.Fatalf("parameter %d ends at %d of %d", next, at, len(params[next].W))
			}
			next, at = next+1, 0
		}
		if c.Lo != at || c.Hi <= c.Lo || c.Hi-c.Lo > chunkSize {
			t.Fatalf("chunk %+v after %d", c, at)
		}
		at = c.Hi
	}
	if next != len(params)-1 || at != len(params[next].W) {
		t.Errorf("chunks end at %d of parameter %d", at, next)
	}
}

func TestNoAllocations(t *testing.T) {
	for _, text := range every {
		params := net()
		s := New(must(t, text), params)
		fillGrads(params, 0)
		if n := testing.AllocsPerRun(3, s.Step); n != 0 {
			t.Errorf("%s: %v allocations a step", text, n)
		}
	}
}

// A state that is stored between two steps goes on as if nothing had been.
func TestResume(t *testing.T) {
	for _, text := range every {
		o := must(t, text)
		params := net()
		s := New(o, params)
		run := func(s *State, params []Param, from, to int) {
			for step := from; step < to; step++ {
				fillGrads(params, step)
				s.Step()
			}
		}
		run(s, params, 0, 2)

		copied := net()
		for i := range params {
			copy(copied[i].W, params[i].W)
		}
		again := New(o, copied)
		from, to := s.Tensors(), again.Tensors()
		if len(from) != len(o.Slots())*len(params) {
			t.Fatalf("%s: %d tensors", text, len(from))
		}
		for i := range from {
			if from[i].Slot != to[i].Slot || from[i].Param != to[i].Param || len(from[i].Values) != len(params[from[i].Param].W) {
				t.Fatalf("%s: tensor %d is %s of %d", text, i, from[i].Slot, from[i].Param)
			}
			copy(to[i].Values, from[i].Values)
		}
		again.Restore(s.Scalars())

		run(s, params, 2, 4)
		run(again, copied, 2, 4)
		if !slices.Equal(weights(params), weights(copied)) || s.Scalars() != again.Scalars() {
			t.Errorf("%s: resumed state differs", text)
		}

		fresh := net()
		for i := range fresh {
			copy(params[i].W, fresh[i].W)
		}
		s.Reset()
		run(s, params, 0, 2)
		run(New(o, fresh), fresh, 0, 2)
		if !slices.Equal(weights(params), weights(fresh)) {
			t.Errorf("%s: reset state differs from a new one", text)
		}
	}
}

func TestSlotNames(t *testing.T) {
	for text, want := range map[string]string{
		"sgd":                    "",
		"{sgd: {momentum: 0.9}}": "momentum",
		"adagrad":                "accumulator",
		"{rmsprop: {momentum: 0.5, centered: true}}": "velocity momentum average_gradient",
		"{adamw: {amsgrad: true}}":                   "momentum velocity velocity_hat",
		"nadam":                                      "momentum velocity",
		"adadelta":                                   "accumulated_grad accumulated_delta_var",
		"adamax":                                     "momentum norm",
	} {
		var names []string
		for _, x := range New(must(t, text), []Param{{Name: "w", W: []float32{1}, G: []float32{1}}}).Tensors() {
			names = append(names, x.Slot)
		}
		if got := strings.Join(names, " "); got != want {
			t.Errorf("%s: slots %q, want %q", text, got, want)
		}
	}
}

func TestLearningRate(t *testing.T) {
	p := Param{Name: "w", W: []float32{1}, G: []float32{1}}
	s := New(must(t, "{sgd: {learning_rate: 0.5}}"), []Param{p})
	if s.LearningRate() != .5 || s.Scheduled() {
		t.Errorf("rate %v, scheduled %v", s.LearningRate(), s.Scheduled())
	}
	s.Step()
	s.SetLearningRate(.25)
	s.Step()
	if p.W[0] != .25 || s.LearningRate() != .25 {
		t.Errorf("weight %v, rate %v", p.W[0], s.LearningRate())
	}
	// Keras keeps the rate in float32 and shows it so.
	s.SetLearningRate(.001)
	if s.LearningRate() != 0.0010000000474974513 {
		t.Errorf("rate %v", s.LearningRate())
	}

	s = New(must(t, "{sgd: {learning_rate: {inverse_time_decay: {initial_learning_rate: 1, decay_steps: 1, decay_rate: 1}}}}"), []Param{p})
	var rates []float64
	for range 3 {
		rates = append(rates, s.LearningRate())
		s.Step()
	}
	if want := []float64{1, .5, 1.0 / 3}; !slices.Equal(rates, want) || !s.Scheduled() {
		t.Errorf("rates %v, want %v", rates, want)
	}
	s.SetLearningRate(2)
	s.Step()
	if x := s.Scalars(); s.LearningRate() != 2 || s.Scheduled() || x.LearningRate != 2 || !x.Fixed || x.Iterations != 4 {
		t.Errorf("%+v", x)
	}
}

// What has diverged stays visible: no clipping hides an infinite or missing gradient.
func TestNotFiniteShows(t *testing.T) {
	inf, nan := float32(math.Inf(1)), float32(math.NaN())
	for _, text := range every {
		for _, bad := range []float32{inf, nan} {
			if bad == inf && (strings.Contains(text, "clipvalue") || strings.Contains(text, "adamax")) {
				continue // a cut makes it finite; Adamax divides by it
			}
			params := []Param{{Name: "w", W: []float32{1, 1}, G: []float32{bad, 1}}}
			New(must(t, text), params).Step()
			if w := params[0].W[0]; w-w == 0 && !(bad == inf && strings.Contains(text, "adagrad")) {
				t.Errorf("%s: gradient %v moves 1 to %v", text, bad, w)
			}
		}
	}
}

// A gradient that stays the same leaves centered RMSprop only rounding to divide by.
func TestCenteredConstantGradient(t *testing.T) {
	p := Param{Name: "w", W: []float32{1}, G: []float32{0}}
	s := New(must(t, "{rmsprop: {centered: true}}"), []Param{p})
	for range 2000 {
		p.G[0] = 1234.5
		s.Step()
		if p.W[0] != p.W[0] {
			t.Fatalf("weight is NaN after %d steps", s.Iterations())
		}
	}
}

func TestSquareSum(t *testing.T) {
	for n := range 40 {
		g := make([]float32, n)
		want := 0.0
		for i := range g {
			g[i] = float32(i) - 7.5
			want += float64(g[i]) * float64(g[i])
		}
		if got := squareSum(g); got != want { // all sums are exact here
			t.Errorf("%d values: %v, want %v", n, got, want)
		}
	}
}

func TestMismatchPanics(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("a gradient of another size was taken")
		}
	}()
	New(must(t, "sgd"), []Param{{Name: "w", W: make([]float32, 2), G: make([]float32, 3)}})
}

func BenchmarkAdam(b *testing.B) {
	o := adam()
	p := Param{Name: "w", W: make([]float32, 1<<18), G: make([]float32, 1<<18)}
	for i := range p.G {
		p.G[i] = float32(i%13) - 6
	}
	s := New(&o, []Param{p})
	b.SetBytes(4 << 18)
	for b.Loop() {
		s.Step()
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/(1<<18), "ns/weight")
}
