package chart

import (
	"fmt"

	"github.com/charmbracelet/x/ansi"
)

// textDiverged stands where a line first has no finite value.
const textDiverged = "diverged at step %d"

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

// eventPitch is how many columns an event has on average, at least, for its
// line to have the full height.
const eventPitch = 6

// paintEventLines draws the events' vertical lines, behind the data. Where
// there are many, such as a learning rate that falls at every epoch, only their
// feet are drawn, but an alert always stands out.
func (c *Chart) paintEventLines(events []Event) {
	l := &c.layout
	many := len(events)*eventPitch > l.w
	for k := range events {
		top := 0
		if many && !events[k].Alert {
			top = l.h - 1
		}
		x := l.x + l.xs.cell(events[k].At.X(c.options.X))
		for y := top; y < l.h; y++ {
			c.canvas.put(x, l.y+y, c.glyphs().event, events[k].style())
		}
	}
}

// paintEventTexts writes the events' texts beside their lines where no data
// is; the newest ones have the first choice, and many have none.
func (c *Chart) paintEventTexts(events []Event) {
	l := &c.layout
	many := len(events)*eventPitch > l.w
	for k := len(events) - 1; k >= 0; k-- {
		e := &events[k]
		if many && !e.Alert {
			continue
		}
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
