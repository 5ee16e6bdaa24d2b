package nn

import (
	"cnnbench/nn/kernel"
	"cnnbench/spec"
)

// GlobalAveragePooling2D takes the mean of each map.
type GlobalAveragePooling2D struct {
	GlobalPooling `yaml:",inline"`
}

type globalAverage struct {
	x, y            *Edge
	pixels, c       int
	samples         cut
	forwardT, backT func(chunk, worker int)
}

// Build makes the operation.
func (l *GlobalAveragePooling2D) Build(b *Builder) Op {
	o := &globalAverage{x: b.X, y: b.Y, pixels: b.In[0] * b.In[1], c: b.In[2]}
	o.forwardT, o.backT = o.forward, o.backward
	return o
}

func (o *globalAverage) Forward(p *Pass) {
	o.samples = p.samples(o.pixels * o.c)
	p.pool.run(o.samples.chunks(), o.forwardT)
}

func (o *globalAverage) forward(chunk, _ int) {
	lo, hi := o.samples.at(chunk)
	clear(o.y.V[lo*o.c : hi*o.c])
	for n := lo; n < hi; n++ {
		kernel.SumRows(o.y.V[n*o.c:(n+1)*o.c], o.x.V[n*o.pixels*o.c:(n+1)*o.pixels*o.c])
	}
	for k := lo * o.c; k < hi*o.c; k++ {
		o.y.V[k] /= float32(o.pixels)
	}
}

func (o *globalAverage) Backward(p *Pass) {
	if o.x.D != nil {
		p.pool.run(o.samples.chunks(), o.backT)
	}
}

func (o *globalAverage) backward(chunk, _ int) {
	lo, hi := o.samples.at(chunk)
	for n := lo; n < hi; n++ {
		dx := o.x.D[n*o.pixels*o.c : (n+1)*o.pixels*o.c]
		clear(dx[:o.c])
		kernel.Axpy(dx[:o.c], 1/float32(o.pixels), o.y.D[n*o.c:(n+1)*o.c])
		for p := 1; p < o.pixels; p++ {
			copy(dx[p*o.c:(p+1)*o.c], dx)
		}
	}
}

func init() {
	Layers.Register(spec.Kind{Name: "global_average_pooling2d", Class: "GlobalAveragePooling2D", Doc: "the mean of each map", New: func() any {
		return &GlobalAveragePooling2D{GlobalPooling{Common: common()}}
	}})
}
