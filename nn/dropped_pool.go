package nn

// fuse takes a max pooling of 2x2 that follows into the pass over the data that dropout makes anyway.
func (l *Dropout) fuse(b *Builder, next []Layer, after []*Edge) (Op, int) {
	if len(next) == 0 {
		return nil, 0
	}
	p := b.pooled(l.build(b, b.Index), next[0], after[0])
	if p == nil {
		return nil, 0
	}
	o := &droppedPool{pooled: p, x: b.X, masks: p.mask(b)}
	o.forwardT, o.backT = o.forward, o.backward
	return o, 2
}

// droppedPool is dropout and max pooling.
type droppedPool struct {
	*pooled
	x               *Edge
	masks           [][]uint8 // of each worker
	samples         cut
	forwardT, backT func(chunk, worker int)
}

func (o *droppedPool) Forward(p *Pass) {
	o.begin(p)
	o.samples = p.samples(o.x.Shape.Size())
	p.pool.run(o.samples.chunks(), o.forwardT)
}

func (o *droppedPool) forward(chunk, worker int) {
	size := o.x.Shape.Size()
	lo, hi := o.samples.at(chunk)
	for n := lo; n < hi; n++ {
		o.pooled.forward(n, o.x.V[n*size:(n+1)*size], o.masks[worker])
	}
}

func (o *droppedPool) Backward(p *Pass) {
	if o.x.D != nil {
		p.pool.run(o.samples.chunks(), o.backT)
	}
}

func (o *droppedPool) backward(chunk, _ int) {
	size := o.x.Shape.Size()
	lo, hi := o.samples.at(chunk)
	o.prepare(lo, hi)
	for n := lo; n < hi; n++ {
		o.pooled.backward(n, o.x.D[n*size:(n+1)*size])
	}
}
