package augment

import "math"

// Rectangle is a part of a picture; without rows and columns it is none.
type Rectangle struct{ Top, Left, Rows, Cols int }

// drawRectangle draws a rectangle of a share of the picture's area and of a form between 3:10 and 10:3 (Zhong, Zheng,
// Kang, Li, Yang: "Random Erasing Data Augmentation", 2017), cut to the picture's sides.
func drawRectangle(s Source, area Range, h, w int) Rectangle {
	pixels := area.draw(s) * float64(h*w)
	form := math.Exp(uniform(s, math.Log(.3), math.Log(1/.3)))
	r := Rectangle{
		Rows: min(max(int(math.Round(math.Sqrt(pixels*form))), 1), h),
		Cols: min(max(int(math.Round(math.Sqrt(pixels/form))), 1), w),
	}
	r.Top, r.Left = s.IntN(h-r.Rows+1), s.IntN(w-r.Cols+1)
	return r
}

// erase paints a rectangle of the picture [rows, w, c].
func erase(x []float32, w, c int, r Rectangle, v float32) {
	for y := r.Top; y < r.Top+r.Rows; y++ {
		at := (y*w + r.Left) * c
		paint(x[at:at+r.Cols*c], v)
	}
}
