package tui

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"

	"cnnbench/sessions"
	"cnnbench/tui/chart"
	"cnnbench/tui/screen"
	"cnnbench/tui/screentest"
	"cnnbench/tui/theme"
)

func fresh(t *testing.T, home string) (*screen.App, Options) {
	t.Helper()
	store := &sessions.Store{Home: home}
	return screen.NewApp(context.Background(), store, 1, theme.New(true, colorprofile.TrueColor, chart.Braille)), Options{Store: store}
}

// The first launch has the lecture's network; each later one what was left, impossible or not.
func TestLaunchesGoOn(t *testing.T) {
	home := filepath.Join(t.TempDir(), "not", "there", "yet")
	app, o := fresh(t, home)
	if _, err := load(app, o); err != nil {
		t.Fatal(err)
	}
	if e := app.Draft.Experiment(); e.Name != "lecture-cnn" || app.Draft.Edited() {
		t.Fatalf("the first launch has %s", e.Name)
	}
	for _, edit := range []func(e *sessions.Experiment){
		func(e *sessions.Experiment) { e.Fit.Epochs = 77 },
		func(e *sessions.Experiment) { e.Model.Layers = e.Model.Layers[4:] }, // impossible
		func(e *sessions.Experiment) { e.Model.Layers = nil },
		func(e *sessions.Experiment) { e.Name = "한글 이름: #1" },
	} {
		app.Draft.Edit("change", edit)
		app.Draft.Path, app.Draft.Dir, app.Tab = "some/file.yaml", "some", 1
		if err := stateOf(app).write(home); err != nil {
			t.Fatal(err)
		}
		want := string(app.Draft.Experiment().Encode())
		app, o = fresh(t, home)
		if _, err := load(app, o); err != nil {
			t.Fatal(err)
		}
		if got := string(app.Draft.Experiment().Encode()); got != want {
			t.Fatalf("got\n%s\nwant\n%s", got, want)
		}
		if !app.Draft.Edited() || app.Draft.Path != "some/file.yaml" || app.Draft.Dir != "some" || app.Tab != 1 {
			t.Errorf("edited %v, path %q, tab %d", app.Draft.Edited(), app.Draft.Path, app.Tab)
		}
	}
}

// The next launch may be in another folder: the draft's file and what its paths mean are the same there.
func TestLaunchInAnotherFolder(t *testing.T) {
	home, here, there := t.TempDir(), t.TempDir(), t.TempDir()
	t.Chdir(here)
	app, _ := fresh(t, home)
	e, err := sessions.Preset("mlp")
	if err != nil {
		t.Fatal(err)
	}
	app.Draft.Set(e, "mlp.yaml", ".", true)
	if err := stateOf(app).write(home); err != nil {
		t.Fatal(err)
	}
	for folder, want := range map[string][2]string{here: {"mlp.yaml", "."}, there: {filepath.Join(here, "mlp.yaml"), here}} {
		t.Chdir(folder)
		app, o := fresh(t, home)
		if _, err := load(app, o); err != nil {
			t.Fatal(err)
		}
		if got := [2]string{app.Draft.Path, app.Draft.Dir}; got != want {
			t.Errorf("the draft is of %q, want %q", got, want)
		}
	}
}

// A torn or foreign state file costs its draft, not the launch.
func TestLaunchWithABrokenState(t *testing.T) {
	for _, text := range []string{"", "{", `{"experiment": "model: 3"}`, "\x00\xff"} {
		home := t.TempDir()
		if err := os.WriteFile(filepath.Join(home, stateFile), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		app, o := fresh(t, home)
		_, err := load(app, o)
		if err != nil || app.Draft.Experiment().Name != "lecture-cnn" {
			t.Errorf("%q: %v", text, err)
		}
		if len(app.Toasts) != 1 || !app.Toasts[0].Bad {
			t.Errorf("%q: nothing is said", text)
		}
	}
}

func TestLaunchWithSomethingToOpen(t *testing.T) {
	app, o := fresh(t, t.TempDir())
	e, err := sessions.Preset("mlp")
	if err != nil {
		t.Fatal(err)
	}
	o.Experiment, o.File, o.Dir = e, "there/mlp.yaml", "there"
	if _, err := load(app, o); err != nil {
		t.Fatal(err)
	}
	if app.Draft.Experiment() != e || app.Draft.Path != "there/mlp.yaml" || app.Draft.Edited() {
		t.Error("the file is not the draft")
	}
	app, o = fresh(t, t.TempDir())
	o.Session = "nothing-1"
	if _, err := load(app, o); err == nil {
		t.Error("a session that is not there")
	}
}

func TestSymbolsFollowTheLocale(t *testing.T) {
	for _, c := range []struct {
		name string
		env  map[string]string
		want chart.Symbols
	}{
		{"", nil, chart.Braille},
		{"", map[string]string{"LANG": "en_US.UTF-8"}, chart.Braille},
		{"", map[string]string{"LANG": "de_DE.utf8@euro"}, chart.Braille},
		{"", map[string]string{"LANG": "en_US.ISO-8859-1"}, chart.ASCII},
		{"", map[string]string{"LANG": "en_US.UTF-8", "LC_ALL": "ko_KR.EUC-KR"}, chart.ASCII},
		{"", map[string]string{"LANG": "ko_KR.EUC-KR", "LC_CTYPE": "C.UTF-8"}, chart.Braille},
		{"", map[string]string{"LANG": "C"}, chart.Braille},
		{"block", map[string]string{"LANG": "en_US.ISO-8859-1"}, chart.Block},
	} {
		got, err := symbolsOf(c.name, func(key string) string { return c.env[key] })
		if err != nil || got != c.want {
			t.Errorf("%q %v: got %v, %v", c.name, c.env, got, err)
		}
	}
	if _, err := symbolsOf("emoji", os.Getenv); err == nil {
		t.Error("emoji are no symbols")
	}
}

// broken is a model that panics on a key, in its view, or in a command.
type broken struct{ view bool }

func (b *broken) Init() tea.Cmd { return nil }
func (b *broken) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	if k, ok := msg.(tea.KeyPressMsg); ok {
		switch k.String() {
		case "u":
			panic("in update")
		case "c":
			return b, func() tea.Msg { panic("in a command") }
		case "b":
			return b, tea.Batch(func() tea.Msg { return nil }, func() tea.Msg { panic("in a batch") })
		case "v":
			b.view = true
		}
	}
	return b, nil
}
func (b *broken) View() tea.View {
	if b.view {
		panic("in the view")
	}
	return tea.NewView("")
}

// A panic of the model ends the program in order; one of a command is said. Where it was is written down.
func TestGuard(t *testing.T) {
	for _, c := range []struct {
		key, want string
		ends      bool
	}{{"u", "in update", true}, {"v", "in the view", true}, {"c", "in a command", false}, {"b", "in a batch", false}} {
		home := filepath.Join(t.TempDir(), "home")
		g := &guard{model: &broken{}, home: home}
		drawn, cmd := g.Update(screentest.Key(c.key))
		drawn.View() // Bubble Tea draws what it was given, whatever the command says
		quit := false
		var said error
		screentest.Drive(t, cmd, func(msg tea.Msg) tea.Cmd {
			switch msg := msg.(type) {
			case tea.QuitMsg:
				quit = true
			case screen.Crashed:
				said = msg.Err
			}
			return nil
		})
		if c.key == "v" { // seen at the next message
			_, cmd := g.Update(tea.FocusMsg{})
			quit = quits(cmd)
		}
		if quit != c.ends || (g.crash != nil) != c.ends {
			t.Errorf("%s: quit %v, crash %v", c.want, quit, g.crash)
			continue
		}
		if c.ends {
			said = g.crash.report(home, "it crashed")
		}
		text, err := os.ReadFile(filepath.Join(home, crashFile))
		if err != nil || !strings.Contains(string(text), "run_test.go") || !strings.Contains(said.Error(), c.want) || strings.Contains(said.Error(), "\n") {
			t.Errorf("%s: said %q, written %v", c.want, said, err)
		}
	}
}

// Where the home folder cannot be written to, that is a sentence and not the end.
func TestStateThatCannotBeKept(t *testing.T) {
	m := launch(t, "lecture-cnn", screentest.Color, chart.Braille, 80, 24)
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	m.keep = keepState(filepath.Join(file, "home"))
	press(t, m, "d")
	if n := len(m.app.Toasts); n == 0 || !strings.Contains(m.app.Toasts[n-1].Text, "keep the draft") {
		t.Errorf("got %v", m.app.Toasts)
	}
	home := t.TempDir()
	m.keep = keepState(home)
	press(t, m, "d")
	s, ok, err := readState(home)
	if err != nil || !ok {
		t.Fatal(errors.Join(err, errors.New("nothing was kept")))
	}
	if e, err := s.experiment(); err != nil || len(e.Model.Layers) != 5 {
		t.Errorf("kept %d layers, %v", len(e.Model.Layers), err)
	}
}
