package theme

import (
	"strings"

	"charm.land/lipgloss/v2"

	"cnnbench/tui/layout"
)

// Pane is a box with a border: heavy, with a bold title, where it has the focus.
type Pane struct {
	Title   string
	Right   string // at the right end of the title, dim; gives way to it
	Foot    string // in the lower border, at the right end
	Body    string // cut and padded to what the border leaves
	Focused bool
}

// box is the characters of a border.
type box struct{ tl, t, tr, l, r, bl, b, br string }

var (
	thin  = box{"╭", "─", "╮", "│", "│", "╰", "─", "╯"}
	heavy = box{"┏", "━", "┓", "┃", "┃", "┗", "━", "┛"}
)

// Draw makes the pane w x h cells large. Below 3x3 only the body is left.
func (t *Theme) Draw(p Pane, w, h int) string {
	if w < 3 || h < 3 {
		return layout.Block(p.Body, w, h)
	}
	b, border, title := thin, t.Border, t.Title
	if p.Focused {
		b, border, title = heavy, t.Accent, t.Focused
	}
	var out strings.Builder
	out.WriteString(t.edge(b.tl, b.t, b.tr, p.Title, p.Right, w, border, title))
	left, right := border.Render(b.l), border.Render(b.r)
	body := p.Body
	for range h - 2 {
		line := ""
		line, body, _ = strings.Cut(body, "\n")
		out.WriteByte('\n')
		out.WriteString(left)
		out.WriteString(layout.Fit(line, w-2))
		out.WriteString(right)
	}
	out.WriteByte('\n')
	out.WriteString(t.edge(b.bl, b.b, b.br, "", p.Foot, w, border, title))
	return out.String()
}

// edge is an upper or lower border of w cells with text in it.
func (t *Theme) edge(l, m, r, left, right string, w int, border, title lipgloss.Style) string {
	room := w - 2
	var s strings.Builder
	s.WriteString(border.Render(l))
	if left != "" && room >= 4 {
		left = " " + layout.Cut(left, room-3) + " "
		s.WriteString(border.Render(m) + title.Render(left))
		room -= 1 + layout.Width(left)
	}
	tail := ""
	if right != "" && room >= layout.Width(right)+4 {
		tail = " " + right + " "
		room -= layout.Width(tail) + 1
		s.WriteString(border.Render(strings.Repeat(m, room)) + t.Dim.Render(tail) + border.Render(m))
	} else {
		s.WriteString(border.Render(strings.Repeat(m, max(room, 0))))
	}
	s.WriteString(border.Render(r))
	return s.String()
}

// Row draws a row of a list, w cells wide: the selected one has a pointer before it and a background.
func (t *Theme) Row(text string, w int, selected, focused bool) string {
	if !selected {
		return layout.Fit("  "+text, w)
	}
	style := t.Marked
	if focused {
		style = t.Selected
	}
	return Over(style, layout.Fit(Pointer+" "+text, w))
}

// Over draws a line that has styles of its own on the style's background: what resets all styles within it goes back
// to this one.
func Over(style lipgloss.Style, line string) string {
	const mark = "\x00"
	open, shut, _ := strings.Cut(style.Render(mark), mark)
	if open == "" {
		return line
	}
	line = strings.ReplaceAll(line, "\x1b[0m", "\x1b[m")
	return open + strings.ReplaceAll(line, "\x1b[m", "\x1b[m"+open) + shut
}

// Progress is a bar of w cells with a share of 0 to 1 of it done.
func (t *Theme) Progress(share float64, w int) string {
	if w <= 0 {
		return ""
	}
	if !(share > 0) { // a share that is no number as well
		share = 0
	}
	n := int(min(share, 1)*float64(w) + 1e-9)
	return t.Bar.Render(strings.Repeat("━", n)) + t.Groove.Render(strings.Repeat("─", w-n))
}
