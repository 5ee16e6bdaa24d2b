// Package layout is the geometry of the screen: rectangles, their division into panes, and text cut to fit them. All
// of it is pure: nothing here knows a terminal. Lengths are in cells, of which a wide character takes two.
package layout

// Rect is a rectangle of cells. One without width or height is empty and stands for a pane that is not shown.
type Rect struct{ X, Y, W, H int }

// Empty says that the rectangle has no cell.
func (r Rect) Empty() bool { return r.W <= 0 || r.H <= 0 }

// Contains says that the cell lies in the rectangle.
func (r Rect) Contains(x, y int) bool {
	return x >= r.X && x < r.X+r.W && y >= r.Y && y < r.Y+r.H
}

// Inner is what a border of one cell leaves.
func (r Rect) Inner() Rect {
	return Rect{r.X + 1, r.Y + 1, max(r.W-2, 0), max(r.H-2, 0)}
}

// Center places a box of at most w x h cells in the middle of the rectangle.
func (r Rect) Center(w, h int) Rect {
	w, h = min(max(w, 0), max(r.W, 0)), min(max(h, 0), max(r.H, 0))
	return Rect{r.X + (r.W-w)/2, r.Y + (r.H-h)/2, w, h}
}

// Size says how one part of a split takes its share: at least Min cells, then Grow parts of what is left over, up to
// Max where that is not 0.
type Size struct{ Min, Grow, Max int }

// Fixed is a part of exactly n cells.
func Fixed(n int) Size { return Size{Min: n, Max: n} }

// Flex is a part of at least n cells that takes grow shares of what is left over.
func Flex(n, grow int) Size { return Size{Min: n, Grow: grow} }

// Columns divides the rectangle from left to right. Where the minimums do not fit, the last parts are cut, down to
// nothing.
func Columns(r Rect, sizes ...Size) []Rect {
	out := make([]Rect, len(sizes))
	x := r.X
	for i, w := range divide(r.W, sizes) {
		out[i] = Rect{x, r.Y, w, r.H}
		x += w
	}
	return out
}

// Rows divides the rectangle from top to bottom, as Columns does.
func Rows(r Rect, sizes ...Size) []Rect {
	out := make([]Rect, len(sizes))
	y := r.Y
	for i, h := range divide(r.H, sizes) {
		out[i] = Rect{r.X, y, r.W, h}
		y += h
	}
	return out
}

// divide shares total cells out among the sizes.
func divide(total int, sizes []Size) []int {
	out := make([]int, len(sizes))
	left := max(total, 0)
	for i, s := range sizes {
		out[i] = min(max(s.Min, 0), left)
		left -= out[i]
	}
	for left > 0 {
		grow := 0
		for i, s := range sizes {
			if open(s, out[i]) {
				grow += s.Grow
			}
		}
		if grow == 0 {
			break
		}
		// Whole shares first; when they round to nothing, single cells from the first part on.
		given := 0
		for i, s := range sizes {
			if !open(s, out[i]) || given == left {
				continue
			}
			n := max(left*s.Grow/grow, 1)
			if s.Max > 0 {
				n = min(n, s.Max-out[i])
			}
			n = min(n, left-given)
			out[i] += n
			given += n
		}
		left -= given
	}
	return out
}

func open(s Size, got int) bool { return s.Grow > 0 && (s.Max == 0 || got < s.Max) }

// Mode is how much of the screen there is room for.
type Mode int

// The modes, from the smallest window to the largest.
const (
	Line   Mode = iota // below 40x12: one line says what goes on
	Single             // below 80x24: one pane at a time
	Full               // all panes of a screen
)

// ModeOf is the mode for a window of w x h cells.
func ModeOf(w, h int) Mode {
	switch {
	case w < 40 || h < 12:
		return Line
	case w < 80 || h < 24:
		return Single
	}
	return Full
}
