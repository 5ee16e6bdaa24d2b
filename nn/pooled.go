package nn

import (
	"cnnbench/nn/kernel"
	"cnnbench/rng"
)

// pooled is a max pooling of 2x2, perhaps of what dropout leaves, that a training pass computes together with the layer
// before: what is between them is written no further than to the cache.
type pooled struct {
	y    *Edge         // [OH, OW, C]
	g    kernel.Window // of the pooling
	drop *dropout      // or nil
	key  rng.Key       // of its draws in this pass
	relu bool          // the layer before ends with it
	arg  []uint8       // [Batch, OH, OW, C] the cell of its window that each value came from; beyond 3: it was dropped
}

// halves reports whether the layer is a max pooling whose windows are 2x2, side by side and within the image.
func halves(l Layer, in Shape) bool {
	p, ok := l.(*MaxPooling2D)
	if !ok {
		return false
	}
	w, err := p.window(in)
	return err == nil && w.Pairs()
}

// pooled is the pooling by the layer, whose output is y, of values of the shape Out behind the dropout, if there is one;
// nil where it is no such pooling.
func (b *Builder) pooled(drop *dropout, l Layer, y *Edge) *pooled {
	if !halves(l, b.Out) || b.Out[2]%8 != 0 {
		return nil
	}
	o := &pooled{y: y, drop: drop, arg: make([]uint8, b.Batch*y.Shape.Size())}
	o.g, _ = l.(*MaxPooling2D).window(b.Out)
	return o
}

// pooled is the pooling that follows the convolution, behind a dropout or at once, and how many layers that is; nil where
// there is none.
func (l *Conv2D) pooled(b *Builder, next []Layer, after []*Edge) (*pooled, int) {
	_, relu := l.Activation.(*Relu)
	_, linear := l.Activation.(*Linear)
	var drop *dropout
	count := 1
	if len(next) > 0 {
		if d, ok := next[0].(*Dropout); ok {
			drop = d.build(b, b.Index+1)
			count++
		}
	}
	if len(next) < count || b.Head || !(relu || linear || l.Activation == nil) {
		return nil, 0
	}
	o := b.pooled(drop, next[count-1], after[count-1])
	if o != nil {
		o.relu = relu
	}
	return o, count
}

// begin begins a pass.
func (o *pooled) begin(p *Pass) {
	if o.drop != nil {
		o.key = o.drop.key(p)
	}
}

// mask is memory for what dropout keeps of an image's two rows.
func (o *pooled) mask(b *Builder) [][]uint8 {
	masks := make([][]uint8, b.workers)
	for i := range masks {
		masks[i] = make([]uint8, 2*o.g.W*o.g.C)
	}
	return masks
}

// forward pools x [H, W, C] of sample n.
func (o *pooled) forward(n int, x []float32, mask []uint8) {
	size := o.y.Shape.Size()
	y, arg := o.y.V[n*size:(n+1)*size], o.arg[n*size:(n+1)*size]
	if o.drop == nil {
		o.g.MaxPool(y, arg, x)
	} else {
		o.g.DropoutMaxPool(y, arg, x, mask, o.key, uint32(n), o.drop.drop, o.drop.scale)
	}
}

// prepare turns the gradients by the values of the samples lo..hi into those by the layer before, but for their places.
func (o *pooled) prepare(lo, hi int) {
	size := o.y.Shape.Size()
	dy := o.y.D[lo*size : hi*size]
	if o.drop != nil {
		kernel.Scale(dy, o.drop.scale)
	}
	if o.relu {
		kernel.ReluBackward(dy, o.y.V[lo*size:hi*size])
	}
}

// backward puts those of sample n in their places in dx [H, W, C].
func (o *pooled) backward(n int, dx []float32) {
	size := o.y.Shape.Size()
	o.g.MaxPoolBackward(dx, o.y.D[n*size:(n+1)*size], o.arg[n*size:(n+1)*size])
}
