package data

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"
)

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

func TestShowRow(t *testing.T) {
	b := open(t, full, "lecture-cnn")
	b.s.panes.Set(paneClasses)
	b.press("down", "down", "enter")
	if b.s.class != 1 || !b.s.panes.Is(paneSamples) {
		t.Errorf("class %d, pane %d", b.s.class, b.s.panes.Focus())
	}
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
	b.do(s.Update(tea.MouseClickMsg{X: c.X + 3, Y: c.Y + 4})) // legend, shares, all, T-shirt, Trouser
	if s.classAt != 2 {
		t.Errorf("the click on Trouser went to row %d", s.classAt)
	}
	b.do(s.Update(tea.MouseClickMsg{X: c.X + 3, Y: c.Y + 4}))
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
