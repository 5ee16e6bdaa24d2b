package train

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"cnnbench/tui/layout"
	"cnnbench/tui/theme"
)

// entry is something that happened during the training.
type entry struct {
	epoch float64 // finished epochs
	text  string
	mark  bool // by hand or by the engine, else a callback's words
}

// entries are all that happened, in order.
func (x *subject) entries() []entry {
	var out []entry
	for _, m := range x.marks {
		out = append(out, entry{m.Epoch, m.Text, true})
	}
	for i := range x.epochs {
		e := &x.epochs[i]
		for _, text := range slices.Concat(e.Notes, e.EndNotes) {
			out = append(out, entry{float64(e.Epoch), strings.Join(strings.Fields(text), " "), false})
		}
	}
	slices.SortStableFunc(out, func(a, b entry) int { return cmp.Compare(a.epoch, b.epoch) })
	return out
}

// drawLog draws what happened: changed learning rates, callbacks' words, what could not be saved.
func (s *Screen) drawLog(p *theme.Pane, in layout.Rect) {
	t := s.app.Theme
	x := s.subject()
	var rows []string
	if x != nil {
		for _, e := range x.entries() {
			when := layout.FitLeft(fmt.Sprintf(textWhen, e.epoch), logW)
			style := t.Dim
			if e.mark {
				style = t.Text
			}
			for _, l := range layout.Wrap(e.text, max(in.W-logW-3, 8)) {
				rows = append(rows, cut(t.Dim.Render(when)+" "+style.Render(l), in.W))
				when = layout.Spaces(logW)
			}
		}
	}
	if len(rows) == 0 {
		p.Body = cut(t.Dim.Render(textNoLog), in.W)
		return
	}
	from, to := s.log.Window(len(rows), in.H)
	p.Foot = s.log.Foot()
	p.Body = strings.Join(rows[from:to], "\n")
}

// logW is the width of the place in the training.
const logW = 8
