package chart

import (
	"image/color"
	"strings"

	"charm.land/lipgloss/v2"
)

// Styles of what is not a line. Lines follow, three each.
const (
	plain styleID = iota
	axisStyle
	labelStyle
	guideStyle
	eventStyle
	alertStyle
	cursorStyle
	lineStyles
)

// Styles of line i.
func boldStyle(i int) styleID { return lineStyles + styleID(3*i) }
func bandStyle(i int) styleID { return lineStyles + styleID(3*i) + 1 }
func nameStyle(i int) styleID { return lineStyles + styleID(3*i) + 2 }

// restyle makes the canvas's styles where options or lines changed.
func (c *Chart) restyle() {
	if c.styled {
		return
	}
	p := c.options.Palette
	s := []sgr{
		plain:       {},
		axisStyle:   foreground(p.Axis, quiet),
		labelStyle:  foreground(p.Label, normal),
		guideStyle:  foreground(p.Guide, quiet),
		eventStyle:  foreground(p.Event, normal),
		alertStyle:  foreground(p.Alert, strong),
		cursorStyle: foreground(p.Cursor, strong),
	}
	for i := range c.lines {
		l := &c.lines[i]
		band := foreground(l.Dim, quiet)
		if none(l.Dim) && !none(l.Color) {
			band = sgrOf(lipgloss.NewStyle().Foreground(l.Color).Faint(true))
		}
		s = append(s, foreground(l.Color, strong), band, foreground(l.Color, normal))
	}
	c.canvas.styles, c.styled = s, true
}

// weight is how much a style stands out.
type weight uint8

const (
	normal weight = iota
	quiet         // faint where it has no colour of its own
	strong
)

// none reports whether a colour is the terminal's own.
func none(c color.Color) bool {
	_, no := c.(lipgloss.NoColor)
	return c == nil || no
}

// foreground is a colour with a weight.
func foreground(c color.Color, w weight) sgr {
	s := lipgloss.NewStyle().Bold(w == strong)
	if none(c) {
		return sgrOf(s.Faint(w == quiet))
	}
	return sgrOf(s.Foreground(c))
}

// sgrOf takes the escape sequences out of a style.
func sgrOf(s lipgloss.Style) sgr {
	const probe = "x"
	on, off, _ := strings.Cut(s.Render(probe), probe)
	return sgr{on, off}
}
