package build

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"

	"cnnbench/dataset/npy"
	"cnnbench/nn"
	"cnnbench/sessions"
	"cnnbench/spec"
	"cnnbench/tui/chart"
	"cnnbench/tui/keys"
	"cnnbench/tui/screen"
	"cnnbench/tui/screentest"
)

func open(t testing.TB, preset string) (*screen.App, *Screen) {
	t.Helper()
	app := screentest.App(t, preset, screentest.Color, chart.Braille)
	s := New(app).(*Screen)
	s.View(100, 30) // lays out the panes
	return app, s
}

// kinds names the draft's layers.
func kinds(app *screen.App) string {
	var names []string
	for _, l := range app.Draft.Experiment().Model.Layers {
		names = append(names, nn.Layers.Must(l).Name)
	}
	return strings.Join(names, " ")
}

const (
	lenet = "conv2d max_pooling2d conv2d max_pooling2d flatten dense dense dense"
)

func TestEdits(t *testing.T) {
	for _, c := range []struct {
		name string
		keys []string
		want string
		at   int
	}{
		{"delete", []string{"d"}, strings.TrimPrefix(lenet, "conv2d "), 0},
		{"delete the last", []string{"end", "d"}, strings.TrimSuffix(lenet, " dense"), 6},
		{"move down", []string{"J"}, "max_pooling2d conv2d conv2d max_pooling2d flatten dense dense dense", 1},
		{"move up", []string{"end", "k", "k", "K"}, "conv2d max_pooling2d conv2d max_pooling2d dense flatten dense dense", 4},
		{"copy and paste", []string{"down", "y", "end", "p"}, lenet + " max_pooling2d", 8},
		{"undo", []string{"d", "d", "u"}, strings.TrimPrefix(lenet, "conv2d "), 0},
		{"redo", []string{"d", "d", "u", "u", "U"}, strings.TrimPrefix(lenet, "conv2d "), 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			app, s := open(t, "lenet5")
			screentest.Press(t, app, s, c.keys...)
			if got := kinds(app); got != c.want || s.at != c.at {
				t.Errorf("got %s, cursor at %d; want %s, at %d", got, s.at, c.want, c.at)
			}
		})
	}
}

func TestAddALayer(t *testing.T) {
	app, s := open(t, "lenet5")
	screentest.Press(t, app, s, "down", "a")
	screentest.Type(t, app, s, "drop")
	screentest.Press(t, app, s, "enter") // the form, with a rate that most take
	if len(app.Dialogs) != 1 {
		t.Fatal("there is no form")
	}
	screentest.Type(t, app, s, "0.35")
	screentest.Press(t, app, s, "enter")
	l, ok := app.Draft.Experiment().Model.Layers[2].(*nn.Dropout)
	if !ok || l.Rate != .35 || s.at != 2 {
		t.Fatalf("got %s, cursor at %d", kinds(app), s.at)
	}
	// A layer without settings of its own needs no form; before the cursor is possible too.
	screentest.Press(t, app, s, "home", "A")
	screentest.Type(t, app, s, "flatten")
	screentest.Press(t, app, s, "enter")
	if len(app.Dialogs) != 0 || !strings.HasPrefix(kinds(app), "flatten conv2d") {
		t.Errorf("got %s, %d dialogs", kinds(app), len(app.Dialogs))
	}
}

func TestEditALayer(t *testing.T) {
	app, s := open(t, "lenet5")
	before := app.Draft.Experiment()
	screentest.Press(t, app, s, "enter")
	screentest.Type(t, app, s, "12")
	screentest.Press(t, app, s, "enter")
	if got := app.Draft.Experiment().Model.Layers[0].(*nn.Conv2D).Filters; got != 12 {
		t.Errorf("got %d filters", got)
	}
	if before.Model.Layers[0].(*nn.Conv2D).Filters == 12 {
		t.Error("the experiment from before was changed")
	}
	if s.sum.Rows[0].Out[2] != 12 {
		t.Error("the list shows the shape from before")
	}
	screentest.Press(t, app, s, "enter", "9", "9", "esc")
	if got := app.Draft.Experiment().Model.Layers[0].(*nn.Conv2D).Filters; got != 12 {
		t.Errorf("esc left %d filters", got)
	}
}

// An impossible layer is marked, says why and what would work, and those behind it have no shapes.
func TestImpossibleLayer(t *testing.T) {
	app, s := open(t, "lenet5")
	screentest.Press(t, app, s, "down", "enter")
	screentest.Type(t, app, s, "50")
	screentest.Press(t, app, s, "enter")
	text := screentest.Plain(s.View(100, 30))
	for _, want := range []string{"✗ max_pooling2d", "a window of 50", "use pool_size of"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is not in\n%s", want, text)
		}
	}
	if note := screentest.Plain(s.Note(200)); !strings.HasPrefix(note, "✗ layer 2:") {
		t.Errorf("the note is %q", note)
	}
	if app.Start(); app.Live != nil {
		t.Error("it was started")
	}
}

// A head that does not fit the data or the loss is known once the data is, and shown at the layer.
func TestHeadThatDoesNotFit(t *testing.T) {
	app, s := open(t, "lenet5")
	screentest.Press(t, app, s, "end", "enter")
	screentest.Type(t, app, s, "7")
	screentest.Press(t, app, s, "enter")
	if !s.problem.found() || s.problem.layer != 7 || !strings.Contains(s.problem.text, "10") {
		t.Errorf("got %+v", s.problem)
	}
	text := screentest.Plain(s.View(100, 30))
	if !strings.Contains(text, "✗ dense 7 softmax") {
		t.Errorf("not marked:\n%s", text)
	}
}

func TestSettingsPane(t *testing.T) {
	app, s := open(t, "lenet5")
	s.panes.Set(paneSettings)
	goTo := func(key string) {
		t.Helper()
		i := slices.IndexFunc(s.facts, func(f fact) bool { return strings.TrimSpace(f.key) == key })
		if i < 0 {
			t.Fatalf("there is no row %s", key)
		}
		s.setAt = i
	}
	goTo("epochs")
	screentest.Press(t, app, s, "enter")
	screentest.Type(t, app, s, "3")
	screentest.Press(t, app, s, "enter")
	if got := app.Draft.Experiment().Fit.Epochs; got != 3 {
		t.Errorf("%d epochs", got)
	}
	goTo("learning_rate")
	screentest.Press(t, app, s, "enter")
	screentest.Type(t, app, s, "0.01")
	screentest.Press(t, app, s, "enter")
	if got := string(app.Draft.Experiment().Encode()); !strings.Contains(got, "learning_rate: 0.01") {
		t.Errorf("the learning rate is not set:\n%s", got)
	}
	goTo("seed")
	screentest.Press(t, app, s, "enter")
	screentest.Type(t, app, s, "5")
	screentest.Press(t, app, s, "enter")
	if got := app.Draft.Experiment().Seed; got != 5 {
		t.Errorf("seed %d", got)
	}

	screentest.Press(t, app, s, "a")
	screentest.Type(t, app, s, "early")
	screentest.Press(t, app, s, "enter", "enter")
	if n := len(app.Draft.Experiment().Fit.Callbacks); n != 1 {
		t.Fatalf("%d callbacks", n)
	}
	goTo("early_stopping")
	screentest.Press(t, app, s, "d")
	if n := len(app.Draft.Experiment().Fit.Callbacks); n != 0 {
		t.Errorf("%d callbacks after deleting it", n)
	}
	s.setAt = 0
	if why := keys.Named(s.keys, "delete-callback").Why(); why == "" {
		t.Error("the name can be deleted")
	}
}

func TestPresets(t *testing.T) {
	app, s := open(t, "lenet5")
	for _, p := range sessions.Presets() {
		screentest.Press(t, app, s, "P")
		screentest.Type(t, app, s, p.Name)
		screentest.Press(t, app, s, "enter")
		if got := app.Draft.Experiment().Name; got != p.Name {
			t.Fatalf("got %s, want %s", got, p.Name)
		}
		if s.problem.found() {
			t.Errorf("%s: %s", p.Name, s.problem.text)
		}
		screentest.Fits(t, s.View(80, 19), 80, 19)
	}
}

func TestEmptyList(t *testing.T) {
	app, s := open(t, "lenet5")
	for range 8 {
		screentest.Press(t, app, s, "d")
	}
	text := screentest.Plain(s.View(100, 30))
	if !strings.Contains(text, wordEmpty) || !strings.Contains(text, "a adds the first") {
		t.Errorf("got\n%s", text)
	}
	screentest.Press(t, app, s, "a")
	screentest.Type(t, app, s, "flatten")
	screentest.Press(t, app, s, "enter")
	if kinds(app) != "flatten" || s.sum == nil || s.sum.Out()[0] != 784 {
		t.Errorf("got %s", kinds(app))
	}
}

// What is offered for a new layer fits its place wherever anything of the kind can.
func TestSuggestions(t *testing.T) {
	shapes := map[string]nn.Shape{"an image": {28, 28, 3}, "a vector": {400}, "a sequence": {20, 8}}
	needs := map[string]string{"conv2d": "an image", "max_pooling2d": "an image", "average_pooling2d": "an image", "global_max_pooling2d": "an image", "global_average_pooling2d": "an image",
		"lstm": "a sequence", "simple_rnn": "a sequence"}
	for _, name := range nn.Layers.Names() {
		kind, _ := nn.Layers.Lookup(name)
		for what, in := range shapes {
			if need := needs[name]; need != "" && need != what {
				continue
			}
			l := suggest(kind, nil, in, 10, false)
			if _, err := l.Plan(in); err != nil {
				t.Errorf("%s for %s: %v", name, what, err)
			}
		}
	}
	dense, _ := nn.Layers.Lookup("dense")
	if head := suggest(dense, nil, nn.Shape{84}, 10, true).(*nn.Dense); head.Units != 10 || nn.HeadActivation(head) != "softmax" {
		t.Errorf("the last layer of a network for ten classes: %+v", head)
	}
	conv, _ := nn.Layers.Lookup("conv2d")
	if next := suggest(conv, []nn.Layer{&nn.Conv2D{Filters: 16}}, nn.Shape{8, 8, 16}, 10, false).(*nn.Conv2D); next.Filters != 32 {
		t.Errorf("behind 16 filters: %d", next.Filters)
	}
}

func TestBrief(t *testing.T) {
	e, err := sessions.ParseExperiment("x.yaml", []byte(`
name: x
data: {source: fashion-mini}
model:
  layers:
    - conv2d: {filters: 8, kernel_size: [3, 5], strides: 2, activation: {leaky_relu: {negative_slope: 0.1}}, name: first}
    - max_pooling2d: {pool_size: 3, padding: same, trainable: false}
    - flatten
    - reshape: {target_shape: [4, -1]}
    - lstm: {units: 5, return_sequences: true}
    - dense: {units: 3, use_bias: false}
`))
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"8 3×5 /2×2 leaky_relu", "3×3 same frozen", "", "4×-1", "5 sequences", "3 use_bias"}
	for i, l := range e.Model.Layers {
		if got := brief(l); got != want[i] {
			t.Errorf("%s: got %q, want %q", nn.Layers.Must(l).Name, got, want[i])
		}
	}
}

// The receptive field of LeNet-5's and the lecture's layers, worked out by hand: each window adds (size-1) steps of
// what lies before it.
func TestReceptiveField(t *testing.T) {
	for _, c := range []struct {
		preset string
		in     nn.Shape
		want   []int // rows; 0: none
	}{
		{"lenet5", nn.Shape{28, 28, 1}, []int{5, 6, 14, 16, 0, 0, 0, 0}},
		{"lecture-cnn", nn.Shape{24, 24, 3}, []int{3, 5, 5, 6, 0, 0, 0}},
	} {
		e, err := sessions.Preset(c.preset)
		if err != nil {
			t.Fatal(err)
		}
		for i, f := range fieldsOf(e.Model.Layers, c.in) {
			got := 0
			if f.ok {
				got = f.size[0]
			}
			if got != c.want[i] {
				t.Errorf("%s, layer %d: got %d, want %d", c.preset, i+1, got, c.want[i])
			}
		}
	}
	stride := []nn.Layer{&nn.Conv2D{KernelSize: spec.Square(3), Strides: spec.Square(2), DilationRate: spec.Square(1)}, &nn.Conv2D{KernelSize: spec.Square(3), Strides: spec.Square(1), DilationRate: spec.Pair{2, 1}}}
	if f := fieldsOf(stride, nn.Shape{64, 64, 1})[1]; f.size != [2]int{11, 7} {
		t.Errorf("strides and dilation: got %v", f.size)
	}
}

func TestProblemsHaveTheirPlace(t *testing.T) {
	for _, c := range []struct {
		err     error
		layer   int
		section string
		text    string
	}{
		{&nn.LayerError{Index: 2, Kind: "dense", Err: errors.New("units: too many")}, 2, "", "units: too many"},
		{&spec.Error{Path: "model.layers[3].conv2d.kernel_size", Msg: "found 9"}, 3, "", "kernel_size: found 9"},
		{&spec.Error{Path: "model.layers[3].conv2d", Msg: "found 9"}, 3, "", "found 9"},
		{&spec.Error{Path: "compile.loss", Msg: "does not fit"}, -1, "compile", "does not fit"},
		{&spec.Error{Path: "data.source", Msg: "is not there"}, -1, "data", "is not there"},
		{errors.New("anything"), -1, "", "anything"},
	} {
		p := problemOf(c.err)
		if p.layer != c.layer || p.section() != c.section || p.text != c.text {
			t.Errorf("%v: got %+v", c.err, p)
		}
	}
}

func TestMouseInTheList(t *testing.T) {
	app, s := open(t, "lenet5")
	s.View(100, 30)
	r := s.panes.Rect(paneLayers)
	click := func(line int) {
		screentest.Do(t, s.Update(tea.MouseClickMsg{X: r.X + 3, Y: r.Y + 1 + line, Button: tea.MouseLeft}), app, s)
		s.View(100, 30)
	}
	click(4) // head, input, then the layers
	if s.at != 2 || len(app.Dialogs) != 0 {
		t.Fatalf("the cursor is at %d", s.at)
	}
	click(4)
	if len(app.Dialogs) != 1 {
		t.Error("a second click does not edit")
	}
	app.Dialogs = nil
	click(0)
	click(25)
	if s.at != 2 {
		t.Errorf("a click on no layer moved the cursor to %d", s.at)
	}
	s.Update(tea.MouseWheelMsg{X: r.X + 3, Y: r.Y + 3, Button: tea.MouseWheelDown})
	if s.at != 3 {
		t.Errorf("the wheel moved the cursor to %d", s.at)
	}
}

// A network of many layers scrolls; the cursor's row, the head and the total stay in view.
func TestLongNetwork(t *testing.T) {
	app, s := open(t, "lenet5")
	screentest.Do(t, app.Edit("grow", func(e *sessions.Experiment) {
		l := e.Model.Layers
		for range 40 {
			l = slices.Insert(l, 1, spec.Clone(l[0]))
		}
		e.Model.Layers = l
	}), app, s)
	for _, key := range []string{"end", "home", "pgdown", "pgdown", "up", "up", "up", "end"} {
		screentest.Press(t, app, s, key)
		text := screentest.Plain(s.View(80, 19))
		screentest.Fits(t, s.View(80, 19), 80, 19)
		if !strings.Contains(text, "▸") || !strings.Contains(text, "total") || !strings.Contains(text, "MACs") {
			t.Fatalf("after %s:\n%s", key, text)
		}
	}
}

func TestAnySize(t *testing.T) {
	app, s := open(t, "vgg-small")
	screentest.Do(t, app.Edit("break it", func(e *sessions.Experiment) { e.Model.Layers = slices.Delete(e.Model.Layers, 3, 6) }), app, s)
	for w := 1; w < 200; w += 7 {
		for h := 1; h < 50; h += 3 {
			s.at = (w + h) % len(s.layers())
			text := s.View(w, h)
			if w >= 3 && h >= 3 {
				screentest.Fits(t, text, w, h)
			}
			screentest.IsASCII(t, text)
		}
	}
}

// TestPaddingCounts: where a layer does not know of sequences' ends, the note says so.
func TestPaddingCounts(t *testing.T) {
	var b bytes.Buffer
	if err := npy.WriteZip(&b, []npy.Array{npy.F32("x", []int{10, 3, 1}, make([]float32, 30)), npy.F32("y", []int{10, 1}, make([]float32, 10)),
		npy.I64("lengths", []int{10}, slices.Repeat([]int64{1, 3}, 5))}); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "sequences.npz")
	if err := os.WriteFile(path, b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	for layers, want := range map[string]string{
		"lstm: {units: 4, return_sequences: true}, flatten, dense: {units: 1}": "from flatten (layer 2) on, padding of the shorter sequences counts",
		"lstm: {units: 4}, dense: {units: 1}":                                  "everything fits",
	} {
		app, s := open(t, "lecture-linear")
		e, err := sessions.ParseExperiment("test.yaml", []byte("data: {source: "+path+"}\nmodel: {layers: ["+layers+"]}\ncompile: {loss: mean_squared_error}\n"))
		if err != nil {
			t.Fatal(err)
		}
		app.Draft.Set(e, "", t.TempDir(), true)
		screentest.Do(t, app.Begin(), app, s)
		s.View(100, 30)
		if got := s.Note(100); !strings.Contains(got, want) || strings.Contains(got, "padding") != strings.Contains(want, "padding") {
			t.Errorf("%s: the note is %q", layers, got)
		}
	}
}
