package chart

import (
	"math"

	"github.com/charmbracelet/x/ansi"
)

// layout is where everything stands, in cells of the chart.
type layout struct {
	x, y, w, h int // the rectangle of the lines
	axisY      bool
	axisX      bool
	labelRow   bool // labels of the horizontal axis have a row of their own
	legendRow  bool // row 0 is the legend's
	endWidth   int  // of the names right of the lines, 0 for none
	hasX, hasY bool // there is data to scale by
	xs         xscale
	ys         yscale
}

// Sizes from which parts of a chart have room.
const (
	minWidthAxis   = 14 // of lines and vertical axis
	minHeightAxis  = 3
	minHeightLabel = 8  // for a row of labels below the axis
	minHeightTop   = 10 // for a legend row
	minWidthEnd    = 72 // for names at the ends of the lines
	minLabel       = 3  // cells reserved for the labels of the vertical axis
)

// lay works out the layout for the size, the data and the window.
func (c *Chart) lay() {
	l := layout{w: c.w, h: c.h}
	var lo, hi float64
	lo, hi, l.hasX = c.span()
	l.axisX = c.h >= minHeightAxis && l.hasX
	l.labelRow = l.axisX && c.h >= minHeightLabel
	if l.axisX {
		l.h--
	}
	if l.labelRow {
		l.h--
	}
	place := c.legendPlace()
	if place == LegendTop && c.h >= minHeightTop {
		l.legendRow = true
		l.y, l.h = 1, l.h-1
	}

	var from, to float64
	if l.hasX {
		from, to, l.hasY = c.bounds(lo, hi)
	}
	if l.hasY {
		l.ys = newYScale(from, to, c.options.LogY, l.h)
	}
	if place == LegendEnd {
		if w := c.endWidth(); w < c.w/3 {
			l.endWidth = w
			l.w -= w
		}
	}
	gutter := minLabel
	for _, t := range l.ys.ticks {
		gutter = max(gutter, ansi.StringWidth(t.label))
	}
	if l.axisX && l.w >= minWidthAxis && l.w >= 3*gutter {
		l.axisY = true
		l.x = gutter + 1
		l.w -= gutter + 1
	}
	dx := dotsPerCell[c.options.Symbols][0]
	if l.hasX {
		l.xs = newXScale(c.options.X, c.options.LogX, lo, hi, l.w, dx)
		if c.window.zoomed && c.window.follow && !c.options.LogX {
			l.xs = c.whole(l.xs)
		}
	}
	c.layout = l
}

// whole moves a window that follows the newest point on by whole columns, so
// that points do not change columns, and the line its look, at every draw.
func (c *Chart) whole(x xscale) xscale {
	cell := (x.hi - x.lo) / float64(max(x.cols, 1))
	hi := math.Ceil(x.hi/cell) * cell
	if !finite(hi) {
		return x
	}
	return newXScale(x.axis, false, x.lo+hi-x.hi, hi, x.cols, x.dx)
}

// legendPlace settles LegendAuto, and whether there is anything to name.
func (c *Chart) legendPlace() Legend {
	place := c.options.Legend
	if place == LegendOff || len(c.named()) == 0 {
		return LegendOff
	}
	if place == LegendAuto {
		place = LegendTop
		if c.w >= minWidthEnd && c.h >= minHeightTop {
			place = LegendEnd
		}
	}
	return place
}

// extent is the smallest and the largest place on the horizontal axis, and
// false where no point has one.
func (c *Chart) extent() (lo, hi float64, ok bool) {
	lo, hi = math.Inf(1), math.Inf(-1)
	for _, i := range c.order {
		s := c.lines[i].Series
		first := 0
		if c.options.LogX {
			first = s.search(c.options.X, math.SmallestNonzeroFloat64)
		}
		if first < s.Len() {
			lo = min(lo, s.points[first].X(c.options.X))
			hi = max(hi, s.points[s.Len()-1].X(c.options.X))
			ok = true
		}
	}
	return max(lo, -largest), min(hi, largest), ok
}

// span is the part of the horizontal axis that is shown.
func (c *Chart) span() (lo, hi float64, ok bool) {
	lo, hi, ok = c.extent()
	if !ok {
		return 0, 0, false
	}
	if c.window.zoomed {
		lo, hi = c.window.shown(lo, hi, c.options.LogX)
		return lo, hi, true
	}
	if c.options.LogX {
		return lo, hi, true
	}
	if lo > 0 && (lo <= hi/4 || lo == hi) {
		lo = 0 // an axis gladly starts at 0, the same for a first step and a first epoch
	}
	if hi > lo {
		hi = lo + ceil5(hi-lo)
	}
	return lo, hi, true
}

// ceil5 rounds up by at most five percent, so that the axis of a training that
// runs grows in steps and the line keeps its look in between.
func ceil5(v float64) float64 {
	unit := math.Pow10(int(math.Floor(math.Log10(v))))
	for _, m := range []float64{1, 1.05, 1.1, 1.15, 1.2, 1.25, 1.3, 1.35, 1.4, 1.45, 1.5, 1.55, 1.6, 1.65, 1.7, 1.75, 1.8, 1.85, 1.9, 1.95,
		2, 2.1, 2.2, 2.3, 2.4, 2.5, 2.6, 2.7, 2.8, 2.9, 3, 3.1, 3.2, 3.3, 3.4, 3.5, 3.6, 3.7, 3.8, 3.9,
		4, 4.2, 4.4, 4.6, 4.8, 5, 5.25, 5.5, 5.75, 6, 6.3, 6.6, 7, 7.3, 7.6, 8, 8.4, 8.8, 9.2, 9.6, 10} {
		if m*unit >= v*(1-1e-12) {
			return m * unit
		}
	}
	return v
}

// bounds are the smallest and the largest drawable value from lo to hi on the
// horizontal axis, and false where there is none.
func (c *Chart) bounds(lo, hi float64) (from, to float64, ok bool) {
	all := nothing
	for _, k := range c.order {
		l := &c.lines[k]
		s := l.Series
		i := s.search(c.options.X, lo)
		j := s.searchFrom(i, c.options.X, math.Nextafter(hi, math.Inf(1)))
		if !c.smooths(l) || c.banded(l) {
			all.merge(s.tree.query(i, j, func(k int) float64 { return s.points[k].Value }))
		}
		if c.smooths(l) {
			all.merge(l.smooth.tree.query(i, j, func(k int) float64 { return l.smooth.values[k] }))
		}
		if i == j && i > 0 && i < s.Len() {
			c.addCrossing(&all, l, i, lo, hi)
		}
	}
	if c.options.LogY {
		all.lo = all.pos
	}
	return all.lo, all.hi, all.n > 0 && all.lo <= all.hi
}

// addCrossing takes in a line that runs through the window without a point in
// it, from point i-1 before to point i after it.
func (c *Chart) addCrossing(all *summary, l *plotted, i int, lo, hi float64) {
	v0, v1 := c.value(l, i-1), c.value(l, i)
	if !c.drawable(v0) || !c.drawable(v1) {
		return
	}
	x0, x1 := l.Series.points[i-1].X(c.options.X), l.Series.points[i].X(c.options.X)
	for _, x := range []float64{lo, hi} {
		all.add(v0 + (v1-v0)*(x-x0)/(x1-x0))
	}
}

// value is what the line shows at a point.
func (c *Chart) value(l *plotted, i int) float64 {
	if c.smooths(l) {
		return l.smooth.values[i]
	}
	return l.Series.points[i].Value
}
