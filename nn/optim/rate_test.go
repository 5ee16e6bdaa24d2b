package optim

import (
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"

	"cnnbench/spec"
)

func decodeRate(text string) (Rate, error) {
	o, err := decode("{sgd: {learning_rate: " + text + "}}")
	if err != nil {
		return Rate{}, err
	}
	return o.Settings().LearningRate, nil
}

// schedules holds what Keras 3.15.1 answers, in float32.
var schedules = []struct {
	text string
	want map[int64]float64
}{
	{`{exponential_decay: {initial_learning_rate: 0.1, decay_steps: 100, decay_rate: 0.96}}`, map[int64]float64{0: 0.10000000149011612, 1: 0.099959187209606171, 50: 0.0979795902967453, 100: 0.096000000834465027, 250: 0.090297989547252655}},
	{`{exponential_decay: {initial_learning_rate: 0.1, decay_steps: 100, decay_rate: 0.5, staircase: true}}`, map[int64]float64{0: 0.10000000149011612, 99: 0.10000000149011612, 100: 0.05000000074505806, 250: 0.02500000037252903}},
	{`{inverse_time_decay: {initial_learning_rate: 0.1, decay_steps: 10, decay_rate: 0.5}}`, map[int64]float64{0: 0.10000000149011612, 1: 0.095238104462623596, 10: 0.066666670143604279, 25: 0.04444444552063942}},
	{`{inverse_time_decay: {initial_learning_rate: 0.1, decay_steps: 10, decay_rate: 0.5, staircase: true}}`, map[int64]float64{0: 0.10000000149011612, 9: 0.10000000149011612, 10: 0.066666670143604279, 25: 0.05000000074505806}},
	{`{polynomial_decay: {initial_learning_rate: 0.1, decay_steps: 100}}`, map[int64]float64{0: 0.10000000149011612, 1: 0.099001005291938782, 50: 0.050050001591444016, 100: 9.9999997473787516e-05, 250: 9.9999997473787516e-05}},
	{`{polynomial_decay: {initial_learning_rate: 0.1, decay_steps: 100, end_learning_rate: 0.01, power: 0.5, cycle: true}}`, map[int64]float64{0: 0.10000000149011612, 1: 0.099548868834972382, 50: 0.073639608919620514, 99: 0.018999995663762093, 100: 0.0099999997764825821, 101: 0.07332061231136322, 250: 0.046742349863052368}},
	{`{cosine_decay: {initial_learning_rate: 0.1, decay_steps: 1000}}`, map[int64]float64{0: 0.10000000149011612, 1: 0.099999748170375824, 500: 0.049999997019767761, 1000: 0, 2000: 0}},
	{`{cosine_decay: {initial_learning_rate: 0.01, decay_steps: 100, alpha: 0.1, warmup_target: 0.2, warmup_steps: 50}}`, map[int64]float64{0: 0.0099999997764825821, 1: 0.013799999840557575, 25: 0.10499999672174454, 49: 0.19620001316070557, 50: 0.20000000298023224, 51: 0.19995558261871338, 100: 0.10999999195337296, 150: 0.020000001415610313, 200: 0.020000001415610313}},
	{`{cosine_decay_restarts: {initial_learning_rate: 0.1, first_decay_steps: 10}}`, map[int64]float64{0: 0.10000000149011612, 5: 0.049999997019767761, 9: 0.0024471760261803865, 11: 0.099384419620037079, 29: 0.00061558187007904053, 31: 0.099845871329307556, 65: 0.0038060189690440893}},
	{`{cosine_decay_restarts: {initial_learning_rate: 0.1, first_decay_steps: 10, t_mul: 1, m_mul: 0.5, alpha: 0.1}}`, map[int64]float64{0: 0.10000000149011612, 5: 0.054999995976686478, 10: 0.055000003427267075, 25: 0.021250000223517418, 40: 0.015625}},
	{`{piecewise_constant_decay: {boundaries: [10, 20], values: [1.5, 0.5, 0.1]}}`, map[int64]float64{0: 1.5, 10: 1.5, 11: 0.5, 20: 0.5, 21: 0.10000000149011612}},
}

func TestSchedules(t *testing.T) {
	for _, c := range schedules {
		r, err := decodeRate(c.text)
		if err != nil {
			t.Error(err)
			continue
		}
		for step, want := range c.want {
			if got := r.At(step); math.Abs(got-want) > 1e-7 {
				t.Errorf("%s at %d: %v, want %v", c.text, step, got, want)
			}
		}
	}
	for _, name := range Schedules.Names() {
		if !slices.ContainsFunc(schedules, func(c struct {
			text string
			want map[int64]float64
		}) bool {
			return strings.HasPrefix(c.text, "{"+name+":")
		}) {
			t.Errorf("%s has no test", name)
		}
	}
}

// A restart happens at its very step, however often the length was multiplied.
func TestRestartsAreExact(t *testing.T) {
	s := &CosineDecayRestarts{Initial: 1, Steps: 10, TMul: 3, MMul: 1}
	for start, length := int64(0), int64(10); start < 1e9; start, length = start+length, length*3 {
		if got := s.At(start); got != 1 {
			t.Errorf("rate %v at the restart of step %d", got, start)
		}
		if length > 10 {
			if got := s.At(start - 1); got > .5 {
				t.Errorf("rate %v before the restart of step %d", got, start)
			}
		}
	}
}

func TestRoundTrip(t *testing.T) {
	texts := slices.Clone(every)
	for _, c := range schedules {
		texts = append(texts, "{adam: {learning_rate: "+c.text+"}}")
	}
	texts = append(texts, "{adam: {learning_rate: 1}}", "{adam: {learning_rate: 1e-05}}", "{rmsprop: {rho: 0.5, epsilon: 1e-05, weight_decay: 0.25}}",
		"{adagrad: {initial_accumulator_value: 0}}", "{adamw: {weight_decay: 0}}")
	for _, text := range texts {
		o := must(t, text)
		written := spec.Text(&o)
		again := must(t, written)
		if !reflect.DeepEqual(o, again) {
			t.Errorf("%s comes back from %s as %s", text, written, spec.Text(&again))
		}
		copied := spec.Clone(o)
		if !reflect.DeepEqual(o, copied) {
			t.Errorf("%s: clone differs", text)
		}
	}
	o := must(t, "{adam: {learning_rate: 1}}")
	if got := spec.Text(&o); got != "{adam: {learning_rate: 1}}" {
		t.Errorf("written as %s", got)
	}
}

func TestMistakes(t *testing.T) {
	for text, want := range map[string]string{
		"adm":                                   `x.yaml:1:1: optimizer: unknown optimizer "adm"; did you mean adam? (known: adadelta, adagrad, adam, adamax, adamw, nadam, rmsprop, sgd)`,
		"{adam: {learning_rate: -1}}":           `x.yaml:1:24: optimizer.adam.learning_rate: found "-1", needs a number of 0 or more, or a schedule such as {cosine_decay: {initial_learning_rate: 0.001, decay_steps: 1000}}; schedules: cosine_decay, cosine_decay_restarts, exponential_decay, inverse_time_decay, piecewise_constant_decay, polynomial_decay`,
		"{adam: {learning_rate: cosine_decay}}": `x.yaml:1:24: optimizer.adam.learning_rate: cosine_decay needs initial_learning_rate: write {cosine_decay: {initial_learning_rate: ...}}`,
		"{adam: {learning_rate: {cosine_decay: {initial_learning_rate: 0.1}}}}":                        `x.yaml:1:39: optimizer.adam.learning_rate.cosine_decay: decay_steps is missing; needs a whole number of 1 or more`,
		"{adam: {learning_rate: {cosine_decay: {initial_learning_rate: 0.1, decay_steps: 0}}}}":        `x.yaml:1:81: optimizer.adam.learning_rate.cosine_decay.decay_steps: found "0", needs a whole number of 1 or more`,
		"{adam: {learning_rate: {piecewise_constant_decay: {boundaries: [1, 2], values: [1, 2]}}}}":    `x.yaml:1:80: optimizer.adam.learning_rate.piecewise_constant_decay.values: found 2, needs one more than boundaries: 3`,
		"{adam: {learning_rate: {piecewise_constant_decay: {boundaries: [2, 2], values: [1, 2, 3]}}}}": `x.yaml:1:64: optimizer.adam.learning_rate.piecewise_constant_decay.boundaries: found 2 after 2, needs rising steps`,
		"{sgd: {clipnorm: 1, clipvalue: 1}}":                                                           `x.yaml:1:32: optimizer.sgd.clipvalue: clips what clipnorm clips already; keep one of the two`,
		"{adamw: {clipnorm: 1, global_clipnorm: 1}}":                                                   `x.yaml:1:40: optimizer.adamw.global_clipnorm: clips what clipnorm clips already; keep one of the two`,
		"{adamw: {weight_decay: null}}":                                                                `x.yaml:1:24: optimizer.adamw.weight_decay: found null, needs a number of 0 or more; adam is the one without decay`,
		"{sgd: {momentum: 1.5}}":                                                                       `x.yaml:1:18: optimizer.sgd.momentum: found "1.5", needs a number from 0 to 1`,
		"{adam: {beta_1: 1}}":                                                                          `x.yaml:1:17: optimizer.adam.beta_1: found "1", needs a number of 0 or more and below 1`,
		"{adam: {use_ema: true}}":                                                                      `x.yaml:1:9: optimizer.adam: unknown key "use_ema"; known: learning_rate, beta_1, beta_2, epsilon, amsgrad, weight_decay, clipnorm, clipvalue, global_clipnorm`,
	} {
		_, err := decode(text)
		if err == nil || err.Error() != want {
			t.Errorf("%s:\n got %v\nwant %s", text, err, want)
		}
	}
}
