package runs

import (
	"fmt"

	tea "charm.land/bubbletea/v2"

	"cnnbench/tui/curves"
	"cnnbench/tui/keys"
	"cnnbench/tui/scroll"
)

// scrollStart is the top of a list.
var scrollStart scroll.Rows

// maxDrawn is how many sessions are drawn beside the one at the pointer.
const maxDrawn = curves.MaxShown - 1

// keyTable is all keys of the tab, those of single panes first.
func (s *Screen) keyTable() []keys.Context {
	return []keys.Context{s.detailKeys(), s.tableKeys(), s.sessionKeys(), s.board.Context()}
}

// tableKeys move the pointer; they are those of every pane but the one with the details.
func (s *Screen) tableKeys() keys.Context {
	by := func(d func() int) func() tea.Cmd { return func() tea.Cmd { return s.move(d()) } }
	row := func(d int) func() int { return func() int { return d } }
	page := func(d int) func() int { return func() int { return d * s.table.Page() } }
	all := func(d int) func() int { return func() int { return d * len(s.rows) } }
	return keys.Context{Name: "Runs: list", Active: func() bool { return !s.panes.Is(paneDetails) }, Actions: []keys.Action{
		{Name: "up", Keys: []string{"up", "k"}, Title: "up", Help: "go to the session above", Run: by(row(-1))},
		{Name: "down", Keys: []string{"down", "j"}, Title: "down", Help: "go to the session below", Run: by(row(1))},
		{Name: "page-up", Keys: []string{"pgup"}, Title: "page up", Help: "go a page up", Run: by(page(-1))},
		{Name: "page-down", Keys: []string{"pgdown"}, Title: "page down", Help: "go a page down", Run: by(page(1))},
		{Name: "first", Keys: []string{"home"}, Title: "first", Help: "go to the first session", Run: by(all(-1))},
		{Name: "last", Keys: []string{"end"}, Title: "last", Help: "go to the last session", Run: by(all(1))},
	}}
}

// detailKeys scroll the details.
func (s *Screen) detailKeys() keys.Context {
	by := func(d func() int) func() tea.Cmd {
		return func() tea.Cmd {
			s.details.By(d())
			s.version++
			return nil
		}
	}
	row := func(d int) func() int { return func() int { return d } }
	page := func(d int) func() int { return func() int { return d * s.details.Page() } }
	all := func(d int) func() int { return func() int { return d * s.details.All() } }
	return keys.Context{Name: "Runs: details", Active: func() bool { return s.panes.Is(paneDetails) }, Actions: []keys.Action{
		{Name: "details-up", Keys: []string{"up", "k"}, Title: "up", Hint: 6, Label: "↑/↓ scroll", Help: "scroll up", Run: by(row(-1))},
		{Name: "details-down", Keys: []string{"down", "j"}, Title: "down", Help: "scroll down", Run: by(row(1))},
		{Name: "details-page-up", Keys: []string{"pgup"}, Title: "page up", Help: "scroll a page up", Run: by(page(-1))},
		{Name: "details-page-down", Keys: []string{"pgdown"}, Title: "page down", Help: "scroll a page down", Run: by(page(1))},
		{Name: "details-first", Keys: []string{"home"}, Title: "first", Help: "scroll to the top", Run: by(all(-1))},
		{Name: "details-last", Keys: []string{"end"}, Title: "last", Help: "scroll to the end", Run: by(all(1))},
	}}
}

// sessionKeys are those that do something with sessions.
func (s *Screen) sessionKeys() keys.Context {
	return keys.Context{Name: "Runs", Actions: []keys.Action{
		{Name: "look", Keys: []string{"enter"}, Title: "show", Hint: 2, Help: "let Train and Inspect be about this session", Blocked: s.whyUnreadable, Run: s.look},
		{Name: "take-up", Keys: []string{"R"}, Title: "take up", Hint: 1, Help: "go on with the branch that was left, where it was left; the other one is left for it", Blocked: s.whyNotTakeUp, Run: s.takeUp},
		{Name: "overlay", Keys: []string{"o"}, Title: "overlay", Hint: 2, Help: "keep this session on the charts while the pointer goes on, or no longer", Blocked: s.whyUnreadable, Run: s.overlay},
		{Name: "pin", Keys: []string{"p"}, Title: "pin", Hint: 3, Help: "draw this session here and on Train, beside the others, or no longer", Blocked: s.whyUnreadable,
			Run: func() tea.Cmd { return s.pin(s.name) }},
		{Name: "mark", Keys: []string{"v"}, Title: "mark", Help: "mark this session, for D to compare another one with it", Blocked: s.whyUnreadable, Run: s.mark},
		{Name: "differences", Keys: []string{"D"}, Title: "differences", Hint: 4, Help: "show in which settings this session differs from the marked one, or the draft from it",
			Blocked: s.whyUnreadable, Run: s.compare},
		{Name: "draft", Keys: []string{"O"}, Title: "as draft", Hint: 4, Help: "make the experiment of this session the one that is edited", Blocked: s.whyUnreadable, Run: s.draft},
		{Name: "export", Keys: []string{"E"}, Title: "export", Hint: 3, Help: "write weights or history for other programs", Blocked: s.whyUnreadable,
			Run: func() tea.Cmd { return s.export.Ask(s.source()) }, Take: func(path string) tea.Cmd { return s.export.To(s.source(), path) }, Arg: "FILE"},
		{Name: "delete", Keys: []string{"d", "delete"}, Title: "delete", Hint: 4, Help: "delete this session from disk, after a question", Blocked: s.whyNotDelete, Run: s.count},
		{Name: "sort", Keys: []string{"s"}, Title: "sort", Hint: 3, Help: "sort by the next column", Run: s.nextSort},
		{Name: "reverse", Keys: []string{"S"}, Title: "reverse", Help: "turn the order around", Run: s.reverseSort},
		{Name: "filter", Keys: []string{"/"}, Title: "filter", Hint: 3, Help: "show only sessions with these words in name, state, data or network", Run: s.openFilter,
			Take: s.setFilter, Arg: "WORDS"},
	}}
}

// filterKeys are those of the filter's text field, which handles them itself.
var filterKeys = []keys.Context{{Name: "Runs: filter", Actions: []keys.Action{
	{Name: "filter-keep", Keys: []string{"enter"}, Title: "keep", Hint: 1, Help: "leave the field; the filter stays"},
	{Name: "filter-clear", Keys: []string{"esc"}, Title: "show all", Hint: 1, Help: "clear the filter"},
	{Name: "filter-move", Keys: []string{"up", "down"}, Title: "move", Hint: 2, Label: "↑/↓ move", Help: "go to another session meanwhile"},
}}}

func (s *Screen) whyNone() string {
	if s.pointed() == nil {
		return textNothing
	}
	return ""
}

func (s *Screen) whyUnreadable() string {
	if i := s.pointed(); i != nil && i.Err != nil {
		return textUnreadable
	}
	return s.whyNone()
}

func (s *Screen) whyNotTakeUp() string {
	i := s.pointed()
	switch {
	case i == nil || s.branch == none:
		return textNoBranch
	case training(i) && !s.isLive(i.Name):
		return fmt.Sprintf(textTrainsThere, i.Holder)
	case s.app.Running():
		return fmt.Sprintf(textStillTrains, s.app.Live.Run.Name)
	}
	return ""
}

func (s *Screen) whyNotDelete() string {
	i := s.pointed()
	switch {
	case i == nil:
		return textNothing
	case s.branch != none:
		return textBelongs
	case s.isLive(i.Name) && s.app.Running():
		return textTrainsHere
	case !s.isLive(i.Name) && training(i):
		return fmt.Sprintf(textTrainsThere, i.Holder)
	}
	return ""
}

// wheelRows is by how many rows one notch of the wheel scrolls.
const wheelRows = 3

// mouse does what the mouse does on the table, the details and the charts.
func (s *Screen) mouse(m tea.MouseMsg) tea.Cmd {
	if s.board.Mouse(m) {
		return nil
	}
	at := m.Mouse()
	pane, ok := s.panes.At(at.X, at.Y)
	if !ok {
		return nil
	}
	switch m := m.(type) {
	case tea.MouseWheelMsg:
		d := map[tea.MouseButton]int{tea.MouseWheelUp: -1, tea.MouseWheelDown: 1}[m.Button]
		switch pane {
		case paneTable:
			return s.move(d)
		case paneDetails:
			s.details.By(wheelRows * d)
			s.version++
		}
	case tea.MouseClickMsg:
		if pane == paneTable {
			return s.click(at.X, at.Y)
		}
	}
	return nil
}

// click points at a session, or sorts by a column.
func (s *Screen) click(x, y int) tea.Cmd {
	r := s.panes.Rect(paneTable)
	line := y - r.Y - 1
	if s.typing || s.filter != "" {
		line--
	}
	switch {
	case line < 0 || y >= r.Y+r.H-1:
		return nil
	case line > 0:
		if row := s.table.From + line - 1; row < len(s.rows) {
			return s.pointAt(row)
		}
		return nil
	}
	const left = 3 // border and pointer
	for _, h := range s.heads {
		if x-r.X-left < h.x || x-r.X-left >= h.x+h.w {
			continue
		}
		for i := range sorts {
			switch {
			case sorts[i].column != h.column:
			case i == s.sort:
				return s.reverseSort()
			default:
				return s.sortBy(i)
			}
		}
	}
	return nil
}
