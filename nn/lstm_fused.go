package nn

import "cnnbench/nn/kernel"

// fuses reports whether the layer has the functions that the kernels compute beside the products: a rule by the layer
// alone, so that the bits are the same on every machine with vector kernels.
func (l *LSTM) fuses() bool {
	_, tanh := l.Activation.(*Tanh)
	_, logistic := l.RecurrentActivation.(*Sigmoid)
	return tanh && logistic && kernel.Chained()
}

// fusedLSTM is the usual LSTM. A chunk's rows go through time forth and back, and give their part of the weight gradient,
// by themselves, so its buffers lie together: [chunks, T, rows of a chunk, ..]. They hold w units: the layer's, filled up
// to whole vectors. Where there is no way back, states take turns in two places and the rest has one.
type fusedLSTM struct {
	rnn
	g      kernel.LSTM
	wide   int         // w
	gates  []float32   // [chunks, T or 1, rows, 4w] then the gradients by their inputs
	cells  []float32   // [chunks, T or 1, rows, 2w]
	dc     []float32   // [rows, w] gradient by the cells
	states int         // steps that h has room for
	keeps  int         // steps that gates and cells have room for
	grads  shards      // [F+U+1, 4U] of the chunks: the gradients of kernel, recurrent kernel and bias
	inputs [][]float32 // of each worker: [T, rows, F] a chunk's input, time-major
	common [][]float32

	packT, turnT, reduceT func(chunk, worker int)
	lstmShared
}

// lstmShared is what lies in the memory that all operations share.
type lstmShared struct {
	weights []float32 // packed for the steps
	turned  []float32 // panels of the recurrent kernel transposed, [4w, u]
	toInput []float32 // panels of the kernel transposed, [4w, F]
	filled  []float32 // [u or F, 4w] one of the kernels, its gates filled up
}

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
	if o.w.G != nil {
		n := (o.f + o.u + 1) * o.width()
		o.grads.build(b, min(shardsOf(n), cut{b.Batch, rnnRows}.chunks()), n)
		o.inputs = b.Scratch(o.steps * rnnRows * spread(o.f))
	}
	o.packT, o.forwardT, o.turnT, o.backT, o.reduceT = o.pack, o.forward, o.turn, o.back, o.reduce
	return o
}

// shares is how much the way back needs of the shared memory for turned, toInput and filled.
func (o *fusedLSTM) shares(inputGradient bool) (n [3]int) {
	n[0] = kernel.PanelsSize(4*o.wide, o.u)
	if inputGradient {
		n[1] = kernel.PanelsSize(4*o.wide, o.f)
	}
	if o.wide > o.u {
		n[2] = max(o.u, o.f) * 4 * o.wide
	}
	return n
}

// rows gives a chunk's rows lo..hi at step t; before the first step there are none.
func (o *fusedLSTM) rows(t, lo, hi int) kernel.LSTMRows {
	if t < 0 {
		return kernel.LSTMRows{}
	}
	// part gives those of a buffer that has room for so many steps of n values a row.
	part := func(buf []float32, steps, n int) []float32 {
		rows := hi - lo
		return buf[(lo*steps+t%steps*rows)*n:][:rows*n]
	}
	return kernel.LSTMRows{H: part(o.h, o.states, o.g.H), Gates: part(o.gates, o.keeps, o.g.G), Cells: part(o.cells, o.keeps, 2*o.wide)}
}

func (o *fusedLSTM) Forward(p *Pass) {
	o.weights = o.common[0][:o.g.Packed()]
	p.pool.run(o.g.Groups(), o.packT)
	o.rnn.Forward(p)
}

// pack packs the weights of a group of units.
func (o *fusedLSTM) pack(group, _ int) { o.g.Pack(o.weights, o.w.W, o.r.W, o.b.W, group) }

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
	parts := [...]*[]float32{&o.turned, &o.toInput, &o.filled}
	for i, n := range o.shares(o.x.D != nil) {
		*parts[i], rest = rest[:n], rest[n:]
	}
	o.pass, o.ends = p, o.x.ends(p)
	p.pool.run(o.turnCut().chunks(), o.turnT)
	p.pool.run(o.shardCut().chunks(), o.backT)
	if o.w.G != nil {
		p.pool.run(o.reduceCut().chunks(), o.reduceT)
	}
}

// shardCut cuts the chunks of rows for the gradients.
func (o *fusedLSTM) shardCut() cut { return o.grads.of(o.rowCut().chunks()) }

// turnCut cuts the columns of the kernels that are turned: where they are filled up, all are one part.
func (o *fusedLSTM) turnCut() cut {
	if o.wide > o.u {
		return cut{4 * o.wide, 4 * o.wide}
	}
	return cut{4 * o.wide, 64}
}

// turn lays out the transposes of some columns of the kernels for products with the gradients by the gates' inputs.
func (o *fusedLSTM) turn(chunk, _ int) {
	lo, hi := o.turnCut().at(chunk)
	kernel.PackT(o.turned, 4*o.wide, o.u, o.fill(o.r.W, o.u), 4*o.wide, lo, hi)
	if o.x.D != nil {
		kernel.PackT(o.toInput, 4*o.wide, o.f, o.fill(o.w.W, o.f), 4*o.wide, lo, hi)
	}
}

// fill gives w [n, 4u] with its gates filled up.
func (o *fusedLSTM) fill(w []float32, n int) []float32 {
	if o.wide == o.u {
		return w
	}
	clear(o.filled)
	for i := range 4 * n {
		copy(o.filled[i*o.wide:], w[i*o.u:(i+1)*o.u])
	}
	return o.filled
}

// back takes a shard's rows back through time, and adds up the shard's part of the weight gradients. It begins with the
// last ones of the forward pass, which are still in the cache.
func (o *fusedLSTM) back(shard, worker int) {
	first, end := o.shardCut().at(shard)
	for chunk := end - 1; chunk >= first; chunk-- {
		lo, hi := o.rowCut().at(chunk)
		o.through(lo, hi)
		if o.w.G != nil {
			o.addGradients(shard, lo, hi, o.inputs[worker], chunk < end-1)
		}
	}
}

// through takes a chunk's rows back through time.
func (o *fusedLSTM) through(lo, hi int) {
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
	}
}

// addGradients adds a chunk's part of the weight gradients to the shard's, or begins with it.
func (o *fusedLSTM) addGradients(shard, lo, hi int, inputs []float32, add bool) {
	rows, ld, width := hi-lo, spread(o.f), o.width()
	for t := range o.steps {
		for n := range rows {
			copy(inputs[(t*rows+n)*ld:][:o.f], o.x.V[(lo+n)*o.g.X+t*o.f:])
		}
	}
	sum := o.grads.part(shard)
	h, gates := o.h[lo*o.steps*o.g.H:], o.gates[lo*o.steps*o.g.G:]
	later := gates[min(rows*o.g.G, len(gates)):] // without the first step, whose states before are 0
	// The columns of one gate lie together, and those of all if nothing fills them up.
	n := width
	if o.wide > o.u {
		n = o.u
	}
	for at := 0; at < width; at += n {
		from := at / o.u * o.wide
		kernel.GemmInPlace(kernel.T, o.f, n, o.steps*rows, inputs, ld, gates[from:], o.g.G, add, sum[at:], width)
		kernel.GemmInPlace(kernel.T, o.u, n, (o.steps-1)*rows, h, o.g.H, later[min(from, len(later)):], o.g.G, add, sum[o.f*width+at:], width)
		if o.b.G != nil {
			db := sum[(o.f+o.u)*width+at:][:n]
			if !add {
				clear(db)
			}
			kernel.SumColumns(db, gates[from:], o.g.G, o.steps*rows)
		}
	}
}

func (o *fusedLSTM) reduceCut() cut { return cut{o.grads.size, 4096} }

// reduce adds the shards' gradients, in their order.
func (o *fusedLSTM) reduce(chunk, _ int) {
	lo, hi := o.reduceCut().at(chunk)
	o.grads.reduce(o.shardCut().chunks(), lo, hi)
	at := 0
	for _, g := range [][]float32{o.w.G, o.r.G, o.b.G} {
		if from, to := max(lo, at), min(hi, at+len(g)); from < to {
			copy(g[from-at:], o.grads.sums[from:to])
		}
		at += len(g)
	}
}
