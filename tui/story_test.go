package tui

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"
	"github.com/charmbracelet/x/exp/teatest/v2"

	"cnnbench/sessions"
	"cnnbench/sessions/safetensors"
	"cnnbench/tui/chart"
	"cnnbench/tui/screen"
	"cnnbench/tui/screentest"
	"cnnbench/tui/theme"
)

// story is a workbench in a real program, with a person who presses keys and reads the screen.
type story struct {
	t testing.TB
	m *Model
	p *teatest.TestModel
}

// look asks the program for what stands on its screen.
type look struct{ reply chan string }

// shown answers looks in the program's own goroutine.
type shown struct{ *guard }

func (s shown) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	if l, ok := msg.(look); ok {
		l.reply <- screentest.Plain(s.View().Content)
		return s, nil
	}
	_, cmd := s.guard.Update(msg)
	return s, cmd
}

// begin opens the workbench as Run does, in a window of 100x30.
func begin(t testing.TB, home string) *story {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	store := &sessions.Store{Home: home}
	app := screen.NewApp(ctx, store, 0, theme.New(true, colorprofile.TrueColor, chart.Braille))
	first, err := load(app, Options{Store: store})
	if err != nil {
		t.Fatal(err)
	}
	m := newModel(app, true)
	m.begin, m.keep = first, keepState(home)
	g := &guard{model: m, home: home}
	s := &story{t: t, m: m, p: teatest.NewTestModel(t, shown{g}, teatest.WithInitialTermSize(100, 30))}
	t.Cleanup(func() {
		_ = s.p.Quit()
		s.p.WaitFinished(t, teatest.WithFinalTimeout(20*time.Second))
		cancel()
		if app.Running() {
			<-app.Live.Run.Done()
		}
		if err := stateOf(app).write(home); err != nil {
			t.Error(err)
		}
		if g.crash != nil {
			t.Errorf("it crashed: %v\n%s", g.crash.what, g.crash.stack)
		}
	})
	return s
}

func (s *story) screen() string {
	l := look{make(chan string, 1)}
	s.p.Send(l)
	select {
	case text := <-l.reply:
		return text
	case <-time.After(20 * time.Second):
		s.t.Fatal("the screen is frozen")
		return ""
	}
}

// sees waits until all of the words stand on the screen.
func (s *story) sees(words ...string) {
	s.t.Helper()
	s.waits(words, func(screen string) bool {
		return !slices.ContainsFunc(words, func(w string) bool { return !strings.Contains(screen, w) })
	})
}

// seesOne waits until one of the words stands on the screen, and tells which.
func (s *story) seesOne(words ...string) string {
	s.t.Helper()
	found := -1
	s.waits(words, func(screen string) bool {
		found = slices.IndexFunc(words, func(w string) bool { return strings.Contains(screen, w) })
		return found >= 0
	})
	return words[found]
}

func (s *story) waits(words []string, there func(screen string) bool) {
	s.t.Helper()
	for deadline := time.Now().Add(30 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		screen := s.screen()
		if there(screen) {
			return
		}
		if time.Now().After(deadline) {
			s.t.Fatalf("%q does not come; the screen is\n%s", words, screen)
		}
	}
}

func (s *story) press(keys ...string) {
	for _, k := range keys {
		s.p.Send(screentest.Key(k))
	}
}

func (s *story) types(text string) {
	for _, r := range text {
		if r == ' ' {
			s.press("space")
		} else {
			s.press(string(r))
		}
	}
}

// From an empty list to an exported file: a network is put together layer by layer, started, paused, stepped by batch
// and by epoch, stopped, and its weights are written for another program.
func TestStoryFromAnEmptyListToAFile(t *testing.T) {
	home := t.TempDir()
	s := begin(t, home)
	s.sees("lecture-cnn", "everything fits")
	for range 7 {
		s.press("d")
	}
	s.sees("No layers yet")
	add := func(kind string, settings ...string) {
		s.press("end", "a")
		s.sees("Add a layer")
		s.types(kind)
		s.press("enter")
		if settings == nil {
			return
		}
		s.sees("accept")
		for i, text := range settings {
			if i > 0 {
				s.press("tab")
			}
			s.types(text)
		}
		s.press("enter")
	}
	add("conv2d", "6", "3")
	s.sees("conv2d 6 3×3 relu", "22×22×6", "168")
	s.sees("✗") // no head yet, and it is said
	add("max_pooling2d", "2")
	add("flatten")
	s.sees("726")
	add("dense", "3")
	s.sees("dense 3 softmax", "everything fits", "2,349")
	s.press("u")
	s.sees("✗")
	s.press("U")
	s.sees("everything fits")

	s.press("r") // the fit settings: six epochs
	s.sees("batch_size")
	s.press("tab")
	s.types("6")
	s.press("enter", "space")
	s.sees("[3 Train]", "RUNNING", "lecture-cnn-1")
	s.press("space")
	s.sees("PAUSED")
	s.press("b")
	s.press("n")
	s.sees("PAUSED", "val_loss")
	s.press("x") // asks
	s.sees("stop")
	s.press("y")
	s.sees("STOPPED")

	path := filepath.Join(home, "mine.safetensors")
	s.press("E")
	s.sees("Export lecture-cnn-1")
	s.types("safetensors")
	s.press("enter")
	// The pause comes when it comes: where an epoch had ended before it, the last weights are not the best ones, and it is
	// asked which are meant.
	if s.seesOne("Export safetensors to", "Which weights") == "Which weights" {
		s.press("enter")
		s.sees("Export safetensors to")
	}
	s.types("/" + path)
	s.press("enter")
	for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		if _, err := os.Stat(path); err == nil {
			break
		} else if time.Now().After(deadline) {
			t.Fatalf("nothing was exported; the screen is\n%s", s.screen())
		}
	}
	f, err := safetensors.Read(path)
	if err != nil {
		t.Fatal(err)
	}
	names := map[string]bool{}
	for _, tensor := range f.Tensors {
		names[tensor.Name] = true
	}
	for _, want := range []string{"conv2d.kernel", "conv2d.bias", "dense.kernel", "dense.bias"} {
		if !names[want] {
			t.Errorf("%s is not in the file: %v", want, names)
		}
	}
}

// What was left is there again: the draft with its edits, and the tab.
func TestStoryOfTwoLaunches(t *testing.T) {
	home := t.TempDir()
	t.Run("first", func(t *testing.T) {
		s := begin(t, home)
		s.sees("everything fits")
		s.press("P")
		s.sees("Presets")
		s.types("lenet5")
		s.press("enter")
		s.sees("lenet5", "61,706")
		s.press("d")
		s.sees("lenet5*", "edited*")
	})
	t.Run("second", func(t *testing.T) {
		s := begin(t, home)
		s.sees("lenet5*", "edited*")
	})
}

// A loss that is no number is said, and the program lives on.
func TestStoryOfADivergence(t *testing.T) {
	s := begin(t, t.TempDir())
	s.sees("everything fits")
	s.press("c")
	s.sees("learning_rate")
	s.press("tab", "tab", "tab")
	s.types("1e30")
	s.press("enter")
	s.sees("1e+30")
	s.press("space")
	s.sees("DIVERGED")
	s.press("1")
	s.sees("[1 Build]", "for the next training")
	s.press("3", "x")
	s.sees("stop")
	s.press("y")
	s.sees("lecture-cnn-1 is stopped and stored")
}
