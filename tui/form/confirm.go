package form

import (
	"strings"

	tea "charm.land/bubbletea/v2"

	"cnnbench/tui/keys"
	"cnnbench/tui/layout"
	"cnnbench/tui/theme"
)

// Answer is one way out of a question.
type Answer struct {
	Key   string // a letter that gives this answer at once
	Title string
	Run   func() tea.Cmd // nil: nothing happens
}

// Confirm asks a question. Its last answer should be the harmless one: esc gives it.
type Confirm struct {
	dialog
	theme   *theme.Theme
	text    string
	answers []Answer
	at      int
	buttons []layout.Rect // of the last drawing
}

// NewConfirm asks a question; the pointer starts at the answer selected.
func NewConfirm(t *theme.Theme, title, text string, selected int, answers ...Answer) *Confirm {
	return &Confirm{dialog: dialog{title: title}, theme: t, text: text, answers: answers, at: selected}
}

// Context lists the question's keys.
func (c *Confirm) Context() keys.Context {
	actions := []keys.Action{
		doc("answer", "answer", "give the marked answer", 1, "", "enter"),
		doc("answer-none", "leave it", "give the harmless answer", 2, "", "esc"),
		doc("answer-move", "choose", "go to another answer", 3, "←/→ choose", "left", "right", "tab", "shift+tab"),
	}
	return keys.Context{Name: "Question", Actions: actions}
}

// Update takes a message.
func (c *Confirm) Update(msg tea.Msg) tea.Cmd {
	switch m := msg.(type) {
	case tea.KeyPressMsg:
		switch key := m.String(); key {
		case "esc":
			return c.give(len(c.answers) - 1)
		case "enter", "space":
			return c.give(c.at)
		case "left", "shift+tab", "up", "h":
			c.at = (c.at + len(c.answers) - 1) % len(c.answers)
		case "right", "tab", "down", "l":
			c.at = (c.at + 1) % len(c.answers)
		default:
			for i, a := range c.answers {
				if strings.EqualFold(a.Key, key) {
					return c.give(i)
				}
			}
		}
	case tea.MouseClickMsg:
		for i, r := range c.buttons {
			if r.Contains(m.X, m.Y) {
				return c.give(i)
			}
		}
	}
	return nil
}

func (c *Confirm) give(i int) tea.Cmd {
	c.closed = true
	if run := c.answers[i].Run; run != nil {
		return run()
	}
	return nil
}

// View draws the question in at most w x h cells.
func (c *Confirm) View(w, h int) string {
	w = min(w, 64)
	if w < 1 || h < 1 {
		return ""
	}
	c.buttons = c.buttons[:0]
	rows, x := []string{""}, 0
	for i, a := range c.answers {
		text := "  " + a.Key + " " + a.Title + "  "
		drawn := "  " + c.theme.Key.Render(a.Key) + " " + a.Title + "  "
		if i == c.at {
			text = "[ " + a.Key + " " + a.Title + " ]"
			drawn = c.theme.Selected.Render(text)
		}
		tw := layout.Width(text)
		switch {
		case x > 0 && x+1+tw > w:
			rows, x = append(rows, ""), 0
		case x > 0:
			rows[len(rows)-1] += " "
			x++
		}
		c.buttons = append(c.buttons, layout.Rect{X: x, Y: len(rows) - 1, W: tw, H: 1})
		rows[len(rows)-1] += drawn
		x += tw
	}
	rows = rows[:min(len(rows), h)]
	lines := layout.Wrap(c.text, w)
	if room := h - len(rows); len(lines) >= room {
		lines = lines[:room]
	} else {
		lines = append(lines, "")
	}
	for i := range c.buttons {
		c.buttons[i].Y += len(lines)
	}
	lines = append(lines, rows...)
	for i, l := range lines {
		lines[i] = layout.Cut(l, w)
	}
	return strings.Join(lines, "\n")
}
