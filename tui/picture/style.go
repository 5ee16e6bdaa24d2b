package picture

import (
	"strconv"
	"strings"

	"cnnbench/tui/chart"
	"cnnbench/tui/theme"
)

// Style says what the terminal can show.
type Style struct {
	Symbols chart.Symbols
	Color   bool // 256 colours or more
	Dark    bool // light letters on a dark background

	Graphics *Graphics // the terminal's own; nil: none
}

// StyleOf is a theme's style.
func StyleOf(t *theme.Theme) Style {
	return Style{Symbols: t.Symbols, Color: t.Color && t.Shades, Dark: t.Dark}
}

// Fit is the cells that a picture of rows x cols pixels takes within w x h cells: each pixel becomes a square of
// one or more half cells where there is room, else several share one. A cell is taken to be twice as high as wide.
func Fit(rows, cols, w, h int) (int, int) {
	if rows < 1 || cols < 1 || w < 1 || h < 1 {
		return 0, 0
	}
	if k := min(w/cols, 2*h/rows); k >= 1 {
		return k * cols, (k*rows + 1) / 2
	}
	if w*rows <= 2*h*cols { // the width is what limits
		return w, max((w*rows/cols+1)/2, 1)
	}
	return max(2*h*cols/rows, 1), h
}

// Lines draws an image as h lines of w cells.
func (s Style) Lines(m Image, look Look, w, h int) []string {
	if w < 1 || h < 1 {
		return nil
	}
	if s.Graphics.draws(w, h) {
		return s.Graphics.lines(m, look, w, h)
	}
	p := look.pixels(m.resized(2*h, w)) // [2 h, w]
	lines := make([]string, h)
	var b []byte
	for y := range lines {
		top, bottom := p[2*y*w:][:w], p[(2*y+1)*w:][:w]
		if s.Color && s.Symbols != chart.ASCII {
			b = halfBlocks(b[:0], top, bottom)
		} else {
			b = s.shaded(b[:0], top, bottom)
		}
		lines[y] = string(b)
	}
	return lines
}

// halfBlocks writes a line in colours; a colour is named only where it changes.
func halfBlocks(b []byte, top, bottom []pixel) []byte {
	const none = ^rgb(0)
	fg, bg := none, none
	for i := range top {
		t, u := top[i].c, bottom[i].c
		if u != bg {
			b = append(b, "\x1b[48;2;"...)
			b, bg = colour(b, u), u
		}
		if t == u {
			b = append(b, ' ')
			continue
		}
		if t != fg {
			b = append(b, "\x1b[38;2;"...)
			b, fg = colour(b, t), t
		}
		b = append(b, "▀"...)
	}
	return append(b, "\x1b[m"...)
}

func colour(b []byte, c rgb) []byte {
	b = strconv.AppendUint(b, uint64(c>>16&255), 10)
	b = append(b, ';')
	b = strconv.AppendUint(b, uint64(c>>8&255), 10)
	b = append(b, ';')
	b = strconv.AppendUint(b, uint64(c&255), 10)
	return append(b, 'm')
}

// shaded writes a line in characters.
func (s Style) shaded(b []byte, top, bottom []pixel) []byte {
	r := rampOf(s.Symbols)
	for i := range top {
		b = append(b, string(r.at(top[i], bottom[i], s.Dark))...)
	}
	return b
}

// Swatch draws one value as a run of n cells, and says whether dark letters read better on it than light ones.
// Without colours it is nothing.
func (s Style) Swatch(look Look, v float32, text string) string {
	if !s.Color {
		return text
	}
	p := look.pixels(Image{1, 1, 1, []float32{v}})[0]
	ink := "\x1b[38;2;255;255;255m"
	if p.c.luma() > 140 {
		ink = "\x1b[38;2;0;0;0m"
	}
	return string(colour([]byte("\x1b[48;2;"), p.c)) + ink + text + "\x1b[m"
}

// Scale draws a palette's colours from the lowest value to the highest in w cells.
func (s Style) Scale(look Look, w int) string {
	m := Image{1, w, 1, make([]float32, w)}
	for i := range m.V {
		m.V[i] = look.Lo + (look.Hi-look.Lo)*float32(i)/float32(max(w-1, 1))
	}
	return strings.Join(s.Lines(m, look, w, 1), "")
}
