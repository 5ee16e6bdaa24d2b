package runs

import (
	"fmt"
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"cnnbench/sessions"
	"cnnbench/tui/exports"
	"cnnbench/tui/form"
	"cnnbench/tui/layout"
	"cnnbench/tui/theme"
)

// Titles of the tabs that this one leads to.
const (
	tabBuild = "Build"
	tabTrain = "Train"
)

// pointed is the session at the pointer, nil if there is none.
func (s *Screen) pointed() *sessions.Info { return s.info(s.name) }

// move moves the pointer by so many rows.
func (s *Screen) move(d int) tea.Cmd { return s.pointAt(s.at + d) }

func (s *Screen) pointAt(row int) tea.Cmd {
	if len(s.rows) == 0 {
		return nil
	}
	s.at = min(max(row, 0), len(s.rows)-1)
	s.name, s.branch = s.infos[s.rows[s.at].info].Name, s.number(s.rows[s.at])
	s.details = scrollStart
	return s.show()
}

// nextSort orders by the next column.
func (s *Screen) nextSort() tea.Cmd { return s.sortBy((s.sort + 1) % len(sorts)) }

func (s *Screen) sortBy(order int) tea.Cmd {
	s.sort, s.reverse = order, false
	s.order()
	return s.show()
}

func (s *Screen) reverseSort() tea.Cmd {
	s.reverse = !s.reverse
	s.order()
	return s.show()
}

// openFilter lets the keys type into the filter.
func (s *Screen) openFilter() tea.Cmd {
	s.panes.Set(paneTable)
	s.typing = true
	s.input.SetValue(s.filter)
	s.input.CursorEnd()
	s.version++
	return s.input.Focus()
}

// typed takes a key or a paste into the filter.
func (s *Screen) typed(msg tea.Msg) tea.Cmd {
	if !s.typing {
		return nil
	}
	if k, ok := msg.(tea.KeyPressMsg); ok {
		switch k.String() {
		case "esc":
			s.input.SetValue("")
			s.typing = false
		case "enter":
			s.typing = false
		case "up":
			return s.move(-1)
		case "down":
			return s.move(1)
		}
	}
	var cmd tea.Cmd
	if s.typing {
		s.input, cmd = s.input.Update(msg)
	}
	return tea.Batch(cmd, s.setFilter(s.input.Value()))
}

func (s *Screen) setFilter(text string) tea.Cmd {
	s.filter = strings.TrimSpace(text)
	s.order()
	return s.show()
}

// toggle puts a name into a list, or takes it out.
func toggle(list []string, name string) []string {
	if i := slices.Index(list, name); i >= 0 {
		return slices.Delete(list, i, i+1)
	}
	return append(list, name)
}

// overlay draws the session at the pointer also when the pointer goes on, or no longer.
func (s *Screen) overlay() tea.Cmd {
	s.pins = slices.DeleteFunc(s.pins, func(n string) bool { return n == s.name && slices.Contains(s.over, n) })
	s.over = toggle(s.over, s.name)
	return s.room()
}

// pin draws a session here and on Train, or no longer.
func (s *Screen) pin(name string) tea.Cmd {
	i := s.info(name)
	if i == nil || i.Err != nil {
		return nil
	}
	s.over = slices.DeleteFunc(s.over, func(n string) bool { return n == name })
	s.pins = toggle(s.pins, name)
	return s.room()
}

// room keeps the charts to as many sessions as can be told apart: the one that was drawn first goes first.
func (s *Screen) room() tea.Cmd {
	for len(s.over)+len(s.pins) > maxDrawn {
		if len(s.over) > 0 {
			s.over = s.over[1:]
		} else {
			s.pins = s.pins[1:]
		}
	}
	return s.show()
}

// mark marks the session at the pointer for a comparison.
func (s *Screen) mark() tea.Cmd {
	if s.marked == s.name {
		s.marked = ""
	} else {
		s.marked = s.name
	}
	s.version++
	return nil
}

// compare shows in which settings the session at the pointer differs from the marked one, or the draft from it.
func (s *Screen) compare() tea.Cmd {
	i := s.pointed()
	store, name, other := s.app.Store, i.Name, s.marked
	if other == name {
		other = ""
	}
	draft := s.app.Draft.Experiment()
	return func() tea.Msg {
		b, err := store.Open(name)
		if err != nil {
			return compared{err: err}
		}
		if other == "" {
			return compared{name, textDraft, b.Experiment, draft, nil}
		}
		a, err := store.Open(other)
		if err != nil {
			return compared{err: err}
		}
		return compared{other, name, a.Experiment, b.Experiment, nil}
	}
}

// compared are two experiments that were read to be compared.
type compared struct {
	from, to string
	a, b     *sessions.Experiment
	err      error
}

func (s *Screen) showCompared(m compared) tea.Cmd {
	if m.err != nil {
		return s.app.Fail(m.err)
	}
	changes := differences(m.a, m.b)
	return s.app.Push(form.NewPager(s.app.Theme, m.from+" "+theme.Arrow+" "+m.to, func(w int) []string {
		return diffLines(s.app.Theme, changes, w)
	}))
}

// diffLines writes changes for a page: path, what was, what is. Where they do not fit beside each other, they stand
// below the path.
func diffLines(t *theme.Theme, changes []change, w int) []string {
	if len(changes) == 0 {
		return []string{t.Good.Render(theme.Good + " " + textNoChange)}
	}
	w = min(w, maxDiff)
	pathW := 0
	for _, c := range changes {
		pathW = max(pathW, layout.Width(c.path))
	}
	var lines []string
	for _, c := range changes {
		sign, style, words := "~", t.Text, orNone(c.old)+" "+theme.Arrow+" "+orNone(c.new)
		switch {
		case c.old == "":
			sign, style, words = "+", t.Good, c.new
		case c.new == "":
			sign, style, words = "-", t.Bad, c.old
		}
		head := style.Render(sign) + " " + c.path
		if pathW+4+layout.Width(words) <= w {
			lines = append(lines, layout.Fit(head, pathW+4)+style.Render(words))
			continue
		}
		lines = append(lines, layout.Cut(head, w))
		for _, l := range layout.Wrap(words, max(w-4, 8)) {
			lines = append(lines, "    "+style.Render(l))
		}
	}
	return lines
}

// maxDiff is as wide as the list of differences gets.
const maxDiff = 110

func orNone(text string) string {
	if text == "" {
		return textNone
	}
	return text
}

// look makes Train and Inspect be about the session at the pointer.
func (s *Screen) look() tea.Cmd {
	if s.isLive(s.name) {
		return tea.Batch(s.app.Follow(), s.app.Show(tabTrain))
	}
	return tea.Batch(s.app.Open(s.name), s.app.Show(tabTrain))
}

// takeUp goes on with the branch at the pointer.
func (s *Screen) takeUp() tea.Cmd {
	return tea.Batch(s.app.TakeUp(s.name, s.branch), s.app.Show(tabTrain))
}

// draft makes the experiment of the session at the pointer the draft, after a question where that would lose edits.
func (s *Screen) draft() tea.Cmd {
	store, name := s.app.Store, s.name
	read := func() tea.Msg {
		o, err := store.Open(name)
		return taken{o, err}
	}
	if !s.app.Draft.Edited() {
		return read
	}
	return s.app.Push(form.NewConfirm(s.app.Theme, textDraftTitle, fmt.Sprintf(textDraftText, s.app.Draft.Experiment().Name, name), 1,
		form.Answer{Key: "y", Title: textDraftYes, Run: func() tea.Cmd { return read }},
		form.Answer{Key: "n", Title: textDraftNo}))
}

func (s *Screen) takeDraft(m taken) tea.Cmd {
	if m.err != nil {
		return s.app.Fail(m.err)
	}
	return tea.Batch(s.app.Load(m.session.Experiment, "", ".", true), s.app.Show(tabBuild), s.app.Say(fmt.Sprintf(textDrafted, m.session.Name)))
}

// source is what is exported of the session at the pointer.
func (s *Screen) source() exports.Source {
	i := s.pointed()
	out := exports.Source{Name: i.Name, Best: i.Best, Last: i.Epochs}
	if s.isLive(i.Name) && s.app.Running() {
		out.Live, out.History = s.app.Live.Run, slices.Clone(s.app.Live.Epochs)
	}
	return out
}
