package nn

import "cnnbench/nn/kernel"

// lstmColumns is the number of gate columns whose weight gradient one chunk of the fused operation computes.
const lstmColumns = 32

// fuses reports whether the layer has the functions that the kernels compute beside the products: a rule by the layer
// alone, so that the bits are the same on every machine with vector kernels.
func (l *LSTM) fuses() bool {
	_, tanh := l.Activation.(*Tanh)
	_, logistic := l.RecurrentActivation.(*Sigmoid)
	return tanh && logistic && kernel.Chained()
}

// fusedLSTM is the usual LSTM. Its buffers are time-major without gaps, [T, rows, ..] for the rows of the pass, so that
// the weight gradients are sums over one run of rows. They hold w units: the layer's, filled up to whole vectors. Where
// there is no way back, states take turns in two places and the rest has one.
type fusedLSTM struct {
	rnn
	g      kernel.LSTM
	wide   int       // w
	gates  []float32 // [T or 1, rows, 4w] then the gradients by their inputs
	cells  []float32 // [T or 1, rows, 2w]
	dc     []float32 // [rows, w] gradient by the cells
	states int       // steps that h has room for
	keeps  int       // steps that gates and cells have room for
	common [][]float32
	lstmShared
}

// lstmShared is what lies in the memory that all operations share.
type lstmShared struct {
	weights []float32 // packed for the steps
	turned  []float32 // panels of the recurrent kernel transposed, [4w, u]
	toInput []float32 // panels of the kernel transposed, [4w, F]
	inputs  []float32 // [T, rows, F] the input, time-major
	filled  []float32 // [u or F, 4w] one of the kernels, its gates filled up
}

// spread is the distance at which to keep rows of n values: an odd number of cache lines, so that the rows of a column
// fall to all places of the first cache.
func spread(n int) int { return ((n+15)/16 | 1) * 16 }

// buildFused makes the operation.
func (l *LSTM) buildFused(b *Builder) Op {
	o := &fusedLSTM{}
	o.set(&l.Recurrent, b, 4)
	o.g = kernel.LSTM{F: o.f, U: o.u, X: o.steps * o.f}
	o.wide = o.g.Wide()
	o.g.H, o.g.G = spread(o.wide), spread(4*o.wide)
	o.states, o.keeps = min(o.steps, 2), 1
	if !b.Infer {
		o.states, o.keeps = o.steps, o.steps
		b.Floats(&o.dh, b.Batch*o.wide)
		b.Floats(&o.dc, b.Batch*o.wide)
	}
	b.Floats(&o.h, o.states*b.Batch*o.g.H)
	b.Floats(&o.gates, o.keeps*b.Batch*o.g.G)
	b.Floats(&o.cells, o.keeps*b.Batch*2*o.wide)
	size := o.g.Packed()
	if !b.Infer {
		back := 0
		for _, n := range o.shares(b.InputGradient) {
			back += n
		}
		size = max(size, back)
	}
	o.common = b.Common(size)
	o.forwardT, o.backT, o.gradT = o.forward, o.back, o.gradients
	o.columns = lstmColumns
	return o
}

// shares is how much the way back needs of the shared memory for turned, toInput, inputs and filled.
func (o *fusedLSTM) shares(inputGradient bool) (n [4]int) {
	n[0] = kernel.PanelsSize(4*o.wide, o.u)
	if inputGradient {
		n[1] = kernel.PanelsSize(4*o.wide, o.f)
	}
	if o.w.G != nil {
		n[2] = o.steps * o.batch * spread(o.f)
	}
	if o.wide > o.u {
		n[3] = max(o.u, o.f) * 4 * o.wide
	}
	return n
}

// rows gives the rows lo..hi at step t; before the first step there are none.
func (o *fusedLSTM) rows(t, lo, hi int) kernel.LSTMRows {
	if t < 0 {
		return kernel.LSTMRows{}
	}
	return kernel.LSTMRows{
		H:     o.part(o.h, t%o.states, lo, hi, o.g.H),
		Gates: o.part(o.gates, t%o.keeps, lo, hi, o.g.G),
		Cells: o.part(o.cells, t%o.keeps, lo, hi, 2*o.wide),
	}
}

// part gives the rows lo..hi of step t of a buffer of n values a row.
func (o *fusedLSTM) part(buf []float32, t, lo, hi, n int) []float32 {
	rows := o.pass.Rows
	return buf[(t*rows+lo)*n : (t*rows+hi)*n]
}

func (o *fusedLSTM) Forward(p *Pass) {
	o.weights = o.common[0][:o.g.Packed()]
	o.g.Pack(o.weights, o.w.W, o.r.W, o.b.W)
	o.rnn.Forward(p)
}

func (o *fusedLSTM) forward(chunk, _ int) {
	lo, hi := o.rowCut().at(chunk)
	x := o.x.V[lo*o.g.X : hi*o.g.X] // [hi-lo, T, F]
	for t := range o.steps {
		before, now := o.rows(t-1, lo, hi), o.rows(t, lo, hi)
		o.g.Step(o.weights, x[t*o.f:], before, now, hi-lo)
		o.carry(now.H, before.H, o.g.H, t, lo, hi)
		o.emit(now.H, o.g.H, t, lo, hi)
	}
}

func (o *fusedLSTM) Backward(p *Pass) {
	rest := o.common[0]
	parts := [...]*[]float32{&o.turned, &o.toInput, &o.inputs, &o.filled}
	for i, n := range o.shares(o.x.D != nil) {
		*parts[i], rest = rest[:n], rest[n:]
	}
	o.turn(o.turned, o.r.W, o.u)
	if o.x.D != nil {
		o.turn(o.toInput, o.w.W, o.f)
	}
	o.rnn.Backward(p)
}

// turn lays out the transpose of w [n, 4u] for products with the gradients by the gates' inputs.
func (o *fusedLSTM) turn(panels, w []float32, n int) {
	if o.wide > o.u {
		clear(o.filled)
		for i := range 4 * n {
			copy(o.filled[i*o.wide:], w[i*o.u:(i+1)*o.u])
		}
		w = o.filled
	}
	kernel.PackT(panels, 4*o.wide, n, w, 4*o.wide, 0, 4*o.wide)
}

func (o *fusedLSTM) back(chunk, _ int) {
	cut := o.rowCut()
	if last := chunk ^ 1; last < cut.chunks() {
		chunk = last // of two neighbours, which are one worker's, the later one of the forward pass is still in the cache
	}
	lo, hi := cut.at(chunk)
	n := hi - lo
	dh, dc := o.dh[lo*o.wide:hi*o.wide], o.dc[lo*o.wide:hi*o.wide]
	clear(dh)
	clear(dc)
	for t := o.steps - 1; t >= 0; t-- {
		o.gather(dh, o.wide, t, lo, hi)
		now := o.rows(t, lo, hi)
		o.g.Back(o.rows(t-1, lo, hi), now, dh, dc, n)
		if t > 0 {
			kernel.GemmPanels(kernel.NoTrans, n, o.u, 4*o.wide, now.Gates, o.g.G, o.turned, false, dh, o.wide)
		}
		if o.x.D != nil {
			kernel.GemmPanels(kernel.NoTrans, n, o.f, 4*o.wide, now.Gates, o.g.G, o.toInput, false, o.x.D[lo*o.g.X+t*o.f:], o.g.X)
		}
		if o.w.G != nil {
			o.copyInputs(t, lo, hi)
		}
	}
}

// copyInputs copies the inputs of step t for the weight gradients.
func (o *fusedLSTM) copyInputs(t, lo, hi int) {
	ld := spread(o.f)
	to := o.part(o.inputs, t, lo, hi, ld)
	for n := lo; n < hi; n++ {
		copy(to[(n-lo)*ld:][:o.f], o.x.V[n*o.g.X+t*o.f:])
	}
}

// gradients computes some gate columns of the weight gradients.
func (o *fusedLSTM) gradients(chunk, _ int) {
	w := o.width()
	lo, hi := o.columnCut().at(chunk)
	for lo < hi {
		// The columns of one gate lie together, and those of all if nothing fills them up.
		n, at := hi-lo, lo
		if o.wide > o.u {
			n, at = min(n, o.u-lo%o.u), lo/o.u*o.wide+lo%o.u
		}
		o.columnGradients(lo, n, w, o.gates[at:])
		lo += n
	}
}

// columnGradients computes n columns of the weight gradients from lo on; dz [T*rows, n] are those by the gates' inputs.
func (o *fusedLSTM) columnGradients(lo, n, w int, dz []float32) {
	rows := o.pass.Rows
	all := o.steps * rows
	later := dz[min(rows*o.g.G, len(dz)):] // without the first step, whose states before are 0
	kernel.GemmInPlace(kernel.T, o.f, n, all, o.inputs, spread(o.f), dz, o.g.G, o.w.G[lo:], w)
	kernel.GemmInPlace(kernel.T, o.u, n, all-rows, o.h, o.g.H, later, o.g.G, o.r.G[lo:], w)
	if o.b.G != nil {
		clear(o.b.G[lo : lo+n])
		kernel.SumColumns(o.b.G[lo:lo+n], dz, o.g.G, all)
	}
}
