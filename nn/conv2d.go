package nn

import (
	"fmt"

	"cnnbench/nn/kernel"
	"cnnbench/spec"
)

// Conv2D slides filters over an image: y = f(im2col(x) W + b).
//
// Shapes: [H, W, C] to [OH, OW, filters]; kernel [kh, kw, C, filters], bias [filters]. OH is
// floor((H - d(kh-1) - 1)/s) + 1 with padding valid and ceil(H/s) with same.
type Conv2D struct {
	Common            `yaml:",inline"`
	Filters           int          `yaml:"filters" required:"true" min:"1" max:"65536" doc:"feature maps to learn"`
	KernelSize        spec.Pair    `yaml:"kernel_size" required:"true" doc:"rows and columns of a filter" unit:"pixels"`
	Strides           spec.Pair    `yaml:"strides" doc:"step from one window to the next" unit:"pixels"`
	Padding           string       `yaml:"padding" oneof:"valid same" doc:"valid: no padding; same: zeros around, so that stride 1 keeps the size"`
	DilationRate      spec.Pair    `yaml:"dilation_rate" doc:"distance between the cells of a filter" unit:"pixels"`
	Activation        Activation   `yaml:"activation" doc:"function of the output; null: linear"`
	UseBias           bool         `yaml:"use_bias" doc:"add a trained bias to each map"`
	KernelInitializer Initializer  `yaml:"kernel_initializer" doc:"how the filters start"`
	BiasInitializer   Initializer  `yaml:"bias_initializer" doc:"how the biases start"`
	KernelRegularizer *Regularizer `yaml:"kernel_regularizer" doc:"penalty on the filters: {l1: .., l2: ..}"`
	BiasRegularizer   *Regularizer `yaml:"bias_regularizer" doc:"penalty on the biases"`
}

// Validate refuses what Keras refuses.
func (l *Conv2D) Validate() error {
	if l.Strides != spec.Square(1) && l.DilationRate != spec.Square(1) {
		return &spec.FieldError{Key: "dilation_rate", Err: fmt.Errorf("strides and dilation_rate are both above 1; set one of them to 1")}
	}
	return nil
}

// Plan is Keras's Conv2D.
func (l *Conv2D) Plan(in Shape) (Plan, error) {
	g, err := window(in, l.KernelSize, l.Strides, l.DilationRate, l.Padding, "kernel_size")
	if err != nil {
		return Plan{}, err
	}
	p := Plan{Out: Shape{g.OH, g.OW, l.Filters}}
	p.Params = []Param{{Name: "kernel", Shape: []int{g.KH, g.KW, g.C, l.Filters}, Init: l.KernelInitializer, Regularizer: l.KernelRegularizer}}
	if l.UseBias {
		p.Params = append(p.Params, Param{Name: "bias", Shape: []int{l.Filters}, Init: l.BiasInitializer, Regularizer: l.BiasRegularizer})
	}
	p.MACs = int64(g.Pixels()) * int64(g.K()) * int64(l.Filters)
	return p, nil
}

// window works out the geometry of a sliding window, by Keras's rules (src/ops/operation_utils.py). sizeKey names the
// setting that is wrong where nothing fits.
func window(in Shape, size, strides, dilation spec.Pair, padding, sizeKey string) (kernel.Window, error) {
	if len(in) != 3 || in[0] == 0 || in[1] == 0 {
		return kernel.Window{}, fmt.Errorf("the input is %v; images (None, height, width, channels) are needed: put this layer before flatten, or reshape first", in)
	}
	g := kernel.Window{H: in[0], W: in[1], C: in[2], KH: size[0], KW: size[1], SH: strides[0], SW: strides[1], DH: dilation[0], DW: dilation[1]}
	var ok [2]bool
	g.OH, g.Top, ok[0] = axis(g.H, g.KH, g.SH, g.DH, padding)
	g.OW, g.Left, ok[1] = axis(g.W, g.KW, g.SW, g.DW, padding)
	for i, fits := range ok {
		if !fits {
			reach := dilation[i]*(size[i]-1) + 1
			return g, fmt.Errorf("%s: a window of %d does not fit the input's %d %s; use %s of %d or less, or padding same", sizeKey, reach, in[i], [2]string{"rows", "columns"}[i],
				sizeKey, (in[i]-1)/dilation[i]+1)
		}
	}
	return g, nil
}

// axis gives the output length and the padding before for one axis.
func axis(n, k, s, d int, padding string) (out, before int, ok bool) {
	reach := d*(k-1) + 1
	if padding == "same" {
		out = (n + s - 1) / s
		return out, max(0, (out-1)*s+reach-n) / 2, true
	}
	if reach > n {
		return 0, 0, false
	}
	return (n-reach)/s + 1, 0, true
}

// conv2d computes a convolution by im2col, a tile at a time.
type conv2d struct {
	x, y    *Edge
	w, b    Tensor
	g       kernel.Window
	filters int
	k       int // values under a window
	tile    int // output pixels of one product
	plain   bool
	turned  bool // the input gradient is a convolution with the filters turned
	act     activate

	grads    shards // of the kernel, then of the bias
	columns  [][]float32
	back     kernel.Window // of the input gradient, if turned
	wt       []float32     // [filters, k] the kernel transposed, for the input gradient; turned: [KH, KW, filters, C]
	pass     *Pass
	forwardT func(chunk, worker int)
	backT    func(chunk, worker int)
	reduceT  func(chunk, worker int)
}

// Build makes the operation.
func (l *Conv2D) Build(b *Builder) Op {
	g, _ := window(b.In, l.KernelSize, l.Strides, l.DilationRate, l.Padding, "kernel_size")
	if b.Infer && l.byLanes(b, g, false) {
		return &lanesInference{l.buildLanes(b, kernel.NewLanes(g, l.Filters, false), b.Y), l.buildSums(b, g)}
	}
	if l.byWinograd(b.convolution, g) {
		return l.buildWinograd(b, g)
	}
	return l.buildSums(b, g)
}

// fuse computes a convolution of few channels on blocks of eight images side by side, and any together with a max pooling
// that follows.
func (l *Conv2D) fuse(b *Builder, next []Layer, after []*Edge) (Op, int) {
	g, _ := window(b.In, l.KernelSize, l.Strides, l.DilationRate, l.Padding, "kernel_size")
	_, relu := l.Activation.(*Relu)
	_, linear := l.Activation.(*Linear)
	pool := len(next) > 0 && (relu || linear || l.Activation == nil) && halves(next[0], b.Out)
	switch {
	case l.byLanes(b, g, pool) && pool:
		return l.buildLanes(b, kernel.NewLanes(g, l.Filters, true), after[0]), 2
	case l.byLanes(b, g, pool):
		return l.buildLanes(b, kernel.NewLanes(g, l.Filters, false), b.Y), 1
	case l.byWinograd(b.convolution, g):
		return l.fuseWinograd(b, g, next, after)
	case g.Implicit(l.Filters):
		return l.fuseDirect(b, g, next, after)
	}
	return nil, 0
}

// buildSums makes the operation of a convolution of the geometry whose sums are as im2col's, each a chain.
func (l *Conv2D) buildSums(b *Builder, g kernel.Window) Op {
	if g.Implicit(l.Filters) {
		return l.buildDirect(b, g)
	}
	o := &conv2d{x: b.X, y: b.Y, w: b.Params[0], g: g, filters: l.Filters, k: g.K()}
	if l.UseBias {
		o.b = b.Params[1]
	}
	o.tile = convTile(&g)
	o.plain = g.Plain()
	o.act.build(b, l.Activation, b.Out.Size())
	if o.w.G != nil {
		o.grads.build(b, shardsOf(o.k*o.filters), len(o.w.W)+len(o.b.W))
	}
	if b.InputGradient {
		b.Floats(&o.wt, o.filters*o.k)
	}
	columns := o.tile * o.k
	if !o.plain && turnedWindow(g) {
		o.turned = kernel.Chained()
		o.back = g.Transposed(o.filters)
		columns = max(columns, convTile(&o.back)*o.back.K())
	}
	o.columns = b.Scratch(columns)
	o.forwardT, o.backT, o.reduceT = o.forward, o.backward, o.reduce
	return o
}

// turnedWindow reports whether the input gradient of a convolution is computed as a convolution of the output's gradient
// with the filters turned, which is possible at stride 1 and saves adding columns up. Few channels would leave vectors
// idle. Its bits are others than those of the sums, so that this is for the shape alone to say.
func turnedWindow(g kernel.Window) bool {
	return g.SH == 1 && g.SW == 1 && g.C > 4
}

// convTile is the number of output pixels of a tile: its im2col stays within 128 KiB, so that it is still in the second
// cache when it is multiplied.
func convTile(g *kernel.Window) int {
	return min(max(32768/g.K()/16*16, 16), 192, g.Pixels())
}

// im2col gives the rows of the output pixels p0..p1 of one image.
func (o *conv2d) im2col(x []float32, p0, p1, worker int) []float32 {
	if o.plain {
		return x[p0*o.k : p1*o.k]
	}
	col := o.columns[worker][:(p1-p0)*o.k]
	o.g.Im2col(col, x, p0, p1)
	return col
}

func (o *conv2d) Forward(p *Pass) {
	o.pass = p
	p.pool.run(p.Rows, o.forwardT)
}

// forward computes one image.
func (o *conv2d) forward(n, worker int) {
	in, out := o.x.Shape.Size(), o.y.Shape.Size()
	x := o.x.V[n*in : (n+1)*in]
	z := o.act.in(o.y.V)[n*out : (n+1)*out]
	for p := 0; p < o.g.Pixels(); p += o.tile {
		q := min(p+o.tile, o.g.Pixels())
		col := o.im2col(x, p, q, worker)
		kernel.Gemm(kernel.NoTrans, kernel.NoTrans, q-p, o.filters, o.k, col, o.k, o.w.W, o.filters, 0, z[p*o.filters:], o.filters)
		if o.b.W != nil {
			kernel.AddRows(z[p*o.filters:q*o.filters], o.b.W)
		}
		o.act.forward(o.y.V, n*out+p*o.filters, n*out+q*o.filters, o.filters)
	}
}

func (o *conv2d) Backward(p *Pass) {
	o.pass = p
	if o.x.D != nil {
		o.transpose()
	}
	p.pool.run(o.shardCut().chunks(), o.backT)
	if o.w.G != nil {
		p.pool.run(o.reduceCut().chunks(), o.reduceT)
	}
}

// transpose makes wt.
func (o *conv2d) transpose() {
	if !o.turned {
		kernel.Transpose(o.wt, o.k, o.w.W, o.filters, o.k, o.filters)
		return
	}
	taps, size := o.g.KH*o.g.KW, o.g.C*o.filters
	for t := range taps {
		kernel.Transpose(o.wt[(taps-1-t)*size:], o.g.C, o.w.W[t*size:], o.filters, o.g.C, o.filters)
	}
}

// shardCut cuts the batch for the gradients.
func (o *conv2d) shardCut() cut { return o.grads.of(o.pass.Rows) }

// backward computes the input gradient of a shard's images, and the shard's part of the weight gradient.
func (o *conv2d) backward(shard, worker int) {
	out := o.y.Shape.Size()
	lo, hi := o.shardCut().at(shard)
	var part []float32
	if o.w.G != nil {
		part = o.grads.part(shard)
		clear(part)
	}
	for n := lo; n < hi; n++ {
		o.act.backward(o.y.D, o.y.V, n*out, (n+1)*out, o.filters)
		if part != nil {
			o.weightGradient(n, part, worker)
		}
		if o.x.D != nil {
			in, out := o.x.Shape.Size(), o.y.Shape.Size()
			o.inputGradient(o.x.D[n*in:(n+1)*in], o.y.D[n*out:(n+1)*out], worker)
		}
	}
}

// weightGradient adds the gradients of image n to part [k*filters + filters].
func (o *conv2d) weightGradient(n int, part []float32, worker int) {
	in, out := o.x.Shape.Size(), o.y.Shape.Size()
	x, dy := o.x.V[n*in:(n+1)*in], o.y.D[n*out:(n+1)*out]
	dw, db := part[:o.k*o.filters], part[o.k*o.filters:]
	for p := 0; p < o.g.Pixels(); p += o.tile {
		q := min(p+o.tile, o.g.Pixels())
		dz := dy[p*o.filters : q*o.filters]
		col := o.im2col(x, p, q, worker)
		kernel.Gemm(kernel.T, kernel.NoTrans, o.k, o.filters, q-p, col, o.k, dz, o.filters, 1, dw, o.filters)
		kernel.SumRows(db, dz)
	}
}

// inputGradient computes that of an image, dx, from dy.
func (o *conv2d) inputGradient(dx, dy []float32, worker int) {
	if o.turned {
		o.convolveBack(dx, dy, worker)
		return
	}
	clear(dx)
	for p := 0; p < o.g.Pixels(); p += o.tile {
		q := min(p+o.tile, o.g.Pixels())
		dz := dy[p*o.filters : q*o.filters]
		if o.plain {
			kernel.Gemm(kernel.NoTrans, kernel.NoTrans, q-p, o.k, o.filters, dz, o.filters, o.wt, o.k, 0, dx[p*o.k:], o.k)
			continue
		}
		col := o.columns[worker][:(q-p)*o.k]
		kernel.Gemm(kernel.NoTrans, kernel.NoTrans, q-p, o.k, o.filters, dz, o.filters, o.wt, o.k, 0, col, o.k)
		o.g.Col2im(dx, col, p, q)
	}
}

// convolveBack computes the input gradient dx of an image from dy with the filters turned, of which it leaves out the
// rows beyond dy.
func (o *conv2d) convolveBack(dx, dy []float32, worker int) {
	g, k := &o.back, o.back.K()
	for p, q := 0, 0; p < g.Pixels(); p = q {
		lo, hi, end := g.Rows(p / g.OW)
		q = min(p+convTile(g), end*g.OW)
		if lo == hi {
			clear(dx[p*o.g.C : q*o.g.C])
			continue
		}
		col := o.columns[worker][:(q-p)*k]
		g.Im2col(col, dy, p, q)
		from, size := lo*g.KW*g.C, (hi-lo)*g.KW*g.C
		kernel.Gemm(kernel.NoTrans, kernel.NoTrans, q-p, o.g.C, size, col[from:], k, o.wt[from*o.g.C:], o.g.C, 0, dx[p*o.g.C:], o.g.C)
	}
}

func (o *conv2d) reduceCut() cut { return cut{o.grads.size, 4096} }

// reduce adds the shards' gradients, in their order.
func (o *conv2d) reduce(chunk, _ int) {
	lo, hi := o.reduceCut().at(chunk)
	sum, weights := o.grads.reduce(o.shardCut().chunks(), lo, hi), o.k*o.filters
	if lo < weights {
		copy(o.w.G[lo:], sum[:min(hi, weights)-lo])
	}
	if hi > weights {
		from := max(lo, weights)
		copy(o.b.G[from-weights:], sum[from-lo:])
	}
}

func (l *Conv2D) head() Activation  { return l.Activation }
func (o *conv2d) logits() []float32 { return o.act.z }

func init() {
	Layers.Register(spec.Kind{Name: "conv2d", Class: "Conv2D", Doc: "filters that slide over the image, sharing their weights", New: func() any {
		return &Conv2D{Common: common(), Strides: spec.Square(1), Padding: "valid", DilationRate: spec.Square(1), UseBias: true,
			KernelInitializer: &GlorotUniform{}, BiasInitializer: &Zeros{}}
	}})
}
