package curves

import (
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"cnnbench/nn/train"
	"cnnbench/sessions"
	"cnnbench/tui/chart"
)

func values(s *chart.Series) []float64 {
	var out []float64
	for i := range s.Len() {
		out = append(out, s.Point(i).Value)
	}
	return out
}

func point(step int64, loss, rate float64) train.Point {
	return train.Point{Step: step, Epoch: float64(step) / 10, Seconds: float64(step), Loss: loss, Min: loss, Max: loss, LearningRate: rate}
}

func TestJoinedStepsKeepTheirExtremes(t *testing.T) {
	r := &Run{}
	joined := point(8, 0.5, 1)
	joined.Min, joined.Max = 0.2, 0.9
	r.Add(&train.Update{Steps: []train.Point{point(4, 1, 1), joined}})
	if got, want := values(&r.Figure(Loss).Train), []float64{1, 0.2, 0.9, 0.5}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if p, _ := r.Figure(Loss).Train.At(chart.ByStep, 8); p.Value != 0.5 {
		t.Errorf("a cursor at step 8 reads %v, want the last loss there", p.Value)
	}
}

// TestRunningMeansGiveWayToTheEpoch: metrics move within an epoch, and at its end only the real value stays.
func TestRunningMeansGiveWayToTheEpoch(t *testing.T) {
	r := &Run{}
	step := func(n int64, epoch, batch int, acc float64) {
		r.Add(&train.Update{Last: &train.Step{Step: n, Epoch: epoch, Batch: batch, Batches: 100, Means: []train.Value{{Name: "loss", Value: 1}, {Name: "accuracy", Value: acc}}}})
	}
	step(1, 1, 1, 0.1) // too early to say anything
	if r.Figure("accuracy") != nil {
		t.Error("the first batch is drawn")
	}
	step(50, 1, 50, 0.3)
	step(90, 1, 90, 0.4)
	if got := values(&r.Figure("accuracy").Train); !slices.Equal(got, []float64{0.3, 0.4}) {
		t.Errorf("within the epoch: %v", got)
	}
	r.Add(&train.Update{Epochs: []train.Epoch{{Epoch: 1, Step: 100, Logs: []train.Value{{Name: "accuracy", Value: 0.45}, {Name: "loss", Value: 1}, {Name: "val_accuracy", Value: 0.5}, {Name: "val_loss", Value: 2}}}},
		Last: &train.Step{Step: 100, Epoch: 1, Batch: 100, Batches: 100, Means: []train.Value{{Name: "accuracy", Value: 0.45}}}})
	step(150, 2, 50, 0.6)
	if got := values(&r.Figure("accuracy").Train); !slices.Equal(got, []float64{0.45, 0.6}) {
		t.Errorf("after the epoch: %v", got)
	}
	if got := values(&r.Figure("accuracy").Val); !slices.Equal(got, []float64{0.5}) {
		t.Errorf("validation: %v", got)
	}
	if got := values(&r.Figure(Loss).Val); !slices.Equal(got, []float64{2}) {
		t.Errorf("validation loss: %v", got)
	}
	if got := r.Metrics(); !slices.Equal(got, []string{"accuracy"}) {
		t.Errorf("metrics %v", got)
	}
}

func events(r *Run) string {
	var out []string
	for _, e := range r.Events {
		out = append(out, e.Text)
	}
	return strings.Join(out, "|")
}

// TestRateChangesAreMarkedOnce: by the command that made them, or where a callback jumps, but not all along a schedule.
func TestRateChangesAreMarkedOnce(t *testing.T) {
	live := &Run{}
	live.Add(&train.Update{Steps: []train.Point{point(1, 1, 0.1), point(2, 1, 0.1)}})
	live.Add(&train.Update{Marks: []train.Mark{{Step: 2, Text: "learning rate 0.05"}}, Steps: []train.Point{point(3, 1, 0.05), point(4, 1, 0.05)}})
	live.Add(&train.Update{Steps: []train.Point{point(5, 1, 0.005)}, Marks: []train.Mark{{Step: 0, Text: "not saved: no space"}, {Step: 5, Text: "diverged at step 5"}}})
	for i := range 50 {
		live.Add(&train.Update{Steps: []train.Point{point(int64(6+i), 1, 0.005*math.Pow(0.99, float64(i)))}})
	}
	if got, want := events(live), "lr 0.05|lr 0.005"; got != want {
		t.Errorf("live: got %s, want %s", got, want)
	}
	again := Of(&sessions.Session{
		Points: []train.Point{point(2, 1, 0.1), point(4, 1, 0.05), point(5, 1, 0.005)},
		Marks:  []train.Mark{{Step: 3, Text: "learning rate 0.05"}, {Step: 5, Text: "weights of epoch 1 restored"}},
	})
	if got, want := events(again), "lr 0.05|lr 0.005|weights of epoch 1 restored"; got != want {
		t.Errorf("stored: got %s, want %s", got, want)
	}
}

func TestDiverged(t *testing.T) {
	r := &Run{}
	if _, ok := r.Diverged(); ok {
		t.Error("nothing diverged")
	}
	bad := train.Point{Step: 3, Loss: math.Inf(1), Min: math.NaN(), Max: math.NaN()}
	r.Add(&train.Update{Steps: []train.Point{point(1, 1, 1), point(2, 2, 1), bad, point(4, math.NaN(), 1)}})
	if step, ok := r.Diverged(); !ok || step != 3 {
		t.Errorf("diverged at %d, %v", step, ok)
	}
	if got := r.Figure(Loss).Train.Len(); got != 4 {
		t.Errorf("%d points, want 4", got)
	}
}

func TestStatusOfInfo(t *testing.T) {
	for _, c := range []struct {
		info sessions.Info
		want string
	}{
		{sessions.Info{State: train.Finished}, "✓ FINISHED"},
		{sessions.Info{State: train.Running}, "● RUNNING"},
		{sessions.Info{State: train.Stopped, Last: []train.Value{{Name: "loss", Value: math.NaN()}}}, "! DIVERGED"},
		{sessions.Info{State: train.Stopped, Last: []train.Value{{Name: "val_loss", Value: math.NaN()}}}, "○ STOPPED"},
		{sessions.Info{State: train.Failed}, "✗ FAILED"},
		{sessions.Info{Err: sessions.ErrEnded}, "✗ BROKEN"},
	} {
		if got := StatusOfInfo(&c.info).Text(); got != c.want {
			t.Errorf("got %s, want %s", got, c.want)
		}
	}
}

func TestNumbers(t *testing.T) {
	for v, want := range map[float64]string{0.07516: "0.0752", 1.5: "1.5000", 11.436: "11.44", 1: "1.0000", 0: "0", 0.0009: "9.0e-4", 3.18e11: "3.2e11", -0.5: "-0.5000", 1e-7: "1.0e-7", math.Inf(1): "inf", 99999.6: "1.0e5"} {
		if got := Value(v); got != want {
			t.Errorf("Value(%v) is %s, want %s", v, got, want)
		}
	}
	if got := Value(math.NaN()); got != "nan" {
		t.Errorf("NaN is %s", got)
	}
	for v, want := range map[float64]string{float64(float32(0.001)): "0.001", float64(float32(1e-7)): "1e-7", 0.05: "0.05", 100: "100"} {
		if got := RateText(v); got != want {
			t.Errorf("RateText(%v) is %s, want %s", v, got, want)
		}
	}
	for name, want := range map[string]string{"val_accuracy": "val_acc", "mae": "mae", "val_mean_squared_error": "val_mse", "learning_rate": "lr"} {
		if got := Short(name); got != want {
			t.Errorf("Short(%s) is %s, want %s", name, got, want)
		}
	}
}

// However a training is watched, in whatever pieces and with whatever tails, its curves are in the end those of all its
// steps.
func TestWatchedInPieces(t *testing.T) {
	draw := rand.New(rand.NewPCG(7, 8))
	for range 50 {
		var points []train.Point
		for i := range 60 {
			rate := 0.1
			if i >= 30 {
				rate = 0.01
			}
			points = append(points, point(int64(i+1), draw.Float64(), rate))
		}
		want := Before("x", sessions.Past{Points: points})
		got := Before("x", sessions.Past{Points: points[:draw.IntN(10)]})
		told := 0
		if s := got.Figure(Loss); s != nil {
			told = s.Train.Len()
		}
		for told < len(points) {
			next := min(told+draw.IntN(8), len(points))
			tail := points[next:min(next+draw.IntN(20), len(points))]
			if len(tail) > 3 { // neighbours are joined as an epoch grows
				tail = append([]train.Point{tail[0].Join(tail[1])}, tail[2:]...)
			}
			got.Watch(&train.Update{Steps: points[told:next]}, tail)
			told = next
		}
		got.Watch(&train.Update{}, nil)
		for _, name := range []string{Loss, Rate} {
			if g, w := values(&got.Figure(name).Train), values(&want.Figure(name).Train); !slices.Equal(g, w) {
				t.Fatalf("%s is %v, want %v", name, g, w)
			}
		}
		if len(got.Events) != 1 || len(want.Events) != 1 {
			t.Fatalf("%q, want %q", events(got), events(want))
		}
	}
}
