package nn

import "cnnbench/nn/kernel"

// fuse takes a relu after the normalisation, and a max pooling of 2x2 after that, into the passes over the data that
// batch normalisation makes anyway.
func (l *BatchNormalization) fuse(b *Builder, next []Layer, after []*Edge) (Op, int) {
	if b.Frozen || b.In[len(b.In)-1]%8 != 0 || len(next) == 0 {
		return nil, 0
	}
	a, ok := next[0].(*ActivationLayer)
	if !ok {
		return nil, 0
	}
	if _, ok := a.Activation.(*Relu); !ok {
		return nil, 0
	}
	to := *b
	if len(next) > 1 {
		if p, ok := next[1].(*MaxPooling2D); ok {
			if g, err := p.window(b.Out); err == nil && g.Quads() {
				to.Y = after[1]
				return l.buildPooled(&to, g), 3
			}
		}
	}
	to.Y = after[0]
	o := l.build(&to, 1)
	o.applyT, o.dsumT, o.backward = o.applyRelu, o.dsumRelu, kernel.NormalizeReluBackward
	return o, 2
}

func (o *batchNorm) applyRelu(chunk, _ int) {
	lo, hi := o.values(chunk)
	kernel.NormalizeRelu(o.y.V[lo:hi], o.x.V[lo:hi], o.affine)
}

func (o *batchNorm) dsumRelu(chunk, _ int) {
	lo, hi := o.values(chunk)
	dbeta, dot := o.partials(chunk)
	kernel.MomentsRelu(dbeta, dot, o.mu, o.x.V[lo:hi], o.y.D[lo:hi], o.affine)
}

// normalizedPool is batch normalisation, relu and max pooling.
type normalizedPool struct {
	*batchNorm
	g   kernel.Window
	arg []uint8 // [Batch, OH, OW, C] the cell of its window that each value came from
}

func (l *BatchNormalization) buildPooled(b *Builder, g kernel.Window) Op {
	o := &normalizedPool{batchNorm: l.build(b, g.H*g.W), g: g, arg: make([]uint8, b.Batch*b.Y.Shape.Size())}
	o.applyT, o.dsumT, o.dapplyT = o.apply, o.dsum, o.dapply
	return o
}

// samples are a chunk's, each of in values in x and out in y.
func (o *normalizedPool) samples(chunk int) (lo, hi, in, out int) {
	lo, hi = o.cut().at(chunk)
	return lo / o.rowsPer, hi / o.rowsPer, o.x.Shape.Size(), o.y.Shape.Size()
}

func (o *normalizedPool) apply(chunk, _ int) {
	lo, hi, in, out := o.samples(chunk)
	for n := lo; n < hi; n++ {
		o.g.NormalizePool(o.y.V[n*out:(n+1)*out], o.arg[n*out:(n+1)*out], o.x.V[n*in:(n+1)*in], o.affine)
	}
}

func (o *normalizedPool) dsum(chunk, _ int) {
	lo, hi, in, out := o.samples(chunk)
	dbeta, dot := o.partials(chunk)
	for n := lo; n < hi; n++ {
		o.g.MomentsPool(dbeta, dot, o.mu, o.x.V[n*in:(n+1)*in], o.y.D[n*out:(n+1)*out], o.arg[n*out:(n+1)*out])
	}
}

func (o *normalizedPool) dapply(chunk, _ int) {
	lo, hi, in, out := o.samples(chunk)
	for n := lo; n < hi; n++ {
		o.g.NormalizePoolBackward(o.x.D[n*in:(n+1)*in], o.y.D[n*out:(n+1)*out], o.arg[n*out:(n+1)*out], o.x.V[n*in:(n+1)*in], o.affine, o.da, o.db, o.dm)
	}
}
