package tui

import (
	"fmt"
	"strings"

	tea "charm.land/bubbletea/v2"

	"cnnbench/nn/train"
	"cnnbench/tui/chart"
	"cnnbench/tui/figure"
	"cnnbench/tui/keys"
	"cnnbench/tui/layout"
	"cnnbench/tui/screen"
	"cnnbench/tui/theme"
)

// frame is where the parts of the window are. Parts without a place are empty.
type frame struct {
	tabs, rule, body, note, status, hints layout.Rect
}

// place divides a window of w x h cells.
func place(w, h int) frame {
	one := layout.Fixed(1)
	r := layout.Rect{W: w, H: h}
	switch {
	case layout.ModeOf(w, h) == layout.Line:
		return frame{status: layout.Rect{W: w, H: min(h, 1)}}
	case h < 20:
		p := layout.Rows(r, one, layout.Flex(1, 1), one, one, one)
		return frame{tabs: p[0], body: p[1], note: p[2], status: p[3], hints: p[4]}
	}
	p := layout.Rows(r, one, one, layout.Flex(1, 1), one, one, one)
	return frame{tabs: p[0], rule: p[1], body: p[2], note: p[3], status: p[4], hints: p[5]}
}

// hits is what the mouse can hit.
type hits struct {
	frame  frame
	tabs   []layout.Rect
	hints  []keys.Hint
	dialog layout.Rect // content of the dialog that is open
}

// View draws the window.
func (m *Model) View() tea.View {
	v := tea.NewView(m.draw())
	v.AltScreen = true
	v.ReportFocus = true
	if m.mouse {
		v.MouseMode = tea.MouseModeCellMotion
	}
	v.WindowTitle, v.ProgressBar = m.outside()
	if m.symbols == chart.ASCII {
		v.Content, v.WindowTitle = theme.ASCII(v.Content), theme.ASCII(v.WindowTitle)
	}
	return v
}

// draw makes the window's text: exactly h lines of w cells.
func (m *Model) draw() string {
	if m.w < 1 || m.h < 1 {
		return ""
	}
	f := place(m.w, m.h)
	m.hits = hits{frame: f}
	t := m.app.Theme
	if m.size() == layout.Line {
		line := m.statusLine(m.w)
		if n := len(m.app.Toasts); n > 0 {
			line = toastSign(m.app.Toasts[n-1]) + m.app.Toasts[n-1].Text
		}
		if !m.app.Running() && m.h > 1 {
			line += "\n" + t.Dim.Render(wordSmall)
		}
		return layout.Block(line, m.w, m.h)
	}
	// The body is drawn first: how its panes lie shows in the other rows.
	body := layout.Block(m.screen().View(f.body.W, f.body.H), f.body.W, f.body.H)
	rows := []string{m.tabRow(f.tabs.W)}
	if !f.rule.Empty() {
		rows = append(rows, t.Border.Render(strings.Repeat("─", f.rule.W)))
	}
	rows = append(rows, body, layout.Fit(m.noteRow(f.note.W), f.note.W), layout.Fit(m.statusLine(f.status.W), f.status.W), m.hintRow(f.hints))
	text := strings.Join(rows, "\n")
	text = m.overToasts(text, f.body)
	return m.overDialog(text)
}

// tabRow draws the tabs, and at the right end what is being edited.
func (m *Model) tabRow(w int) string {
	t := m.app.Theme
	var s strings.Builder
	x := 0
	put := func(text, drawn string) {
		s.WriteString(drawn)
		x += layout.Width(text)
	}
	if w >= 80 {
		put(" "+wordName+" ", " "+t.Bold.Render(wordName)+" ")
	}
	m.hits.tabs = m.hits.tabs[:0]
	for i, sc := range m.screens {
		number := string(rune('1' + i))
		from := x
		text := " " + number + " " + sc.Title() + " "
		if w < 60 && i != m.app.Tab {
			text = " " + number + " "
		}
		if i == m.app.Tab {
			text = "[" + number + " " + sc.Title() + "]"
			put(text, t.Focused.Render(text))
		} else {
			put(text, t.Dim.Render(text))
		}
		m.hits.tabs = append(m.hits.tabs, layout.Rect{X: from, W: x - from, H: 1})
	}
	e := m.app.Draft.Experiment()
	right := e.Name
	if m.app.Draft.Edited() {
		right += theme.Edited
	}
	if w >= 70 {
		right += t.Dim.Render(" " + theme.Dot + " " + e.Data.Source)
	}
	if p := m.panes(); p != nil && p.One() && len(p.Names) > 1 {
		right = fmt.Sprintf("%s %d/%d ", p.Names[p.Focus()], p.Focus()+1, len(p.Names)) + t.Key.Render("tab")
	}
	return layout.Ends(s.String(), right+" ", w)
}

// hintRow draws the keys that count now.
func (m *Model) hintRow(r layout.Rect) string {
	contexts := m.contexts()
	if d := m.dialog(); d != nil {
		contexts = []keys.Context{d.Context()}
	}
	text, hints := keys.Hints(m.app.Theme, contexts, r.W-2)
	for i := range hints {
		hints[i].X++
	}
	m.hits.hints = hints
	return layout.Fit(" "+text, r.W)
}

// toastLines is how many lines a sentence over the body takes at most: what it is about must stay visible.
const toastLines = 6

// overToasts draws the sentences into the lower right corner of the body.
func (m *Model) overToasts(text string, body layout.Rect) string {
	t := m.app.Theme
	y := body.Y + body.H
	for i := len(m.app.Toasts) - 1; i >= 0; i-- {
		toast := m.app.Toasts[i]
		room := min(64, body.W-4)
		style := t.Accent
		if toast.Bad {
			style = t.Bad
		}
		lines := layout.Wrap(toastSign(toast)+toast.Text, room)
		if n := len(lines); n > toastLines { // an error's reason stands at its end
			lines = append(lines[:toastLines-2:toastLines-2], layout.Ellipsis, lines[n-1])
		}
		w := 0
		for _, l := range lines {
			w = max(w, layout.Width(l))
		}
		lines = lines[:min(len(lines), max(body.H-2, 1))]
		for j, l := range lines {
			lines[j] = style.Render("┃") + " " + layout.Fit(l, w) + " "
		}
		y -= len(lines)
		if y < body.Y {
			break
		}
		text = layout.Over(text, strings.Join(lines, "\n"), body.X+body.W-w-3-1, y)
		y--
	}
	return text
}

func toastSign(t screen.Toast) string {
	if t.Bad {
		return theme.Bad + " "
	}
	return ""
}

// overDialog draws the dialog that is open.
func (m *Model) overDialog(text string) string {
	d := m.dialog()
	if d == nil {
		return text
	}
	const padX = 2 // border and a blank
	room := layout.Rect{W: m.w, H: m.h - 1}
	content := d.View(max(room.W-2*padX, 1), max(room.H-2, 1))
	lines := strings.Split(content, "\n")
	w := layout.Width(d.Title()) + 4
	for _, l := range lines {
		w = max(w, layout.Width(l))
	}
	box := room.Center(w+2*padX, len(lines)+2)
	for i, l := range lines {
		lines[i] = " " + l
	}
	drawn := m.app.Theme.Draw(theme.Pane{Title: d.Title(), Body: strings.Join(lines, "\n"), Focused: true}, box.W, box.H)
	m.hits.dialog = layout.Rect{X: box.X + padX, Y: box.Y + 1, W: max(box.W-2*padX, 0), H: max(box.H-2, 0)}
	return layout.Over(text, drawn, box.X, box.Y)
}

// outside is what the terminal shows beside the window: its title and its own progress bar.
func (m *Model) outside() (title string, bar *tea.ProgressBar) {
	title = wordName + " " + m.app.Draft.Experiment().Name
	if !m.app.Running() {
		return title, nil
	}
	l := m.app.Live
	p := progressOf(l)
	title = p.epoch() + " " + l.Run.Name
	if v, ok := lastValue(l, "val_accuracy"); ok {
		title = p.epoch() + " " + figure.Short(v) + " " + l.Run.Name
	}
	state := tea.ProgressBarDefault
	switch {
	case diverged(l):
		state = tea.ProgressBarError
	case l.State == train.Paused:
		state = tea.ProgressBarWarning
	}
	return title, tea.NewProgressBar(state, int(100*p.total))
}
