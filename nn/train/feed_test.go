package train

import (
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// TestFeedLosesNothing sends runs of steps, drained by chance, and holds the points to the steps.
func TestFeedLosesNothing(t *testing.T) {
	draw := rand.New(rand.NewPCG(3, 4))
	for _, limit := range []int{2, 3, 8, 64} {
		f := &Feed{limit: limit}
		var sent []float64 // losses since the last Drain
		step := int64(0)
		for range 2000 {
			if draw.IntN(50) > 0 {
				step++
				loss := draw.NormFloat64()
				switch draw.IntN(20) {
				case 0:
					loss = math.NaN()
				case 1:
					loss = math.Inf(1)
				}
				sent = append(sent, loss)
				f.OnStep(&Step{Step: step, Epoch: 1, Batch: int(step), Batches: 1e6, Loss: loss, LearningRate: float64(step)})
				continue
			}
			u := f.Drain()
			if len(u.Steps) > limit {
				t.Fatalf("%d points, room for %d", len(u.Steps), limit)
			}
			first := step - int64(len(sent)) // before the first
			for _, p := range u.Steps {
				lo, hi := math.NaN(), math.NaN()
				for s := first + 1; s <= p.Step; s++ {
					if v := sent[s-1-(step-int64(len(sent)))]; !math.IsNaN(v) {
						lo, hi = math.Min(or(lo, v), v), math.Max(or(hi, v), v)
					}
				}
				last := sent[p.Step-1-(step-int64(len(sent)))]
				if !same(p.Min, lo) || !same(p.Max, hi) || !same(p.Loss, last) || p.LearningRate != float64(p.Step) {
					t.Fatalf("point %+v of steps %d to %d: want %v to %v, last %v", p, first+1, p.Step, lo, hi, last)
				}
				first = p.Step
			}
			if first != step {
				t.Fatalf("the points end at step %d of %d", first, step)
			}
			if (u.Last == nil) != (len(sent) == 0) || u.Last != nil && u.Last.Step != step {
				t.Fatalf("last %+v at step %d", u.Last, step)
			}
			sent = sent[:0]
		}
	}
}

func or(a, b float64) float64 {
	if math.IsNaN(a) {
		return b
	}
	return a
}

func same(a, b float64) bool { return a == b || math.IsNaN(a) && math.IsNaN(b) }

func TestFeedKeepsEpochsAndMarks(t *testing.T) {
	f := &Feed{limit: 4}
	logs := []Value{{"loss", 0}}
	step := Step{Batches: 10, Means: []Value{{"loss", 0}}}
	for i := range 1000 {
		logs[0].Value = float64(i)
		step.Step, step.Means[0].Value = int64(i+1), float64(i)
		f.OnStep(&step)
		f.OnEpoch(&Epoch{Epoch: i + 1, Logs: logs})
		f.OnMark(Mark{Step: int64(i)})
	}
	failed := errors.New("failed")
	f.OnState(Failed, failed)
	u := f.Drain()
	if len(u.Epochs) != 1000 || len(u.Marks) != 1000 || len(u.Steps) > 4 || u.State != Failed || u.Err != failed {
		t.Fatalf("%d epochs, %d marks, %d points, %v %v", len(u.Epochs), len(u.Marks), len(u.Steps), u.State, u.Err)
	}
	for i, e := range u.Epochs {
		if e.Logs[0].Value != float64(i) || u.Marks[i].Step != int64(i) {
			t.Fatalf("epoch %d: %+v", i+1, e)
		}
	}
	step.Step, step.Means[0].Value = 1001, -1
	f.OnStep(&step)
	if u.Last.Step != 1000 || u.Last.Means[0].Value != 999 {
		t.Errorf("what was handed out changed: %+v", u.Last)
	}
	again := f.Drain()
	if again.State != Failed || len(again.Epochs)+len(again.Marks) != 0 || len(again.Steps) != 1 || again.Last.Step != 1001 {
		t.Errorf("the second time %+v", again)
	}
	if u := f.Drain(); u.Last != nil || len(u.Steps) != 0 {
		t.Errorf("the third time %+v", u)
	}
}

// TestFeedReusesMemory: between two Drains the points keep their place, and steady draining allocates only what it
// hands over for good.
func TestFeedReusesMemory(t *testing.T) {
	f := &Feed{}
	step := Step{Batches: 10, Means: []Value{{"loss", 0}}}
	round := func() {
		for i := range 100 {
			step.Step = int64(i)
			f.OnStep(&step)
		}
	}
	round()
	first := f.Drain().Steps
	kept := slices.Clone(first)
	round()
	if !slices.Equal(first, kept) {
		t.Error("the points changed before the next Drain")
	}
	f.Drain()
	if n := testing.AllocsPerRun(100, func() { round(); f.Drain() }); n > 2 {
		t.Errorf("%v allocations a Drain", n)
	}
}
