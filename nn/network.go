package nn

import (
	"errors"
	"fmt"
	"runtime"

	"cnnbench/nn/kernel"
	"cnnbench/nn/optim"
	"cnnbench/rng"
)

// Config says what a network is built for.
type Config struct {
	Batch         int    // most samples of a pass; at least 1
	Seed          uint64 // of initial weights and dropout
	Threads       int    // workers; 0: as many as GOMAXPROCS. No result depends on it
	Objective     *Objective
	InputGradient bool // Backward also works out the gradient by the input
	// Convolution says how convolutions are computed. auto, or "": the fastest way by the layer's shape; im2col: always
	// with the sums of im2col's products; winograd: by Winograd's algorithm wherever the window is 3x3 at stride 1; lanes:
	// with the batch's images side by side wherever stride and dilation are 1.
	Convolution string
}

// Network is a built model: its weights, and forward and backward on buffers carved once. It belongs to one goroutine
// at a time; its own workers are hidden inside.
type Network struct {
	summary *Summary
	config  Config
	ops     []Op   // one a layer; nil where the output is the input
	steps   []step // what training passes run in place of ops
	edges   []*Edge
	weights []Weight
	bytes   int
	pool    *pool
	pass    Pass
	lengths []int // what Lengths hands out, [Batch]
	whole   []int // the same with no 0s
	// fusedHead: the loss takes the last layer's logits, and OutputGradient is the gradient by them.
	fusedHead bool
	panelled  []int // weights that lie in panels during passes
	panels    bool  // they do at the moment
	*objective
}

// Weight is one named tensor of a network. Data is live.
type Weight struct {
	Name        string // conv2d.kernel
	Layer       int
	Shape       []int
	Data        []float32
	Gradient    []float32 // nil where it is not trained, or moved by its layer as the gradient is worked out
	State       bool      // a moving statistic
	Frozen      bool      // its layer says trainable: false
	Regularizer *Regularizer
	trainable   bool
	streams     bool // the layer hands its gradient to the optimizer in pieces
	param       int  // its number among those that the optimizer moves
}

// Trainable reports whether the optimizer moves it.
func (w *Weight) Trainable() bool { return w.trainable }

// Build plans the model for samples of the shape in, allocates its arenas and draws its initial weights. Errors are a
// person's mistakes and say what would work.
func Build(m *Model, in Shape, c Config) (*Network, error) {
	s, err := Summarize(m.Layers, in)
	if err != nil {
		return nil, err
	}
	if len(m.Layers) == 0 {
		return nil, errors.New("model.layers: the list is empty; add at least one layer")
	}
	if in.Size() == 0 {
		return nil, fmt.Errorf("model.input: %v has an axis of any length; the data must say how long it is", in)
	}
	for i := range s.Rows {
		if s.Rows[i].Out.Size() == 0 {
			return nil, &LayerError{Index: i, Kind: s.Rows[i].Kind, Err: fmt.Errorf("the output %v has an axis of any length", s.Rows[i].Out)}
		}
	}
	if c.Batch < 1 {
		panic("nn: a network needs a batch of at least 1")
	}
	if c.Threads < 1 {
		c.Threads = runtime.GOMAXPROCS(0)
	}
	if err := checkMemory(s, c); err != nil {
		return nil, err
	}
	n := &Network{summary: s, config: c, pool: newPool(c.Threads), lengths: make([]int, c.Batch), whole: make([]int, c.Batch)}
	n.fusedHead = c.Objective.fused(m.Layers[len(m.Layers)-1])
	n.carveWeights(m.Layers)
	n.build(m.Layers)
	if c.Objective != nil {
		n.objective = newObjective(n, c.Objective)
	}
	n.Reset()
	return n, nil
}

// training reports whether the network will go backward.
func (n *Network) training() bool { return n.config.Objective.trains() || n.config.InputGradient }

// streams reports whether gradients may go to the optimizer in pieces: it must not need all of them together, and nobody
// else may want them.
func (n *Network) streams() bool {
	o := n.config.Objective
	return o.trains() && !n.config.InputGradient && !optim.Measures(o.Optimizer)
}

// carveWeights lays out the arenas: trained weights and their gradients side by side, everything else behind.
func (n *Network) carveWeights(layers []Layer) {
	var trained, fixed, grads arena
	for i, r := range n.summary.Rows {
		for j := range r.Params {
			p := &r.Params[j]
			w := Weight{Name: r.Name + "." + p.Name, Layer: i, Shape: p.Shape, State: p.State, Frozen: !layers[i].Settings().Trainable, Regularizer: p.Regularizer,
				streams: p.Streams && p.Regularizer == nil && n.streams()}
			n.weights = append(n.weights, w)
		}
	}
	for i := range n.weights {
		w := &n.weights[i]
		size := Shape(w.Shape).Size()
		w.trainable = n.training() && !w.State && !w.Frozen
		if w.trainable {
			trained.floats(&w.Data, size)
			if !w.streams {
				grads.floats(&w.Gradient, size)
			}
		} else {
			fixed.floats(&w.Data, size)
		}
	}
	n.bytes += trained.carve() + fixed.carve() + grads.carve()
}

// build makes the edges and operations.
func (n *Network) build(layers []Layer) {
	var memory arena
	var own, common scratch
	// An operation reads one edge's gradient and writes the one before, so two places in turn hold all of them.
	var gradients [2]scratch
	turn := 0
	var links []func() // edges that are others under another shape, in order, once those are carved
	in := &Edge{Shape: n.summary.In, steps: len(n.summary.In) == 2}
	memory.floats(&in.V, n.config.Batch*in.Shape.Size())
	backward := n.config.InputGradient // whether a gradient is wanted at the current edge
	if backward {
		memory.floats(&in.D, n.config.Batch*in.Shape.Size())
	}
	n.edges = append(n.edges, in)
	for i := range layers {
		n.edges = append(n.edges, &Edge{Shape: n.summary.Rows[i].Out, steps: n.summary.Rows[i].Steps})
	}
	next := 0
	fused := 0 // the first layer that no operation for several computes
	for i, l := range layers {
		r := &n.summary.Rows[i]
		x, y := n.edges[i], n.edges[i+1]
		b := &Builder{In: r.In, Out: r.Out, Batch: n.config.Batch, X: x, Y: y, Index: i, Frozen: !l.Settings().Trainable, Infer: !n.training(), InputGradient: backward && n.training(),
			Head: i == len(layers)-1 && n.fusedHead, convolution: n.config.Convolution, memory: &memory, scratch: &own, common: &common, workers: n.config.Threads}
		for range r.Params {
			w := &n.weights[next]
			at := next
			t := Tensor{W: w.Data, G: w.Gradient, inPanels: func() { n.panelled = append(n.panelled, at) }}
			if w.trainable && w.streams {
				t.Update = func(lo int, gradients []float32) { n.optimizer.Update(w.param, lo, gradients) }
			}
			b.Params = append(b.Params, t)
			backward = backward || w.trainable
			next++
		}
		if i >= fused && n.training() {
			fused = i + n.fuse(b, layers)
		}
		if i < fused {
			b = b.inferring()
		}
		op := l.Build(b)
		if op == nil {
			links = append(links, func() { y.V, y.D = x.V, x.D })
			y.signs = x.signs
		} else {
			size := n.config.Batch * r.Out.Size()
			if b.sameValues {
				links = append(links, func() { y.V = x.V })
				y.signs = true
			} else {
				memory.floats(&y.V, size)
			}
			switch {
			case b.sameGradient && b.InputGradient:
				links = append(links, func() { y.D = x.D })
			case backward && n.training() && i+1 >= fused:
				d := gradients[turn].ask(1, size)
				turn = 1 - turn
				links = append(links, func() { y.D = d[0][:size:size] })
			}
		}
		if i >= fused {
			n.steps = append(n.steps, step{op, y})
		}
		n.ops = append(n.ops, op)
	}
	own.carve(&memory, n.config.Threads)
	common.carve(&memory, 1)
	gradients[0].carve(&memory, 1)
	gradients[1].carve(&memory, 1)
	n.bytes += memory.carve()
	for _, link := range links {
		link()
	}
}

// Reset draws the initial weights anew, from the seed alone, and sets the optimizer back.
func (n *Network) Reset() {
	n.panels = false
	i := 0
	for _, r := range n.summary.Rows {
		for j := range r.Params {
			w := &n.weights[i]
			init := r.Params[j].Init
			if init == nil {
				init = Zeros{}
			}
			init.Fill(w.Data, w.Shape, rng.New(n.config.Seed, rng.Init, uint64(i), 0).Stream())
			i++
		}
	}
	if n.objective != nil {
		n.objective.reset()
	}
}

// Close ends the network's workers. It must not be used afterwards.
func (n *Network) Close() { n.pool.close() }

// Workers are the network's own, for work between its passes. They end with it.
func (n *Network) Workers() *Workers { return &Workers{n.pool} }

// Summary is what the layers make of the input.
func (n *Network) Summary() *Summary { return n.summary }

// Batch is the most samples of a pass.
func (n *Network) Batch() int { return n.config.Batch }

// Bytes is the memory of the arenas.
func (n *Network) Bytes() int { return n.bytes }

// Weights lists the weights in Keras's order. Their Data is live: it may be read and written up to the next pass. It must
// not be called during one, nor by two at a time.
func (n *Network) Weights() []Weight {
	n.lay(false)
	return n.weights
}

// Optimizer is the optimizer at work, nil where the network does not train. Its tensors may be read and written up to the
// next pass. It must not be called during one, nor by two at a time.
func (n *Network) Optimizer() *optim.State {
	if n.objective == nil {
		return nil
	}
	n.lay(false)
	return n.optimizer
}

// lay brings the weights that lie in panels during passes, and what the optimizer keeps for them, into panels, or back
// into rows.
func (n *Network) lay(panels bool) {
	if len(n.panelled) == 0 || n.panels == panels {
		return
	}
	n.panels = panels
	slots := n.optimizer.Tensors()
	change := kernel.FromPanels
	if panels {
		change = kernel.ToPanels
	}
	var was []float32
	for _, i := range n.panelled {
		w := &n.weights[i]
		all := [][]float32{w.Data}
		for _, s := range slots {
			if s.Param == w.param {
				all = append(all, s.Values)
			}
		}
		for _, values := range all {
			was = append(was[:0], values...)
			change(values, was, w.Shape[0], w.Shape[1])
		}
	}
}

// Input is where a batch's samples go, [Batch, input size].
func (n *Network) Input() []float32 { return n.edges[0].V }

// InputGradient is the gradient by the input after Backward, [Batch, input size], if the network was built for it.
func (n *Network) InputGradient() []float32 { return n.edges[0].D }

// Output is what the last pass gave, [Batch, output size].
func (n *Network) Output() []float32 { return n.edges[len(n.edges)-1].V }

// OutputGradient is where Backward takes the gradient by the output from, [Batch, output size].
func (n *Network) OutputGradient() []float32 { return n.edges[len(n.edges)-1].D }

// Activation is what layer i handed on in the last pass, [Batch, size], and its shape. Training passes leave out what
// layers that are computed together do not hand on.
func (n *Network) Activation(i int) ([]float32, Shape) { return n.edges[i+1].V, n.edges[i+1].Shape }

// Forward runs the first rows of Input through the network. step keys the draws of training.
func (n *Network) Forward(rows int, training bool, step int64) {
	if rows < 1 || rows > n.config.Batch {
		panic("nn: rows of a pass are out of the batch")
	}
	n.lay(true)
	n.pass = Pass{Rows: rows, Training: training, Step: step, Seed: n.config.Seed, Lengths: n.ends(rows), pool: n.pool}
	if training {
		for _, s := range n.steps {
			if s.op != nil {
				s.op.Forward(&n.pass)
			}
		}
		return
	}
	for _, op := range n.ops {
		if op != nil {
			op.Forward(&n.pass)
		}
	}
}

// Backward takes OutputGradient back through the layers of the last training pass to the gradients of the weights. In a
// network that trains, Step calls it: weights may move within it.
func (n *Network) Backward() {
	for i := len(n.steps) - 1; i >= 0; i-- {
		s := n.steps[i]
		if s.y.D == nil {
			return // no layer before has anything to learn
		}
		if s.op != nil {
			s.op.Backward(&n.pass)
		}
	}
}

// Predict infers the first rows of Input; the result [rows, output size] holds until the next pass.
func (n *Network) Predict(rows int) []float32 {
	n.Forward(rows, false, 0)
	return n.Output()[:rows*n.summary.Out().Size()]
}
