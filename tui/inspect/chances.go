package inspect

import (
	"cmp"
	"slices"

	"cnnbench/sessions"
	"cnnbench/tui/figure"
	"cnnbench/tui/layout"
)

// chances draws the probabilities of the classes as bars, the likeliest first, in at most h lines of w cells. The true
// class is always among them.
func (s *Screen) chances(q *sessions.Prediction, w, h int) []string {
	t, e := s.app.Theme, s.result.eval
	probabilities := q.Probabilities()
	if probabilities == nil || h < 1 || w < 12 {
		return nil
	}
	order := make([]int, len(probabilities))
	name := 0
	for i := range order {
		order[i] = i
		name = max(name, layout.Width(e.Classes[i]))
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(probabilities[b], probabilities[a]) })
	if at := slices.Index(order, q.Label); at >= h {
		order[h-1] = q.Label
	}
	name = min(name, w/2)
	bar := w - name - 1 - 1 - 5
	var lines []string
	for _, c := range order[:min(h, len(order))] {
		share := float64(probabilities[c])
		label := layout.Fit(e.Classes[c], name)
		if c == q.Label {
			label = t.Bold.Render(label)
		}
		text := label + " "
		if bar >= 4 {
			text += t.Progress(share, bar) + " "
		}
		lines = append(lines, layout.Fit(text+layout.FitLeft(figure.Percent(share), 5), w))
	}
	return lines
}
