package chart

import "math"

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
