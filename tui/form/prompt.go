package form

import (
	"strings"

	tea "charm.land/bubbletea/v2"

	"cnnbench/tui/keys"
	"cnnbench/tui/layout"
	"cnnbench/tui/theme"
)

// Prompt asks for one line of text.
type Prompt struct {
	dialog
	theme *theme.Theme
	doc   string
	input field
	check func(text string) error
	done  func(text string) tea.Cmd
	err   error
}

// NewPrompt asks for a line that starts as text. Check, which may be nil, refuses it as it is typed.
func NewPrompt(t *theme.Theme, title, doc, text string, check func(string) error, done func(string) tea.Cmd) *Prompt {
	p := &Prompt{dialog: dialog{title: title}, theme: t, doc: doc, check: check, done: done}
	p.input.in = t.Input()
	p.input.set(text)
	return p
}

// Context lists the prompt's keys.
func (p *Prompt) Context() keys.Context {
	return keys.Context{Name: "Line", Actions: []keys.Action{
		doc("line-accept", "accept", "take the line", 1, "", "enter"),
		doc("line-cancel", "cancel", "leave it", 2, "", "esc"),
	}}
}

// Update takes a message.
func (p *Prompt) Update(msg tea.Msg) tea.Cmd {
	switch m := msg.(type) {
	case tea.KeyPressMsg:
		switch m.String() {
		case "esc":
			p.closed = true
		case "enter":
			if p.validate(); p.err == nil {
				p.closed = true
				return do(p.done, p.input.in.Value())
			}
		default:
			cmd := p.input.update(m)
			p.validate()
			return cmd
		}
	case tea.PasteMsg:
		cmd := p.input.update(m)
		p.validate()
		return cmd
	}
	return nil
}

func (p *Prompt) validate() {
	if p.err = nil; p.check != nil {
		p.err = p.check(p.input.in.Value())
	}
}

// View draws the prompt in at most w x h cells.
func (p *Prompt) View(w, h int) string {
	w = min(w, 64)
	var lines []string
	for _, l := range layout.Wrap(p.doc, w) {
		lines = append(lines, p.theme.Dim.Render(l))
	}
	lines = append(lines, p.theme.Accent.Render("[")+p.input.view(w-2, p.theme.Selected.Render)+p.theme.Accent.Render("]"))
	words := ""
	if p.err != nil {
		words = theme.Bad + " " + p.err.Error()
	}
	for _, l := range append(layout.Wrap(words, w), "", "")[:2] {
		lines = append(lines, p.theme.Bad.Render(l))
	}
	if len(lines) > h {
		lines = lines[len(lines)-h:]
	}
	return strings.Join(lines, "\n")
}
