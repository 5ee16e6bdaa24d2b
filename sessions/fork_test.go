package sessions

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestForks(t *testing.T) {
	s := &Store{Home: t.TempDir()}
	changed(t, s, "live")
	want := open(t, s, "live")
	fork := func(epoch int, set ...string) (*Run, error) {
		r, err := s.Fork(context.Background(), "live", ForkOptions{At: &epoch, Set: set}, RunOptions{Threads: 1})
		if err == nil {
			<-r.Done()
			err = r.Err()
		}
		return r, err
	}
	r, err := fork(2)
	if err != nil {
		t.Fatal(err)
	}
	got := open(t, s, r.Name)
	if got.Parent == nil || *got.Parent != (Parent{"live", 2}) || historyText(got.History) != historyText(want.History) {
		t.Errorf("forked from %+v with the history\n%s", got.Parent, historyText(got.History))
	}
	if d := outcomeOf(t, s, r.Name).differs(outcomeOf(t, s, "live")); d != "" {
		t.Errorf("unchanged, the fork ends otherwise: %s", d)
	}
	// Longer, after the end.
	if r, err = fork(3, "fit.epochs=5"); err != nil {
		t.Fatal(err)
	}
	if got = open(t, s, r.Name); len(got.History) != 5 || historyText(got.History[:2]) != historyText(want.History[:2]) {
		t.Errorf("the history\n%s", historyText(got.History))
	}
	// Another rate, another optimizer, another head.
	if r, err = fork(1, "compile.optimizer.adam.learning_rate=0.5"); err != nil {
		t.Fatal(err)
	}
	if lr := open(t, s, r.Name).History[1].LearningRate; lr != .5 {
		t.Errorf("the rate is %v", lr)
	}
	if r, err = fork(1, "compile.optimizer=sgd", "fit.callbacks=[]", "fit.batch_size=7"); err != nil || !r.Surgery.Plain() {
		t.Fatal(err, r.Surgery)
	}
	if r, err = fork(1, "model.layers[3].dense.name=head"); err != nil || !slices.Equal(r.Surgery.Fresh(), []string{"head.kernel", "head.bias"}) {
		t.Fatal(err, r.Surgery)
	}
	for _, name := range []string{r.Name, "live"} {
		if v, err := s.Verify(context.Background(), name, 1); err != nil || !v.Same {
			t.Errorf("%s verified: %+v, %v", name, v, err)
		}
	}
	for epoch, text := range map[int]string{-1: "0 to 3", 4: "0 to 3", 3: "--set fit.epochs=6"} {
		if _, err := fork(epoch); err == nil || !strings.Contains(err.Error(), text) {
			t.Errorf("at %d: %v", epoch, err)
		}
	}
	// It does not need the other any more.
	if err := s.Remove("live"); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Recompute(context.Background(), open(t, s, r.Name), 0, 1); err == nil || !strings.Contains(err.Error(), "epoch 1 of session live") {
		t.Errorf("before its beginning: %v", err)
	}
}

func TestVerifyFindsADifference(t *testing.T) {
	s := &Store{Home: t.TempDir()}
	trained(t, s, wholly(t), RunOptions{Name: "x", Threads: 1})
	session := open(t, s, "x")
	experiment := filepath.Join(session.Dir, experimentFile)
	text, err := os.ReadFile(experiment)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		from, to string
		epoch    int
	}{{"factor: 0.5", "factor: 0.25", 2}, {"seed: 3", "seed: 4", 0}} {
		if err := os.WriteFile(experiment, []byte(strings.Replace(string(text), c.from, c.to, 1)), 0o644); err != nil {
			t.Fatal(err)
		}
		v, err := s.Verify(context.Background(), "x", 1)
		if c.epoch == 0 { // the samples are drawn from the seed too
			if err == nil || !strings.Contains(err.Error(), "no longer those") {
				t.Errorf("other data: %+v, %v", v, err)
			}
		} else if err != nil || v.Same || v.Epoch != c.epoch {
			t.Errorf("%s: %+v, %v", c.to, v, err)
		}
		if _, err := s.Resume(context.Background(), "x", new(int), RunOptions{}); err == nil || !strings.Contains(err.Error(), "cnnbench fork x") {
			t.Errorf("another experiment goes on: %v", err)
		}
	}
}
