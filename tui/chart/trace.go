package chart

import "math"

// tracer draws the values of one line into dots, column by column: one query
// of a pyramid a column, however many points there are.
type tracer struct {
	c      *Chart
	series *Series
	tree   *pyramid
	value  func(int) float64
	pen    pen
	mean   bool // a column's mean stands for it, else everything from its smallest to its largest

	x, y   int  // the end of the line so far
	at     int  // index of the last point drawn
	joined bool // the line goes on from there
}

// trace draws what is in the window.
func (t *tracer) trace() {
	c := t.c
	xs, axis := &c.layout.xs, c.options.X
	s := t.series
	i := s.search(axis, xs.value(-0.5))
	t.enter(i)
	for col := 0; col <= xs.last() && i < s.Len(); col++ {
		j := s.searchFrom(i, axis, xs.value(float64(col)+0.5))
		switch {
		case j == i+1:
			t.one(col, i)
		case j > i:
			t.many(col, i, j)
		}
		i = j
	}
	t.leave(i)
}

// one draws the only point of a column.
func (t *tracer) one(col, i int) {
	v := t.value(i)
	if !t.c.drawable(v) {
		t.joined = false
		return
	}
	y := t.row(v)
	if !t.joined || t.at != i-1 {
		t.c.dots.line(col, y, col, y, &t.pen)
	} else {
		t.c.dots.line(t.x, t.y, col, y, &t.pen)
	}
	t.x, t.y, t.at, t.joined = col, y, i, true
}

// many draws the points i to j-1, which share a column.
func (t *tracer) many(col, i, j int) {
	s := t.tree.query(i, j, t.value)
	first, last := t.value(i), t.value(j-1)
	lo, enters, leaves := s.lo, t.c.drawable(first), t.c.drawable(last)
	if t.c.options.LogY {
		lo = s.pos
	}
	if s.n == 0 || lo > s.hi {
		t.joined = false
		return
	}
	joins := t.joined && enters && t.at == i-1
	t.at, t.joined = j-1, leaves
	if t.mean {
		if m := s.mean(); t.c.drawable(m) {
			lo = m
		}
		y := t.row(lo)
		if joins {
			t.c.dots.line(t.x, t.y, col, y, &t.pen)
		} else {
			t.c.dots.line(col, y, col, y, &t.pen)
		}
		t.x, t.y = col, y
		return
	}
	if joins {
		t.c.dots.line(t.x, t.y, col, t.row(first), &t.pen)
	}
	top, bottom := t.row(s.hi), t.row(lo)
	t.c.dots.line(col, top, col, top, &t.pen)
	if bottom > top {
		t.c.dots.line(col, top, col, bottom, &t.pen)
	}
	t.x, t.y = col, bottom
	if leaves {
		t.y = t.row(last)
	}
}

// row is the row of dots of a value, always inside.
func (t *tracer) row(v float64) int {
	y := math.Round(t.c.layout.ys.dot(v, t.c.dots.dy))
	return int(min(max(y, 0), float64(t.c.dots.h-1)))
}

// enter draws the piece from the last point left of the window to point i, its
// first.
func (t *tracer) enter(i int) {
	if i == 0 || i >= t.series.Len() || t.c.layout.xs.dot(t.series.points[i].X(t.c.options.X)) > float64(t.c.layout.xs.last())+0.5 {
		return
	}
	if x, y, ok := t.cross(i-1, i); ok {
		t.x, t.y, t.at, t.joined = x, y, i-1, true
	}
}

// leave draws the piece to point i, the first right of the window, also where
// it comes from left of it.
func (t *tracer) leave(i int) {
	if i > 0 && i < t.series.Len() {
		t.cross(i-1, i)
	}
}

// cross draws what lies inside of the straight line between two points, and
// returns where it ends.
func (t *tracer) cross(i, j int) (x, y int, ok bool) {
	xs, ys, d := &t.c.layout.xs, &t.c.layout.ys, &t.c.dots
	a, b := t.value(i), t.value(j)
	ax, bx := t.series.points[i].X(t.c.options.X), t.series.points[j].X(t.c.options.X)
	if !t.c.drawable(a) || !t.c.drawable(b) || xs.log && ax <= 0 {
		return 0, 0, false
	}
	from, to := vec{xs.dot(ax), ys.dot(a, d.dy)}, vec{xs.dot(bx), ys.dot(b, d.dy)}
	from, to, ok = clip(from, to, float64(d.w)-1, float64(d.h)-1)
	if !ok {
		return 0, 0, false
	}
	x, y = int(math.Round(to.x)), int(math.Round(to.y))
	d.line(int(math.Round(from.x)), int(math.Round(from.y)), x, y, &t.pen)
	return x, y, true
}

// vec is a place in dots.
type vec struct{ x, y float64 }

// clip cuts a straight line down to the rectangle from 0, 0 to w, h (Liang and
// Barsky, "A new concept and method for line clipping", 1984). It reports false
// where nothing is left.
func clip(a, b vec, w, h float64) (vec, vec, bool) {
	from, to := 0.0, 1.0
	dx, dy := b.x-a.x, b.y-a.y
	for _, edge := range [4]struct{ p, q float64 }{{-dx, a.x}, {dx, w - a.x}, {-dy, a.y}, {dy, h - a.y}} {
		switch {
		case edge.p == 0 && edge.q < 0:
			return a, b, false
		case edge.p < 0:
			from = max(from, edge.q/edge.p)
		case edge.p > 0:
			to = min(to, edge.q/edge.p)
		}
	}
	if !(from <= to) {
		return a, b, false
	}
	return vec{a.x + from*dx, a.y + from*dy}, vec{a.x + to*dx, a.y + to*dy}, true
}
