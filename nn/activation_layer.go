package nn

import "cnnbench/spec"

// ActivationLayer applies an activation as a layer of its own.
type ActivationLayer struct {
	Common     `yaml:",inline"`
	Activation Activation `yaml:"activation" required:"true" doc:"the function"`
}

// Plan keeps the shape.
func (l *ActivationLayer) Plan(in Shape) (Plan, error) { return Plan{Out: in, Masking: Keeps}, nil }

// Build makes the operation.
func (l *ActivationLayer) Build(b *Builder) Op { return buildElementwise(b, l.Activation) }

// elementwise is an activation between two edges. The input edge serves as z.
type elementwise struct {
	x, y            *Edge
	fn              Activation
	head            bool
	width           int
	samples         cut
	forwardT, backT func(chunk, worker int)
}

func buildElementwise(b *Builder, fn Activation) Op {
	if fn == nil {
		fn = &Linear{}
	}
	o := &elementwise{x: b.X, y: b.Y, fn: fn, head: b.Head, width: 1}
	if len(b.In) > 0 {
		o.width = b.In[len(b.In)-1]
	}
	b.SameGradient()
	o.forwardT, o.backT = o.forward, o.backward
	return o
}

func (o *elementwise) Forward(p *Pass) {
	o.samples = p.samples(o.x.Shape.Size())
	p.pool.run(o.samples.chunks(), o.forwardT)
}

// values are the bounds of a chunk's values.
func (o *elementwise) values(chunk int) (lo, hi int) {
	lo, hi = o.samples.at(chunk)
	return lo * o.x.Shape.Size(), hi * o.x.Shape.Size()
}

func (o *elementwise) forward(chunk, _ int) {
	lo, hi := o.values(chunk)
	o.fn.Forward(o.y.V[lo:hi], o.x.V[lo:hi], o.width)
}

func (o *elementwise) Backward(p *Pass) {
	if o.x.D != nil && !o.head {
		p.pool.run(o.samples.chunks(), o.backT)
	}
}

func (o *elementwise) backward(chunk, _ int) {
	lo, hi := o.values(chunk)
	z := o.y.V
	if o.fn.NeedsInput() {
		z = o.x.V
	}
	o.fn.Backward(o.x.D[lo:hi], o.y.V[lo:hi], z[lo:hi], o.width)
}

func (l *ActivationLayer) head() Activation { return l.Activation }
func (o *elementwise) logits() []float32    { return o.x.V }

func init() {
	Layers.Register(spec.Kind{Name: "activation", Class: "Activation", Doc: "an activation as a layer of its own", New: func() any {
		return &ActivationLayer{Common: common()}
	}})
}
