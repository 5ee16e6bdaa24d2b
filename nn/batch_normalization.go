package nn

import (
	"fmt"
	"math"

	"cnnbench/nn/kernel"
	"cnnbench/spec"
)

// BatchNormalization makes each channel's mean 0 and variance 1 over the batch, then scales by gamma and shifts by beta
// (Ioffe and Szegedy 2015; Keras 3, src/layers/normalization/batch_normalization.py). Inference, and a frozen layer,
// use moving averages: moving = moving*momentum + batch*(1-momentum), with the biased variance. Steps behind a
// sequence's end are normalised too, but not counted in mean and variance.
//
// Shapes: [.., C] to [.., C]; gamma, beta, moving_mean, moving_variance [C].
type BatchNormalization struct {
	Common                    `yaml:",inline"`
	Momentum                  float64      `yaml:"momentum" min:"0" max:"1" doc:"how slowly the moving averages follow"`
	Epsilon                   float64      `yaml:"epsilon" above:"0" doc:"added to the variance"`
	Center                    bool         `yaml:"center" doc:"add a trained beta"`
	Scale                     bool         `yaml:"scale" doc:"multiply by a trained gamma"`
	BetaInitializer           Initializer  `yaml:"beta_initializer" doc:"how beta starts"`
	GammaInitializer          Initializer  `yaml:"gamma_initializer" doc:"how gamma starts"`
	MovingMeanInitializer     Initializer  `yaml:"moving_mean_initializer" doc:"how the moving mean starts"`
	MovingVarianceInitializer Initializer  `yaml:"moving_variance_initializer" doc:"how the moving variance starts"`
	BetaRegularizer           *Regularizer `yaml:"beta_regularizer" doc:"penalty on beta"`
	GammaRegularizer          *Regularizer `yaml:"gamma_regularizer" doc:"penalty on gamma"`
}

// Plan keeps the shape.
func (l *BatchNormalization) Plan(in Shape) (Plan, error) {
	if len(in) == 0 || in[len(in)-1] == 0 {
		return Plan{}, fmt.Errorf("the input %v has no fixed last axis; batch normalisation needs one", in)
	}
	c := []int{in[len(in)-1]}
	p := Plan{Out: in, Masking: Keeps}
	if l.Scale {
		p.Params = append(p.Params, Param{Name: "gamma", Shape: c, Init: l.GammaInitializer, Regularizer: l.GammaRegularizer})
	}
	if l.Center {
		p.Params = append(p.Params, Param{Name: "beta", Shape: c, Init: l.BetaInitializer, Regularizer: l.BetaRegularizer})
	}
	p.Params = append(p.Params,
		Param{Name: "moving_mean", Shape: c, Init: l.MovingMeanInitializer, State: true},
		Param{Name: "moving_variance", Shape: c, Init: l.MovingVarianceInitializer, State: true})
	return p, nil
}

// bnValues is about how many values one chunk takes.
const bnValues = 16384

type batchNorm struct {
	x, y                        *Edge
	gamma, beta, mean, variance Tensor
	c, rowsPer, chunkRows       int
	momentum, epsilon           float64
	frozen                      bool

	sums       []float64     // [chunks, 2, C] partial sums of one pass over the data
	mu, inv    []float64     // [C] of the batch: mean and 1/sqrt(variance+epsilon)
	origin     []float64     // [C] what the sums take off first: the batch's first row
	affine     kernel.Affine // [period] y = (x - shift)*scale + offset
	da, db, dm []float32     // [period] dx = da*dy + db*(x-shift) + dm
	zeros      []float32     // [period] db and dm behind a sequence's end
	ends       []int         // of the rows' sequences; nil: all full

	// backward is NormalizeBackward, or that with what follows.
	backward func(dx, dy, x []float32, a kernel.Affine, da, db, dm []float32)

	pass                             *Pass
	sumT, applyT, dsumT, dapplyT, dT func(chunk, worker int)
}

// Build makes the operation.
func (l *BatchNormalization) Build(b *Builder) Op {
	b.SameGradient()
	return l.build(b, 1)
}

// build makes the operation with chunks of so many rows, or a multiple.
func (l *BatchNormalization) build(b *Builder, rows int) *batchNorm {
	c := b.In[len(b.In)-1]
	o := &batchNorm{x: b.X, y: b.Y, c: c, rowsPer: b.In.Size() / c, chunkRows: max(1, bnValues/(c*rows)) * rows, momentum: l.Momentum, epsilon: l.Epsilon, frozen: b.Frozen}
	params := b.Params
	if l.Scale {
		o.gamma, params = params[0], params[1:]
	}
	if l.Center {
		o.beta, params = params[0], params[1:]
	}
	o.mean, o.variance = params[0], params[1]
	o.sums = make([]float64, cut{b.Batch * o.rowsPer, o.chunkRows}.chunks()*2*c)
	o.mu, o.inv, o.origin = make([]float64, c), make([]float64, c), make([]float64, c)
	for _, v := range []*[]float32{&o.affine.Shift, &o.affine.Scale, &o.affine.Offset, &o.da, &o.db, &o.dm} {
		b.Floats(v, kernel.Period(c))
	}
	if b.X.steps {
		b.Floats(&o.zeros, kernel.Period(c))
	}
	o.backward = kernel.NormalizeBackward
	o.sumT, o.applyT, o.dsumT, o.dapplyT, o.dT = o.sum, o.apply, o.dsum, o.dapply, o.dinfer
	return o
}

func (o *batchNorm) cut() cut { return cut{o.pass.Rows * o.rowsPer, o.chunkRows} }

// values are the bounds of a chunk's values.
func (o *batchNorm) values(chunk int) (lo, hi int) {
	lo, hi = o.cut().at(chunk)
	return lo * o.c, hi * o.c
}

// partials gives a chunk's two rows of sums, set to 0.
func (o *batchNorm) partials(chunk int) (a, b []float64) {
	s := o.sums[chunk*2*o.c : (chunk+1)*2*o.c]
	clear(s)
	return s[:o.c], s[o.c:]
}

// total adds the chunks' sums, in their order.
func (o *batchNorm) total() (a, b []float64) {
	for chunk := 1; chunk < o.cut().chunks(); chunk++ {
		for k, v := range o.sums[chunk*2*o.c : (chunk+1)*2*o.c] {
			o.sums[k] += v
		}
	}
	return o.sums[:o.c], o.sums[o.c : 2*o.c]
}

// repeat repeats the first C of each of the parameters up to their period.
func (o *batchNorm) repeat(params ...[]float32) {
	for _, p := range params {
		for k := o.c; k < len(p); k++ {
			p[k] = p[k-o.c]
		}
	}
}

func (o *batchNorm) Forward(p *Pass) {
	o.pass, o.ends = p, o.x.ends(p)
	if p.Training && !o.frozen {
		o.measure(p)
	} else {
		for k := range o.mu {
			o.mu[k] = float64(o.mean.W[k])
			o.inv[k] = 1 / math.Sqrt(float64(o.variance.W[k])+o.epsilon)
		}
	}
	for k := range o.mu {
		o.affine.Shift[k] = float32(o.mu[k])
		o.affine.Scale[k] = float32(o.inv[k] * float64(at(o.gamma.W, k, 1)))
		o.affine.Offset[k] = at(o.beta.W, k, 0)
	}
	o.repeat(o.affine.Shift, o.affine.Scale, o.affine.Offset)
	p.pool.run(o.cut().chunks(), o.applyT)
}

func at(w []float32, k int, otherwise float32) float32 {
	if w == nil {
		return otherwise
	}
	return w[k]
}

// measure works out the batch's mean and variance, in one pass over it, and moves the averages.
func (o *batchNorm) measure(p *Pass) {
	for k := range o.origin {
		o.origin[k] = float64(o.x.V[k])
	}
	p.pool.run(o.cut().chunks(), o.sumT)
	sum, square := o.total()
	n := float64(counted(o.ends, p.Rows*o.rowsPer))
	for k := range o.mu {
		d := sum[k] / n
		o.mu[k] = o.origin[k] + d
		variance := max(0, square[k]/n-float64(d*d))
		o.inv[k] = 1 / math.Sqrt(variance+o.epsilon)
		o.mean.W[k] = float32(float64(float64(o.mean.W[k])*o.momentum) + float64(o.mu[k]*(1-o.momentum)))
		o.variance.W[k] = float32(float64(float64(o.variance.W[k])*o.momentum) + float64(variance*(1-o.momentum)))
	}
}

func (o *batchNorm) sum(chunk, _ int) {
	lo, hi := o.cut().at(chunk)
	sum, square := o.partials(chunk)
	runs(o.ends, o.rowsPer, lo, hi, func(lo, hi int, within bool) {
		if within {
			kernel.Moments(sum, square, o.origin, o.x.V[lo*o.c:hi*o.c])
		}
	})
}

func (o *batchNorm) apply(chunk, _ int) {
	lo, hi := o.values(chunk)
	kernel.Normalize(o.y.V[lo:hi], o.x.V[lo:hi], o.affine)
}

func (o *batchNorm) Backward(p *Pass) {
	o.pass, o.ends = p, o.x.ends(p)
	if o.frozen {
		if o.x.D != nil {
			p.pool.run(o.cut().chunks(), o.dT)
		}
		return
	}
	p.pool.run(o.cut().chunks(), o.dsumT)
	dbeta, dot := o.total()
	n := float64(counted(o.ends, p.Rows*o.rowsPer))
	for k := range o.mu {
		dgamma := dot[k] * o.inv[k] // the sum of dy*xhat, xhat = (x-mu)*inv
		if o.beta.G != nil {
			o.beta.G[k] = float32(dbeta[k])
		}
		if o.gamma.G != nil {
			o.gamma.G[k] = float32(dgamma)
		}
		// dx = gamma*inv * (dy - mean(dy) - xhat*mean(dy*xhat))
		a := float64(at(o.gamma.W, k, 1)) * o.inv[k]
		o.da[k] = float32(a)
		o.db[k] = float32(-a * o.inv[k] * dgamma / n)
		o.dm[k] = float32(-a * dbeta[k] / n)
	}
	if o.x.D != nil {
		o.repeat(o.da, o.db, o.dm)
		p.pool.run(o.cut().chunks(), o.dapplyT)
	}
}

// dsum adds up dy and dy*(x-mu).
func (o *batchNorm) dsum(chunk, _ int) {
	lo, hi := o.values(chunk)
	dbeta, dot := o.partials(chunk)
	kernel.MomentsBackward(dbeta, dot, o.mu, o.x.V[lo:hi], o.y.D[lo:hi])
}

func (o *batchNorm) dapply(chunk, _ int) {
	lo, hi := o.cut().at(chunk)
	runs(o.ends, o.rowsPer, lo, hi, func(lo, hi int, within bool) {
		db, dm := o.db, o.dm
		if !within { // such a row moves neither mean nor variance
			db, dm = o.zeros, o.zeros
		}
		lo, hi = lo*o.c, hi*o.c
		o.backward(o.x.D[lo:hi], o.y.D[lo:hi], o.x.V[lo:hi], o.affine, o.da, db, dm)
	})
}

func (o *batchNorm) dinfer(chunk, _ int) {
	lo, hi := o.values(chunk)
	for ; lo < hi; lo += o.c {
		kernel.Mul(o.x.D[lo:lo+o.c], o.y.D[lo:lo+o.c], o.affine.Scale)
	}
}

func init() {
	Layers.Register(spec.Kind{Name: "batch_normalization", Class: "BatchNormalization", Doc: "mean 0 and variance 1 for each channel", New: func() any {
		return &BatchNormalization{Common: common(), Momentum: .99, Epsilon: 1e-3, Center: true, Scale: true, BetaInitializer: &Zeros{}, GammaInitializer: &Ones{},
			MovingMeanInitializer: &Zeros{}, MovingVarianceInitializer: &Ones{}}
	}})
}
