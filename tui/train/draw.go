package train

import (
	"fmt"
	"strings"

	"cnnbench/nn/train"
	"cnnbench/tui/curves"
	"cnnbench/tui/layout"
	"cnnbench/tui/theme"
)

// draw makes the text of a pane.
func (s *Screen) draw(pane int, r layout.Rect) string {
	p := theme.Pane{Title: textPanes[pane], Focused: s.panes.Is(pane)}
	in := r
	if r.W >= 3 && r.H >= 3 {
		in = r.Inner()
	}
	switch pane {
	case paneLoss:
		s.drawLoss(&p, in)
	case paneMetric:
		s.drawChart(&p, curves.SlotMetric, in.W, in.H, textNoMetric)
	case paneRate:
		s.drawChart(&p, curves.SlotRate, in.W, in.H, textNoRate)
	case paneRun:
		s.drawRun(&p, in)
	case paneEpochs:
		s.drawEpochs(&p, in)
	case paneLog:
		s.drawLog(&p, in)
	case paneRuns:
		s.drawRuns(&p, in)
	}
	return s.app.Theme.Draw(p, r.W, r.H)
}

// drawLoss draws the curve of the loss, or before the first training what space would start.
func (s *Screen) drawLoss(p *theme.Pane, in layout.Rect) {
	x := s.subject()
	if x == nil {
		p.Title = textReady
		p.Body = center(s.plan(in.W, in.H), in.W, in.H)
		return
	}
	notice := s.notice(in.W)
	notice = notice[:min(len(notice), max(in.H-3, 0))]
	s.drawChart(p, curves.SlotLoss, in.W, in.H-len(notice), textNoLoss)
	p.Body = layout.Above(strings.Join(notice, "\n"), p.Body)
}

// drawChart draws a slot's chart; what it is zoomed to is known only then.
func (s *Screen) drawChart(p *theme.Pane, slot, w, h int, empty string) {
	p.Body = s.board.Draw(slot, w, h, empty)
	p.Title, p.Right = s.board.Title(slot), s.board.Range(slot)
}

// notice is what a person has to know before anything else: that another program trains it, that the training diverged or failed, and what to do.
func (s *Screen) notice(w int) []string {
	x := s.subject()
	if x == nil {
		return nil
	}
	var lines []string
	if x.watching != nil {
		lines = append(lines, s.app.Theme.Accent.Render(layout.Cut(fmt.Sprintf(textWatching, x.watching.Holder), w)))
	}
	st, _, _ := x.status()
	what, cure := x.trouble()
	if what == "" {
		return lines
	}
	if x.watching != nil {
		cure = ""
	}
	sign, style := st.Sign, st.Style(s.app.Theme)
	if x.state == train.Finished && cure == "" { // trained to the end, but not all of it is on disk
		sign, style = theme.Warn, s.app.Theme.Warn
	}
	for _, l := range layout.Wrap(sign+" "+what, w) {
		lines = append(lines, style.Render(l))
	}
	if cure != "" {
		lines = append(lines, layout.Wrap("  "+cure, w)...)
	}
	return lines
}

// center puts lines into the middle of w x h cells.
func center(lines []string, w, h int) string {
	if len(lines) > h {
		lines = lines[:h]
	}
	width := 0
	for _, l := range lines {
		width = max(width, layout.Width(l))
	}
	pad := layout.Spaces(max((w-width)/2, 0))
	out := make([]string, max((h-len(lines))/2, 0), h)
	for _, l := range lines {
		out = append(out, pad+l)
	}
	return strings.Join(out, "\n")
}

// cut is a line of at most w cells with a blank before it.
func cut(line string, w int) string { return layout.Cut(" "+line, w) }
