package picture

import (
	"math"

	"cnnbench/tui/chart"
	"cnnbench/tui/layout"
)

// Kind is how a sample of a shape is drawn.
type Kind uint8

// The kinds.
const (
	Picture  Kind = iota // [H, W, C]
	Sequence             // [T, F]
	Vector               // [F]
)

// KindOf is the kind of samples of a shape; more than three axes are drawn as one vector.
func KindOf(shape []int) Kind {
	switch len(shape) {
	case 3:
		return Picture
	case 2:
		return Sequence
	}
	return Vector
}

// usual is about as many cells as a tile is wide.
const usual = 16

// TileSize is the cells of a tile for samples of a shape; each step of zoom doubles it.
func TileSize(shape []int, zoom int) (w, h int) {
	scale := func(n int) int {
		if zoom < 0 {
			return max(n>>-zoom, 1)
		}
		return n << zoom
	}
	switch KindOf(shape) {
	case Picture:
		rows, cols := shape[0], shape[1]
		if long := max(rows, cols); long > usual {
			by := (long + usual - 1) / usual // whole pixels fall together
			rows, cols = max(rows/by, 1), max(cols/by, 1)
		} else {
			by := usual / max(long, 1)
			rows, cols = rows*by, cols*by
		}
		return max(scale(cols), 4), max((scale(rows)+1)/2, 2)
	case Sequence:
		return max(scale(22), 8), max(scale(5), 2)
	}
	n := 1
	for _, d := range shape {
		n *= d
	}
	return max(scale(min(max(2*n-1, 12), 31)), 6), max(scale(4), 2) // a bar and a gap each
}

// maxCurves is how many features of a sequence are drawn as curves; more become a picture of steps by features.
const maxCurves = 4

// Sample draws what a network receives as h lines of w cells, in its own proportions if it is a picture.
func (s Style) Sample(shape []int, v []float32, look Look, w, h int) []string {
	switch KindOf(shape) {
	case Picture:
		m := Image{shape[0], shape[1], shape[2], v}
		pw, ph := Fit(m.H, m.W, w, h)
		return Center(s.Lines(m, look, pw, ph), pw, w, h)
	case Sequence:
		t, f := shape[0], shape[1]
		if f > maxCurves || f > h {
			m := Image{f, t, 1, make([]float32, t*f)} // time goes to the right
			for i := range t {
				for j := range f {
					m.V[j*t+i] = v[i*f+j]
				}
			}
			look.Palette = Sequential
			return s.Lines(m, look, w, h)
		}
		var lines []string
		one := make([]float32, t)
		for j := range f {
			for i := range one {
				one[i] = v[i*f+j]
			}
			lines = append(lines, s.Curve(one, look.Lo, look.Hi, w, h*(j+1)/f-h*j/f)...)
		}
		return lines
	}
	return s.Bars(v, look.Lo, look.Hi, w, h)
}

// Center puts lines of pw cells into the middle of h lines of w cells.
func Center(lines []string, pw, w, h int) []string {
	if w < 1 || h < 1 {
		return nil
	}
	out := make([]string, h)
	left, top := (w-pw)/2, (h-len(lines))/2
	for y := range out {
		if i := y - top; i >= 0 && i < len(lines) {
			out[y] = layout.Spaces(left) + lines[i] + layout.Spaces(w-left-pw)
		} else {
			out[y] = layout.Spaces(w)
		}
	}
	return out
}

// Curve draws values from left to right as a line between lo and hi; values that are not finite are gaps.
func (s Style) Curve(v []float32, lo, hi float32, w, h int) []string {
	if w < 1 || h < 1 {
		return nil
	}
	d := NewDots(s.Symbols, w, h)
	last := -1
	for x := range d.W {
		if len(v) == 0 {
			break
		}
		at := 0.
		if d.W > 1 {
			at = float64(x) * float64(len(v)-1) / float64(d.W-1)
		}
		i := int(at)
		value := float64(v[i])
		if part := at - float64(i); part > 0 {
			value += part * (float64(v[i+1]) - value)
		}
		if math.IsNaN(value) || math.IsInf(value, 0) {
			last = -1
			continue
		}
		y := row(value, lo, hi, d.H)
		// The line is joined where it is steep, each column taking half of the way.
		from := y
		if last >= 0 && last != y {
			from = last + sign(y-last)
		}
		d.Column(x, from, y)
		last = y
	}
	return d.Lines()
}

// row is the row of a value among n, row 0 standing for hi.
func row(v float64, lo, hi float32, n int) int {
	t := .5
	if hi > lo {
		t = (v - float64(lo)) / (float64(hi) - float64(lo))
	}
	return n - 1 - int(min(max(t, 0), 1)*float64(n-1)+.5)
}

// Bars draws values as bars that start at 0, or at the end of the range that is nearer to it.
func (s Style) Bars(v []float32, lo, hi float32, w, h int) []string {
	if w < 1 || h < 1 {
		return nil
	}
	symbols := s.Symbols
	if symbols == chart.Braille {
		symbols = chart.Block // bars are solid
	}
	d := NewDots(symbols, w, h)
	zero := row(0, lo, hi, d.H)
	for i, x := range v {
		from, to := i*d.W/len(v), (i+1)*d.W/len(v)
		if to-from >= 2*d.dx && len(v) > 1 {
			to -= d.dx // a gap of a cell
		}
		if !finite(x) {
			continue
		}
		y := row(float64(x), lo, hi, d.H)
		for c := from; c < to; c++ {
			d.Column(c, zero, y)
		}
	}
	return d.Lines()
}
