package form

import (
	"strings"

	"cnnbench/tui/layout"
	"cnnbench/tui/theme"
)

// formWidth is as wide as a form gets: longer lines are hard to read.
const formWidth = 76

// View draws the form in at most w x h cells.
func (f *Form) View(w, h int) string {
	w = min(w, formWidth)
	if w < 1 || h < 1 {
		return ""
	}
	var top, foot []string
	if f.s.Doc != "" && h > 12 {
		for _, l := range layout.Wrap(f.s.Doc, w) {
			top = append(top, f.theme.Dim.Render(l))
		}
		top = append(top, "")
	}
	foot = f.footer(w)
	if room := h - len(top) - len(foot); room < 3 {
		top = nil
		foot = foot[:min(len(foot), max(h-3, 0))]
	}
	rows, owners := f.body(w)
	room := max(h-len(top)-len(foot), 1)
	f.from = layout.Window(f.from, f.cursorLine(owners), len(rows), room)
	more := len(rows) > room
	rows, owners = rows[f.from:min(f.from+room, len(rows))], owners[f.from:min(f.from+room, len(owners))]
	if more {
		rows[len(rows)-1], owners[len(owners)-1] = f.theme.Dim.Render(theme.Down+" more settings below and above"), nil
	}
	f.lines = append(make([]*node, len(top)), owners...)
	lines := append(append(top, rows...), foot...)
	for i, l := range lines {
		lines[i] = layout.Fit(l, w) // one width for all settings: a dialog that stays where it is
	}
	return strings.Join(lines, "\n")
}

// cursorLine is the line of the row with the cursor.
func (f *Form) cursorLine(owners []*node) int {
	for i, n := range owners {
		if n == f.at {
			return i
		}
	}
	return 0
}

// body draws all rows, and says which row each line belongs to.
func (f *Form) body(w int) (lines []string, owners []*node) {
	keyW := 0
	rows := f.visible()
	for _, n := range rows {
		keyW = max(keyW, 2*n.depth+layout.Width(n.Key))
	}
	keyW = min(keyW+2, w/2)
	for _, n := range rows {
		lines, owners = append(lines, f.row(n, keyW, w)), append(owners, n)
		if n.err != nil && (f.tried || n.text != "") {
			sign := theme.Bad + " "
			for _, l := range layout.Wrap(n.err.Error(), max(w-keyW-4, 10)) {
				lines = append(lines, layout.Spaces(keyW+2)+f.theme.Bad.Render(sign+l))
				owners = append(owners, n)
				sign = "  "
			}
		}
	}
	return lines, owners
}

// row draws one setting: pointer, key, value.
func (f *Form) row(n *node, keyW, w int) string {
	here := n == f.at
	key := layout.Spaces(2*n.depth) + n.Key
	star := " "
	if n.Required {
		star = theme.Required
	}
	pointer, keyStyle := "  ", f.theme.Text
	if here {
		pointer, keyStyle = f.theme.Accent.Render(theme.Pointer)+" ", f.theme.Bold
	} else if n.text == n.initial {
		keyStyle = f.theme.Dim
	}
	head := pointer + keyStyle.Render(layout.Fit(key, keyW-1)) + f.theme.Bad.Render(star)
	room := max(w-keyW-3, 4)
	unit := ""
	if n.Unit != "" {
		unit = " " + n.Unit
	}
	var value string
	switch {
	case n.isChoice():
		value = f.choice(n, here, room)
	case here:
		box := min(max(room-layout.Width(unit)-2, 6), 32)
		value = f.theme.Accent.Render("[") + f.input.view(box, f.theme.Selected.Render) + f.theme.Accent.Render("]") + f.theme.Dim.Render(unit)
	case n.text == "" && n.Required:
		value = " " + f.theme.Dim.Render("needs "+n.Want)
	case n.text == "":
		value = " " + f.theme.Dim.Render(none)
	default:
		style := f.theme.Text
		if n.text != n.initial {
			style = f.theme.Bold
		}
		value = " " + style.Render(n.text) + f.theme.Dim.Render(unit)
	}
	return head + " " + layout.Cut(value, room)
}

// choice draws a choice: between angles where it has the cursor, with the other words behind it.
func (f *Form) choice(n *node, here bool, room int) string {
	more := ""
	if len(n.kids) > 0 {
		more = " + settings"
		if n.open {
			more = " - settings"
		}
	}
	if !here {
		style := f.theme.Text
		if n.text != n.initial {
			style = f.theme.Bold
		}
		return " " + style.Render(n.text) + f.theme.Dim.Render(more)
	}
	s := f.theme.Accent.Render("<") + f.theme.Selected.Render(" "+n.text+" ") + f.theme.Accent.Render(">") + f.theme.Dim.Render(more)
	var others []string
	for _, o := range n.Options {
		if o != n.text {
			others = append(others, o)
		}
	}
	rest := "  " + strings.Join(others, " ")
	if left := room - layout.Width(s); left > 8 {
		s += f.theme.Dim.Render(layout.Cut(rest, left))
	}
	return s
}

// footer explains the row with the cursor and says what the whole comes to.
func (f *Form) footer(w int) []string {
	lines := []string{""}
	n := f.at
	if n != nil {
		words := n.Doc
		if f.s.Word != nil && n.isChoice() {
			if word := f.s.Word(n.Key, n.text); word != "" {
				words = strings.TrimSpace(words + " " + theme.Dot + " " + n.text + ": " + word)
			}
		}
		if !n.isChoice() {
			if words != "" {
				words += "; "
			}
			words += n.Want
		}
		wrapped := layout.Wrap(words, w)
		for len(wrapped) < 2 {
			wrapped = append(wrapped, "")
		}
		for _, l := range wrapped[:2] {
			lines = append(lines, f.theme.Dim.Render(l))
		}
	}
	switch {
	case f.noteErr != nil:
		for _, l := range layout.Wrap(theme.Bad+" "+f.noteErr.Error(), w) {
			lines = append(lines, f.theme.Bad.Render(l))
		}
	case f.note != "":
		lines = append(lines, f.theme.Good.Render(layout.Cut(theme.Good+" "+f.note, w)))
	case f.s.Check != nil:
		lines = append(lines, "")
	}
	return lines
}
