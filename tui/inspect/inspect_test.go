package inspect

import (
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"math"
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

	"cnnbench/nn/metric"
	"cnnbench/nn/train"
	"cnnbench/sessions"
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
		{"80x24", "lenet5", full, w80, h24, nil},
		{"160x50", "lenet5", full, w160, h50, nil},
		{"80x24-nocolor", "lenet5", plain, w80, h24, []string{"%", "e"}},
		{"80x24-wrong", "lenet5", full, w80, h24, []string{"w", "right"}},
		{"80x24-wrong-nocolor", "lenet5", plain, w80, h24, []string{"w"}},
		{"160x50-filters", "lecture-shapes", full, w160, h50, []string{"F"}},
		{"80x24-weights", "lecture-shapes", plain, w80, h24, []string{"F", "n"}},
		{"80x24-values", "lecture-linear", full, w80, h24, nil},
		{"80x24-errors", "lecture-lstm", plain, w80, h24, []string{"w"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := made(t, c.look, c.preset)
			b.w, b.h = c.w, c.h
			b.press(c.keys...)
			golden.RequireEqual(t, b.s.View(c.w, c.h))
		})
	}
}

// exact fails unless the view is h lines of w cells, and in ASCII where the look asks for it.
func exact(t *testing.T, s *Screen, w, h int) {
	t.Helper()
	v := s.View(w, h)
	screentest.Fits(t, v, w, h)
	screentest.IsASCII(t, v)
	if s.app.Theme.Symbols == chart.ASCII {
		for _, r := range ansi.Strip(v) { // pictures and curves are ASCII by themselves
			if r >= 0x2580 && r <= 0x259f && !strings.ContainsRune("▌▐░▒▓█", r) || r >= 0x2800 && r < 0x2900 {
				t.Fatalf("%dx%d: %q is drawn with --symbols ascii", w, h, r)
			}
		}
	}
}

func TestSizes(t *testing.T) {
	for _, preset := range []string{"lenet5", "lecture-shapes", "lecture-lstm", "lecture-linear", "nothing"} {
		for _, l := range []look{full, ascii} {
			var b *bench
			if preset == "nothing" {
				b = open(t, l, "lecture-linear")
			} else {
				b = made(t, l, preset)
				b.press("M") // so that there are maps
			}
			r := rand.New(rand.NewPCG(5, 6))
			sizes := [][2]int{{40, 8}, {80, 19}, {79, 19}, {80, 18}, {1, 1}, {2, 2}, {160, 45}, {120, 36}, {300, 90}}
			for range 40 {
				sizes = append(sizes, [2]int{1 + r.IntN(220), 1 + r.IntN(70)})
			}
			for i, size := range sizes {
				b.s.panes.Set(i % panes)
				b.s.percent, b.s.filters.numbers, b.s.maps.each = i%2 == 0, i%3 == 0, i%5 == 0
				b.s.zoom, b.s.maps.zoom, b.s.filters.zoom = i%4-1, i%4-1, i%4-1
				if i%6 == 0 {
					b.s.err = errors.New(strings.Repeat("a long sentence ", i))
				} else {
					b.s.err = nil
				}
				b.s.version++
				exact(t, b.s, size[0], size[1])
				if n := ansi.StringWidth(b.s.Note(size[0])); n > size[0] {
					t.Fatalf("a note of %d cells in %d", n, size[0])
				}
			}
		}
	}
}

// In a small window, tab goes through all panes, and the view follows.
func TestSmall(t *testing.T) {
	b := made(t, full, "lenet5")
	seen := map[view]bool{}
	for range panes {
		b.s.View(60, 12)
		seen[b.s.view] = true
		b.s.panes.Move(1)
	}
	if len(seen) != int(views) {
		t.Errorf("only the views %v are reached", seen)
	}
}

func TestNothingTrained(t *testing.T) {
	b := open(t, full, "lecture-linear")
	if v := b.view(); !strings.Contains(v, "space starts a training") {
		t.Errorf("it does not say what to do:\n%s", v)
	}
	for _, k := range []string{"r", "v", "b", "o", "%", "e", "x"} {
		if b.why(k) == "" {
			t.Errorf("%s does something", k)
		}
	}
	b.press("w", "F", "M", "]", "[", "m", "down", "right", "end")
}

// What is shown is what an evaluation by hand gives.
func TestTrained(t *testing.T) {
	b := trained(t, plain, tiny)
	r := b.s.result
	if r.eval.Split != "validation" || r.eval.Samples != 18 || r.at.String() != "epoch 2" {
		t.Fatalf("%s of %d samples at %v", r.eval.Split, r.eval.Samples, r.at)
	}
	stored, err := b.app.Store.Open(b.app.Live.Run.Name)
	if err != nil {
		t.Fatal(err)
	}
	want, _ := stored.History[1].Log("val_accuracy")
	if got := r.eval.Metrics[0].Value; math.Abs(got-want) > 1e-9 {
		t.Errorf("accuracy %v, the training measured %v", got, want)
	}
	v := b.view()
	for _, word := range []string{"circle", "square", "triangle", "macro", "weighted", "tiny-1 epoch 2 " + theme.Good} {
		if !strings.Contains(v, word) {
			t.Errorf("%q is not shown:\n%s", word, v)
		}
	}
	// The counts stand in their rows.
	for i, name := range r.eval.Classes {
		row := ""
		for _, l := range strings.Split(v, "\n") {
			if row == "" && strings.HasPrefix(l, "┃ "+name) {
				row = strings.NewReplacer("[", " ", "]", " ", "█", " ", "▓", " ", "▒", " ", "░", " ").Replace(l[:strings.LastIndex(l, "┃")])
			}
		}
		fields := strings.Fields(strings.TrimPrefix(row, "┃ "+name))
		if len(fields) != 3 {
			t.Fatalf("row of %s: %q", name, row)
		}
		for j, f := range fields {
			if n := r.eval.Confusion.At(i, j); f != fmt.Sprint(n) && !(n == 0 && f == theme.Dot) {
				t.Errorf("%s taken for %s: shown %s, is %d", name, r.eval.Classes[j], f, n)
			}
		}
	}
}

func TestList(t *testing.T) {
	b := made(t, plain, "lenet5")
	s := b.s
	ps := s.result.eval.Predictions
	b.press("w")
	last := 2.
	for _, i := range s.list {
		if ps[i].Class == ps[i].Label {
			t.Fatal("a right one is among the wrong")
		}
		if p := ps[i].Probability(); p > last {
			t.Fatal("a more certain one comes later")
		} else {
			last = p
		}
	}
	if n := (len(ps) + 6) / 7; len(s.list) != n {
		t.Errorf("%d wrong ones, want %d", len(s.list), n)
	}
	b.press("t")
	last = 0
	for _, i := range s.list {
		if p := ps[i].Probability(); ps[i].Class != ps[i].Label || p < last {
			t.Fatal("the right ones do not begin with the least certain")
		} else {
			last = p
		}
	}
	b.press("t")
	if len(s.list) != len(ps) || !slices.IsSorted(s.list) {
		t.Error("all do not stand in their order")
	}
	b.press("t")
	if s.only != wrongOnly {
		t.Error("after all do not come the wrong ones")
	}
}

// Enter on a cell of the matrix lists what is counted there, and esc takes the filter off.
func TestCell(t *testing.T) {
	b := made(t, plain, "lenet5")
	s := b.s
	b.press("e")
	c := s.result.eval.Confusion
	most := int64(0)
	for i := range 10 {
		for j := range 10 {
			if i != j {
				most = max(most, c.At(i, j))
			}
		}
	}
	if got := c.At(s.cell[0], s.cell[1]); got != most || s.cell[0] == s.cell[1] {
		t.Fatalf("the worst error is not at %v: %d of %d", s.cell, got, most)
	}
	// e goes through all errors in their order and then begins again.
	first, errs, sum := s.cell, 1, most
	for range 200 {
		before := c.At(s.cell[0], s.cell[1])
		b.s.nextError()
		if s.cell == first {
			break
		}
		if n := c.At(s.cell[0], s.cell[1]); n > before {
			t.Fatal("a larger error comes after a smaller one")
		} else {
			sum += n
		}
		errs++
	}
	right := int64(0)
	for i := range 10 {
		right += c.At(i, i)
	}
	if s.cell != first || sum+right != int64(s.result.eval.Samples) {
		t.Errorf("%d errors in %d cells of %d samples", sum, errs, s.result.eval.Samples)
	}
	b.press("enter")
	if s.view != viewSamples || int64(len(s.list)) != most {
		t.Fatalf("view %d with %d samples, want %d", s.view, len(s.list), most)
	}
	for _, i := range s.list {
		if q := s.result.eval.Predictions[i]; q.Label != s.cell[0] || q.Class != s.cell[1] {
			t.Fatal("another cell's sample is listed")
		}
	}
	if v := b.view(); !strings.Contains(v, "taken for") {
		t.Errorf("the title does not say which:\n%s", v)
	}
	s.Leave()
	if s.filter != [2]int{every, every} || len(s.list) <= int(most) {
		t.Error("esc does not take the filter off")
	}
	// A cell on the diagonal lists the right ones.
	s.cell = [2]int{2, 2}
	b.press("m", "enter")
	if int64(len(s.list)) != c.At(2, 2) {
		t.Errorf("%d samples of a cell of %d", len(s.list), c.At(2, 2))
	}
	b.press("c")
	if b.why("c") != wordNoMore {
		t.Error("there is a filter still")
	}
	// Enter on a class of the report lists all its errors.
	b.press("m")
	s.panes.Set(paneFigures)
	b.press("enter")
	if int64(len(s.list)) != c.Support(2)-c.At(2, 2) {
		t.Errorf("%d errors of the class", len(s.list))
	}
}

func TestEnlarge(t *testing.T) {
	b := made(t, plain, "lenet5")
	b.press("w", "enter", "right", "right", "left")
	if b.s.at != 1 || !b.s.panes.Is(paneSample) {
		t.Errorf("at %d, pane %d", b.s.at, b.s.panes.Focus())
	}
	if it, ok := b.s.window.One(1); !ok || len(it.V) != 28*28 {
		t.Error("the sample is not in memory")
	}
	b.s.Leave()
	if !b.s.panes.Is(paneSamples) {
		t.Error("esc does not go back")
	}
}

func TestPercent(t *testing.T) {
	b := made(t, plain, "lenet5")
	b.press("%")
	c := b.s.result.eval.Confusion
	if v := b.view(); !strings.Contains(v, "% of true class") || !strings.Contains(v, fmt.Sprintf("%.0f", 100*c.Share(0, 0))) {
		t.Errorf("no percents:\n%s", v)
	}
}

func TestSplits(t *testing.T) {
	b := trained(t, plain, tiny)
	for _, want := range []string{"test", "train", "validation"} {
		b.press("v")
		if b.s.result.eval.Split != want || b.s.split != want {
			t.Errorf("%s, want %s", b.s.result.eval.Split, want)
		}
	}
	// A source without a test part goes from validation to train and back.
	b = trained(t, plain, strings.Replace(tiny, "test: 0.2, ", "test: 0, ", 1))
	b.press("v")
	if b.s.split != "train" {
		t.Errorf("after validation comes %s", b.s.split)
	}
	b.press("v")
	if b.s.split != "validation" {
		t.Errorf("after train comes %s", b.s.split)
	}
	// Without validation, the test part is looked at by itself.
	b = trained(t, plain, strings.Replace(tiny, "validation: 0.2, ", "validation: 0, ", 1))
	if b.s.split != "test" {
		t.Errorf("without validation it is %s", b.s.split)
	}
}

// While a training runs, the tab says whether it is up to date.
func TestStale(t *testing.T) {
	b := open(t, plain, strings.Replace(tiny, "epochs: 2", "epochs: 50", 1))
	b.do(b.app.Start(train.Pause{}))
	if b.s.result == nil || b.s.result.at.String() != "epoch 0" || !b.s.fresh() {
		t.Fatalf("of a training that is paused at its start: %v, %v", b.s.result, b.s.err)
	}
	before := b.s.result.net.Weights()[0].Data[0]
	advance := func(to int) {
		b.app.Live.Run.Send(train.RunEpochs{N: 1})
		b.wait(func() bool { return len(b.app.Live.Epochs) >= to && b.app.Live.State == train.Paused })
	}
	b.s.result.took, b.s.result.done = time.Hour, time.Now() // too dear to be done by itself
	advance(1)
	if b.s.fresh() || !strings.Contains(b.view(), "stale") || b.s.result.at.epoch != 0 {
		t.Errorf("not stale after an epoch:\n%s", b.view())
	}
	b.press("r")
	if !b.s.fresh() || b.s.result.at.String() != "epoch 1" {
		t.Errorf("renewed: %v", b.s.result.at)
	}
	if b.s.result.net.Weights()[0].Data[0] == before {
		t.Error("the weights are the same as before")
	}
	b.s.result.took = time.Millisecond
	advance(2)
	b.do(b.s.catchUp(true))
	if !b.s.fresh() || b.s.result.at.epoch != 2 {
		t.Errorf("a cheap one is not done by itself: %v", b.s.result.at)
	}
	if b.why("b") != wordOneKind {
		t.Error("a training that runs has best weights")
	}
	// Another tab is shown: nothing is worked out.
	b.app.Tab = 3
	advance(3)
	if b.s.result.at.epoch != 2 {
		t.Error("a hidden tab works")
	}
	b.app.Tab = b.s.tab
	b.do(b.s.Show())
	if b.s.result.at.epoch != 3 {
		t.Error("it does not catch up when it is shown")
	}
}

// A job that was cancelled changes nothing.
func TestCancel(t *testing.T) {
	b := trained(t, plain, tiny)
	was := b.s.result
	cmd := b.s.nextSplit()
	if b.s.job == nil || b.why("x") != "" {
		t.Fatal("nothing is under way")
	}
	if v := b.view(); !strings.Contains(v, "looking at test") {
		t.Errorf("it does not say so:\n%s", v)
	}
	b.press("x")
	b.do(cmd)
	if b.s.result != was || b.s.job != nil || b.s.err != nil || b.s.split != "validation" {
		t.Errorf("split %s, error %v", b.s.split, b.s.err)
	}
	if b.why("x") != wordIdle {
		t.Error("there is something to cancel still")
	}
}

// A stored session is looked at with its last weights or its best.
func TestStored(t *testing.T) {
	b := trained(t, plain, tiny)
	name := b.app.Live.Run.Name
	live := b.s.result.eval.Loss
	b.do(b.app.Open(name))
	if r := b.s.result; r.subject.session == nil || r.eval.Loss != live {
		t.Errorf("the stored session's loss is %v, not %v", r.eval.Loss, live)
	}
	data := b.s.result.data
	b.press("b")
	if r := b.s.result; r.subject.which != sessions.BestWeights || r.data != data {
		t.Errorf("weights %v; the data was read again: %v", r.subject.which, r.data != data)
	}
	if v := b.view(); !strings.Contains(v, "(best)") {
		t.Errorf("it does not say which weights:\n%s", v)
	}
	b.press("b")
	if b.s.result.subject.which != sessions.Last {
		t.Error("b does not go back to the last weights")
	}
	b.do(b.app.Follow())
	if b.s.result.subject.run == nil {
		t.Error("following the training again shows the session still")
	}
	// One whose weights are gone is a sentence.
	if err := os.RemoveAll(filepath.Join(b.app.Live.Run.Dir, "weights")); err != nil {
		t.Fatal(err)
	}
	b.press("r")
	if b.s.err == nil || !strings.Contains(b.s.Note(200), theme.Bad) {
		t.Error("nothing is said of weights that are gone")
	}
}

// The maps of a layer are what the network computes.
func TestMaps(t *testing.T) {
	b := trained(t, plain, tiny)
	s := b.s
	b.press("w", "t", "t", "M")
	r := s.result
	want := func(layer int) []float32 {
		r.mu.Lock()
		defer r.mu.Unlock()
		in := r.net.Input()[:r.data.In.Size()]
		if err := r.data.Data.Validation.Read(in, r.eval.Predictions[s.list[s.at]].Sample); err != nil {
			t.Fatal(err)
		}
		r.net.Predict(1)
		v, shape := r.net.Activation(layer)
		return slices.Clone(v[:shape.Size()])
	}
	if !slices.Equal(s.maps.v, want(0)) || fmt.Sprint(s.maps.shape) != "[22 22 4]" || s.maps.count() != 4 {
		t.Errorf("maps of the first layer: %v", s.maps.shape)
	}
	b.press("right", ">")
	if !slices.Equal(s.maps.v, want(1)) || s.maps.at != 1 {
		t.Errorf("maps of the second layer: %v", s.maps.shape)
	}
	b.press(".")
	if s.at != 1 || !slices.Equal(s.maps.v, want(1)) {
		t.Error("the next sample's maps are not there")
	}
	b.press(">", ">", ">", ">")
	if s.maps.layer != 3 || !slices.Equal(s.maps.v, want(3)) {
		t.Errorf("the last layer is %d", s.maps.layer)
	}
	sum := 0.
	for _, v := range s.maps.v {
		sum += float64(v)
	}
	if math.Abs(sum-1) > 1e-5 {
		t.Errorf("the probabilities sum to %v", sum)
	}
	b.press("<", "<", "<", "s")
	if v := b.view(); !strings.Contains(v, wordEach) {
		t.Errorf("its own range is not said:\n%s", v)
	}
}

func TestFilters(t *testing.T) {
	b := made(t, plain, "lecture-shapes")
	s := b.s
	b.press("F")
	fs := s.result.filters
	if len(fs) != 2 || fs[0].out != 32 || fs[0].in != 3 || fs[1].in != 32 || fs[1].out != 64 || fs[0].name != "conv2d" {
		t.Fatalf("filters of %d layers", len(fs))
	}
	kernel := s.result.net.Weights()[0].Data // [3, 3, 3, 32]
	if got, want := fs[0].tile(5, 2).V[4], kernel[((1*3+1)*3+2)*32+5]; got != want {
		t.Errorf("the middle of filter 5 is %v, want %v", got, want)
	}
	if m := fs[0].tile(5, every); m.C != 3 || m.V[4*3+1] != kernel[((1*3+1)*3+1)*32+5] {
		t.Error("the colours are mixed up")
	}
	b.press("n")
	if v := b.view(); !strings.Contains(v, short(kernel[0])) {
		t.Errorf("the first weight, %s, is not written:\n%s", short(kernel[0]), v)
	}
	b.press(">", "C", "C")
	if v := b.view(); !strings.Contains(v, "input channel 3 of 32") {
		t.Errorf("the channel is not said:\n%s", v)
	}
	b.press("end")
	if s.filters.at != 63 {
		t.Errorf("the last filter is %d", s.filters.at)
	}
	// A dense layer that sees the whole picture has a filter for each unit; one that sees features has none.
	b = made(t, plain, "mlp")
	if fs := b.s.result.filters; len(fs) != 1 || fs[0].h != 28 || fs[0].in != 1 {
		t.Errorf("filters of an MLP: %v", len(fs))
	}
	b = made(t, plain, "lecture-mlp")
	b.press("F")
	if v := b.view(); !strings.Contains(v, wordNoFilter[:30]) || b.why("n") != wordNoFilter {
		t.Errorf("filters of features:\n%s", v)
	}
}

// picturePath writes a picture file: an orange disc on blue.
func picturePath(t *testing.T) string {
	m := image.NewRGBA(image.Rect(0, 0, 90, 60))
	for y := range 60 {
		for x := range 90 {
			c := color.RGBA{20, 60, 160, 255}
			if dx, dy := x-45, y-30; dx*dx+dy*dy < 400 {
				c = color.RGBA{240, 140, 30, 255}
			}
			m.Set(x, y, c)
		}
	}
	path := filepath.Join(t.TempDir(), "disc.png")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := png.Encode(f, m); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestOwn(t *testing.T) {
	b := trained(t, plain, tiny)
	s := b.s
	path := picturePath(t)
	b.press("o")
	for range 200 {
		b.press("backspace")
	}
	screentest.Type(t, b.app, s, path)
	b.press("enter")
	if s.view != viewOwn || s.own.answer == nil || len(s.own.x) != 24*24*3 {
		t.Fatalf("nothing was said of it: %v", s.own.err)
	}
	if m := s.own.x[(12*24+12)*3:]; m[0] < .9 || m[2] > .3 {
		t.Errorf("its middle is seen as %v, not as orange", m[:3])
	}
	v := b.view()
	for _, word := range []string{"disc.png", "says", "circle", "square", "triangle", wordSees} {
		if !strings.Contains(v, word) {
			t.Errorf("%q is not shown:\n%s", word, v)
		}
	}
	// Its maps, and back to those of a sample.
	b.press("M")
	if !s.maps.own || s.maps.have.sample != every {
		t.Error("the maps are not those of the picture")
	}
	if v := b.view(); !strings.Contains(v, "disc.png") {
		t.Errorf("the sample beside them is another one:\n%s", v)
	}
	// Newer weights are asked again.
	gen := s.own.gen
	b.press("r")
	if s.own.gen == gen || s.own.answer == nil || s.maps.have.own != s.own.gen {
		t.Error("the picture is not looked at again")
	}
	if err := os.WriteFile(path, []byte("no picture"), 0o644); err != nil {
		t.Fatal(err)
	}
	b.do(s.openOwn(path))
	if v := b.view(); s.own.err == nil || !strings.Contains(v, theme.Bad) {
		t.Errorf("a broken picture:\n%s", v)
	}
	b = trained(t, plain, line)
	if b.why("o") != wordNoPic {
		t.Error("a network without pictures looks at one")
	}
}

func TestValues(t *testing.T) {
	b := trained(t, plain, line)
	v := b.view()
	for _, word := range []string{"true and predicted", "mae", "largest", "R²", "predicted less true"} {
		if !strings.Contains(v, word) {
			t.Errorf("%q is not shown:\n%s", word, v)
		}
	}
	for _, k := range []string{"%", "e"} {
		if b.why(k) != wordNoClass {
			t.Errorf("%s does something", k)
		}
	}
	// The largest error comes first.
	s := b.s
	last := math.Inf(1)
	for _, i := range s.list {
		if d := off(&s.result.eval.Predictions[i]); d > last {
			t.Fatal("a larger error comes later")
		} else {
			last = d
		}
	}
	b.press("right", "w", "right", "enter")
	if s.at != 2 {
		t.Errorf("at %d", s.at)
	}
	if v := b.view(); !strings.Contains(v, "off by") {
		t.Errorf("the error is not said:\n%s", v)
	}
}

func TestMisses(t *testing.T) {
	nan := float32(math.NaN())
	at := func(said, is float32) sessions.Prediction {
		return sessions.Prediction{Values: []float32{said}, Target: []float32{is}}
	}
	// By hand: off by 1, -1, 3, mean 1, spread sqrt(8/3); the targets 1 2 3 vary by 2, the squares sum to 11.
	e := missesOf([]sessions.Prediction{at(2, 1), at(1, 2), at(6, 3), at(nan, 1)})
	if e.n != 3 || math.Abs(e.mean-1) > 1e-9 || math.Abs(e.std-math.Sqrt(8./3)) > 1e-9 || e.largest != 3 || math.Abs(e.r2-(1-11./2)) > 1e-9 {
		t.Errorf("%+v", e)
	}
	if e := missesOf([]sessions.Prediction{at(nan, 1)}); e.n != 0 {
		t.Errorf("%+v", e)
	}
	if e := missesOf([]sessions.Prediction{at(1, 5), at(2, 5)}); !math.IsNaN(e.r2) {
		t.Errorf("targets that do not vary: %+v", e)
	}
}

// A training that diverged has outputs that are no numbers: they are shown, and nothing breaks.
func TestDiverged(t *testing.T) {
	for _, preset := range []string{"lenet5", "lecture-linear"} {
		b := made(t, plain, preset)
		nan := float32(math.NaN())
		for i := range b.s.result.eval.Predictions {
			for k := range b.s.result.eval.Predictions[i].Values {
				b.s.result.eval.Predictions[i].Values[k] = nan
			}
		}
		b.s.result.eval.Loss = math.NaN()
		b.s.choose()
		for v := range views {
			b.s.open(v)
			exact(t, b.s, w80, h24)
			exact(t, b.s, w160, h50)
		}
		b.press("m")
		if v := b.view(); !strings.Contains(v, "NaN") {
			t.Errorf("%s: the loss is not said:\n%s", preset, v)
		}
	}
}

// Many classes scroll, and the class with the cursor is always in sight.
func TestManyClasses(t *testing.T) {
	b := made(t, plain, "lenet5")
	s := b.s
	const n = 60
	e := *s.result.eval
	e.Classes, e.Confusion = nil, metric.NewConfusion(n)
	for i := range n {
		e.Classes = append(e.Classes, fmt.Sprintf("class number %d of a long name", i))
		for j := range n {
			for range (i*7 + j*3) % 5 {
				e.Confusion.Add(i, j)
			}
		}
	}
	e.Report = e.Confusion.Report()
	for i := range e.Predictions {
		e.Predictions[i].Values = make([]float32, n)
	}
	s.result.eval = &e
	s.version++
	for range 40 {
		b.press("down", "right", "right")
		exact(t, s, w80, h24)
		v := b.view()
		if !strings.Contains(v, "[") || !strings.Contains(v, "]") {
			t.Fatalf("the cell %v is not in sight:\n%s", s.cell, v)
		}
	}
	if s.cell != [2]int{40, 59} {
		t.Errorf("the cursor is at %v", s.cell)
	}
	b.press("home", "end")
	if s.cell != [2]int{n - 1, n - 1} {
		t.Errorf("the last cell is %v", s.cell)
	}
}

func TestHeads(t *testing.T) {
	for _, c := range []struct {
		classes []string
		w       int
		want    string
	}{
		{[]string{"T-shirt", "Trouser", "Pullover"}, 3, "T-s Tro Pul"},
		{[]string{"Sandal", "Sandals"}, 3, "0 1"},
		{[]string{"0", "1", "2"}, 2, "0 1 2"},
		{[]string{"고양이", "개"}, 3, "고 개"},
	} {
		heads, _ := headsOf(c.classes, c.w)
		if got := strings.Join(heads, " "); got != c.want {
			t.Errorf("%v in %d: %s, want %s", c.classes, c.w, got, c.want)
		}
		for _, h := range heads {
			if layout.Width(h) > c.w {
				t.Errorf("%q is wider than %d", h, c.w)
			}
		}
	}
}

func TestChances(t *testing.T) {
	b := made(t, plain, "lenet5")
	q := &sessions.Prediction{Label: 7, Class: 2, Values: []float32{.1, .05, .6, .1, .05, .02, .03, .01, .03, .01}}
	lines := b.s.chances(q, 40, 3)
	text := ansi.Strip(strings.Join(lines, "\n"))
	if len(lines) != 3 || !strings.HasPrefix(text, "Pullover") || !strings.Contains(text, "Sneaker") || !strings.Contains(lines[0], "60%") {
		t.Errorf("the likeliest first, the true one among them:\n%s", text)
	}
	q.Values, q.Class = []float32{.25}, 0
	q.Label = 1
	b.s.result.eval.Classes = []string{"no", "yes"}
	if text := ansi.Strip(strings.Join(b.s.chances(q, 40, 3), "\n")); !strings.HasPrefix(text, "no") || !strings.Contains(text, "75%") {
		t.Errorf("one unit:\n%s", text)
	}
}

func TestTwoDigits(t *testing.T) {
	for v, want := range map[float64]string{0: ".00", .854: ".85", .996: "1.0", 1: "1.0", .994: ".99"} {
		if got := twoDigits(v); got != want {
			t.Errorf("%v: %s, want %s", v, got, want)
		}
	}
}

func TestMouse(t *testing.T) {
	b := made(t, plain, "lenet5")
	s := b.s
	s.View(w80, h24)
	click := func(x, y int) {
		b.do(s.Update(tea.MouseClickMsg{X: x, Y: y}))
		s.View(w80, h24)
	}
	// The cell of Pullover taken for Coat: find it by what is drawn for the cursor.
	s.cell = [2]int{2, 4}
	s.version++
	lines := strings.Split(ansi.Strip(s.View(w80, h24)), "\n")
	x, y := 0, 0
	for i, l := range lines {
		if at := strings.Index(l, "["); i > 0 && at >= 0 {
			x, y = layout.Width(l[:at])+1, i
		}
	}
	s.cell = [2]int{0, 0}
	click(x, y)
	if s.cell != [2]int{2, 4} {
		t.Fatalf("the click went to %v", s.cell)
	}
	click(x, y)
	if s.view != viewSamples || s.filter != [2]int{2, 4} {
		t.Error("a click on the cell with the cursor does not show its samples")
	}
	click(s.strip[viewFilters].X+2, 0)
	if s.view != viewFilters {
		t.Error("a click on the line of views does not open one")
	}
	r := s.panes.Rect(paneFilters).Inner()
	click(r.X+25, r.Y+2)
	if s.filters.at != 1 {
		t.Errorf("the click went to filter %d", s.filters.at)
	}
	click(s.strip[viewSamples].X+2, 0)
	s.narrow(every, every)
	s.View(w80, h24)
	r = s.panes.Rect(paneSamples).Inner()
	b.do(s.Update(tea.MouseWheelMsg{X: r.X + 1, Y: r.Y + 1, Button: tea.MouseWheelDown}))
	if s.at != s.cols || s.cols < 2 {
		t.Errorf("the wheel went to %d", s.at)
	}
	click(r.X+1, r.Y+1)
	click(r.X+1, r.Y+1)
	if s.at != 0 || !s.panes.Is(paneSample) {
		t.Errorf("at %d, pane %d", s.at, s.panes.Focus())
	}
	for v := range views { // nowhere does a click do harm
		s.open(v)
		for y := -2; y < 30; y += 3 {
			for x := -2; x < 90; x += 7 {
				s.View(w80, h24)
				s.Update(tea.MouseClickMsg{X: x, Y: y})
				s.Update(tea.MouseWheelMsg{X: x, Y: y, Button: tea.MouseWheelUp})
			}
		}
	}
}

// A new training empties the tab before its first answer.
func TestStartedAnew(t *testing.T) {
	b := trained(t, plain, tiny)
	was := b.s.result
	b.do(b.app.Start())
	b.wait(func() bool { return !b.app.Running() })
	if b.s.result == was || b.s.result.subject.run != b.app.Live.Run {
		t.Error("the result is still that of the training before")
	}
	if was.net != nil {
		t.Error("the network before was not given back")
	}
}

func BenchmarkView(b *testing.B) {
	for name, size := range map[string][2]int{"80x24": {w80, h24}, "160x50": {w160, h50}} {
		for v := range views {
			b.Run(fmt.Sprint(name, "-", panePlain(v)), func(b *testing.B) {
				bench := made(b, full, "lecture-shapes")
				bench.press("M", "m")
				bench.s.open(v)
				for b.Loop() {
					bench.s.version++ // nothing is cached
					bench.s.View(size[0], size[1])
				}
			})
		}
	}
}

func panePlain(v view) string { return strings.ReplaceAll(paneNames[panesOf[v][0]], " ", "-") }

func BenchmarkUpdate(b *testing.B) {
	bench := made(b, full, "lenet5")
	s := bench.s
	b.Run("epoch", func(b *testing.B) {
		fed := screen.Fed{Update: train.Update{Epochs: make([]train.Epoch, 1)}}
		for b.Loop() {
			s.Update(fed)
		}
	})
	b.Run("list", func(b *testing.B) {
		for b.Loop() {
			s.nextOnly()
		}
	})
	b.Run("cell", func(b *testing.B) {
		for b.Loop() {
			s.nextError()
		}
	})
}

// A terminal with graphics draws the pictures itself, if that is wanted.
func TestKitty(t *testing.T) {
	b := made(t, full, "lecture-shapes")
	if b.why("K") != wordNoKitty {
		t.Error("any terminal has graphics")
	}
	b.app.Tick = func(time.Duration, func(time.Time) tea.Msg) tea.Cmd { return nil }
	b.s.Update(tea.TerminalVersionMsg{Name: "ghostty 1.2.0"})
	b.press("w", "K", "F", "M")
	for v := range views {
		b.s.open(v)
		if text := b.s.View(w80, h24); strings.ContainsRune(text, '\U0010EEEE') != (v == viewSamples || v == viewFilters || v == viewMaps) {
			t.Errorf("placeholders in view %d", v)
		}
		exact(t, b.s, w80, h24)
		exact(t, b.s, w160, h50)
	}
}
