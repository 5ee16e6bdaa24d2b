package sessions

import (
	"bytes"
	"context"
	"math"
	"slices"
	"strings"
	"testing"

	"cnnbench/nn"
	"cnnbench/nn/train"
	"cnnbench/sessions/safetensors"
	"cnnbench/sessions/surgery"
)

// A session that stands in the midst of an epoch goes on from there: unchanged to the bits of the one that was never
// stopped, and with a wider network from what it computed. What would make another epoch of it is refused.
func TestForkWhereItStands(t *testing.T) {
	s := &Store{Home: t.TempDir()}
	trained(t, s, wholly(t), RunOptions{Name: "straight", Threads: 1})
	stopped(t, s, wholly(t), 6, RunOptions{Name: "half", Threads: 1})
	half := open(t, s, "half")
	if n := half.chronicle.saves; n[len(n)-1].Between {
		t.Fatal("it does not stand in the midst of an epoch")
	}
	fork := func(f ForkOptions) (*Run, error) {
		r, err := s.Fork(context.Background(), "half", f, RunOptions{Threads: 1})
		if err == nil {
			<-r.Done()
			err = r.Err()
		}
		return r, err
	}
	r, err := fork(ForkOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if d := outcomeOf(t, s, r.Name).differs(outcomeOf(t, s, "straight")); d != "" || !r.Surgery.Plain() || open(t, s, r.Name).Surgery != nil {
		t.Errorf("unchanged, the fork ends otherwise: %s", d)
	}

	wider := half.Experiment.Clone()
	wider.Model.Layers[0].(*nn.Dense).Units = 9
	if r, err = fork(ForkOptions{Experiment: wider, Dir: ".", Widen: true}); err != nil {
		t.Fatal(err)
	}
	got := open(t, s, r.Name)
	if got.Surgery == nil || got.Surgery.Count(surgery.Fresh) > 0 || got.Surgery.Count(surgery.Widened) < 2 || !slices.ContainsFunc(got.Marks, func(m train.Mark) bool { return m.Step == 6 && strings.HasPrefix(m.Text, "network changed: ") }) {
		t.Errorf("it tells of %+v, marks %+v", got.Surgery, got.Marks)
	}
	if n := got.History[len(got.History)-1].Epoch; n != got.Planned {
		t.Errorf("it ended in epoch %d of %d", n, got.Planned)
	}
	if v, err := s.Verify(context.Background(), r.Name, 1); err != nil || !v.Same {
		t.Errorf("verified: %+v, %v", v, err)
	}
	// The networks predict the same where the one takes over from the other.
	first, err := got.read(got.chronicle.saves[0])
	if err != nil {
		t.Fatal(err)
	}
	last, _, err := half.newest()
	if err != nil {
		t.Fatal(err)
	}
	want, is := predictions(t, half.Experiment, last.Checkpoint), predictions(t, wider, first.Checkpoint)
	for i := range want {
		if math.Abs(float64(want[i]-is[i])) > 1e-5 {
			t.Fatalf("prediction %d is %v and was %v", i, is[i], want[i])
		}
	}
	again, err := fork(ForkOptions{Experiment: wider, Dir: ".", Widen: true})
	if err != nil {
		t.Fatal(err)
	}
	a, b := outcomeOf(t, s, r.Name), outcomeOf(t, s, again.Name)
	if d := a.differs(b); d != "" {
		t.Errorf("the same surgery ends otherwise: %s", d)
	}

	for set, text := range map[string]string{"fit.batch_size=7": "fit.batch_size", "seed=9": "seed"} {
		if _, err := fork(ForkOptions{Set: []string{set}}); err == nil || !strings.Contains(err.Error(), "not "+text+"; go on to the end of the epoch first") {
			t.Errorf("%s: %v", set, err)
		}
	}
	if !bytes.Equal(fileOf(t, mustWeights(t, half)), fileOf(t, mustWeights(t, open(t, s, "half")))) {
		t.Error("the old session was changed")
	}
}

func mustWeights(t *testing.T, s *Session) *Weights {
	t.Helper()
	w, err := s.Weights(Last)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// predictions are a network's on the validation samples, with the weights of a checkpoint.
func predictions(t *testing.T, e *Experiment, c *train.Checkpoint) []float32 {
	t.Helper()
	p, err := Prepare(e, ".")
	if err != nil {
		t.Fatal(err)
	}
	w := &Weights{}
	for _, x := range weightTensors(c) {
		w.Tensors = append(w.Tensors, safetensors.F32(strings.TrimPrefix(x.Name, train.ModelPrefix), x.Shape, x.F32))
	}
	n, err := p.Load(w, 1)
	if err != nil {
		t.Fatal(err)
	}
	defer n.Close()
	rows := min(n.Batch(), p.Validation.Len())
	index := make([]int, rows)
	for i := range index {
		index[i] = i
	}
	if err := p.Validation.Batch(0, index, n.Input()[:rows*p.In.Size()], make([]float32, rows*64)); err != nil {
		t.Fatal(err)
	}
	return slices.Clone(n.Predict(rows))
}
