// Package screentest is what the tests of screens share: an App without a terminal, the carrying out of commands, keys
// by their names, and checks of what is drawn.
package screentest

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"
	"github.com/charmbracelet/x/ansi"

	"cnnbench/sessions"
	"cnnbench/tui/chart"
	"cnnbench/tui/keys"
	"cnnbench/tui/layout"
	"cnnbench/tui/screen"
	"cnnbench/tui/theme"
)

// The looks that goldens are kept of: full colour on a dark background, and none.
const (
	Color   = colorprofile.TrueColor
	NoColor = colorprofile.ASCII
)

// Look is how a terminal draws.
type Look struct {
	Profile colorprofile.Profile
	Symbols chart.Symbols
}

// App makes the shared state around a preset, whose data is loaded, with a store in a folder of the test's own.
func App(t testing.TB, preset string, profile colorprofile.Profile, symbols chart.Symbols) *screen.App {
	t.Helper()
	return AppOf(t, preset, Look{profile, symbols})
}

// AppOf is App around a preset or the text of an experiment file.
func AppOf(t testing.TB, experiment string, l Look) *screen.App {
	t.Helper()
	dir := ""
	e, err := sessions.Preset(experiment)
	if err != nil {
		dir = t.TempDir()
		e, err = sessions.ParseExperiment("test.yaml", []byte(experiment))
	}
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	app := screen.NewApp(ctx, &sessions.Store{Home: t.TempDir()}, 1, theme.New(true, l.Profile, l.Symbols))
	app.Tick = tick
	app.Draft.Set(e, "", dir, true)
	t.Cleanup(func() {
		cancel()
		if app.Running() { // what is stored must be whole before the folder goes
			<-app.Live.Run.Done()
		}
	})
	Do(t, app.Begin(), app)
	return app
}

// patience is how long a command may take before the test fails.
const patience = time.Minute

// Do carries a command out, and what follows from it, in order: each message goes to the App and then to the screens.
// What would wait for a second or more is left out.
func Do(t testing.TB, cmd tea.Cmd, app *screen.App, screens ...screen.Screen) {
	t.Helper()
	var update func(msg tea.Msg) tea.Cmd
	update = func(msg tea.Msg) tea.Cmd {
		if two, ok := msg.(screen.Two); ok {
			return tea.Batch(update(two.First), update(two.Then))
		}
		if cmd, mine := app.Update(msg); mine {
			return cmd
		}
		var cmds []tea.Cmd
		for _, d := range app.Dialogs {
			cmds = append(cmds, d.Update(msg))
		}
		for _, s := range screens {
			cmds = append(cmds, s.Update(msg))
		}
		return tea.Batch(cmds...)
	}
	Drive(t, cmd, update)
	dropClosed(app)
}

// dropClosed takes the dialogs that are done with off the screen, as package tui does.
func dropClosed(app *screen.App) {
	app.Dialogs = slices.DeleteFunc(app.Dialogs, screen.Dialog.Closed)
}

// Drive carries a command out, and what follows from it, in order; update takes the messages.
func Drive(t testing.TB, cmd tea.Cmd, update func(tea.Msg) tea.Cmd) {
	t.Helper()
	todo := []tea.Cmd{cmd}
	for len(todo) > 0 {
		next := todo[0]
		todo = todo[1:]
		if next == nil {
			continue
		}
		got := make(chan tea.Msg, 1)
		go func() { got <- next() }()
		var msg tea.Msg
		select {
		case msg = <-got:
		case <-time.After(patience):
			t.Fatal("a command takes too long")
		}
		if batch, ok := msg.(tea.BatchMsg); ok {
			todo = append(append([]tea.Cmd(nil), batch...), todo...)
			continue
		}
		if msg != nil {
			todo = append(todo, update(msg))
		}
	}
}

// tick is ten times as fast as the clock, and leaves out what would come after a second or more.
func tick(d time.Duration, f func(time.Time) tea.Msg) tea.Cmd {
	if d >= time.Second {
		return nil
	}
	return tea.Tick(d/10, f)
}

// Key is the press of a key by its name: "a", "J", "enter", "shift+tab", "ctrl+s".
func Key(name string) tea.KeyPressMsg {
	var k tea.KeyPressMsg
	parts := strings.Split(name, "+")
	if name == "+" || strings.HasSuffix(name, "++") {
		parts = append(parts[:len(parts)-2], "+")
	}
	for _, mod := range parts[:len(parts)-1] {
		switch mod {
		case "ctrl":
			k.Mod |= tea.ModCtrl
		case "shift":
			k.Mod |= tea.ModShift
		case "alt":
			k.Mod |= tea.ModAlt
		}
	}
	last := parts[len(parts)-1]
	if code, ok := codes[last]; ok {
		k.Code = code
		if last == "space" {
			k.Text = " "
		}
		return k
	}
	k.Code = []rune(last)[0]
	if k.Mod == 0 {
		k.Text = last
	}
	return k
}

var codes = map[string]rune{"enter": tea.KeyEnter, "esc": tea.KeyEscape, "tab": tea.KeyTab, "space": tea.KeySpace, "backspace": tea.KeyBackspace, "delete": tea.KeyDelete,
	"up": tea.KeyUp, "down": tea.KeyDown, "left": tea.KeyLeft, "right": tea.KeyRight, "home": tea.KeyHome, "end": tea.KeyEnd, "pgup": tea.KeyPgUp, "pgdown": tea.KeyPgDown}

// Press presses keys as package tui dispatches them: to the dialog that is open, or by the screen's tables.
func Press(t testing.TB, app *screen.App, s screen.Screen, names ...string) {
	t.Helper()
	for _, name := range names {
		k := Key(name)
		typing, ok := s.(screen.Typing)
		switch a := keys.Find(s.Contexts(), k.String()); {
		case len(app.Dialogs) > 0:
			Do(t, app.Dialogs[len(app.Dialogs)-1].Update(k), app, s)
		case ok && typing.Typing():
			Do(t, s.Update(k), app, s)
		case a == nil:
			t.Fatalf("the screen has no key %q now", name)
		case a.Why() != "":
			t.Fatalf("key %q: %s", name, a.Why())
		case a.Run != nil:
			Do(t, a.Run(), app, s)
		}
		dropClosed(app)
	}
}

// Type presses a key for every letter.
func Type(t testing.TB, app *screen.App, s screen.Screen, text string) {
	t.Helper()
	for _, r := range text {
		if r == ' ' {
			Press(t, app, s, "space")
		} else {
			Press(t, app, s, string(r))
		}
	}
}

// Fits fails the test unless the text is h lines of w cells.
func Fits(t testing.TB, text string, w, h int) {
	t.Helper()
	lines := strings.Split(text, "\n")
	if len(lines) != h {
		t.Fatalf("%dx%d: got %d lines", w, h, len(lines))
	}
	for i, l := range lines {
		if got := layout.Width(l); got != w {
			t.Fatalf("%dx%d: line %d has %d cells: %q", w, h, i, got, ansi.Strip(l))
		}
	}
}

// IsASCII fails the test if the text, as package tui would show it with --symbols ascii, has any other byte.
func IsASCII(t testing.TB, text string) {
	t.Helper()
	for _, b := range []byte(theme.ASCII(text)) {
		if b >= 0x80 {
			t.Fatalf("byte %#x in %q", b, ansi.Strip(text))
		}
	}
}

// Exact fails the test unless what samples are drawn into is h lines of w cells and, with --symbols ascii, has none of the
// signs that only the other sets have.
func Exact(t testing.TB, text string, w, h int, symbols chart.Symbols) {
	t.Helper()
	Fits(t, text, w, h)
	IsASCII(t, text)
	if symbols != chart.ASCII {
		return
	}
	for _, r := range ansi.Strip(text) { // what is drawn of samples is ASCII by itself
		if r >= 0x2580 && r <= 0x259f && !strings.ContainsRune("▌▐░▒▓█", r) || r >= 0x2800 && r < 0x2900 {
			t.Fatalf("%dx%d: %q is drawn with --symbols ascii", w, h, r)
		}
	}
}

// Plain is what stands in the text without its styles, blanks at the ends of lines cut.
func Plain(text string) string {
	lines := strings.Split(ansi.Strip(text), "\n")
	for i, l := range lines {
		lines[i] = strings.TrimRight(l, " ")
	}
	return strings.Join(lines, "\n")
}
