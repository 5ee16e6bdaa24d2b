package nn

// Op is a built layer. It reads and writes the edges it was built with; how it cuts its work depends on the batch and
// its own shape alone.
type Op interface {
	// Forward computes Y.V from X.V for the rows of the pass.
	Forward(p *Pass)
	// Backward computes, from Y.D, the gradients of its parameters, where they have any, and X.D, where there is one.
	// It may destroy Y.D.
	Backward(p *Pass)
}

// Pass is one run through the network.
type Pass struct {
	Rows     int  // samples in this batch
	Training bool // dropout drops, batch normalisation uses the batch
	Step     int64
	Seed     uint64
	Lengths  []int // steps of each row's sequence that count, [Rows]; nil: all of them
	pool     *pool
}

// chunkValues is about how many values a chunk of whole samples takes.
const chunkValues = 16384

// samples cuts the pass into chunks of whole samples of the size.
func (p *Pass) samples(size int) cut { return cut{p.Rows, max(1, chunkValues/max(1, size))} }

// Edge is what one layer hands to the next, for a whole batch: V [Batch, size] the values, D [Batch, size] the
// gradients of the loss by them; D is nil where nobody needs it. Gradients share their memory with those of other edges:
// D holds from the Backward of the layer after to that of the layer before.
type Edge struct {
	Shape Shape
	V, D  []float32
	signs bool // of V, whoever wrote it needs no more than which values are above 0
	steps bool // its samples are sequences that end where those of the network's input do
}

// Tensor is a parameter's place in the arenas.
type Tensor struct {
	W []float32
	G []float32 // where its gradient goes; nil where it is not trained, and where it has Update
	// Update moves the weights from lo on by their gradients, which it may destroy. Where it is not nil, Backward calls it
	// with each piece of the gradient, once it needs these weights no more: so a gradient goes from the cache into the
	// step and is never written out.
	Update   func(lo int, gradients []float32)
	inPanels func() // from now on it lies in panels during passes
}

// trained reports whether the optimizer moves it.
func (t *Tensor) trained() bool { return t.G != nil || t.Update != nil }

// Builder is what a layer builds its operation from.
type Builder struct {
	In, Out       Shape
	Batch         int      // largest number of rows of a pass
	X, Y          *Edge    // carved after all layers are built
	Params        []Tensor // in the order of the plan, ready
	Index         int      // of the layer
	Frozen        bool     // trainable: false
	Infer         bool     // the operation is for inferences alone
	InputGradient bool     // X.D is wanted
	Head          bool     // the loss takes this layer's logits: Y.D arrives as the gradient by them
	convolution   string   // how convolutions are computed: Config.Convolution
	memory        *arena
	scratch       *scratch // of each worker
	common        *scratch // of all
	workers       int
	sameGradient  bool
	sameValues    bool
}

// Panels asks that a matrix among the parameters lie in the kernels' panels during passes: W then, and what Update moves.
// It reports whether it does, which it can where the optimizer moves it piece by piece.
func (b *Builder) Panels(param int) bool {
	t := &b.Params[param]
	if t.Update != nil {
		t.inPanels()
	}
	return t.Update != nil
}

// Floats asks for n values, zero at first; *into is set after all layers are built.
func (b *Builder) Floats(into *[]float32, n int) { b.memory.floats(into, n) }

// SameGradient asks that Y.D and X.D be the same slice where both are wanted: Backward works in place.
func (b *Builder) SameGradient() { b.sameGradient = true }

// SameValues lets Y.V be the same slice as X.V, where that is possible: Backward does not need X.V, and forward changes
// no sign but to 0, where it lets no gradient through.
func (b *Builder) SameValues() { b.sameValues = b.X.signs }

// Signs says that of Y.V Backward needs no more than which values are above 0.
func (b *Builder) Signs() { b.Y.signs = true }

// Scratch asks for n values for each worker. All operations share them, so that they are still in the cache: they hold
// anything at a chunk's beginning. An operation asks once.
func (b *Builder) Scratch(n int) [][]float32 { return b.scratch.ask(b.workers, n) }

// Common asks for n values that all operations share: they hold anything at the beginning of Forward and of Backward.
// The one slice of the result is set after all layers are built. An operation asks once.
func (b *Builder) Common(n int) [][]float32 { return b.common.ask(1, n) }
