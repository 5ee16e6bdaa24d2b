package data

import (
	"bytes"
	"fmt"
	"image"
	"image/png"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"

	"cnnbench/tui/layout"
	"cnnbench/tui/theme"
)

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

	b.press("s", "tab")
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

// A ratio fills the shares in and is counted at once; shares that are typed name their ratio.
func TestSplitRatios(t *testing.T) {
	b := open(t, full, "lecture-cnn")
	shows := func(words ...string) {
		t.Helper()
		v := ansi.Strip(b.app.Dialogs[0].View(80, 24))
		for _, w := range words {
			if !strings.Contains(v, w) {
				t.Errorf("no %q in\n%s", w, v)
			}
		}
	}
	b.press("s")
	shows("< 60:20:20 >", "train 900, val 300, test 300")
	b.press("right")
	shows("< 50:25:25 >", "0.25", "train 750, val 375, test 375")
	b.press("right") // own: the shares stay
	shows("< own >", "train 750, val 375, test 375")
	b.press("left", "tab")
	b.typed("100")
	shows("own", "train 1,025, val 375, test 100")
	b.press("ctrl+r", "tab", "ctrl+r")
	shows("60:20:20", "train 900, val 300, test 300") // as it was
	b.press("shift+tab", "shift+tab", "right", "enter")
	c := b.app.Draft.Experiment().Data.Split
	if *c.Test != .25 || *c.Validation != .25 || !c.Stratify || b.s.data.Train.Len() != 750 {
		t.Errorf("the split became %v and %v, %d training samples", *c.Test, *c.Validation, b.s.data.Train.Len())
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

// A public data set stands among the sources once it is there.
func TestDownloadedSource(t *testing.T) {
	b := open(t, full, "lecture-cnn")
	chooser := func() string {
		b.press("o")
		defer func() { b.app.Dialogs = nil }()
		return ansi.Strip(b.app.Dialogs[0].View(w160, h50))
	}
	if v := chooser(); strings.Contains(v, "mnist") {
		t.Errorf("lists what is not there:\n%s", v)
	}
	folder := filepath.Join(b.app.Store.Downloads(), "mnist")
	if err := os.MkdirAll(folder, 0o755); err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string]string{ // IDX: twenty pictures of 1 by 1, all of a one
		"train-images-idx3-ubyte.gz": "\x00\x00\x08\x03\x00\x00\x00\x14\x00\x00\x00\x01\x00\x00\x00\x01" + strings.Repeat("\x09", 20),
		"train-labels-idx1-ubyte.gz": "\x00\x00\x08\x01\x00\x00\x00\x14" + strings.Repeat("\x01", 20),
		"t10k-images-idx3-ubyte.gz":  "\x00\x00\x08\x03\x00\x00\x00\x01\x00\x00\x00\x01\x00\x00\x00\x01\x09",
		"t10k-labels-idx1-ubyte.gz":  "\x00\x00\x08\x01\x00\x00\x00\x01\x01",
	} {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if v := chooser(); !strings.Contains(v, "mnist") || !strings.Contains(v, "handwritten digits") || strings.Contains(v, "kmnist") {
		t.Errorf("does not list mnist alone:\n%s", v)
	}
	b.press("o")
	b.typed("mnist")
	b.press("enter")
	if e := b.app.Draft.Experiment(); e.Data.Source != "mnist" || b.s.err != nil || b.s.data.Source.Name != "mnist" || len(b.s.data.Classes) != 10 {
		t.Errorf("the experiment has %s, %v", e.Data.Source, b.s.err)
	}
}

// Values have no classes to choose, and no stratified split.
func TestValues(t *testing.T) {
	b := open(t, full, "lecture-lstm")
	if why := b.why("]"); why != wordNoClasses {
		t.Errorf("classes of values: %q", why)
	}
	b = open(t, full, "lecture-cnn")
	for _, source := range []string{"wave", "shapes", "blobs", "line", "fashion-mini"} { // none trips over the settings of the one before
		b.do(b.s.setSource(source))
		if e := b.app.Draft.Experiment(); e.Data.Source != source || b.s.err != nil || b.s.data.Source.Name != source {
			t.Errorf("%s: the experiment has %s, %v", source, e.Data.Source, b.s.err)
		}
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

// The training pictures are shown as they are deformed in an epoch, and the form says how they are.
func TestAugmented(t *testing.T) {
	b := open(t, plain, small)
	s := b.s
	if b.why(">") != wordNoAugment {
		t.Error("something is augmented")
	}
	b.press("v", "v")
	if s.as() != received {
		t.Error("v goes to augmented samples where there are none")
	}
	b.press("a")
	b.typed("40") // rotation_range
	b.press("enter")
	if got := b.app.Draft.Experiment().Data.Augment.RotationRange; got != 40 {
		t.Fatalf("rotation_range %v", got)
	}
	is := func(pass int) {
		t.Helper()
		want := make([]float32, 24*24*3)
		if _, err := s.data.Train.Augmented(want, s.list[s.at], pass); err != nil {
			t.Fatal(err)
		}
		if it, ok := s.window.One(s.at); !ok || !slices.Equal(it.V, want) {
			t.Errorf("the sample is not that of pass %d", pass)
		}
	}
	b.press("v", "v")
	is(0)
	b.press(">", "right")
	is(1)
	b.w, b.h = w160, h50
	v := strings.Join(strings.Fields(ansi.Strip(s.View(b.w, b.h))), " ")
	for _, word := range []string{"augmented, epoch 2", "rotation_range 40"} {
		if !strings.Contains(v, word) {
			t.Errorf("%q is not shown", word)
		}
	}
	b.press("<", "<", "<")
	is(0)
	b.press("p") // the validation part is never augmented
	if s.as() != received || b.why(">") != wordNoAugment {
		t.Error("the validation part is augmented")
	}
	b.press("p", "p", "v")
	if s.as() != received {
		t.Error("after augmented does not come received")
	}
}

// What a source had to leave out is told.
func TestSkipped(t *testing.T) {
	dir := t.TempDir()
	for c, class := range []string{"cat", "dog"} {
		if err := os.MkdirAll(filepath.Join(dir, class), 0o755); err != nil {
			t.Fatal(err)
		}
		for i := range 12 {
			if err := os.WriteFile(filepath.Join(dir, class, fmt.Sprintf("%d.png", i)), grey4(t, uint8(20*i+c)), 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := os.WriteFile(filepath.Join(dir, "cat", "torn.png"), []byte("torn"), 0o644); err != nil {
		t.Fatal(err)
	}
	b := open(t, plain, small)
	b.do(b.s.setSource(dir))
	if b.s.err != nil {
		t.Fatal(b.s.err)
	}
	b.w, b.h = w160, 70
	v := firstColumn(ansi.Strip(b.s.View(b.w, b.h)))
	if words := strings.Join(strings.Fields(strings.ReplaceAll(v, "│", "")), " "); !strings.Contains(words, "1 that could not be taken") || !strings.Contains(words, "torn.png") {
		t.Errorf("the torn picture is not told of:\n%s", v)
	}
	if it, ok := b.s.window.One(0); !ok || len(it.V) != 16 {
		t.Error("the folder's pictures are not shown")
	}
}

// grey4 is a picture file of 4x4 grey pixels.
func grey4(t *testing.T, grey uint8) []byte {
	m := image.NewGray(image.Rect(0, 0, 4, 4))
	for i := range m.Pix {
		m.Pix[i] = grey
	}
	var b bytes.Buffer
	if err := png.Encode(&b, m); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}
