package nn

import (
	"fmt"

	"cnnbench/nn/kernel"
	"cnnbench/spec"
)

// Dense is a fully connected layer: y = f(x W + b) over the last axis.
//
// Shapes: [.., in] to [.., units]; kernel [in, units], bias [units].
type Dense struct {
	Common            `yaml:",inline"`
	Units             int          `yaml:"units" required:"true" min:"1" max:"1000000" doc:"neurons, the size of the output"`
	Activation        Activation   `yaml:"activation" doc:"function of the output; null: linear"`
	UseBias           bool         `yaml:"use_bias" doc:"add a trained bias"`
	KernelInitializer Initializer  `yaml:"kernel_initializer" doc:"how the weights start"`
	BiasInitializer   Initializer  `yaml:"bias_initializer" doc:"how the biases start"`
	KernelRegularizer *Regularizer `yaml:"kernel_regularizer" doc:"penalty on the weights: {l1: .., l2: ..}"`
	BiasRegularizer   *Regularizer `yaml:"bias_regularizer" doc:"penalty on the biases"`
}

// Plan is Keras's Dense: the last axis is replaced by the units.
func (l *Dense) Plan(in Shape) (Plan, error) {
	if len(in) == 0 || in[len(in)-1] == 0 {
		return Plan{}, fmt.Errorf("the input %v has no fixed last axis; dense needs one", in)
	}
	n := in[len(in)-1]
	out := append(append(Shape{}, in[:len(in)-1]...), l.Units)
	p := Plan{Out: out, Masking: Keeps, Params: []Param{{Name: "kernel", Shape: []int{n, l.Units}, Init: l.KernelInitializer, Regularizer: l.KernelRegularizer, Streams: true}}}
	if l.UseBias {
		p.Params = append(p.Params, Param{Name: "bias", Shape: []int{l.Units}, Init: l.BiasInitializer, Regularizer: l.BiasRegularizer})
	}
	p.MACs = int64(n) * int64(l.Units)
	for _, d := range in[:len(in)-1] {
		p.MACs *= int64(max(d, 1))
	}
	return p, nil
}

// The cuts of a dense layer. A chunk of the forward pass is a product of some rows with some units; one of the backward
// pass is some inputs: its weights are read for the input gradient, and moved, while they are in the cache.
const (
	denseRows   = 192
	denseUnits  = 64
	denseBlock  = 256   // most rows of a block
	denseLines  = 8     // rows whose activation goes by whole rows
	denseChunk  = 16384 // weights of a chunk of inputs, about
	denseInputs = 32    // fewer do not fill the tiles of every kernel well
)

type dense struct {
	x, y      *Edge
	w, b      Tensor
	in, units int
	rowsPer   int // rows of one sample: the product of the axes before the last
	block     int // rows whose input gradient is worked out at a time
	act       activate
	whole     bool // the activation wants whole rows
	panelled  bool // the weights lie in panels

	// dy and dyT hold the gradient by the linear output as right operands of products: [rows, units] and [units, rows].
	// Nobody else needs it in these forms, so the memory is shared.
	panels  [][]float32
	scratch [][]float32 // of each worker, for a chunk: dx' or x [inputs, spread(block)] and dW [inputs, units]

	pass                 *Pass
	multiplyT, activateT func(chunk, worker int)
	deactivateT, layOutT func(chunk, worker int)
	gradientT            func(chunk, worker int)
}

// Build makes the operation.
func (l *Dense) Build(b *Builder) Op {
	o := &dense{x: b.X, y: b.Y, w: b.Params[0], in: b.In[len(b.In)-1], units: l.Units}
	o.rowsPer = b.In.Size() / o.in
	if l.UseBias {
		o.b = b.Params[1]
	}
	o.act.build(b, l.Activation, b.Out.Size())
	_, o.whole = l.Activation.(*Softmax)
	o.multiplyT, o.activateT, o.deactivateT, o.layOutT, o.gradientT = o.multiply, o.activate, o.deactivate, o.layOut, o.gradients
	if o.units >= wideUnits && o.in >= wideInputs && b.Batch*o.rowsPer <= wideRows && kernel.PanelledFits(o.in, o.units) && b.Panels(0) {
		return newWideDense(b, o)
	}
	if o.w.trained() || b.InputGradient {
		rows := b.Batch * o.rowsPer
		o.panels = b.Common(kernel.PanelsSize(rows, o.units) + kernel.PanelsSize(o.units, rows))
		o.block = min(denseBlock, rows)
		o.scratch = b.Scratch(o.inputs() * (spread(o.block) + o.units))
	}
	return o
}

// inputs is the number of inputs of a chunk: about alike and, where there are enough, four and more; whole vectors.
func (o *dense) inputs() int {
	most := min(max(denseChunk/o.units/denseInputs, 1), 6) * denseInputs
	chunks := max((o.in+most-1)/most, min(4, o.in/denseInputs))
	return (o.in + 16*chunks - 1) / (16 * chunks) * 16
}

func (o *dense) rows() int    { return o.pass.Rows * o.rowsPer }
func (o *dense) rowCut() cut  { return cut{o.rows(), denseRows} }
func (o *dense) lineCut() cut { return cut{o.rows(), denseLines} }
func (o *dense) inCut() cut   { return cut{o.in, o.inputs()} }

// unitCut makes narrower chunks where there would be few.
func (o *dense) unitCut() cut {
	if o.units < 4*denseUnits {
		return cut{o.units, denseUnits / 2}
	}
	return cut{o.units, denseUnits}
}

func (o *dense) Forward(p *Pass) {
	o.pass = p
	p.pool.run(o.rowCut().chunks()*o.unitCut().chunks(), o.multiplyT)
	if o.whole {
		p.pool.run(o.lineCut().chunks(), o.activateT)
	}
}

// multiply computes one tile of f(x W + b).
func (o *dense) multiply(chunk, _ int) {
	across := o.unitCut().chunks()
	r0, r1 := o.rowCut().at(chunk / across)
	u0, u1 := o.unitCut().at(chunk % across)
	z := o.act.in(o.y.V)
	x, at := o.x.V[r0*o.in:], z[r0*o.units+u0:]
	if o.panelled {
		kernel.GemmPanels(kernel.NoTrans, r1-r0, u1-u0, o.in, x, o.in, o.w.W[u0*o.in:], false, at, o.units)
	} else {
		kernel.Gemm(kernel.NoTrans, kernel.NoTrans, r1-r0, u1-u0, o.in, x, o.in, o.w.W[u0:], o.units, 0, at, o.units)
	}
	for r := r0; r < r1; r++ {
		lo, hi := r*o.units+u0, r*o.units+u1
		if o.b.W != nil {
			kernel.Add(z[lo:hi], o.b.W[u0:u1])
		}
		if !o.whole {
			o.act.forward(o.y.V, lo, hi, u1-u0)
		}
	}
}

// activate applies the activation to some rows.
func (o *dense) activate(chunk, _ int) {
	r0, r1 := o.lineCut().at(chunk)
	o.act.forward(o.y.V, r0*o.units, r1*o.units, o.units)
}

// parts are the panels of the gradient and of its transpose.
func (o *dense) parts() (dy, dyT []float32) {
	n := kernel.PanelsSize(o.rows(), o.units)
	return o.panels[0][:n], o.panels[0][n:]
}

func (o *dense) Backward(p *Pass) {
	o.pass = p
	if o.panels == nil {
		return
	}
	o.output(p)
	p.pool.run(o.inCut().chunks(), o.gradientT)
}

// output works out the gradient by the linear output and lays it out.
func (o *dense) output(p *Pass) {
	if o.whole && !o.act.head {
		p.pool.run(o.lineCut().chunks(), o.deactivateT)
	}
	p.pool.run(o.unitCut().chunks(), o.layOutT)
}

// deactivate takes some rows of the gradient back through the activation.
func (o *dense) deactivate(chunk, _ int) {
	r0, r1 := o.lineCut().at(chunk)
	o.act.backward(o.y.D, o.y.V, r0*o.units, r1*o.units, o.units)
}

// layOut works out the gradient by the linear output of some units, those whose output the worker computed, and lays it
// out for the products.
func (o *dense) layOut(chunk, _ int) {
	u0, u1 := o.unitCut().at(chunk)
	o.linear(u0, u1)
	dy, dyT := o.parts()
	if o.w.trained() {
		kernel.Pack(dy, o.rows(), o.units, o.y.D, o.units, u0, u1)
	}
	if o.x.D != nil {
		kernel.PackT(dyT, o.units, o.rows(), o.y.D, o.units, u0, u1)
	}
}

// linear takes the gradient by some units back through the activation, where that was not done by whole rows.
func (o *dense) linear(u0, u1 int) {
	for r := 0; r < o.rows() && !o.whole; r++ {
		o.act.backward(o.y.D, o.y.V, r*o.units+u0, r*o.units+u1, u1-u0)
	}
}

// gradients computes some columns of dx = dy W' and some rows of dW = x' dy; with the first, db.
func (o *dense) gradients(chunk, worker int) {
	i0, i1 := o.inCut().at(chunk)
	n, rows := i1-i0, o.rows()
	dy, dyT := o.parts()
	work := o.scratch[worker][:n*spread(o.block)]
	if o.x.D != nil {
		for r := 0; r < rows; r += o.block {
			block := min(o.block, rows-r)
			ld := spread(block)
			kernel.GemmPanels(kernel.NoTrans, n, block, o.units, o.w.W[i0*o.units:], o.units, dyT[r*o.units:], false, work, ld) // [n, ld]
			kernel.Transpose(o.x.D[r*o.in+i0:], o.in, work, ld, n, block)
		}
	}
	if !o.w.trained() {
		return
	}
	lo, hi := i0*o.units, i1*o.units
	dw := o.scratch[worker][len(work):][:n*o.units] // [n, units]
	if o.w.Update == nil {
		dw = o.w.G[lo:hi]
	}
	x, ld := o.x.V[i0:], o.in
	if rows <= o.block {
		// Columns of a matrix whose rows are a power of 2 apart displace each other from the first cache.
		x, ld = work[:rows*n], n // [rows, n]
		for r := range rows {
			copy(x[r*n:(r+1)*n], o.x.V[r*o.in+i0:])
		}
	}
	kernel.GemmPanels(kernel.T, n, o.units, rows, x, ld, dy, false, dw, o.units)
	if o.w.Update != nil {
		o.w.Update(lo, dw)
	}
	if chunk == 0 {
		o.biasGradient()
	}
}

func (o *dense) biasGradient() {
	if o.b.G != nil {
		clear(o.b.G)
		kernel.SumRows(o.b.G, o.y.D[:o.rows()*o.units])
	}
}

func (l *Dense) head() Activation  { return l.Activation }
func (o *dense) logits() []float32 { return o.act.z }

func init() {
	Layers.Register(spec.Kind{Name: "dense", Class: "Dense", Doc: "fully connected: every input to every neuron", New: func() any {
		return &Dense{Common: common(), UseBias: true, KernelInitializer: &GlorotUniform{}, BiasInitializer: &Zeros{}}
	}})
}
