package nn

import "cnnbench/nn/kernel"

// fuse takes a max pooling of 2x2 that follows into the pass over the data that dropout makes anyway: what it leaves of
// the values is never written, nor the gradient by that.
func (l *Dropout) fuse(b *Builder, next []Layer, after []*Edge) (Op, int) {
	if len(next) == 0 || !halves(next[0], b.Out) || b.Out[2]%8 != 0 {
		return nil, 0
	}
	g, _ := next[0].(*MaxPooling2D).window(b.Out)
	o := &droppedPool{dropout: l.build(b), y: after[0], g: g, arg: make([]uint8, b.Batch*after[0].Shape.Size())}
	o.masks = make([][]uint8, b.workers)
	for i := range o.masks {
		o.masks[i] = make([]uint8, 2*g.W*g.C)
	}
	o.forwardT, o.backT = o.forward, o.backward
	return o, 2
}

// droppedPool is dropout and max pooling.
type droppedPool struct {
	*dropout
	y     *Edge
	g     kernel.Window
	arg   []uint8   // [Batch, OH, OW, C] the cell of its window that each value came from; beyond 3 where that was dropped
	masks [][]uint8 // of each worker, [2, W, C]
}

func (o *droppedPool) forward(chunk, worker int) {
	in, out := o.x.Shape.Size(), o.y.Shape.Size()
	lo, hi := o.samples.at(chunk)
	key := o.key(o.pass)
	for n := lo; n < hi; n++ {
		o.g.DropoutMaxPool(o.y.V[n*out:(n+1)*out], o.arg[n*out:(n+1)*out], o.x.V[n*in:(n+1)*in], o.masks[worker], key, uint32(n), o.drop, o.scale)
	}
}

func (o *droppedPool) backward(chunk, _ int) {
	in, out := o.x.Shape.Size(), o.y.Shape.Size()
	lo, hi := o.samples.at(chunk)
	for n := lo; n < hi; n++ {
		dy := o.y.D[n*out : (n+1)*out]
		kernel.Scale(dy, o.scale)
		o.g.MaxPoolBackward(o.x.D[n*in:(n+1)*in], dy, o.arg[n*out:(n+1)*out])
	}
}
