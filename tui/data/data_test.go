package data

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"
	"github.com/charmbracelet/x/exp/golden"

	"cnnbench/tui/chart"
	"cnnbench/tui/layout"
	"cnnbench/tui/screen"
	"cnnbench/tui/screentest"
	"cnnbench/tui/theme"
)

// The bodies of windows of 80x24 and 160x50.
const (
	w80, h24  = 80, 19
	w160, h50 = 160, 45
)

func TestGolden(t *testing.T) {
	for _, c := range []struct {
		name, preset string
		look         look
		w, h         int
		keys         []string
	}{
		{"80x24", "lecture-cnn", full, w80, h24, nil},
		{"160x50", "lecture-cnn", full, w160, h50, nil},
		{"80x24-nocolor", "lecture-cnn", plain, w80, h24, nil},
		{"160x50-numbers", "lenet5", full, w160, h50, []string{"v", "n"}},
		{"80x24-class", "lecture-shapes", full, w80, h24, []string{"p", "]", "enter"}},
		{"80x24-sequences", "lecture-lstm", plain, w80, h24, nil},
		{"80x24-features", "lecture-mlp", plain, w80, h24, nil},
		{"160x50-points", "lecture-linear", plain, w160, h50, []string{"right", "right"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := open(t, c.look, c.preset)
			b.w, b.h = c.w, c.h
			b.press(c.keys...)
			golden.RequireEqual(t, b.s.View(c.w, c.h))
		})
	}
}

// exact fails unless the view is h lines of w cells, and in ASCII where the theme asks for it.
func exact(t *testing.T, s *Screen, w, h int) {
	t.Helper()
	v := s.View(w, h)
	screentest.Fits(t, v, w, h)
	screentest.IsASCII(t, v)
	if s.app.Theme.Symbols == chart.ASCII {
		for _, r := range ansi.Strip(v) { // what is drawn of samples is ASCII by itself
			if r >= 0x2580 && r <= 0x259f && !strings.ContainsRune("▌▐░▒█", r) || r >= 0x2800 && r < 0x2900 {
				t.Fatalf("%dx%d: %q is drawn with --symbols ascii", w, h, r)
			}
		}
	}
}

func TestSizes(t *testing.T) {
	for _, preset := range []string{"lecture-cnn", "lecture-lstm", "lecture-mlp", "lecture-linear"} {
		for _, th := range []look{full, ascii} {
			b := open(t, th, preset)
			r := rand.New(rand.NewPCG(3, 4))
			sizes := [][2]int{{40, 8}, {80, 19}, {79, 19}, {80, 18}, {1, 1}, {2, 2}, {160, 45}, {300, 90}}
			for range 40 {
				sizes = append(sizes, [2]int{1 + r.IntN(220), 1 + r.IntN(70)})
			}
			for i, size := range sizes {
				b.s.panes.Set(i % 4)
				b.s.numbers = i%3 == 0
				b.s.zoom = i%4 - 1
				b.s.version++
				exact(t, b.s, size[0], size[1])
			}
		}
	}
}

func TestLeftAndRight(t *testing.T) {
	b := open(t, full, "lecture-cnn")
	s := b.s
	b.press("right", "right", "left")
	if s.at != 1 {
		t.Errorf("at %d", s.at)
	}
	b.press("down")
	if s.at != 1+s.cols || s.cols < 2 {
		t.Errorf("a row down: at %d of %d columns", s.at, s.cols)
	}
	b.press("end")
	if s.at != 899 {
		t.Errorf("the last of 900 is %d", s.at)
	}
	b.press("right", "home", "pgdown")
	if s.at != s.cap || s.cap < 4 {
		t.Errorf("a page down: at %d of pages of %d", s.at, s.cap)
	}
	// Far along, the samples of the page are there.
	b.press("end")
	if !strings.Contains(ansi.Strip(s.View(b.w, b.h)), fmt.Sprint(s.data.Train.Index[899])) {
		t.Error("the last sample's row is not shown")
	}
	if _, ok := s.window.Tile(899); !ok {
		t.Error("the last sample is not in memory")
	}
}

func TestPartAndClass(t *testing.T) {
	b := open(t, full, "lecture-cnn")
	s := b.s
	b.press("p")
	if s.part != "validation" || len(s.list) != 300 {
		t.Errorf("%s %d", s.part, len(s.list))
	}
	b.press("]")
	if s.class != 0 || len(s.list) != 100 {
		t.Errorf("class %d has %d", s.class, len(s.list))
	}
	for _, i := range s.list {
		if s.data.Validation.Label(i) != 0 {
			t.Fatal("another class is among them")
		}
	}
	b.press("[", "[")
	if s.class != 2 {
		t.Errorf("before all comes the last class, not %d", s.class)
	}
	b.press("p", "p")
	if s.part != "train" || s.class != 2 || len(s.list) != 300 {
		t.Errorf("%s %d %d", s.part, s.class, len(s.list))
	}
	b.press("c")
	b.typed("trou")
	b.press("enter")
	if s.class != 1 {
		t.Errorf("Trouser is class 1, not %d", s.class)
	}
	// The choice outlives an edit of the data, by its name.
	b.edit(func(e *experiment) { *e.Data.Limit = 30 })
	if s.class != 1 || len(s.list) != 6 {
		t.Errorf("class %d with %d samples", s.class, len(s.list))
	}
}

// What the pane of numbers shows is what the source has, and what the network receives.
func TestNumbers(t *testing.T) {
	b := open(t, plain, "lecture-cnn")
	s := b.s
	b.w, b.h = w160, h50
	b.press("v", "n", "left", "left", "left", "left", "left", "left", "left", "left", "left", "left")
	raw := make([]float32, 28*28)
	if err := s.data.Train.Raw(raw, 0); err != nil {
		t.Fatal(err)
	}
	row := func(y int) []string {
		text := ansi.Strip(s.View(b.w, b.h))
		line := strings.Split(text, "\n")[y+2]
		return strings.Fields(strings.ReplaceAll(line[strings.LastIndex(line, "┃")-60:], "┃", " "))
	}
	want := raw[10*28:]
	got := row(10)
	got = got[slices.Index(got, "10"):]
	for x := range 8 {
		if got[1+x] != fmt.Sprint(want[x]) {
			t.Errorf("pixel 10,%d is shown as %s, not %v: %v", x, got[1+x], want[x], got)
		}
	}
	b.press("right", "right", "right", "down")
	s.View(b.w, b.h)
	if s.top != [2]int{0, 3} { // all 28 rows fit: only the columns move
		t.Errorf("scrolled to %v", s.top)
	}
	b.press("v")
	if it, ok := s.window.One(s.at); !ok || fmt.Sprint(it.Shape) != "[24 24 3]" {
		t.Fatalf("as received: %v %v", it.Shape, ok)
	}
	b.press("C")
	if !strings.Contains(ansi.Strip(s.View(b.w, b.h)), "channel 2 of 3") {
		t.Error("the channel is not named")
	}
	b.press("n")
	if s.numbers {
		t.Error("n does not go back to the picture")
	}
}

func TestEnlarge(t *testing.T) {
	b := open(t, full, "lecture-cnn")
	s := b.s
	b.press("enter")
	s.View(w80, h24)
	if !s.panes.Is(paneSample) || s.panes.Rect(paneSample).Empty() || !s.panes.Rect(paneSamples).Empty() {
		t.Error("the sample does not take the place of the others")
	}
	b.press("right")
	s.Leave()
	s.View(w80, h24)
	if !s.panes.Is(paneSamples) || s.at != 1 || s.panes.Rect(paneSamples).Empty() {
		t.Error("leaving does not go back to all samples")
	}
	s.panes.Set(paneClasses)
	if s.Leave(); !s.panes.Is(paneClasses) {
		t.Error("there was nothing to leave")
	}
}

// small is little data that is quickly made.
const small = "data: {source: shapes, limit: 60}\nmodel: {layers: [flatten, dense: {units: 3, activation: softmax}]}\n"

// x on a class edits the experiment, and undo takes it back.
func TestToggleClass(t *testing.T) {
	b := open(t, full, small)
	s := b.s
	s.panes.Set(paneClasses)
	if b.why("x") == "" {
		t.Error("the sum of all classes can be left out")
	}
	b.press("down", "down", "x")
	if got := b.app.Draft.Experiment().Data.Classes; fmt.Sprint(got) != "[circle triangle]" {
		t.Errorf("classes %q", got)
	}
	if len(s.data.Classes) != 2 {
		t.Errorf("the data still has %v", s.data.Classes)
	}
	if why := b.why("enter"); !strings.Contains(why, "square is left out") {
		t.Errorf("showing a class that is left out: %q", why)
	}
	b.press("x")
	if got := b.app.Draft.Experiment().Data.Classes; got != nil {
		t.Errorf("all classes are written as %q", got)
	}
	b.press("up", "x", "down", "x")
	if why := b.why("x"); why != "" { // on a class that is left out
		t.Error(why)
	}
	b.press("down")
	if why := b.why("x"); why != wordOne {
		t.Errorf("the last class can be left out: %q", why)
	}
	b.press("u", "u", "u", "u")
	if got := b.app.Draft.Experiment().Data.Classes; got != nil {
		t.Errorf("undone to %q", got)
	}
	b.press("U")
	if got := b.app.Draft.Experiment().Data.Classes; fmt.Sprint(got) != "[circle triangle]" {
		t.Errorf("redone to %q", got)
	}
}

func TestShowRow(t *testing.T) {
	b := open(t, full, "lecture-cnn")
	b.s.panes.Set(paneClasses)
	b.press("down", "down", "enter")
	if b.s.class != 1 || !b.s.panes.Is(paneSamples) {
		t.Errorf("class %d, pane %d", b.s.class, b.s.panes.Focus())
	}
}

func TestForms(t *testing.T) {
	b := open(t, full, "lecture-cnn")
	b.press("e")
	b.typed("60")
	if v := ansi.Strip(b.app.Dialogs[0].View(80, 24)); !strings.Contains(v, "24×24×3, train 36, val 12, test 12") {
		t.Errorf("the form does not say what it comes to:\n%s", v)
	}
	b.press("enter")
	if n := b.s.data.Train.Len(); n != 36 {
		t.Errorf("%d training samples", n)
	}
	if *b.app.Draft.Experiment().Data.Limit != 60 {
		t.Error("the draft has another limit")
	}

	b.press("s")
	b.typed("0.5")
	b.press("tab")
	b.typed("0.6")
	if v := ansi.Strip(b.app.Dialogs[0].View(80, 24)); !strings.Contains(v, "leaves nothing for") {
		t.Errorf("an impossible split is not refused:\n%s", v)
	}
	b.app.Dialogs = nil

	b.press("i")
	b.typed("12")
	b.press("enter")
	if got := fmt.Sprint(b.s.data.Shape); got != "[12 12 3]" {
		t.Errorf("pictures of %s", got)
	}
}

func TestSource(t *testing.T) {
	b := open(t, full, "lecture-cnn")
	b.press("o")
	b.typed("shap")
	b.press("enter")
	if name := b.s.data.Source.Name; name != "shapes" {
		t.Errorf("the source is %s", name)
	}
	if e := b.app.Draft.Experiment(); e.Data.Classes != nil {
		t.Errorf("the classes of another source stay: %q", e.Data.Classes)
	}

	// A source that cannot be read is a sentence; the data before it stays to be looked at.
	b.do(b.s.setSource("nowhere.npz"))
	v := ansi.Strip(b.s.View(w160, h50))
	if b.s.err == nil || !strings.Contains(v, theme.Bad) || !strings.Contains(strings.NewReplacer("\n", "", " ", "", "│", "", "┃", "").Replace(firstColumn(v)), "nowhere.npz") {
		t.Errorf("no error is shown:\n%s", v)
	}
	if note := ansi.Strip(b.s.Note(70)); !strings.Contains(note, "nowhere.npz") || layout.Width(note) > 70 {
		t.Errorf("note %q", note)
	}
	b.press("u")
	if b.s.err != nil || b.s.data.Source.Name != "shapes" {
		t.Error("undo does not bring the data back")
	}
}

// firstColumn is the leftmost pane's width of every line.
func firstColumn(view string) string {
	var out []string
	for _, l := range strings.Split(view, "\n") {
		out = append(out, string([]rune(l)[:40]))
	}
	return strings.Join(out, "\n")
}

// Values have no classes to choose, and no stratified split.
func TestValues(t *testing.T) {
	b := open(t, full, "lecture-lstm")
	if why := b.why("]"); why != wordNoClasses {
		t.Errorf("classes of values: %q", why)
	}
	b = open(t, full, "lecture-cnn")
	b.do(b.s.setSource("wave"))
	if note := b.s.Note(200); !strings.Contains(note, "turn stratify off") {
		t.Errorf("note %q", note)
	}
}

// A draft whose data was never readable has a pane that says why.
func TestNoData(t *testing.T) {
	b := open(t, full, "data: {source: nowhere}\nmodel: {layers: [dense: {units: 1}]}\n")
	if b.s.data != nil || b.s.err == nil {
		t.Fatal("there is data")
	}
	for _, size := range [][2]int{{w80, h24}, {w160, h50}, {40, 8}} {
		exact(t, b.s, size[0], size[1])
	}
	if v := ansi.Strip(b.s.View(w80, h24)); !strings.Contains(v, wordCure[:20]) {
		t.Errorf("no cure is shown:\n%s", v)
	}
	for _, k := range []string{"n", "p", "v", "]"} {
		if b.why(k) == "" {
			t.Errorf("%s does something without data", k)
		}
	}
	b.s.panes.Set(paneClasses)
	b.press("down", "up") // nothing happens
}

func TestGoTo(t *testing.T) {
	b := open(t, full, "lecture-cnn")
	row := b.s.data.Train.Index[77]
	b.do(b.s.goTo(fmt.Sprint(row)))
	if b.s.at != 77 {
		t.Errorf("row %d is at %d, not 77", row, b.s.at)
	}
	b.do(b.s.goTo("999999"))
	b.do(b.s.goTo("x"))
	if n := len(b.app.Toasts); n != 2 || !b.app.Toasts[1].Bad || b.s.at != 77 {
		t.Errorf("%+v", b.app.Toasts)
	}
}

func TestMouse(t *testing.T) {
	b := open(t, full, "lecture-cnn")
	s := b.s
	s.View(w80, h24)
	r := s.panes.Rect(paneSamples).Inner()
	b.do(s.Update(tea.MouseClickMsg{X: r.X + 15, Y: r.Y + 2})) // the second tile
	if s.at != 1 {
		t.Fatalf("the click went to %d", s.at)
	}
	b.do(s.Update(tea.MouseClickMsg{X: r.X + 15, Y: r.Y + 2}))
	if !s.panes.Is(paneSample) {
		t.Error("a click on the sample with the cursor does not enlarge it")
	}
	s.panes.Set(paneSamples)
	s.View(w80, h24)
	b.do(s.Update(tea.MouseWheelMsg{X: r.X + 1, Y: r.Y + 1, Button: tea.MouseWheelDown}))
	if s.at != 1+s.cols {
		t.Errorf("the wheel went to %d", s.at)
	}
	c := s.panes.Rect(paneClasses).Inner()
	b.do(s.Update(tea.MouseClickMsg{X: c.X + 3, Y: c.Y + 3})) // legend, all, T-shirt, Trouser
	if s.classAt != 2 {
		t.Errorf("the click on Trouser went to row %d", s.classAt)
	}
	b.do(s.Update(tea.MouseClickMsg{X: c.X + 3, Y: c.Y + 3}))
	if s.class != 1 {
		t.Errorf("class %d is shown", s.class)
	}
	for y := -2; y < 30; y++ { // nowhere does a click do harm
		for x := -2; x < 90; x += 7 {
			s.Update(tea.MouseClickMsg{X: x, Y: y})
			s.Update(tea.MouseWheelMsg{X: x, Y: y, Button: tea.MouseWheelUp})
		}
	}
}

// Edits of the network leave the data alone.
func TestOtherEdits(t *testing.T) {
	b := open(t, full, "lecture-cnn")
	was := b.s.data
	b.press("right")
	if b.why("u") != wordNoUndo || b.why("U") != wordNoRedo {
		t.Error("there is something to undo")
	}
	b.edit(func(e *experiment) { e.Fit.Epochs = 3 })
	if b.s.data != was || b.s.at != 1 {
		t.Error("the data was taken anew")
	}
}

// A hidden tab reads nothing; it catches up when it is opened.
func TestHidden(t *testing.T) {
	b := open(t, full, "lecture-cnn")
	b.app.Tab = 3
	b.edit(func(e *experiment) { *e.Data.Limit = 60 })
	if b.s.data.Train.Len() != 900 {
		t.Error("a hidden tab took the new data")
	}
	b.app.Tab = b.s.tab
	b.do(b.s.Show())
	if b.s.data.Train.Len() != 36 {
		t.Errorf("%d samples", b.s.data.Train.Len())
	}
}

// Answers about data that was left are dropped.
func TestStale(t *testing.T) {
	b := open(t, full, "lecture-cnn")
	s := b.s
	v := s.version
	s.counted(counted{data: nil})
	if s.version != v || s.facts == nil {
		t.Error("a stale answer was taken")
	}
}

func TestWords(t *testing.T) {
	for f, want := range map[float64]string{1. / 255: "1/255", .5: "1/2", 2: "2"} {
		if got := factor(f); got != want {
			t.Errorf("factor %v: %s, want %s", f, got, want)
		}
	}
	for n, want := range map[float32]string{0: "0", 255: "255", .5: ".500", -1.25: "-1.25"} {
		if got := number(n); got != want {
			t.Errorf("number %v: %s, want %s", n, got, want)
		}
	}
	for _, c := range []struct {
		n    []int
		want string
	}{{[]int{100, 100}, wordBalanced}, {[]int{100, 0}, "a class is empty"}, {[]int{50, 150, 100}, "1 : 3"}, {nil, ""}} {
		var in []tally
		for _, n := range c.n {
			in = append(in, tally{in: true, n: [3]int{n}})
		}
		if got := balance(append(in, tally{})); got != c.want {
			t.Errorf("%v: %q, want %q", c.n, got, c.want)
		}
	}
}

// A folder that holds nothing is a sentence, too, and an npz of pictures is shown.
func TestFolder(t *testing.T) {
	b := open(t, full, "lecture-cnn")
	dir := filepath.Join(t.TempDir(), "empty")
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	b.do(b.s.setSource(dir))
	if b.s.err == nil {
		t.Error("an empty folder is data")
	}
}

func BenchmarkView(b *testing.B) {
	for name, size := range map[string][2]int{"80x24": {w80, h24}, "160x50": {w160, h50}} {
		b.Run(name, func(b *testing.B) {
			s := open(b, full, "lecture-shapes").s
			for b.Loop() {
				s.version++ // nothing is cached
				s.View(size[0], size[1])
			}
		})
	}
}

func BenchmarkUpdate(b *testing.B) {
	bench := open(b, full, "lenet5")
	s := bench.s
	b.Run("move", func(b *testing.B) {
		d := 1
		for b.Loop() {
			s.goBy(d)
			d = -d
		}
	})
	b.Run("changed", func(b *testing.B) {
		for b.Loop() {
			s.Update(screen.Changed{})
		}
	})
	b.Run("choose", func(b *testing.B) {
		for b.Loop() {
			s.choose()
		}
	})
	b.Run("preview", func(b *testing.B) {
		c := bench.app.Draft.Experiment().Data
		for b.Loop() {
			if _, err := s.preview(c); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// A terminal with graphics draws the pictures itself, if that is wanted.
func TestKitty(t *testing.T) {
	b := open(t, full, small)
	if b.why("K") != wordNoKitty {
		t.Error("any terminal has graphics")
	}
	b.app.Tick = func(time.Duration, func(time.Time) tea.Msg) tea.Cmd { return nil }
	b.s.Update(tea.TerminalVersionMsg{Name: "kitty(0.40.0)"})
	before := b.s.View(w80, h24)
	b.press("K")
	if v := b.s.View(w80, h24); !strings.ContainsRune(v, '\U0010EEEE') {
		t.Error("no placeholders are drawn")
	}
	exact(t, b.s, w80, h24)
	b.press("K")
	if b.s.View(w80, h24) != before {
		t.Error("the characters do not come back")
	}
}
