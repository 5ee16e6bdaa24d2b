package nn

import (
	"cnnbench/nn/kernel"
	"cnnbench/spec"
)

// MaxPooling2D keeps the largest value under each window.
type MaxPooling2D struct {
	Pooling `yaml:",inline"`
}

type maxPooling struct {
	x, y            *Edge
	g               kernel.Window
	arg             []uint8 // [Batch, OH, OW, C, IndexBytes] the cell of its window that each value came from
	pass            *Pass
	samples         cut
	forwardT, backT func(chunk, worker int)
}

// Build makes the operation.
func (l *MaxPooling2D) Build(b *Builder) Op {
	g, _ := l.window(b.In)
	o := &maxPooling{x: b.X, y: b.Y, g: g}
	if !b.Infer {
		o.arg = make([]uint8, b.Batch*b.Out.Size()*g.IndexBytes())
	}
	o.forwardT, o.backT = o.forward, o.backward
	return o
}

func (o *maxPooling) Forward(p *Pass) {
	o.pass, o.samples = p, p.samples(o.x.Shape.Size())
	p.pool.run(o.samples.chunks(), o.forwardT)
}

func (o *maxPooling) forward(chunk, _ int) {
	in, out := o.x.Shape.Size(), o.y.Shape.Size()
	lo, hi := o.samples.at(chunk)
	for n := lo; n < hi; n++ {
		var arg []uint8
		if o.pass.Training {
			arg = o.index(n)
		}
		o.g.MaxPool(o.y.V[n*out:(n+1)*out], arg, o.x.V[n*in:(n+1)*in])
	}
}

// index is the part of arg of sample n.
func (o *maxPooling) index(n int) []uint8 {
	size := o.y.Shape.Size() * o.g.IndexBytes()
	return o.arg[n*size : (n+1)*size]
}

func (o *maxPooling) Backward(p *Pass) {
	if o.x.D != nil {
		p.pool.run(o.samples.chunks(), o.backT)
	}
}

func (o *maxPooling) backward(chunk, _ int) {
	in, out := o.x.Shape.Size(), o.y.Shape.Size()
	lo, hi := o.samples.at(chunk)
	for n := lo; n < hi; n++ {
		o.g.MaxPoolBackward(o.x.D[n*in:(n+1)*in], o.y.D[n*out:(n+1)*out], o.index(n))
	}
}

func init() {
	Layers.Register(spec.Kind{Name: "max_pooling2d", Class: "MaxPooling2D", Doc: "the largest value of each window", New: func() any {
		return &MaxPooling2D{pooling()}
	}})
}
