package nn

import "cnnbench/nn/kernel"

// direct is conv2d where vector kernels read the image in place of im2col's matrix. Its bits are the same. Its gradients
// are in panels until they are summed.
type direct struct {
	conv2d
	forwardC, gradientC, backC *kernel.Conv
	relu                       bool // done by the products
	scratch                    [][]float32
	common                     [][]float32
	packT, packTurnedT         func(chunk, worker int)

	// Where a pooling is computed with it, a worker has its output, or the gradient by that, of some images alone.
	pool  *pooled
	masks [][]uint8
	own   [][]float32
}

// fuseDirect takes a max pooling that follows to where an image's outputs are still in the cache.
func (l *Conv2D) fuseDirect(b *Builder, g kernel.Window, next []Layer, after []*Edge) (Op, int) {
	p, count := l.pooled(b, next, after)
	if p == nil {
		return nil, 0
	}
	o := l.buildDirect(b, g)
	images := o.forwardC.Images()
	if o.gradientC != nil {
		images = max(images, o.gradientC.Images())
	}
	o.pool, o.masks, o.own = p, p.mask(b), make([][]float32, b.workers)
	for i := range o.own {
		b.Floats(&o.own[i], images*b.Out.Size())
	}
	return o, 1 + count
}

// buildDirect makes the operation of a convolution of the geometry.
func (l *Conv2D) buildDirect(b *Builder, g kernel.Window) *direct {
	o := &direct{conv2d: conv2d{x: b.X, y: b.Y, w: b.Params[0], g: g, filters: l.Filters, k: g.K()}}
	if l.UseBias {
		o.b = b.Params[1]
	}
	o.plain = g.Plain()
	o.act.build(b, l.Activation, b.Out.Size())
	_, relu := l.Activation.(*Relu)
	o.relu = relu && o.act.z == nil
	o.forwardC = kernel.NewConv(g, l.Filters, kernel.ForwardPositions(g.Pixels()))
	scratch, maps := o.forwardC.Scratch(), kernel.PanelColumns(l.Filters)
	common := (o.k + 1) * maps
	if o.w.G != nil {
		o.gradientC = kernel.NewConv(g, l.Filters, kernel.GradientPositions(o.k))
		scratch = max(scratch, o.gradientC.GradientScratch())
		o.grads.build(b, shardsOf(o.k*o.filters), (o.k+1)*maps)
	}
	if b.InputGradient {
		if o.turned = turnedWindow(g); o.turned {
			o.back = g.Transposed(l.Filters)
			o.backC = kernel.NewConv(o.back, g.C, o.back.Pixels())
			scratch = max(scratch, o.backC.Scratch())
			common = max(common, o.back.K()*kernel.PanelColumns(g.C))
		} else {
			o.tile = convTile(&g)
			o.columns = b.Scratch(max(scratch, o.tile*o.k))
			o.scratch = o.columns
			b.Floats(&o.wt, o.filters*o.k)
		}
	}
	if o.scratch == nil {
		o.scratch = b.Scratch(scratch)
	}
	o.common = b.Common(common)
	o.forwardT, o.backT, o.reduceT, o.packT, o.packTurnedT = o.forward, o.backward, o.reduce, o.pack, o.packTurned
	return o
}

// panels is the kernel [panels, k, 16], packed for the forward pass, and bias the bias. Relu needs one: of 0 if there is
// none.
func (o *direct) panels() []float32 { return o.common[0][:o.k*kernel.PanelColumns(o.filters)] }
func (o *direct) bias() []float32 {
	if o.b.W == nil && !o.relu {
		return nil
	}
	return o.common[0][o.k*kernel.PanelColumns(o.filters):][:kernel.PanelColumns(o.filters)]
}

func (o *direct) Forward(p *Pass) {
	o.pass = p
	if o.pool != nil {
		o.pool.begin(p)
	}
	kernel.PackBias(o.bias(), o.b.W)
	p.pool.run(packCut(o.filters, o.k).chunks(), o.packT)
	p.pool.run(o.forwardCut().chunks(), o.forwardT)
}

// packCut cuts the packing of panels of n columns of k values.
func packCut(n, k int) cut { return cut{kernel.PanelColumns(n), kernel.PanelColumns(1 + 16384/k)} }

func (o *direct) pack(chunk, _ int) {
	lo, hi := packCut(o.filters, o.k).at(chunk)
	kernel.PackFilters(o.panels(), o.w.W, o.k, o.filters, lo, hi)
}

func (o *direct) packTurned(chunk, _ int) {
	lo, hi := packCut(o.g.C, o.back.K()).at(chunk)
	o.g.PackTurned(o.common[0], o.w.W, o.filters, lo, hi)
}

func (o *direct) forwardCut() cut { return cut{o.pass.Rows, o.forwardC.Images()} }

// forward computes some images.
func (o *direct) forward(chunk, worker int) {
	in, out := o.x.Shape.Size(), o.y.Shape.Size()
	lo, hi := o.forwardCut().at(chunk)
	var z []float32
	if o.pool != nil {
		z = o.own[worker][:(hi-lo)*out]
	} else {
		z = o.act.in(o.y.V)[lo*out : hi*out]
	}
	o.forwardC.Forward(z, o.x.V[lo*in:hi*in], hi-lo, o.panels(), o.bias(), o.relu, o.scratch[worker])
	switch {
	case o.pool != nil:
		for n := lo; n < hi; n++ {
			o.pool.forward(n, z[(n-lo)*out:(n-lo+1)*out], o.masks[worker])
		}
	case !o.relu:
		o.act.forward(o.y.V, lo*out, hi*out, o.filters)
	}
}

func (o *direct) Backward(p *Pass) {
	o.pass = p
	if o.x.D != nil {
		if o.turned {
			p.pool.run(packCut(o.g.C, o.back.K()).chunks(), o.packTurnedT)
		} else {
			o.transpose()
		}
	}
	p.pool.run(o.shardCut().chunks(), o.backT)
	if o.w.G != nil {
		p.pool.run(o.reduceCut().chunks(), o.reduceT)
	}
}

// backward computes the input gradient of a shard's images, and the shard's part of the weight gradient.
func (o *direct) backward(shard, worker int) {
	in, out := o.x.Shape.Size(), o.y.Shape.Size()
	lo, hi := o.shardCut().at(shard)
	var dw, db []float32
	if o.w.G != nil {
		part := o.grads.part(shard)
		dw, db = part[:len(o.panels())], part[len(o.panels()):]
		clear(db)
	}
	fused := o.relu && o.filters == kernel.PanelColumns(o.filters)
	for n := lo; n < hi; {
		images := 1
		if dw != nil {
			images = min(o.gradientC.Images(), hi-n)
		}
		end := n + images
		// What follows in y and dy is read ahead.
		var y []float32
		dy := o.y.D
		switch {
		case o.pool != nil:
			dy = o.own[worker][:images*out]
			o.pool.prepare(n, end)
			for i := range images {
				o.pool.backward(n+i, dy[i*out:(i+1)*out])
			}
		case dw == nil || !fused:
			o.act.backward(o.y.D, o.y.V, n*out, end*out, o.filters)
			dy = dy[n*out : o.pass.Rows*out]
		default:
			y, dy = o.y.V[n*out:o.pass.Rows*out], dy[n*out:o.pass.Rows*out]
		}
		if dw != nil {
			o.gradientC.Gradient(dw, db, o.x.V[n*in:end*in], dy, y, images, o.x.D != nil, n == lo, o.scratch[worker])
		}
		for ; n < end; n++ {
			if o.x.D == nil {
				continue
			}
			dx := o.x.D[n*in : (n+1)*in]
			if o.turned {
				o.backC.Backward(dx, dy[:out], o.common[0], o.scratch[worker])
			} else {
				o.inputGradient(dx, dy[:out], worker)
			}
			dy = dy[out:]
		}
	}
}

func (o *direct) reduceCut() cut { return cut{o.grads.size, 4096} }

// reduce adds the shards' gradients, in their order, and takes them out of the panels.
func (o *direct) reduce(chunk, _ int) {
	lo, hi := o.reduceCut().at(chunk)
	sum, weights := o.grads.reduce(o.shardCut().chunks(), lo, hi), len(o.panels())
	kernel.UnpackFilters(o.w.G, o.grads.sums, o.k, o.filters, lo, min(hi, weights))
	if from := max(lo, weights); hi > from && o.b.W != nil {
		copy(o.b.G[from-weights:], sum[from-lo:])
	}
}
