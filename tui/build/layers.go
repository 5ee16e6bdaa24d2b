package build

import (
	"fmt"
	"math"
	"strings"

	"cnnbench/nn"
	"cnnbench/tui/figure"
	"cnnbench/tui/layout"
	"cnnbench/tui/theme"
)

// columns are the widths of the list's columns; 0 is a column that is not there.
type columns struct{ index, layer, name, out, flow, params, share, macs int }

// columnsFor divides w cells among the columns, each as wide as what stands in it.
func (s *Screen) columnsFor(w int) columns {
	c := columns{index: len(fmt.Sprint(len(s.layers()))), out: len("output"), params: len("params"), macs: len("12.3M")}
	if s.sum != nil {
		c.out = max(c.out, layout.Width(figure.Shape(s.sum.In)))
		for i := range s.sum.Rows {
			r := &s.sum.Rows[i]
			c.out = max(c.out, layout.Width(figure.Shape(r.Out)))
			c.params = max(c.params, len(figure.Thousands(r.Total)))
			if w >= wide {
				c.name = max(c.name, layout.Width(r.Name))
			}
		}
		c.params = max(c.params, len(figure.Thousands(s.sum.Total)))
	}
	c.name = min(c.name, w/4)
	switch {
	case w >= wide:
		c.flow, c.share = 14, 10
		c.out, c.params, c.macs = c.out+1, c.params+1, c.macs+1
	case w >= 66:
		c.share = 8
	case w < 46:
		c.params = min(c.params, 6)
	}
	if w < 40 {
		c.macs = 0
	}
	rest := w - 2 - c.index - 1
	for _, x := range []int{c.name, c.out, c.flow, c.params, c.share, c.macs} {
		if x > 0 {
			rest -= x + 1
		}
	}
	c.layer = max(rest, 6)
	return c
}

// wide is from how many cells on the list has room for names and shares.
const wide = 86

// row writes one line of the list.
func (c columns) row(index, layer, name, out, flow, params, share, macs string) string {
	var b strings.Builder
	b.WriteString(layout.FitLeft(index, c.index) + " " + layout.Fit(layer, c.layer))
	if c.name > 0 {
		b.WriteString(" " + layout.Fit(name, c.name))
	}
	b.WriteString(" " + layout.FitLeft(out, c.out))
	if c.flow > 0 {
		b.WriteString(" " + layout.Fit(flow, c.flow))
	}
	b.WriteString(" " + layout.FitLeft(params, c.params))
	if c.share > 0 {
		b.WriteString(" " + layout.Fit(share, c.share))
	}
	if c.macs > 0 {
		b.WriteString(" " + layout.FitLeft(macs, c.macs))
	}
	return b.String()
}

// drawLayers draws the list of layers.
func (s *Screen) drawLayers(w, h int, focused bool) string {
	t := s.app.Theme
	p := theme.Pane{Title: wordLayers, Focused: focused}
	if s.app.Running() {
		p.Right = wordNext
	}
	s.layerAt = s.layerAt[:0]
	layers := s.layers()
	inner := w - 2
	if len(layers) == 0 {
		p.Body = "\n  " + t.Bold.Render(wordEmpty)
		for _, l := range layout.Wrap(wordEmptyHow, max(inner-4, 8)) {
			p.Body += "\n  " + l
		}
		return t.Draw(p, w, h)
	}
	c := s.columnsFor(inner)
	head := t.Dim.Render("  " + c.row("", "layer", "name", "output", "its size", "params", "share", "MACs"))
	in := wordUnknown
	if s.sum != nil {
		in = figure.Shape(s.sum.In)
	} else if s.app.Data.Busy {
		in = "…"
	}
	lines := []string{t.Dim.Render("  " + c.row("", wordInput, "", in, s.flow(c, s.inSize()), "", "", ""))}
	owner := []int{-1}
	at := 0
	for i, l := range layers {
		if i == s.at {
			at = len(lines)
		}
		lines, owner = append(lines, s.layerRow(c, i, l, inner, focused)), append(owner, i)
		if s.problem.layer == i && s.problem.found() {
			for _, text := range layout.Wrap(s.problem.text, max(inner-8, 10)) {
				lines = append(lines, layout.Spaces(2+c.index+1)+t.Bad.Render(text))
				owner = append(owner, i)
			}
		}
	}
	room := max(h-2-2, 1) // the border, the head and the total
	s.from = layout.Window(s.from, at, len(lines), room)
	end := min(s.from+room, len(lines))
	s.layerAt = append(append(s.layerAt, -1), owner[s.from:end]...)
	if below := len(lines) - end; below > 0 {
		p.Foot = fmt.Sprintf("%s %d more", theme.Down, below)
	} else if s.from > 0 {
		p.Foot = theme.Up
	}
	body := append([]string{head}, lines[s.from:end]...)
	if len(body) < h-3 {
		body = append(body, t.Border.Render(" "+strings.Repeat("─", max(inner-2, 0))))
	}
	p.Body = strings.Join(append(body, s.totalRow(c)), "\n")
	return t.Draw(p, w, h)
}

// layerRow draws one layer.
func (s *Screen) layerRow(c columns, i int, l nn.Layer, w int, focused bool) string {
	t := s.app.Theme
	kind := nn.Layers.Must(l)
	index := fmt.Sprint(i + 1)
	name, out, flow, params, share, macs := l.Settings().Name, wordUnknown, "", "", "", ""
	if s.sum != nil && i < len(s.sum.Rows) {
		r := &s.sum.Rows[i]
		name, out, params, macs = r.Name, figure.Shape(r.Out), figure.Thousands(r.Total), figure.SI(r.MACs)
		if len(params) > c.params {
			params = figure.SI(r.Total)
		}
		if r.Total == 0 {
			params = theme.Dot
		}
		if r.MACs == 0 {
			macs = theme.Dot
		}
		if c.share > 0 && s.sum.Total > 0 {
			flow = s.flow(c, r.Out.Size())
			share = t.Progress(float64(r.Total)/float64(s.sum.Total), c.share)
		}
	}
	label := t.Bold.Render(kind.Name) + " " + brief(l)
	if s.problem.layer == i && s.problem.found() {
		index, label = t.Bad.Render(theme.Bad), t.Bad.Render(kind.Name+" "+brief(l))
	}
	text := c.row(t.Dim.Render(index), label, t.Dim.Render(name), out, flow, params, share, t.Dim.Render(macs))
	return t.Row(text, w, i == s.at, focused)
}

// totalRow draws the sums.
func (s *Screen) totalRow(c columns) string {
	t := s.app.Theme
	if s.sum == nil || len(s.sum.Rows) < len(s.layers()) {
		return t.Dim.Render("  " + c.row("", wordTotal, "", "", "", wordUnknown, "", wordUnknown))
	}
	total := figure.Thousands(s.sum.Total)
	if len(total) > c.params {
		total = figure.SI(s.sum.Total)
	}
	return t.Bold.Render("  " + c.row("", wordTotal, "", figure.Shape(s.sum.Out()), "", total, "", figure.SI(s.sum.MACs)))
}

// inSize is how many values a sample has.
func (s *Screen) inSize() int {
	if s.sum == nil {
		return 0
	}
	return s.sum.In.Size()
}

// flow draws how many values a layer hands on, beside what the others do. Its length goes with the square root, so that
// an image and a few classes can both be seen.
func (s *Screen) flow(c columns, size int) string {
	most := s.inSize()
	if most == 0 || c.flow == 0 {
		return ""
	}
	for i := range s.sum.Rows {
		most = max(most, s.sum.Rows[i].Out.Size())
	}
	n := int(math.Round(math.Sqrt(float64(size)/float64(most)) * float64(c.flow)))
	return s.app.Theme.Accent.Render(strings.Repeat("▪", max(n, 1)))
}
