package build

import (
	"fmt"

	"cnnbench/tui/figure"
	"cnnbench/tui/layout"
	"cnnbench/tui/theme"
)

// Note says in a line of w cells whether the experiment can be trained, and else why not.
func (s *Screen) Note(w int) string {
	t := s.app.Theme
	data := &s.app.Data
	switch {
	case s.problem.found():
		text := s.problem.text
		if s.problem.layer >= 0 {
			text = fmt.Sprintf("layer %d: %s", s.problem.layer+1, text)
		} else if s.problem.path != "" {
			text = s.problem.path + ": " + text
		}
		return t.Bad.Render(layout.Cut(theme.Bad+" "+text, w))
	case len(s.layers()) == 0:
		return t.Dim.Render(layout.Cut(wordEmptyHow, w))
	case data.Busy && !data.Known(&s.app.Draft):
		return t.Dim.Render(layout.Cut(wordLooking, w))
	case s.sum == nil:
		return ""
	}
	text := t.Good.Render(theme.Good + " everything fits")
	if i := s.sum.Unmasked(); i >= 0 && data.Source.Data != nil && data.Source.Data.Sequences() {
		return layout.Cut(text+"   "+t.Warn.Render(theme.Warn)+fmt.Sprintf(wordUnmasked, s.sum.Rows[i].Kind, i+1), w)
	}
	if i, share := s.heaviest(); share > .5 && len(s.sum.Rows) > 1 {
		r := &s.sum.Rows[i]
		text += "   " + t.Warn.Render(theme.Warn) + fmt.Sprintf(" %s (layer %d) has %s of the parameters", r.Kind, i+1, figure.Percent(share))
	}
	return layout.Cut(text, w)
}

// heaviest is the layer with the most parameters, and its share of all.
func (s *Screen) heaviest() (layer int, share float64) {
	if s.sum.Total == 0 {
		return 0, 0
	}
	for i := range s.sum.Rows {
		if s.sum.Rows[i].Total > s.sum.Rows[layer].Total {
			layer = i
		}
	}
	return layer, float64(s.sum.Rows[layer].Total) / float64(s.sum.Total)
}
