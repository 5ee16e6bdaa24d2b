package picture

import (
	"strings"

	"cnnbench/tui/layout"
	"cnnbench/tui/theme"
)

// Sheet is the geometry of a contact sheet: tiles in rows, each with lines of words below it and a gap of one cell to
// its left and right.
type Sheet struct {
	TileW, TileH int // cells of a tile without its words
	Cols, Rows   int
	w, h, words  int
}

// Tile is one tile of a sheet.
type Tile struct {
	Lines []string // as many as the sheet's tiles are high, each as wide as they are; nil: not there yet
	Words []string // lines below it, cut and padded; the first one is marked where the tile is selected
}

// NewSheet finds how many tiles with so many lines of words fit into w x h cells. A tile that is too large is made
// smaller.
func NewSheet(w, h, tileW, tileH, words int) Sheet {
	s := Sheet{TileW: min(tileW, w-2), TileH: min(tileH, h-words), w: w, h: h, words: words}
	if s.TileW < 1 || s.TileH < 1 {
		return Sheet{w: w, h: h}
	}
	s.Cols, s.Rows = (w-1)/(s.TileW+1), h/(s.TileH+words)
	return s
}

// Cap is how many tiles fit.
func (s Sheet) Cap() int { return s.Cols * s.Rows }

// At finds the tile at a cell.
func (s Sheet) At(x, y int) (tile int, ok bool) {
	if s.Cap() == 0 || x < 1 || y < 0 {
		return 0, false
	}
	col, line := (x-1)/(s.TileW+1), y/(s.TileH+s.words)
	if col >= s.Cols || line >= s.Rows || (x-1)%(s.TileW+1) == s.TileW {
		return 0, false
	}
	return line*s.Cols + col, true
}

// Draw lays out the tiles in lines of the sheet's width, as many as it is high. The selected one stands between bars
// and has a pointer before its words; -1 selects none.
func (s Sheet) Draw(t *theme.Theme, tiles []Tile, selected int, focused bool) string {
	if s.w < 1 || s.h < 1 {
		return ""
	}
	bar, mark := t.Border, t.Marked
	if focused {
		bar, mark = t.Accent, t.Selected
	}
	left, right := bar.Render("▌"), bar.Render("▐")
	lines := make([]string, 0, s.h)
	var b strings.Builder
	for first := 0; first < min(len(tiles), s.Cap()); first += s.Cols {
		last := min(first+s.Cols, len(tiles))
		for y := range s.TileH {
			b.Reset()
			for i := first; i <= last; i++ {
				switch { // the gap before the tile
				case i == selected && i < last:
					b.WriteString(left)
				case i == selected+1 && i > first:
					b.WriteString(right)
				default:
					b.WriteByte(' ')
				}
				switch {
				case i == last:
				case tiles[i].Lines == nil:
					b.WriteString(layout.Spaces(s.TileW))
				default:
					b.WriteString(tiles[i].Lines[y])
				}
			}
			b.WriteString(layout.Spaces(s.w - 1 - (last-first)*(s.TileW+1)))
			lines = append(lines, b.String())
		}
		for k := range s.words {
			b.Reset()
			for i := first; i < last; i++ {
				text := ""
				if k < len(tiles[i].Words) {
					text = tiles[i].Words[k]
				}
				switch {
				case i != selected:
					b.WriteString(" " + layout.Fit(text, s.TileW))
				case k == 0:
					b.WriteString(theme.Over(mark, layout.Fit(theme.Pointer+text, s.TileW+1)))
				default:
					b.WriteString(theme.Over(mark, layout.Fit(" "+text, s.TileW+1)))
				}
			}
			b.WriteString(layout.Spaces(s.w - (last-first)*(s.TileW+1)))
			lines = append(lines, b.String())
		}
	}
	for len(lines) < s.h {
		lines = append(lines, layout.Spaces(s.w))
	}
	return strings.Join(lines, "\n")
}
