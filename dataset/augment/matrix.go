package augment

// matrix takes a place in the deformed picture (row, column, 1) to the one in the original; its last row is 0 0 1.
type matrix [2][3]float64

var identity = matrix{{1, 0, 0}, {0, 1, 0}}

// times is the matrix that applies n first.
func (m matrix) times(n matrix) matrix {
	var out matrix
	for i := range out {
		for j := range out[i] {
			out[i][j] = float64(m[i][0]*n[0][j]) + float64(m[i][1]*n[1][j])
		}
		out[i][2] += m[i][2]
	}
	return out
}

// matrix is rotation, shift, shear and zoom in this order, about the middle of a picture of h rows and w columns. Those
// that are off leave no trace of rounding.
func (d *Drawn) matrix(h, w int) matrix {
	m := identity
	if d.Theta != 0 {
		m = rotation(d.Theta)
	}
	if d.Tx != 0 || d.Ty != 0 {
		m = m.times(translation(d.Tx, d.Ty))
	}
	if d.Shear != 0 {
		m = m.times(shearing(d.Shear))
	}
	if d.Zx != 1 || d.Zy != 1 {
		m = m.times(zooming(d.Zx, d.Zy))
	}
	if m == identity {
		return m
	}
	row, col := float64(h)/2-.5, float64(w)/2-.5
	return translation(row, col).times(m).times(translation(-row, -col))
}
