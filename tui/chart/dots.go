package chart

// dots is a grid of dots, several to a cell, on which one line at a time is
// drawn before it is put on the canvas.
type dots struct {
	symbols Symbols
	cols    int     // cells
	w, h    int     // dots
	dx, dy  int     // dots a cell, across and down
	mask    []uint8 // [rows, cols], the dots set in each cell
}

// dotsPerCell of the symbol sets, across and down.
var dotsPerCell = [...][2]int{Braille: {2, 4}, Block: {2, 2}, ASCII: {1, 3}}

// resize makes an empty grid of that many cells.
func (d *dots) resize(symbols Symbols, cols, rows int) {
	d.symbols, d.cols = symbols, cols
	d.dx, d.dy = dotsPerCell[symbols][0], dotsPerCell[symbols][1]
	d.w, d.h = cols*d.dx, rows*d.dy
	if cap(d.mask) < cols*rows {
		d.mask = make([]uint8, cols*rows)
	}
	d.mask = d.mask[:cols*rows]
	d.clear()
}

func (d *dots) clear() { clear(d.mask) }

// brailleBit is the bit of each dot in the code point after U+2800.
var brailleBit = [4][2]uint8{{0x01, 0x08}, {0x02, 0x10}, {0x04, 0x20}, {0x40, 0x80}}

// quadrants by mask: bit 0 upper left, 1 upper right, 2 lower left, 3 lower right.
var quadrants = [16]rune{' ', '▘', '▝', '▀', '▖', '▌', '▞', '▛', '▗', '▚', '▐', '▜', '▄', '▙', '▟', '█'}

// strokes by mask: bit 0 top, 1 middle, 2 bottom.
var strokes = [8]rune{' ', '\'', '-', '\'', '.', ':', '.', '|'}

// set sets a dot; what lies outside is left out.
func (d *dots) set(x, y int) {
	if x < 0 || y < 0 || x >= d.w || y >= d.h {
		return
	}
	switch d.symbols {
	case Braille:
		d.mask[y/4*d.cols+x/2] |= brailleBit[y%4][x%2]
	case Block:
		d.mask[y/2*d.cols+x/2] |= 1 << (y%2*2 + x%2)
	default:
		d.mask[y/3*d.cols+x] |= 1 << (y % 3)
	}
}

// rune is the character of a mask.
func (d *dots) rune(mask uint8) rune {
	switch d.symbols {
	case Braille:
		return 0x2800 + rune(mask)
	case Block:
		return quadrants[mask]
	default:
		return strokes[mask]
	}
}

// pen says which dots of a line are set.
type pen struct {
	stroke stroke
	cell   int // in which the line is, and how many it has come through
	passed int
}

type stroke uint8

const (
	solid  stroke = iota
	dashed        // some cells on, some off: whole ones, so that what is behind shows
	dotted        // every other dot of the line
	woven         // every other dot of an area
)

// Cells of a dash and of a dash with the space after it.
const (
	dashOn    = 3
	dashPitch = 5
)

// line draws from just after the first dot to the second by Bresenham's
// algorithm. A dot is a line from itself to itself.
func (d *dots) line(x0, y0, x1, y1 int, p *pen) {
	dx, dy := abs(x1-x0), -abs(y1-y0)
	sx, sy := sign(x1-x0), sign(y1-y0)
	if dx == 0 && dy == 0 {
		d.ink(x0, y0, false, p)
		return
	}
	e := dx + dy
	steep := -dy > dx
	for x0 != x1 || y0 != y1 {
		e2 := 2 * e
		if e2 >= dy {
			e += dy
			x0 += sx
		}
		if e2 <= dx {
			e += dx
			y0 += sy
		}
		d.ink(x0, y0, steep, p)
	}
}

// ink sets a dot of a line, steep or not, where the pen does.
func (d *dots) ink(x, y int, steep bool, p *pen) {
	switch p.stroke {
	case dashed:
		if cell := y/d.dy*d.cols + x/d.dx; cell != p.cell {
			p.cell = cell
			p.passed++
		}
		if p.passed%dashPitch >= dashOn {
			return
		}
	case dotted:
		if steep && y%2 != 0 || !steep && x%2 != 0 {
			return
		}
	case woven:
		if (x+y)%2 != 0 {
			return
		}
	}
	d.set(x, y)
}

func abs(x int) int { return max(x, -x) }

func sign(x int) int {
	switch {
	case x > 0:
		return 1
	case x < 0:
		return -1
	}
	return 0
}
