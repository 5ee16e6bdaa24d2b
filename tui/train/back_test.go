package train

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"cnnbench/nn/train"
	"cnnbench/tui/chart"
	"cnnbench/tui/screen"
	"cnnbench/tui/screentest"
)

// real is the tab with trainings that are not made up.
type real struct {
	t   *testing.T
	app *screen.App
	tab *Screen
}

func newReal(t *testing.T) *real {
	app := screentest.App(t, "lecture-linear", screentest.NoColor, chart.Braille)
	return &real{t, app, newScreen(app)}
}

func (r *real) do(cmd tea.Cmd) { r.t.Helper(); screentest.Do(r.t, cmd, r.app, r.tab) }

func (r *real) press(names ...string) {
	r.t.Helper()
	screentest.Press(r.t, r.app, r.tab, names...)
}

// wait lets the training go on until something is so.
func (r *real) wait(what string, done func() bool) {
	r.t.Helper()
	for end := time.Now().Add(time.Minute); !done(); time.Sleep(time.Millisecond) {
		r.do(r.app.Drain())
		if time.Now().After(end) {
			r.t.Fatalf("it waits in vain: %s", what)
		}
	}
}

func (r *real) paused(epochs int) {
	r.t.Helper()
	r.wait("a pause", func() bool {
		return !r.app.Starting() && r.app.Running() && r.app.Live.State == train.Paused && len(r.app.Live.Epochs) == epochs
	})
}

// Back an epoch and on again gives the same figures; a run that was stopped goes on, with the curves that it had.
func TestBackAnEpochAndOn(t *testing.T) {
	r := newReal(t)
	for key, want := range map[string]string{"[": textNoSubject, "R": textNoSubject} {
		for _, a := range r.tab.trainKeys().Actions {
			if len(a.Keys) > 0 && a.Keys[0] == key && a.Why() != want {
				t.Errorf("%s says %q", key, a.Why())
			}
		}
	}
	r.do(r.app.Start(train.RunEpochs{N: 3}))
	r.paused(3)
	name := r.app.Live.Run.Name
	want := r.app.Live.Epochs[2].Logs[0].Value
	r.press("[")
	r.paused(2)
	if r.app.Live.Run.Name != name || r.tab.live.Figure("loss").Val.Len() != 2 {
		t.Errorf("it is %s with %d points", r.app.Live.Run.Name, r.tab.live.Figure("loss").Val.Len())
	}
	r.press("[")
	r.paused(1)
	r.press("n")
	r.paused(2)
	r.press("n")
	r.paused(3)
	if got := r.app.Live.Epochs[2].Logs[0].Value; got != want {
		t.Errorf("epoch 3 has %v, and had %v", got, want)
	}
	// What is pressed before it stands there holds from there: on a training that runs, and on one that is over.
	r.press("[", "n")
	r.paused(3)
	r.press("x", "y")
	r.wait("the end", func() bool { return !r.app.Running() })
	start := r.tab.backEpoch()
	r.do(r.app.Toggle()) // space, while it starts
	r.do(start)
	r.wait("a fourth epoch", func() bool { return len(r.app.Live.Epochs) > 3 || !r.app.Running() })
	if r.app.Running() {
		r.do(r.app.Toggle())
		r.wait("a pause", func() bool { return r.app.Live.State == train.Paused || !r.app.Running() })
	}
	r.do(r.tab.backTo(target{epoch: 3}))
	r.paused(3)
	// Within an epoch it goes back to its start.
	r.press("b")
	r.wait("a batch", func() bool {
		return r.app.Live.State == train.Paused && r.app.Live.Last != nil && r.app.Live.Last.Epoch == 4
	})
	r.press("[")
	r.paused(3)

	r.press("x", "y")
	r.wait("the end", func() bool { return !r.app.Running() })
	r.do(r.app.Open(name))
	if s := r.app.Session; s == nil || !s.CanGoOn() {
		t.Fatal("the stopped run cannot go on")
	}
	if !r.tab.CanResume() {
		t.Fatal("the key for the training is not about the stopped run")
	}
	r.do(r.tab.Resume()) // space
	r.wait("it runs", func() bool { return r.app.Running() && r.app.Live.Run.Name == name && r.app.Session == nil })
	r.do(r.app.Toggle())
	r.wait("a pause", func() bool { return r.app.Live.State == train.Paused || !r.app.Running() })
	if r.app.Running() {
		r.press("x", "y")
		r.wait("the end", func() bool { return !r.app.Running() })
		if r.app.Live.State == train.Stopped {
			r.press("R")
			r.wait("it runs again", r.app.Running)
		}
	}
	if n := len(r.app.Live.Epochs); n < 3 {
		t.Errorf("it goes on with %d epochs", n)
	}
	for _, toast := range r.app.Toasts {
		if toast.Bad {
			t.Errorf("it says %q", toast.Text)
		}
	}
}

// A place within an epoch that was marked is in the list of those to go back to, and going on from it gives the figures that
// it gave before.
func TestBackToAMark(t *testing.T) {
	r := newReal(t)
	r.do(r.app.Start(train.RunEpochs{N: 1}))
	r.paused(1)
	r.press("b")
	r.wait("a batch", func() bool {
		return r.app.Live.State == train.Paused && r.app.Live.Last != nil && r.app.Live.Last.Epoch == 2
	})
	r.do(r.tab.keep("before it goes on"))
	marked := func() bool { return slices.ContainsFunc(r.app.Live.Marks, func(m train.Mark) bool { return m.Keep }) }
	r.wait("the mark", marked)
	step := r.app.Live.Last.Step
	r.press("n")
	r.paused(2)
	r.press("n")
	r.paused(3)
	want := [2]float64{r.app.Live.Epochs[1].Logs[0].Value, r.app.Live.Epochs[2].Logs[0].Value}
	r.press("{")
	list := r.app.Dialogs[len(r.app.Dialogs)-1].View(80, 20)
	if place := fmt.Sprintf("marked before it goes on, at step %d", step); !strings.Contains(list, place) {
		t.Fatalf("no %q in\n%s", place, list)
	}
	r.press("down", "enter") // behind the end of epoch 2
	r.paused(1)
	if !marked() {
		t.Error("the mark is gone where it leads to")
	}
	r.press("n")
	r.paused(2)
	r.press("n")
	r.paused(3)
	if got := [2]float64{r.app.Live.Epochs[1].Logs[0].Value, r.app.Live.Epochs[2].Logs[0].Value}; got != want {
		t.Errorf("epochs 2 and 3 have %v, and had %v", got, want)
	}
	for _, toast := range r.app.Toasts {
		if toast.Bad {
			t.Errorf("it says %q", toast.Text)
		}
	}
}
