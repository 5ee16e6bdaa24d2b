package exports

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"

	"cnnbench/nn/train"
	"cnnbench/sessions"
	"cnnbench/sessions/export"
	"cnnbench/sessions/safetensors"
	"cnnbench/tui/chart"
	"cnnbench/tui/screen"
	"cnnbench/tui/screentest"
)

// trained is an app with a finished session in its store.
func trained(t *testing.T, stop bool) (*screen.App, *sessions.Run) {
	t.Helper()
	app := screentest.App(t, "lecture-linear", screentest.NoColor, chart.Braille)
	e, err := sessions.Preset("lecture-linear", "fit.epochs=3")
	if err != nil {
		t.Fatal(err)
	}
	p, err := sessions.Prepare(e, "")
	if err != nil {
		t.Fatal(err)
	}
	run, err := app.Store.Start(t.Context(), p, sessions.RunOptions{StartPaused: !stop})
	if err != nil {
		t.Fatal(err)
	}
	if stop {
		<-run.Done()
	} else {
		t.Cleanup(func() { run.Send(train.Stop{}); <-run.Done() })
	}
	return app, run
}

// pump does a command for an exporter.
func pump(t *testing.T, x *Exporter, cmd tea.Cmd) {
	t.Helper()
	screentest.Drive(t, cmd, x.Update)
}

func lastToast(app *screen.App) screen.Toast {
	if n := len(app.Toasts); n > 0 {
		return app.Toasts[n-1]
	}
	return screen.Toast{}
}

func TestStoredSessionIsWritten(t *testing.T) {
	app, run := trained(t, true)
	x := New(app)
	s := Source{Name: run.Name, Last: 3}
	path := filepath.Join(t.TempDir(), "line.safetensors")
	pump(t, x, x.To(s, path))
	f, err := safetensors.Read(path)
	if err != nil {
		t.Fatal(err)
	}
	if f.Metadata["epoch"] != "3" || f.Metadata["session"] != run.Name {
		t.Errorf("metadata %v", f.Metadata)
	}
	if got := lastToast(app); got.Bad || !strings.Contains(got.Text, path) {
		t.Errorf("it says %+v", got)
	}
	if lines := strings.Count(read(t, x, s, "history.csv"), "\n"); lines != 4 {
		t.Errorf("the history has %d lines, want 4", lines)
	}
}

func read(t *testing.T, x *Exporter, s Source, name string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	pump(t, x, x.To(s, path))
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// TestLiveTrainingGivesItsWeightsOfNow: they are asked of the training, not of the disk, where only epoch 0 lies.
func TestLiveTrainingGivesItsWeightsOfNow(t *testing.T) {
	app, run := trained(t, false)
	x := New(app)
	start := read(t, x, Source{Name: run.Name}, "start.npz")
	run.Send(train.RunBatches{N: 2})
	now := read(t, x, Source{Name: run.Name, Live: run}, "now.npz")
	for range 100 { // the command may come before the batches
		if now != start {
			break
		}
		now = read(t, x, Source{Name: run.Name, Live: run}, "now.npz")
	}
	if now == start {
		t.Error("the weights did not move")
	}
	if still := read(t, x, Source{Name: run.Name}, "disk.npz"); still != start {
		t.Error("what is on disk is another one than at the start")
	}
}

func TestRefusals(t *testing.T) {
	app, run := trained(t, true)
	x := New(app)
	for path, want := range map[string]string{
		"weights.bin": "no ending that says a format; use one of .csv, ",
		filepath.Join(t.TempDir(), "no", "such", "x.csv"): "nothing exported: write",
	} {
		pump(t, x, x.To(Source{Name: run.Name}, path))
		if got := lastToast(app); !got.Bad || !strings.Contains(got.Text, want) {
			t.Errorf("%s: it says %+v, want %q", path, got, want)
		}
	}
	pump(t, x, x.To(Source{Name: "gone-1"}, filepath.Join(t.TempDir(), "x.csv")))
	if got := lastToast(app); !got.Bad || !strings.Contains(got.Text, "gone-1") {
		t.Errorf("a session that is gone: %+v", got)
	}
}

// TestChoiceOfWeights: it is asked which weights only where there are two and the format writes any.
func TestChoiceOfWeights(t *testing.T) {
	app, _ := trained(t, true)
	x := New(app)
	best := &sessions.Best{Epoch: 2, Monitor: "val_loss", Value: 0.5}
	for _, c := range []struct {
		name   string
		s      Source
		choose string // typed into the list of formats
		want   string // title of the next dialog
	}{
		{"best is another one", Source{Name: "a", Best: best, Last: 3}, "", "Which weights"},
		{"best is the last", Source{Name: "a", Best: best, Last: 2}, "", "Export safetensors to"},
		{"no epoch", Source{Name: "a"}, "npz", "Export npz to"},
		{"history", Source{Name: "a", Best: best, Last: 3}, "csv", "Export csv to"},
	} {
		app.Dialogs = nil
		x.Ask(c.s)
		list := app.Dialogs[0]
		for _, r := range c.choose {
			list.Update(tea.KeyPressMsg{Code: r, Text: string(r)})
		}
		list.Update(tea.KeyPressMsg{Code: tea.KeyEnter})
		if len(app.Dialogs) != 2 || !strings.HasPrefix(app.Dialogs[1].Title(), c.want) {
			t.Errorf("%s: got %d dialogs, the last %q, want %q", c.name, len(app.Dialogs), app.Dialogs[len(app.Dialogs)-1].Title(), c.want)
		}
	}
}

// TestEveryFormatIsOffered: what is registered stands in the list, writes where it is told to, and says so; a folder may
// replace an earlier one.
func TestEveryFormatIsOffered(t *testing.T) {
	app, run := trained(t, true)
	x := New(app)
	for _, f := range export.Formats() {
		app.Dialogs = nil
		x.Ask(Source{Name: run.Name, Last: 3})
		list := app.Dialogs[0]
		for _, r := range f.Name {
			list.Update(tea.KeyPressMsg{Code: r, Text: string(r)})
		}
		list.Update(tea.KeyPressMsg{Code: tea.KeyEnter})
		if want := "Export " + f.Name + " to"; len(app.Dialogs) != 2 || app.Dialogs[1].Title() != want {
			t.Errorf("%s: the last dialog is %q, want %q", f.Name, app.Dialogs[len(app.Dialogs)-1].Title(), want)
		}
		path := filepath.Join(t.TempDir(), "model"+f.Extension)
		for range 2 {
			pump(t, x, x.write(Source{Name: run.Name, Last: 3}, f.Name, sessions.Last, path))
			if got := lastToast(app); got.Bad || !strings.Contains(got.Text, path) {
				t.Errorf("%s: it says %+v", f.Name, got)
			}
			if st, err := os.Stat(path); err != nil || st.IsDir() != f.Folder {
				t.Errorf("%s: %v", f.Name, err)
			}
		}
		if found, _ := export.ByPath(path); found.Name != f.Name {
			t.Errorf("the ending %s is that of %q", f.Extension, found.Name)
		}
	}
	if n := len(app.Dialogs); n > 2 { // the list and the path of the last
		t.Errorf("%d windows are left", n)
	}
}

// patient lets time pass for an export before it is done, until its window is there, and returns what is still to do.
func patient(t *testing.T, app *screen.App, cmd tea.Cmd) (rest tea.Cmd) {
	t.Helper()
	parts := cmd().(tea.BatchMsg)
	msg := parts[0]()
	for range 2 { // the second look draws the same window
		more, mine := app.Update(msg)
		if !mine || len(app.Dialogs) != 1 {
			t.Fatalf("%d windows after %T", len(app.Dialogs), msg)
		}
		msg = more()
	}
	return parts[1]
}

// TestLongExportIsSaid: what takes its time says so in a window until it is done.
func TestLongExportIsSaid(t *testing.T) {
	app, run := trained(t, true)
	x := New(app)
	cmd := patient(t, app, x.write(Source{Name: run.Name}, "html", sessions.Last, filepath.Join(t.TempDir(), "a.html")))
	words := func() string { return strings.Join(strings.Fields(app.Dialogs[0].View(300, 9)), " ") }
	if app.Dialogs[0].Title() != "Export html" || !strings.Contains(words(), "a.html as html, for 0:00") {
		t.Fatalf("it says %s", words())
	}
	msg := cmd()
	if !strings.Contains(words(), "samples") { // told while it evaluated
		t.Errorf("it says %q", words())
	}
	pump(t, x, x.Update(msg))
	if got := lastToast(app); !strings.HasPrefix(got.Text, "written: ") || !app.Dialogs[0].Closed() {
		t.Errorf("it says %+v", got)
	}
}

// TestExportIsEnded: esc in the window ends it, and nothing is written.
func TestExportIsEnded(t *testing.T) {
	app, run := trained(t, true)
	x := New(app)
	path := filepath.Join(t.TempDir(), "a.html")
	cmd := patient(t, app, x.write(Source{Name: run.Name}, "html", sessions.Last, path))
	app.Dialogs[0].Update(tea.KeyPressMsg{Code: tea.KeyEscape})
	pump(t, x, cmd)
	if got := lastToast(app); got.Bad || !strings.HasPrefix(got.Text, "ended; nothing was written") {
		t.Errorf("it says %+v", got)
	}
	if _, err := os.Stat(path); err == nil {
		t.Error("it is written all the same")
	}
}

// TestDraftIsWritten: a network that was not trained leaves with the weights that it begins with, in the formats that have
// any.
func TestDraftIsWritten(t *testing.T) {
	app, run := trained(t, true)
	p, err := app.Store.Prepare(app.Draft.Experiment(), ".")
	if err != nil {
		t.Fatal(err)
	}
	x := New(app)
	s := Source{Name: "draft", Draft: p}
	if first := read(t, x, Source{Name: run.Name}, "a.npz"); first == read(t, x, s, "b.npz") {
		t.Error("the draft's weights are the trained ones")
	}
	stored, err := app.Store.Open(run.Name)
	if err != nil {
		t.Fatal(err)
	}
	in, err := export.From(stored)
	if err != nil {
		t.Fatal(err)
	}
	if in.Weights, err = stored.Weights(sessions.AtEpoch(0)); err != nil {
		t.Fatal(err)
	}
	start := filepath.Join(t.TempDir(), "start.npz")
	if _, err := export.Write(t.Context(), "npz", start, in); err != nil {
		t.Fatal(err)
	}
	if want, _ := os.ReadFile(start); string(want) != read(t, x, s, "c.npz") {
		t.Error("the draft's weights are not those of the start")
	}
	n := 0
	for _, f := range export.Formats() {
		path := filepath.Join(t.TempDir(), "model"+f.Extension)
		pump(t, x, x.To(s, path))
		got := lastToast(app)
		if f.Weights == got.Bad {
			t.Errorf("%s: it says %+v", f.Name, got)
		}
		if !got.Bad {
			n++
		}
	}
	if n < 8 {
		t.Errorf("%d formats were written", n)
	}
	x.Ask(s)
	if text := app.Dialogs[len(app.Dialogs)-1].View(100, 40); strings.Contains(text, "csv") || !strings.Contains(text, "onnx") {
		t.Errorf("it offers\n%s", text)
	}
}
