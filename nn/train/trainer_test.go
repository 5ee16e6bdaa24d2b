package train

import (
	"context"
	"math"
	"reflect"
	"slices"
	"testing"

	"cnnbench/nn"
	"cnnbench/nn/loss"
	"cnnbench/nn/metric"
	"cnnbench/nn/optim"
	"cnnbench/rng"
)

// permutation is the order of a pass, drawn anew.
func permutation(seed uint64, pass, n int) []int {
	p := make([]int, n)
	rng.New(seed, rng.Shuffle, uint64(pass), 0).Stream().Perm(p)
	return p
}

func TestOrderOfSamples(t *testing.T) {
	for _, c := range []struct {
		name           string
		n, batch, each int // each: steps_per_epoch, 0 for null
		epochs         int
		shuffle        bool
		sizes          []int // of the batches
	}{
		{"partial last batch", 10, 4, 0, 2, true, []int{4, 4, 2, 4, 4, 2}},
		{"even", 8, 4, 0, 2, true, []int{4, 4, 4, 4}},
		{"one batch for all", 7, int(All), 0, 3, true, []int{7, 7, 7}},
		{"batch larger than the data", 5, 32, 0, 2, true, []int{5, 5}},
		{"stream of short epochs", 10, 4, 2, 4, true, []int{4, 4, 2, 4, 4, 2, 4, 4}},
		{"stream of long epochs", 5, 2, 7, 1, true, []int{2, 2, 1, 2, 2, 1, 2}},
		{"in the file's order", 5, 2, 0, 2, false, []int{2, 2, 1, 2, 2, 1}},
	} {
		t.Run(c.name, func(t *testing.T) {
			fit := fitOf(c.batch, c.epochs)
			fit.Shuffle = c.shuffle
			if c.each > 0 {
				fit.StepsPerEpoch = &c.each
			}
			data := &numbers{n: c.n, passes: make([]int, 0, 100)}
			r := newRig(t, c.n, 0, fit, func(o *Options, f *fakeNet) { o.Train, f.seen = data, [][]int{} })
			r.run(t)
			var stream, sizes []int
			for i, batch := range r.net.seen {
				if want := len(stream) / c.n; data.passes[i] != want {
					t.Errorf("batch %d is told of pass %d, want %d", i, data.passes[i], want)
				}
				stream = append(stream, batch...)
				sizes = append(sizes, len(batch))
			}
			if !slices.Equal(sizes, c.sizes) {
				t.Errorf("batches of %v, want %v", sizes, c.sizes)
			}
			for pass := 0; pass*c.n < len(stream); pass++ {
				want := permutation(7, pass, c.n)
				if !c.shuffle {
					slices.Sort(want)
				}
				got := stream[pass*c.n : min((pass+1)*c.n, len(stream))]
				if !slices.Equal(got, want[:len(got)]) {
					t.Errorf("pass %d: %v, want %v", pass, got, want)
				}
			}
			p := r.Position()
			want := Position{c.epochs, int64(len(sizes)), len(stream) / c.n, len(stream) % c.n}
			if p != want {
				t.Errorf("ends at %+v, want %+v", p, want)
			}
		})
	}
}

func TestPassesDiffer(t *testing.T) {
	if slices.Equal(permutation(7, 0, 50), permutation(7, 1, 50)) || slices.Equal(permutation(7, 0, 50), permutation(8, 0, 50)) {
		t.Error("two passes or seeds have the same order")
	}
}

// TestMeans recomputes an epoch's figures from the samples alone.
func TestMeans(t *testing.T) {
	const n, val, batch = 11, 7, 4
	fit := fitOf(batch, 2)
	fit.ClassWeight = ClassWeight{Of: map[int]float64{1: 3}}
	r := newRig(t, n, val, fit, func(o *Options, f *fakeNet) { f.seen, f.val = [][]int{}, [][]int{} })
	r.run(t)
	right := func(x int) float64 { // of the fake's answer x/16
		if (x > 8) == (x%2 == 1) {
			return 1
		}
		return 0
	}
	w, step := 1.0, 0
	for _, e := range r.rec.epochs {
		loss, accuracy, seen := 0.0, 0.0, 0
		for i := 0; i < 3; i++ {
			for j, x := range r.net.seen[step] {
				weight := 1.0
				if x%2 == 1 {
					weight = 3
				}
				if got := float64(r.net.weights[step][j]); got != weight {
					t.Errorf("sample %d weighs %v, want %v", x, got, weight)
				}
				loss += weight * math.Sin(float64(x)+w)
				accuracy += right(x)
				seen++
			}
			s := r.rec.steps[step]
			if !near(s.Means[0].Value, loss/float64(seen)) || !near(s.Means[1].Value, accuracy/float64(seen)) || s.Samples != len(r.net.seen[step]) {
				t.Errorf("step %d: %+v, want loss %v, accuracy %v", step+1, s, loss/float64(seen), accuracy/float64(seen))
			}
			if s.Batch != i+1 || s.Batches != 3 || s.Epoch != e.Epoch || s.Step != int64(step+1) || s.LearningRate != float64(float32(0.01)) {
				t.Errorf("step %d: %+v", step+1, s)
			}
			w = float64(float32(w) - float32(0.01))
			step++
		}
		valLoss, valAccuracy := 0.0, 0.0
		for x := range val { // in order, without class weights
			valLoss += math.Sin(float64(x)+w) / val
			valAccuracy += right(x) / val
		}
		want := []Value{{"accuracy", accuracy / n}, {"loss", loss / n}, {"val_accuracy", valAccuracy}, {"val_loss", valLoss}}
		for i, v := range e.Logs {
			if v.Name != want[i].Name || !near(v.Value, want[i].Value) {
				t.Errorf("epoch %d: %+v, want %+v", e.Epoch, v, want[i])
			}
		}
		if len(e.Logs) != len(want) || e.Samples != n || e.Steps != 3 || e.Step != int64(step) {
			t.Errorf("epoch: %+v", e)
		}
	}
	if want := [][]int{{0, 1, 2, 3}, {4, 5, 6}, {0, 1, 2, 3}, {4, 5, 6}}; !reflect.DeepEqual(r.net.val, want) {
		t.Errorf("validated %v, want %v", r.net.val, want)
	}
}

func near(a, b float64) bool { return math.Abs(a-b) <= 1e-6*(1+math.Abs(b)) }

func TestValidationSteps(t *testing.T) {
	for _, c := range []struct{ steps, want int }{{1, 1}, {2, 2}, {3, 3}, {9, 3}} {
		fit := fitOf(4, 2)
		fit.ValidationSteps = &c.steps
		r := newRig(t, 8, 10, fit, func(o *Options, f *fakeNet) { f.val = [][]int{} })
		r.run(t)
		if len(r.net.val) != 2*c.want || r.net.val[c.want][0] != 0 {
			t.Errorf("validation_steps %d: batches %v", c.steps, r.net.val)
		}
	}
}

func TestBest(t *testing.T) {
	val := []float64{3, math.NaN(), 2, 2, 2.5, 1}
	for _, c := range []struct {
		callbacks string
		want      []bool
	}{
		{`[]`, []bool{true, false, true, false, false, true}},
		{`[{model_checkpoint: {filepath: m.keras, monitor: loss}}]`, []bool{true, false, true, false, false, true}}, // keeps no best
		{`[{early_stopping: {mode: max, patience: 9}}]`, []bool{true, false, false, false, false, false}},
	} {
		fit := fitOf(2, len(val))
		decodeInto(t, c.callbacks, &fit.Callbacks)
		r := newRig(t, 2, 2, fit, func(o *Options, f *fakeNet) {
			o.Save = func(string, *nn.Network) error { return nil }
			f.valLoss = func() float64 { return val[f.opt.Iterations()-1] }
		})
		r.run(t)
		var got []bool
		for _, e := range r.rec.epochs {
			got = append(got, e.Best)
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: best %v, want %v", c.callbacks, got, c.want)
		}
	}
}

// TestNoAllocations: a step and a batch of validation allocate nothing, a feed and a recorder of marks included.
func TestNoAllocations(t *testing.T) {
	fit := fitOf(2, 1000)
	fit.StepsPerEpoch = ptr(100000)
	fit.ClassWeight = ClassWeight{Of: map[int]float64{1: 2}}
	decodeInto(t, `[terminate_on_nan, {warm_up: {}}, {early_stopping: {monitor: loss}}, {model_checkpoint: {filepath: m.keras, save_freq: 50000}}]`, &fit.Callbacks)
	feed := &Feed{}
	r := newRig(t, 64, 64, fit, func(o *Options, _ *fakeNet) { o.Observers = []Observer{feed} })
	ctx := context.Background()
	step := func() {
		if !r.obey(ctx) {
			t.Fatal("held")
		}
		if err := r.train(); err != nil {
			t.Fatal(err)
		}
	}
	for range 2*feedPoints + 50 {
		step()
	}
	// A new pass draws its order from a stream, one allocation in 32 steps.
	if n := testing.AllocsPerRun(3000, step); n > 0 {
		t.Errorf("%v allocations a step", n)
	}
	if n := testing.AllocsPerRun(30, func() {
		if err := r.validate(); err != nil {
			t.Fatal(err)
		}
		r.at.checked = 0
	}); n > 0 {
		t.Errorf("%v allocations a batch of validation", n)
	}
}

// TestNetworkAllocatesNothing is TestNoAllocations with a real network.
func TestNetworkAllocatesNothing(t *testing.T) {
	var model nn.Model
	decodeInto(t, `{layers: [{conv2d: {filters: 4, kernel_size: 3, activation: relu}}, {dropout: {rate: 0.2}}, flatten, {dense: {units: 2, activation: softmax}}]}`, &model)
	net, err := nn.Build(&model, nn.Shape{6, 6, 1}, nn.Config{Batch: 4, Threads: 2,
		Objective: &nn.Objective{Loss: &loss.CategoricalCrossentropy{}, Target: loss.OneHot, Optimizer: &optim.SGD{LearningRate: optim.Rate{Value: 0.1}}}})
	if err != nil {
		t.Fatal(err)
	}
	defer net.Close()
	data := arrays{x: make([]float32, 10*36), y: make([]float32, 10*2), columns: 2}
	for i := range data.y {
		data.y[i] = float32((i + i/2) % 2)
	}
	fit := fitOf(4, 1)
	fit.StepsPerEpoch = ptr(100000)
	tr, err := New(Options{Net: net, Fit: &fit, Train: data, Metrics: metric.Default(true), Observers: []Observer{&Feed{}}})
	if err != nil {
		t.Fatal(err)
	}
	step := func() {
		if err := tr.train(); err != nil {
			t.Fatal(err)
		}
	}
	for range feedPoints {
		step()
	}
	if n := testing.AllocsPerRun(100, step); n > 0 {
		t.Errorf("%v allocations a step", n)
	}
}
