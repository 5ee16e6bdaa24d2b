// Package form holds the dialogs that lie over a screen: a form made from a struct's settings, a list to choose from, a
// question, a line to type, a file chooser and a page to read.
//
// Each is a plain struct that takes messages through Update and draws itself within a size that it is given. Closed
// says that it is done with; what came of it was handed to the function that it was made with.
package form

import (
	"charm.land/bubbles/v2/textinput"
	tea "charm.land/bubbletea/v2"

	"cnnbench/tui/keys"
	"cnnbench/tui/layout"
)

// dialog is what all of them share.
type dialog struct {
	title  string
	closed bool
}

// Title names the dialog.
func (d *dialog) Title() string { return d.title }

// Closed says that the dialog is done with.
func (d *dialog) Closed() bool { return d.closed }

// doc is an action for hints and help whose keys the dialog handles itself.
func doc(name, title, help string, hint int, label string, keyNames ...string) keys.Action {
	return keys.Action{Name: name, Keys: keyNames, Title: title, Help: help, Hint: hint, Label: label}
}

// do runs a handler that may be nil.
func do[T any](f func(T) tea.Cmd, v T) tea.Cmd {
	if f == nil {
		return nil
	}
	return f(v)
}

// field is a text field whose whole value counts as selected until it is edited: what is typed then replaces it, as
// in a spreadsheet.
type field struct {
	in    textinput.Model
	fresh bool
}

func (f *field) set(text string) {
	f.in.SetValue(text)
	f.in.CursorEnd()
	f.in.Focus()
	f.fresh = text != ""
}

// update takes a key or a paste.
func (f *field) update(msg tea.Msg) tea.Cmd {
	switch m := msg.(type) {
	case tea.KeyPressMsg:
		if f.fresh && (m.Text != "" || m.Code == tea.KeyBackspace || m.Code == tea.KeyDelete) {
			f.in.SetValue("")
			f.fresh = false
			if m.Text == "" {
				return nil
			}
		}
	case tea.PasteMsg:
		if f.fresh {
			f.in.SetValue("")
		}
	}
	f.fresh = false
	var cmd tea.Cmd
	f.in, cmd = f.in.Update(msg)
	return cmd
}

// view draws the field w cells wide.
func (f *field) view(w int, selected func(...string) string) string {
	if f.fresh {
		return layout.Fit(selected(layout.Cut(f.in.Value(), w)), w)
	}
	f.in.SetWidth(max(w-1, 1))
	return layout.Fit(f.in.View(), w)
}
