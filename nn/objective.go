package nn

import (
	"cnnbench/nn/loss"
	"cnnbench/nn/optim"
)

// Objective is what a network is trained or judged for.
type Objective struct {
	Loss      loss.Loss
	Target    loss.Target     // the form of the targets, from the loss's Fit
	Optimizer optim.Optimizer // nil: the network is only judged
}

func (o *Objective) trains() bool { return o != nil && o.Optimizer != nil }

// fused reports whether the loss undoes the activation of the layer, the model's last, and so works on its logits.
func (o *Objective) fused(last Layer) bool {
	if o == nil {
		return false
	}
	l, ok := o.Loss.(loss.FromLogits)
	a := HeadActivation(last)
	return ok && a == l.Activation()
}

// HeadActivation names the activation with which a layer ends, or "" where it has none of its own or cannot hand on its
// logits.
func HeadActivation(l Layer) string {
	h, ok := l.(interface{ head() Activation })
	if !ok {
		return ""
	}
	if h.head() == nil {
		return "linear"
	}
	return Activations.Must(h.head()).Name
}

// The fixed cuts of the loss and of penalties.
const (
	lossRows      = 8
	penaltyValues = 8192
)

// objective is a network's loss and optimizer at work.
type objective struct {
	n       *Network
	loss    loss.Loss
	logits  []float32 // of the head, where the loss takes them
	width   int       // of a row of predictions
	columns int       // of a row of targets
	rowsPer int       // rows of one sample: more than one where the network answers with a sequence
	targets []float32 // [Batch*rowsPer, columns]
	values  []float64 // [Batch*rowsPer] loss of each row
	weights []float32 // [Batch*rowsPer] of the rows in this batch, or nil
	spread  []float32 // where weights of samples become weights of rows
	rows    int
	ends    []int // steps of each sample whose rows count; nil: all rows do
	counted int   // rows that count: what the loss is the mean over

	penalised []penalty // chunks of regularised weights
	partial   []float64
	optimizer *optim.State

	lossT, measureT, applyT, penaltyT func(chunk, worker int)
}

// penalty is a chunk of a regularised tensor.
type penalty struct {
	weight *Weight
	lo, hi int
}

func newObjective(n *Network, c *Objective) *objective {
	out := n.summary.Out()
	o := &objective{n: n, loss: c.Loss, width: out[len(out)-1]}
	o.columns = c.Target.Columns(o.width)
	o.rowsPer = out.Size() / o.width
	rows := n.config.Batch * o.rowsPer
	o.targets, o.values, o.spread = make([]float32, rows*o.columns), make([]float64, rows), make([]float32, rows)
	if n.fusedHead {
		o.logits = n.ops[len(n.ops)-1].(interface{ logits() []float32 }).logits()
	}
	for i := range n.weights {
		w := &n.weights[i]
		if w.Regularizer == nil || w.State || w.Frozen {
			continue
		}
		for lo := 0; lo < len(w.Data); lo += penaltyValues {
			o.penalised = append(o.penalised, penalty{w, lo, min(lo+penaltyValues, len(w.Data))})
		}
	}
	o.partial = make([]float64, len(o.penalised))
	o.lossT, o.penaltyT = o.rowLoss, o.penalise
	if c.trains() {
		var params []optim.Param
		for i := range n.weights {
			if w := &n.weights[i]; w.trainable {
				w.param = len(params)
				params = append(params, optim.Param{Name: w.Name, W: w.Data, G: w.Gradient, Streamed: w.streams})
			}
		}
		o.optimizer = optim.New(c.Optimizer, params)
		o.measureT = func(chunk, _ int) { o.optimizer.Measure(chunk) }
		o.applyT = func(chunk, _ int) { o.optimizer.Apply(chunk) }
		for _, slot := range o.optimizer.Tensors() {
			n.bytes += 4 * len(slot.Values)
		}
	}
	return o
}

func (o *objective) reset() {
	if o.optimizer != nil {
		o.optimizer.Reset()
	}
}

// Targets is where a batch's targets go, [Batch * rows of a sample, target columns].
func (o *objective) Targets() []float32 { return o.targets }

// Columns is the number of target columns of a row, Width that of predictions, RowsPer the number of rows of a sample.
func (o *objective) Columns() int { return o.columns }

// Width is the number of values of a row of predictions.
func (o *objective) Width() int { return o.width }

// RowsPer is the number of rows of predictions of one sample: more than one where the network answers with a sequence.
func (o *objective) RowsPer() int { return o.rowsPer }

// Counts reports whether a row of the last pass's predictions is a step of a sample's own, and not behind its end.
func (o *objective) Counts(row int) bool {
	return o.ends == nil || row%o.rowsPer < o.ends[row/o.rowsPer]
}

// Step trains on the first rows of Input and Targets and returns the batch's loss, penalties included, as it was before
// the weights moved. weights [rows] multiply the samples' losses; nil means 1. The draws of the step follow from the
// optimizer's count of steps.
func (n *Network) Step(rows int, weights []float32) float64 {
	o := n.objective
	n.Forward(rows, true, o.optimizer.Iterations())
	value := o.judge(rows, weights)
	if !o.optimizer.Measures() {
		o.optimizer.Begin() // what is streamed moves within Backward
	}
	n.Backward()
	o.update()
	return value
}

// Evaluate infers the first rows of Input and returns the loss by Targets, penalties included.
func (n *Network) Evaluate(rows int, weights []float32) float64 {
	n.Forward(rows, false, 0)
	return n.objective.judge(rows, weights)
}

// judge computes the loss of the last pass and, in training, its gradient, with the penalties.
func (o *objective) judge(samples int, weights []float32) float64 {
	o.rows, o.weights = samples*o.rowsPer, nil
	o.ends = o.n.edges[len(o.n.edges)-1].ends(&o.n.pass)
	o.counted = counted(o.ends, o.rows)
	if weights != nil {
		o.weights = o.spread[:o.rows]
		for i := range o.weights {
			o.weights[i] = weights[i/o.rowsPer]
		}
	}
	o.n.pool.run(cut{o.rows, lossRows}.chunks(), o.lossT)
	value := loss.Mean(o.values[:o.rows], o.weights)
	if o.ends != nil {
		value = float64(value * float64(o.rows) / float64(o.counted))
	}
	o.n.pool.run(len(o.penalised), o.penaltyT)
	for _, p := range o.partial {
		value += p
	}
	return value
}

// rowLoss computes some rows' losses and, in training, the gradient of the batch's loss by their outputs or logits.
func (o *objective) rowLoss(chunk, _ int) {
	lo, hi := cut{o.rows, lossRows}.at(chunk)
	y, p, w := o.targets[lo*o.columns:hi*o.columns], o.n.Output()[lo*o.width:hi*o.width], o.width
	var d, weights []float32
	if g := o.n.OutputGradient(); o.n.pass.Training && g != nil { // nil: nothing in the network learns
		d = g[lo*w : hi*w]
	}
	if o.logits != nil {
		o.loss.(loss.FromLogits).RowsLogits(y, o.logits[lo*w:hi*w], p, w, o.values[lo:hi], d)
	} else {
		o.loss.Rows(y, p, w, o.values[lo:hi], d)
	}
	for r := lo; r < hi && o.ends != nil; r++ {
		if o.Counts(r) {
			continue
		}
		o.values[r] = 0
		if d != nil {
			clear(d[(r-lo)*w : (r-lo+1)*w])
		}
	}
	if d == nil {
		return
	}
	if o.weights != nil {
		weights = o.weights[lo:hi]
	}
	loss.Weigh(d, w, o.counted, weights)
}

func (o *objective) penalise(chunk, _ int) {
	p := o.penalised[chunk]
	o.partial[chunk] = p.weight.Regularizer.penalty(p.weight.Data[p.lo:p.hi])
}

// update adds the penalties' gradients and lets the optimizer move the weights.
func (o *objective) update() {
	for _, p := range o.penalised {
		p.weight.Regularizer.addGradient(p.weight.Gradient[p.lo:p.hi], p.weight.Data[p.lo:p.hi])
	}
	chunks := len(o.optimizer.Chunks())
	if o.optimizer.Measures() {
		o.n.pool.run(chunks, o.measureT)
		o.optimizer.Begin()
	}
	o.n.pool.run(chunks, o.applyT)
}
