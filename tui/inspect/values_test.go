package inspect

import (
	"math"
	"strings"
	"testing"

	"cnnbench/sessions"
)

func TestValues(t *testing.T) {
	b := trained(t, plain, line)
	v := b.view()
	for _, word := range []string{"true and predicted", "mae", "largest", "R²", "predicted less true"} {
		if !strings.Contains(v, word) {
			t.Errorf("%q is not shown:\n%s", word, v)
		}
	}
	for _, k := range []string{"%", "e"} {
		if b.why(k) != wordNoClass {
			t.Errorf("%s does something", k)
		}
	}
	// The largest error comes first.
	s := b.s
	last := math.Inf(1)
	for _, i := range s.list {
		if d := off(&s.result.eval.Predictions[i]); d > last {
			t.Fatal("a larger error comes later")
		} else {
			last = d
		}
	}
	b.press("right", "w", "right", "enter")
	if s.at != 2 {
		t.Errorf("at %d", s.at)
	}
	if v := b.view(); !strings.Contains(v, "off by") {
		t.Errorf("the error is not said:\n%s", v)
	}
}

func TestMisses(t *testing.T) {
	nan := float32(math.NaN())
	at := func(said, is float32) sessions.Prediction {
		return sessions.Prediction{Values: []float32{said}, Target: []float32{is}}
	}
	// By hand: off by 1, -1, 3, mean 1, spread sqrt(8/3); the targets 1 2 3 vary by 2, the squares sum to 11.
	e := missesOf([]sessions.Prediction{at(2, 1), at(1, 2), at(6, 3), at(nan, 1)})
	if e.n != 3 || math.Abs(e.mean-1) > 1e-9 || math.Abs(e.std-math.Sqrt(8./3)) > 1e-9 || e.largest != 3 || math.Abs(e.r2-(1-11./2)) > 1e-9 {
		t.Errorf("%+v", e)
	}
	if e := missesOf([]sessions.Prediction{at(nan, 1)}); e.n != 0 {
		t.Errorf("%+v", e)
	}
	if e := missesOf([]sessions.Prediction{at(1, 5), at(2, 5)}); !math.IsNaN(e.r2) {
		t.Errorf("targets that do not vary: %+v", e)
	}
}
