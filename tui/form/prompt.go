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

	suggest func(text string) []Suggestion
	offers  []Suggestion
	at      int // in offers; -1: the line itself
	first   int // line of the first offer in the last drawing
}

// Suggestion is what the line could become.
type Suggestion struct {
	Text string // of the whole line
	Doc  string
}

// maxOffers is how many suggestions are shown.
const maxOffers = 8

// Suggest makes the prompt offer what the line could become; tab takes the marked offer over.
func (p *Prompt) Suggest(suggest func(text string) []Suggestion) *Prompt {
	p.suggest = suggest
	p.offer()
	return p
}

func (p *Prompt) offer() {
	p.at, p.offers = -1, nil
	if p.suggest != nil {
		p.offers = p.suggest(p.input.in.Value())
		p.offers = p.offers[:min(len(p.offers), maxOffers)]
	}
}

// take writes an offer into the line.
func (p *Prompt) take(i int) {
	p.input.set(p.offers[i].Text)
	p.input.fresh = false
	p.offer()
	p.validate()
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
	c := keys.Context{Name: "Line", Actions: []keys.Action{
		doc("line-accept", "accept", "take the line", 1, "", "enter"),
		doc("line-cancel", "cancel", "leave it", 2, "", "esc"),
	}}
	if p.suggest != nil {
		c.Actions = append(c.Actions,
			doc("line-complete", "complete", "take the marked suggestion into the line", 3, "", "tab"),
			doc("line-move", "move", "go through the suggestions", 4, "↑/↓ move", "up", "down"))
	}
	return c
}

// Update takes a message.
func (p *Prompt) Update(msg tea.Msg) tea.Cmd {
	switch m := msg.(type) {
	case tea.KeyPressMsg:
		switch m.String() {
		case "esc":
			p.closed = true
		case "up":
			p.at = max(p.at-1, -1)
		case "down":
			p.at = min(p.at+1, len(p.offers)-1)
		case "tab":
			if len(p.offers) > 0 {
				p.take(max(p.at, 0))
			}
		case "enter":
			if p.at >= 0 {
				p.take(p.at)
			}
			if p.validate(); p.err == nil {
				p.closed = true
				return do(p.done, p.input.in.Value())
			}
		default:
			return p.typed(m)
		}
	case tea.PasteMsg:
		return p.typed(m)
	case tea.MouseClickMsg:
		if i := m.Y - p.first; p.first > 0 && i >= 0 && i < len(p.offers) {
			p.take(i)
		}
	}
	return nil
}

func (p *Prompt) typed(msg tea.Msg) tea.Cmd {
	cmd := p.input.update(msg)
	p.offer()
	p.validate()
	return cmd
}

func (p *Prompt) validate() {
	if p.err = nil; p.check != nil {
		p.err = p.check(p.input.in.Value())
	}
}

// View draws the prompt in at most w x h cells.
func (p *Prompt) View(w, h int) string {
	w = min(w, formWidth)
	if w < 4 {
		return layout.Block("", w, h)
	}
	var lines []string
	if p.doc != "" {
		for _, l := range layout.Wrap(p.doc, w) {
			lines = append(lines, p.theme.Dim.Render(l))
		}
	}
	lines = append(lines, p.theme.Accent.Render("[")+p.input.view(w-2, p.theme.Selected.Render)+p.theme.Accent.Render("]"))
	p.first = len(lines)
	if p.suggest != nil {
		textW := 0
		for _, o := range p.offers {
			textW = max(textW, layout.Width(o.Text))
		}
		for i := range maxOffers {
			row := ""
			if i < len(p.offers) {
				o := p.offers[i]
				row = p.theme.Row(layout.Fit(o.Text, textW)+"  "+p.theme.Dim.Render(o.Doc), w, i == p.at, true)
			}
			lines = append(lines, row)
		}
	}
	words := ""
	if p.err != nil {
		words = theme.Bad + " " + p.err.Error()
	}
	for _, l := range append(layout.Wrap(words, w), "", "")[:2] {
		lines = append(lines, p.theme.Bad.Render(l))
	}
	if cut := len(lines) - h; cut > 0 { // the line itself is what must be seen
		lines = lines[min(cut, p.first-1):]
		p.first -= min(cut, p.first-1)
		lines = lines[:min(len(lines), h)]
	}
	return strings.Join(lines, "\n")
}
