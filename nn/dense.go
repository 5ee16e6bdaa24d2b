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
	p := Plan{Out: out, Params: []Param{{Name: "kernel", Shape: []int{n, l.Units}, Init: l.KernelInitializer, Regularizer: l.KernelRegularizer}}}
	if l.UseBias {
		p.Params = append(p.Params, Param{Name: "bias", Shape: []int{l.Units}, Init: l.BiasInitializer, Regularizer: l.BiasRegularizer})
	}
	p.MACs = int64(n) * int64(l.Units)
	for _, d := range in[:len(in)-1] {
		p.MACs *= int64(max(d, 1))
	}
	return p, nil
}

// denseTile is the number of rows or columns of a chunk's product.
const denseTile = 64

type dense struct {
	x, y      *Edge
	w, b      Tensor
	in, units int
	rowsPer   int // rows of one sample: the product of the axes before the last
	act       activate

	pass                  *Pass
	multiplyT, activateT  func(chunk, worker int)
	deactivateT, gradient func(chunk, worker int)
}

// Build makes the operation.
func (l *Dense) Build(b *Builder) Op {
	o := &dense{x: b.X, y: b.Y, w: b.Params[0], in: b.In[len(b.In)-1], units: l.Units}
	o.rowsPer = b.In.Size() / o.in
	if l.UseBias {
		o.b = b.Params[1]
	}
	o.act.build(b, l.Activation, b.Out.Size())
	o.multiplyT, o.activateT, o.deactivateT, o.gradient = o.multiply, o.activate, o.deactivate, o.gradients
	return o
}

func (o *dense) rows() int        { return o.pass.Rows * o.rowsPer }
func (o *dense) rowCut() cut      { return cut{o.rows(), denseTile} }
func (o *dense) unitCut() cut     { return cut{o.units, denseTile} }
func (o *dense) inCut() cut       { return cut{o.in, denseTile} }
func (o *dense) hasBias() bool    { return o.b.W != nil }
func (o *dense) trains() bool     { return o.w.G != nil }
func (o *dense) wantsInput() bool { return o.x.D != nil }

func (o *dense) Forward(p *Pass) {
	o.pass = p
	p.pool.run(o.rowCut().chunks()*o.unitCut().chunks(), o.multiplyT)
	if o.hasBias() || !o.act.linear() {
		p.pool.run(o.rowCut().chunks(), o.activateT)
	}
}

// multiply computes one tile of x W.
func (o *dense) multiply(chunk, _ int) {
	across := o.unitCut().chunks()
	r0, r1 := o.rowCut().at(chunk / across)
	u0, u1 := o.unitCut().at(chunk % across)
	z := o.act.in(o.y.V)
	kernel.Gemm(kernel.NoTrans, kernel.NoTrans, r1-r0, u1-u0, o.in, o.x.V[r0*o.in:], o.in, o.w.W[u0:], o.units, 0, z[r0*o.units+u0:], o.units)
}

// activate adds the bias to some rows and applies the activation.
func (o *dense) activate(chunk, _ int) {
	r0, r1 := o.rowCut().at(chunk)
	if o.hasBias() {
		kernel.AddRows(o.act.in(o.y.V)[r0*o.units:r1*o.units], o.b.W)
	}
	o.act.forward(o.y.V, r0*o.units, r1*o.units, o.units)
}

func (o *dense) Backward(p *Pass) {
	o.pass = p
	p.pool.run(o.rowCut().chunks(), o.deactivateT)
	chunks := 0
	if o.trains() {
		chunks += o.inCut().chunks()
	}
	if o.wantsInput() {
		chunks += o.rowCut().chunks() * o.inCut().chunks()
	}
	p.pool.run(chunks, o.gradient)
}

func (o *dense) deactivate(chunk, _ int) {
	r0, r1 := o.rowCut().at(chunk)
	o.act.backward(o.y.D, o.y.V, r0*o.units, r1*o.units, o.units)
}

// gradients computes some rows of dW = x' dy (with the first, db), or one tile of dx = dy W'.
func (o *dense) gradients(chunk, _ int) {
	rows, across := o.rows(), o.inCut().chunks()
	if o.trains() {
		if chunk < across {
			i0, i1 := o.inCut().at(chunk)
			kernel.Gemm(kernel.T, kernel.NoTrans, i1-i0, o.units, rows, o.x.V[i0:], o.in, o.y.D, o.units, 0, o.w.G[i0*o.units:], o.units)
			if chunk == 0 && o.hasBias() {
				clear(o.b.G)
				kernel.SumRows(o.b.G, o.y.D[:rows*o.units])
			}
			return
		}
		chunk -= across
	}
	r0, r1 := o.rowCut().at(chunk / across)
	i0, i1 := o.inCut().at(chunk % across)
	kernel.Gemm(kernel.NoTrans, kernel.T, r1-r0, i1-i0, o.units, o.y.D[r0*o.units:], o.units, o.w.W[i0*o.units:], o.units, 0, o.x.D[r0*o.in+i0:], o.in)
}

func (l *Dense) head() Activation  { return l.Activation }
func (o *dense) logits() []float32 { return o.act.z }

func init() {
	Layers.Register(spec.Kind{Name: "dense", Class: "Dense", Doc: "fully connected: every input to every neuron", New: func() any {
		return &Dense{Common: common(), UseBias: true, KernelInitializer: &GlorotUniform{}, BiasInitializer: &Zeros{}}
	}})
}
