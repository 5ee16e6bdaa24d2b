package tui

import (
	"errors"
	"math/rand/v2"
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"
	"github.com/charmbracelet/x/ansi"
	"github.com/charmbracelet/x/exp/golden"

	"cnnbench/tui/chart"
	"cnnbench/tui/screen"
	"cnnbench/tui/screentest"
)

// launch makes a workbench with a preset, w x h cells large.
func launch(t testing.TB, preset string, profile colorprofile.Profile, symbols chart.Symbols, w, h int) *Model {
	t.Helper()
	m := newModel(screentest.App(t, preset, profile, symbols), true)
	m.profile = profile
	send1(t, m, tea.WindowSizeMsg{Width: w, Height: h})
	send1(t, m, screen.Ready{})
	return m
}

// step is Update without the model that it returns.
func (m *Model) step(msg tea.Msg) tea.Cmd {
	_, cmd := m.Update(msg)
	return cmd
}

// send1 hands the model a message and carries out what follows.
func send1(t testing.TB, m *Model, msg tea.Msg) {
	t.Helper()
	screentest.Drive(t, m.step(msg), m.step)
}

// press presses keys.
func press(t testing.TB, m *Model, names ...string) {
	t.Helper()
	for _, name := range names {
		send1(t, m, screentest.Key(name))
	}
}

// typed presses a key for every letter.
func typed(t testing.TB, m *Model, text string) {
	t.Helper()
	for _, r := range text {
		if r == ' ' {
			press(t, m, "space")
		} else {
			press(t, m, string(r))
		}
	}
}

// plain is the window without styles.
func plain(m *Model) string { return screentest.Plain(m.draw()) }

func TestGolden(t *testing.T) {
	for _, c := range []struct {
		name    string
		profile colorprofile.Profile
		w, h    int
	}{{"80x24", screentest.Color, 80, 24}, {"160x50", screentest.Color, 160, 50}, {"80x24-no-color", screentest.NoColor, 80, 24}} {
		t.Run("build-"+c.name, func(t *testing.T) {
			m := launch(t, "lecture-cnn", c.profile, chart.Braille, c.w, c.h)
			press(t, m, "down", "down")
			golden.RequireEqual(t, m.draw())
		})
		t.Run("impossible-"+c.name, func(t *testing.T) {
			m := launch(t, "lenet5", c.profile, chart.Braille, c.w, c.h)
			press(t, m, "end", "K", "K", "K", "K")
			golden.RequireEqual(t, m.draw())
		})
		t.Run("form-"+c.name, func(t *testing.T) {
			m := launch(t, "lenet5", c.profile, chart.Braille, c.w, c.h)
			press(t, m, "enter", "0")
			golden.RequireEqual(t, m.draw())
		})
	}
}

// Without colour there is no colour, in any corner of the window.
func TestNoColour(t *testing.T) {
	m := launch(t, "lecture-cnn", screentest.NoColor, chart.Braille, 100, 30)
	looks := []string{m.draw()}
	for _, key := range []string{"a", "esc", "enter", "esc", "?", "esc", "ctrl+p", "esc", ":"} {
		press(t, m, key)
		looks = append(looks, m.draw())
	}
	for _, look := range looks {
		for _, seq := range strings.Split(look, "\x1b[")[1:] {
			args, _, _ := strings.Cut(seq, "m")
			for _, a := range strings.Split(args, ";") {
				if len(a) == 2 && (a[0] == '3' || a[0] == '4') {
					t.Fatalf("the sequence %q sets a colour", args)
				}
			}
		}
	}
}

// At 40x12 there is one pane, and all of them can be gone to; nothing is lost or drawn beyond the edge.
func TestSmallWindow(t *testing.T) {
	m := launch(t, "lecture-cnn", screentest.Color, chart.Braille, 40, 12)
	seen := ""
	for range len(m.panes().Names) {
		screentest.Fits(t, m.draw(), 40, 12)
		seen += plain(m)
		press(t, m, "tab")
	}
	for _, want := range []string{"conv2d", "22×22×32", "kernel", "optimizer", "IDLE", "[1 Build]"} {
		if !strings.Contains(seen, want) {
			t.Errorf("%q is nowhere in\n%s", want, seen)
		}
	}
	m.panes().Set(0)
	press(t, m, "end")
	if !strings.Contains(plain(m), "softmax") {
		t.Errorf("the last layer cannot be gone to:\n%s", plain(m))
	}
	send1(t, m, tea.WindowSizeMsg{Width: 39, Height: 12})
	if got := strings.TrimSpace(plain(m)); !strings.HasPrefix(got, "○ IDLE") {
		t.Errorf("below 40x12: %q", got)
	}
}

func TestASCIIWindow(t *testing.T) {
	m := launch(t, "lecture-cnn", screentest.Color, chart.ASCII, 100, 30)
	for _, key := range []string{"down", "a", "esc", "enter", "esc", "?", "esc", "ctrl+p", "esc", ":", "esc"} {
		press(t, m, key)
		v := m.View()
		screentest.Fits(t, v.Content, 100, 30)
		for i, b := range []byte(v.Content + v.WindowTitle) {
			if b >= 0x80 {
				t.Fatalf("after %s: byte %#x at %d", key, b, i)
			}
		}
	}
}

// Any size, and any order of sizes, with whatever is open: nothing panics and the window is filled to the cell.
func TestAnySize(t *testing.T) {
	m := launch(t, "lecture-cnn", screentest.Color, chart.Braille, 80, 24)
	r := rand.New(rand.NewPCG(1, 2))
	check := func(w, h int) {
		t.Helper()
		m.step(tea.WindowSizeMsg{Width: w, Height: h})
		screentest.Fits(t, m.draw(), w, h)
	}
	open := func() {
		m.app.Dialogs = nil
		m.app.Tab = r.IntN(len(m.screens))
		m.app.Toasts = nil
		if p := m.panes(); p != nil {
			p.Set(r.IntN(len(p.Names)))
		}
		if r.IntN(2) == 0 {
			m.app.Fail(errors.New(strings.Repeat("a long sentence ", r.IntN(20))))
		}
		keys := []string{"a", "enter", "P", "?", "ctrl+p", ":", "f", "ctrl+o", "q", "ctrl+c", "", ""}
		if key := keys[r.IntN(len(keys))]; key != "" {
			m.step(screentest.Key(key))
		}
	}
	for w := 1; w < 48; w += 3 {
		for h := 1; h < 16; h++ {
			open()
			check(w, h)
		}
	}
	for range 150 {
		open()
		check(1+r.IntN(200), 1+r.IntN(60))
	}
}

// A sentence of any length leaves the screen to what it is about, and keeps its end, where the reason stands.
func TestLongToast(t *testing.T) {
	m := launch(t, "lecture-cnn", screentest.Color, chart.Braille, 80, 24)
	m.app.Fail(errors.New("cannot save " + strings.Repeat("far/", 500) + " for this reason"))
	text := ansi.Strip(m.View().Content)
	if n := strings.Count(text, "┃ far/"); n == 0 || n > toastLines || !strings.Contains(text, "for this reason") || !strings.Contains(text, "conv2d 32") {
		t.Errorf("got\n%s", text)
	}
}
