package chart

import (
	"strings"

	"github.com/charmbracelet/x/ansi"
)

// Texts of a chart itself.
const (
	textEmpty    = "no data yet"
	textNoNumber = "no finite value to draw"
	textNoLog    = "no value above 0 for a logarithmic axis"
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
	title := c.options.X.String()
	end := l.x + l.w // of the labels
	beside := l.endWidth > len(title)+labelGap
	switch {
	case beside: // the title stands below the names of the lines, the last label may reach there
		end = c.w - len(title) - 2
	case l.w >= 4*len(title):
		c.canvas.text(end-len(title), y, end, title, axisStyle)
		c.canvas.put(end-len(title)-1, y, 0, plain)
		end -= len(title) + 2
	}
	at := l.x + l.w + 1
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
		at = max(at, c.canvas.text(x, y, end, t.label, labelStyle)+2)
	}
	if beside {
		c.canvas.text(at, y, c.w, title, axisStyle)
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
