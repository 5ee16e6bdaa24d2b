package nn

import (
	"cnnbench/nn/kernel"
	"cnnbench/rng"
	"cnnbench/spec"
)

// LSTM is the long short-term memory (Hochreiter and Schmidhuber 1997; Keras 3, src/layers/rnn/lstm.py). The gates lie
// in the order i, f, c, o:
//
//	i, f, o = s(..), g = a(..) of x_t W + h_{t-1} R + b
//	c_t = f c_{t-1} + i g,  h_t = o a(c_t)
type LSTM struct {
	Recurrent           `yaml:",inline"`
	RecurrentActivation Activation `yaml:"recurrent_activation" doc:"function of the gates; null: linear"`
	UnitForgetBias      bool       `yaml:"unit_forget_bias" doc:"start the forget gate's bias at 1"`
}

// Plan is Recurrent's with four gates.
func (l *LSTM) Plan(in Shape) (Plan, error) {
	p, err := l.plan(in, 4)
	if err == nil && l.UseBias && l.UnitForgetBias {
		p.Params[2].Init = forgetBias{l.BiasInitializer, l.Units}
	}
	return p, err
}

// forgetBias is the initializer of an LSTM's bias with unit_forget_bias: 1 for the second of four gates.
type forgetBias struct {
	rest  Initializer
	units int
}

func (f forgetBias) Fill(w []float32, shape []int, s *rng.Stream) {
	f.rest.Fill(w, shape, s)
	fill(w[f.units:2*f.units], 1)
}

type lstm struct {
	rnn
	fn, gate Activation
	z        []float32 // [T, Batch, 4u] inputs of the gates; the gates themselves where no activation needs its input
	a        []float32 // [T, Batch, 4u] gates i, f, g, o
	c        []float32 // [T+1, Batch, u] cells; the first are 0
	tc       []float32 // [T, Batch, u] a(c)
	dc       []float32 // [Batch, u]
}

// Build makes the operation.
func (l *LSTM) Build(b *Builder) Op {
	if l.fuses() {
		return l.buildFused(b)
	}
	o := &lstm{fn: orLinear(l.Activation), gate: orLinear(l.RecurrentActivation)}
	o.build(&l.Recurrent, b, 4)
	b.Floats(&o.z, o.steps*b.Batch*4*o.u)
	b.Floats(&o.a, o.steps*b.Batch*4*o.u)
	b.Floats(&o.c, (o.steps+1)*b.Batch*o.u)
	b.Floats(&o.tc, o.steps*b.Batch*o.u)
	if !b.Infer {
		b.Floats(&o.dc, b.Batch*o.u)
	}
	o.forwardT, o.backT = o.forward, o.back
	return o
}

func (o *lstm) forward(chunk, _ int) {
	lo, hi := o.rowCut().at(chunk)
	u := o.u
	for t := range o.steps {
		z, a := o.at(o.z, t, lo, hi, 4*u), o.at(o.a, t, lo, hi, 4*u)
		o.gatesIn(z, t, lo, hi)
		c0, c, tc, h := o.at(o.c, t, lo, hi, u), o.at(o.c, t+1, lo, hi, u), o.at(o.tc, t, lo, hi, u), o.at(o.h, t+1, lo, hi, u)
		for r := range hi - lo {
			if o.past(t, lo+r) {
				continue // its cells no longer matter
			}
			zr, ar := z[r*4*u:(r+1)*4*u], a[r*4*u:(r+1)*4*u]
			o.gate.Forward(ar[:2*u], zr[:2*u], u)
			o.fn.Forward(ar[2*u:3*u], zr[2*u:3*u], u)
			o.gate.Forward(ar[3*u:], zr[3*u:], u)
			kernel.MulAdd2(c[r*u:(r+1)*u], ar[u:2*u], c0[r*u:(r+1)*u], ar[:u], ar[2*u:3*u])
		}
		o.fn.Forward(tc, c, u)
		for r := range hi - lo {
			kernel.Mul(h[r*u:(r+1)*u], a[r*4*u+3*u:(r+1)*4*u], tc[r*u:(r+1)*u])
		}
		o.carry(h, o.at(o.h, t, lo, hi, u), u, t, lo, hi)
		o.emit(h, o.u, t, lo, hi)
	}
}

func (o *lstm) back(chunk, _ int) {
	lo, hi := o.rowCut().at(chunk)
	u := o.u
	dh, dc := o.dh[lo*u:hi*u], o.dc[lo*u:hi*u]
	clear(dh)
	clear(dc)
	for t := o.steps - 1; t >= 0; t-- {
		o.gather(dh, o.u, t, lo, hi)
		z, a, dz := o.at(o.z, t, lo, hi, 4*u), o.at(o.a, t, lo, hi, 4*u), o.at(o.dz, t, lo, hi, 4*u)
		c0, c, tc := o.at(o.c, t, lo, hi, u), o.at(o.c, t+1, lo, hi, u), o.at(o.tc, t, lo, hi, u)
		for r := range hi - lo {
			ar, zr, dzr := a[r*4*u:(r+1)*4*u], z[r*4*u:(r+1)*4*u], dz[r*4*u:(r+1)*4*u]
			if o.past(t, lo+r) {
				clear(dzr)
				continue
			}
			row := func(v []float32) []float32 { return v[r*u : (r+1)*u] }
			dhr, dcr, tcr, c0r := row(dh), row(dc), row(tc), row(c0)
			// dzr's second quarter serves as scratch for the gradient that reaches the cell through h.
			through := dzr[u : 2*u]
			kernel.Mul(dzr[3*u:], dhr, tcr)
			kernel.Mul(through, dhr, ar[3*u:])
			o.fn.Backward(through, tcr, pick(o.fn, tcr, row(c)), u)
			kernel.Add(dcr, through)
			kernel.Mul(dzr[:u], dcr, ar[2*u:])
			kernel.Mul(dzr[2*u:3*u], dcr, ar)
			kernel.Mul(through, dcr, c0r)
			kernel.Mul(dcr, dcr, ar[u:])
			o.gate.Backward(dzr[:2*u], ar[:2*u], pick(o.gate, ar[:2*u], zr[:2*u]), u)
			o.fn.Backward(dzr[2*u:3*u], ar[2*u:3*u], pick(o.fn, ar[2*u:3*u], zr[2*u:3*u]), u)
			o.gate.Backward(dzr[3*u:], ar[3*u:], pick(o.gate, ar[3*u:], zr[3*u:]), u)
		}
		o.gatesBack(dh, t, lo, hi)
	}
}

// pick gives what Backward wants for z: the input where it needs it, else the output.
func pick(fn Activation, y, z []float32) []float32 {
	if fn.NeedsInput() {
		return z
	}
	return y
}

func init() {
	Layers.Register(spec.Kind{Name: "lstm", Class: "LSTM", Doc: "a recurrent layer with long short-term memory", New: func() any {
		return &LSTM{Recurrent: recurrent(), RecurrentActivation: &Sigmoid{}, UnitForgetBias: true}
	}})
}
