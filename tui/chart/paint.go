package chart

import (
	"fmt"
	"math"
	"strings"

	"github.com/charmbracelet/x/ansi"
)

// Texts of a chart itself.
const (
	textEmpty    = "no data yet"
	textNoNumber = "no finite value to draw"
	textNoLog    = "no value above 0 for a logarithmic axis"
	textDiverged = "diverged at step %d"
)

// paint draws everything onto the canvas, what is in front last.
func (c *Chart) paint() {
	c.restyle()
	c.canvas.resize(c.w, c.h)
	l := &c.layout
	if l.w > 0 && l.h > 0 {
		c.dots.resize(c.options.Symbols, l.w, l.h)
	}
	if c.options.Guides {
		c.paintGuides()
	}
	events := c.visibleEvents()
	c.paintEventLines(events)
	if l.hasY {
		for _, i := range c.order {
			c.paintBand(i)
		}
		for _, i := range c.order {
			c.paintLine(i)
		}
		for _, i := range c.order {
			c.paintMarks(i) // over all lines: they tell them apart
		}
	} else {
		c.paintNotice()
	}
	c.paintAxes()
	c.paintLegend()
	c.paintCursor()
	c.paintEventTexts(events)
}

// glyphs are the characters of the chart's symbol set.
func (c *Chart) glyphs() *glyphs { return &glyphsOf[c.options.Symbols] }

// paintNotice says why nothing is drawn.
func (c *Chart) paintNotice() {
	text := c.options.Empty
	if text == "" {
		text = textEmpty
	}
	for _, i := range c.order {
		for k := range c.lines[i].Series.points {
			if finite(c.lines[i].Series.points[k].Value) {
				text = textNoLog
				break
			}
			text = textNoNumber
		}
	}
	l := &c.layout
	text = c.clean(text, l.w)
	x := l.x + (l.w-ansi.StringWidth(text))/2
	c.canvas.text(x, l.y+(l.h-1)/2, l.x+l.w, text, guideStyle)
}

// clean makes a text one line of printable characters that the symbol set
// has, at most width cells wide.
func (c *Chart) clean(s string, width int) string {
	return clean(s, width, c.options.Symbols)
}

func clean(s string, width int, symbols Symbols) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case r < ' ' || r == 0x7f || r >= 0x80 && r < 0xa0:
			return ' '
		case symbols == ASCII && r >= 0x80:
			return '?'
		}
		return r
	}, ansi.Strip(s))
	return ansi.Truncate(s, max(width, 0), glyphsOf[symbols].more)
}

// paintGuides draws the grid.
func (c *Chart) paintGuides() {
	l, g := &c.layout, c.glyphs()
	for _, t := range l.ys.ticks {
		for x := range l.w {
			if c.options.Symbols != ASCII || x%4 == 0 {
				c.canvas.put(l.x+x, l.y+t.at, g.guideX, guideStyle)
			}
		}
	}
	for _, t := range l.xs.ticks {
		for y := range l.h {
			c.canvas.put(l.x+t.at, l.y+y, g.guideY, guideStyle)
		}
		for _, u := range l.ys.ticks {
			c.canvas.put(l.x+t.at, l.y+u.at, g.cross, guideStyle)
		}
	}
}

// paintAxes draws the axes with ticks and labels.
func (c *Chart) paintAxes() {
	l, g := &c.layout, c.glyphs()
	if l.axisY {
		for y := range l.h {
			c.canvas.put(l.x-1, l.y+y, g.axisY, axisStyle)
		}
		for _, t := range l.ys.ticks {
			c.canvas.put(l.x-1, l.y+t.at, g.tickY, axisStyle)
			c.canvas.text(l.x-1-ansi.StringWidth(t.label), l.y+t.at, l.x-1, t.label, labelStyle)
		}
	}
	if !l.axisX {
		return
	}
	y := l.y + l.h
	for x := range l.w {
		c.canvas.put(l.x+x, y, g.axisX, axisStyle)
	}
	if l.axisY {
		c.canvas.put(l.x-1, y, g.corner, axisStyle)
	}
	c.paintLabels(y)
}

// paintLabels writes the labels of the horizontal axis, with their ticks, and
// its title, below the axis or, in a low chart, into it.
func (c *Chart) paintLabels(axis int) {
	l := &c.layout
	y := axis
	if l.labelRow {
		y++
	}
	end := l.x + l.w
	title := c.options.X.String()
	switch {
	case l.endWidth > len(title):
		c.canvas.text(end+1, y, c.w, title, axisStyle)
	case l.w >= 4*len(title):
		c.canvas.text(end-len(title), y, end, title, axisStyle)
		c.canvas.put(end-len(title)-1, y, 0, plain)
		end -= len(title) + 2
	}
	left := max(l.x-1, 0)
	for _, t := range l.xs.ticks {
		w := ansi.StringWidth(t.label)
		x := max(l.x+t.at-w/2, left)
		if x+w > end {
			break
		}
		if l.labelRow {
			c.canvas.put(l.x+t.at, axis, c.glyphs().tickX, axisStyle)
		}
		c.canvas.text(x, y, end, t.label, labelStyle)
	}
}

// paintBand draws the raw values of a smoothed line.
func (c *Chart) paintBand(i int) {
	l := &c.lines[i]
	if !c.banded(l) {
		return
	}
	s := l.Series
	c.dots.clear()
	t := tracer{c: c, series: s, tree: &s.tree, value: func(k int) float64 { return s.points[k].Value }}
	if t.pen.stroke = dotted; c.crowded(s) {
		t.pen.stroke = woven
	}
	t.trace()
	c.compose(bandStyle(i), c.glyphs().band)
}

// crowded reports whether points share columns of dots.
func (c *Chart) crowded(s *Series) bool {
	from, to := c.inWindow(s)
	return to-from > c.layout.xs.last()
}

// inWindow are the points in the window: from the first to before the second.
func (c *Chart) inWindow(s *Series) (from, to int) {
	xs := &c.layout.xs
	from = s.search(c.options.X, xs.value(-0.5))
	return from, s.searchFrom(from, c.options.X, xs.value(float64(xs.last())+0.5))
}

// paintLine draws a line itself.
func (c *Chart) paintLine(i int) {
	l := &c.lines[i]
	s := l.Series
	c.dots.clear()
	t := tracer{c: c, series: s, tree: &s.tree, value: func(k int) float64 { return s.points[k].Value }}
	if c.smooths(l) {
		t.tree, t.value, t.mean = &l.smooth.tree, func(k int) float64 { return l.smooth.values[k] }, true
	}
	if l.Dashed {
		t.pen.stroke = dashed
	}
	t.trace()
	c.compose(boldStyle(i), 0)
}

// compose puts the dots onto the canvas. What was in their cells is covered,
// not mixed with them. A rune other than 0 stands for all dots.
func (c *Chart) compose(style styleID, all rune) {
	l := &c.layout
	for y := range l.h {
		for x, mask := range c.dots.mask[y*l.w : (y+1)*l.w] {
			if mask == 0 {
				continue
			}
			r := all
			if r == 0 {
				r = c.dots.rune(mask)
			}
			c.canvas.put(l.x+x, l.y+y, r, style)
		}
	}
}

// Marks stand so many cells apart at least.
const (
	exactPitch = 3  // at the values of an exact line
	markPitch  = 16 // on a line of many values, only to tell it apart
)

// paintMarks sets the marks of a line: on an exact one at its values, all of
// them where there is room, else on some of them; on another one now and then.
func (c *Chart) paintMarks(i int) {
	l := &c.lines[i]
	from, to := c.inWindow(l.Series)
	if to == from+1 {
		c.putMark(l, from, boldStyle(i)) // a lone dot would be lost
		return
	}
	if l.Mark == 0 || from == to {
		return
	}
	s, xs := l.Series, &c.layout.xs
	// From the left: marks that began at the newest value would hop as the line
	// grows. Those of lines of many values keep to columns, to be apart from
	// those of other lines.
	next := 0
	if !l.Exact {
		next = (5*i + markPitch/2) % markPitch
	}
	for k := from; k < to; {
		x := max(xs.cell(s.points[k].X(c.options.X)), 0)
		if x >= next {
			c.putMark(l, k, nameStyle(i))
			next = x + exactPitch
			if !l.Exact {
				next = x + markPitch - (x+markPitch-(5*i+markPitch/2)%markPitch)%markPitch
			}
		}
		k = max(k+1, s.searchFrom(k, c.options.X, xs.value(float64(next*xs.dx)-0.5)))
	}
	if l.Exact {
		c.putMark(l, to-1, nameStyle(i))
	}
}

func (c *Chart) putMark(l *plotted, k int, style styleID) {
	v := c.value(l, k)
	if !c.drawable(v) {
		return
	}
	x, y := c.cellOf(l.Series.points[k].X(c.options.X), v)
	c.canvas.put(x, y, c.markOf(l), style)
}

// markOf is the mark of a line, or what marks a value on one without.
func (c *Chart) markOf(l *plotted) rune {
	if l.Mark == 0 {
		return c.glyphs().reading
	}
	return c.options.Symbols.mark(l.Mark)
}

// cellOf is the cell of the chart in which a value is drawn.
func (c *Chart) cellOf(x, v float64) (col, row int) {
	l := &c.layout
	dot := min(max(math.Round(l.ys.dot(v, c.dots.dy)), 0), float64(c.dots.h-1))
	return l.x + min(max(l.xs.cell(x), 0), l.w-1), l.y + int(dot)/max(c.dots.dy, 1)
}

// visibleEvents are the events in the window, and the first value of any line
// that is not finite.
func (c *Chart) visibleEvents() []Event {
	l := &c.layout
	if !l.hasX {
		return nil
	}
	var events []Event
	var first Point
	diverged := false
	for _, i := range c.order {
		s := c.lines[i].Series
		if len(s.gaps) == 0 {
			continue
		}
		if p := s.points[s.gaps[0].From]; !diverged || p.Step < first.Step {
			first, diverged = p, true
		}
	}
	all := c.events
	if diverged {
		all = append(all[:len(all):len(all)], Event{At: first, Text: fmt.Sprintf(textDiverged, first.Step), Alert: true})
	}
	for _, e := range all {
		x := e.At.X(c.options.X)
		if !finite(x) || c.options.LogX && x <= 0 {
			continue
		}
		if col := l.xs.cell(x); col >= 0 && col < l.w {
			events = append(events, e)
		}
	}
	return events
}

func (e *Event) style() styleID {
	if e.Alert {
		return alertStyle
	}
	return eventStyle
}

// paintEventLines draws the events' vertical lines, behind the data.
func (c *Chart) paintEventLines(events []Event) {
	l := &c.layout
	for k := range events {
		x := l.x + l.xs.cell(events[k].At.X(c.options.X))
		for y := range l.h {
			c.canvas.put(x, l.y+y, c.glyphs().event, events[k].style())
		}
	}
}

// paintEventTexts writes the events' texts beside their lines where no data
// is; the newest ones have the first choice.
func (c *Chart) paintEventTexts(events []Event) {
	l := &c.layout
	for k := len(events) - 1; k >= 0; k-- {
		e := &events[k]
		text := c.clean(e.Text, l.w/2)
		w := ansi.StringWidth(text)
		if w == 0 {
			continue
		}
		at := l.x + l.xs.cell(e.At.X(c.options.X))
	rows:
		for y := l.y; y < l.y+l.h; y++ {
			for _, x := range []int{at + 1, at - w} {
				if x >= l.x && x+w <= l.x+l.w && c.free(x-1, y, w+2) {
					c.canvas.text(x, y, x+w, text, e.style())
					break rows
				}
			}
		}
	}
}

// free reports whether nothing but guides and events' lines is in w cells of
// the rectangle of the lines.
func (c *Chart) free(x, y, w int) bool {
	l, g := &c.layout, c.glyphs()
	for k := max(x, l.x); k < min(x+w, l.x+l.w); k++ {
		switch c.canvas.at(k, y) {
		case 0, g.guideX, g.guideY, g.cross, g.event:
		default:
			return false
		}
	}
	return true
}
