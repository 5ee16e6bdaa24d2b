package train

import (
	"fmt"
	"slices"
	"testing"
)

// witness is data that notes which batches are asked for.
type witness struct {
	Data
	asked []string
}

func (w *witness) Batch(pass int, index []int, x, y []float32) error {
	w.asked = append(w.asked, fmt.Sprint(pass, index))
	return w.Data.Batch(pass, index, x, y)
}

// TestStreamIsTheTraining compares the stream with what trainings ask for.
func TestStreamIsTheTraining(t *testing.T) {
	for _, c := range []struct {
		samples, batch, steps int
		shuffle               bool
	}{{10, 4, 0, true}, {10, 4, 2, true}, {10, 4, 7, true}, {7, 7, 0, true}, {6, 2, 5, false}, {3, 8, 0, true}} {
		fit := fitOf(c.batch, 5)
		fit.Shuffle = c.shuffle
		if c.steps > 0 {
			fit.StepsPerEpoch = &c.steps
		}
		w := &witness{}
		newRig(t, c.samples, 0, fit, func(o *Options, _ *fakeNet) { w.Data, o.Train = o.Train, w }).run(t)
		var got []string
		s := fit.Stream(c.samples, 7)
		for range w.asked {
			pass, index := s.Next()
			got = append(got, fmt.Sprint(pass, index))
		}
		if !slices.Equal(got, w.asked) {
			t.Errorf("%+v: the stream is %v, the training asked for %v", c, got, w.asked)
		}
		taken := map[string]int{} // the step of each sample in each pass
		s = fit.Stream(c.samples, 7)
		for step := range w.asked {
			pass, index := s.Next()
			for _, sample := range index {
				taken[fmt.Sprint(pass, " ", sample)] = step
			}
		}
		for at, step := range taken {
			var pass, sample int
			fmt.Sscan(at, &pass, &sample)
			if got := s.Step(pass, sample); got != step {
				t.Errorf("%+v: pass %d takes sample %d at step %d, Step says %d", c, pass, sample, step, got)
			}
		}
		for skip := range w.asked {
			s := fit.Stream(c.samples, 7)
			s.Skip(skip / 2)
			s.Skip(skip - skip/2)
			pass, index := s.Next()
			if got := fmt.Sprint(pass, index); got != w.asked[skip] {
				t.Errorf("%+v: after %d steps comes %s, want %s", c, skip, got, w.asked[skip])
			}
		}
	}
}
