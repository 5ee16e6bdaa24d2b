package picture

import (
	"strings"

	"cnnbench/tui/chart"
)

// Dots is a raster of dots, several to a cell, for small drawings: 2 x 4 a cell in braille, 2 x 2 in blocks, 1 x 3 in
// ASCII.
type Dots struct {
	W, H    int // dots
	symbols chart.Symbols
	cols    int
	dx, dy  int
	mask    []uint8 // [rows, cols]
}

// NewDots makes an empty raster of w x h cells.
func NewDots(s chart.Symbols, w, h int) *Dots {
	d := &Dots{symbols: s, cols: max(w, 0), mask: make([]uint8, max(w, 0)*max(h, 0))}
	switch s {
	case chart.Braille:
		d.dx, d.dy = 2, 4
	case chart.Block:
		d.dx, d.dy = 2, 2
	default:
		d.dx, d.dy = 1, 3
	}
	d.W, d.H = d.cols*d.dx, max(h, 0)*d.dy
	return d
}

// Set sets the dot in column x of row y, counted from the top left; what lies outside is left out.
func (d *Dots) Set(x, y int) {
	if x < 0 || y < 0 || x >= d.W || y >= d.H {
		return
	}
	at := y/d.dy*d.cols + x/d.dx
	if d.symbols == chart.Braille {
		d.mask[at] |= [4][2]uint8{{0x01, 0x08}, {0x02, 0x10}, {0x04, 0x20}, {0x40, 0x80}}[y%4][x%2]
	} else {
		d.mask[at] |= 1 << (y%d.dy*d.dx + x%d.dx)
	}
}

// Column sets the dots of column x from row y0 to row y1, whichever is higher.
func (d *Dots) Column(x, y0, y1 int) {
	for y := max(min(y0, y1), 0); y <= min(max(y0, y1), d.H-1); y++ {
		d.Set(x, y)
	}
}

var (
	quadrants = [16]rune{' ', '▘', '▝', '▀', '▖', '▌', '▞', '▛', '▗', '▚', '▐', '▜', '▄', '▙', '▟', '█'}
	strokes   = [8]rune{' ', '\'', '-', '"', '.', ':', '=', '|'}
)

// Lines are the rows as text.
func (d *Dots) Lines() []string {
	if d.cols == 0 {
		return nil
	}
	lines := make([]string, len(d.mask)/d.cols)
	var b strings.Builder
	for y := range lines {
		b.Reset()
		for _, m := range d.mask[y*d.cols:][:d.cols] {
			switch {
			case m == 0:
				b.WriteByte(' ')
			case d.symbols == chart.Braille:
				b.WriteRune(0x2800 + rune(m))
			case d.symbols == chart.Block:
				b.WriteRune(quadrants[m])
			default:
				b.WriteRune(strokes[m])
			}
		}
		lines[y] = b.String()
	}
	return lines
}
