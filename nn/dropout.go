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
// The draws depend on (seed, layer, step, sample in the batch) alone. They tell 65536 shares apart: the rate is rounded to
// the nearest.
type Dropout struct {
	Common `yaml:",inline"`
	Rate   float64 `yaml:"rate" required:"true" min:"0" max:"1" doc:"share of the values that are dropped in training"`
}

// Plan keeps the shape.
func (l *Dropout) Plan(in Shape) (Plan, error) { return Plan{Out: in, Masking: Keeps}, nil }

type dropout struct {
	x, y            *Edge
	index           int
	drop            uint32  // of so many draws
	scale           float32 // of what is kept
	mask            []uint8 // [Batch, size] 255 where kept
	pass            *Pass
	samples         cut
	forwardT, backT func(chunk, worker int)
}

// Build makes the operation.
func (l *Dropout) Build(b *Builder) Op {
	o := l.build(b, b.Index)
	if !b.Infer {
		o.mask = make([]uint8, b.Batch*b.Out.Size())
	}
	b.SameGradient()
	b.SameValues()
	o.forwardT, o.backT = o.forward, o.backward
	return o
}

// build is what of the operation does not depend on who does it.
func (l *Dropout) build(b *Builder, index int) *dropout {
	o := &dropout{x: b.X, y: b.Y, index: index, drop: uint32(math.Round(l.Rate * kernel.Draws))}
	if l.Rate < 1 {
		o.scale = float32(1 / (1 - l.Rate))
	}
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
	key := o.key(o.pass)
	for n := lo; n < hi; n++ {
		mask := o.mask[n*size : (n+1)*size]
		kernel.DropoutMask(mask, key, uint32(n), 0, o.drop)
		kernel.Keep(o.y.V[n*size:(n+1)*size], o.x.V[n*size:(n+1)*size], mask, o.scale)
	}
}

// key is that of the pass's draws.
func (o *dropout) key(p *Pass) rng.Key {
	return rng.New(p.Seed, rng.Dropout, uint64(o.index), uint64(p.Step))
}

func (o *dropout) Backward(p *Pass) {
	if o.x.D != nil {
		p.pool.run(o.samples.chunks(), o.backT)
	}
}

func (o *dropout) backward(chunk, _ int) {
	size := o.x.Shape.Size()
	lo, hi := o.samples.at(chunk)
	kernel.Keep(o.x.D[lo*size:hi*size], o.y.D[lo*size:hi*size], o.mask[lo*size:hi*size], o.scale)
}

func init() {
	Layers.Register(spec.Kind{Name: "dropout", Class: "Dropout", Doc: "drops a share of the values in training, against overfitting", New: func() any {
		return &Dropout{Common: common()}
	}})
}
