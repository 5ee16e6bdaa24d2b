package form

import (
	"cmp"
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"cnnbench/tui/keys"
	"cnnbench/tui/layout"
	"cnnbench/tui/theme"
)

// Item is one thing to choose.
type Item struct {
	Title  string
	Detail string // at the right end: keys, a count
	Doc    string // behind the title, and below the list for the chosen one
	Also   string // words that a search finds too
	Off    string // why it cannot be chosen now; "" if it can
}

// List is a list to choose from; typing narrows it.
type List struct {
	dialog
	theme *theme.Theme
	items []Item
	done  func(i int) tea.Cmd
	input field
	shown []int // indices of items, best first
	at    int   // in shown
	from  int
	first int // line of the first item in the last drawing
}

// NewList makes a list with the item at selected. Done takes the index of the chosen item.
func NewList(t *theme.Theme, title string, items []Item, selected int, done func(i int) tea.Cmd) *List {
	l := &List{dialog: dialog{title: title}, theme: t, items: items, done: done}
	l.input.in = t.Input()
	l.input.in.Placeholder = "type to search"
	l.input.set("")
	l.filter()
	l.at = min(max(selected, 0), max(len(items)-1, 0))
	return l
}

// Context lists the list's keys.
func (l *List) Context() keys.Context {
	return keys.Context{Name: "List", Actions: []keys.Action{
		doc("list-choose", "choose", "take what the pointer is at", 1, "", "enter"),
		doc("list-cancel", "cancel", "choose nothing", 2, "", "esc"),
		doc("list-move", "move", "go up or down", 3, "↑/↓ move", "up", "down", "pgup", "pgdown", "ctrl+p", "ctrl+n"),
	}}
}

func (l *List) filter() {
	q := strings.TrimSpace(l.input.in.Value())
	l.shown = l.shown[:0]
	score := make([]int, len(l.items))
	for i, it := range l.items {
		score[i] = max(4*keys.Match(q, it.Title), 2*keys.Match(q, it.Also), keys.Match(q, it.Doc))
		if score[i] > 0 {
			l.shown = append(l.shown, i)
		}
	}
	if q != "" {
		slices.SortStableFunc(l.shown, func(a, b int) int { return cmp.Compare(score[b], score[a]) })
	}
	l.at, l.from = 0, 0
}

// Update takes a message.
func (l *List) Update(msg tea.Msg) tea.Cmd {
	switch m := msg.(type) {
	case tea.KeyPressMsg:
		switch m.String() {
		case "esc":
			l.closed = true
		case "enter":
			return l.choose()
		case "up", "ctrl+p", "shift+tab":
			l.move(-1)
		case "down", "ctrl+n", "tab":
			l.move(1)
		case "pgup":
			l.move(-8)
		case "pgdown":
			l.move(8)
		case "/":
			// It stands before the field and begins a search elsewhere: whoever presses it means to search.
			if l.input.in.Value() != "" {
				return l.typed(msg)
			}
		default:
			return l.typed(msg)
		}
	case tea.PasteMsg:
		return l.typed(msg)
	case tea.MouseWheelMsg:
		if m.Button == tea.MouseWheelUp {
			l.move(-1)
		} else if m.Button == tea.MouseWheelDown {
			l.move(1)
		}
	case tea.MouseClickMsg:
		if i := m.Y - l.first + l.from; m.Y >= l.first && i < len(l.shown) {
			if i == l.at {
				return l.choose()
			}
			l.at = i
		}
	}
	return nil
}

func (l *List) typed(msg tea.Msg) tea.Cmd {
	before := l.input.in.Value()
	cmd := l.input.update(msg)
	if l.input.in.Value() != before {
		l.filter()
	}
	return cmd
}

func (l *List) move(d int) {
	n := len(l.shown)
	if n == 0 {
		return
	}
	switch l.at += d; {
	case d == -1 && l.at < 0:
		l.at = n - 1
	case d == 1 && l.at >= n:
		l.at = 0
	}
	l.at = min(max(l.at, 0), n-1)
}

func (l *List) choose() tea.Cmd {
	if l.at >= len(l.shown) || l.items[l.shown[l.at]].Off != "" {
		return nil
	}
	l.closed = true
	return do(l.done, l.shown[l.at])
}

// View draws the list in at most w x h cells.
func (l *List) View(w, h int) string {
	w = min(w, formWidth)
	if w < 4 || h < 2 {
		return layout.Block("", w, h)
	}
	titleW, detailW := 0, 0
	for _, it := range l.items {
		titleW = max(titleW, layout.Width(it.Title))
		detailW = max(detailW, layout.Width(it.Detail))
	}
	titleW = min(titleW, w/2)
	lines := []string{l.theme.Accent.Render("/ ") + l.input.view(w-2, l.theme.Selected.Render)}
	foot := 0 // lines about the marked item, where there is room
	if h >= 10 {
		lines, foot = append(lines, ""), 3
	}
	l.first = len(lines)
	room := h - len(lines) - foot
	l.from = layout.Window(l.from, l.at, len(l.shown), room)
	for i := range room {
		j := l.from + i
		if j >= len(l.shown) {
			if j == 0 {
				lines = append(lines, l.theme.Dim.Render("  nothing is called so"))
			}
			// The box keeps its size while the list gets shorter.
			if i < len(l.items) && j > 0 {
				lines = append(lines, "")
			}
			continue
		}
		it := l.items[l.shown[j]]
		style := l.theme.Text
		if it.Off != "" {
			style = l.theme.Dim
		}
		text := style.Render(layout.Fit(it.Title, titleW)) + "  " + l.theme.Dim.Render(it.Doc)
		if detailW > 0 {
			text = layout.Fit(text, max(w-2-detailW-1, titleW)) + " " + l.theme.Key.Render(layout.FitLeft(it.Detail, detailW))
		}
		lines = append(lines, l.theme.Row(text, w, j == l.at, true))
	}
	if foot == 0 {
		return strings.Join(lines, "\n")
	}
	words := ""
	if l.at < len(l.shown) {
		it := l.items[l.shown[l.at]]
		words = it.Doc
		if it.Off != "" {
			words = "not now: " + it.Off
		}
	}
	about := append(layout.Wrap(words, w), "", "")[:2]
	return strings.Join(append(lines, "", l.theme.Dim.Render(about[0]), l.theme.Dim.Render(about[1])), "\n")
}
