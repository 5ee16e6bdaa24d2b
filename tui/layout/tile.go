package layout

import (
	"slices"
	"strings"
)

// Tile joins panes into one text: draw gives the lines of the i-th rectangle. The rectangles cover the whole without
// gaps and without overlaps; empty ones are left out.
func Tile(rects []Rect, draw func(i int, r Rect) string) string {
	type tile struct {
		Rect
		lines []string
	}
	var tiles []tile
	h := 0
	for i, r := range rects {
		if !r.Empty() {
			tiles = append(tiles, tile{r, strings.Split(draw(i, r), "\n")})
			h = max(h, r.Y+r.H)
		}
	}
	slices.SortStableFunc(tiles, func(a, b tile) int { return a.X - b.X })
	var out strings.Builder
	for y := range h {
		if y > 0 {
			out.WriteByte('\n')
		}
		for _, t := range tiles {
			if at := y - t.Y; at >= 0 && at < min(t.H, len(t.lines)) {
				out.WriteString(t.lines[at])
			}
		}
	}
	return out.String()
}
