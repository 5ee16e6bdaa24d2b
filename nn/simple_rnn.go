package nn

import "cnnbench/spec"

// SimpleRNN is the fully connected recurrent layer: h_t = f(x_t W + h_{t-1} R + b) (Keras 3, src/layers/rnn/simple_rnn.py).
type SimpleRNN struct {
	Recurrent `yaml:",inline"`
}

// Plan is Recurrent's with one gate.
func (l *SimpleRNN) Plan(in Shape) (Plan, error) { return l.plan(in, 1) }

type simpleRNN struct {
	rnn
	fn Activation
	z  []float32 // [T, Batch, u] inputs of the activation
}

// Build makes the operation.
func (l *SimpleRNN) Build(b *Builder) Op {
	o := &simpleRNN{fn: orLinear(l.Activation)}
	o.build(&l.Recurrent, b, 1)
	b.Floats(&o.z, o.steps*b.Batch*o.u)
	o.forwardT, o.backT = o.forward, o.back
	return o
}

func orLinear(a Activation) Activation {
	if a == nil {
		return &Linear{}
	}
	return a
}

func (o *simpleRNN) forward(chunk, _ int) {
	lo, hi := o.rowCut().at(chunk)
	for t := range o.steps {
		z := o.at(o.z, t, lo, hi, o.u)
		o.gatesIn(z, t, lo, hi)
		h := o.at(o.h, t+1, lo, hi, o.u)
		o.fn.Forward(h, z, o.u)
		o.carry(h, o.at(o.h, t, lo, hi, o.u), o.u, t, lo, hi)
		o.emit(h, o.u, t, lo, hi)
	}
}

func (o *simpleRNN) back(chunk, _ int) {
	lo, hi := o.rowCut().at(chunk)
	dh := o.dh[lo*o.u : hi*o.u]
	clear(dh)
	for t := o.steps - 1; t >= 0; t-- {
		o.gather(dh, o.u, t, lo, hi)
		dz := o.at(o.dz, t, lo, hi, o.u)
		copy(dz, dh)
		h, z := o.at(o.h, t+1, lo, hi, o.u), o.at(o.z, t, lo, hi, o.u)
		if !o.fn.NeedsInput() {
			z = h
		}
		o.fn.Backward(dz, h, z, o.u)
		for n := lo; n < hi; n++ {
			if o.past(t, n) {
				clear(dz[(n-lo)*o.u : (n-lo+1)*o.u])
			}
		}
		o.gatesBack(dh, t, lo, hi)
	}
}

func init() {
	Layers.Register(spec.Kind{Name: "simple_rnn", Class: "SimpleRNN", Doc: "a recurrent layer of one gate", New: func() any {
		return &SimpleRNN{recurrent()}
	}})
}
