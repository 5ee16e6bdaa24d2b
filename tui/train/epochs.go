package train

import (
	"fmt"
	"slices"
	"strings"

	"cnnbench/nn/train"
	"cnnbench/tui/chart"
	"cnnbench/tui/curves"
	"cnnbench/tui/layout"
	"cnnbench/tui/theme"
)

// column is one of the table of epochs.
type column struct {
	name, head string
	w          int
}

// Names of columns that are no figures.
const (
	columnEpoch   = "ep"
	columnSeconds = "s"
)

// figureW is the width of a figure in the table.
const figureW = 6

// columns are those that fit into w cells. The more telling ones come first to a place: the loss and what is measured
// on the validation data, the seconds, then the rest, and the learning rate where it moves.
func (x *subject) columns(w int) []column {
	all := []column{{columnEpoch, columnEpoch, max(2, len(fmt.Sprint(x.planned)))}}
	for _, n := range x.names() {
		all = append(all, column{n, curves.Short(n), max(figureW, len(curves.Short(n)))})
	}
	if x.rateMoves() {
		all = append(all, column{curves.Rate, curves.Short(curves.Rate), figureW})
	}
	all = append(all, column{columnSeconds, columnSeconds, 5})

	byRank := slices.Clone(all)
	slices.SortStableFunc(byRank, func(a, b column) int { return rank(a.name) - rank(b.name) })
	fits := map[string]bool{}
	room := w - starW
	for _, c := range byRank {
		if fits[c.name] = room >= c.w; fits[c.name] {
			room -= c.w + columnGap
		}
	}
	return slices.DeleteFunc(all, func(c column) bool { return !fits[c.name] })
}

// columnGap is between two columns.
const columnGap = 2

// starW is the room for the mark of the best epoch.
const starW = 2

// rank puts columns into the order in which they get a place.
func rank(name string) int {
	switch {
	case name == columnEpoch:
		return 0
	case name == curves.Loss:
		return 1
	case name == curves.Val(curves.Loss):
		return 2
	case strings.HasPrefix(name, curves.Val("")):
		return 3
	case name == columnSeconds:
		return 4
	case name == curves.Rate:
		return 6
	}
	return 5
}

// rateMoves says that epochs had several learning rates.
func (x *subject) rateMoves() bool {
	for i := range x.epochs {
		if !near(x.epochs[i].LearningRate, x.epochs[0].LearningRate) {
			return true
		}
	}
	return false
}

// drawEpochs draws the table of the epochs, with the callbacks' words below them and the epoch under way at its end.
func (s *Screen) drawEpochs(p *theme.Pane, in layout.Rect) {
	t := s.app.Theme
	x := s.subject()
	if x == nil || len(x.epochs) == 0 && x.last == nil {
		p.Body = cut(t.Dim.Render(textNoEpoch), in.W)
		return
	}
	columns := x.columns(in.W - 2)
	head := make([]string, len(columns))
	for i, c := range columns {
		head[i] = layout.FitLeft(c.head, c.w)
	}
	rows := epochRows(x)
	from, to := s.epochs.Window(len(rows), in.H-1)
	lines := []string{cut(t.Dim.Render(strings.Join(head, "  ")), in.W)}
	top := bestOf(x.epochs)
	for _, r := range rows[from:to] {
		switch {
		case r.note != "":
			lines = append(lines, cut(t.Warn.Render(theme.Dot)+" "+t.Dim.Render(r.note), in.W))
		case r.epoch == nil:
			lines = append(lines, cut(s.underWay(x, columns, in.W-2), in.W))
		default:
			lines = append(lines, cut(s.epochRow(r.epoch, columns, r.epoch == top), in.W))
		}
	}
	p.Foot = s.epochs.Foot()
	p.Body = strings.Join(lines, "\n")
}

// epochRow is a row of the table: an epoch, a line of what a callback said, or neither for the epoch under way.
type epochRow struct {
	epoch *train.Epoch
	note  string
}

func epochRows(x *subject) []epochRow {
	rows := make([]epochRow, 0, len(x.epochs)+1)
	note := func(texts []string) {
		for _, text := range texts {
			for _, l := range strings.Split(strings.TrimSpace(text), "\n") {
				rows = append(rows, epochRow{note: l})
			}
		}
	}
	for i := range x.epochs {
		e := &x.epochs[i]
		note(e.Notes)
		rows = append(rows, epochRow{epoch: e})
		note(e.EndNotes)
	}
	if x.last != nil && x.last.Epoch > len(x.epochs) {
		rows = append(rows, epochRow{})
	}
	return rows
}

// epochRow draws a finished epoch.
func (s *Screen) epochRow(e *train.Epoch, columns []column, top bool) string {
	t := s.app.Theme
	cells := make([]string, len(columns))
	for j, c := range columns {
		cells[j] = layout.FitLeft(cell(e, c.name), c.w)
	}
	row := strings.Join(cells, "  ")
	if top {
		return t.Good.Render(row) + t.Good.Render(" "+signBest)
	}
	return row
}

// underWay is the row of the epoch that is not finished: the running mean of its loss, and how far it is.
func (s *Screen) underWay(x *subject, columns []column, w int) string {
	t := s.app.Theme
	g := progressOf(x.planned, x.epochs, x.last)
	row := layout.FitLeft(fmt.Sprint(x.last.Epoch), columns[0].w)
	if len(columns) > 1 {
		if v, ok := x.value(columns[1].name); ok {
			row += "  " + layout.FitLeft(curves.Value(v), columns[1].w)
		}
	}
	percent := fmt.Sprintf(" %3.0f%%", 100*g.share)
	bar := min(w-layout.Width(row)-2-len(percent), 24)
	done, rest := chart.BarParts(bar, g.share, t.Symbols)
	return t.Dim.Render(row) + "  " + t.Bar.Render(done) + t.Groove.Render(rest) + percent
}

// signBest stands behind the best epoch.
const signBest = "*"

// cell is what an epoch has in a column.
func cell(e *train.Epoch, name string) string {
	switch name {
	case columnEpoch:
		return fmt.Sprint(e.Epoch)
	case columnSeconds:
		return secondsText(e.Seconds)
	case curves.Rate:
		return curves.RateText(e.LearningRate)
	}
	if v, ok := e.Log(name); ok {
		return curves.Value(v)
	}
	return ""
}

// secondsText writes the time of an epoch in at most five cells.
func secondsText(v float64) string {
	switch {
	case v < 10:
		return fmt.Sprintf("%.2f", v)
	case v < 1000:
		return fmt.Sprintf("%.1f", v)
	}
	return fmt.Sprintf("%.0f", v)
}
