package picture

import "math"

// Image is a field of values in rows: a picture, a channel of a feature map, a filter.
type Image struct {
	H, W, C int
	V       []float32 // [H, W, C]
}

// Channel is one channel of the image, as an image of its own.
func (m Image) Channel(c int) Image {
	out := Image{m.H, m.W, 1, make([]float32, m.H*m.W)}
	for i := range out.V {
		out.V[i] = m.V[i*m.C+c]
	}
	return out
}

// Shrunk is the image with at most n rows and n columns, for keeping many of them.
func (m Image) Shrunk(n int) Image {
	if m.H <= n && m.W <= n {
		return m
	}
	h, w := min(m.H, n), min(m.W, n)
	if m.H > m.W {
		w = max(m.W*n/m.H, 1)
	} else {
		h = max(m.H*n/m.W, 1)
	}
	return m.resized(h, w)
}

// resized gives each new pixel the mean of the old ones that it covers, or, where it covers less than one, the one at
// its middle: enlarged pixels stay sharp squares, shrunk ones lose no thin line.
func (m Image) resized(h, w int) Image {
	if h == m.H && w == m.W {
		return m
	}
	out := Image{h, w, m.C, make([]float32, h*w*m.C)} // [h, w, C]
	cols := make([][2]int, w)
	for x := range cols {
		cols[x] = span(x, w, m.W)
	}
	for y := range h {
		r := span(y, h, m.H)
		for x, c := range cols {
			dst := out.V[(y*w+x)*m.C:][:m.C]
			for i := r[0]; i < r[1]; i++ {
				for j := c[0]; j < c[1]; j++ {
					for k, v := range m.V[(i*m.W+j)*m.C:][:m.C] {
						dst[k] += v
					}
				}
			}
			if n := (r[1] - r[0]) * (c[1] - c[0]); n > 1 {
				for k := range dst {
					dst[k] /= float32(n)
				}
			}
		}
	}
	return out
}

// span is the first old place under new place i and the one after the last.
func span(i, n, old int) [2]int {
	if n >= old {
		at := (2*i + 1) * old / (2 * n)
		return [2]int{at, at + 1}
	}
	from := i * old / n
	return [2]int{from, max((i+1)*old/n, from+1)}
}

// Range is the smallest and the largest finite value; 0 and 1 where there is none.
func Range(values ...[]float32) (lo, hi float32) {
	lo, hi = float32(math.Inf(1)), float32(math.Inf(-1))
	for _, vs := range values {
		for _, v := range vs {
			if finite(v) {
				lo, hi = min(lo, v), max(hi, v)
			}
		}
	}
	if lo > hi {
		return 0, 1
	}
	return lo, hi
}

// Symmetric widens a range so that 0 is its middle, as the diverging palette needs it.
func Symmetric(lo, hi float32) (float32, float32) {
	a := max(-lo, hi, 0)
	return -a, a
}

func finite(v float32) bool { return v-v == 0 }
