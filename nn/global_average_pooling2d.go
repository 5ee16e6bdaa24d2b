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
	forwardT, backT func(chunk, worker int)
}

// Build makes the operation.
func (l *GlobalAveragePooling2D) Build(b *Builder) Op {
	o := &globalAverage{x: b.X, y: b.Y, pixels: b.In[0] * b.In[1], c: b.In[2]}
	o.forwardT, o.backT = o.forward, o.backward
	return o
}

func (o *globalAverage) Forward(p *Pass) { p.pool.run(p.Rows, o.forwardT) }

func (o *globalAverage) forward(n, _ int) {
	x := o.x.V[n*o.pixels*o.c : (n+1)*o.pixels*o.c]
	y := o.y.V[n*o.c : (n+1)*o.c]
	clear(y)
	kernel.SumRows(y, x)
	for k := range y {
		y[k] /= float32(o.pixels)
	}
}

func (o *globalAverage) Backward(p *Pass) {
	if o.x.D != nil {
		p.pool.run(p.Rows, o.backT)
	}
}

func (o *globalAverage) backward(n, _ int) {
	dx := o.x.D[n*o.pixels*o.c : (n+1)*o.pixels*o.c]
	dy := o.y.D[n*o.c : (n+1)*o.c]
	clear(dx)
	for p := range o.pixels {
		kernel.Axpy(dx[p*o.c:], 1/float32(o.pixels), dy)
	}
}

func init() {
	Layers.Register(spec.Kind{Name: "global_average_pooling2d", Class: "GlobalAveragePooling2D", Doc: "the mean of each map", New: func() any {
		return &GlobalAveragePooling2D{GlobalPooling{Common: common()}}
	}})
}
