package augment

import "slices"

// flipRows turns a picture [h, w, c] upside down.
func flipRows(x []float32, h int) {
	n := len(x) / h // of a row
	for a, b := 0, (h-1)*n; a < b; a, b = a+n, b-n {
		for i, v := range x[a : a+n] {
			x[a+i], x[b+i] = x[b+i], v
		}
	}
}

// flipColumns mirrors a picture [h, w, c].
func flipColumns(x []float32, h, c int) {
	n := len(x) / h
	for row := 0; row < len(x); row += n {
		line := x[row : row+n]
		slices.Reverse(line)
		if c > 1 {
			for i := 0; i < n; i += c { // the channels of a pixel in their order again
				slices.Reverse(line[i : i+c])
			}
		}
	}
}
