package train

import (
	"fmt"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"cnnbench/nn/train"
	"cnnbench/sessions"
	"cnnbench/sessions/safetensors"
	"cnnbench/tui/chart"
	"cnnbench/tui/curves"
	"cnnbench/tui/keys"
	"cnnbench/tui/screen"
	"cnnbench/tui/screentest"
)

func TestTableHasNoContradictions(t *testing.T) {
	if err := keys.Check(quickBench(t).tab.Contexts()); err != nil {
		t.Error(err)
	}
}

// TestKeysSendCommands presses each key that leads a training.
func TestKeysSendCommands(t *testing.T) {
	for _, c := range []struct {
		keys []string
		want []train.Command
	}{
		{[]string{"b"}, []train.Command{train.RunBatches{N: 1}}},
		{[]string{"n", "n"}, []train.Command{train.RunEpochs{N: 1}, train.RunEpochs{N: 1}}},
		{[]string{"N", "1", "2", "enter"}, []train.Command{train.RunEpochs{N: 12}}},
		{[]string{"N", "0", "enter", "esc"}, nil},
		{[]string{"N", "esc"}, nil},
		{[]string{"x", "enter"}, nil},
		{[]string{"x", "y"}, []train.Command{train.Stop{}}},
		{[]string{"-", "-"}, []train.Command{train.SetLearningRate{Rate: 0.0005}, train.SetLearningRate{Rate: 0.0002}}},
		{[]string{"+", "=", "-"}, []train.Command{train.SetLearningRate{Rate: 0.002}, train.SetLearningRate{Rate: 0.005}, train.SetLearningRate{Rate: 0.002}}},
		{[]string{"r", "enter"}, nil},
		{[]string{"r", "y"}, []train.Command{train.Stop{}}},
	} {
		b := quickBench(t)
		b.begin()
		b.train(40)
		b.drain()
		b.press(c.keys...)
		if !reflect.DeepEqual(b.sent, c.want) {
			t.Errorf("%v sends %v, want %v", c.keys, b.sent, c.want)
		}
	}
}

func TestKeysSayWhyNot(t *testing.T) {
	b := quickBench(t)
	for key, want := range map[string]string{"x": textNotTraining, "-": textNotTraining, "+": textNotTraining, "E": textNoSubject, "r": textNoSubject, "F": textNotStored, "n": "", "b": "", "N": ""} {
		a := keys.Find(b.tab.Contexts(), key)
		if a == nil {
			t.Errorf("there is no key %s", key)
		} else if got := a.Why(); got != want {
			t.Errorf("%s says %q, want %q", key, got, want)
		}
	}
}

// TestRateIsShownUntilItIsUsed: what was asked for stands there at once, and what the engine then uses, whatever a
// callback made of it.
func TestRateIsShownUntilItIsUsed(t *testing.T) {
	b := quickBench(t)
	b.begin()
	b.train(40)
	b.drain()
	b.press("-")
	shown := func() float64 { r, _ := b.tab.rate(b.tab.subject()); return r }
	if shown() != 0.0005 {
		t.Errorf("after the key it is %v", shown())
	}
	b.train(1) // the command is not obeyed yet
	b.drain()
	if shown() != 0.0005 {
		t.Errorf("before the command is obeyed it is %v", shown())
	}
	b.rate(0.00025, "0.0005")
	b.train(1)
	b.drain()
	if math.Abs(shown()-0.00025) > 1e-9 {
		t.Errorf("after a step it is %v", shown())
	}
}

func TestNextRate(t *testing.T) {
	for _, c := range []struct{ rate, down, up float64 }{
		{0.001, 0.0005, 0.002}, {float64(float32(0.001)), 0.0005, 0.002}, {0.002, 0.001, 0.005}, {0.005, 0.002, 0.01}, {0.003, 0.002, 0.005},
		{1, 0.5, 2}, {0.0009, 0.0005, 0.001}, {float64(float32(0.2)), 0.1, 0.5}, {100, 50, 100}, {1e-9, 1e-9, 2e-9}, {0, 1e-9, 2e-9}, {math.NaN(), 1e-9, 2e-9},
	} {
		if got := nextRate(c.rate, false); got != c.down {
			t.Errorf("below %v is %v, want %v", c.rate, got, c.down)
		}
		if got := nextRate(c.rate, true); got != c.up {
			t.Errorf("above %v is %v, want %v", c.rate, got, c.up)
		}
	}
}

func TestProgress(t *testing.T) {
	epoch := func(n int, seconds float64) train.Epoch { return train.Epoch{Epoch: n, Seconds: seconds} }
	for _, c := range []struct {
		name   string
		epochs []train.Epoch
		last   *train.Step
		want   progress
	}{
		{"nothing", nil, nil, progress{epoch: 1, planned: 4, left: -1, leftEpoch: -1}},
		{"first epoch", nil, &train.Step{Step: 5, Epoch: 1, Batch: 5, Batches: 10, Seconds: 1}, progress{1, 4, 5, 10, 0.5, 0.125, 7, 1}},
		{"between epochs", []train.Epoch{epoch(1, 3)}, &train.Step{Step: 10, Epoch: 1, Batch: 10, Batches: 10, Seconds: 2}, progress{2, 4, 0, 10, 0, 0.25, 9, 3}},
		{"later", []train.Epoch{epoch(1, 9), epoch(2, 4)}, &train.Step{Step: 25, Epoch: 3, Batch: 5, Batches: 10, Seconds: 15}, progress{3, 4, 5, 10, 0.5, 0.625, 6, 2}},
		{"done", []train.Epoch{epoch(1, 1), epoch(2, 1), epoch(3, 1), epoch(4, 1)}, &train.Step{Step: 40, Epoch: 4, Batch: 10, Batches: 10, Seconds: 4}, progress{4, 4, 10, 10, 0, 1, 0, 1}},
	} {
		if got := progressOf(4, c.epochs, c.last); got != c.want {
			t.Errorf("%s: got %+v, want %+v", c.name, got, c.want)
		}
	}
}

func TestMeterLeavesValidationOut(t *testing.T) {
	var m meter
	m.add(&train.Update{Last: &train.Step{Step: 10, Samples: 32, Seconds: 1}})
	if got := m.rate(); math.Abs(got-320) > 1e-6 {
		t.Errorf("got %v samples a second, want 320", got)
	}
	// 10 steps more in a second, but 5 seconds of validation between.
	m.add(&train.Update{Epochs: []train.Epoch{{Seconds: 6, TrainSeconds: 1}}, Last: &train.Step{Step: 20, Samples: 7, Seconds: 7}})
	if got := m.rate(); math.Abs(got-320) > 1e-6 {
		t.Errorf("got %v samples a second after a validation, want 320", got)
	}
	for i := range 40 { // twice as fast
		m.add(&train.Update{Last: &train.Step{Step: int64(22 + 2*i), Samples: 32, Seconds: 7.1 + 0.1*float64(i)}})
	}
	if got := m.rate(); math.Abs(got-640) > 25 {
		t.Errorf("got %v samples a second, want about 640", got)
	}
}

// TestColumnsFit: the table of epochs never is wider than its pane, and its first columns are always the telling ones.
func TestColumnsFit(t *testing.T) {
	b := quickBench(t)
	b.begin()
	b.train(2 * steps)
	b.drain()
	x := b.tab.subject()
	for w := range 80 {
		columns := x.columns(w)
		sum := starW - columnGap
		var names []string
		for _, c := range columns {
			sum += c.w + columnGap
			names = append(names, c.name)
		}
		if len(columns) > 0 && sum > w {
			t.Errorf("%d columns take %d of %d cells", len(columns), sum, w)
		}
		want := map[int]string{14: "ep loss", 20: "ep loss s", 32: "ep loss val_loss val_accuracy", 40: "ep loss val_loss val_accuracy s", 60: "ep loss val_loss accuracy val_accuracy s"}[w]
		if got := strings.Join(names, " "); want != "" && got != want {
			t.Errorf("in %d cells: %s, want %s", w, got, want)
		}
	}
}

func TestListsScroll(t *testing.T) {
	b := quickBench(t)
	b.begin()
	b.train(10 * steps)
	b.drain()
	b.tab.panes.Set(paneEpochs)
	has := func(epoch int) bool { return epochShown(b, epoch) }
	if !has(10) || has(1) {
		t.Error("at first the newest epochs are not shown")
	}
	b.press("home")
	if !has(1) || has(10) {
		t.Error("home does not show the first epochs")
	}
	b.press("down")
	if has(1) {
		t.Error("down does not scroll")
	}
	b.press("end")
	if !has(10) {
		t.Error("end does not show the last epoch")
	}
	b.tab.Update(tea.MouseWheelMsg{X: 50, Y: 16, Button: tea.MouseWheelUp})
	if has(10) {
		t.Error("the wheel does not scroll")
	}
}

// epochShown looks for the row of an epoch in the table.
func epochShown(b *bench, epoch int) bool {
	for _, l := range strings.Split(b.view(80, 19), "\n") {
		if _, row, ok := strings.Cut(l, "┃"); ok && strings.HasPrefix(strings.TrimLeft(row, " "), fmt.Sprintf("%d  0.", epoch)) {
			return true
		}
	}
	return false
}

func TestMouseReadsAndZooms(t *testing.T) {
	b := quickBench(t)
	b.begin()
	b.train(100)
	b.drain()
	b.tab.View(80, 19)
	b.tab.Update(tea.MouseClickMsg{X: 30, Y: 5, Button: tea.MouseLeft})
	if view := b.view(80, 19); !strings.Contains(view, "step 5") {
		t.Errorf("a click reads nothing:\n%s", view)
	}
	b.press("i")
	b.tab.Update(tea.MouseWheelMsg{X: 30, Y: 5, Button: tea.MouseWheelUp})
	if view := b.view(80, 19); !strings.Contains(view, "step 18 to 85") {
		t.Errorf("the wheel does not zoom:\n%s", view)
	}
	b.press("0")
	if view := b.view(80, 19); strings.Contains(view, " to 8") {
		t.Errorf("0 does not show all:\n%s", view)
	}
}

func TestCopyTakesExactValues(t *testing.T) {
	b := quickBench(t)
	b.begin()
	b.train(40)
	b.drain()
	b.tab.View(80, 19)
	var copied string
	take := func() {
		a := keys.Find(b.tab.Contexts(), "c")
		screentest.Drive(t, a.Run(), func(msg tea.Msg) tea.Cmd {
			if reflect.TypeOf(msg).Kind() == reflect.String {
				copied = reflect.ValueOf(msg).String()
			}
			return nil
		})
	}
	take()
	last := b.app.Live.Last
	for _, want := range []string{fmt.Sprintf("loss train\t%v\n", last.Loss), "loss val\t", fmt.Sprintf("accuracy train\t%v\n", last.Means[1].Value), "learning_rate train\t0.0010000000474974513\n"} {
		if !strings.Contains(copied, want) {
			t.Errorf("copied %q without %q", copied, want)
		}
	}
	b.press("i", "left", "left", "left", "left")
	b.tab.View(80, 19)
	take()
	if at, on := b.tab.board.Cursor(curves.SlotLoss); !on || !strings.HasPrefix(copied, fmt.Sprintf("step\t%d\nloss train\t%v\n", at.Step, at.Value)) {
		t.Errorf("at %+v copied %q", at, copied)
	}
}

// TestPinnedAndStoredRuns: a stored session takes the place of the live one, which goes on behind it.
func TestPinnedAndStoredRuns(t *testing.T) {
	b := quickBench(t)
	b.begin()
	b.train(40)
	b.drain()
	b.do(b.tab.Update(curves.Pinned{Runs: []*curves.Run{other("wide-2", 0.4)}}))
	if view := b.view(160, 45); !strings.Contains(view, "■ wide-2") {
		t.Errorf("the pinned run is not drawn:\n%s", view)
	}
	b.app.Session = &sessions.Session{Info: sessions.Info{Name: "old-7", State: train.Stopped, Reason: "the program ended before the training did", Epochs: 1}, Experiment: b.app.Draft.Experiment(),
		History: []train.Epoch{{Epoch: 1, Step: 29, Logs: []train.Value{{Name: "loss", Value: 0.7}}}}}
	b.do(b.tab.Update(screen.Opened{}))
	b.train(40)
	b.drain()
	view := b.view(160, 45)
	for _, want := range []string{"old-7", "○ STOPPED", "the program ended before the training did", "stored"} {
		if !strings.Contains(view, want) {
			t.Errorf("the stored session's view has no %q:\n%s", want, view)
		}
	}
	b.press("F")
	if view := b.view(160, 45); !strings.Contains(view, "● RUNNING") || !strings.Contains(view, "epoch 3/20") {
		t.Errorf("the live training did not go on:\n%s", view)
	}
}

// TestFromFirstKeyToExportedFile goes through a real training: one batch, one epoch, to the end, another rate, an export.
func TestFromFirstKeyToExportedFile(t *testing.T) {
	t.Chdir(t.TempDir())
	app := screentest.App(t, "lecture-linear", screentest.NoColor, chart.Braille)
	tab := newScreen(app)
	wait := func(what string, done func() bool) {
		t.Helper()
		for range 2000 {
			screentest.Do(t, app.Drain(), app, tab)
			tab.View(80, 19)
			if done() {
				return
			}
			time.Sleep(2 * time.Millisecond)
		}
		t.Fatalf("%s: the training is %v at %+v", what, app.Live.State, app.Live.Last)
	}
	screentest.Press(t, app, tab, "b")
	wait("one batch", func() bool { return app.Live.State == train.Paused && app.Live.Last != nil && app.Live.Last.Step == 1 })
	screentest.Press(t, app, tab, "n")
	wait("one epoch", func() bool { return app.Live.State == train.Paused && len(app.Live.Epochs) == 1 })
	screentest.Press(t, app, tab, "-", "b")
	wait("a lower rate", func() bool { return app.Live.State == train.Paused && app.Live.Last.Step == 5 })
	if got := app.Live.Last.LearningRate; got != float64(float32(0.005)) {
		t.Errorf("the learning rate is %v", got)
	}
	screentest.Press(t, app, tab, "E", "enter")
	if len(app.Dialogs) > 0 && strings.HasPrefix(app.Dialogs[0].Title(), "Which") {
		screentest.Press(t, app, tab, "enter")
	}
	screentest.Press(t, app, tab, "enter")
	path := filepath.Join(".", app.Live.Run.Name+".safetensors")
	f, err := safetensors.Read(path)
	if err != nil {
		t.Fatal(err)
	}
	if len(f.Tensors) != 2 || f.Tensors[1].Name != "dense.kernel" {
		t.Errorf("the file holds %v", f.Tensors)
	}
	abs, _ := filepath.Abs(path)
	if n := len(app.Toasts); n == 0 || !strings.Contains(app.Toasts[n-1].Text, abs) {
		t.Errorf("nothing says where the file is: %v", app.Toasts)
	}
	screentest.Do(t, tab.export.To(tab.subject().source(), "history.csv"), app, tab)
	if text, err := os.ReadFile("history.csv"); err != nil || !strings.HasPrefix(string(text), "epoch,") {
		t.Errorf("history.csv is %q: %v", text, err)
	}
	screentest.Press(t, app, tab, "x", "y")
	wait("stop", func() bool { return app.Live.State == train.Stopped })
}

// TestRestartWithSmallerRateAfterDivergence: the draft gets a tenth of its learning rate, and a new run begins when the
// old one has ended.
func TestRestartWithSmallerRateAfterDivergence(t *testing.T) {
	b := quickBench(t)
	b.begin()
	b.train(70)
	b.diverge()
	b.drain()
	b.press("r", "t")
	if !reflect.DeepEqual(b.sent, []train.Command{train.Stop{}}) {
		t.Errorf("sent %v", b.sent)
	}
	if got := b.app.Draft.Experiment().Compile.Optimizer.Settings().LearningRate.Value; math.Abs(got-0.001) > 1e-12 {
		t.Errorf("the draft's learning rate is %v", got)
	}
	if !b.app.Starting() {
		t.Error("no new run is to begin")
	}
}

// TestRestartWhileItRuns: the draft starts as a new run once the old one has ended and is stored.
func TestRestartWhileItRuns(t *testing.T) {
	r := newReal(t)
	r.do(r.app.Start(train.RunEpochs{N: 1}))
	r.paused(1)
	name := r.app.Live.Run.Name
	r.press("r", "y")
	r.wait("another run", func() bool { return r.app.Live.Run.Name != name && !r.app.Starting() })
	if s, err := r.app.Store.Open(name); err != nil || len(s.History) != 1 || s.Holder != "" {
		t.Errorf("the first run: %+v, %v", s, err)
	}
	r.wait("an epoch of it", func() bool { return len(r.app.Live.Epochs) > 0 })
}

// TestStopGivesUpWhatWasToCome: a training that is left while it is about to begin anew does not.
func TestStopGivesUpWhatWasToCome(t *testing.T) {
	r := newReal(t)
	r.do(r.app.Start(train.RunEpochs{N: 1}))
	r.paused(1)
	r.press("[")
	if !r.app.Starting() {
		t.Fatal("it does not go back")
	}
	name := r.app.Live.Run.Name
	r.do(r.app.Stop())
	r.wait("the end", func() bool { return !r.app.Running() })
	if r.app.Starting() || r.app.Live.Run.Name != name || r.app.Live.State != train.Stopped {
		t.Errorf("it is %v, and something starts: %t", r.app.Live.State, r.app.Starting())
	}
}

// TestBetweenStartAndItsNews: the shared state knows of a training before the tab was told.
func TestBetweenStartAndItsNews(t *testing.T) {
	b := quickBench(t)
	b.app.Data.Starting = true
	if view := b.view(80, 19); !strings.Contains(view, textStarting) {
		t.Errorf("nothing says that it starts:\n%s", view)
	}
	b.app.Data.Starting = false
	b.begin()
	b.tab.live = nil
	for _, size := range [][2]int{{80, 19}, {160, 45}, {20, 2}} {
		screentest.Fits(t, b.tab.View(size[0], size[1]), size[0], size[1])
	}
	for _, c := range b.tab.Contexts() {
		for _, a := range c.Actions {
			a.Why()
		}
	}
}
