package augment

// crop writes to dst the window of src [h, w, c] that lies rows below and cols to the right of it, as the fill mode
// continues the picture.
func (a *Augmenter) crop(dst, src []float32, rows, cols int) {
	n := a.w * a.c
	for r := range a.h {
		to := dst[r*n : (r+1)*n]
		y, ok := a.fill.at(r+rows, a.h)
		if !ok {
			paint(to, a.cval)
			continue
		}
		from := src[y*n : (y+1)*n]
		for k := range a.w {
			px := to[k*a.c : (k+1)*a.c]
			if x, ok := a.fill.at(k+cols, a.w); ok {
				copy(px, from[x*a.c:(x+1)*a.c])
			} else {
				paint(px, a.cval)
			}
		}
	}
}

func paint(x []float32, v float32) {
	for i := range x {
		x[i] = v
	}
}
