package train

import (
	"context"
	"fmt"
	"math"
	"slices"
	"testing"
	"time"

	"cnnbench/nn"
	"cnnbench/nn/metric"
	"cnnbench/nn/optim"
)

// arrays is Data out of memory: x [samples, sample], y [samples, columns].
type arrays struct {
	x, y    []float32
	columns int
	lengths []float32 // nil: all full
}

func (a arrays) Len() int { return len(a.y) / a.columns }

func (a arrays) Length(i int) int {
	if a.lengths == nil {
		return 0
	}
	return int(a.lengths[i])
}

func (a arrays) Batch(_ int, index []int, x, y []float32) error {
	size := len(a.x) / a.Len()
	for row, i := range index {
		copy(x[row*size:(row+1)*size], a.x[i*size:(i+1)*size])
		copy(y[row*a.columns:(row+1)*a.columns], a.y[i*a.columns:(i+1)*a.columns])
	}
	return nil
}

// numbers is Data whose sample i is the number i, and its target 1 where i is odd. It notes what it was asked for.
type numbers struct {
	n      int
	fail   int // the call that fails, from 1
	calls  int
	passes []int
}

func (d *numbers) Len() int       { return d.n }
func (d *numbers) Length(int) int { return 0 }

func (d *numbers) Batch(pass int, index []int, x, y []float32) error {
	d.calls++
	if d.calls == d.fail {
		return fmt.Errorf("the disk is gone")
	}
	if len(x) != len(index) || len(y) != len(index) {
		return fmt.Errorf("room for %d and %d of %d samples", len(x), len(y), len(index))
	}
	if cap(d.passes) > len(d.passes) {
		d.passes = append(d.passes, pass)
	}
	for row, i := range index {
		x[row], y[row] = float32(i), float32(i%2)
	}
	return nil
}

// fakeNet answers each sample x with x/16 and has, as loss, a function of the samples, their weights and its one
// weight, which each step moves by the learning rate.
type fakeNet struct {
	batch    int
	in       []float32
	targets  []float32
	out      []float32
	weight   []nn.Weight
	opt      *optim.State
	seen     [][]int // samples of each step, if not nil
	weights  [][]float32
	val      [][]int
	lengths  []int
	lossAt   func(step int64) (float64, bool) // overrides the loss of a step, from 1
	valLoss  func() float64                   // overrides the losses of the validations
	panicsAt int64
}

func newFakeNet(batch int, o optim.Optimizer) *fakeNet {
	if o == nil {
		o = &optim.SGD{LearningRate: optim.Rate{Value: 0.01}}
	}
	return &fakeNet{batch: batch, in: make([]float32, batch), targets: make([]float32, batch), out: make([]float32, batch), lengths: make([]int, batch),
		weight: []nn.Weight{{Name: "dense.kernel", Shape: []int{1}, Data: []float32{1}}}, opt: optim.New(o, nil)}
}

func (f *fakeNet) Batch() int              { return f.batch }
func (f *fakeNet) Columns() int            { return 1 }
func (f *fakeNet) Width() int              { return 1 }
func (f *fakeNet) RowsPer() int            { return 1 }
func (f *fakeNet) Input() []float32        { return f.in }
func (f *fakeNet) Lengths() []int          { return f.lengths }
func (f *fakeNet) Counts(int) bool         { return true }
func (f *fakeNet) Targets() []float32      { return f.targets }
func (f *fakeNet) Output() []float32       { return f.out }
func (f *fakeNet) Weights() []nn.Weight    { return f.weight }
func (f *fakeNet) Optimizer() *optim.State { return f.opt }

func (f *fakeNet) forward(rows int, weights []float32) float64 {
	sum := 0.0
	for i, x := range f.in[:rows] {
		f.out[i] = x / 16
		w := 1.0
		if weights != nil {
			w = float64(weights[i])
		}
		sum += w * math.Sin(float64(x)+float64(f.weight[0].Data[0]))
	}
	return sum / float64(rows)
}

func samples(x []float32) []int {
	var out []int
	for _, v := range x {
		out = append(out, int(v))
	}
	return out
}

func (f *fakeNet) Step(rows int, weights []float32) float64 {
	loss := f.forward(rows, weights)
	f.weight[0].Data[0] -= float32(f.opt.LearningRate())
	f.opt.Step()
	if f.opt.Iterations() == f.panicsAt {
		panic("a broken invariant")
	}
	if f.seen != nil {
		f.seen = append(f.seen, samples(f.in[:rows]))
		f.weights = append(f.weights, slices.Clone(weights))
	}
	if f.lossAt != nil {
		if v, ok := f.lossAt(f.opt.Iterations()); ok {
			return v
		}
	}
	return loss
}

func (f *fakeNet) Evaluate(rows int, weights []float32) float64 {
	if weights != nil {
		panic("a validation has no class weights")
	}
	if f.val != nil {
		f.val = append(f.val, samples(f.in[:rows]))
	}
	loss := f.forward(rows, nil)
	if f.valLoss != nil {
		return f.valLoss()
	}
	return loss
}

// recorder is an Observer that keeps everything.
type recorder struct {
	steps  []Step
	epochs []Epoch
	marks  []Mark
	states []State
	err    error
	onStep func(s *Step) // does something meanwhile
}

func (r *recorder) OnState(s State, err error) { r.states, r.err = append(r.states, s), err }
func (r *recorder) OnStep(s *Step) {
	kept := *s
	kept.Means = slices.Clone(s.Means)
	r.steps = append(r.steps, kept)
	if r.onStep != nil {
		r.onStep(s)
	}
}
func (r *recorder) OnEpoch(e *Epoch) { r.epochs = append(r.epochs, *e) }
func (r *recorder) OnMark(m Mark)    { r.marks = append(r.marks, m) }

// rig is a training of a fake network with its recorder.
type rig struct {
	*Trainer
	net *fakeNet
	rec *recorder
	now time.Time // every look at the clock moves it by a millisecond
}

// newRig sets up a training of n samples and, unless val is 0, so many of validation; change may alter it.
func newRig(t testing.TB, n, val int, fit Fit, change func(*Options, *fakeNet)) *rig {
	t.Helper()
	r := &rig{net: newFakeNet(fit.Batch(n), nil), rec: &recorder{}, now: time.Unix(0, 0)}
	o := Options{Fit: &fit, Train: &numbers{n: n}, Seed: 7, Observers: []Observer{r.rec},
		Metrics: []metric.Named{{Name: "accuracy", Metric: &metric.Accuracy{}}}}
	if val > 0 {
		o.Validation = &numbers{n: val}
	}
	if change != nil {
		change(&o, r.net)
	}
	tr, err := newTrainer(o, r.net)
	if err != nil {
		t.Fatal(err)
	}
	tr.clock.now = func() time.Time { r.now = r.now.Add(time.Millisecond); return r.now }
	r.Trainer = tr
	return r
}

func (r *rig) run(t testing.TB) {
	t.Helper()
	if err := r.Run(context.Background()); err != nil {
		t.Fatal(err)
	}
}

func fitOf(batch, epochs int) Fit {
	f := Defaults()
	f.BatchSize, f.Epochs = BatchSize(batch), epochs
	return f
}

func ptr[T any](v T) *T { return &v }
