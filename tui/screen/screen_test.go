package screen_test

import (
	"errors"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"cnnbench/nn"
	"cnnbench/nn/train"
	"cnnbench/sessions"
	"cnnbench/tui/chart"
	"cnnbench/tui/layout"
	"cnnbench/tui/screen"
	"cnnbench/tui/screentest"
)

func preset(t *testing.T, name string) *sessions.Experiment {
	t.Helper()
	e, err := sessions.Preset(name)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func TestDraftGoesBackAndForth(t *testing.T) {
	var d screen.Draft
	first := preset(t, "lenet5")
	d.Set(first, "", "", true)
	if d.Edited() {
		t.Error("a preset as it came is edited")
	}
	n := len(first.Model.Layers)
	d.Edit("delete a layer", func(e *sessions.Experiment) { e.Model.Layers = e.Model.Layers[:n-1] })
	d.Edit("set the seed", func(e *sessions.Experiment) { e.Seed = 99 })
	if len(first.Model.Layers) != n || first.Seed == 99 {
		t.Fatal("the experiment from before was changed in place")
	}
	if e := d.Experiment(); len(e.Model.Layers) != n-1 || e.Seed != 99 || !d.Edited() {
		t.Fatalf("got %d layers, seed %d", len(e.Model.Layers), e.Seed)
	}
	version := d.Version
	if what, ok := d.Undo(); !ok || what != "set the seed" || d.Experiment().Seed == 99 || d.Version == version {
		t.Errorf("undo: %q", what)
	}
	if what, ok := d.Undo(); !ok || what != "delete a layer" || d.Experiment() != first || d.Edited() {
		t.Errorf("undo: %q", what)
	}
	if _, ok := d.Undo(); ok {
		t.Error("there was a third step")
	}
	if what, ok := d.Redo(); !ok || what != "delete a layer" || len(d.Experiment().Model.Layers) != n-1 {
		t.Errorf("redo: %q", what)
	}
	d.Edit("another way", func(e *sessions.Experiment) { e.Name = "other" })
	if _, ok := d.Redo(); ok {
		t.Error("redo goes on after another edit")
	}
}

// Opening another experiment is an edit like any other: the draft before it is not lost.
func TestDraftBeforeAnotherCanBeHadBack(t *testing.T) {
	var d screen.Draft
	d.Set(preset(t, "lenet5"), "", "", true)
	d.Edit("set the seed", func(e *sessions.Experiment) { e.Seed = 99 })
	d.Set(preset(t, "mlp"), "dir/mlp.yaml", "dir", true)
	if d.Path != "dir/mlp.yaml" || d.Edited() {
		t.Fatalf("path %q, edited %v", d.Path, d.Edited())
	}
	d.Undo()
	if e := d.Experiment(); e.Name != "lenet5" || e.Seed != 99 || d.Path != "" || d.Dir != "" || !d.Edited() {
		t.Errorf("got %s, seed %d, path %q", e.Name, e.Seed, d.Path)
	}
	d.Redo()
	if d.Experiment().Name != "mlp" || d.Path != "dir/mlp.yaml" || d.Edited() {
		t.Error("redo does not come back to the file")
	}
}

// What was saved counts, not when: undoing past a save leaves the draft edited, redoing to it does not.
func TestDraftKnowsWhatStandsInItsFile(t *testing.T) {
	var d screen.Draft
	d.Set(preset(t, "mlp"), "mlp.yaml", ".", true)
	d.Edit("set the seed", func(e *sessions.Experiment) { e.Seed = 99 })
	d.MarkSaved(d.Experiment(), d.Experiment(), "mlp.yaml", time.Unix(0, 0))
	if d.Edited() {
		t.Error("saved, and still edited")
	}
	d.Undo()
	if !d.Edited() {
		t.Error("the file has another seed than the draft")
	}
	d.Redo()
	if d.Edited() {
		t.Error("the file has this seed")
	}
}

// A draft that is saved to another folder reads its data from where they are, also what was edited meanwhile.
func TestDraftSavedElsewhere(t *testing.T) {
	e := sessions.New()
	e.Data.Source = "pictures"
	for _, edited := range []bool{false, true} {
		var d screen.Draft
		d.Set(e, "", "work", false)
		if edited {
			d.Edit("name", func(e *sessions.Experiment) { e.Name = "later" })
		}
		version := d.Version
		d.MarkSaved(e, e.Moved("work", "work/shelf"), "work/shelf/mlp.yaml", time.Unix(0, 0))
		if got := d.Experiment().Data.Source; got != filepath.Join("..", "pictures") || d.Version == version || d.Edited() != edited {
			t.Errorf("edited %v: its data are in %s, edited is %v", edited, got, d.Edited())
		}
		if _, ok := d.Undo(); ok != edited || ok && (d.Dir != "work" || d.Experiment().Data.Source != "pictures") {
			t.Errorf("edited %v: a step back, %v, leads to data in %s from %s", edited, ok, d.Experiment().Data.Source, d.Dir)
		}
	}
}

func TestPanesMoveAndZoom(t *testing.T) {
	p := screen.Panes{Names: []string{"a", "b", "c"}}
	place := func(body layout.Rect) []layout.Rect {
		cols := layout.Columns(body, layout.Flex(1, 1), layout.Flex(1, 1))
		return []layout.Rect{cols[0], {}, cols[1]} // b has no room
	}
	shown := func(rects []layout.Rect) (out []int) {
		for i, r := range rects {
			if !r.Empty() {
				out = append(out, i)
			}
		}
		return out
	}
	if got := shown(p.Arrange(100, 30, place)); !slices.Equal(got, []int{0, 2}) {
		t.Fatalf("shown are %v", got)
	}
	p.Move(1)
	if p.Focus() != 2 {
		t.Errorf("the focus is at %d: a pane that is not shown has it", p.Focus())
	}
	if pane, ok := p.At(99, 5); !ok || pane != 2 {
		t.Errorf("at the right end is pane %d", pane)
	}
	p.Zoom()
	if got := shown(p.Arrange(100, 30, place)); !slices.Equal(got, []int{2}) || p.Rect(2) != (layout.Rect{W: 100, H: 30}) {
		t.Errorf("zoomed: %v", got)
	}
	p.Move(1)
	p.Move(1)
	if p.Focus() != 1 {
		t.Errorf("zoomed, every pane can be gone to; the focus is at %d", p.Focus())
	}
	p.Zoom()
	p.Arrange(100, 30, place)
	if p.Focus() == 1 {
		t.Error("the focus stays on a pane that is not shown")
	}
	if got := shown(p.Arrange(79, 30, place)); len(got) != 1 || !p.One() {
		t.Errorf("a narrow window shows %v", got)
	}
}

func TestCacheDrawsOnlyWhatChanged(t *testing.T) {
	var c screen.Cache[int]
	drawn := 0
	draw := func() string { drawn++; return strings.Repeat("x", drawn) }
	for _, key := range []int{1, 1, 1, 2, 2, 1} {
		c.Get(key, draw)
	}
	if drawn != 3 {
		t.Errorf("drawn %d times", drawn)
	}
}

// The data is looked at in the background; an answer about a draft from before is dropped.
func TestDataFollowsTheDraft(t *testing.T) {
	app := screentest.App(t, "lenet5", screentest.Color, chart.Braille)
	if app.Data.Current(&app.Draft) == nil || app.Data.Err != nil || !slices.Equal(app.Data.Source.In, []int{28, 28, 1}) {
		t.Fatalf("after the launch: %v, %v", app.Data.Source.In, app.Data.Err)
	}
	stale := app.Edit("break it", func(e *sessions.Experiment) { e.Model.Layers = e.Model.Layers[:1] })
	if app.Data.Current(&app.Draft) != nil {
		t.Error("the draft has changed, and what was prepared still counts")
	}
	fresh := app.Undo()
	screentest.Do(t, stale, app)
	if app.Data.Err != nil {
		t.Errorf("an answer about a draft from before was taken: %v", app.Data.Err)
	}
	screentest.Do(t, fresh, app)
	if app.Data.Current(&app.Draft) == nil {
		t.Errorf("after undo: %v", app.Data.Err)
	}

	// A network that does not fit leaves the data known, and cannot be started.
	screentest.Do(t, app.Edit("no head", func(e *sessions.Experiment) { e.Model.Layers = e.Model.Layers[:1] }), app)
	if app.Data.Err == nil || app.Data.Source.Data == nil {
		t.Fatalf("a network without a head: %v", app.Data.Err)
	}
	screentest.Do(t, app.Start(), app)
	if app.Live != nil || len(app.Toasts) == 0 || !app.Toasts[len(app.Toasts)-1].Bad {
		t.Error("it was started, or nothing was said")
	}
	screentest.Do(t, app.Edit("no data", func(e *sessions.Experiment) { e.Data.Source = "nothing-of-the-kind" }), app)
	if app.Data.Err == nil || app.Data.Source.Err == nil || app.Data.Source.Data != nil {
		t.Errorf("data that is not there: %v", app.Data.Err)
	}
}

func TestLayerAt(t *testing.T) {
	e := preset(t, "mlp")
	e.Model.Layers = append(e.Model.Layers[:2:2], preset(t, "lenet5").Model.Layers[0])
	_, err := nn.Summarize(e.Model.Layers, nn.Shape{28, 28, 1})
	if i, ok := screen.LayerAt(err); !ok || i != 2 {
		t.Errorf("%v: layer %d", err, i)
	}
	_, err = sessions.Check(e, nn.Shape{28, 28, 1})
	if i, ok := screen.LayerAt(err); !ok || i != 2 {
		t.Errorf("%v: layer %d", err, i)
	}
	if _, ok := screen.LayerAt(errors.New("no data")); ok {
		t.Error("an error about nothing in the model")
	}
}

// A training from its start to its end, with a pause: what the App knows at each step.
func TestLive(t *testing.T) {
	app := screentest.App(t, "lecture-linear", screentest.Color, chart.Braille)
	app.Draft.Edit("short", func(e *sessions.Experiment) { e.Fit.Epochs = 3 })
	screentest.Do(t, app.Begin(), app)
	all := runtime.GOMAXPROCS(0)
	if app.Spare() != all {
		t.Errorf("%d processors are free", app.Spare())
	}
	var epochs, fed, over int
	watch := &watcher{see: func(msg tea.Msg) {
		switch m := msg.(type) {
		case screen.Fed:
			fed++
			epochs += len(m.Update.Epochs)
		case screen.Ended:
			over++
		}
	}}
	screentest.Do(t, app.Start(train.RunEpochs{N: 1}), app, watch)
	if app.Live == nil {
		t.Fatalf("not started: %v", app.Toasts)
	}
	if app.Spare() != 1 {
		t.Errorf("%d processors are free beside a training on all", app.Spare())
	}
	wait := func(what string, ok func() bool) {
		t.Helper()
		for range 500 {
			screentest.Do(t, app.Drain(), app, watch)
			if ok() {
				return
			}
			time.Sleep(10 * time.Millisecond)
		}
		t.Fatalf("%s does not come; state %v", what, app.Live.State)
	}
	wait("the pause", func() bool { return app.Live.State == train.Paused && len(app.Live.Epochs) > 0 }) // it begins paused
	if epochs != 1 || len(app.Live.Epochs) != 1 || !app.Running() {
		t.Errorf("paused after %d epochs", epochs)
	}
	if app.Spare() != all {
		t.Errorf("%d processors are free in a pause", app.Spare())
	}
	screentest.Do(t, app.Start(), app, watch) // says that one runs already
	screentest.Do(t, app.Toggle(), app, watch)
	wait("the end", func() bool { return app.Live.Over })
	if over != 1 || app.Live.State != train.Finished || app.Running() {
		t.Errorf("%d ends, state %v", over, app.Live.State)
	}
	if epochs != 3 || len(app.Live.Epochs) != 3 || app.Live.Last == nil {
		t.Errorf("%d epochs went around, %d are kept", epochs, len(app.Live.Epochs))
	}
}

// watcher is a screen that only looks on.
type watcher struct {
	screen.Screen
	see func(tea.Msg)
}

func (w *watcher) Update(msg tea.Msg) tea.Cmd { w.see(msg); return nil }

func TestToastsStayFew(t *testing.T) {
	app := screentest.App(t, "mlp", screentest.Color, chart.Braille)
	for _, s := range []string{"one", "two", "three", "four"} {
		app.Say(s)
	}
	app.Fail(errors.New("five"))
	if n := len(app.Toasts); n != 3 || app.Toasts[n-1].Text != "five" || !app.Toasts[n-1].Bad {
		t.Errorf("got %v", app.Toasts)
	}
}
