package chart

import (
	"math"
	"strconv"
	"strings"

	"github.com/charmbracelet/x/ansi"
)

// paintCursor draws the cursor's line, the places it reads and the list of
// the values there.
func (c *Chart) paintCursor() {
	l := &c.layout
	if !c.cursor.on || !l.hasY || l.w < 1 || l.h < 1 {
		return
	}
	at := c.cursor.at.X(c.options.X)
	col := l.xs.cell(at)
	if col < 0 || col >= l.w {
		return
	}
	g := c.glyphs()
	for y := range l.h {
		if c.free(l.x+col, l.y+y, 1) {
			c.canvas.put(l.x+col, l.y+y, g.cursor, cursorStyle)
		}
	}
	if l.axisX {
		c.canvas.put(l.x+col, l.y+l.h, g.cross, cursorStyle)
	}
	for _, i := range c.order {
		r, ok := c.reading(&c.lines[i], at)
		if !ok || !r.Here || !c.drawable(r.Smoothed) {
			continue
		}
		x, y := c.cellOf(at, r.Smoothed)
		c.canvas.put(x, y, c.markOf(&c.lines[i]), cursorStyle)
	}
	c.paintReadings(l.x + col)
}

// paintReadings lists the values at the cursor beside its line, on the side
// and at the end where they hide less; in one row where a list does not fit.
func (c *Chart) paintReadings(cursor int) {
	l := &c.layout
	list := c.readingTexts()
	title := c.place(c.cursor.at)
	names, w, h := 0, ansi.StringWidth(title), 1+len(list)
	for _, e := range list {
		names = max(names, ansi.StringWidth(e.name))
	}
	for _, e := range list {
		w = max(w, names+1+ansi.StringWidth(e.text))
	}
	w += 2
	x, y, ok := 0, 0, false
	if h <= l.h && w <= l.w/2 {
		x, y, ok = c.emptiest(w, h, cursor+1, cursor-w)
	}
	if !ok {
		c.paintReadingRow(list)
		return
	}
	c.canvas.blank(x, y, x+w, y+h, ' ')
	c.canvas.text(x+1, y, x+w, title, cursorStyle)
	for k, e := range list {
		c.canvas.text(x+1, y+1+k, x+w, pad(e.name, names)+" "+e.text, e.style)
	}
}

// emptiest finds where a box hides the least, at the top or the bottom of the
// lines and at one of two columns; false where it fits neither.
func (c *Chart) emptiest(w, h, left, right int) (x, y int, ok bool) {
	l := &c.layout
	fewest := w*h + 1
	for _, atX := range [2]int{left, right} {
		if atX < l.x || atX+w > l.x+l.w {
			continue
		}
		for _, atY := range [2]int{l.y, l.y + l.h - h} {
			hidden := 0
			for i := range w * h {
				if !c.free(atX+i%w, atY+i/w, 1) {
					hidden++
				}
			}
			if hidden < fewest {
				x, y, ok, fewest = atX, atY, true, hidden
			}
		}
	}
	return x, y, ok
}

// paintReadingRow writes the values in the topmost row, over a legend's.
func (c *Chart) paintReadingRow(list []readingText) {
	x, end := 0, c.w
	if c.layout.legendRow {
		x = c.layout.x
	}
	c.canvas.blank(x, 0, end, 1, ' ')
	x = c.canvas.text(x, 0, end, c.options.X.String()+" "+c.coordinate(c.cursor.at), cursorStyle) + 2
	for _, e := range list {
		text := strings.TrimLeft(e.name+" "+e.text, " ")
		x = c.canvas.text(x, 0, end, c.clean(text, end-x), e.style) + 2
	}
}

// readingText is a reading in words.
type readingText struct {
	name, text string
	style      styleID
}

func (c *Chart) readingTexts() []readingText {
	at := c.cursor.at.X(c.options.X)
	var list []readingText
	for i := range c.lines {
		r, ok := c.reading(&c.lines[i], at)
		if !ok {
			continue
		}
		text := exact(r.Point.Value)
		if c.smooths(&c.lines[i]) {
			text += " ema " + Number(r.Smoothed)
		}
		if !r.Here {
			text += " @" + c.coordinate(r.Point)
		}
		list = append(list, readingText{c.clean(r.Label, maxName), text, boldStyle(i)})
	}
	return list
}

// place names the point at which the cursor stands.
func (c *Chart) place(p Point) string {
	between := c.glyphs().between
	at := c.options.X.String() + " " + c.coordinate(p)
	if c.options.X == ByStep {
		return at + between + "epoch " + epochText(p.Epoch)
	}
	return at + between + "step " + strconv.Itoa(p.Step)
}

// coordinate is where the point stands on the axis.
func (c *Chart) coordinate(p Point) string {
	switch c.options.X {
	case ByEpoch:
		return epochText(p.Epoch)
	case ByTime:
		return clock(p.Seconds, p.Seconds, 0.1)
	}
	return strconv.Itoa(p.Step)
}

// epochText writes an epoch to the thousandth.
func epochText(epoch float64) string {
	return strconv.FormatFloat(math.Round(epoch*1000)/1000, 'g', -1, 64)
}
