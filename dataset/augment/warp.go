package augment

import "math"

// line is one row of the deformed picture: where its pixels lie in the original. Column k of it, counted from the right
// where the picture is mirrored, lies at row y + k*dy and column x + k*dx.
type line struct{ y, dy, x, dx float64 }

func (l *line) at(k int) (y, x float64) {
	return l.y + float64(float64(k)*l.dy), l.x + float64(float64(k)*l.dx)
}

// behind is how many values beyond the picture bilinear may read: a row, a pixel and the rest of a vector.
func behind(w, c int) int { return (w+1)*c + 2 }

// warp writes to dst [h, w, c] the picture src as the matrix and the flips say, between pixels by bilinear
// interpolation. src has finite numbers behind the picture, as many as
// behind says, that count for nothing.
//
// Where a pixel lies is computed with SciPy's sums in SciPy's order, so that both agree on what is outside. What is
// inside, and with fill_mode nearest everything, is left to the kernel, in float32.
func (a *Augmenter) warp(dst, src []float32, m *matrix, flipH, flipV bool) {
	for row := range a.h {
		l := line{y: m[0][2] + float64(float64(row)*m[0][0]), dy: m[0][1], x: m[1][2] + float64(float64(row)*m[1][0]), dx: m[1][1]}
		to := row
		if flipV {
			to = a.h - 1 - row
		}
		a.warpLine(dst[to*a.w*a.c:(to+1)*a.w*a.c], src, &l, flipH)
	}
}

func (a *Augmenter) warpLine(dst, src []float32, l *line, mirrored bool) {
	from, to := 0, a.w
	if a.fill != fillNearest {
		for from < to && !a.inside(l, from) {
			from++
		}
		for from < to && !a.inside(l, to-1) {
			to--
		}
	}
	place := func(k int) []float32 {
		if mirrored {
			k = a.w - 1 - k
		}
		return dst[k*a.c : (k+1)*a.c]
	}
	for k := range from {
		a.outside(place(k), src, l, k)
	}
	for k := to; k < a.w; k++ {
		a.outside(place(k), src, l, k)
	}
	s := span{y: float32(l.y), dy: float32(l.dy), x: float32(l.x), dx: float32(l.dx), k: float32(from), step: 1,
		bottom: float32(a.h - 1), right: float32(a.w - 1), row: a.w * a.c, c: a.c}
	if mirrored {
		s.k, s.step = float32(to-1), -1
		from, to = a.w-to, a.w-from
	}
	bilinear(dst[from*a.c:to*a.c], src, &s)
}

// inside reports whether column k of the line lies within the picture.
func (a *Augmenter) inside(l *line, k int) bool {
	y, x := l.at(k)
	return y >= 0 && y <= float64(a.h-1) && x >= 0 && x <= float64(a.w-1)
}

// outside fills a pixel that lies outside the picture.
func (a *Augmenter) outside(px, src []float32, l *line, k int) {
	y, x := l.at(k)
	y, okY := a.fill.coordinate(y, a.h)
	x, okX := a.fill.coordinate(x, a.w)
	if !okY || !okX {
		paint(px, a.cval)
		return
	}
	top, left := math.Floor(y), math.Floor(x)
	fy, fx := float32(y-top), float32(x-left)
	y0, y1 := clamp(int(top), a.h)*a.w, clamp(int(top)+1, a.h)*a.w
	x0, x1 := clamp(int(left), a.w), clamp(int(left)+1, a.w)
	for i := range px {
		p, q := src[(y0+x0)*a.c+i], src[(y0+x1)*a.c+i]
		r, s := src[(y1+x0)*a.c+i], src[(y1+x1)*a.c+i]
		px[i] = blend(p, q, r, s, fy, fx)
	}
}

func clamp(i, n int) int { return min(max(i, 0), n-1) }

// blend lies between p and, below it, r by fy, between q and s likewise, and between the two results by fx.
func blend(p, q, r, s, fy, fx float32) float32 {
	p += float32((r - p) * fy)
	q += float32((s - q) * fy)
	return p + float32((q-p)*fx)
}

// span is a piece of a line in float32. The assembly knows where its fields lie.
type span struct {
	y, dy, x, dx  float32
	k, step       float32 // the column of its first pixel, and 1 or -1
	bottom, right float32 // the last row and column of the picture; what lies outside counts as on the border
	row           int     // values of a row of the picture
	c             int     // channels
}

// bilinear fills dst, pixels of c channels, with what lies along the span.
func bilinear(dst, src []float32, s *span) {
	if bilinearSIMD(dst, src, s) {
		return
	}
	k, row := s.k, s.row
	switch s.c {
	case 1:
		for i := range dst {
			y, x := s.pixel(k)
			k += s.step
			iy, ix := int(y), int(x)
			at := iy*row + ix
			t, b := src[at:at+2:at+2], src[at+row:at+row+2:at+row+2]
			dst[i] = blend(t[0], t[1], b[0], b[1], y-float32(iy), x-float32(ix))
		}
	case 3:
		for ; len(dst) >= 3; dst = dst[3:] {
			y, x := s.pixel(k)
			k += s.step
			iy, ix := int(y), int(x)
			at := iy*row + ix*3
			t, b := src[at:at+6:at+6], src[at+row:at+row+6:at+row+6]
			fy, fx := y-float32(iy), x-float32(ix)
			dst[0] = blend(t[0], t[3], b[0], b[3], fy, fx)
			dst[1] = blend(t[1], t[4], b[1], b[4], fy, fx)
			dst[2] = blend(t[2], t[5], b[2], b[5], fy, fx)
		}
	default:
		for ; len(dst) >= s.c; dst = dst[s.c:] {
			y, x := s.pixel(k)
			k += s.step
			iy, ix := int(y), int(x)
			at := iy*row + ix*s.c
			fy, fx := y-float32(iy), x-float32(ix)
			for i := range s.c {
				dst[i] = blend(src[at+i], src[at+s.c+i], src[at+row+i], src[at+row+s.c+i], fy, fx)
			}
		}
	}
}

// pixel is where column k lies, on the border where it lies outside.
func (s *span) pixel(k float32) (y, x float32) {
	y, x = s.y+float32(k*s.dy), s.x+float32(k*s.dx)
	if y < 0 {
		y = 0
	}
	if y > s.bottom {
		y = s.bottom
	}
	if x < 0 {
		x = 0
	}
	if x > s.right {
		x = s.right
	}
	return y, x
}
