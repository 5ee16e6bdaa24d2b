package chart

import (
	"cmp"
	"math"
	"slices"

	"github.com/charmbracelet/x/ansi"
)

// named are the visible lines that have a name, in their order.
func (c *Chart) named() []int {
	var named []int
	for i := range c.lines {
		if l := &c.lines[i]; l.Series != nil && !l.Hidden && l.Label != "" {
			named = append(named, i)
		}
	}
	return named
}

// maxName is how many cells of a name a legend shows.
const maxName = 24

// name of a line, and the newest value of it that is drawn.
func (c *Chart) name(i int) (name, value string) {
	l := &c.lines[i]
	n := l.Series.Len()
	if c.window.zoomed && !c.window.follow {
		_, hi, _ := c.span()
		n = l.Series.search(c.options.X, math.Nextafter(hi, math.Inf(1)))
	}
	if n > 0 {
		value = Number(c.value(l, n-1))
	}
	return c.clean(l.Label, maxName), value
}

// sample is two cells that look like the line.
func (c *Chart) sample(i int) [2]rune {
	l, g := &c.lines[i], c.glyphs()
	s := [2]rune{g.solid, g.solid}
	if l.Dashed {
		s = [2]rune{g.dashed, g.dashed}
	}
	if l.Mark != 0 {
		s[1] = c.options.Symbols.mark(l.Mark)
	}
	return s
}

// entry writes a line's sample, name and value, and returns the column after.
func (c *Chart) entry(x, y, end, i int, withValue bool) int {
	if x+2 > end {
		return x
	}
	for k, r := range c.sample(i) {
		c.canvas.put(x+k, y, r, boldStyle(i))
	}
	name, value := c.name(i)
	x = c.canvas.text(x+3, y, end, name, nameStyle(i))
	if withValue && value != "" {
		x = c.canvas.text(x+1, y, end, value, boldStyle(i))
	}
	return x
}

// entryWidth is how many cells entry takes.
func (c *Chart) entryWidth(i int, withValue bool) int {
	name, value := c.name(i)
	w := 3 + ansi.StringWidth(name)
	if withValue && value != "" {
		w += 1 + ansi.StringWidth(value)
	}
	return w
}

// endWidth is how many cells names at the ends of the lines take.
func (c *Chart) endWidth() int {
	w := 0
	for _, i := range c.named() {
		w = max(w, c.entryWidth(i, true))
	}
	return w + 1
}

// paintLegend writes the names of the lines.
func (c *Chart) paintLegend() {
	l := &c.layout
	switch {
	case l.endWidth > 0:
		c.paintNamesAtEnds()
	case l.legendRow:
		c.paintLegendRow(l.x, 0, c.w)
	case c.legendPlace() != LegendOff && l.hasY:
		c.paintLegendInside()
	}
}

// legendGap is between two names in a row.
const legendGap = 3

// rowWidth is the width of a legend in a row.
func (c *Chart) rowWidth(withValues bool) int {
	w := -legendGap
	for _, i := range c.named() {
		w += legendGap + c.entryWidth(i, withValues)
	}
	return w
}

// paintLegendRow writes the legend from x on, with values if they fit.
func (c *Chart) paintLegendRow(x, y, end int) {
	withValues := c.rowWidth(true) <= end-x
	for _, i := range c.named() {
		x = c.entry(x, y, end, i, withValues) + legendGap
	}
}

// paintLegendInside writes the legend over the lines in a low chart, in the
// corner where it hides the least.
func (c *Chart) paintLegendInside() {
	l := &c.layout
	w := min(c.rowWidth(false), l.w)
	if l.h < 2 || w < 3 {
		return
	}
	left, right := l.x+1, max(l.x+l.w-w, l.x)
	best, fewest := [2]int{right, l.y}, w+1
	for _, at := range [4][2]int{{right, l.y}, {right, l.y + l.h - 1}, {left, l.y + l.h - 1}, {left, l.y}} {
		hidden := 0
		for k := range w {
			if !c.free(at[0]+k, at[1], 1) {
				hidden++
			}
		}
		if hidden < fewest {
			best, fewest = at, hidden
		}
	}
	x, y := best[0], best[1]
	c.canvas.blank(x, y, x+w, y+1, ' ')
	end := min(x+w, l.x+l.w)
	for _, i := range c.named() {
		x = c.entry(x, y, end, i, false) + legendGap
	}
}

// paintNamesAtEnds writes each name right of the lines at the height where its
// line ends, moved apart where they would meet.
func (c *Chart) paintNamesAtEnds() {
	l := &c.layout
	type label struct {
		line, row int
		height    float64
	}
	var labels []label
	for _, i := range c.named() {
		b := label{line: i, row: l.y, height: math.Inf(1)}
		if v, ok := c.lastDrawable(&c.lines[i]); ok && l.hasY {
			b.height = v
			_, b.row = c.cellOf(0, v)
		}
		labels = append(labels, b)
	}
	slices.SortStableFunc(labels, func(a, b label) int { return cmp.Compare(b.height, a.height) })
	labels = labels[:min(len(labels), l.h)]
	for k := 1; k < len(labels); k++ {
		labels[k].row = max(labels[k].row, labels[k-1].row+1)
	}
	bottom := l.y + l.h - 1
	for k := len(labels) - 1; k >= 0; k-- {
		labels[k].row = min(labels[k].row, bottom)
		bottom = labels[k].row - 1
	}
	for _, b := range labels {
		c.entry(l.x+l.w+1, b.row, c.w, b.line, true)
	}
}

// lastDrawable is the newest value of a line in the window.
func (c *Chart) lastDrawable(l *plotted) (float64, bool) {
	xs := &c.layout.xs
	i := l.Series.search(c.options.X, xs.value(float64(xs.last())+0.5))
	for i--; i >= 0; i-- {
		if v := c.value(l, i); c.drawable(v) {
			return v, true
		}
	}
	return 0, false
}
