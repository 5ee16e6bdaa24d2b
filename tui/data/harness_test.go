package data

import (
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"cnnbench/sessions"
	"cnnbench/tui/chart"
	"cnnbench/tui/keys"
	"cnnbench/tui/screen"
	"cnnbench/tui/screentest"
)

// The looks of a terminal.
var (
	full  = look{Profile: screentest.Color, Symbols: chart.Braille}
	plain = look{Profile: screentest.NoColor, Symbols: chart.Braille}
	ascii = look{Profile: screentest.NoColor, Symbols: chart.ASCII}
)

type look = screentest.Look

type experiment = sessions.Experiment

// bench is the tab with the App around it.
type bench struct {
	t    testing.TB
	app  *screen.App
	s    *Screen
	w, h int
}

// open shows the tab on an experiment: a preset's name, or the text of a file.
func open(t testing.TB, l look, name string) *bench {
	t.Helper()
	app := screentest.AppOf(t, name, l)
	b := &bench{t, app, New(app).(*Screen), w80, h24}
	b.s.spin.Spinner.FPS = time.Millisecond
	if err := keys.Check(b.s.Contexts()); err != nil {
		t.Fatal(err)
	}
	b.do(b.s.Show())
	return b
}

// do carries a command out, and what comes of it.
func (b *bench) do(cmd tea.Cmd) {
	b.t.Helper()
	screentest.Do(b.t, cmd, b.app, b.s)
}

// press presses keys on the tab as it is drawn, or in the dialog that is open.
func (b *bench) press(names ...string) {
	b.t.Helper()
	for _, k := range names {
		b.s.View(b.w, b.h)
		screentest.Press(b.t, b.app, b.s, k)
	}
}

func (b *bench) typed(text string) { screentest.Type(b.t, b.app, b.s, text) }

// edit changes the draft's experiment.
func (b *bench) edit(f func(e *experiment)) { b.do(b.app.Edit("test", f)) }

// why is why a key does nothing now.
func (b *bench) why(key string) string { return keys.Find(b.s.Contexts(), key).Why() }
