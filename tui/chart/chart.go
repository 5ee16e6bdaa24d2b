package chart

import (
	"image/color"
	"math"
	"slices"
)

// Options say how a chart is drawn. The zero value is a chart over steps with
// linear axes, nothing smoothed, in braille and without colours.
type Options struct {
	Symbols    Symbols
	X          Axis
	LogX, LogY bool    // logarithmic axes; values not above 0 are skipped there
	Smoothing  float64 // EMA factor, from 0 (none) to below 1
	HideBand   bool    // leave the raw values out behind a smoothed line
	Guides     bool    // a grid at the ticks
	Legend     Legend
	Palette    Palette
	Empty      string // shown while there is nothing to draw; "no data yet" by default
}

// Legend says where the names of the lines stand.
type Legend uint8

// The places of a legend.
const (
	LegendAuto Legend = iota // at the ends of the lines in a wide chart, else above
	LegendTop                // in a row above the lines
	LegendEnd                // right of the lines, each at its line's height
	LegendOff
)

// Palette holds the colours of what is not data; nil is the terminal's own
// colour. Axis and guides without a colour are faint. All colours of a chart
// must be of comparable types, as those of Lip Gloss and of image/color are.
type Palette struct {
	Axis, Label, Guide color.Color
	Event, Alert       color.Color // marks; Alert for a training that diverged
	Cursor             color.Color
}

// Line is one series and how it is drawn.
type Line struct {
	Label  string
	Series *Series
	Color  color.Color // of the line and its name; nil is the terminal's own
	Dim    color.Color // of the band of raw values; nil is Color, faint
	Mark   rune        // tells lines apart without colour, see [Mark]; 0 for none
	Dashed bool
	Exact  bool // values stand for themselves: no smoothing, no band, a mark at each
	Pinned bool // drawn last, over the others
	Hidden bool
}

// Event is something that happened during training, shown as a vertical line
// with a short text. The Value of At means nothing.
type Event struct {
	At    Point
	Text  string
	Alert bool
}

// Chart draws lines over a common horizontal axis. The zero value is an empty
// chart. Series may grow at any time between two draws.
type Chart struct {
	options Options
	lines   []plotted
	events  []Event
	window  window
	cursor  cursor

	// What was drawn last.
	picture string
	w, h    int
	stamp   uint64 // sum of the series' versions
	drawn   bool   // nothing but the series changed since

	layout layout
	canvas canvas
	dots   dots
	order  []int // indices of visible lines, the one on top last
	styled bool  // canvas.styles fit options and lines
}

// plotted is a line with what the chart works out about it.
type plotted struct {
	Line
	smooth smoothed
}

// New returns a chart of the lines.
func New(o Options, lines ...Line) *Chart {
	c := &Chart{}
	c.SetOptions(o)
	c.SetLines(lines...)
	return c
}

// Options returns how the chart is drawn.
func (c *Chart) Options() Options { return c.options }

// SetOptions changes how the chart is drawn. A window and a cursor stay where
// they are in the training also when the horizontal axis changes.
func (c *Chart) SetOptions(o Options) {
	o.Smoothing = min(max(o.Smoothing, 0), 0.9999)
	if math.IsNaN(o.Smoothing) {
		o.Smoothing = 0
	}
	if o == c.options {
		return
	}
	if o.X != c.options.X {
		c.window.lo = c.convert(c.window.lo, c.options.X, o.X)
		c.window.hi = c.convert(c.window.hi, c.options.X, o.X)
	}
	c.options = o
	c.changed()
}

// SetLines replaces the lines. What was worked out about a series that stays
// is kept, and lines that are what they were change nothing.
func (c *Chart) SetLines(lines ...Line) {
	if slices.EqualFunc(c.lines, lines, func(p plotted, l Line) bool { return p.Line == l }) {
		return
	}
	old := c.lines
	c.lines = make([]plotted, len(lines))
	for i, l := range lines {
		c.lines[i].Line = l
		for k := range old {
			if old[k].Series == l.Series {
				c.lines[i].smooth = old[k].smooth
				old[k].smooth = smoothed{} // two lines never share one store
				break
			}
		}
	}
	c.changed()
}

// SetEvents replaces the events. The chart itself marks the first value that
// is not finite.
func (c *Chart) SetEvents(events ...Event) {
	if slices.Equal(c.events, events) {
		return
	}
	c.events = append(c.events[:0], events...)
	c.changed()
}

// changed makes the next draw a new one.
func (c *Chart) changed() { c.drawn, c.styled = false, false }

// Draw returns height lines of exactly width cells each. It returns the very
// string of the last call while neither data nor options nor size changed.
func (c *Chart) Draw(width, height int) string {
	if width <= 0 || height <= 0 {
		return blankLines(height)
	}
	stamp := uint64(0)
	for i := range c.lines {
		if s := c.lines[i].Series; s != nil {
			stamp += s.version
		}
	}
	if c.drawn && c.w == width && c.h == height && c.stamp == stamp {
		return c.picture
	}
	c.w, c.h, c.stamp, c.drawn = width, height, stamp, true
	c.prepare()
	c.paint()
	c.picture = c.canvas.String()
	return c.picture
}

// blankLines are lines of no width.
func blankLines(height int) string {
	if height < 2 {
		return ""
	}
	lines := make([]byte, height-1)
	for i := range lines {
		lines[i] = '\n'
	}
	return string(lines)
}

// prepare brings what depends on the data up to date: the order of painting,
// the smoothed values, the scales and the layout.
func (c *Chart) prepare() {
	c.sortLines()
	for _, i := range c.order {
		if l := &c.lines[i]; c.smooths(l) {
			l.smooth.follow(l.Series, c.options.Smoothing)
		}
	}
	c.keepCursor()
	c.lay()
}

// sortLines puts the visible lines into the order of painting, pinned ones
// last.
func (c *Chart) sortLines() {
	c.order = c.order[:0]
	for _, pinned := range []bool{false, true} {
		for i := range c.lines {
			if l := &c.lines[i]; l.Series != nil && !l.Hidden && l.Pinned == pinned {
				c.order = append(c.order, i)
			}
		}
	}
}

// smooths reports whether the line is drawn smoothed.
func (c *Chart) smooths(l *plotted) bool {
	return c.options.Smoothing > 0 && !l.Exact
}

// banded reports whether the raw values are drawn behind the line.
func (c *Chart) banded(l *plotted) bool {
	return c.smooths(l) && !c.options.HideBand
}

// drawable reports whether a value has a place on the vertical axis.
func (c *Chart) drawable(v float64) bool {
	return finite(v) && (!c.options.LogY || v > 0)
}
