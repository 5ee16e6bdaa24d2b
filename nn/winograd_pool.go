package nn

import (
	"cnnbench/nn/kernel"
	"cnnbench/rng"
)

// fuseWinograd takes a max pooling of 2x2 that follows, and a dropout before that, into Winograd's transforms: a tile of
// 4x4 outputs is four windows. In training the convolution's output is never written then, nor the gradient by it.
func (l *Conv2D) fuseWinograd(b *Builder, g kernel.Window, next []Layer, after []*Edge) (Op, int) {
	var drop *dropout
	count := 1
	if len(next) > 0 {
		if d, ok := next[0].(*Dropout); ok {
			drop = d.build(b)
			drop.index++
			count++
		}
	}
	_, relu := l.Activation.(*Relu)
	_, linear := l.Activation.(*Linear)
	if len(next) < count || b.Head || l.Filters%8 != 0 || !(relu || linear || l.Activation == nil) || !halves(next[count-1], b.Out) {
		return nil, 0
	}
	y := after[count-1]
	o := l.buildWinograd(b, g)
	o.pool = &tilePool{y: y, drop: drop, relu: o.relu, ph: y.Shape[0], pw: y.Shape[1], w: g.OW, f: l.Filters, arg: make([]uint8, b.Batch*y.Shape.Size())}
	o.pool.tiles = make([]poolTile, b.workers)
	for i := range o.pool.tiles {
		o.pool.tiles[i] = poolTile{make([]float32, 16*l.Filters), make([]uint8, 8*l.Filters)}
	}
	for cols := range o.pool.lines {
		o.pool.lines[cols] = kernel.Window{H: 2, W: 4, C: l.Filters, KH: 2, KW: 2, SH: 2, SW: 2, DH: 1, DW: 1, OH: 1, OW: cols}
	}
	return o, count + 1
}

// tilePool pools the outputs of a convolution tile by tile, perhaps what dropout leaves of them.
type tilePool struct {
	y      *Edge    // [ph, pw, f]
	drop   *dropout // or nil
	key    rng.Key  // of its draws in this pass
	relu   bool
	ph, pw int
	w, f   int              // of the convolution's output
	arg    []uint8          // [Batch, ph, pw, f] the cell of its window that each value came from; beyond 3: it was dropped
	tiles  []poolTile       // of each worker
	lines  [3]kernel.Window // the windows of a row in a tile, by their number
}

// poolTile is a tile of the convolution's output or of the gradient by it, [4, 4, f], and what dropout keeps of two rows.
type poolTile struct {
	values []float32
	mask   []uint8
}

// windows are the rows and columns of whole windows in the tile whose first output is at (row, col).
func (o *tilePool) windows(row, col int) (rows, cols int) {
	rows, cols = min(2, o.ph-row/2), min(2, o.pw-col/2)
	if cols == 0 {
		rows = 0
	}
	return rows, cols
}

// at is where row r of the tile's windows is in y and arg, for sample n.
func (o *tilePool) at(n, row, col, r int) int { return ((n*o.ph+row/2+r)*o.pw + col/2) * o.f }

// begin begins a pass.
func (o *tilePool) begin(p *Pass) {
	if o.drop != nil {
		o.key = o.drop.key(p)
	}
}

// forward pools the worker's tile, whose first output is at (row, col) of sample n.
func (o *tilePool) forward(n, row, col, worker int) {
	rows, cols := o.windows(row, col)
	t, g := &o.tiles[worker], &o.lines[cols]
	for r := range rows {
		at := o.at(n, row, col, r)
		y, arg, x := o.y.V[at:at+cols*o.f], o.arg[at:at+cols*o.f], t.values[8*r*o.f:8*(r+1)*o.f]
		if o.drop == nil {
			g.MaxPool(y, arg, x)
			continue
		}
		for i := range 2 {
			block := ((row+2*r+i)*o.w + col) * o.f / 8
			kernel.DropoutMask(t.mask[4*i*o.f:][:2*cols*o.f], o.key, uint32(n), uint32(block), o.drop.drop)
		}
		g.MaxPoolKept(y, arg, x, t.mask, o.drop.scale)
	}
}

// prepare turns the gradients by the values of the samples lo..hi into those by the largest outputs.
func (o *tilePool) prepare(lo, hi int) {
	size := o.ph * o.pw * o.f
	dy := o.y.D[lo*size : hi*size]
	if o.drop != nil {
		kernel.Scale(dy, o.drop.scale)
	}
	if o.relu {
		kernel.ReluBackward(dy, o.y.V[lo*size:hi*size])
	}
}

// backward makes of the worker's tile the gradient by the outputs.
func (o *tilePool) backward(n, row, col, worker int) []float32 {
	rows, cols := o.windows(row, col)
	dx, g := o.tiles[worker].values, &o.lines[cols]
	if rows < 2 || cols < 2 {
		clear(dx)
	}
	for r := range rows {
		at := o.at(n, row, col, r)
		g.MaxPoolBackward(dx[8*r*o.f:8*(r+1)*o.f], o.y.D[at:at+cols*o.f], o.arg[at:at+cols*o.f])
	}
	return dx
}
