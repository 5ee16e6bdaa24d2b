package nn

import "cnnbench/nn/kernel"

// The algorithms that Config.Convolution names, beside auto.
const (
	convIm2col   = "im2col"
	convWinograd = "winograd"
)

// winogradChannels is the fewest channels and maps from which auto computes by Winograd's algorithm.
const winogradChannels = 32

// byWinograd reports whether the convolution is computed by Winograd's algorithm: under auto a rule by the layer alone,
// so that the bits are the same on every machine.
func (l *Conv2D) byWinograd(convolution string, g kernel.Window) bool {
	if g.KH != 3 || g.KW != 3 || g.SH != 1 || g.SW != 1 || g.DH != 1 || g.DW != 1 {
		return false
	}
	switch convolution {
	case convIm2col:
		return false
	case convWinograd:
		return true
	}
	if !kernel.Chained() {
		// Without vector kernels the transforms are emulated, slowly; there are no bits to share there.
		return false
	}
	switch l.Activation.(type) {
	case *Sigmoid, *Tanh, *Softmax:
		// Rounding errors are some three times im2col's, in proportion to the largest sum. A function that cuts large
		// sums off, but not their neighbours' errors, is left to the more exact way.
		return false
	}
	// Its rounding, three times im2col's, is paid only where it buys much: small networks follow Keras to more digits.
	// Few channels leave the transforms, which grow with them, too little to save, and whole vectors make them cheap. So
	// with tiles mostly beyond the edge; and filters that outgrow the images cost four times the memory and its time.
	w, filters := kernel.Winograd{OH: g.OH, OW: g.OW}, g.C*l.Filters
	return g.C >= winogradChannels && l.Filters >= winogradChannels && g.C%8 == 0 && l.Filters%8 == 0 && g.Pixels() >= 8*w.Tiles() && filters <= min(w.Tiles()<<14, 1<<16)
}

// winograd is a convolution with 3x3 filters at stride 1 by Winograd's algorithm on tiles of 4x4 outputs. A tile's
// values depend on the tile alone, and each product is one chain in a fixed order, so that no bit depends on how the
// tiles are cut into blocks.
type winograd struct {
	x, y    *Edge
	w, b    Tensor
	g, back kernel.Winograd // back: of the input gradient
	act     activate
	relu    bool // done by the output transform

	shards  int       // parts of a batch for the weight gradient, fixed by the layer
	bias    []float32 // [F] zeros where there is no bias
	zeros   []float32 // [max(C, F)] what cells beyond an image hold
	scratch [][]float32
	common  [][]float32
	winogradFilters
	pass     *Pass
	kernelT  func(chunk, worker int)
	forwardT func(chunk, worker int)
	turnT    func(chunk, worker int)
	backT    func(chunk, worker int)
	reduceT  func(chunk, worker int)
}

// winogradFilters is what an operation keeps in the memory that all share.
type winogradFilters struct {
	u      []float32 // [36, C, F], or [36, F, C] for the input gradient: the transformed filters
	turned []float32 // [3, 3, F, C] the filters, maps and channels exchanged
	du     []float32 // [shards, 36, C, F] their gradients in Winograd's domain
	db     []float32 // [shards, F]
}

// part parts that memory.
func (o *winograd) part() {
	rest := o.common[0]
	take := func(n int) []float32 {
		s := rest[:n]
		rest = rest[n:]
		return s
	}
	o.u = take(o.filterSize())
	if o.x.D != nil {
		o.turned = take(9 * o.g.C * o.g.F)
	}
	if o.w.G != nil {
		o.du, o.db = take(o.shards*o.filterSize()), take(o.shards*o.g.F)
	}
}

// channels and maps are the most values of a block of tiles in Winograd's domain.
func (o *winograd) channels() int {
	return kernel.WinogradPoints * kernel.WinogradStride(winogradBlock*o.g.C)
}
func (o *winograd) maps() int {
	return kernel.WinogradPoints * kernel.WinogradStride(winogradBlock*o.g.F)
}

// work parts the scratch of a worker.
func (o *winograd) work(worker int) winogradWork {
	s, c, m := o.scratch[worker], o.channels(), o.maps()
	return winogradWork{s[:c], s[c : c+m], s[c+m:]}
}

// winogradWork is what a worker needs for a block.
type winogradWork struct {
	channels, maps []float32 // [36, block, C] and [36, block, F]
	waste          []float32 // [max(C, F)] takes what is beyond an image
}

// buildWinograd makes the operation of a convolution of the geometry.
func (l *Conv2D) buildWinograd(b *Builder, g kernel.Window) Op {
	o := &winograd{x: b.X, y: b.Y, w: b.Params[0], g: kernel.Winograd{H: g.H, W: g.W, C: g.C, OH: g.OH, OW: g.OW, F: l.Filters, Top: g.Top, Left: g.Left}}
	o.back = o.g.Transposed()
	c, f := o.g.C, o.g.F
	o.act.build(b, l.Activation, b.Out.Size())
	_, relu := l.Activation.(*Relu)
	o.relu = relu && o.act.z == nil
	o.shards = winogradShards(c * f)
	filters := o.filterSize()
	if b.InputGradient {
		filters += 9 * c * f
	}
	if o.w.G != nil {
		filters += o.shards * (o.filterSize() + f)
	}
	o.common = b.Common(filters)
	if l.UseBias {
		o.b = b.Params[1]
		o.bias = o.b.W
	} else {
		b.Floats(&o.bias, f)
	}
	b.Floats(&o.zeros, max(c, f))
	o.scratch = b.Scratch(o.channels() + o.maps() + max(c, f))
	o.kernelT, o.forwardT, o.turnT, o.backT, o.reduceT = o.kernel, o.forward, o.turn, o.backward, o.reduce
	return o
}

// winogradBlock is the most tiles of a block: its values in Winograd's domain stay in the second cache.
const winogradBlock = 64

// winogradShards is convShards for filters that take four times the memory.
func winogradShards(filters int) int {
	if filters <= 1<<11 {
		return 8
	}
	return 4
}

// stride is the distance between the points of the transformed filters.
func (o *winograd) stride() int { return kernel.WinogradStride(o.g.C * o.g.F) }

func (o *winograd) filterSize() int { return kernel.WinogradPoints * o.stride() }

// blocks cuts tiles into blocks of equal size, as many as a multiple of times, but none very small: each reads all of
// the filters.
func (o *winograd) blocks(tiles, times int) cut {
	n := (tiles + winogradBlock - 1) / winogradBlock
	n = (n + times - 1) / times * times
	return cut{tiles, max((tiles+n-1)/n, 8)}
}

// batchBlocks cuts the tiles of all images of a pass, alike for all workers.
func (o *winograd) batchBlocks() cut {
	return o.blocks(o.pass.Rows*o.g.Tiles(), o.pass.pool.workers)
}

func (o *winograd) Forward(p *Pass) {
	o.pass = p
	o.part()
	p.pool.run(o.kernelCut().chunks(), o.kernelT)
	p.pool.run(o.batchBlocks().chunks(), o.forwardT)
}

func (o *winograd) kernelCut() cut { return cut{o.g.C * o.g.F, 2048} }

// kernel transforms a part of the filters.
func (o *winograd) kernel(chunk, _ int) {
	lo, hi := o.kernelCut().at(chunk)
	kernel.WinogradKernel(o.u[lo:], o.stride(), o.w.W[lo:], o.g.C*o.g.F, hi-lo, false)
}

// image is the part of v [N, size] that belongs to the image of a tile, counted over all images, and the tile in it.
func image(v []float32, size int, g *kernel.Winograd, tile int) ([]float32, int) {
	n := tile / g.Tiles()
	return v[n*size : (n+1)*size], tile % g.Tiles()
}

// forward computes a block of tiles.
func (o *winograd) forward(chunk, worker int) {
	lo, hi := o.batchBlocks().at(chunk)
	out, w := o.y.Shape.Size(), o.work(worker)
	z := o.act.in(o.y.V)
	o.convolve(&o.g, z, o.x.V, w.maps, w.channels, o.u, o.bias, o.relu, lo, hi, w)
	if o.relu || o.act.linear() {
		return
	}
	for t := lo; t < hi; t++ {
		row, col := o.g.At(t % o.g.Tiles())
		for r := row; r < min(row+4, o.g.OH); r++ {
			from := t/o.g.Tiles()*out + (r*o.g.OW+col)*o.g.F
			o.act.forward(o.y.V, from, from+min(4, o.g.OW-col)*o.g.F, o.g.F)
		}
	}
}

// convolve computes the tiles lo..hi of y [N, OH, OW, F] from x [N, H, W, C] with the transformed filters u.
func (o *winograd) convolve(g *kernel.Winograd, y, x, m, v, u, bias []float32, relu bool, lo, hi int, w winogradWork) {
	ldv, ldm := kernel.WinogradStride((hi-lo)*g.C), kernel.WinogradStride((hi-lo)*g.F)
	for t := lo; t < hi; t++ {
		x, tile := image(x, g.H*g.W*g.C, g, t)
		g.Input(v[(t-lo)*g.C:], ldv, x, tile, o.zeros)
	}
	kernel.WinogradMultiply(m, ldm, v, ldv, u, o.stride(), hi-lo, g.C, g.F)
	for t := lo; t < hi; t++ {
		y, tile := image(y, g.OH*g.OW*g.F, g, t)
		g.Output(y, m[(t-lo)*g.F:], ldm, bias, relu, tile, w.waste)
	}
}

// shardCut cuts the batch into at most shards parts of equal size.
func (o *winograd) shardCut() cut { return cut{o.pass.Rows, (o.pass.Rows + o.shards - 1) / o.shards} }

func (o *winograd) Backward(p *Pass) {
	o.pass = p
	o.part()
	if o.x.D != nil {
		p.pool.run(o.turnedCut().chunks(), o.turnT)
	}
	p.pool.run(o.shardCut().chunks(), o.backT)
	if o.w.G != nil {
		p.pool.run(o.kernelCut().chunks(), o.reduceT)
	}
}

// turnedCut cuts the maps for the transform of the filters turned.
func (o *winograd) turnedCut() cut { return cut{o.g.F, 16} }

// turn transforms a part of the filters for the input gradient.
func (o *winograd) turn(chunk, _ int) {
	c, f := o.g.C, o.g.F
	lo, hi := o.turnedCut().at(chunk)
	for tap := range 9 {
		kernel.Transpose(o.turned[(tap*f+lo)*c:], c, o.w.W[tap*c*f+lo:], f, c, hi-lo)
	}
	kernel.WinogradKernel(o.u[lo*c:], o.stride(), o.turned[lo*c:], c*f, (hi-lo)*c, true)
}

// backward computes the input gradient of a shard's images, and the shard's part of the weight gradient. It takes few
// images at a time, so that their gradients are still in the second cache for each use.
func (o *winograd) backward(shard, worker int) {
	w, f, out := o.work(worker), o.g.F, o.y.Shape.Size()
	first, last := o.shardCut().at(shard)
	var db []float32
	if o.w.G != nil && o.b.W != nil {
		db = o.db[shard*f : (shard+1)*f]
		clear(db)
	}
	few := max(1, winogradBlock/o.g.Tiles())
	for lo := first; lo < last; lo += few {
		hi := min(lo+few, last)
		o.act.backward(o.y.D, o.y.V, lo*out, hi*out, f)
		if db != nil {
			kernel.SumRows(db, o.y.D[lo*out:hi*out])
		}
		if o.w.G != nil {
			o.weightGradient(shard, lo*o.g.Tiles(), hi*o.g.Tiles(), lo == first, w)
		}
		if o.x.D == nil {
			continue
		}
		from := lo * o.back.Tiles()
		blocks := o.blocks((hi-lo)*o.back.Tiles(), 1)
		for b := range blocks.chunks() {
			p, q := blocks.at(b)
			o.convolve(&o.back, o.x.D, o.y.D, w.channels, w.maps, o.u, o.zeros, false, from+p, from+q, w)
		}
	}
}

// weightGradient adds the products of the tiles from..to, counted over all images, to the shard's gradient, which is 0
// before the first.
func (o *winograd) weightGradient(shard, from, to int, zero bool, w winogradWork) {
	c, f := o.g.C, o.g.F
	du := o.du[shard*o.filterSize() : (shard+1)*o.filterSize()]
	blocks := o.blocks(to-from, 1)
	for b := range blocks.chunks() {
		lo, hi := blocks.at(b)
		ldv, ldd := kernel.WinogradStride((hi-lo)*c), kernel.WinogradStride((hi-lo)*f)
		for t := lo; t < hi; t++ {
			x, tile := image(o.x.V, o.g.H*o.g.W*c, &o.g, from+t)
			o.g.Input(w.channels[(t-lo)*c:], ldv, x, tile, o.zeros)
			dy, _ := image(o.y.D, o.g.OH*o.g.OW*f, &o.g, from+t)
			o.g.Gradient(w.maps[(t-lo)*f:], ldd, dy, tile, o.zeros)
		}
		kernel.WinogradAccumulate(du, o.stride(), w.channels, ldv, w.maps, ldd, hi-lo, c, f, zero && b == 0)
	}
}

// reduce adds the shards' gradients, in their order, and takes a part of them out of Winograd's domain. The first chunk
// adds the bias's too.
func (o *winograd) reduce(chunk, _ int) {
	lo, hi := o.kernelCut().at(chunk)
	shards := o.shardCut().chunks()
	for p := range kernel.WinogradPoints {
		at := p * o.stride()
		sum := o.du[at+lo : at+hi]
		for s := 1; s < shards; s++ {
			at += o.filterSize()
			kernel.Add(sum, o.du[at+lo:at+hi])
		}
	}
	kernel.WinogradKernelGradient(o.w.G[lo:], o.g.C*o.g.F, o.du[lo:], o.stride(), hi-lo)
	if chunk == 0 && o.b.W != nil {
		f := o.g.F
		copy(o.b.G, o.db[:f])
		for s := 1; s < shards; s++ {
			kernel.Add(o.b.G, o.db[s*f:(s+1)*f])
		}
	}
}

func (o *winograd) logits() []float32 { return o.act.z }
