package nn

import (
	"fmt"

	"cnnbench/nn/kernel"
)

// Recurrent holds the settings that the recurrent layers share.
//
// Shapes: [T, F] to [units], or to [T, units] with return_sequences; kernel [F, gates*units], recurrent_kernel
// [units, gates*units], bias [gates*units].
type Recurrent struct {
	Common               `yaml:",inline"`
	Units                int          `yaml:"units" required:"true" min:"1" max:"65536" doc:"size of the state, and of the output"`
	Activation           Activation   `yaml:"activation" doc:"function of the new state; null: linear"`
	UseBias              bool         `yaml:"use_bias" doc:"add a trained bias"`
	KernelInitializer    Initializer  `yaml:"kernel_initializer" doc:"how the input weights start"`
	RecurrentInitializer Initializer  `yaml:"recurrent_initializer" doc:"how the state weights start"`
	BiasInitializer      Initializer  `yaml:"bias_initializer" doc:"how the biases start"`
	KernelRegularizer    *Regularizer `yaml:"kernel_regularizer" doc:"penalty on the input weights: {l1: .., l2: ..}"`
	RecurrentRegularizer *Regularizer `yaml:"recurrent_regularizer" doc:"penalty on the state weights"`
	BiasRegularizer      *Regularizer `yaml:"bias_regularizer" doc:"penalty on the biases"`
	ReturnSequences      bool         `yaml:"return_sequences" doc:"hand on the state of every step, not only the last"`
}

func recurrent() Recurrent {
	return Recurrent{Common: common(), Activation: &Tanh{}, UseBias: true, KernelInitializer: &GlorotUniform{},
		RecurrentInitializer: &Orthogonal{1}, BiasInitializer: &Zeros{}}
}

func (l *Recurrent) plan(in Shape, gates int) (Plan, error) {
	if len(in) != 2 || in[1] == 0 {
		return Plan{}, fmt.Errorf("the input is %v; sequences (None, steps, features) are needed: reshape first, or let the recurrent layer before say return_sequences: true", in)
	}
	f, u := in[1], l.Units
	p := Plan{Out: Shape{u}, Masking: Consumes, MACs: int64(max(in[0], 1)) * int64(f+u) * int64(gates*u)}
	if l.ReturnSequences {
		p.Out, p.Masking = Shape{in[0], u}, Keeps
	}
	p.Params = []Param{
		{Name: "kernel", Shape: []int{f, gates * u}, Init: l.KernelInitializer, Regularizer: l.KernelRegularizer},
		{Name: "recurrent_kernel", Shape: []int{u, gates * u}, Init: l.RecurrentInitializer, Regularizer: l.RecurrentRegularizer},
	}
	if l.UseBias {
		p.Params = append(p.Params, Param{Name: "bias", Shape: []int{gates * u}, Init: l.BiasInitializer, Regularizer: l.BiasRegularizer})
	}
	return p, nil
}

// rnnRows is the number of samples that go through time together; gradCols the number of gate columns whose weight
// gradient one chunk computes.
const (
	rnnRows  = 8
	gradCols = 64
)

// rnn is what the built recurrent layers share. Sequences are kept time-major, so that a step's rows lie together.
type rnn struct {
	x, y         *Edge
	w, r, b      Tensor
	steps, f, u  int
	gates, batch int
	sequences    bool
	h            []float32 // [T+1, Batch, u] states; the first are 0
	dz           []float32 // [T, Batch, gates*u] gradients by the gates' inputs
	dh           []float32 // [Batch, u] gradient that comes from the step after
	pass         *Pass
	ends         []int // steps of each row that count; nil: all

	forwardT, backT, gradT func(chunk, worker int)
}

// set takes over what the layer says.
func (o *rnn) set(l *Recurrent, b *Builder, gates int) {
	o.x, o.y, o.w, o.r = b.X, b.Y, b.Params[0], b.Params[1]
	if l.UseBias {
		o.b = b.Params[2]
	}
	o.steps, o.f, o.u, o.gates, o.batch, o.sequences = b.In[0], b.In[1], l.Units, gates, b.Batch, l.ReturnSequences
}

func (o *rnn) build(l *Recurrent, b *Builder, gates int) {
	o.set(l, b, gates)
	b.Floats(&o.h, (o.steps+1)*b.Batch*o.u)
	if !b.Infer {
		b.Floats(&o.dz, o.steps*b.Batch*gates*o.u)
		b.Floats(&o.dh, b.Batch*o.u)
	}
	o.gradT = o.gradients
}

// width is the number of gate columns.
func (o *rnn) width() int { return o.gates * o.u }

func (o *rnn) rowCut() cut { return cut{o.pass.Rows, rnnRows} }

// columnCut cuts the gate columns.
func (o *rnn) columnCut() cut { return cut{o.width(), gradCols} }

// at gives the rows lo..hi of step t of a time-major buffer of n values a row.
func (o *rnn) at(buf []float32, t, lo, hi, n int) []float32 {
	return buf[(t*o.batch+lo)*n : (t*o.batch+hi)*n]
}

// gatesIn computes z = x_t W + h_{t-1} R + b for the rows lo..hi.
func (o *rnn) gatesIn(z []float32, t, lo, hi int) {
	w := o.width()
	beta := float32(0)
	if o.b.W != nil {
		for r := range hi - lo {
			copy(z[r*w:(r+1)*w], o.b.W)
		}
		beta = 1
	}
	kernel.Gemm(kernel.NoTrans, kernel.NoTrans, hi-lo, w, o.f, o.x.V[(lo*o.steps+t)*o.f:], o.steps*o.f, o.w.W, w, beta, z, w)
	kernel.Gemm(kernel.NoTrans, kernel.NoTrans, hi-lo, w, o.u, o.at(o.h, t, lo, hi, o.u), o.u, o.r.W, w, 1, z, w)
}

// past reports whether step t lies behind the end of row n.
func (o *rnn) past(t, n int) bool { return o.ends != nil && t >= o.ends[n] }

// carry keeps, in the states h of step t, those before of the rows that have ended; both are ld apart. The first step
// is part of every sequence.
func (o *rnn) carry(h, before []float32, ld, t, lo, hi int) {
	if o.ends == nil {
		return
	}
	for n := lo; n < hi; n++ {
		if r := n - lo; o.past(t, n) {
			copy(h[r*ld:(r+1)*ld], before[r*ld:(r+1)*ld])
		}
	}
}

// emit hands on the states h [hi-lo, u], ld apart, of step t.
func (o *rnn) emit(h []float32, ld, t, lo, hi int) {
	for n := lo; n < hi; n++ {
		row := h[(n-lo)*ld : (n-lo)*ld+o.u]
		switch {
		case o.sequences:
			copy(o.y.V[(n*o.steps+t)*o.u:], row)
		case t == o.steps-1:
			copy(o.y.V[n*o.u:], row)
		}
	}
}

// gather adds the output's gradient of step t to dh [hi-lo, u], ld apart. What comes behind a row's end repeats its last
// state, which gets all of that gradient; until then the row's dh is 0, and so is all that follows from it.
func (o *rnn) gather(dh []float32, ld, t, lo, hi int) {
	for n := lo; n < hi; n++ {
		row := dh[(n-lo)*ld : (n-lo)*ld+o.u]
		last := o.steps - 1
		if o.ends != nil {
			last = o.ends[n] - 1
		}
		switch {
		case t > last:
		case o.sequences && t == last:
			for s := o.steps - 1; s >= t; s-- {
				kernel.Add(row, o.y.D[(n*o.steps+s)*o.u:][:o.u])
			}
		case o.sequences:
			kernel.Add(row, o.y.D[(n*o.steps+t)*o.u:][:o.u])
		case t == last:
			copy(row, o.y.D[n*o.u:(n+1)*o.u])
		}
	}
}

// gatesBack turns dz of step t into the gradients by the state before (dh) and by the input.
func (o *rnn) gatesBack(dh []float32, t, lo, hi int) {
	w := o.width()
	dz := o.at(o.dz, t, lo, hi, w)
	if t > 0 {
		kernel.Gemm(kernel.NoTrans, kernel.T, hi-lo, o.u, w, dz, w, o.r.W, w, 0, dh, o.u)
	}
	if o.x.D != nil {
		kernel.Gemm(kernel.NoTrans, kernel.T, hi-lo, o.f, w, dz, w, o.w.W, w, 0, o.x.D[(lo*o.steps+t)*o.f:], o.steps*o.f)
	}
}

// gradients computes some gate columns of the weight gradients, step after step.
func (o *rnn) gradients(chunk, _ int) {
	w := o.width()
	lo, hi := o.columnCut().at(chunk)
	n := hi - lo
	for i := range o.f {
		clear(o.w.G[i*w+lo : i*w+hi])
	}
	for i := range o.u {
		clear(o.r.G[i*w+lo : i*w+hi])
	}
	if o.b.G != nil {
		clear(o.b.G[lo:hi])
	}
	for t := range o.steps {
		dz := o.at(o.dz, t, 0, o.pass.Rows, w)
		kernel.Gemm(kernel.T, kernel.NoTrans, o.f, n, o.pass.Rows, o.x.V[t*o.f:], o.steps*o.f, dz[lo:], w, 1, o.w.G[lo:], w)
		if t > 0 {
			kernel.Gemm(kernel.T, kernel.NoTrans, o.u, n, o.pass.Rows, o.at(o.h, t, 0, o.pass.Rows, o.u), o.u, dz[lo:], w, 1, o.r.G[lo:], w)
		}
		if o.b.G != nil {
			for r := range o.pass.Rows {
				kernel.Add(o.b.G[lo:hi], dz[r*w+lo:r*w+hi])
			}
		}
	}
}

func (o *rnn) Forward(p *Pass) {
	o.pass, o.ends = p, o.x.ends(p)
	p.pool.run(o.rowCut().chunks(), o.forwardT)
}

func (o *rnn) Backward(p *Pass) {
	o.pass, o.ends = p, o.x.ends(p)
	p.pool.run(o.rowCut().chunks(), o.backT)
	if o.w.G != nil {
		p.pool.run(o.columnCut().chunks(), o.gradT)
	}
}
