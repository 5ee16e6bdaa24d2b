package inspect

import (
	"fmt"
	"strings"

	"cnnbench/nn/metric"
	"cnnbench/tui/figure"
	"cnnbench/tui/layout"
	"cnnbench/tui/theme"
)

// drawFigures draws loss, metrics and the report of every class, or of the errors where the targets are values.
func (s *Screen) drawFigures(w, h int, focused bool) string {
	t := s.app.Theme
	p := s.pane(wordFigures, focused)
	if s.result == nil {
		return s.nothing(p, w, h)
	}
	e := s.result.eval
	inner, room := w-2, h-2
	lines := []string{" " + s.scores(inner-2)}
	if e.Classes == nil {
		p.Body = strings.Join(append(lines, s.residuals(inner, room-len(lines))...), "\n")
		return t.Draw(p, w, h)
	}
	if room >= len(e.Classes)+5 {
		lines = append(lines, "")
	}
	c := reportColumns(inner, e.Classes)
	lines = append(lines, "  "+t.Dim.Render(c.head()))
	tail := []string{"  " + c.row(t, "macro", e.Report.Macro), "  " + c.row(t, "weighted", e.Report.Weighted)}
	rows := max(room-len(lines)-len(tail), 1)
	s.reportAt = layout.Window(s.reportAt, s.cell[0], len(e.Classes), rows)
	end := min(s.reportAt+rows, len(e.Classes))
	for i := s.reportAt; i < end; i++ {
		text := c.row(t, e.Classes[i], e.Report.Classes[i])
		if !e.Report.Present[i] {
			text = t.Dim.Render(layout.Fit(e.Classes[i], c.name) + " " + wordAbsent)
		}
		lines = append(lines, t.Row(text, inner, i == s.cell[0], focused))
	}
	if below := len(e.Classes) - end; below > 0 {
		p.Foot = fmt.Sprintf("%s %d more", theme.Down, below)
	}
	p.Body = strings.Join(append(lines, tail...), "\n")
	return t.Draw(p, w, h)
}

// figuresWidth is the cells that the report needs, its frame included.
func (s *Screen) figuresWidth() int {
	if s.result == nil || s.result.eval.Classes == nil {
		return 28
	}
	c := reportColumns(0, s.result.eval.Classes)
	return 2 + 2 + c.longest + 4*(c.cell+1)
}

// scores writes loss and metrics in a line.
func (s *Screen) scores(w int) string {
	t, e := s.app.Theme, s.result.eval
	parts := []string{t.Dim.Render("loss ") + t.Bold.Render(figure.Loss(e.Loss))}
	for _, m := range e.Metrics {
		parts = append(parts, t.Dim.Render(m.Name+" ")+t.Bold.Render(figure.Short(m.Value)))
	}
	text := strings.Join(parts, "  ")
	if tail := t.Dim.Render(figure.Thousands(e.Samples) + " samples"); layout.Width(text)+2+layout.Width(tail) <= w {
		text += "  " + tail
	}
	return layout.Cut(text, w)
}

// report is the geometry of the report.
type report struct{ longest, name, cell, bar int }

// reportColumns divides w cells, two of which the pointer takes.
func reportColumns(w int, classes []string) report {
	longest := layout.Width("weighted")
	for _, name := range classes {
		longest = max(longest, layout.Width(name))
	}
	c := report{longest: longest, cell: 4}
	if w >= 44 {
		c.cell = 7
	}
	c.name = min(longest, max(w-2-4*(c.cell+1), 4))
	if rest := w - 2 - c.name - 4*(c.cell+1) - 1; rest >= 6 {
		c.bar = min(rest, 16)
	}
	return c
}

func (c report) head() string {
	names := []string{"prec", "rec", "f1", "n"}
	if c.cell >= 7 {
		names = []string{"prec.", "recall", "f1", "samples"}
	}
	return c.line("", names...)
}

func (c report) line(name string, cells ...string) string {
	s := layout.Fit(name, c.name)
	for _, cell := range cells {
		s += " " + layout.FitLeft(cell, c.cell)
	}
	return s
}

// row writes a class, or an average.
func (c report) row(t *theme.Theme, name string, v metric.Score) string {
	share := figure.Short
	if c.cell < 7 {
		share = twoDigits
	}
	text := c.line(name, share(v.Precision), share(v.Recall), share(v.F1), count(int(v.Support), c.cell))
	if c.bar > 0 {
		text += " " + t.Progress(v.F1, c.bar)
	}
	return text
}

// twoDigits writes a share of 0 to 1 in three characters: .85, 1.0.
func twoDigits(v float64) string {
	if v > .9949 {
		return "1.0"
	}
	return strings.TrimPrefix(fmt.Sprintf("%.2f", v), "0")
}

// count writes a number in w characters.
func count(n, w int) string {
	if text := figure.Thousands(n); len(text) <= w {
		return text
	}
	return figure.SI(n)
}
