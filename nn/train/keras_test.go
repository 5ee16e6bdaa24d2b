package train

import (
	"encoding/json"
	"math"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"cnnbench/nn"
	"cnnbench/nn/metric"
	"cnnbench/nn/optim"
)

// number reads a JSON number, or the word nan, inf or -inf.
type number float64

func (n *number) UnmarshalJSON(b []byte) error {
	v, err := strconv.ParseFloat(strings.Trim(string(b), `"`), 64)
	*n = number(v)
	return err
}

func readJSON(t *testing.T, path string, into any) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, into); err != nil {
		t.Fatal(err)
	}
}

// TestLikeKeras runs callbacks over made-up histories as Keras's own callbacks were run by testdata/callbacks.py, and
// compares rates, weights, files, and the whole log byte by byte.
func TestLikeKeras(t *testing.T) {
	var cases []struct {
		Rate      float64
		Callbacks json.RawMessage
		Loss      []number
		ValLoss   []number `json:"val_loss"`
		Seconds   []float64
		Want      struct {
			Rates  []float64
			Weight float32
			Saved  []string
			Log    string
		}
	}
	readJSON(t, "testdata/callbacks.json", &cases)
	if len(cases) < 100 {
		t.Fatalf("only %d cases", len(cases))
	}
	for i, c := range cases {
		fit := fitOf(1, len(c.Loss))
		decodeInto(t, string(c.Callbacks), &fit.Callbacks)
		var saved []string
		r := newRig(t, 1, 1, fit, func(o *Options, f *fakeNet) {
			o.Metrics = nil
			o.Save = func(path string, _ *nn.Network) error { saved = append(saved, path); return nil }
			f.opt = optim.New(&optim.SGD{LearningRate: optim.Rate{Value: c.Rate}}, nil)
			f.lossAt = func(step int64) (float64, bool) {
				f.weight[0].Data[0] = float32(step)
				return float64(c.Loss[step-1]), true
			}
			f.valLoss = func() float64 { return float64(c.ValLoss[f.opt.Iterations()-1]) }
		})
		r.run(t)
		var log strings.Builder
		var rates []float64
		for j, e := range r.rec.epochs {
			e.Seconds = c.Seconds[j]
			log.WriteString(FormatEpoch(&e, len(c.Loss)) + "\n")
			rates = append(rates, e.LearningRate)
		}
		if log.String() != c.Want.Log {
			t.Errorf("case %d %s: log\n%swant\n%s", i, c.Callbacks, &log, c.Want.Log)
		}
		if !slices.Equal(rates, c.Want.Rates) {
			t.Errorf("case %d: rates %v, want %v", i, rates, c.Want.Rates)
		}
		if !slices.Equal(saved, c.Want.Saved) {
			t.Errorf("case %d: files %v, want %v", i, saved, c.Want.Saved)
		}
		if w := r.net.weight[0].Data[0]; w != c.Want.Weight {
			t.Errorf("case %d: ends with the weights of epoch %v, want %v", i, w, c.Want.Weight)
		}
	}
}

// TestImproved is MonitorCallback._is_improvement of Keras 3.15, which compares in float32.
func TestImproved(t *testing.T) {
	for _, c := range []struct {
		mode               metric.Direction
		value, best, delta float64
		want               bool
	}{
		{metric.Min, 0.1, 0.100000002, 0, false},
		{metric.Min, 0.1, 0.1000001, 0, true},
		{metric.Min, 1, 1.0010000467300415, 0.001, false},
		{metric.Min, 1, 1.0011, 0.001, true},
		{metric.Max, 1.001, 1, 0.001, false},
		{metric.Max, 1.0011, 1, 0.001, true},
		{metric.Max, 0.1000000001, 0.1, 0, false},
		{metric.Min, math.NaN(), 1, 0, false},
		{metric.Min, 1, math.NaN(), 0, false},
		{metric.Min, 1, math.Inf(1), 0, true},
		{metric.Max, -0.5, -0.6, 0.05, true},
		{metric.Min, 0.3, 0.31, 0.01, false},
	} {
		if got := (contest{c.mode, c.delta}).improved(c.value, c.best); got != c.want {
			t.Errorf("%v: %v over %v by %v: %v", c.mode, c.value, c.best, c.delta, got)
		}
	}
}

// TestLinesLikeKeras compares epochs' lines with those of Keras's progress bar.
func TestLinesLikeKeras(t *testing.T) {
	var cases []struct {
		Steps        int
		Seconds      float64
		Loss         number
		Accuracy     number
		LearningRate number `json:"learning_rate"`
		Line         string
	}
	readJSON(t, "testdata/lines.json", &cases)
	if len(cases) < 50 {
		t.Fatalf("only %d cases", len(cases))
	}
	for _, c := range cases {
		e := Epoch{Steps: c.Steps, Seconds: c.Seconds, ShowRate: true, LearningRate: float64(c.LearningRate),
			Logs: []Value{{"accuracy", float64(c.Accuracy)}, {"loss", float64(c.Loss)}}}
		if got := FormatLine(&e) + "\n"; got != c.Line {
			t.Errorf("got  %swant %s", got, c.Line)
		}
	}
}

// TestFitLog holds the log to one that Keras 3.15 printed.
func TestFitLog(t *testing.T) {
	const want = `Epoch 1/4
4/4 - 1s - 200ms/step - accuracy: 0.4667 - loss: 1.0761 - val_accuracy: 0.5000 - val_loss: 1.0337 - learning_rate: 0.0010
Epoch 2/4

Epoch 2: ReduceLROnPlateau reducing learning rate to 0.00010000000474974513.
4/4 - 0s - 17ms/step - accuracy: 0.5167 - loss: 1.0548 - val_accuracy: 0.6000 - val_loss: 1.0103 - learning_rate: 0.0010
Epoch 3/4

Epoch 3: ReduceLROnPlateau reducing learning rate to 1.0000000474974514e-05.
4/4 - 0s - 16ms/step - accuracy: 0.5500 - loss: 1.0406 - val_accuracy: 0.6000 - val_loss: 1.0080 - learning_rate: 1.0000e-04
Epoch 3: early stopping
Restoring model weights from the end of the best epoch: 1.
`
	fit := fitOf(4, 4)
	decodeInto(t, `[{reduce_lr_on_plateau: {patience: 1, min_delta: 0.5}}, {early_stopping: {patience: 2, min_delta: 0.5, restore_best_weights: true}}]`, &fit.Callbacks)
	val := []float64{1.0337, 1.0103, 1.0080}
	loss := []float64{1.0761, 1.0548, 1.0406}
	r := newRig(t, 16, 4, fit, func(o *Options, f *fakeNet) {
		o.Metrics = nil
		f.opt = optim.New(&optim.SGD{LearningRate: optim.Rate{Value: 0.001}}, nil)
		f.lossAt = func(step int64) (float64, bool) { return loss[(step-1)/4], true }
		f.valLoss = func() float64 { return val[f.opt.Iterations()/4-1] }
	})
	r.run(t)
	accuracy := [][2]float64{{0.4667, 0.5}, {0.5167, 0.6}, {0.55, 0.6}}
	seconds := []float64{0.8, 0.068, 0.064}
	var log strings.Builder
	for i, e := range r.rec.epochs {
		e.Seconds = seconds[i]
		e.Logs = sorted(e.Logs, []Value{{"val_accuracy", accuracy[i][1]}, {"accuracy", accuracy[i][0]}})
		log.WriteString(FormatEpoch(&e, 4) + "\n")
	}
	if log.String() != want {
		t.Errorf("got\n%swant\n%s", &log, want)
	}
}

// TestTerminateOnNaN is the last case of the same log: two of four batches done, the epoch's end is kept.
func TestTerminateOnNaN(t *testing.T) {
	const want = `Epoch 1/2
Batch 1: Invalid loss, terminating training
4/4 - 0s - 4ms/step - loss: nan`
	fit := fitOf(4, 2)
	decodeInto(t, `[terminate_on_nan]`, &fit.Callbacks)
	change := func(o *Options, f *fakeNet) {
		o.Metrics = nil
		f.lossAt = func(step int64) (float64, bool) { return math.NaN(), step == 2 }
	}
	r := newRig(t, 16, 4, fit, change)
	r.run(t)
	e := r.rec.epochs[0]
	if len(r.rec.steps) != 2 || e.Samples != 8 || e.Steps != 4 {
		t.Errorf("%d steps, %d samples of %d steps", len(r.rec.steps), e.Samples, e.Steps)
	}
	if _, ok := e.Log("val_loss"); !ok {
		t.Error("the epoch was not validated")
	}
	e.Seconds = 0.016
	e.Logs = e.Logs[:1]
	if got := FormatEpoch(&e, 2); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	if s := r.rec.states; s[len(s)-1] != Finished {
		t.Errorf("ended %v", s)
	}

	decodeInto(t, `[{terminate_on_nan: {raise_error: true}}]`, &fit.Callbacks)
	r = newRig(t, 16, 4, fit, change)
	err := r.Run(t.Context())
	if err == nil || !strings.Contains(err.Error(), "the loss is nan at batch 2 of epoch 1") || r.rec.states[1] != Failed || len(r.rec.epochs) != 0 {
		t.Errorf("raise_error: %v, %v", err, r.rec.states)
	}
}
