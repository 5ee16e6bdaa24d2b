package chart

import "fmt"

// Symbols is the set of characters that charts are drawn with.
type Symbols uint8

// The symbol sets, from the finest to the most portable.
const (
	Braille Symbols = iota // 2 x 4 dots a cell; needs a font with braille patterns
	Block                  // 2 x 2 quadrants a cell
	ASCII                  // nothing but ASCII: 1 x 3 places a cell
)

// symbolNames are the names of the sets, in the order of their constants.
var symbolNames = [...]string{Braille: "braille", Block: "block", ASCII: "ascii"}

// String is the set's name, as ParseSymbols takes it.
func (s Symbols) String() string { return symbolNames[s] }

// ParseSymbols returns the set of that name: braille, block or ascii.
func ParseSymbols(name string) (Symbols, error) {
	for i, n := range symbolNames {
		if n == name {
			return Symbols(i), nil
		}
	}
	return 0, fmt.Errorf("symbols %q are unknown: use braille, block or ascii", name)
}

// glyphs are the characters of a set that are not dots. All are one cell wide.
type glyphs struct {
	axisX, axisY, corner  rune
	tickX, tickY          rune
	guideX, guideY, cross rune // guides along x, along y, and where they meet
	event, cursor         rune
	band                  rune // stands for dots of raw values; 0: the dots themselves
	reading               rune // at a value under the cursor
	solid, dashed         rune // a line's sample in the legend
	between               string
	more                  string // stands for text cut off
}

var glyphsOf = [...]glyphs{
	Braille: {
		axisX: '─', axisY: '│', corner: '└', tickX: '┬', tickY: '┤',
		guideX: '┈', guideY: '┊', cross: '┼', event: '╎', cursor: '│',
		reading: '●', solid: '━', dashed: '╌', between: " · ", more: "…",
	},
	Block: {
		axisX: '─', axisY: '│', corner: '└', tickX: '┬', tickY: '┤',
		guideX: '┈', guideY: '┊', cross: '┼', event: '╎', cursor: '│',
		reading: '●', solid: '━', dashed: '╌', between: " · ", more: "…",
	},
	ASCII: {
		axisX: '-', axisY: '|', corner: '+', tickX: '|', tickY: '+',
		guideX: '.', guideY: '.', cross: '+', event: '!', cursor: '|',
		reading: '@', solid: '=', dashed: '-', band: ':', between: ", ", more: "~",
	},
}

// marks in the order in which lines take them, and what stands for each of
// them in ASCII.
var (
	marks      = [...]rune{'●', '◆', '■', '▲', '▼', '★', '✚', '✖'}
	asciiMarks = [...]rune{'o', '*', '#', '^', 'v', 'x', '%', '&'}
)

// Mark returns the i-th of a handful of marks that are easy to tell apart. It
// starts over after the last.
func Mark(i int) rune { return marks[i%len(marks)] }

// mark returns a mark as the set can show it.
func (s Symbols) mark(r rune) rune {
	if s != ASCII || r < 0x80 {
		return r
	}
	for i, m := range marks {
		if m == r {
			return asciiMarks[i]
		}
	}
	return asciiMarks[int(r)%len(asciiMarks)]
}
