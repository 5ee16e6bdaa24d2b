package train

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"cnnbench/nn"
	"cnnbench/nn/metric"
)

func TestCallThatPanicsAtTheEnd(t *testing.T) {
	r := newRig(t, 4, 0, fitOf(4, 1), nil)
	r.rec.onStep = func(*Step) { r.Send(Call{func(*nn.Network) { panic("late") }}) }
	if err := r.Run(context.Background()); err == nil || err.Error() != "internal error: late" || !slices.Equal(r.rec.states, []State{Running, Failed}) {
		t.Errorf("%v, %v", err, r.rec.states)
	}
}

func TestFailures(t *testing.T) {
	for _, c := range []struct {
		name  string
		set   func(*Options, *fakeNet)
		want  string
		stack bool
	}{
		{"a panic in a step", func(_ *Options, f *fakeNet) { f.panicsAt = 3 }, "internal error: a broken invariant", true},
		{"a panic in an observer", func(o *Options, _ *fakeNet) {
			o.Observers = append(o.Observers, stateFunc(func(State) { panic("screen") }))
		}, "internal error: screen", true},
		{"a panic in a metric", func(o *Options, _ *fakeNet) {
			o.Metrics = []metric.Named{{Name: "calls", Metric: &brokenMetric{}}}
		}, "internal error: metric", true},
		{"unreadable training data", func(o *Options, _ *fakeNet) { o.Train = &numbers{n: 8, fail: 6} },
			"read batch 2 of epoch 2: the disk is gone", false},
		{"unreadable validation data", func(o *Options, _ *fakeNet) { o.Validation = &numbers{n: 8, fail: 2} },
			"read batch 2 of the validation of epoch 1: the disk is gone", false},
		{"a full disk", func(o *Options, _ *fakeNet) {
			o.Fit.Callbacks = []Callback{&ModelCheckpoint{Filepath: "m{epoch}.keras"}}
			o.Save = func(string, *nn.Network) error { return errors.New("no space left") }
		}, "model_checkpoint: save m1.keras: no space left", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := newRig(t, 8, 4, fitOf(2, 3), c.set)
			err := r.Run(context.Background())
			if err == nil || err.Error() != c.want {
				t.Errorf("error %v, want %s", err, c.want)
			}
			if s := r.rec.states; s[len(s)-1] != Failed || !errors.Is(r.rec.err, err) {
				t.Errorf("states %v, told of %v", s, r.rec.err)
			}
			if strings.Contains(err.Error(), "goroutine") || c.stack != strings.Contains(string(r.Stack()), "goroutine") {
				t.Errorf("stack: %q", r.Stack())
			}
			if r.Send(Resume{}) {
				t.Error("a command was taken after the failure")
			}
		})
	}
}

type brokenMetric struct{ metric.Accuracy }

func (brokenMetric) Rows(_, _ []float32, _ int, _ []float64) { panic("metric") }

func TestDivergence(t *testing.T) {
	for _, pause := range []bool{false, true} {
		for _, at := range []int64{2, 4} { // within an epoch, and at its last batch
			ctx, cancel := context.WithCancel(context.Background())
			r := newRig(t, 8, 4, fitOf(2, 3), func(o *Options, f *fakeNet) {
				o.PauseOnDivergence = pause
				f.lossAt = func(step int64) (float64, bool) { return math.Inf(1), step >= at }
			})
			r.o.Observers = append(r.o.Observers, stateFunc(func(s State) {
				if s == Paused {
					cancel()
				}
			}))
			if err := r.Run(ctx); err != nil {
				t.Fatal(err)
			}
			cancel()
			if len(r.rec.marks) != 1 || r.rec.marks[0].Text != fmt.Sprintf("diverged at step %d", at) || r.rec.marks[0].Step != at {
				t.Errorf("marks %+v", r.rec.marks)
			}
			want := int64(12)
			if pause {
				want = at
			}
			if r.Position().Step != want {
				t.Errorf("pause %v: held at step %d, want %d", pause, r.Position().Step, want)
			}
			if pause && r.Position().Epoch != int(at/4) {
				t.Errorf("paused at step %d with %d epochs finished", at, r.Position().Epoch)
			}
		}
	}
}
