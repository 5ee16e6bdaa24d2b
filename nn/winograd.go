package nn

import "cnnbench/nn/kernel"

// The algorithms that Config.Convolution names, beside auto.
const (
	convIm2col   = "im2col"
	convWinograd = "winograd"
)

// Auto computes by Winograd's algorithm from winogradChannels channels and maps on, and where a tile's 16 outputs are on
// average at least winogradFull: with few of either, winogradFuller.
const (
	winogradChannels = 16
	winogradFew      = 32
	winogradFull     = 8
	winogradFuller   = 10
)

// byWinograd reports whether the convolution is computed by Winograd's algorithm: under auto a rule by the layer alone,
// so that the bits are the same on every machine.
func (l *Conv2D) byWinograd(convolution string, g kernel.Window) bool {
	if g.KH != 3 || g.KW != 3 || g.SH != 1 || g.SW != 1 || g.DH != 1 || g.DW != 1 {
		return false
	}
	switch convolution {
	case convIm2col, convLanes:
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
	w, filters, full := kernel.Winograd{OH: g.OH, OW: g.OW}, g.C*l.Filters, winogradFull
	if min(g.C, l.Filters) < winogradFew {
		full = winogradFuller
	}
	return min(g.C, l.Filters) >= winogradChannels && g.C%8 == 0 && l.Filters%8 == 0 && g.Pixels() >= full*w.Tiles() && filters <= min(w.Tiles()<<14, 1<<16)
}

// winograd is a convolution with 3x3 filters at stride 1 by Winograd's algorithm on tiles of 4x4 outputs. A tile's
// values depend on the tile alone, and each product is one chain in a fixed order, so that no bit of the output depends
// on how the tiles are cut into blocks.
type winograd struct {
	x, y *Edge
	w, b Tensor
	g    kernel.Winograd
	act  activate
	relu bool      // done by the transforms
	pool *tilePool // what follows and is computed with it; nil: nothing

	in, out int // values of an image

	bias     []float32 // [F] zeros where there is no bias
	zeros    []float32 // [max(C, F)] what cells beyond an image hold
	scratch  [][]float32
	common   [][]float32
	pass     *Pass
	u        []float32 // the transformed filters in panels: [C, F] of each point, or [F, C] for the input gradient
	kernelT  func(chunk, worker int)
	forwardT func(chunk, worker int)
	winogradBackward
}

// The most tiles of a block: forward its values in Winograd's domain stay in the second cache; backward more share the
// reading and writing of the filters' gradient, or of a round's turns.
const (
	winogradForwardTiles  = 24
	winogradBackwardTiles = 100
	winogradRoundTiles    = 128
)

// buildWinograd makes the operation of a convolution of the geometry.
func (l *Conv2D) buildWinograd(b *Builder, g kernel.Window) *winograd {
	o := &winograd{x: b.X, y: b.Y, w: b.Params[0], g: kernel.Winograd{H: g.H, W: g.W, C: g.C, OH: g.OH, OW: g.OW, F: l.Filters, Top: g.Top, Left: g.Left}}
	o.in, o.out = b.In.Size(), b.Out.Size()
	c, f := o.g.C, o.g.F
	o.act.build(b, l.Activation, b.Out.Size())
	_, relu := l.Activation.(*Relu)
	o.relu = relu && o.act.z == nil
	if l.UseBias {
		o.b = b.Params[1]
		o.bias = o.b.W
	} else {
		b.Floats(&o.bias, f)
	}
	b.Floats(&o.zeros, max(c, f))
	common, tiles := kernel.PointPanels(c, f).Size(), winogradForwardTiles
	if !b.Infer {
		more := o.buildBackward(b)
		common = max(common, more)
		if !o.byPoint {
			tiles = max(tiles, o.shardBlock())
		}
	}
	o.common = b.Common(common)
	o.scratch = b.Scratch(kernel.PointPanels(tiles, c).Size() + kernel.PointPanels(tiles, f).Size() + max(6*c, f))
	o.kernelT, o.forwardT = o.kernel, o.forward
	return o
}

// work parts the scratch of a worker for a block of tiles: [36, tiles, C] and [36, tiles, F], and what takes values
// beyond an image.
func (o *winograd) work(worker, tiles int) (channels, maps, waste []float32) {
	s, c, m := o.scratch[worker], kernel.PointPanels(tiles, o.g.C).Size(), kernel.PointPanels(tiles, o.g.F).Size()
	return s[:c], s[c : c+m], s[c+m:][:max(6*o.g.C, o.g.F)]
}

func (o *winograd) forwardCut() blocks {
	return blocks{o.pass.Rows * o.g.Tiles(), winogradForwardTiles}
}

func (o *winograd) Forward(p *Pass) {
	o.pass = p
	o.u = o.common[0][:kernel.PointPanels(o.g.C, o.g.F).Size()]
	if o.pool != nil {
		o.pool.begin(p)
	}
	p.pool.run(o.kernelCut().chunks(), o.kernelT)
	p.pool.run(o.forwardCut().chunks(), o.forwardT)
}

// kernelCut cuts the channels for the transforms of the filters.
func (o *winograd) kernelCut() cut { return cut{o.g.C, max(512/o.g.F, 1)} }

// kernel transforms a part of the filters.
func (o *winograd) kernel(chunk, _ int) {
	lo, hi := o.kernelCut().at(chunk)
	kernel.WinogradKernel(o.u, kernel.PointPanels(o.g.C, o.g.F), o.w.W, lo, hi)
}

// image is the image of a tile, counted over all images, and the tile in it.
func (o *winograd) image(tile int) (n, of int) { return tile / o.g.Tiles(), tile % o.g.Tiles() }

// forward computes a block of tiles.
func (o *winograd) forward(chunk, worker int) {
	lo, hi := o.forwardCut().at(chunk)
	c, f, tiles := o.g.C, o.g.F, hi-lo
	v, m, waste := o.work(worker, tiles)
	o.inputs(v, kernel.PointPanels(tiles, c), 0, lo, hi)
	kernel.WinogradMultiply(m, v, o.u, o.after(o.x.V, o.in, hi), tiles, c, f, 0, kernel.WinogradPoints)
	z, p := o.act.in(o.y.V), kernel.PointPanels(tiles, f)
	for t := lo; t < hi; t++ {
		n, tile := o.image(t)
		if o.pool != nil {
			row, col := o.g.At(tile)
			o.g.OutputTile(o.pool.tiles[worker].values, m, p, t-lo, o.bias, o.relu)
			o.pool.forward(n, row, col, worker)
			continue
		}
		o.g.Output(z[n*o.out:][:o.out], tile, m, p, t-lo, o.bias, o.relu, waste)
	}
	if o.relu || o.act.linear() {
		return
	}
	for t := lo; t < hi; t++ {
		n, tile := o.image(t)
		row, col := o.g.At(tile)
		for r := row; r < min(row+4, o.g.OH); r++ {
			from := n*o.out + (r*o.g.OW+col)*f
			o.act.forward(o.y.V, from, from+min(4, o.g.OW-col)*f, f)
		}
	}
}

// after is what v, of size values an image, holds from the rows of a tile on, counted over all images.
func (o *winograd) after(v []float32, size, tile int) []float32 {
	n, of := o.image(tile)
	row, _ := o.g.At(of)
	return v[min(n*size+row*(size/o.g.OH), len(v)):]
}

// inputs transforms the tiles lo..hi, counted over all images, to the rows of v from row on.
func (o *winograd) inputs(v []float32, p kernel.WinogradPanels, row, lo, hi int) {
	for t := lo; t < hi; t++ {
		n, tile := o.image(t)
		o.g.Input(v, p, row+t-lo, o.x.V[n*o.in:][:o.in], tile, o.zeros)
	}
}

func (o *winograd) logits() []float32 { return o.act.z }
