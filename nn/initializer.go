package nn

import (
	"math"

	"cnnbench/rng"
	"cnnbench/spec"
)

// Initializers is the family of ways to draw initial weights (Keras 3, src/initializers).
var Initializers = spec.NewFamily[Initializer]("initializer")

// Initializer draws the initial values of a tensor.
type Initializer interface {
	// Fill sets w, a tensor of the shape, with draws from s.
	Fill(w []float32, shape []int, s *rng.Stream)
}

// fans counts the inputs and outputs of one unit: kernels are [in, out] or [kh, kw, in, out].
func fans(shape []int) (in, out float64) {
	switch len(shape) {
	case 0:
		return 1, 1
	case 1:
		return float64(shape[0]), float64(shape[0])
	}
	field := 1
	for _, d := range shape[:len(shape)-2] {
		field *= d
	}
	return float64(shape[len(shape)-2] * field), float64(shape[len(shape)-1] * field)
}

// Zeros sets 0, Ones 1, and Constant its value.
type (
	Zeros    struct{}
	Ones     struct{}
	Constant struct {
		Value float64 `yaml:"value" doc:"of every element"`
	}
)

// Fill sets every element.
func (Zeros) Fill(w []float32, _ []int, _ *rng.Stream) { clear(w) }

// Fill sets every element.
func (Ones) Fill(w []float32, _ []int, _ *rng.Stream) { fill(w, 1) }

// Fill sets every element.
func (c Constant) Fill(w []float32, _ []int, _ *rng.Stream) { fill(w, c.Value) }

func fill(w []float32, v float64) {
	for i := range w {
		w[i] = float32(v)
	}
}

// RandomUniform draws from [minval, maxval).
type RandomUniform struct {
	MinVal float64 `yaml:"minval" doc:"lower bound"`
	MaxVal float64 `yaml:"maxval" doc:"upper bound"`
}

// Fill draws w.
func (u RandomUniform) Fill(w []float32, _ []int, s *rng.Stream) {
	for i := range w {
		w[i] = float32(s.Uniform(u.MinVal, u.MaxVal))
	}
}

// RandomNormal draws from the normal distribution.
type RandomNormal struct {
	Mean   float64 `yaml:"mean" doc:"mean"`
	StdDev float64 `yaml:"stddev" min:"0" doc:"standard deviation"`
}

// Fill draws w.
func (n RandomNormal) Fill(w []float32, _ []int, s *rng.Stream) {
	for i := range w {
		w[i] = float32(n.Mean + float64(n.StdDev*s.Norm()))
	}
}

// TruncatedNormal draws from the normal distribution and again what lies more than two deviations off.
type TruncatedNormal struct {
	Mean   float64 `yaml:"mean" doc:"mean"`
	StdDev float64 `yaml:"stddev" min:"0" doc:"standard deviation before truncation"`
}

// Fill draws w.
func (n TruncatedNormal) Fill(w []float32, _ []int, s *rng.Stream) {
	for i := range w {
		x := s.Norm()
		for math.Abs(x) > 2 {
			x = s.Norm()
		}
		w[i] = float32(n.Mean + float64(n.StdDev*x))
	}
}

// VarianceScaling draws with the variance scale / n, n being the fan that mode names.
type VarianceScaling struct {
	Scale        float64 `yaml:"scale" above:"0" doc:"factor"`
	Mode         string  `yaml:"mode" oneof:"fan_in fan_out fan_avg" doc:"which fan"`
	Distribution string  `yaml:"distribution" oneof:"truncated_normal untruncated_normal uniform" doc:"shape of the draws"`
}

// truncatedStd is the standard deviation of the normal distribution truncated at two.
const truncatedStd = .87962566103423978

// Fill draws w.
func (v VarianceScaling) Fill(w []float32, shape []int, s *rng.Stream) {
	in, out := fans(shape)
	n := in
	switch v.Mode {
	case "fan_out":
		n = out
	case "fan_avg":
		n = (in + out) / 2
	}
	variance := v.Scale / math.Max(1, n)
	switch v.Distribution {
	case "uniform":
		limit := math.Sqrt(3 * variance)
		RandomUniform{-limit, limit}.Fill(w, shape, s)
	case "untruncated_normal":
		RandomNormal{0, math.Sqrt(variance)}.Fill(w, shape, s)
	default:
		TruncatedNormal{0, math.Sqrt(variance) / truncatedStd}.Fill(w, shape, s)
	}
}

// The named cases of VarianceScaling: Glorot and Bengio 2010, He et al. 2015, LeCun et al. 1998.
type (
	GlorotUniform struct{}
	GlorotNormal  struct{}
	HeUniform     struct{}
	HeNormal      struct{}
	LecunUniform  struct{}
	LecunNormal   struct{}
)

// Fill draws w.
func (GlorotUniform) Fill(w []float32, shape []int, s *rng.Stream) {
	VarianceScaling{1, "fan_avg", "uniform"}.Fill(w, shape, s)
}

// Fill draws w.
func (GlorotNormal) Fill(w []float32, shape []int, s *rng.Stream) {
	VarianceScaling{1, "fan_avg", "truncated_normal"}.Fill(w, shape, s)
}

// Fill draws w.
func (HeUniform) Fill(w []float32, shape []int, s *rng.Stream) {
	VarianceScaling{2, "fan_in", "uniform"}.Fill(w, shape, s)
}

// Fill draws w.
func (HeNormal) Fill(w []float32, shape []int, s *rng.Stream) {
	VarianceScaling{2, "fan_in", "truncated_normal"}.Fill(w, shape, s)
}

// Fill draws w.
func (LecunUniform) Fill(w []float32, shape []int, s *rng.Stream) {
	VarianceScaling{1, "fan_in", "uniform"}.Fill(w, shape, s)
}

// Fill draws w.
func (LecunNormal) Fill(w []float32, shape []int, s *rng.Stream) {
	VarianceScaling{1, "fan_in", "truncated_normal"}.Fill(w, shape, s)
}

// Orthogonal makes the rows or columns, whichever are fewer, orthonormal times gain (Saxe et al. 2014). A tensor of
// more than two dimensions is taken as [.., last].
type Orthogonal struct {
	Gain float64 `yaml:"gain" doc:"factor"`
}

// Fill draws w: a normal matrix, made orthonormal column by column (modified Gram-Schmidt in float64, twice), with the
// sign that QR with a positive diagonal gives.
func (o Orthogonal) Fill(w []float32, shape []int, s *rng.Stream) {
	cols := shape[len(shape)-1]
	rows := len(w) / cols
	long, short := max(rows, cols), min(rows, cols)
	q := make([][]float64, short) // columns of length long
	for j := range q {
		q[j] = make([]float64, long)
	}
	for i := range long {
		for j := range short {
			q[j][i] = s.Norm()
		}
	}
	dot := func(a, b []float64) float64 {
		var d float64
		for i := range a {
			d += float64(a[i] * b[i])
		}
		return d
	}
	for j := range q {
		for range 2 {
			for _, e := range q[:j] {
				d := dot(q[j], e)
				for i := range e {
					q[j][i] -= float64(d * e[i])
				}
			}
		}
		norm := math.Sqrt(dot(q[j], q[j]))
		for i := range q[j] {
			q[j][i] /= norm
		}
	}
	for i := range rows {
		for j := range cols {
			if rows >= cols {
				w[i*cols+j] = float32(o.Gain * q[j][i])
			} else {
				w[i*cols+j] = float32(o.Gain * q[i][j])
			}
		}
	}
}

func init() {
	for _, k := range []spec.Kind{
		{Name: "zeros", Class: "Zeros", Doc: "all 0", New: func() any { return &Zeros{} }},
		{Name: "ones", Class: "Ones", Doc: "all 1", New: func() any { return &Ones{} }},
		{Name: "constant", Class: "Constant", Doc: "all the same", New: func() any { return &Constant{} }},
		{Name: "random_uniform", Class: "RandomUniform", Doc: "uniform between bounds", New: func() any { return &RandomUniform{-.05, .05} }},
		{Name: "random_normal", Class: "RandomNormal", Doc: "normal", New: func() any { return &RandomNormal{0, .05} }},
		{Name: "truncated_normal", Class: "TruncatedNormal", Doc: "normal, cut at two deviations", New: func() any { return &TruncatedNormal{0, .05} }},
		{Name: "variance_scaling", Class: "VarianceScaling", Doc: "variance by the fans", New: func() any { return &VarianceScaling{1, "fan_in", "truncated_normal"} }},
		{Name: "glorot_uniform", Class: "GlorotUniform", Doc: "uniform by both fans; Keras's default", New: func() any { return &GlorotUniform{} }},
		{Name: "glorot_normal", Class: "GlorotNormal", Doc: "normal by both fans", New: func() any { return &GlorotNormal{} }},
		{Name: "he_uniform", Class: "HeUniform", Doc: "uniform by the inputs, for relu", New: func() any { return &HeUniform{} }},
		{Name: "he_normal", Class: "HeNormal", Doc: "normal by the inputs, for relu", New: func() any { return &HeNormal{} }},
		{Name: "lecun_uniform", Class: "LecunUniform", Doc: "uniform by the inputs, for selu", New: func() any { return &LecunUniform{} }},
		{Name: "lecun_normal", Class: "LecunNormal", Doc: "normal by the inputs, for selu", New: func() any { return &LecunNormal{} }},
		{Name: "orthogonal", Class: "Orthogonal", Doc: "orthonormal rows or columns", New: func() any { return &Orthogonal{1} }},
	} {
		Initializers.Register(k)
	}
}
