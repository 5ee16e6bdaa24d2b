package data

import (
	"fmt"
	"strings"

	"cnnbench/dataset"
	"cnnbench/tui/figure"
	"cnnbench/tui/layout"
	"cnnbench/tui/picture"
	"cnnbench/tui/theme"
)

// plotted says that samples and targets are single numbers: they are drawn as points, not as tiles.
func (s *Screen) plotted() bool {
	return s.data.Classes == nil && s.data.Width == 1 && len(s.data.Shape) == 1 && s.data.Shape[0] == 1
}

// drawSamples draws a page of samples.
func (s *Screen) drawSamples(w, h int, focused bool) string {
	t := s.app.Theme
	p := theme.Pane{Title: wordSamples, Focused: focused}
	if s.data == nil || len(s.list) == 0 {
		return s.nothing(p, w, h)
	}
	part := s.data.Part(s.part)
	p.Title = s.part + " " + theme.Dot + " " + wordAllOf
	if s.data.Classes == nil {
		p.Title = s.part
	} else if s.class != all {
		p.Title = s.part + " " + theme.Dot + " " + s.data.Classes[s.class]
	}
	p.Right = figure.Shape(s.shape(part))
	if s.as() != received {
		p.Right += " " + s.asWord()
	}
	if err := s.window.Err(); err != nil {
		p.Body = " " + t.Bad.Render(strings.Join(layout.Wrap(theme.Bad+" "+err.Error(), max(w-4, 8)), "\n "))
		return t.Draw(p, w, h)
	}
	if s.plotted() {
		p.Foot = fmt.Sprintf("%s of %s", figure.Thousands(s.at+1), figure.Thousands(len(s.list)))
		p.Body = s.points(part, w-2, h-2)
		return t.Draw(p, w, h)
	}
	tw, th := picture.TileSize(s.shape(part), s.zoom)
	sheet := picture.NewSheet(w-2, h-2, tw, th, 1)
	s.cap, s.cols, s.tile = sheet.Cap(), sheet.Cols, sheet.At
	if s.cap == 0 {
		return t.Draw(p, w, h)
	}
	style, look := s.style(), s.look()
	first := s.at / s.cap * s.cap
	last := min(first+s.cap, len(s.list))
	p.Foot = fmt.Sprintf("%s–%s of %s", figure.Thousands(first+1), figure.Thousands(last), figure.Thousands(len(s.list)))
	tiles := make([]picture.Tile, last-first)
	for i := range tiles {
		tiles[i].Words = []string{s.caption(part, s.list[first+i], sheet.TileW)}
		if it, ok := s.window.Tile(first + i); ok {
			tiles[i].Lines = style.Sample(it.Shape, it.V, look, sheet.TileW, sheet.TileH)
		}
	}
	p.Body = sheet.Draw(t, tiles, s.at-first, focused)
	return t.Draw(p, w, h)
}

// caption is the words below a tile of w cells: class and row, or the one of them that is not known already.
func (s *Screen) caption(p *dataset.Part, i, w int) string {
	row := fmt.Sprint(p.Index[i])
	if label := p.Label(i); label >= 0 {
		name := s.data.Classes[label]
		switch {
		case s.class != all:
			return row
		case layout.Width(name)+1+len(row) <= w:
			return name + " " + row
		}
		return name
	}
	return row + " " + theme.Arrow + " " + values(p.Target(i), 3)
}

// values writes the first few of some values.
func values(v []float32, most int) string {
	var parts []string
	for _, x := range v[:min(len(v), most)] {
		parts = append(parts, figure.Short(float64(x)))
	}
	if len(v) > most {
		parts = append(parts, "…")
	}
	return strings.Join(parts, " ")
}

// points draws samples of one number against their targets.
func (s *Screen) points(part *dataset.Part, w, h int) string {
	s.cap, s.cols, s.tile = 1, 1, func(int, int) (int, bool) { return 0, false }
	items, first := s.window.Tiles()
	plot := picture.Scatter{Names: [2]string{"x", "target"}, Mark: s.at - first}
	for i, it := range items {
		plot.X = append(plot.X, it.V[0])
		plot.Y = append(plot.Y, part.Target(s.list[first+i])[0])
	}
	return strings.Join(plot.Lines(s.app.Theme, w, h), "\n")
}
