package data

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/exp/golden"

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
		{"80x24", "lecture-cnn", full, w80, h24, nil},
		{"160x50", "lecture-cnn", full, w160, h50, nil},
		{"80x24-nocolor", "lecture-cnn", plain, w80, h24, nil},
		{"160x50-numbers", "lenet5", full, w160, h50, []string{"v", "n"}},
		{"80x24-class", "lecture-shapes", full, w80, h24, []string{"p", "]", "enter"}},
		{"80x24-sequences", "lecture-lstm", plain, w80, h24, nil},
		{"80x24-features", "lecture-mlp", plain, w80, h24, nil},
		{"80x24-variants", fmt.Sprintf(bent, ""), plain, w80, h24, []string{"A", "right"}},
		{"160x50-variants", fmt.Sprintf(bent, ""), full, w160, h50, []string{"A", "right"}},
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

// exact fails unless the view is h lines of w cells, and in ASCII where the look asks for it.
func exact(t *testing.T, s *Screen, w, h int) {
	t.Helper()
	screentest.Exact(t, s.View(w, h), w, h, s.app.Theme.Symbols)
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

// firstColumn is the leftmost pane's width of every line.
func firstColumn(view string) string {
	var out []string
	for _, l := range strings.Split(view, "\n") {
		out = append(out, string([]rune(l)[:36]))
	}
	return strings.Join(out, "\n")
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
	}{{[]int{100, 100}, wordBalanced}, {[]int{100, 0}, "! a class is empty"}, {[]int{60, 150, 100}, "1 : 2.50"}, {[]int{50, 150, 100}, "! 1 : 3"}} {
		if got := balance(c.n); got != c.want {
			t.Errorf("%v: %q, want %q", c.n, got, c.want)
		}
	}
}

// A terminal with graphics draws the pictures itself, if that is wanted.
func TestKitty(t *testing.T) {
	b := open(t, full, small)
	if !strings.Contains(b.why("K"), "no graphics") {
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
