package nn

import "cnnbench/nn/kernel"

// winogradBackward is the part of the operation that computes gradients: Winograd's algorithm transposed, on the same
// tiles, so that the weight and the input gradient begin with one transform of the output's gradient.
//
// Large maps are cut into shards of images, each of which sums a weight gradient of its own. Where the filters outgrow
// the maps, those sums would cost more memory and time than they save: there all workers transform the tiles first, and
// then share the 36 points' products, each over all tiles.
type winogradBackward struct {
	byPoint bool
	db      shards    // of the images: the bias's gradients, summed whether there is a bias or not
	turned  []float32 // [3, 3, F, C] the filters, channels and maps exchanged
	du      []float32 // [parts of db or 1, 36, C, F] the filters' gradients in Winograd's domain
	v, d    []float32 // [36, tiles, C] and [36, tiles, F] by points: the tiles' values and gradients
	first   int       // by points: the first image of the round
	images  int       // by points: of the round
	parts   int       // of the weight gradient, or of the bias's by points, in this pass

	turnT, shardT, enterT, pointT, spreadT, reduceT func(chunk, worker int)
}

// winogradShards is the number of parts of a batch for the weight gradient, and so of the cores that have work there: two
// cores are as fast with half as many, and more would cost memory.
const winogradShards = 8

// buildBackward plans the gradients; it returns how many values it needs in common.
func (o *winograd) buildBackward(b *Builder) int {
	c, f := o.g.C, o.g.F
	o.byPoint = c*f >= o.g.Tiles()<<9
	most := winogradShards
	if o.byPoint {
		most *= 2
	}
	o.db.build(b, most, f)
	o.turnT, o.shardT, o.enterT, o.pointT, o.spreadT, o.reduceT = o.turn, o.shard, o.enter, o.point, o.spread, o.reduce
	filters, sums := kernel.PointPanels(f, c).Size(), kernel.PointPanels(c, f).Size()
	if !o.byPoint {
		return filters + max(9*c*f, winogradShards*sums)
	}
	tiles := min(o.roundImages(), b.Batch) * o.g.Tiles()
	return filters + max(9*c*f, sums) + kernel.PointPanels(tiles, c).Size() + kernel.PointPanels(tiles, f).Size()
}

// part parts the memory that all share. The filters turned are done with when the first sum begins.
func (o *winograd) part() {
	c, f := o.g.C, o.g.F
	filters, sums := kernel.PointPanels(f, c).Size(), kernel.PointPanels(c, f).Size()
	o.u = o.common[0][:filters]
	rest := o.common[0][filters:]
	o.turned, o.du = rest[:9*c*f], rest
	if o.byPoint {
		rest = rest[max(9*c*f, sums):]
		tiles := min(o.roundImages(), o.pass.Rows) * o.g.Tiles()
		size := kernel.PointPanels(tiles, c).Size()
		o.v, o.d = rest[:size], rest[size:]
	}
}

func (o *winograd) Backward(p *Pass) {
	o.pass = p
	o.part()
	if o.x.D != nil {
		p.pool.run(o.turnedCut().chunks(), o.turnT)
	}
	if o.byPoint {
		o.images = min(o.roundImages(), p.Rows)
		o.parts = o.roundCut().chunks()
		for o.first = 0; o.first < p.Rows; o.first += o.images {
			o.images = min(o.roundImages(), p.Rows-o.first)
			p.pool.run(o.roundCut().chunks(), o.enterT)
			p.pool.run(kernel.WinogradPoints, o.pointT)
			if o.x.D != nil {
				p.pool.run(o.roundCut().chunks(), o.spreadT)
			}
		}
	} else {
		o.parts = o.db.of(o.pass.Rows).chunks()
		p.pool.run(o.parts, o.shardT)
	}
	if o.w.G != nil {
		p.pool.run(o.kernelCut().chunks(), o.reduceT)
	}
}

// turnedCut cuts the maps for the transform of the filters turned.
func (o *winograd) turnedCut() cut { return cut{o.g.F, 8} }

// turn transforms a part of the filters for the input gradient.
func (o *winograd) turn(chunk, _ int) {
	c, f := o.g.C, o.g.F
	lo, hi := o.turnedCut().at(chunk)
	for tap := range 9 {
		kernel.Transpose(o.turned[(tap*f+lo)*c:], c, o.w.W[tap*c*f+lo:], f, c, hi-lo)
	}
	kernel.WinogradKernel(o.u, kernel.PointPanels(f, c), o.turned, lo, hi)
}

// prepare turns the output's gradients of the images lo..hi into those by the linear output, where the transform does
// not, and clears of the input's what is only added to.
func (o *winograd) prepare(lo, hi int) {
	switch {
	case o.pool != nil:
		o.pool.prepare(lo, hi)
	case !o.relu:
		o.act.backward(o.y.D, o.y.V, lo*o.out, hi*o.out, o.g.F)
	}
	for n := lo; n < hi && o.x.D != nil; n++ {
		o.g.ClearEdge(o.x.D[n*o.in : (n+1)*o.in])
	}
}

// gradients transforms the output's gradients of the tiles lo..hi, counted over all images, to the rows of d from row
// on, and adds them to the bias's gradient db.
func (o *winograd) gradients(d []float32, p kernel.WinogradPanels, row int, db []float32, lo, hi, worker int) {
	for t := lo; t < hi; t++ {
		n, tile := o.image(t)
		if o.pool != nil {
			y, x := o.g.At(tile)
			o.g.GradientTile(d, p, row+t-lo, o.pool.backward(n, y, x, worker), db)
			continue
		}
		dy, y := o.y.D[n*o.out:][:o.out], []float32(nil)
		if o.relu {
			y = o.y.V[n*o.out:][:o.out]
		}
		o.g.Gradient(d, p, row+t-lo, dy, y, db, tile, o.zeros)
	}
}

// inputGradients adds the rows of m from row on to the input's gradients of the tiles lo..hi.
func (o *winograd) inputGradients(m []float32, p kernel.WinogradPanels, row, lo, hi int, waste []float32) {
	for t := lo; t < hi; t++ {
		n, tile := o.image(t)
		o.g.Spread(o.x.D[n*o.in:][:o.in], tile, m, p, row+t-lo, waste)
	}
}

// shard computes the input gradient of a shard's images, and the shard's part of the weight gradient. It takes few
// images at a time, so that their gradients are still near for each use.
func (o *winograd) shard(shard, worker int) {
	first, last := o.db.of(o.pass.Rows).at(shard)
	clear(o.db.part(shard))
	n := o.g.Tiles()
	few := blocks{last - first, o.shardImages()}
	zero := true
	for i := range few.chunks() {
		lo, hi := few.at(i)
		lo, hi = first+lo, first+hi
		o.prepare(lo, hi)
		parts := blocks{(hi - lo) * n, o.shardBlock()}
		for j := range parts.chunks() {
			p, q := parts.at(j)
			o.shardTiles(shard, worker, lo*n+p, lo*n+q, zero)
			zero = false
		}
	}
}

// shardImages is the most images that a shard takes at a time, and shardBlock the most tiles.
func (o *winograd) shardImages() int { return max(1, winogradBackwardTiles/o.g.Tiles()) }
func (o *winograd) shardBlock() int {
	return min(o.shardImages()*o.g.Tiles(), winogradBackwardTiles)
}

// shardTiles does the tiles lo..hi of a shard, whose sum is 0 before the first.
func (o *winograd) shardTiles(shard, worker, lo, hi int, zero bool) {
	c, f, tiles := o.g.C, o.g.F, hi-lo
	v, d, waste := o.work(worker, tiles)
	o.gradients(d, kernel.PointPanels(tiles, f), 0, o.db.part(shard), lo, hi, worker)
	if o.w.G != nil {
		o.inputs(v, kernel.PointPanels(tiles, c), 0, lo, hi)
		sums := kernel.PointPanels(c, f).Size()
		kernel.WinogradAccumulate(o.du[shard*sums:(shard+1)*sums], v, d, o.after(o.y.D, o.out, hi), tiles, c, f, 0, kernel.WinogradPoints, zero)
	}
	if o.x.D != nil {
		var next []float32
		if o.pool == nil {
			next = o.after(o.y.V, o.out, hi)
		}
		kernel.WinogradMultiply(v, d, o.u, next, tiles, f, c, 0, kernel.WinogradPoints)
		o.inputGradients(v, kernel.PointPanels(tiles, c), 0, lo, hi, waste)
	}
}

// roundImages is the most images whose tiles are kept at a time where the products are cut by points.
func (o *winograd) roundImages() int { return max(1, winogradRoundTiles/o.g.Tiles()) }

// roundCut cuts the images of a round, the last as the others.
func (o *winograd) roundCut() cut {
	return cut{o.images, o.db.of(min(o.roundImages(), o.pass.Rows)).size}
}

// enter transforms a part of the round's tiles.
func (o *winograd) enter(chunk, worker int) {
	lo, hi := o.roundCut().at(chunk)
	n, tiles := o.g.Tiles(), o.images*o.g.Tiles()
	db := o.db.part(chunk)
	if o.first == 0 {
		clear(db)
	}
	o.prepare(o.first+lo, o.first+hi)
	o.gradients(o.d, kernel.PointPanels(tiles, o.g.F), lo*n, db, (o.first+lo)*n, (o.first+hi)*n, worker)
	if o.w.G != nil {
		o.inputs(o.v, kernel.PointPanels(tiles, o.g.C), lo*n, (o.first+lo)*n, (o.first+hi)*n)
	}
}

// point does the products of one point over the round's tiles. The last takes the place of the tiles' values.
func (o *winograd) point(p, _ int) {
	tiles := o.images * o.g.Tiles()
	if o.w.G != nil {
		kernel.WinogradAccumulate(o.du, o.v, o.d, nil, tiles, o.g.C, o.g.F, p, 1, o.first == 0)
	}
	if o.x.D != nil {
		kernel.WinogradMultiply(o.v, o.d, o.u, nil, tiles, o.g.F, o.g.C, p, 1)
	}
}

// spread takes the input gradients of a part of the round's images out of Winograd's domain.
func (o *winograd) spread(chunk, worker int) {
	lo, hi := o.roundCut().at(chunk)
	n, tiles := o.g.Tiles(), o.images*o.g.Tiles()
	_, _, waste := o.work(worker, 1)
	o.inputGradients(o.v, kernel.PointPanels(tiles, o.g.C), lo*n, (o.first+lo)*n, (o.first+hi)*n, waste)
}

// reduce adds the shards' gradients, in their order, and takes a part of them out of Winograd's domain. The first chunk
// adds the bias's too.
func (o *winograd) reduce(chunk, _ int) {
	lo, hi := o.kernelCut().at(chunk)
	shards := o.parts
	if o.byPoint {
		shards = 1
	}
	kernel.WinogradKernelGradient(o.w.G, o.du, shards, kernel.PointPanels(o.g.C, o.g.F), lo, hi)
	if chunk == 0 && o.b.G != nil {
		copy(o.b.G, o.db.reduce(o.parts, 0, o.g.F))
	}
}
