package chart

import (
	"strings"
	"unicode/utf8"

	"github.com/charmbracelet/x/ansi"
)

// cell is one character cell. The zero cell is blank.
type cell struct {
	r     rune // 0 blank, covered for the right half of a wide character, above unicode.MaxRune a cluster
	style styleID
}

const (
	covered      rune = -1
	firstCluster rune = utf8.MaxRune + 1
)

// styleID is an index into the canvas's styles; 0 is plain.
type styleID uint16

// sgr is what turns a style on and off again; both are empty for plain.
type sgr struct{ on, off string }

// canvas is a rectangle of cells that prints itself with one escape sequence
// a run of equal style.
type canvas struct {
	w, h     int
	cells    []cell   // [h, w]
	clusters []string // what does not fit a rune
	styles   []sgr
	out      strings.Builder
}

// resize makes a blank canvas.
func (c *canvas) resize(w, h int) {
	c.w, c.h = w, h
	if cap(c.cells) < w*h {
		c.cells = make([]cell, w*h)
	}
	c.cells = c.cells[:w*h]
	clear(c.cells)
	c.clusters = c.clusters[:0]
}

// put sets a cell; what lies outside is left out.
func (c *canvas) put(x, y int, r rune, s styleID) {
	if x < 0 || y < 0 || x >= c.w || y >= c.h {
		return
	}
	c.uncover(x, y)
	c.cells[y*c.w+x] = cell{r, s}
}

// uncover blanks the other half of a wide character that is about to lose one.
func (c *canvas) uncover(x, y int) {
	row := c.cells[y*c.w : (y+1)*c.w]
	if row[x].r == covered && x > 0 {
		row[x-1] = cell{}
	}
	if x+1 < c.w && row[x+1].r == covered {
		row[x+1] = cell{}
	}
}

// at is the cell's character, blank outside.
func (c *canvas) at(x, y int) rune {
	if x < 0 || y < 0 || x >= c.w || y >= c.h {
		return 0
	}
	return c.cells[y*c.w+x].r
}

// text writes one line from x on, as far as it fits whole characters before
// the column end, and returns the column after it.
func (c *canvas) text(x, y, end int, s string, st styleID) int {
	end = min(end, c.w)
	if y < 0 || y >= c.h || x < 0 {
		return x
	}
	for len(s) > 0 && x < end {
		if s[0] < utf8.RuneSelf && (len(s) == 1 || s[1] < utf8.RuneSelf) {
			c.put(x, y, rune(s[0]), st)
			s, x = s[1:], x+1
			continue
		}
		seq, width, n, _ := ansi.GraphemeWidth.DecodeSequenceInString(s, ansi.NormalState, nil)
		s = s[n:]
		if width <= 0 {
			continue
		}
		if x+width > end {
			break
		}
		r, size := utf8.DecodeRuneInString(seq)
		if size != len(seq) {
			r = firstCluster + rune(len(c.clusters))
			c.clusters = append(c.clusters, seq)
		}
		c.put(x, y, r, st)
		for i := 1; i < width; i++ {
			c.put(x+i, y, covered, st)
			c.cells[y*c.w+x] = cell{r, st} // put uncovered it
		}
		x += width
	}
	return x
}

// blank fills a rectangle with 0, which is free, or with ' ', which is taken.
func (c *canvas) blank(x0, y0, x1, y1 int, r rune) {
	for y := max(y0, 0); y < min(y1, c.h); y++ {
		for x := max(x0, 0); x < min(x1, c.w); x++ {
			c.put(x, y, r, plain)
		}
	}
}

// String prints the rows, each exactly as wide as the canvas.
func (c *canvas) String() string {
	c.out.Reset()
	c.out.Grow(c.w*c.h*3 + c.h*64)
	for y := range c.h {
		if y > 0 {
			c.out.WriteByte('\n')
		}
		c.row(c.cells[y*c.w : (y+1)*c.w])
	}
	return c.out.String()
}

func (c *canvas) row(cells []cell) {
	style := styleID(0)
	blanks := 0
	for _, k := range cells {
		switch {
		case k.r == covered:
			continue
		case k.r == 0 || k.r == ' ':
			blanks++ // a blank shows no foreground: it never ends a run by itself
			continue
		}
		if k.style != style {
			c.out.WriteString(c.styles[style].off)
			c.spaces(blanks)
			c.out.WriteString(c.styles[k.style].on)
			style = k.style
		} else {
			c.spaces(blanks)
		}
		blanks = 0
		if k.r >= firstCluster {
			c.out.WriteString(c.clusters[k.r-firstCluster])
		} else {
			c.out.WriteRune(k.r)
		}
	}
	c.out.WriteString(c.styles[style].off)
	c.spaces(blanks)
}

func (c *canvas) spaces(n int) {
	const run = "                                                                "
	for ; n > len(run); n -= len(run) {
		c.out.WriteString(run)
	}
	c.out.WriteString(run[:n])
}
