package curves

import (
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"

	"cnnbench/nn/train"
	"cnnbench/tui/chart"
	"cnnbench/tui/keys"
	"cnnbench/tui/layout"
	"cnnbench/tui/screentest"
)

// boardOf is a board of two charts beside each other, 60x20 each, with runs of 100 steps in 5 epochs.
func boardOf(t testing.TB, runs ...string) *Board {
	t.Helper()
	b := NewBoard(screentest.App(t, "lecture-linear", screentest.NoColor, chart.Braille), 2, func() int { return SlotLoss },
		func(slot int) layout.Rect { return layout.Rect{X: 60 * slot, W: 60, H: 20} })
	var shown []Shown
	for i, name := range runs {
		r := &Run{Name: name}
		u := train.Update{}
		for n := int64(1); n <= 100; n++ {
			u.Steps = append(u.Steps, point(n, 1+1/float64(n), 0.01))
			if n%20 == 0 {
				e := float64(n) / 20
				u.Epochs = append(u.Epochs, train.Epoch{Epoch: int(e), Step: n, Total: float64(n), Logs: []train.Value{{Name: "accuracy", Value: e / 6}, {Name: "loss", Value: 1}, {Name: "mae", Value: e},
					{Name: "val_accuracy", Value: e / 7}, {Name: "val_loss", Value: 1 + float64(i)/4 + 1/e}, {Name: "val_mae", Value: e}}})
			}
		}
		r.Add(&u)
		shown = append(shown, Shown{Run: r, Main: i == len(runs)-1})
	}
	b.Show(shown...)
	return b
}

func (b *Board) press(t *testing.T, names ...string) {
	t.Helper()
	c := []keys.Context{b.Context()}
	for _, n := range names {
		a := keys.Find(c, n)
		if a == nil {
			t.Fatalf("the charts have no key %s", n)
		}
		if why := a.Why(); why != "" {
			t.Fatalf("%s: %s", n, why)
		}
		a.Run()
	}
}

func TestKeysChangeTheChart(t *testing.T) {
	for _, c := range []struct {
		keys  []string
		title string // of the loss
		axis  string
	}{
		{nil, "loss · smooth .6", "step"},
		{[]string{"e"}, "loss · smooth .9", "step"},
		{[]string{"e", "e", "e"}, "loss", "step"},
		{[]string{"y"}, "loss · smooth .6 · log y", "step"},
		{[]string{"X", "y", "y"}, "loss · smooth .6 · log x", "step"},
		{[]string{"t"}, "loss · smooth .6", "epoch"},
		{[]string{"t", "t"}, "loss · smooth .6", "time"},
		{[]string{"t", "t", "t"}, "loss · smooth .6", "step"},
	} {
		b := boardOf(t, "a")
		b.press(t, c.keys...)
		drawn := screentest.Plain(b.Draw(SlotLoss, 60, 20, ""))
		if got := b.Title(SlotLoss); got != c.title {
			t.Errorf("%v: title %q, want %q", c.keys, got, c.title)
		}
		lines := strings.Split(drawn, "\n")
		if !strings.HasSuffix(lines[len(lines)-1], c.axis) {
			t.Errorf("%v: the axis is %q, want %q", c.keys, lines[len(lines)-1], c.axis)
		}
	}
}

func TestZoomPanAndCursor(t *testing.T) {
	b := boardOf(t, "a")
	draw := func() string { return screentest.Plain(b.Draw(SlotLoss, 60, 20, "")) }
	draw()
	if got := b.Range(SlotLoss); got != "" {
		t.Errorf("unzoomed the range is %q", got)
	}
	b.press(t, "z", "z")
	draw()
	near := b.Range(SlotLoss)
	if !strings.HasSuffix(near, "to 100") {
		t.Errorf("zoomed to %q, want the newest end", near)
	}
	b.press(t, "left")
	draw()
	if got := b.Range(SlotLoss); got == near {
		t.Error("left does not pan")
	}
	b.press(t, "t")
	draw()
	if got := b.Range(SlotLoss); !strings.HasPrefix(got, "epoch ") || strings.Contains(got, "100") {
		t.Errorf("over epochs the range is %q", got)
	}
	b.press(t, "t", "t", "0")
	draw()
	if got := b.Range(SlotLoss); got != "" {
		t.Errorf("0 leaves %q", got)
	}
	b.press(t, "i")
	draw()
	b.press(t, "shift+left", "H")
	if got := draw(); !strings.Contains(got, "step 98") || !strings.Contains(got, "1.010204") {
		t.Errorf("two points left of the newest:\n%s", got)
	}
	b.press(t, "i")
	if got := draw(); strings.Contains(got, "step 98") {
		t.Error("i does not take the cursor away")
	}
}

func TestNextMetric(t *testing.T) {
	b := boardOf(t, "a")
	if got := b.Title(SlotMetric); got != "accuracy" {
		t.Errorf("first %q", got)
	}
	b.press(t, "m")
	if got := b.Title(SlotMetric); got != "mae" {
		t.Errorf("then %q", got)
	}
	b.press(t, "m")
	if got := b.Title(SlotMetric); got != "accuracy" {
		t.Errorf("at last %q", got)
	}
}

// TestOverlaysAreToldApart: each run has a mark of its own, on the chart as in lists.
func TestOverlaysAreToldApart(t *testing.T) {
	b := boardOf(t, "one", "two", "three")
	drawn := screentest.Plain(b.Draw(SlotLoss, 90, 20, ""))
	for _, want := range []string{"train", "val", "■ one", "▲ two"} {
		if !strings.Contains(drawn, want) {
			t.Errorf("no %q in\n%s", want, drawn)
		}
	}
	for name, want := range map[string]string{"one": "■", "two": "▲", "three": "━", "four": " "} {
		if got := screentest.Plain(b.Sign(name) + "."); got != want+"." {
			t.Errorf("sign of %s is %q, want %q", name, got, want)
		}
	}
}

func TestMouseOnCharts(t *testing.T) {
	b := boardOf(t, "a")
	b.Draw(SlotLoss, 60, 20, "")
	b.Draw(SlotMetric, 60, 20, "")
	if b.Mouse(tea.MouseClickMsg{X: 130, Y: 3, Button: tea.MouseLeft}) {
		t.Error("a click beside the charts is taken")
	}
	b.Mouse(tea.MouseClickMsg{X: 90, Y: 3, Button: tea.MouseLeft})
	if _, on := b.Cursor(SlotLoss); on {
		t.Error("a click on the second chart sets the cursor of the first")
	}
	at, on := b.Cursor(SlotMetric)
	if !on || at.Step < 20 || at.Step > 80 {
		t.Errorf("the cursor is at %+v, %v", at, on)
	}
	b.Mouse(tea.MouseMotionMsg{X: 118, Y: 3, Button: tea.MouseLeft})
	if at, _ := b.Cursor(SlotMetric); at.Step != 100 {
		t.Errorf("dragged to %+v", at)
	}
	b.Mouse(tea.MouseWheelMsg{X: 30, Y: 3, Button: tea.MouseWheelUp})
	zoomed := b.Range(SlotLoss)
	b.Mouse(tea.MouseWheelMsg{X: 30, Y: 3, Button: tea.MouseWheelUp, Mod: tea.ModShift})
	if got := b.Range(SlotLoss); zoomed == "" || got == zoomed {
		t.Errorf("zoomed to %q, with shift to %q", zoomed, got)
	}
	b.Mouse(tea.MouseWheelMsg{X: 30, Y: 3, Button: tea.MouseWheelDown})
	b.Mouse(tea.MouseWheelMsg{X: 30, Y: 3, Button: tea.MouseWheelDown})
	if got := b.Range(SlotLoss); got != "" {
		t.Errorf("zoomed out it is %q", got)
	}
}

func TestEmptyBoardSaysSo(t *testing.T) {
	b := boardOf(t)
	if got := screentest.Plain(b.Draw(SlotLoss, 40, 9, "after the first step")); !strings.Contains(got, "after the first step") {
		t.Errorf("got\n%s", got)
	}
	for _, key := range []string{"z", "i", "c", "m"} {
		if a := keys.Find([]keys.Context{b.Context()}, key); a.Why() == "" {
			t.Errorf("%s can be done without a curve", key)
		}
	}
}
