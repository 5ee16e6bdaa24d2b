package chart

import "math"

// cursor is the place whose exact values are shown.
type cursor struct {
	on bool
	at Point // one that a line really has
}

// Reading is what one line has at the cursor.
type Reading struct {
	Label    string
	Point    Point   // as it was reported
	Smoothed float64 // the line's height there; the value itself where it is not smoothed
	Here     bool    // at the very place of the cursor, else it is the nearest there is
}

// ShowCursor turns the cursor on or off. It first stands at the newest point.
func (c *Chart) ShowCursor(on bool) {
	if on == c.cursor.on {
		return
	}
	c.drawn = false
	c.cursor.on = on
	if !on {
		c.cursor = cursor{}
		return
	}
	c.sortLines()
	_, hi, ok := c.span()
	if ok {
		c.cursor.at, _ = c.nearest(hi)
	}
}

// Cursor returns the point at which the cursor stands, and false where it is
// off or there is no data.
func (c *Chart) Cursor() (Point, bool) {
	c.sortLines()
	c.keepCursor()
	_, ok := c.nearest(0)
	return c.cursor.at, c.cursor.on && ok
}

// PlaceCursor turns the cursor on at the point nearest to a column of the chart
// as last drawn, and reports whether there is one.
func (c *Chart) PlaceCursor(column int) bool {
	x, ok := c.xAt(column)
	if !ok {
		return false
	}
	c.sortLines()
	p, ok := c.nearest(x)
	if ok {
		c.cursor = cursor{on: true, at: p}
		c.drawn = false
	}
	return ok
}

// xAt is the place on the axis of a column of the chart as last drawn.
func (c *Chart) xAt(column int) (float64, bool) {
	l := &c.layout
	if !l.hasX || column < l.x || column >= l.x+l.w {
		return 0, false
	}
	return l.xs.value((float64(column-l.x)+0.5)*float64(l.xs.dx) - 0.5), true
}

// MoveCursor moves the cursor by so many columns of the chart as last drawn,
// to the left below 0, but at least to the next point. The window moves along.
func (c *Chart) MoveCursor(columns int) {
	l := &c.layout
	if !c.cursor.on || columns == 0 || !l.hasX {
		return
	}
	c.sortLines()
	x := c.cursor.at.X(c.options.X)
	target := l.xs.value(l.xs.dot(x) + float64(columns*l.xs.dx))
	p, ok := c.nearest(target)
	if !ok {
		return
	}
	if d := p.X(c.options.X) - x; d*float64(columns) <= 0 {
		if p, ok = c.next(x, sign(columns)); !ok {
			return
		}
	}
	c.moveTo(p)
}

// StepCursor moves the cursor by so many points, to the left below 0.
func (c *Chart) StepCursor(points int) {
	if !c.cursor.on {
		return
	}
	c.sortLines()
	for range abs(points) {
		p, ok := c.next(c.cursor.at.X(c.options.X), sign(points))
		if !ok {
			return
		}
		c.moveTo(p)
	}
}

func (c *Chart) moveTo(p Point) {
	c.cursor.at = p
	c.drawn = false
	lo, hi, ok := c.span()
	x := p.X(c.options.X)
	if !ok || !c.window.zoomed || x >= lo && x <= hi {
		return
	}
	log := c.options.LogX
	u, u0, u1 := toLinear(x, lo, log), toLinear(lo, lo, log), toLinear(hi, hi, log)
	d := min(u-u0, 0) + max(u-u1, 0)
	c.show(u0+d, u1+d, false)
}

// keepCursor puts the cursor back on a point that still is there.
func (c *Chart) keepCursor() {
	if !c.cursor.on {
		return
	}
	if p, ok := c.nearest(c.cursor.at.X(c.options.X)); ok {
		c.cursor.at = p
	}
}

// nearest is the point nearest to x of all visible lines.
func (c *Chart) nearest(x float64) (Point, bool) {
	var best Point
	found := false
	for _, i := range c.order {
		p, ok := c.lines[i].Series.At(c.options.X, x)
		if ok && (!found || math.Abs(p.X(c.options.X)-x) < math.Abs(best.X(c.options.X)-x)) {
			best, found = p, true
		}
	}
	return best, found
}

// next is the nearest point of all visible lines right of x, or left of it
// where way is below 0.
func (c *Chart) next(x float64, way int) (Point, bool) {
	var best Point
	found := false
	for _, k := range c.order {
		s := c.lines[k].Series
		i := s.search(c.options.X, math.Nextafter(x, math.Inf(1)))
		if way < 0 {
			i = s.search(c.options.X, x) - 1
		}
		if i < 0 || i >= s.Len() {
			continue
		}
		p := s.points[i]
		if d := p.X(c.options.X) - best.X(c.options.X); !found || d*float64(way) < 0 {
			best, found = p, true
		}
	}
	return best, found
}

// Readings returns what every visible line with points has at the cursor, in
// the order of the lines; nothing without a cursor. Values are never
// interpolated.
func (c *Chart) Readings() []Reading {
	at, ok := c.Cursor()
	if !ok {
		return nil
	}
	var readings []Reading
	for i := range c.lines {
		if r, ok := c.reading(&c.lines[i], at.X(c.options.X)); ok {
			readings = append(readings, r)
		}
	}
	return readings
}

func (c *Chart) reading(l *plotted, x float64) (Reading, bool) {
	if l.Hidden || l.Series == nil {
		return Reading{}, false
	}
	i, ok := l.Series.nearest(c.options.X, x)
	if !ok {
		return Reading{}, false
	}
	if c.smooths(l) {
		l.smooth.follow(l.Series, c.options.Smoothing)
	}
	p := l.Series.points[i]
	return Reading{Label: l.Label, Point: p, Smoothed: c.value(l, i), Here: p.X(c.options.X) == x}, true
}
