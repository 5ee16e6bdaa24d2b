package picture

import (
	"strings"

	"charm.land/lipgloss/v2"

	"cnnbench/tui/chart"
	"cnnbench/tui/figure"
	"cnnbench/tui/layout"
	"cnnbench/tui/theme"
)

// Scatter draws points on two axes. Points that are not finite are left out.
type Scatter struct {
	X, Y     []float32
	Names    [2]string // of the axes
	Diagonal bool      // draw where both are equal, and give both axes one range
	Mark     int       // the point that stands out; -1: none
}

// What a cell of a scatter plot shows.
const (
	ofNothing = iota
	ofLine
	ofPoint
	ofMark
)

// Lines draws the plot as h lines of w cells.
func (p *Scatter) Lines(t *theme.Theme, w, h int) []string {
	if w < 1 || h < 1 {
		return nil
	}
	xlo, xhi := Range(p.X)
	ylo, yhi := Range(p.Y)
	if p.Diagonal {
		xlo, xhi = min(xlo, ylo), max(xhi, yhi)
		ylo, yhi = xlo, xhi
	}
	top, bottom := figure.Short(float64(yhi)), figure.Short(float64(ylo))
	gutter := max(len(top), len(bottom))
	if w < gutter+8 || h < 4 {
		gutter = -1 // no room for axes
	}
	pw, ph := w-gutter-1, h
	if gutter >= 0 {
		ph -= 2
	}
	cells, kinds := p.field(t.Symbols, pw, ph, [4]float32{xlo, xhi, ylo, yhi})
	styles := [...]lipgloss.Style{ofNothing: t.Text, ofLine: t.Dim, ofPoint: lipgloss.NewStyle(), ofMark: t.Bold}
	if t.Color {
		styles[ofPoint] = styles[ofPoint].Foreground(t.Series(0))
		styles[ofMark] = styles[ofMark].Foreground(t.Series(1))
	}
	lines := make([]string, 0, h)
	for y := range ph {
		var b strings.Builder
		if gutter >= 0 {
			label := ""
			switch y {
			case 0:
				label = top
			case ph - 1:
				label = bottom
			}
			b.WriteString(t.Dim.Render(layout.FitLeft(label, gutter) + "│"))
		}
		row, kind := cells[y*pw:][:pw], kinds[y*pw:][:pw]
		for x := 0; x < pw; {
			end := x + 1
			for end < pw && kind[end] == kind[x] {
				end++
			}
			if kind[x] == ofNothing {
				b.WriteString(layout.Spaces(end - x))
			} else {
				b.WriteString(styles[kind[x]].Render(string(row[x:end])))
			}
			x = end
		}
		lines = append(lines, b.String())
	}
	if gutter < 0 {
		return lines
	}
	ends := layout.Ends(figure.Short(float64(xlo)), figure.Short(float64(xhi)), pw)
	if names := p.Names[0] + " " + theme.Arrow + "  " + theme.Up + " " + p.Names[1]; pw >= layout.Width(names)+20 {
		ends = middle(ends, names, pw)
	}
	return append(lines, t.Dim.Render(layout.Spaces(gutter)+"└"+strings.Repeat("─", pw)), layout.Spaces(gutter+1)+t.Dim.Render(ends))
}

// middle puts a text into the middle of a line of w cells.
func middle(line, text string, w int) string {
	at := (w - layout.Width(text)) / 2
	r := []rune(line)
	return string(r[:at]) + text + string(r[at+layout.Width(text):])
}

// field draws the points into w x h cells; box is the range of x and of y.
func (p *Scatter) field(symbols chart.Symbols, w, h int, box [4]float32) (cells []rune, kinds []uint8) {
	cells, kinds = make([]rune, w*h), make([]uint8, w*h) // [h, w]
	d := NewDots(symbols, w, h)
	place := func(i int) (x, y int) {
		return d.W - 1 - row(float64(p.X[i]), box[0], box[1], d.W), row(float64(p.Y[i]), box[2], box[3], d.H)
	}
	if p.Diagonal {
		for x := range d.W {
			at := (d.H-1-x*(d.H-1)/max(d.W-1, 1))/d.dy*w + x/d.dx
			cells[at], kinds[at] = '·', ofLine
		}
	}
	for i := range p.X {
		if finite(p.X[i]) && finite(p.Y[i]) {
			d.Set(place(i))
		}
	}
	for y, l := range d.Lines() {
		for x, r := range []rune(l) {
			if r != ' ' {
				cells[y*w+x], kinds[y*w+x] = r, ofPoint
			}
		}
	}
	if i := p.Mark; i >= 0 && i < len(p.X) && finite(p.X[i]) && finite(p.Y[i]) {
		x, y := place(i)
		at := y/d.dy*w + x/d.dx
		cells[at], kinds[at] = '◆', ofMark
	}
	return cells, kinds
}
