package nn

import (
	"fmt"
	"math"

	"cnnbench/nn/kernel"
	"cnnbench/spec"
)

// BatchNormalization makes each channel's mean 0 and variance 1 over the batch, then scales by gamma and shifts by beta
// (Ioffe and Szegedy 2015; Keras 3, src/layers/normalization/batch_normalization.py). Inference, and a frozen layer,
// use moving averages: moving = moving*momentum + batch*(1-momentum), with the biased variance.
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
	p := Plan{Out: in}
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

// bnRows is the number of rows whose sums one chunk adds up.
const bnRows = 512

type batchNorm struct {
	x, y                        *Edge
	gamma, beta, mean, variance Tensor
	c, rowsPer                  int
	momentum, epsilon           float64
	frozen                      bool

	sums       []float64 // [chunks, 2, C] partial sums of one pass over the data
	mu, inv    []float64 // [C] of the batch: mean and 1/sqrt(variance+epsilon)
	scale      []float32 // [C] y = (x - shift)*scale + beta
	shift      []float32
	da, db, dm []float32 // [C] dx = da*dy + db*(x-mu) + dm

	pass                                      *Pass
	sumT, squareT, applyT, dsumT, dapplyT, dT func(chunk, worker int)
}

// Build makes the operation.
func (l *BatchNormalization) Build(b *Builder) Op {
	c := b.In[len(b.In)-1]
	o := &batchNorm{x: b.X, y: b.Y, c: c, rowsPer: b.In.Size() / c, momentum: l.Momentum, epsilon: l.Epsilon, frozen: b.Frozen}
	params := b.Params
	if l.Scale {
		o.gamma, params = params[0], params[1:]
	}
	if l.Center {
		o.beta, params = params[0], params[1:]
	}
	o.mean, o.variance = params[0], params[1]
	o.sums = make([]float64, cut{b.Batch * o.rowsPer, bnRows}.chunks()*2*c)
	o.mu, o.inv = make([]float64, c), make([]float64, c)
	for _, v := range []*[]float32{&o.scale, &o.shift, &o.da, &o.db, &o.dm} {
		b.Floats(v, c)
	}
	o.sumT, o.squareT, o.applyT, o.dsumT, o.dapplyT, o.dT = o.sum, o.square, o.apply, o.dsum, o.dapply, o.dinfer
	return o
}

func (o *batchNorm) cut() cut { return cut{o.pass.Rows * o.rowsPer, bnRows} }

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

func (o *batchNorm) Forward(p *Pass) {
	o.pass = p
	if p.Training && !o.frozen {
		o.measure(p)
	} else {
		for k := range o.mu {
			o.mu[k] = float64(o.mean.W[k])
			o.inv[k] = 1 / math.Sqrt(float64(o.variance.W[k])+o.epsilon)
		}
	}
	for k := range o.scale {
		o.shift[k] = float32(o.mu[k])
		o.scale[k] = float32(o.inv[k] * float64(at(o.gamma.W, k, 1)))
	}
	p.pool.run(o.cut().chunks(), o.applyT)
}

func at(w []float32, k int, otherwise float32) float32 {
	if w == nil {
		return otherwise
	}
	return w[k]
}

// measure works out the batch's mean and variance and moves the averages.
func (o *batchNorm) measure(p *Pass) {
	n := float64(p.Rows * o.rowsPer)
	p.pool.run(o.cut().chunks(), o.sumT)
	sum, _ := o.total()
	for k := range o.mu {
		o.mu[k] = sum[k] / n
	}
	p.pool.run(o.cut().chunks(), o.squareT)
	square, _ := o.total()
	for k := range o.inv {
		variance := square[k] / n
		o.inv[k] = 1 / math.Sqrt(variance+o.epsilon)
		o.mean.W[k] = float32(float64(float64(o.mean.W[k])*o.momentum) + float64(o.mu[k]*(1-o.momentum)))
		o.variance.W[k] = float32(float64(float64(o.variance.W[k])*o.momentum) + float64(variance*(1-o.momentum)))
	}
}

func (o *batchNorm) sum(chunk, _ int) {
	lo, hi := o.cut().at(chunk)
	s, _ := o.partials(chunk)
	for r := lo; r < hi; r++ {
		for k, v := range o.x.V[r*o.c : (r+1)*o.c] {
			s[k] += float64(v)
		}
	}
}

func (o *batchNorm) square(chunk, _ int) {
	lo, hi := o.cut().at(chunk)
	s, _ := o.partials(chunk)
	for r := lo; r < hi; r++ {
		for k, v := range o.x.V[r*o.c : (r+1)*o.c] {
			d := float64(v) - o.mu[k]
			s[k] += float64(d * d)
		}
	}
}

func (o *batchNorm) apply(chunk, _ int) {
	lo, hi := o.cut().at(chunk)
	for r := lo; r < hi; r++ {
		y := o.y.V[r*o.c : (r+1)*o.c]
		kernel.Normalize(y, o.x.V[r*o.c:(r+1)*o.c], o.shift, o.scale)
		if o.beta.W != nil {
			kernel.Add(y, o.beta.W)
		}
	}
}

func (o *batchNorm) Backward(p *Pass) {
	o.pass = p
	if o.frozen {
		if o.x.D != nil {
			p.pool.run(o.cut().chunks(), o.dT)
		}
		return
	}
	p.pool.run(o.cut().chunks(), o.dsumT)
	dbeta, dgamma := o.total()
	n := float64(p.Rows * o.rowsPer)
	for k := range o.da {
		if o.beta.G != nil {
			o.beta.G[k] = float32(dbeta[k])
		}
		if o.gamma.G != nil {
			o.gamma.G[k] = float32(dgamma[k])
		}
		// dx = gamma*inv * (dy - mean(dy) - xhat*mean(dy*xhat)), xhat = (x-mu)*inv
		a := float64(at(o.gamma.W, k, 1)) * o.inv[k]
		o.da[k] = float32(a)
		o.db[k] = float32(-a * o.inv[k] * dgamma[k] / n)
		o.dm[k] = float32(-a * dbeta[k] / n)
	}
	if o.x.D != nil {
		p.pool.run(o.cut().chunks(), o.dapplyT)
	}
}

// dsum adds up dy and dy*xhat.
func (o *batchNorm) dsum(chunk, _ int) {
	lo, hi := o.cut().at(chunk)
	db, dg := o.partials(chunk)
	for r := lo; r < hi; r++ {
		x := o.x.V[r*o.c : (r+1)*o.c]
		for k, dy := range o.y.D[r*o.c : (r+1)*o.c] {
			db[k] += float64(dy)
			dg[k] += float64(float64(dy) * float64((float64(x[k])-o.mu[k])*o.inv[k]))
		}
	}
}

func (o *batchNorm) dapply(chunk, _ int) {
	lo, hi := o.cut().at(chunk)
	for r := lo; r < hi; r++ {
		row := func(v []float32) []float32 { return v[r*o.c : (r+1)*o.c] }
		kernel.NormalizeBackward(row(o.x.D), row(o.y.D), row(o.x.V), o.shift, o.da, o.db, o.dm)
	}
}

func (o *batchNorm) dinfer(chunk, _ int) {
	lo, hi := o.cut().at(chunk)
	for r := lo; r < hi; r++ {
		dx := o.x.D[r*o.c : (r+1)*o.c]
		for k, dy := range o.y.D[r*o.c : (r+1)*o.c] {
			dx[k] = float32(dy * o.scale[k])
		}
	}
}

func init() {
	Layers.Register(spec.Kind{Name: "batch_normalization", Class: "BatchNormalization", Doc: "mean 0 and variance 1 for each channel", New: func() any {
		return &BatchNormalization{Common: common(), Momentum: .99, Epsilon: 1e-3, Center: true, Scale: true, BetaInitializer: &Zeros{}, GammaInitializer: &Ones{},
			MovingMeanInitializer: &Zeros{}, MovingVarianceInitializer: &Ones{}}
	}})
}
