package nn

import (
	"math"

	"cnnbench/nn/kernel"
)

const convLanes = "lanes" // of Config.Convolution

// byLanes reports whether the convolution is computed on images side by side, with the pooling after it or without: under
// auto a rule by the layer and the batch alone, so that the bits are the same on every machine.
func (l *Conv2D) byLanes(b *Builder, g kernel.Window, pool bool) bool {
	if g.SH != 1 || g.SW != 1 || g.DH != 1 || g.DW != 1 || b.Head || !kernel.Chained() {
		return false
	}
	switch b.convolution {
	case convLanes:
		return true
	case convIm2col, convWinograd:
		return false
	}
	// The weights' sums should stay in the second cache, each worker keeps a block's values, and half a block of images
	// should be there.
	if g.K() == g.C || g.K()*l.Filters > lanesWeights {
		return false
	}
	k := kernel.NewLanes(g, l.Filters, false)
	if k.PadH*k.PadW*k.C*kernel.LaneImages+k.GradientSize(k.OH) > lanesValues || 2*b.Batch < kernel.LaneImages {
		return false
	}
	// Many channels and maps fill the other ways' vectors as well. Without a pooling the whole output goes to memory and
	// back: what a first layer saves by its few channels is then lost on many maps.
	if pool {
		return k.C <= 8 || k.F <= 12
	}
	return k.F <= 8 || k.C > 4 && k.C <= 8
}

// The limits of auto: weights, and values of a block.
const (
	lanesWeights = 1 << 14
	lanesValues  = 1 << 23
)

// lanesConv is a convolution on blocks of eight images side by side, perhaps with the max pooling after it. A block is
// put side by side where it is needed; both edges are as for any operation.
type lanesConv struct {
	x, y *Edge
	w, b Tensor
	g    kernel.Lanes
	relu bool     // forward done with the products, backward with the pooling
	act  activate // without a pooling

	bias, packed, turned []float32
	from                 []uint32 // [blocks, PH, PW, F] where the pooling's values came from
	lines                int      // rows of 2x2 cells of the output that are computed at a time
	cells                int      // such rows whose gradients are
	held                 int      // rows of the gradient that are kept side by side: these, or all
	grads                shards   // of the blocks
	places               []int32  // of their sums
	scratch              [][]float32
	pass                 *Pass
	forwardT             func(chunk, worker int)
	backT                func(chunk, worker int)
	reduceT              func(chunk, worker int)
}

// lanesCells is about how many 2x2 cells are computed at a time: enough that a tile's sums stay in registers for long,
// few enough that their values stay in the first cache.
const lanesCells = 40

// lanesShards is the most parts into which a batch's blocks are cut for the weight gradient.
const lanesShards = 16

// buildLanes makes the operation of a convolution of the geometry that writes y.
func (l *Conv2D) buildLanes(b *Builder, g kernel.Lanes, y *Edge) Op {
	o := &lanesConv{x: b.X, y: y, w: b.Params[0], g: g}
	_, o.relu = l.Activation.(*Relu)
	if l.UseBias {
		o.b = b.Params[1]
		o.bias = o.b.W
	} else {
		o.bias = make([]float32, g.F)
		kernel.Fill(o.bias, float32(math.Copysign(0, -1))) // which changes no sum, not even one of -0
	}
	blocks := (b.Batch + kernel.LaneImages - 1) / kernel.LaneImages
	if g.Pool {
		o.from = make([]uint32, blocks*g.PH*g.FromSize())
	} else {
		o.act.build(b, l.Activation, b.Out.Size())
	}
	b.Floats(&o.packed, len(o.w.W))
	if o.w.G != nil {
		o.grads.build(b, min(lanesShards, blocks), g.Sums())
		o.places = g.Places()
	}
	o.lines = min((lanesCells+g.PW-1)/g.PW, g.PH)
	chunks := max(1, g.PH*g.PW/lanesCells)
	o.cells = (g.PH + chunks - 1) / chunks
	o.held = min(2*o.cells, g.OH)
	if b.InputGradient {
		b.Floats(&o.turned, g.TurnedSize())
		o.held = g.OH
	}
	o.scratch = b.Scratch(g.InputSize() + max(o.lines*g.RowSize(), g.RowSize()+g.InputGradientSize()+8*g.Sums()+g.GradientSize(o.held)))
	o.forwardT, o.backT, o.reduceT = o.forward, o.backward, o.reduce
	return o
}

// blocks cuts the batch into blocks.
func (o *lanesConv) blocks() cut { return cut{o.pass.Rows, kernel.LaneImages} }

func (o *lanesConv) Forward(p *Pass) {
	o.pass = p
	o.g.Pack(o.packed, o.w.W)
	p.pool.run(o.blocks().chunks(), o.forwardT)
}

// forward computes a block.
func (o *lanesConv) forward(block, worker int) {
	in, out := o.x.Shape.Size(), o.y.Shape.Size()
	lo, hi := o.blocks().at(block)
	work := o.scratch[worker]
	g := &o.g
	xp, rows := work[:g.InputSize()], work[g.InputSize():][:o.lines*g.RowSize()]
	g.Load(xp, o.x.V[lo*in:], hi-lo)
	for p := 0; p < g.PH; p += o.lines {
		q := min(p+o.lines, g.PH)
		if g.Pool {
			g.Forward(rows, o.origin(block, p, q), xp, o.packed, o.bias, p, q-p, o.relu)
			width := g.PW * g.F
			kernel.StoreLanes(o.y.V[lo*out+p*width:], rows, out, hi-lo, (q-p)*width)
			continue
		}
		g.Forward(rows, nil, xp, o.packed, o.bias, p, q-p, o.relu)
		width := g.OW * g.F
		for r := 2 * p; r < min(2*q, g.OH); r++ {
			kernel.StoreLanes(o.act.in(o.y.V)[lo*out+r*width:], rows[(r-2*p)*g.RowSize()/2:], out, hi-lo, width)
		}
		for n := lo; n < hi && !o.relu; n++ {
			o.act.forward(o.y.V, n*out+2*p*width, n*out+min(2*q, g.OH)*width, g.F)
		}
	}
}

// origin is where the pooling's rows p..q of a block keep what they chose.
func (o *lanesConv) origin(block, p, q int) []uint32 {
	size := o.g.FromSize()
	return o.from[(block*o.g.PH+p)*size : (block*o.g.PH+q)*size]
}

// shardCut cuts the blocks for the gradients.
func (o *lanesConv) shardCut() cut { return o.grads.of(o.blocks().chunks()) }

func (o *lanesConv) Backward(p *Pass) {
	o.pass = p
	if o.x.D != nil {
		o.g.Turn(o.turned, o.w.W)
	}
	p.pool.run(o.shardCut().chunks(), o.backT)
	if o.w.G != nil {
		p.pool.run(o.reduceCut().chunks(), o.reduceT)
	}
}

// backward computes the input gradient of a shard's blocks, and the shard's part of the weight gradient.
func (o *lanesConv) backward(shard, worker int) {
	rest := o.scratch[worker]
	take := func(n int) []float32 {
		s := rest[:n]
		rest = rest[n:]
		return s
	}
	g := &o.g
	xp, dx, line, sums, dz := take(g.InputSize()), take(g.InputGradientSize()), take(g.RowSize()), take(8*g.Sums()), take(g.GradientSize(o.held))
	g.Begin(sums)
	first, last := o.shardCut().at(shard)
	for block := first; block < last; block++ {
		lo, hi := o.blocks().at(block)
		if o.w.G != nil {
			g.Load(xp, o.x.V[lo*o.x.Shape.Size():], hi-lo)
		}
		for p := 0; p < g.PH; p += o.cells {
			q := min(p+o.cells, g.PH)
			o.spread(dz, sums, line, block, p, q)
			if o.w.G != nil {
				g.WeightGradient(sums, xp, dz, 2*p, min(2*q, g.OH)-2*p, o.held, block == first && p == 0)
			}
		}
		if o.x.D == nil {
			continue
		}
		in, width := o.x.Shape.Size(), g.W*g.C
		for h := range g.H {
			g.InputGradient(dx, dz, o.turned, h)
			kernel.StoreLanes(o.x.D[lo*in+h*width:], dx, in, hi-lo, width)
		}
	}
	if o.w.G != nil {
		kernel.SumLanes(o.grads.part(shard), sums, g.Sums())
	}
}

// spread puts the gradients of a block's rows p..q of 2x2 cells side by side.
func (o *lanesConv) spread(dz, sums, line []float32, block, p, q int) {
	g, out := &o.g, o.y.Shape.Size()
	lo, hi := o.blocks().at(block)
	first := p // whose gradients are held
	if o.held == g.OH {
		first = 0
	}
	for r := p; r < q; r++ {
		if g.Pool {
			width := g.PW * g.F
			kernel.LoadLanes(line, o.y.D[lo*out+r*width:], out, hi-lo, width)
			g.Expand(dz, sums, line, o.origin(block, r, r+1), r-first, o.held)
			continue
		}
		width := g.OW * g.F
		for row := 2 * r; row < min(2*r+2, g.OH); row++ {
			for n := lo; n < hi; n++ {
				o.act.backward(o.y.D, o.y.V, n*out+row*width, n*out+(row+1)*width, g.F)
			}
			kernel.LoadLanes(line, o.y.D[lo*out+row*width:], out, hi-lo, width)
			g.Regroup(dz, sums, line, row-2*first, o.held)
		}
	}
}

func (o *lanesConv) reduceCut() cut { return cut{o.g.Sums(), 256} }

// reduce adds the shards' gradients, in their order.
func (o *lanesConv) reduce(chunk, _ int) {
	lo, hi := o.reduceCut().at(chunk)
	o.grads.reduce(o.shardCut().chunks(), lo, hi)
	o.g.Unpack(o.w.G, o.b.G, o.grads.sums, o.places, lo, hi)
}

// lanesInference is a convolution in inferences: with images side by side where half a block is there, else each for
// itself, to the same bits.
type lanesInference struct{ lanes, each Op }

func (o *lanesInference) Forward(p *Pass) {
	if 2*p.Rows >= kernel.LaneImages {
		o.lanes.Forward(p)
	} else {
		o.each.Forward(p)
	}
}

// Backward has nothing to do.
func (o *lanesInference) Backward(*Pass) {}
