package nn

import "cnnbench/nn/kernel"

// fuseWinograd takes a max pooling that follows into Winograd's transforms: a tile of 4x4 outputs is four windows.
func (l *Conv2D) fuseWinograd(b *Builder, g kernel.Window, next []Layer, after []*Edge) (Op, int) {
	p, count := l.pooled(b, next, after)
	if p == nil {
		return nil, 0
	}
	o := l.buildWinograd(b, g)
	o.pool = &tilePool{pooled: p, tiles: make([]poolTile, b.workers)}
	for i := range o.pool.tiles {
		o.pool.tiles[i] = poolTile{make([]float32, 16*l.Filters), make([]uint8, 8*l.Filters)}
	}
	for cols := range o.pool.lines {
		o.pool.lines[cols] = kernel.Window{H: 2, W: 4, C: l.Filters, KH: 2, KW: 2, SH: 2, SW: 2, DH: 1, DW: 1, OH: 1, OW: cols}
	}
	return o, 1 + count
}

// tilePool pools the outputs of a convolution tile by tile.
type tilePool struct {
	*pooled
	tiles []poolTile       // of each worker
	lines [3]kernel.Window // the windows of a row in a tile, by their number
}

// poolTile is a tile of the convolution's output or of the gradient by it, [4, 4, C], and what dropout keeps of two rows.
type poolTile struct {
	values []float32
	mask   []uint8
}

// windows are the rows and columns of whole windows in the tile whose first output is at (row, col).
func (o *tilePool) windows(row, col int) (rows, cols int) {
	rows, cols = min(2, o.g.OH-row/2), min(2, o.g.OW-col/2)
	if cols == 0 {
		rows = 0
	}
	return rows, cols
}

// at is where row r of the tile's windows is in y and arg, for sample n.
func (o *tilePool) at(n, row, col, r int) int {
	return ((n*o.g.OH+row/2+r)*o.g.OW + col/2) * o.g.C
}

// forward pools the worker's tile, whose first output is at (row, col) of sample n.
func (o *tilePool) forward(n, row, col, worker int) {
	rows, cols := o.windows(row, col)
	t, g, c := &o.tiles[worker], &o.lines[cols], o.g.C
	for r := range rows {
		at := o.at(n, row, col, r)
		y, arg, x := o.y.V[at:at+cols*c], o.arg[at:at+cols*c], t.values[8*r*c:8*(r+1)*c]
		if o.drop == nil {
			g.MaxPool(y, arg, x)
			continue
		}
		for i := range 2 {
			block := ((row+2*r+i)*o.g.W + col) * c / 8
			kernel.DropoutMask(t.mask[4*i*c:][:2*cols*c], o.key, uint32(n), uint32(block), o.drop.drop)
		}
		g.MaxPoolKept(y, arg, x, t.mask, o.drop.scale)
	}
}

// backward makes of the worker's tile the gradient by the outputs.
func (o *tilePool) backward(n, row, col, worker int) []float32 {
	rows, cols := o.windows(row, col)
	dx, g, c := o.tiles[worker].values, &o.lines[cols], o.g.C
	if rows < 2 || cols < 2 {
		clear(dx)
	}
	for r := range rows {
		at := o.at(n, row, col, r)
		g.MaxPoolBackward(dx[8*r*c:8*(r+1)*c], o.y.D[at:at+cols*c], o.arg[at:at+cols*c])
	}
	return dx
}
