package inspect

import (
	"fmt"
	"strings"

	"cnnbench/nn"
	"cnnbench/sessions"
	"cnnbench/tui/figure"
	"cnnbench/tui/layout"
	"cnnbench/tui/picture"
	"cnnbench/tui/theme"
)

// layerFilters are a layer's filters.
type layerFilters struct {
	name    string // of the layer
	h, w    int
	in, out int
	v       []float32 // [h, w, in, out]
}

// filtersOf finds the layers with filters: convolutions, and a dense layer that sees the whole picture.
func filtersOf(p *sessions.Prepared, net *nn.Network) []layerFilters {
	var out []layerFilters
	rows := net.Summary().Rows
	for _, w := range net.Weights() {
		if w.State || rows[w.Layer].Kind != "conv2d" && rows[w.Layer].Kind != "dense" {
			continue
		}
		switch d := w.Shape; {
		case len(d) == 4:
			out = append(out, layerFilters{rows[w.Layer].Name, d[0], d[1], d[2], d[3], w.Data})
		case len(d) == 2 && len(p.In) == 3 && d[0] == p.In.Size() && straight(rows[:w.Layer]):
			out = append(out, layerFilters{rows[w.Layer].Name, p.In[0], p.In[1], p.In[2], d[1], w.Data})
		}
	}
	return out
}

// straight says that the layers hand the input on as it is.
func straight(rows []nn.Row) bool {
	for _, r := range rows {
		if r.Kind != "flatten" && r.Kind != "dropout" {
			return false
		}
	}
	return true
}

// shown is the input channel that is drawn: every stands for all three as colours where colours can be drawn, else for
// the first.
func (f *layerFilters) shown(channel int, colours bool) int {
	if channel == every && (f.in != 3 || !colours) {
		return 0
	}
	return min(channel, f.in-1)
}

// tile is filter k as an image of an input channel, or of three as colours.
func (f *layerFilters) tile(k, channel int) picture.Image {
	from, to := channel, channel+1
	if channel == every {
		from, to = 0, 3
	}
	m := picture.Image{H: f.h, W: f.w, C: to - from}
	for i := range f.h * f.w {
		for c := from; c < to; c++ {
			m.V = append(m.V, f.v[(i*f.in+c)*f.out+k])
		}
	}
	return m
}

// filters is where the view of the filters stands.
type filters struct {
	layer   int
	channel int // input channel, or every
	at      int // filter with the cursor
	zoom    int
	numbers bool // the weights are written, not only coloured
	cap     int  // tiles of the last drawing
	cols    int
	tile    func(x, y int) (int, bool)
}

// choose goes to a layer.
func (f *filters) choose(layers []layerFilters, layer int) {
	if len(layers) == 0 {
		return
	}
	if layer = min(max(layer, 0), len(layers)-1); layer != f.layer {
		f.layer, f.at, f.channel = layer, 0, every
	}
	f.at = min(f.at, layers[layer].out-1)
}

// drawFilters draws the filters of a layer.
func (s *Screen) drawFilters(w, h int, focused bool) string {
	t := s.app.Theme
	p := s.pane(wordFilters, focused)
	if s.result == nil {
		return s.nothing(p, w, h)
	}
	f, layers := &s.filters, s.result.filters
	f.cap, f.cols, f.tile = 0, 1, nil
	if len(layers) == 0 {
		p.Body = " " + t.Dim.Render(layout.Cut(wordNoFilter, w-4))
		return t.Draw(p, w, h)
	}
	l := &layers[f.layer]
	p.Title = fmt.Sprintf("%s of %s %s %d of %s", wordFilters, l.name, theme.Dot, l.out, figure.Shape([]int{l.h, l.w, l.in}))
	lo, hi := picture.Symmetric(picture.Range(l.v))
	look := picture.Look{Palette: picture.Diverging, Lo: lo, Hi: hi}
	style := s.style()
	written := f.numbers && l.w <= mostWritten
	channel := l.shown(f.channel, style.Color && !written)
	tw, th := picture.TileSize([]int{l.h, l.w, 1}, f.zoom)
	switch {
	case written:
		tw, th = numberW*l.w, l.h
	case l.w <= mostWritten && f.zoom == 0: // small kernels: a pixel is a square of 4 x 2 cells
		tw, th = 4*l.w, 2*l.h
	}
	sheet := picture.NewSheet(w-2, h-4, tw, th, 1)
	f.cap, f.cols, f.tile = sheet.Cap(), sheet.Cols, sheet.At
	if f.cap == 0 {
		return t.Draw(p, w, h)
	}
	first := f.at / f.cap * f.cap
	last := min(first+f.cap, l.out)
	p.Foot = fmt.Sprintf("%d–%d of %d", first+1, last, l.out)
	tiles := make([]picture.Tile, last-first)
	for i := range tiles {
		m := l.tile(first+i, channel)
		tiles[i].Words = []string{fmt.Sprint(first + i)}
		if written {
			tiles[i].Lines = writtenTile(style, look, m, sheet.TileW, sheet.TileH)
			continue
		}
		pw, ph := picture.Fit(m.H, m.W, sheet.TileW, sheet.TileH)
		tiles[i].Lines = picture.Center(style.Lines(m, look, pw, ph), pw, sheet.TileW, sheet.TileH)
	}
	p.Body = sheet.Draw(t, tiles, f.at-first, focused) + "\n\n" + s.filterWords(l, channel, look, w-4)
	return t.Draw(p, w, h)
}

// The weights of kernels up to so wide are written, each in so many cells.
const (
	mostWritten = 7
	numberW     = 6
)

// writtenTile writes a filter's weights, each on its colour.
func writtenTile(style picture.Style, look picture.Look, m picture.Image, w, h int) []string {
	lines := make([]string, h)
	for y := range lines {
		var b strings.Builder
		for x := range min(m.W, w/numberW) {
			v := m.V[y*m.W+x]
			b.WriteString(style.Swatch(look, v, layout.FitLeft(short(v), numberW)))
		}
		lines[y] = layout.Fit(b.String(), w)
	}
	return lines
}

// filterWords explain the colours, and say which input channel is shown.
func (s *Screen) filterWords(l *layerFilters, channel int, look picture.Look, w int) string {
	t := s.app.Theme
	text := fmt.Sprintf(" %s %s %s", short(look.Lo), s.style().Scale(look, min(16, max(w/3, 3))), short(look.Hi))
	switch {
	case channel == every:
		text = " " + t.Dim.Render("red, green, blue: grey is 0, ") + short(look.Lo) + " to " + short(look.Hi)
	case l.in > 1:
		text += t.Dim.Render(fmt.Sprintf("   input channel %d of %d", channel+1, l.in))
	}
	return text
}
