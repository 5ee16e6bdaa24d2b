package nn

import "cnnbench/spec"

// GlobalMaxPooling2D keeps the largest value of each map. Where several cells hold it, they share the gradient, as in
// TensorFlow's reduce_max.
type GlobalMaxPooling2D struct {
	GlobalPooling `yaml:",inline"`
}

type globalMax struct {
	x, y            *Edge
	pixels, c       int
	forwardT, backT func(chunk, worker int)
}

// Build makes the operation.
func (l *GlobalMaxPooling2D) Build(b *Builder) Op {
	o := &globalMax{x: b.X, y: b.Y, pixels: b.In[0] * b.In[1], c: b.In[2]}
	o.forwardT, o.backT = o.forward, o.backward
	return o
}

func (o *globalMax) Forward(p *Pass) { p.pool.run(p.Rows, o.forwardT) }

func (o *globalMax) forward(n, _ int) {
	x := o.x.V[n*o.pixels*o.c : (n+1)*o.pixels*o.c]
	y := o.y.V[n*o.c : (n+1)*o.c]
	copy(y, x)
	for p := 1; p < o.pixels; p++ {
		for k, v := range x[p*o.c : (p+1)*o.c] {
			if v > y[k] || v != v {
				y[k] = v
			}
		}
	}
}

func (o *globalMax) Backward(p *Pass) {
	if o.x.D != nil {
		p.pool.run(p.Rows, o.backT)
	}
}

func (o *globalMax) backward(n, _ int) {
	size := o.pixels * o.c
	x, dx := o.x.V[n*size:(n+1)*size], o.x.D[n*size:(n+1)*size]
	y, dy := o.y.V[n*o.c:(n+1)*o.c], o.y.D[n*o.c:(n+1)*o.c]
	for k, top := range y {
		var equal float32
		for i := k; i < size; i += o.c {
			if x[i] == top {
				equal++
			}
		}
		for i := k; i < size; i += o.c {
			dx[i] = 0
			if x[i] == top {
				dx[i] = dy[k] / equal
			}
		}
	}
}

func init() {
	Layers.Register(spec.Kind{Name: "global_max_pooling2d", Class: "GlobalMaxPooling2D", Doc: "the largest value of each map", New: func() any {
		return &GlobalMaxPooling2D{GlobalPooling{Common: common()}}
	}})
}
