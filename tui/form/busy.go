package form

import (
	"strings"

	tea "charm.land/bubbletea/v2"

	"cnnbench/tui/keys"
	"cnnbench/tui/layout"
	"cnnbench/tui/theme"
)

// Busy says how far something is that takes its time. esc ends it; enter lets it go on without the dialog.
type Busy struct {
	dialog
	theme *theme.Theme
	state func() Progress
	end   func() tea.Cmd
}

// Progress is how far something is.
type Progress struct {
	Text  string
	Share float64 // of what is to be done, from 0 to 1; less: nobody knows
}

// NewBusy asks state at every drawing; end, which may be nil, ends what is going on.
func NewBusy(t *theme.Theme, title string, state func() Progress, end func() tea.Cmd) *Busy {
	return &Busy{dialog: dialog{title: title}, theme: t, state: state, end: end}
}

// Close takes the dialog away: it is done.
func (b *Busy) Close() { b.closed = true }

// Context lists the dialog's keys.
func (b *Busy) Context() keys.Context {
	actions := []keys.Action{doc("busy-leave", "in the background", "let it go on without this window", 2, "", "enter")}
	if b.end != nil {
		actions = append(actions, doc("busy-end", "end it", "end what is going on; nothing of it stays", 1, "", "esc"))
	}
	return keys.Context{Name: "Busy", Actions: actions}
}

// Update takes a message.
func (b *Busy) Update(msg tea.Msg) tea.Cmd {
	if k, ok := msg.(tea.KeyPressMsg); ok {
		switch k.String() {
		case "enter":
			b.closed = true
		case "esc":
			b.closed = true
			if b.end != nil {
				return b.end()
			}
		}
	}
	return nil
}

// busyWidth is as wide as the dialog gets.
const busyWidth = 56

// View draws the dialog in at most w x h cells.
func (b *Busy) View(w, h int) string {
	w = min(w, busyWidth)
	if w < 1 || h < 1 {
		return ""
	}
	p := b.state()
	lines := layout.Wrap(p.Text, w)
	lines = lines[:min(len(lines), max(h-1, 1))]
	if p.Share >= 0 && len(lines) < h {
		lines = append(lines, b.theme.Progress(p.Share, w))
	}
	for i, l := range lines {
		lines[i] = layout.Fit(l, w)
	}
	return strings.Join(lines, "\n")
}
