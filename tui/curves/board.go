package curves

import (
	"fmt"
	"image/color"
	"slices"
	"strconv"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"cnnbench/tui/chart"
	"cnnbench/tui/figure"
	"cnnbench/tui/layout"
	"cnnbench/tui/screen"
	"cnnbench/tui/theme"
)

// MaxShown is how many trainings are drawn at once: more cannot be told apart.
const MaxShown = 6

// Shown is a training on the charts.
type Shown struct {
	Run *Run
	// Main is the one that the screen is about: its training and its validation are drawn, over all others, of which
	// there is one line each.
	Main bool
	// Left says that it is a branch that the main one left: both lines of it are drawn, dim, behind all.
	Left bool
}

// Board is the charts of a screen: one a slot, all drawn alike.
type Board struct {
	Version int // grows with every change of how the charts are drawn

	app    *screen.App
	slots  []slot
	shown  []Shown
	metric string                // that the second slot shows; "": the first there is
	active func() int            // the slot that keys are about
	rect   func(int) layout.Rect // where a slot's chart was drawn last

	smoothing  int // in smoothings
	logX, logY bool
	axis       chart.Axis
	guides     bool
}

// slot is one chart.
type slot struct {
	chart *chart.Chart
	cache screen.Cache[slotKey]
}

// slotKey is what a chart's text depends on.
type slotKey struct{ w, h, board, data, look int }

// The slots.
const (
	SlotLoss   = iota
	SlotMetric // one of the metrics; Next chooses which
	SlotRate
)

// NewBoard makes a board of so many slots. Active says which slot the keys are about, rect where a slot's chart lies on
// the screen, for the mouse.
func NewBoard(app *screen.App, slots int, active func() int, rect func(slot int) layout.Rect) *Board {
	b := &Board{app: app, active: active, rect: rect, smoothing: 1, slots: make([]slot, slots)}
	for i := range b.slots {
		b.slots[i].chart = &chart.Chart{}
	}
	return b
}

// smoothings are the factors that one key goes through.
var smoothings = [...]float64{0, 0.6, 0.9, 0.99}

// Show says which trainings are drawn, those in front last; a nil Run is passed over.
func (b *Board) Show(shown ...Shown) {
	b.shown = b.shown[:0]
	for _, s := range shown {
		if s.Run != nil {
			b.shown = append(b.shown, s)
		}
	}
	b.Version++
}

// Main is the training that the screen is about, nil if there is none.
func (b *Board) Main() *Run {
	for _, s := range b.shown {
		if s.Main {
			return s.Run
		}
	}
	return nil
}

// Data is a number that changes with the curves that are drawn.
func (b *Board) Data() int {
	n := 0
	for _, s := range b.shown {
		n += s.Run.Version
	}
	return n
}

// metrics are the names of all metrics that are drawn.
func (b *Board) metrics() []string {
	var names []string
	seen := map[string]bool{}
	for _, s := range b.shown {
		for _, n := range s.Run.Metrics() {
			if !seen[n] {
				seen[n] = true
				names = append(names, n)
			}
		}
	}
	return names
}

// Figure is the name of what a slot shows.
func (b *Board) Figure(slot int) string {
	switch slot {
	case SlotLoss:
		return Loss
	case SlotRate:
		return Rate
	}
	names := b.metrics()
	for _, n := range names {
		if n == b.metric {
			return n
		}
	}
	if len(names) > 0 {
		return names[0]
	}
	return ""
}

// Title names a slot's chart and how it is drawn.
func (b *Board) Title(slot int) string {
	name := b.Figure(slot)
	if name == "" {
		return textMetrics
	}
	parts := []string{Words(name)}
	if f := smoothings[b.smoothing]; f > 0 && slot == SlotLoss {
		parts = append(parts, fmt.Sprintf(textSmooth, strings.TrimPrefix(fmt.Sprint(f), "0")))
	}
	if b.logY {
		parts = append(parts, textLogY)
	}
	if b.logX {
		parts = append(parts, textLogX)
	}
	return strings.Join(parts, " "+theme.Dot+" ")
}

// Range is the part of the training that a slot's chart is zoomed to, "" for all of it.
func (b *Board) Range(slot int) string {
	c := b.slots[slot].chart
	lo, hi, ok := c.Window()
	if !ok || !c.Zoomed() {
		return ""
	}
	return fmt.Sprintf(textZoom, b.axis, place(b.axis, lo), place(b.axis, hi))
}

// place writes a place on an axis.
func place(axis chart.Axis, x float64) string {
	switch axis {
	case chart.ByEpoch:
		return strconv.FormatFloat(x, 'f', 1, 64)
	case chart.ByTime:
		return figure.Clock(time.Duration(x * float64(time.Second)))
	}
	return strconv.FormatFloat(x, 'f', 0, 64)
}

// Cursor is the point that the cursor of a slot's chart stands at, false where there is none.
func (b *Board) Cursor(slot int) (chart.Point, bool) { return b.slots[slot].chart.Cursor() }

// Draw is a slot's chart, w x h cells; empty says what is missing while there is nothing to draw.
func (b *Board) Draw(slot, w, h int, empty string) string {
	s := &b.slots[slot]
	return s.cache.Get(slotKey{w, h, b.Version, b.Data(), b.app.Look}, func() string {
		s.chart.SetOptions(b.options(slot, empty))
		s.chart.SetLines(b.lines(slot)...)
		s.chart.SetEvents(b.events(slot)...)
		return s.chart.Draw(w, h)
	})
}

func (b *Board) options(slot int, empty string) chart.Options {
	t := b.app.Theme
	o := chart.Options{
		Symbols: t.Symbols, X: b.axis, LogX: b.logX, LogY: b.logY, Smoothing: smoothings[b.smoothing], Guides: b.guides, Empty: empty,
		Palette: chart.Palette{Axis: t.Faint, Guide: t.Faint, Label: t.Dim.GetForeground(), Event: t.Warn.GetForeground(),
			Alert: t.Bad.GetForeground(), Cursor: t.Hot},
	}
	if !t.Color {
		o.Palette = chart.Palette{}
	}
	if slot == SlotRate {
		o.Legend = chart.LegendOff
	}
	return o
}

// Colours and marks of the main training's lines; those of the others follow.
const (
	seriesTrain = iota
	seriesVal
	seriesOthers
)

// lines are what a slot's chart draws: the main training's first, so that a legend without room for all names names
// these. A dashed line is of validation data, everywhere.
func (b *Board) lines(slot int) []chart.Line {
	t := b.app.Theme
	name := b.Figure(slot)
	var main, others, left []chart.Line
	for i, s := range b.shown {
		f := s.Run.Figure(name)
		if f == nil {
			continue
		}
		if s.Main {
			main = []chart.Line{
				{Label: textTrain, Series: &f.Train, Color: t.Series(seriesTrain), Dim: muted(t, t.Series(seriesTrain), bandShare), Exact: name != Loss, Pinned: true, Hidden: f.Train.Len() == 0},
				{Label: textVal, Series: &f.Val, Color: t.Series(seriesVal), Mark: chart.Mark(seriesVal), Dashed: true, Exact: true, Pinned: true, Hidden: f.Val.Len() == 0},
			}
			continue
		}
		c := t.Series(b.other(i))
		if s.Left {
			left = append(left, chart.Line{Label: s.Run.Name, Series: &f.Train, Color: muted(t, c, leftShare), Dim: muted(t, c, leftShare), Exact: name != Loss, Hidden: f.Train.Len() == 0},
				chart.Line{Label: s.Run.Name + " " + textVal, Series: &f.Val, Color: muted(t, c, leftShare), Mark: chart.Mark(b.other(i)), Dashed: true, Exact: true, Hidden: f.Val.Len() == 0})
			continue
		}
		l := chart.Line{Label: s.Run.Name, Series: &f.Val, Color: muted(t, c, otherShare), Dim: muted(t, c, bandShare), Mark: chart.Mark(b.other(i)), Dashed: true, Exact: true}
		if f.Val.Len() == 0 {
			l.Series, l.Dashed, l.Exact = &f.Train, false, name != Loss
		}
		l.Hidden = l.Series.Len() == 0
		others = append(others, l)
	}
	return slices.Concat(main, others, left)
}

// Shares of their colour that the raw values behind a smoothed line have, the trainings that a screen is not about, and
// the branches that were left.
const (
	bandShare  = 0.45
	otherShare = 0.8
	leftShare  = 0.5
)

// muted is a colour with so much of it left over the background. One of the terminal's own sixteen stays as it is.
func muted(t *theme.Theme, c color.Color, share float64) color.Color {
	full, ok := c.(color.RGBA)
	if !ok {
		return c
	}
	ground := 255.0
	if t.Dark {
		ground = 0
	}
	mix := func(v uint8) uint8 { return uint8(share*float64(v) + (1-share)*ground) }
	return color.RGBA{R: mix(full.R), G: mix(full.G), B: mix(full.B), A: full.A}
}

// other is the number of a colour and a mark for the i-th of what is shown, which is not the main one.
func (b *Board) other(i int) int {
	n := seriesOthers
	for _, s := range b.shown[:i] {
		if !s.Main {
			n++
		}
	}
	return n
}

// Sign is what a training is drawn with, as it stands before its name in a list; blank if it is not drawn.
func (b *Board) Sign(name string) string {
	t := b.app.Theme
	for i, s := range b.shown {
		switch {
		case s.Run.Name != name:
		case s.Main:
			return t.Accent.Render("━")
		default:
			style := t.Text
			if c := t.Series(b.other(i)); c != nil {
				style = style.Foreground(c)
			}
			return style.Render(string(chart.Mark(b.other(i))))
		}
	}
	return " "
}

// events are the marks of the main training.
func (b *Board) events(slot int) []chart.Event {
	main := b.Main()
	if main == nil || slot == SlotMetric {
		return nil
	}
	return main.Events
}

// change says that the charts look another way now.
func (b *Board) change() tea.Cmd {
	b.Version++
	return nil
}
