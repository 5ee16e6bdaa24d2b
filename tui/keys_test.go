package tui

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"
	"github.com/charmbracelet/x/ansi"

	"cnnbench/nn/train"
	"cnnbench/sessions"
	"cnnbench/tui/chart"
	"cnnbench/tui/form"
	"cnnbench/tui/keys"
	"cnnbench/tui/screen"
	"cnnbench/tui/screentest"
)

// A key means one thing in one place. Only space may mean something else on a tab than everywhere.
func TestKeysDoNotContradict(t *testing.T) {
	m := launch(t, "lecture-cnn", screentest.Color, chart.Braille, 80, 24)
	if err := keys.Check([]keys.Context{m.global}); err != nil {
		t.Error(err)
	}
	for _, s := range m.screens {
		if err := keys.Check(s.Contexts()); err != nil {
			t.Errorf("%s: %v", s.Title(), err)
		}
		for _, c := range s.Contexts() {
			for _, a := range c.Actions {
				if other := keys.Named([]keys.Context{m.global}, a.Name); other != nil {
					t.Errorf("%s: %q is the name of a command of everywhere", c.Name, a.Name)
				}
				for _, k := range a.Keys {
					if other := keys.Find([]keys.Context{m.global}, k); other != nil && k != "space" {
						t.Errorf("%s: key %q of %s is %s everywhere else", c.Name, k, a.Name, other.Name)
					}
				}
			}
		}
	}
	for _, d := range []screen.Dialog{form.NewConfirm(m.app.Theme, "", "", 0), form.NewList(m.app.Theme, "", nil, 0, nil), form.NewPager(m.app.Theme, "", nil),
		form.NewFiles(m.app.Theme, form.Paths{}), form.NewPrompt(m.app.Theme, "", "", "", nil, nil), form.New(m.app.Theme, form.Settings{Value: &struct{}{}})} {
		if err := keys.Check([]keys.Context{d.Context()}); err != nil {
			t.Error(err)
		}
	}
}

// Every action has its line in the help and, where it has a handler, in the palette.
func TestHelpAndPaletteShowTheTable(t *testing.T) {
	m := launch(t, "lecture-cnn", screentest.Color, chart.Braille, 100, 200)
	press(t, m, "?")
	help := strings.Join(strings.Fields(ansi.Strip(m.draw())), " ")
	press(t, m, "esc", "ctrl+p")
	palette := ansi.Strip(m.draw())
	for _, c := range m.contexts() {
		for _, a := range c.Actions {
			if !c.On() {
				continue
			}
			if words := strings.Fields(strings.NewReplacer("┃", "").Replace(a.Help)); !strings.Contains(strings.ReplaceAll(help, "┃ ", ""), strings.Join(words[:min(3, len(words))], " ")) {
				t.Errorf("%s is not in the help", a.Name)
			}
			if !a.Documented() && !strings.Contains(palette, a.Word()) {
				t.Errorf("%s is not in the palette", a.Name)
			}
		}
	}
}

func TestPaletteDoes(t *testing.T) {
	m := launch(t, "lecture-cnn", screentest.Color, chart.Braille, 80, 24)
	n := len(m.app.Draft.Experiment().Model.Layers)
	press(t, m, "ctrl+p")
	typed(t, m, "delete")
	press(t, m, "enter")
	if got := len(m.app.Draft.Experiment().Model.Layers); got != n-1 || m.dialog() != nil {
		t.Errorf("%d layers are left of %d", got, n)
	}
}

func TestCommandLine(t *testing.T) {
	m := launch(t, "lecture-cnn", screentest.Color, chart.Braille, 80, 24)
	path := filepath.Join(t.TempDir(), "mine.yaml")
	command := func(text string) { press(t, m, ":"); typed(t, m, text); press(t, m, "enter") }
	command("save " + path)
	e, err := sessions.ReadExperiment(path)
	if err != nil || e.Name != "lecture-cnn" {
		t.Fatalf("saved: %v", err)
	}
	if m.app.Draft.Path != path || m.app.Draft.Edited() {
		t.Errorf("path %q, edited %v", m.app.Draft.Path, m.app.Draft.Edited())
	}
	command("delete-l")
	command("save")
	if e, err := sessions.ReadExperiment(path); err != nil || len(e.Model.Layers) != 6 {
		t.Errorf("saved again: %v", err)
	}
	command("open lenet5")
	if got := m.app.Draft.Experiment().Name; got != "lenet5" {
		t.Errorf("opened %q", got)
	}
	press(t, m, "u")
	if got := m.app.Draft.Experiment().Name; got != "lecture-cnn" {
		t.Errorf("undo comes back to %q", got)
	}
	for _, bad := range []struct{ text, want string }{{"nonsense", `no command "nonsense"`}, {"stop", "stop is a command of the tab Train; 3 opens that"}, {"undo now", "takes nothing"}, {"move", "may be"}, {"open /no/such/file.yaml", "/no/such/file.yaml"}} {
		m.app.Toasts = nil
		command(bad.text)
		if n := len(m.app.Toasts); n == 0 || !m.app.Toasts[n-1].Bad || !strings.Contains(m.app.Toasts[n-1].Text, bad.want) {
			t.Errorf("%s: %v", bad.text, m.app.Toasts)
		}
	}
	// What cannot be done now says why, also with what comes after it.
	m.app.Toasts = nil
	press(t, m, "3")
	command("rate 0.5")
	if n := len(m.app.Toasts); n == 0 || !strings.Contains(m.app.Toasts[n-1].Text, "nothing is training") {
		t.Errorf("rate: %v", m.app.Toasts)
	}
}

// A file of the person is named in the error as they wrote it, with line and column.
func TestOpenSaysWhatIsWrong(t *testing.T) {
	m := launch(t, "lecture-cnn", screentest.Color, chart.Braille, 80, 24)
	path := filepath.Join(t.TempDir(), "bad.yaml")
	if err := os.WriteFile(path, []byte("name: x\ndata: {source: fashion-mini}\nmodel:\n  layers:\n    - dense: {unitz: 3}\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	screentest.Drive(t, m.open(path), m.step)
	if n := len(m.app.Toasts); n == 0 || !strings.Contains(m.app.Toasts[n-1].Text, path+":5:") {
		t.Errorf("got %v", m.app.Toasts)
	}
	if m.app.Draft.Experiment().Name != "lecture-cnn" {
		t.Error("the draft is gone")
	}
}

func TestMouse(t *testing.T) {
	m := launch(t, "lecture-cnn", screentest.Color, chart.Braille, 80, 24)
	m.draw()
	click := func(x, y int) {
		send1(t, m, tea.MouseClickMsg{X: x, Y: y, Button: tea.MouseLeft})
		m.draw()
	}
	body := m.hits.frame.body
	settings := m.panes().Rect(2)
	click(body.X+settings.X+3, body.Y+settings.Y+3)
	if !m.panes().Is(2) {
		t.Error("a click into a pane does not give it the focus")
	}
	for i, r := range m.hits.tabs {
		click(r.X+1, r.Y)
		if m.app.Tab != i {
			t.Errorf("a click on tab %d shows %d", i, m.app.Tab)
		}
	}
	m.app.Tab = 0
	m.panes().Set(0)
	m.draw()
	for _, h := range m.hits.hints {
		if h.Action.Name == "add-layer" {
			click(h.X, m.hits.frame.hints.Y)
		}
	}
	if m.dialog() == nil || m.dialog().Title() != "Add a layer" {
		t.Fatal("a click on the hint does not do it")
	}
	for _, h := range m.hits.hints {
		if h.Action.Name == "list-cancel" {
			click(h.X, m.hits.frame.hints.Y)
			break
		}
	}
	if m.dialog() != nil {
		t.Error("a click on a dialog's hint does not do it")
	}
	press(t, m, "enter")
	m.draw()
	click(0, 0) // beside the dialog: nothing below it hears of it
	if m.dialog() == nil || m.app.Tab != 0 {
		t.Error("the dialog lets a click through")
	}
	press(t, m, "esc")
	command := func() { screentest.Drive(t, m.toggleMouse(), m.step) }
	command()
	if m.View().MouseMode != tea.MouseModeNone {
		t.Error("the mouse is still taken")
	}
}

func TestWheelIsCalmed(t *testing.T) {
	filter := calmMouse()
	wheel := tea.MouseWheelMsg{Button: tea.MouseWheelDown}
	through := 0
	for range 1000 {
		if filter(nil, wheel) != nil {
			through++
		}
		if filter(nil, tea.KeyPressMsg{Code: 'a'}) == nil {
			t.Fatal("a key was swallowed")
		}
	}
	if through == 0 || through > 100 {
		t.Errorf("%d of 1000 turns came through", through)
	}
}

// quits reports whether the command ends the program.
func quits(cmd tea.Cmd) bool {
	if cmd == nil {
		return false
	}
	switch msg := cmd().(type) {
	case tea.QuitMsg:
		return true
	case tea.BatchMsg:
		return slices.ContainsFunc(msg, quits)
	}
	return false
}

func TestLeaving(t *testing.T) {
	m := launch(t, "lecture-linear", screentest.Color, chart.Braille, 80, 24)
	if !quits(m.step(screentest.Key("q"))) {
		t.Error("q does not leave while nothing runs")
	}
	m.step(screentest.Key("ctrl+c"))
	if m.dialog() == nil {
		t.Fatal("ctrl+c does not ask")
	}
	if !quits(m.step(screentest.Key("ctrl+c"))) {
		t.Error("the second ctrl+c does not leave")
	}
	press(t, m, "esc")

	m.app.Draft.Edit("long", func(e *sessions.Experiment) { e.Fit.Epochs = 1 << 20 })
	screentest.Drive(t, m.app.Begin(), m.step)
	started := m.app.Toggle()
	screentest.Drive(t, started, func(msg tea.Msg) tea.Cmd {
		m.step(msg) // the commands that follow wait for the end
		return nil
	})
	if !m.app.Running() {
		t.Fatalf("not started: %v", m.app.Toasts)
	}
	if m.step(screentest.Key("q")); m.dialog() == nil {
		t.Fatal("q leaves a training alone without a question")
	}
	if !strings.Contains(plain(m), "is still training") {
		t.Errorf("got\n%s", plain(m))
	}
	m.step(screentest.Key("esc"))
	m.app.Live.State = train.Paused // as it is said
	if m.step(screentest.Key("q")); !strings.Contains(plain(m), "is paused") {
		t.Errorf("paused: got\n%s", plain(m))
	}
	m.step(screentest.Key("y"))
	if !m.app.Leaving {
		t.Fatal("y does not leave")
	}
	if cmd := m.app.After(m.app.Toggle); cmd != nil || m.app.Starting() {
		t.Error("another training is to start")
	}
	<-m.app.Live.Run.Done()
	if !quits(m.broadcast(screen.Ended{})) {
		t.Error("the program goes on after the training has ended")
	}
}

// The window title and the terminal's own progress bar follow the training; a fresh window has none.
func TestOutside(t *testing.T) {
	m := launch(t, "lecture-cnn", screentest.Color, chart.Braille, 80, 24)
	if v := m.View(); v.WindowTitle != "cnnbench lecture-cnn" || v.ProgressBar != nil || !v.AltScreen || !v.ReportFocus {
		t.Errorf("title %q, bar %v", v.WindowTitle, v.ProgressBar)
	}
}

func TestThemeFollowsTheTerminal(t *testing.T) {
	m := launch(t, "lecture-cnn", screentest.Color, chart.Braille, 80, 24)
	dark := m.draw()
	look := m.app.Look
	send1(t, m, tea.BackgroundColorMsg{Color: ansi.BrightWhite})
	light := m.draw()
	if m.app.Theme.Dark || m.app.Look == look || dark == light {
		t.Error("a light background changes nothing")
	}
	if ansi.Strip(dark) != ansi.Strip(light) {
		t.Error("the words depend on the background")
	}
	send1(t, m, tea.ColorProfileMsg{Profile: colorprofile.ASCII})
	if m.app.Theme.Color {
		t.Error("colours in a terminal that has none")
	}
}

func TestAnotherAlphabet(t *testing.T) {
	m := launch(t, "lecture-cnn", screentest.Color, chart.Braille, 80, 24)
	send1(t, m, tea.KeyPressMsg{Code: 'ф', Text: "ф", BaseCode: 'a'})
	if m.dialog() == nil {
		t.Error("the key that is a on a Latin keyboard does nothing")
	}
}
