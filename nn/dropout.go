package nn

import (
	"math"

	"cnnbench/nn/kernel"
	"cnnbench/rng"
	"cnnbench/spec"
)

// Dropout sets a share of the values to 0 in training and scales the others by 1/(1-rate), so that the sum is expected
// to stay; elsewhere it hands on what it gets (Srivastava et al. 2014, "inverted" as in Keras).
//
// The draws depend on (seed, layer, step, sample in the batch) alone.
type Dropout struct {
	Common `yaml:",inline"`
	Rate   float64 `yaml:"rate" required:"true" min:"0" max:"1" doc:"share of the values that are dropped in training"`
}

// Plan keeps the shape.
func (l *Dropout) Plan(in Shape) (Plan, error) { return Plan{Out: in, Masking: Keeps}, nil }

type dropout struct {
	x, y            *Edge
	index           int
	drop            uint64  // a draw of 32 bits below this drops
	scale           float32 // of what is kept
	mask            []uint8 // [Batch, size] 255 where kept
	pass            *Pass
	samples         cut
	forwardT, backT func(chunk, worker int)
}

// Build makes the operation.
func (l *Dropout) Build(b *Builder) Op {
	o := &dropout{x: b.X, y: b.Y, index: b.Index, drop: uint64(math.Round(l.Rate * (1 << 32)))}
	if l.Rate < 1 {
		o.scale = float32(1 / (1 - l.Rate))
	}
	if !b.Infer {
		o.mask = make([]uint8, b.Batch*b.Out.Size())
	}
	b.SameGradient()
	b.SameValues()
	o.forwardT, o.backT = o.forward, o.backward
	return o
}

func (o *dropout) Forward(p *Pass) {
	o.pass, o.samples = p, p.samples(o.x.Shape.Size())
	p.pool.run(o.samples.chunks(), o.forwardT)
}

func (o *dropout) forward(chunk, _ int) {
	size := o.x.Shape.Size()
	lo, hi := o.samples.at(chunk)
	if !o.pass.Training {
		copy(o.y.V[lo*size:hi*size], o.x.V[lo*size:hi*size])
		return
	}
	key := rng.New(o.pass.Seed, rng.Dropout, uint64(o.index), uint64(o.pass.Step))
	for n := lo; n < hi; n++ {
		kernel.Dropout(o.y.V[n*size:(n+1)*size], o.x.V[n*size:(n+1)*size], o.mask[n*size:(n+1)*size], key, uint32(n), o.drop, o.scale)
	}
}

func (o *dropout) Backward(p *Pass) {
	if o.x.D != nil {
		p.pool.run(o.samples.chunks(), o.backT)
	}
}

func (o *dropout) backward(chunk, _ int) {
	size := o.x.Shape.Size()
	lo, hi := o.samples.at(chunk)
	kernel.DropoutBackward(o.x.D[lo*size:hi*size], o.y.D[lo*size:hi*size], o.mask[lo*size:hi*size], o.scale)
}

func init() {
	Layers.Register(spec.Kind{Name: "dropout", Class: "Dropout", Doc: "drops a share of the values in training, against overfitting", New: func() any {
		return &Dropout{Common: common()}
	}})
}
