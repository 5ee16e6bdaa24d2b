package kernel

// GlobalMax writes the largest value of each channel of x [cells, C] to y [C]. A NaN wins.
func GlobalMax(y, x []float32) {
	c := len(y)
	g := Window{H: len(x) / c, W: 1, C: c, KH: len(x) / c, KW: 1, SH: 1, SW: 1, DH: 1, DW: 1, OH: 1, OW: 1}
	g.MaxPool(y, nil, x)
}

// GlobalMaxBackward writes dx [cells, C]: dy [C] shared among the cells of x that equal y, 0 elsewhere.
func GlobalMaxBackward(dx, x, y, dy []float32) {
	if shareTopsSIMD(dx, x, y, dy) {
		return
	}
	for k, top := range y {
		count := 0
		for i := k; i < len(x); i += len(y) {
			if x[i] == top {
				count++
			}
		}
		for i := k; i < len(x); i += len(y) {
			dx[i] = 0
			if x[i] == top {
				dx[i] = dy[k] / float32(count)
			}
		}
	}
}
