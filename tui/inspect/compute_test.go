package inspect

import (
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"cnnbench/nn/train"
	"cnnbench/sessions"
	"cnnbench/tui/theme"
)

// What is shown is what an evaluation by hand gives.
func TestTrained(t *testing.T) {
	b := trained(t, plain, tiny)
	r := b.s.result
	if r.eval.Split != "validation" || r.eval.Samples != 18 || r.at.String() != "epoch 2" {
		t.Fatalf("%s of %d samples at %v", r.eval.Split, r.eval.Samples, r.at)
	}
	stored, err := b.app.Store.Open(b.app.Live.Run.Name)
	if err != nil {
		t.Fatal(err)
	}
	want, _ := stored.History[1].Log("val_accuracy")
	if got := r.eval.Metrics[0].Value; math.Abs(got-want) > 1e-9 {
		t.Errorf("accuracy %v, the training measured %v", got, want)
	}
	v := b.view()
	for _, word := range []string{"circle", "square", "triangle", "macro", "weighted", "tiny-1 epoch 2 " + theme.Good} {
		if !strings.Contains(v, word) {
			t.Errorf("%q is not shown:\n%s", word, v)
		}
	}
	// The counts stand in their rows.
	for i, name := range r.eval.Classes {
		row := ""
		for _, l := range strings.Split(v, "\n") {
			if row == "" && strings.HasPrefix(l, "┃ "+name) {
				row = strings.NewReplacer("[", " ", "]", " ", "█", " ", "▓", " ", "▒", " ", "░", " ").Replace(l[:strings.LastIndex(l, "┃")])
			}
		}
		fields := strings.Fields(strings.TrimPrefix(row, "┃ "+name))
		if len(fields) != 3 {
			t.Fatalf("row of %s: %q", name, row)
		}
		for j, f := range fields {
			if n := r.eval.Confusion.At(i, j); f != fmt.Sprint(n) && !(n == 0 && f == theme.Dot) {
				t.Errorf("%s taken for %s: shown %s, is %d", name, r.eval.Classes[j], f, n)
			}
		}
	}
}

func TestSplits(t *testing.T) {
	b := trained(t, plain, tiny)
	for _, want := range []string{"test", "train", "validation"} {
		b.press("v")
		if b.s.result.eval.Split != want || b.s.split != want {
			t.Errorf("%s, want %s", b.s.result.eval.Split, want)
		}
	}
	// A source without a test part goes from validation to train and back.
	b = trained(t, plain, strings.Replace(tiny, "test: 0.2, ", "test: 0, ", 1))
	b.press("v")
	if b.s.split != "train" {
		t.Errorf("after validation comes %s", b.s.split)
	}
	b.press("v")
	if b.s.split != "validation" {
		t.Errorf("after train comes %s", b.s.split)
	}
	// Without validation, the test part is looked at by itself.
	b = trained(t, plain, strings.Replace(tiny, "validation: 0.2, ", "validation: 0, ", 1))
	if b.s.split != "test" {
		t.Errorf("without validation it is %s", b.s.split)
	}
}

// While a training runs, the tab says whether it is up to date.
func TestStale(t *testing.T) {
	b := open(t, plain, strings.Replace(tiny, "epochs: 2", "epochs: 50", 1))
	b.do(b.app.Start(train.Pause{}))
	if b.s.result == nil || b.s.result.at.String() != "epoch 0" || !b.s.fresh() {
		t.Fatalf("of a training that is paused at its start: %v, %v", b.s.result, b.s.err)
	}
	before := b.s.result.net.Weights()[0].Data[0]
	advance := func(to int) {
		b.app.Live.Run.Send(train.RunEpochs{N: 1})
		b.wait(func() bool { return len(b.app.Live.Epochs) >= to && b.app.Live.State == train.Paused })
	}
	b.s.result.took, b.s.result.done = time.Hour, time.Now() // too dear to be done by itself
	advance(1)
	if b.s.fresh() || !strings.Contains(b.view(), "stale") || b.s.result.at.epoch != 0 {
		t.Errorf("not stale after an epoch:\n%s", b.view())
	}
	b.press("r")
	if !b.s.fresh() || b.s.result.at.String() != "epoch 1" {
		t.Errorf("renewed: %v", b.s.result.at)
	}
	if b.s.result.net.Weights()[0].Data[0] == before {
		t.Error("the weights are the same as before")
	}
	b.s.result.took = time.Millisecond
	advance(2)
	b.do(b.s.catchUp(true))
	if !b.s.fresh() || b.s.result.at.epoch != 2 {
		t.Errorf("a cheap one is not done by itself: %v", b.s.result.at)
	}
	if b.why("b") != wordOneKind {
		t.Error("a training that runs has best weights")
	}
	// Another tab is shown: nothing is worked out.
	b.app.Tab = 3
	advance(3)
	if b.s.result.at.epoch != 2 {
		t.Error("a hidden tab works")
	}
	b.app.Tab = b.s.tab
	b.do(b.s.Show())
	if b.s.result.at.epoch != 3 {
		t.Error("it does not catch up when it is shown")
	}
}

// A job that was cancelled changes nothing.
func TestCancel(t *testing.T) {
	b := trained(t, plain, tiny)
	was := b.s.result
	cmd := b.s.nextSplit()
	if b.s.job == nil || b.why("x") != "" {
		t.Fatal("nothing is under way")
	}
	if v := b.view(); !strings.Contains(v, "looking at test") {
		t.Errorf("it does not say so:\n%s", v)
	}
	b.press("x")
	b.do(cmd)
	if b.s.result != was || b.s.job != nil || b.s.err != nil || b.s.split != "validation" {
		t.Errorf("split %s, error %v", b.s.split, b.s.err)
	}
	if b.why("x") != wordIdle {
		t.Error("there is something to cancel still")
	}
}

// A stored session is looked at with its last weights or its best.
func TestStored(t *testing.T) {
	b := trained(t, plain, tiny)
	name := b.app.Live.Run.Name
	live := b.s.result.eval.Loss
	b.do(b.app.Open(name))
	if r := b.s.result; r.subject.session == nil || r.eval.Loss != live {
		t.Errorf("the stored session's loss is %v, not %v", r.eval.Loss, live)
	}
	data := b.s.result.data
	b.press("b")
	if r := b.s.result; r.subject.which != sessions.BestWeights || r.data != data {
		t.Errorf("weights %v; the data was read again: %v", r.subject.which, r.data != data)
	}
	if v := b.view(); !strings.Contains(v, "(best)") {
		t.Errorf("it does not say which weights:\n%s", v)
	}
	b.press("b")
	if b.s.result.subject.which != sessions.Last {
		t.Error("b does not go back to the last weights")
	}
	b.do(b.app.Follow())
	if b.s.result.subject.run == nil {
		t.Error("following the training again shows the session still")
	}
	// One whose weights are gone is a sentence.
	if err := os.RemoveAll(filepath.Join(b.app.Live.Run.Dir, "checkpoints")); err != nil {
		t.Fatal(err)
	}
	b.press("r")
	if b.s.err == nil || !strings.Contains(b.s.Note(200), theme.Bad) {
		t.Error("nothing is said of weights that are gone")
	}
}

// A new training empties the tab before its first answer.
func TestStartedAnew(t *testing.T) {
	b := trained(t, plain, tiny)
	was := b.s.result
	b.do(b.app.Start())
	b.wait(func() bool { return !b.app.Running() })
	if b.s.result == was || b.s.result.subject.run != b.app.Live.Run {
		t.Error("the result is still that of the training before")
	}
	if was.net != nil {
		t.Error("the network before was not given back")
	}
}
