package train

import (
	"strings"

	tea "charm.land/bubbletea/v2"

	"cnnbench/sessions"
	"cnnbench/tui/curves"
	"cnnbench/tui/layout"
	"cnnbench/tui/theme"
)

// listed is a row of the list of trainings.
type listed struct {
	name   string
	status curves.Status
	value  string // the best of the monitored figure
}

// rows are the trainings, the live one first, then what is stored, newest first.
func (s *Screen) rows() []listed {
	var out []listed
	now := s.current()
	if now != nil && now.over() {
		now = nil // it is among the stored ones
	}
	if now != nil {
		st, _, _ := now.status()
		out = append(out, listed{now.name, st, bestText(best(now.epochs, now.monitor))})
	}
	for i := range s.infos {
		f := &s.infos[i]
		switch {
		case now != nil && f.Name == now.name:
		default:
			out = append(out, listed{f.Name, curves.StatusOfInfo(f), bestText(f.Best)})
		}
	}
	return out
}

func bestText(b *sessions.Best) string {
	if b == nil {
		return ""
	}
	return curves.Value(b.Value)
}

// drawRuns draws the list of trainings: what it is drawn with on the charts, how it stands, its best value.
func (s *Screen) drawRuns(p *theme.Pane, in layout.Rect) {
	t := s.app.Theme
	rows := s.rows()
	if len(rows) == 0 {
		p.Body = cut(t.Dim.Render(textNoRun), in.W)
		return
	}
	s.at = min(max(s.at, 0), len(rows)-1)
	from, to := s.runs.Around(s.at, len(rows), in.H)
	p.Foot = s.runs.Foot()
	var lines []string
	for i := from; i < to; i++ {
		r := rows[i]
		name := s.board.Sign(r.name) + " " + r.status.Style(t).Render(r.status.Sign) + " " + r.name
		lines = append(lines, t.Row(layout.Ends(name, r.value, in.W-3), in.W, i == s.at, p.Focused))
	}
	p.Body = strings.Join(lines, "\n")
}

// pointed is the training that the pointer is at, "" if there is none.
func (s *Screen) pointed() string {
	if rows := s.rows(); s.at < len(rows) {
		return rows[s.at].name
	}
	return ""
}

func (s *Screen) whyNoRow() string {
	if s.pointed() == "" {
		return textNoRun
	}
	return ""
}

// openPointed makes the tab be about the training at the pointer.
func (s *Screen) openPointed() tea.Cmd {
	name := s.pointed()
	if l := s.app.Live; l != nil && l.Run.Name == name {
		return s.app.Follow()
	}
	return s.app.Open(name)
}

// pinPointed draws the training at the pointer on the charts, or no longer.
func (s *Screen) pinPointed() tea.Cmd { return curves.Send(curves.Pin{Name: s.pointed()}) }

// moveRow moves the pointer.
func (s *Screen) moveRow(d int) {
	s.at = min(max(s.at+d, 0), max(len(s.rows())-1, 0))
	s.version++
}
