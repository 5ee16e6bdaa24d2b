package nn

import (
	"cnnbench/nn/kernel"
	"cnnbench/spec"
)

// AveragePooling2D takes the mean of the image's cells under each window.
type AveragePooling2D struct {
	Pooling `yaml:",inline"`
}

type averagePooling struct {
	x, y            *Edge
	g               kernel.Window
	samples         cut
	forwardT, backT func(chunk, worker int)
}

// Build makes the operation.
func (l *AveragePooling2D) Build(b *Builder) Op {
	g, _ := l.window(b.In)
	o := &averagePooling{x: b.X, y: b.Y, g: g}
	o.forwardT, o.backT = o.forward, o.backward
	return o
}

func (o *averagePooling) Forward(p *Pass) {
	o.samples = p.samples(o.x.Shape.Size())
	p.pool.run(o.samples.chunks(), o.forwardT)
}

func (o *averagePooling) forward(chunk, _ int) {
	in, out := o.x.Shape.Size(), o.y.Shape.Size()
	lo, hi := o.samples.at(chunk)
	for n := lo; n < hi; n++ {
		o.g.AveragePool(o.y.V[n*out:(n+1)*out], o.x.V[n*in:(n+1)*in])
	}
}

func (o *averagePooling) Backward(p *Pass) {
	if o.x.D != nil {
		p.pool.run(o.samples.chunks(), o.backT)
	}
}

func (o *averagePooling) backward(chunk, _ int) {
	in, out := o.x.Shape.Size(), o.y.Shape.Size()
	lo, hi := o.samples.at(chunk)
	for n := lo; n < hi; n++ {
		o.g.AveragePoolBackward(o.x.D[n*in:(n+1)*in], o.y.D[n*out:(n+1)*out])
	}
}

func init() {
	Layers.Register(spec.Kind{Name: "average_pooling2d", Class: "AveragePooling2D", Doc: "the mean of each window", New: func() any {
		return &AveragePooling2D{pooling()}
	}})
}
