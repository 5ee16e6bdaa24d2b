package form

import (
	"strings"

	tea "charm.land/bubbletea/v2"

	"cnnbench/tui/keys"
	"cnnbench/tui/layout"
	"cnnbench/tui/theme"
)

// Pager is a page to read.
type Pager struct {
	dialog
	theme *theme.Theme
	draw  func(w int) []string
	from  int
	room  int
	n     int
}

// NewPager shows the lines that draw makes for a width.
func NewPager(t *theme.Theme, title string, draw func(w int) []string) *Pager {
	return &Pager{dialog: dialog{title: title}, theme: t, draw: draw}
}

// Context lists the pager's keys.
func (p *Pager) Context() keys.Context {
	return keys.Context{Name: "Page", Actions: []keys.Action{
		doc("page-close", "close", "go back", 1, "", "esc", "q", "?", "enter"),
		doc("page-move", "scroll", "go up or down", 2, "↑/↓ scroll", "up", "down", "k", "j", "pgup", "pgdown", "space", "home", "end"),
	}}
}

// Update takes a message.
func (p *Pager) Update(msg tea.Msg) tea.Cmd {
	switch m := msg.(type) {
	case tea.KeyPressMsg:
		switch m.String() {
		case "esc", "q", "?", "enter":
			p.closed = true
		case "up", "k":
			p.from--
		case "down", "j":
			p.from++
		case "pgup":
			p.from -= p.room
		case "pgdown", "space":
			p.from += p.room
		case "home", "g":
			p.from = 0
		case "end", "G":
			p.from = p.n
		}
	case tea.MouseWheelMsg:
		if m.Button == tea.MouseWheelUp {
			p.from -= 3
		} else if m.Button == tea.MouseWheelDown {
			p.from += 3
		}
	}
	return nil
}

// View draws the page in at most w x h cells.
func (p *Pager) View(w, h int) string {
	lines := p.draw(w)
	p.n, p.room = len(lines), max(h-1, 1)
	if len(lines) <= h || h < 2 {
		lines = lines[:min(len(lines), max(h, 0))]
		p.from = 0
		return strings.Join(lines, "\n")
	}
	p.from = min(max(p.from, 0), len(lines)-p.room)
	below := len(lines) - p.from - p.room
	lines = append([]string(nil), lines[p.from:p.from+p.room]...)
	more := theme.Up + " the end"
	if below > 0 {
		more = theme.Down + " more"
	}
	return strings.Join(append(lines, p.theme.Dim.Render(layout.Cut(more, w))), "\n")
}
