package train

import (
	"math"
	"testing"

	"cnnbench/nn/optim"
	"cnnbench/spec"
)

// TestLiveRate sets the rate in the middle and looks at what each step used.
func TestLiveRate(t *testing.T) {
	schedule := &optim.ExponentialDecay{Initial: 0.1, Steps: 1, Rate: 0.5}
	for _, c := range []struct {
		name      string
		opt       optim.Optimizer
		callbacks string
		during    map[int64]float64 // set after a step
		want      []float64         // used by the steps
		shown     []bool            // in the epochs' lines
	}{
		{name: "a number", want: []float64{.01, .01, .01, .01, .01, .01}, shown: []bool{false, false, false}},
		{name: "set", during: map[int64]float64{3: .5}, want: []float64{.01, .01, .01, .5, .5, .5}, shown: []bool{false, true, true}},
		{name: "nonsense is passed over", during: map[int64]float64{1: -1, 2: math.NaN(), 3: math.Inf(1)},
			want: []float64{.01, .01, .01, .01, .01, .01}, shown: []bool{false, false, false}},
		{name: "a schedule, which Keras does not show", opt: &optim.SGD{LearningRate: optim.Rate{Schedule: schedule}},
			want: []float64{.1, .05, .025, .0125, .00625, .003125}, shown: []bool{false, false, false}},
		{name: "a schedule given up", opt: &optim.SGD{LearningRate: optim.Rate{Schedule: schedule}}, during: map[int64]float64{2: .3},
			want: []float64{.1, .05, .3, .3, .3, .3}, shown: []bool{false, true, true}},
		{name: "warm-up", callbacks: `[{warm_up: {epochs: 2}}]`, want: []float64{.005, .005, .01, .01, .01, .01}, shown: []bool{true, true, true}},
		{name: "steps", callbacks: `[{step_decay: {drop: 0.1, epochs_drop: 2}}]`, want: []float64{.01, .01, .01, .01, .001, .001}, shown: []bool{true, true, true}},
		{name: "exponential", callbacks: `[{exponential_decay: {rate: 0.5}}]`, want: []float64{.01, .01, .005, .005, .0025, .0025}, shown: []bool{true, true, true}},
		{name: "cosine", callbacks: `[{cosine: {epochs: 2, alpha: 0.2}}]`, want: []float64{.01, .01, .006, .006, .002, .002}, shown: []bool{true, true, true}},
		{name: "plans multiply", callbacks: `[{warm_up: {epochs: 2}}, {exponential_decay: {rate: 0.5}}]`,
			want: []float64{.005, .005, .005, .005, .0025, .0025}, shown: []bool{true, true, true}},
		{name: "a plan goes on from what was set", callbacks: `[{exponential_decay: {rate: 0.5}}]`, during: map[int64]float64{3: .1},
			want: []float64{.01, .01, .005, .1, .05, .05}, shown: []bool{true, true, true}},
		{name: "set before the plan begins", callbacks: `[{warm_up: {epochs: 2}}]`, during: map[int64]float64{0: .4},
			want: []float64{.2, .2, .4, .4, .4, .4}, shown: []bool{true, true, true}},
	} {
		t.Run(c.name, func(t *testing.T) {
			fit := fitOf(2, 3)
			if c.callbacks != "" {
				decodeInto(t, c.callbacks, &fit.Callbacks)
			}
			r := newRig(t, 4, 0, fit, func(o *Options, f *fakeNet) {
				if c.opt != nil {
					f.opt = optim.New(c.opt, nil)
				}
			})
			set := func(step int64) {
				if v, ok := c.during[step]; ok {
					r.Send(SetLearningRate{v})
				}
			}
			set(0)
			r.rec.onStep = func(s *Step) { set(s.Step) }
			r.run(t)
			for i, s := range r.rec.steps {
				if want := float64(float32(c.want[i])); math.Abs(s.LearningRate-want) > 1e-9 {
					t.Errorf("step %d used %v, want %v", s.Step, s.LearningRate, want)
				}
			}
			for i, e := range r.rec.epochs {
				if e.ShowRate != c.shown[i] || e.LearningRate != r.rec.steps[2*i].LearningRate {
					t.Errorf("epoch %d: rate %v, shown %v", e.Epoch, e.LearningRate, e.ShowRate)
				}
			}
			for _, m := range r.rec.marks {
				if want := "learning rate " + spec.FormatFloat(c.during[m.Step]); m.Text != want {
					t.Errorf("mark %+v, want %s", m, want)
				}
			}
		})
	}
}
