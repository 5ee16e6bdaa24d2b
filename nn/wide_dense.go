package nn

import "cnnbench/nn/kernel"

// Dense layers of so many units and inputs, on so few rows, keep their weights in panels while they train: with few rows,
// a product takes hardly longer than packing its weights does.
const (
	wideUnits  = 256
	wideInputs = 64
	wideRows   = 256
)

// widePanel is the most inputs of a chunk of a wide layer's weight gradient: a panel, or a part of a long one.
const widePanel = 1024

// wideDense is a dense layer whose weights lie in panels: the forward pass reads them as they are, and the gradient of a
// panel goes into the optimizer's step piece by piece, along memory.
type wideDense struct {
	*dense
	weights *kernel.Panelled
	memory  [][]float32 // of dy and dy' as right operands and of x' [in, rows]
	scratch [][]float32 // of each worker: dx' [inputs, rows] or dW [inputs, PanelWidth] of a chunk

	inputT, weightT func(chunk, worker int)
}

func newWideDense(b *Builder, d *dense) *wideDense {
	o := &wideDense{dense: d, weights: kernel.NewPanelled(d.in, d.units)}
	rows := b.Batch * d.rowsPer
	o.memory = b.Common(kernel.PanelsSize(rows, d.units) + kernel.PanelColumns(rows)*d.units + rows*d.in)
	o.scratch = b.Scratch(max(d.inputs()*rows, min(d.in, widePanel)*kernel.PanelWidth()))
	d.panelled, d.layOutT = true, o.layOut
	o.inputT, o.weightT = o.inputGradient, o.weightGradient
	return o
}

// parts are dy [rows, units] and dy' [units, rows], laid out, and x'.
func (o *wideDense) parts() (dy, dyT, xT []float32) {
	n := kernel.PanelsSize(o.rows(), o.units)
	m := n + kernel.PanelColumns(o.rows())*o.units
	return o.memory[0][:n], o.memory[0][n:m], o.memory[0][m:]
}

func (o *wideDense) panelCut() blocks { return blocks{o.in, widePanel} }

func (o *wideDense) Backward(p *Pass) {
	o.pass = p
	o.output(p)
	if o.x.D != nil {
		p.pool.run(o.inCut().chunks(), o.inputT)
	}
	p.pool.run(o.units/kernel.PanelWidth()*o.panelCut().chunks(), o.weightT)
}

// layOut lays out the gradient by the linear output of some units, and x' for some inputs.
func (o *wideDense) layOut(chunk, _ int) {
	u0, u1 := o.unitCut().at(chunk)
	o.linear(u0, u1)
	rows := o.rows()
	dy, dyT, xT := o.parts()
	kernel.Pack(dy, rows, o.units, o.y.D, o.units, u0, u1)
	if o.x.D != nil {
		o.weights.PackT(dyT, rows, o.y.D, o.units, u0, u1)
	}
	i0, i1 := chunk*o.in/o.unitCut().chunks(), (chunk+1)*o.in/o.unitCut().chunks()
	kernel.Transpose(xT[i0*rows:], rows, o.x.V[i0:], o.in, rows, i1-i0)
}

// inputGradient computes some columns of dx = dy W'.
func (o *wideDense) inputGradient(chunk, worker int) {
	i0, i1 := o.inCut().at(chunk)
	rows := o.rows()
	_, dyT, _ := o.parts()
	dxT := o.scratch[worker] // [i1-i0, rows]
	o.weights.Multiply(o.w.W, i0, i1, dyT, rows, dxT, rows)
	kernel.Transpose(o.x.D[i0:], o.in, dxT, rows, i1-i0, rows)
}

// weightGradient moves the weights of a panel, or of a part of one, by dW = x' dy; the first chunk computes db too.
func (o *wideDense) weightGradient(chunk, worker int) {
	w, rows := kernel.PanelWidth(), o.rows()
	down := o.panelCut().chunks()
	u0 := chunk / down * w
	lo, hi := o.panelCut().at(chunk % down)
	dy, _, xT := o.parts()
	dw := o.scratch[worker][:(hi-lo)*w] // [hi-lo, w]
	kernel.GemmPanels(kernel.NoTrans, hi-lo, w, rows, xT[lo*rows:], rows, dy[u0*rows:], false, dw, w)
	o.w.Update(u0*o.in+lo*w, dw)
	if chunk == 0 {
		o.biasGradient()
	}
}
