package runs

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"cnnbench/sessions"
	"cnnbench/tui/curves"
	"cnnbench/tui/figure"
	"cnnbench/tui/layout"
	"cnnbench/tui/theme"
)

// The columns of the table.
const (
	columnSigns = iota
	columnState
	columnName
	columnEpochs
	columnBest
	columnMetric
	columnTime
	columnWhen
	columnNetwork
)

// head is a column as it was drawn, for the mouse.
type head struct{ column, x, w int }

// widths of the columns that do not grow.
var widths = [...]int{columnSigns: 3, columnState: 10, columnEpochs: 7, columnBest: 7, columnMetric: 7, columnTime: 7, columnWhen: 6, columnNetwork: 0}

const (
	minName    = 14
	maxName    = 32
	minNetwork = 20
	narrow     = 50
	tableGap   = 1
)

// columns are those that fit into w cells, with their widths. In a narrow table the state is its sign alone.
func columns(w int) []head {
	width := widths
	if w < narrow {
		width[columnState] = 1
	}
	which := []int{columnSigns, columnState, columnName, columnEpochs, columnBest, columnMetric, columnTime, columnWhen}
	need := func() int {
		n := minName - tableGap
		for _, c := range which {
			n += width[c] + tableGap
		}
		return n
	}
	for _, drop := range []int{columnTime, columnMetric, columnEpochs, columnWhen, columnBest} {
		if need() <= w {
			break
		}
		which = slices.DeleteFunc(which, func(c int) bool { return c == drop })
	}
	width[columnName] = max(w-need()+minName, 0)
	if rest := width[columnName] - maxName - tableGap; rest >= minNetwork {
		width[columnName], width[columnNetwork] = maxName, rest
		which = append(which, columnNetwork)
	}
	var out []head
	x := 0
	for _, c := range which {
		out = append(out, head{c, x, width[c]})
		x += width[c] + tableGap
	}
	return out
}

// rightly says that a column's texts stand at its right end.
func rightly(column int) bool { return column >= columnEpochs && column <= columnWhen }

// drawTable draws the sessions.
func (s *Screen) drawTable(p *theme.Pane, in layout.Rect) {
	t := s.app.Theme
	p.Right = s.countText()
	const pointer = 2
	s.heads = columns(in.W - pointer - 1)
	var lines []string
	if s.typing || s.filter != "" {
		lines = append(lines, s.filterLine(in.W))
	}
	if len(s.rows) == 0 {
		lines = append(lines, s.emptyLines(in.W)...)
		p.Body = strings.Join(lines, "\n")
		return
	}
	lines = append(lines, layout.Spaces(pointer)+s.headLine())
	from, to := s.table.Around(s.at, len(s.rows), in.H-len(lines))
	p.Foot = s.table.Foot()
	for i := from; i < to; i++ {
		lines = append(lines, t.Row(s.row(s.rows[i]), in.W, i == s.at, p.Focused))
	}
	p.Body = strings.Join(lines, "\n")
}

func (s *Screen) countText() string {
	shown := 0
	for _, e := range s.rows {
		if e.branch < 0 {
			shown++
		}
	}
	if shown == len(s.infos) {
		return fmt.Sprint(shown)
	}
	return fmt.Sprintf(textOf, shown, len(s.infos))
}

func (s *Screen) filterLine(w int) string {
	t := s.app.Theme
	if !s.typing {
		return " " + t.Key.Render("/") + " " + layout.Cut(s.filter, w-4)
	}
	s.input.SetWidth(max(w-5, 1))
	return " " + t.Key.Render("/") + " " + layout.Cut(s.input.View(), w-3)
}

// emptyLines say why there is nothing in the table.
func (s *Screen) emptyLines(w int) []string {
	t := s.app.Theme
	text, style := textEmpty, t.Dim
	switch {
	case s.listErr != nil:
		text, style = theme.Bad+" "+s.listErr.Error(), t.Bad
	case !s.listed:
		text = textListing
	case len(s.infos) > 0:
		text = textNoMatch
	}
	var out []string
	for _, l := range layout.Wrap(text, max(w-2, 8)) {
		out = append(out, " "+style.Render(l))
	}
	return out
}

func (s *Screen) headLine() string {
	t := s.app.Theme
	cells := make([]string, len(s.heads))
	for i, h := range s.heads {
		word := textHeads[h.column]
		if h.w == 1 {
			word = ""
		}
		if h.column == columnMetric {
			word = s.metricHead()
		}
		style := t.Dim
		if sorts[s.sort].column == h.column {
			word += map[bool]string{false: theme.Down, true: theme.Up}[s.reverse]
			style = t.Bold
		}
		cells[i] = style.Render(fit(word, h))
	}
	return strings.Join(cells, layout.Spaces(tableGap))
}

func fit(text string, h head) string {
	if rightly(h.column) {
		return layout.FitLeft(text, h.w)
	}
	return layout.Fit(text, h.w)
}

// metricHead is the name of the figure beside the best value, where all sessions have the same.
func (s *Screen) metricHead() string {
	name := ""
	for _, e := range s.rows {
		switch n := metricOf(&s.infos[e.info]).name; {
		case n == "":
		case name == "":
			name = n
		case n != name:
			return textHeads[columnMetric]
		}
	}
	if name == "" || layout.Width(curves.Short(name)) > widths[columnMetric] {
		return textHeads[columnMetric]
	}
	return curves.Short(name)
}

// row is a session, or a branch that it left, as a line of the table.
func (s *Screen) row(e entry) string {
	t, i := s.app.Theme, &s.infos[e.info]
	st := curves.StatusOfInfo(i)
	if e.branch >= 0 {
		i = branchInfo(i, &i.Branches[e.branch])
		st = curves.LeftBehind
	}
	cells := make([]string, len(s.heads))
	for k, h := range s.heads {
		text := s.cell(i, h.column)
		switch h.column {
		case columnName:
			text = twig(e, i) + text
		case columnWhen:
			if e.branch >= 0 {
				text = ""
			}
		case columnSigns:
			if text = ""; e.branch < 0 {
				text = s.signs(i.Name)
			}
		case columnState:
			text = st.Draw(t)
			if h.w == 1 {
				text = st.Style(t).Render(st.Sign)
			}
		}
		cells[k] = fit(text, h)
	}
	return strings.Join(cells, layout.Spaces(tableGap))
}

// twig is what stands before the name of what parted from another, with the epoch at which it did.
func twig(e entry, i *sessions.Info) string {
	if e.depth == 0 {
		return ""
	}
	text := layout.Spaces(2*(e.depth-1)) + theme.Twig + " "
	if e.branch < 0 && i.Parent != nil {
		text += fmt.Sprintf(textParted, i.Parent.Epoch) + " "
	}
	return text
}

// branchInfo is what a list says of a branch that the session left.
func branchInfo(of *sessions.Info, b *sessions.Branch) *sessions.Info {
	out := *of
	out.Name = fmt.Sprintf(textParted, b.Epoch) + " " + curves.BranchName(b.Number)
	out.Epochs, out.Last, out.Best, out.Seconds = b.Epoch, nil, nil, 0
	for i := range b.History {
		e := &b.History[i]
		out.Epochs, out.Last, out.Seconds = e.Epoch, e.Logs, e.Total
		if v, ok := e.Log(of.Monitor); ok && e.Best {
			out.Best = &sessions.Best{Epoch: e.Epoch, Monitor: of.Monitor, Value: v}
		}
	}
	return &out
}

// signs are what a session is drawn with on the charts, and whether it is pinned and marked.
func (s *Screen) signs(name string) string {
	t := s.app.Theme
	out := s.board.Sign(name)
	switch {
	case slices.Contains(s.pins, name):
		out += t.Key.Render(signPin)
	case slices.Contains(s.over, name):
		out += t.Key.Render(signOver)
	}
	if s.marked == name {
		out += t.Key.Render(signMark)
	}
	return out
}

// The signs of what stays on the charts, is pinned or marked are the keys that do it.
const (
	signOver = "o"
	signPin  = "p"
	signMark = "v"
)

func (s *Screen) cell(i *sessions.Info, column int) string {
	if column == columnName {
		return i.Name
	}
	if column == columnWhen {
		return s.when(i)
	}
	if i.Err != nil {
		return ""
	}
	switch column {
	case columnEpochs:
		return fmt.Sprintf("%d/%d", i.Epochs, i.Planned)
	case columnBest:
		return valueText(best(i))
	case columnMetric:
		return valueText(metricOf(i))
	case columnTime:
		return clock(i.Seconds)
	case columnNetwork:
		return s.app.Theme.Dim.Render(i.Source + ": " + i.Network)
	}
	return ""
}

func valueText(n named) string {
	if n.name == "" {
		return ""
	}
	return curves.Value(n.value)
}

// clock writes seconds as clocks do.
func clock(seconds float64) string {
	return figure.Clock(time.Duration(seconds * float64(time.Second)))
}

// when is the time of a session's last change: the hour of today, the day of this year, or the month of another.
func (s *Screen) when(i *sessions.Info) string {
	if s.isLive(i.Name) && s.app.Running() {
		return textNow
	}
	at, now := i.Updated.Local(), s.now()
	switch {
	case at.Year() == now.Year() && at.YearDay() == now.YearDay():
		return at.Format("15:04")
	case at.Year() == now.Year():
		return at.Format("Jan _2")
	}
	return at.Format("Jan'06")
}

// epochs is a number of them in words.
func epochs(n int) string {
	if n == 1 {
		return "1 epoch"
	}
	return fmt.Sprintf("%d epochs", n)
}
