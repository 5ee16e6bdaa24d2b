package inspect

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"cnnbench/tui/layout"
)

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
