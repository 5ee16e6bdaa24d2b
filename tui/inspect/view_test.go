package inspect

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"
	"github.com/charmbracelet/x/exp/golden"

	"cnnbench/nn/metric"
	"cnnbench/sessions"
	"cnnbench/tui/layout"
	"cnnbench/tui/screentest"
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
	screentest.Exact(t, s.View(w, h), w, h, s.app.Theme.Symbols)
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

// A terminal with graphics draws the pictures itself, if that is wanted.
func TestKitty(t *testing.T) {
	b := made(t, full, "lecture-shapes")
	if !strings.Contains(b.why("K"), "no graphics") {
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
