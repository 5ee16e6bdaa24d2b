package nn

import (
	"cnnbench/nn/kernel"
	"cnnbench/spec"
)

// GlobalMaxPooling2D keeps the largest value of each map. Where several cells hold it, they share the gradient, as in
// TensorFlow's reduce_max.
type GlobalMaxPooling2D struct {
	GlobalPooling `yaml:",inline"`
}

type globalMax struct {
	x, y            *Edge
	pixels, c       int
	samples         cut
	forwardT, backT func(chunk, worker int)
}

// Build makes the operation.
func (l *GlobalMaxPooling2D) Build(b *Builder) Op {
	o := &globalMax{x: b.X, y: b.Y, pixels: b.In[0] * b.In[1], c: b.In[2]}
	o.forwardT, o.backT = o.forward, o.backward
	return o
}

func (o *globalMax) Forward(p *Pass) {
	o.samples = p.samples(o.pixels * o.c)
	p.pool.run(o.samples.chunks(), o.forwardT)
}

func (o *globalMax) forward(chunk, _ int) {
	size := o.pixels * o.c
	lo, hi := o.samples.at(chunk)
	for n := lo; n < hi; n++ {
		kernel.GlobalMax(o.y.V[n*o.c:(n+1)*o.c], o.x.V[n*size:(n+1)*size])
	}
}

func (o *globalMax) Backward(p *Pass) {
	if o.x.D != nil {
		p.pool.run(o.samples.chunks(), o.backT)
	}
}

func (o *globalMax) backward(chunk, _ int) {
	size := o.pixels * o.c
	lo, hi := o.samples.at(chunk)
	for n := lo; n < hi; n++ {
		kernel.GlobalMaxBackward(o.x.D[n*size:(n+1)*size], o.x.V[n*size:(n+1)*size], o.y.V[n*o.c:(n+1)*o.c], o.y.D[n*o.c:(n+1)*o.c])
	}
}

func init() {
	Layers.Register(spec.Kind{Name: "global_max_pooling2d", Class: "GlobalMaxPooling2D", Doc: "the largest value of each map", New: func() any {
		return &GlobalMaxPooling2D{GlobalPooling{Common: common()}}
	}})
}
