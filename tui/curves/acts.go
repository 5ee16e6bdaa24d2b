package curves

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	tea "charm.land/bubbletea/v2"

	"cnnbench/tui/chart"
	"cnnbench/tui/keys"
)

// Context is the keys of the charts.
func (b *Board) Context() keys.Context {
	do := func(f func()) func() tea.Cmd {
		return func() tea.Cmd {
			f()
			return b.change()
		}
	}
	at := func(f func(c *chart.Chart)) func() tea.Cmd { return do(func() { f(b.chart()) }) }
	return keys.Context{Name: textCharts, Actions: []keys.Action{
		{Name: "smooth", Keys: []string{"e"}, Title: "smooth", Hint: 6, Help: "smooth the training's loss: not, by .6, .9, .99",
			Run: do(func() { b.smoothing = (b.smoothing + 1) % len(smoothings) })},
		{Name: "log-y", Keys: []string{"y"}, Title: "log y", Hint: 6, Help: "make the vertical axis logarithmic, or linear again",
			Run: do(func() { b.logY = !b.logY })},
		{Name: "log-x", Keys: []string{"X"}, Title: "log x", Help: "make the horizontal axis logarithmic, or linear again",
			Run: do(func() { b.logX = !b.logX })},
		{Name: "axis", Keys: []string{"t"}, Title: "axis", Help: "draw over steps, epochs or time",
			Run: do(func() { b.axis = (b.axis + 1) % (chart.ByTime + 1) })},
		{Name: "zoom-in", Keys: []string{"z"}, Title: "zoom", Hint: 6, Label: "z/Z zoom", Help: "show less of the training, around the cursor or at its newest end",
			Blocked: b.whyNoData, Run: at((*chart.Chart).ZoomIn)},
		{Name: "zoom-out", Keys: []string{"Z"}, Title: "zoom out", Help: "show more of the training", Blocked: b.whyNoData, Run: at((*chart.Chart).ZoomOut)},
		{Name: "whole", Keys: []string{"0"}, Title: "all of it", Help: "show the whole training", Run: do(func() {
			for i := range b.slots {
				b.slots[i].chart.ResetZoom()
			}
		})},
		{Name: "left", Keys: []string{"left", "h"}, Title: "left", Help: "move the cursor to the left, or what is zoomed to", Run: do(func() { b.move(-1) })},
		{Name: "right", Keys: []string{"right", "l"}, Title: "right", Help: "move the cursor to the right, or what is zoomed to", Run: do(func() { b.move(1) })},
		{Name: "point-left", Keys: []string{"shift+left", "H"}, Title: "point left", Help: "move the cursor to the value before", Run: at(func(c *chart.Chart) { c.StepCursor(-1) })},
		{Name: "point-right", Keys: []string{"shift+right", "L"}, Title: "point right", Help: "move the cursor to the value after", Run: at(func(c *chart.Chart) { c.StepCursor(1) })},
		{Name: "inspect", Keys: []string{"i"}, Title: "read", Hint: 6, Help: "read exact values at a cursor", Blocked: b.whyNoData, Run: at(func(c *chart.Chart) {
			_, on := c.Cursor()
			c.ShowCursor(!on)
		})},
		{Name: "guides", Keys: []string{"g"}, Title: "guides", Help: "draw lines at the ticks, or not", Run: do(func() { b.guides = !b.guides })},
		{Name: "figure", Keys: []string{"m"}, Title: "metric", Help: "show the next metric in the second chart", Blocked: b.whyOneMetric, Run: do(b.next)},
		{Name: "copy", Keys: []string{"c"}, Title: "copy", Help: "copy the values at the cursor, or the newest ones", Blocked: b.whyNoData, Run: b.copy},
	}}
}

// chart is the one that keys are about.
func (b *Board) chart() *chart.Chart { return b.slots[b.active()].chart }

func (b *Board) whyNoData() string {
	for _, s := range b.shown {
		if !s.Run.Empty() {
			return ""
		}
	}
	return textNoCurve
}

func (b *Board) whyOneMetric() string {
	if len(b.metrics()) < 2 {
		return textOneMetric
	}
	return ""
}

// next shows the next metric in the second slot.
func (b *Board) next() {
	names := b.metrics()
	i := slices.Index(names, b.Figure(SlotMetric))
	b.metric = names[(i+1)%len(names)]
}

// panStep is the part of the window by which one key moves it.
const panStep = 0.25

// move moves the cursor, or where there is none, the window.
func (b *Board) move(d int) {
	c := b.chart()
	if _, on := c.Cursor(); on {
		c.MoveCursor(d)
		return
	}
	c.Pan(panStep * float64(d))
}

// copy puts the values at the cursor of the chart in use, or the newest ones of all charts, into the clipboard, one a
// line.
func (b *Board) copy() tea.Cmd {
	var lines []string
	add := func(name string, v float64) {
		lines = append(lines, name+"\t"+strconv.FormatFloat(v, 'g', -1, 64))
	}
	slot := b.active()
	c := b.slots[slot].chart
	at, on := c.Cursor()
	if on {
		lines = append(lines, "step\t"+strconv.Itoa(at.Step))
		for _, r := range c.Readings() {
			add(b.Figure(slot)+" "+r.Label, r.Point.Value)
		}
	} else if main := b.Main(); main != nil {
		for _, f := range main.figures {
			for _, s := range []struct {
				label  string
				series *chart.Series
			}{{textTrain, &f.Train}, {textVal, &f.Val}} {
				if p, ok := s.series.Last(); ok {
					at = p
					add(f.Name+" "+s.label, p.Value)
				}
			}
		}
	}
	if len(lines) == 0 {
		return b.app.Say(textNoCurve)
	}
	words := fmt.Sprintf(textCopied, at.Step)
	return tea.Batch(tea.SetClipboard(strings.Join(lines, "\n")+"\n"), b.app.Say(words))
}

// Mouse takes what the mouse does on a chart, and reports whether it was on one.
func (b *Board) Mouse(msg tea.Msg) bool {
	m, ok := msg.(tea.MouseMsg)
	if !ok {
		return false
	}
	at := m.Mouse()
	for i := range b.slots {
		r := b.rect(i)
		if !r.Contains(at.X, at.Y) {
			continue
		}
		c, column := b.slots[i].chart, at.X-r.X
		switch msg := m.(type) {
		case tea.MouseWheelMsg:
			wheel(c, column, msg)
		case tea.MouseClickMsg:
			if msg.Button == tea.MouseLeft {
				c.PlaceCursor(column)
			}
		case tea.MouseMotionMsg:
			if msg.Button == tea.MouseLeft {
				c.PlaceCursor(column)
			}
		}
		b.change()
		return true
	}
	return false
}

// wheel zooms around the column, or pans with shift and with a wheel that turns sideways.
func wheel(c *chart.Chart, column int, m tea.MouseWheelMsg) {
	side := m.Mod.Contains(tea.ModShift)
	switch {
	case m.Button == tea.MouseWheelLeft, m.Button == tea.MouseWheelUp && side:
		c.Pan(-panStep / 2)
	case m.Button == tea.MouseWheelRight, m.Button == tea.MouseWheelDown && side:
		c.Pan(panStep / 2)
	case m.Button == tea.MouseWheelUp:
		c.ZoomAt(column, true)
	case m.Button == tea.MouseWheelDown:
		c.ZoomAt(column, false)
	}
}
