package inspect

import (
	"math"

	"cnnbench/sessions"
	"cnnbench/tui/figure"
	"cnnbench/tui/layout"
	"cnnbench/tui/picture"
)

// scatter draws what was predicted against what is true, and where both would be equal.
func (s *Screen) scatter(w, h int) []string {
	e := s.result.eval
	plot := picture.Scatter{Names: [2]string{"true", "predicted"}, Diagonal: true, Mark: every}
	for i := range e.Predictions {
		q := &e.Predictions[i]
		plot.X, plot.Y = append(plot.X, q.Target[0]), append(plot.Y, q.Values[0])
	}
	if s.at < len(s.list) {
		plot.Mark = s.list[s.at]
	}
	return plot.Lines(s.app.Theme, w, h)
}

// misses are the figures of what the predictions of values are off by.
type misses struct {
	n                  int     // of finite ones
	mean, std, largest float64 // of predicted less true; the largest without its sign
	r2                 float64 // share of the targets' variance that is explained; NaN where they do not vary
	offs               []float32
}

// missesOf works them out over all columns.
func missesOf(ps []sessions.Prediction) misses {
	var e misses
	var sum, sumTrue float64
	for i := range ps {
		for k, v := range ps[i].Values {
			d := float64(v) - float64(ps[i].Target[k])
			e.offs = append(e.offs, float32(d))
			if math.IsNaN(d) || math.IsInf(d, 0) {
				continue
			}
			e.n++
			sum += d
			sumTrue += float64(ps[i].Target[k])
			e.largest = max(e.largest, math.Abs(d))
		}
	}
	if e.n == 0 {
		return e
	}
	n := float64(e.n)
	e.mean = sum / n
	var spread, squares, varies float64
	for i := range ps {
		for k, v := range ps[i].Values {
			d := float64(v) - float64(ps[i].Target[k])
			if math.IsNaN(d) || math.IsInf(d, 0) {
				continue
			}
			spread += (d - e.mean) * (d - e.mean)
			squares += d * d
			y := float64(ps[i].Target[k]) - sumTrue/n
			varies += y * y
		}
	}
	e.std = math.Sqrt(spread / n)
	e.r2 = 1 - squares/varies
	if varies == 0 {
		e.r2 = math.NaN()
	}
	return e
}

// residuals draws in w x h cells how far off the predictions of values are.
func (s *Screen) residuals(w, h int) []string {
	t := s.app.Theme
	e := missesOf(s.result.eval.Predictions)
	lines := []string{""}
	add := func(key, value string) {
		lines = append(lines, " "+layout.Fit(t.Dim.Render(layout.Fit(key, 10))+" "+value, w-2))
	}
	if e.n == 0 {
		return append(lines, " "+t.Bad.Render(layout.Cut(wordDiverged, w-2)))
	}
	add("mean off", figure.Short(e.mean))
	add("spread", figure.Short(e.std))
	add("largest", figure.Short(e.largest))
	if !math.IsNaN(e.r2) {
		add("R²", figure.Short(e.r2))
	}
	room := h - len(lines) - 3
	if room < 2 || w < 16 {
		return lines
	}
	bins := make([]float32, (w-4)|1) // an odd number: 0 is in the middle
	a := float32(e.largest)
	for _, d := range e.offs {
		if d >= -a && d <= a {
			at := len(bins) / 2
			if a > 0 {
				at = min(int(float64(d+a)/float64(2*a)*float64(len(bins))), len(bins)-1)
			}
			bins[at]++
		}
	}
	_, top := picture.Range(bins)
	lines = append(lines, "", " "+t.Dim.Render(layout.Cut("predicted less true", w-2)))
	style := t.Text
	if t.Color {
		style = style.Foreground(t.Series(0))
	}
	for _, l := range picture.StyleOf(t).Bars(bins, 0, top, len(bins), room) {
		lines = append(lines, " "+style.Render(l))
	}
	ends := layout.Ends(figure.Short(-e.largest), figure.Short(e.largest), len(bins))
	return append(lines, " "+t.Dim.Render(ends))
}
