package chart

import "math"

// window is the part of the horizontal axis that is shown, in its values.
type window struct {
	zoomed bool // else everything is shown
	follow bool // the right edge stays at the newest point
	lo, hi float64
}

// zoomStep is by how much one step zooms.
const zoomStep = 1.5

// fewest is how many points a window holds at least.
const fewest = 4

// shown returns the window over data that reaches from lo to hi.
func (w *window) shown(lo, hi float64, log bool) (float64, float64) {
	u0, u1 := toLinear(w.lo, lo, log), toLinear(w.hi, hi, log)
	// Also where the training went back to before the window's end.
	if end := toLinear(hi, hi, log); w.follow || u1 > end {
		u0, u1 = u0+end-u1, end
	}
	return fromLinear(u0, log), fromLinear(u1, log)
}

// toLinear maps an axis to one on which distances mean the same everywhere;
// least stands in for what a logarithmic axis cannot show.
func toLinear(x, least float64, log bool) float64 {
	if !log {
		return x
	}
	if x <= 0 {
		x = least
	}
	return math.Log10(x)
}

func fromLinear(u float64, log bool) float64 {
	if !log {
		return u
	}
	return math.Pow(10, u)
}

// Zoomed reports whether only a part of the training is shown.
func (c *Chart) Zoomed() bool { return c.window.zoomed }

// Following reports whether the newest point is always shown.
func (c *Chart) Following() bool { return !c.window.zoomed || c.window.follow }

// Window returns the first and the last place shown on the horizontal axis, and
// false where there is no data.
func (c *Chart) Window() (lo, hi float64, ok bool) {
	c.sortLines()
	return c.span()
}

// ResetZoom shows everything again.
func (c *Chart) ResetZoom() {
	c.window = window{}
	c.drawn = false
}

// Follow moves the window to the newest point and keeps it there.
func (c *Chart) Follow() {
	c.window.follow = true
	c.drawn = false
}

// ZoomIn shows less, around the cursor where there is one; else the newest
// point stays in sight, or the middle where it was not.
func (c *Chart) ZoomIn() { c.zoom(1 / zoomStep) }

// ZoomOut shows more, in the end everything.
func (c *Chart) ZoomOut() { c.zoom(zoomStep) }

// ZoomAt zooms in, or out, around a column of the chart as last drawn, as a
// mouse wheel does.
func (c *Chart) ZoomAt(column int, in bool) {
	x, ok := c.xAt(column)
	if !ok {
		return
	}
	factor := zoomStep
	if in {
		factor = 1 / zoomStep
	}
	c.zoomAround(x, factor)
}

func (c *Chart) zoom(factor float64) {
	c.sortLines()
	lo, hi, ok := c.span()
	if !ok {
		return
	}
	_, end, _ := c.extent()
	around := fromLinear((toLinear(lo, lo, c.options.LogX)+toLinear(hi, hi, c.options.LogX))/2, c.options.LogX)
	switch {
	case c.cursor.on:
		around = min(max(c.cursor.at.X(c.options.X), lo), hi)
	case c.Following():
		around = min(hi, end)
	}
	c.zoomAround(around, factor)
}

func (c *Chart) zoomAround(x, factor float64) {
	c.sortLines()
	log := c.options.LogX
	first, last, ok := c.full()
	if !ok {
		return
	}
	lo, hi, _ := c.span()
	hi = min(hi, last)
	a := toLinear(x, first, log)
	u0, u1 := toLinear(lo, first, log), toLinear(hi, last, log)
	u0, u1 = a-(a-u0)*factor, a+(u1-a)*factor
	c.show(u0, u1, factor < 1)
}

// full is all there is to show, without the air that span adds at the end.
func (c *Chart) full() (first, last float64, ok bool) {
	kept := c.window
	c.window = window{}
	first, _, ok = c.span()
	c.window = kept
	_, last, _ = c.extent()
	return first, last, ok
}

// show makes a part of the linearised axis the window, shifted to where there
// is data. It refuses to go closer than a few points.
func (c *Chart) show(u0, u1 float64, closer bool) {
	log := c.options.LogX
	first, last, _ := c.full()
	f0, f1 := toLinear(first, first, log), toLinear(last, last, log)
	if u1-u0 >= (f1-f0)*(1-1e-9) {
		c.ResetZoom()
		return
	}
	if d := f0 - u0; d > 0 {
		u0, u1 = f0, u1+d
	}
	if d := u1 - f1; d > 0 {
		u0, u1 = u0-d, f1
	}
	w := window{zoomed: true, lo: fromLinear(u0, log), hi: fromLinear(u1, log)}
	w.follow = u1 >= f1-(u1-u0)*1e-9
	if closer && c.pointsIn(w.lo, w.hi) < fewest {
		return
	}
	c.window = w
	c.drawn = false
}

// pointsIn is how many points the line with the most of them has in a part of
// the axis.
func (c *Chart) pointsIn(lo, hi float64) int {
	most := 0
	for _, i := range c.order {
		s := c.lines[i].Series
		from := s.search(c.options.X, lo)
		to := s.searchFrom(from, c.options.X, math.Nextafter(hi, math.Inf(1)))
		most = max(most, to-from)
	}
	return most
}

// Pan moves the window by a part of its width, to the left if that is below 0.
// At the newest point it starts to follow it. Without zoom there is nowhere
// to go.
func (c *Chart) Pan(part float64) {
	if !c.window.zoomed {
		return
	}
	c.sortLines()
	lo, hi, ok := c.span()
	if !ok {
		return
	}
	log := c.options.LogX
	u0, u1 := toLinear(lo, lo, log), toLinear(hi, hi, log)
	d := (u1 - u0) * part
	c.show(u0+d, u1+d, false)
}

// convert finds the place on another axis by the line with the most points.
// Between two points it goes evenly.
func (c *Chart) convert(x float64, from, to Axis) float64 {
	var s *Series
	for i := range c.lines {
		if l := c.lines[i].Series; l != nil && (s == nil || l.Len() > s.Len()) {
			s = l
		}
	}
	if s == nil || s.Len() == 0 {
		return x
	}
	i := s.search(from, x)
	if i == 0 || i == s.Len() {
		return s.points[min(i, s.Len()-1)].X(to)
	}
	p, q := s.points[i-1], s.points[i]
	part := (x - p.X(from)) / (q.X(from) - p.X(from))
	return p.X(to) + part*(q.X(to)-p.X(to))
}
