// Package nntest holds what layers are tested against: each kind's forward pass worked out again in float64, straight
// from the definition, and the contract that every registered kind passes.
package nntest

import (
	"math"

	"cnnbench/nn"
)

// Tensor is a float64 tensor.
type Tensor struct {
	Shape []int
	Data  []float64
}

// NewTensor makes a tensor of zeros.
func NewTensor(shape ...int) Tensor {
	return Tensor{shape, make([]float64, nn.Shape(shape).Size())}
}

// at reads an element of a tensor of up to four axes.
func (t Tensor) at(i ...int) float64 { return t.Data[t.index(i)] }

func (t Tensor) set(v float64, i ...int) { t.Data[t.index(i)] = v }

func (t Tensor) index(i []int) int {
	k := 0
	for a, v := range i {
		k = k*t.Shape[a] + v
	}
	return k
}

// Reference computes a layer's forward pass for one batch in float64: x [N, ..], the weights in their order, to
// y [N, ..]. training says whether batch statistics are used; dropout's reference is its inference.
type Reference func(l nn.Layer, x Tensor, w []Tensor, training bool) Tensor

// References has one entry for every kind of layer.
var References = map[string]Reference{
	"dense":  dense,
	"conv2d": conv2d,
	"max_pooling2d": func(l nn.Layer, x Tensor, _ []Tensor, _ bool) Tensor {
		return pool(&l.(*nn.MaxPooling2D).Pooling, x, maxOf)
	},
	"average_pooling2d": func(l nn.Layer, x Tensor, _ []Tensor, _ bool) Tensor {
		return pool(&l.(*nn.AveragePooling2D).Pooling, x, meanOf)
	},
	"global_average_pooling2d": func(l nn.Layer, x Tensor, _ []Tensor, _ bool) Tensor {
		return global(l.(*nn.GlobalAveragePooling2D).KeepDims, x, meanOf)
	},
	"global_max_pooling2d": func(l nn.Layer, x Tensor, _ []Tensor, _ bool) Tensor {
		return global(l.(*nn.GlobalMaxPooling2D).KeepDims, x, maxOf)
	},
	"dropout": func(_ nn.Layer, x Tensor, _ []Tensor, _ bool) Tensor { return x },
	"flatten": func(_ nn.Layer, x Tensor, _ []Tensor, _ bool) Tensor {
		return Tensor{[]int{x.Shape[0], len(x.Data) / x.Shape[0]}, x.Data}
	},
	"reshape": reshape,
	"activation": func(l nn.Layer, x Tensor, _ []Tensor, _ bool) Tensor {
		return activate(l.(*nn.ActivationLayer).Activation, x)
	},
	"leaky_relu": func(l nn.Layer, x Tensor, _ []Tensor, _ bool) Tensor {
		return activate(&nn.LeakyRelu{NegativeSlope: l.(*nn.LeakyReLU).NegativeSlope}, x)
	},
	"batch_normalization": batchNormalization,
	"simple_rnn":          simpleRNN,
	"lstm":                lstm,
}

func sigmoid(x float64) float64 { return 1 / (1 + math.Exp(-x)) }

// Activate is the activation of one value; softmax has no value of its own.
func activateOne(a nn.Activation, x float64) float64 {
	switch a := a.(type) {
	case nil, *nn.Linear:
		return x
	case *nn.Relu:
		return math.Max(0, x)
	case *nn.LeakyRelu:
		if x < 0 {
			return a.NegativeSlope * x
		}
		return x
	case *nn.Elu:
		if x < 0 {
			return a.Alpha * math.Expm1(x)
		}
		return x
	case *nn.Selu:
		if x < 0 {
			return 1.0507009873554805 * 1.6732632423543772 * math.Expm1(x)
		}
		return 1.0507009873554805 * x
	case *nn.Gelu:
		if a.Approximate {
			return x / 2 * (1 + math.Tanh(math.Sqrt(2/math.Pi)*(x+0.044715*x*x*x)))
		}
		return x / 2 * (1 + math.Erf(x/math.Sqrt2))
	case *nn.Silu:
		return x * sigmoid(x)
	case *nn.Softplus:
		return math.Log1p(math.Exp(-math.Abs(x))) + math.Max(x, 0)
	case *nn.Sigmoid:
		return sigmoid(x)
	case *nn.Tanh:
		return math.Tanh(x)
	}
	panic("nntest: activation without a reference")
}

func activate(a nn.Activation, x Tensor) Tensor {
	y := NewTensor(x.Shape...)
	if _, ok := a.(*nn.Softmax); ok {
		n := x.Shape[len(x.Shape)-1]
		for r := 0; r < len(x.Data); r += n {
			top := math.Inf(-1)
			for _, v := range x.Data[r : r+n] {
				top = math.Max(top, v)
			}
			sum := 0.0
			for i, v := range x.Data[r : r+n] {
				y.Data[r+i] = math.Exp(v - top)
				sum += y.Data[r+i]
			}
			for i := range n {
				y.Data[r+i] /= sum
			}
		}
		return y
	}
	for i, v := range x.Data {
		y.Data[i] = activateOne(a, v)
	}
	return y
}

func dense(l nn.Layer, x Tensor, w []Tensor, _ bool) Tensor {
	d := l.(*nn.Dense)
	in := x.Shape[len(x.Shape)-1]
	y := NewTensor(append(append([]int{}, x.Shape[:len(x.Shape)-1]...), d.Units)...)
	for r := range len(x.Data) / in {
		for u := range d.Units {
			sum := 0.0
			if d.UseBias {
				sum = w[1].Data[u]
			}
			for i := range in {
				sum += x.Data[r*in+i] * w[0].at(i, u)
			}
			y.Data[r*d.Units+u] = sum
		}
	}
	return activate(d.Activation, y)
}

// out is the output length and the padding before, from the definition in Keras's documentation.
func out(n, k, s, d int, padding string) (length, before int) {
	reach := d*(k-1) + 1
	if padding == "valid" {
		return int(math.Floor(float64(n-reach)/float64(s))) + 1, 0
	}
	length = int(math.Ceil(float64(n) / float64(s)))
	return length, max(0, (length-1)*s+reach-n) / 2
}

func conv2d(l nn.Layer, x Tensor, w []Tensor, _ bool) Tensor {
	c := l.(*nn.Conv2D)
	n, h, wd, ch := x.Shape[0], x.Shape[1], x.Shape[2], x.Shape[3]
	oh, top := out(h, c.KernelSize[0], c.Strides[0], c.DilationRate[0], c.Padding)
	ow, left := out(wd, c.KernelSize[1], c.Strides[1], c.DilationRate[1], c.Padding)
	y := NewTensor(n, oh, ow, c.Filters)
	for b := range n {
		for p := range oh {
			for q := range ow {
				for f := range c.Filters {
					sum := 0.0
					if c.UseBias {
						sum = w[1].Data[f]
					}
					for i := range c.KernelSize[0] {
						for j := range c.KernelSize[1] {
							r, s := p*c.Strides[0]-top+i*c.DilationRate[0], q*c.Strides[1]-left+j*c.DilationRate[1]
							if r < 0 || r >= h || s < 0 || s >= wd {
								continue
							}
							for k := range ch {
								sum += x.at(b, r, s, k) * w[0].at(i, j, k, f)
							}
						}
					}
					y.set(sum, b, p, q, f)
				}
			}
		}
	}
	return activate(c.Activation, y)
}

func maxOf(v []float64) float64 {
	m := math.Inf(-1)
	for _, x := range v {
		m = math.Max(m, x)
	}
	return m
}

func meanOf(v []float64) float64 {
	s := 0.0
	for _, x := range v {
		s += x
	}
	return s / float64(len(v))
}

func pool(l *nn.Pooling, x Tensor, of func([]float64) float64) Tensor {
	s := l.PoolSize
	if l.Strides != nil {
		s = *l.Strides
	}
	n, h, wd, ch := x.Shape[0], x.Shape[1], x.Shape[2], x.Shape[3]
	oh, top := out(h, l.PoolSize[0], s[0], 1, l.Padding)
	ow, left := out(wd, l.PoolSize[1], s[1], 1, l.Padding)
	y := NewTensor(n, oh, ow, ch)
	for b := range n {
		for p := range oh {
			for q := range ow {
				for k := range ch {
					var cells []float64
					for r := max(p*s[0]-top, 0); r < min(p*s[0]-top+l.PoolSize[0], h); r++ {
						for c := max(q*s[1]-left, 0); c < min(q*s[1]-left+l.PoolSize[1], wd); c++ {
							cells = append(cells, x.at(b, r, c, k))
						}
					}
					y.set(of(cells), b, p, q, k)
				}
			}
		}
	}
	return y
}

func global(keep bool, x Tensor, of func([]float64) float64) Tensor {
	n, c := x.Shape[0], x.Shape[3]
	y := NewTensor(n, c)
	for b := range n {
		for k := range c {
			var cells []float64
			for p := range x.Shape[1] * x.Shape[2] {
				cells = append(cells, x.Data[(b*x.Shape[1]*x.Shape[2]+p)*c+k])
			}
			y.set(of(cells), b, k)
		}
	}
	if keep {
		y.Shape = []int{n, 1, 1, c}
	}
	return y
}

func reshape(l nn.Layer, x Tensor, _ []Tensor, _ bool) Tensor {
	shape := append([]int{x.Shape[0]}, l.(*nn.Reshape).TargetShape...)
	rest := len(x.Data)
	free := -1
	for i, d := range shape {
		if d == -1 {
			free = i
		} else {
			rest /= d
		}
	}
	if free >= 0 {
		shape[free] = rest
	}
	return Tensor{shape, x.Data}
}

func batchNormalization(l nn.Layer, x Tensor, w []Tensor, training bool) Tensor {
	b := l.(*nn.BatchNormalization)
	c := x.Shape[len(x.Shape)-1]
	y := NewTensor(x.Shape...)
	next := func() Tensor { t := w[0]; w = w[1:]; return t }
	gamma, beta := NewTensor(c), NewTensor(c)
	for k := range c {
		gamma.Data[k] = 1
	}
	if b.Scale {
		gamma = next()
	}
	if b.Center {
		beta = next()
	}
	mean, variance := w[0], w[1]
	for k := range c {
		mu, v := mean.Data[k], variance.Data[k]
		if training && b.Trainable {
			var cells []float64
			for i := k; i < len(x.Data); i += c {
				cells = append(cells, x.Data[i])
			}
			mu = meanOf(cells)
			for i := range cells {
				cells[i] = (cells[i] - mu) * (cells[i] - mu)
			}
			v = meanOf(cells)
		}
		for i := k; i < len(x.Data); i += c {
			y.Data[i] = gamma.Data[k]*(x.Data[i]-mu)/math.Sqrt(v+b.Epsilon) + beta.Data[k]
		}
	}
	return y
}

// gates is x_t W + h R + b of one sample.
func gates(x Tensor, n, t int, h []float64, w []Tensor) []float64 {
	z := make([]float64, w[0].Shape[1])
	if len(w) > 2 {
		copy(z, w[2].Data)
	}
	for j := range z {
		for i := range x.Shape[2] {
			z[j] += x.at(n, t, i) * w[0].at(i, j)
		}
		for i, v := range h {
			z[j] += v * w[1].at(i, j)
		}
	}
	return z
}

// sequence collects the states of all steps, or the last.
func sequence(all bool, x Tensor, units int, run func(n int, emit func(t int, h []float64))) Tensor {
	y := NewTensor(x.Shape[0], units)
	if all {
		y = NewTensor(x.Shape[0], x.Shape[1], units)
	}
	for n := range x.Shape[0] {
		run(n, func(t int, h []float64) {
			if all {
				copy(y.Data[(n*x.Shape[1]+t)*units:], h)
			} else {
				copy(y.Data[n*units:], h)
			}
		})
	}
	return y
}

func simpleRNN(l nn.Layer, x Tensor, w []Tensor, _ bool) Tensor {
	r := l.(*nn.SimpleRNN)
	return sequence(r.ReturnSequences, x, r.Units, func(n int, emit func(int, []float64)) {
		h := make([]float64, r.Units)
		for t := range x.Shape[1] {
			h = activate(r.Activation, Tensor{[]int{1, r.Units}, gates(x, n, t, h, w)}).Data
			emit(t, h)
		}
	})
}

func lstm(l nn.Layer, x Tensor, w []Tensor, _ bool) Tensor {
	r := l.(*nn.LSTM)
	u := r.Units
	f := func(a nn.Activation, z []float64) []float64 { return activate(a, Tensor{[]int{1, len(z)}, z}).Data }
	return sequence(r.ReturnSequences, x, u, func(n int, emit func(int, []float64)) {
		h, c := make([]float64, u), make([]float64, u)
		for t := range x.Shape[1] {
			z := gates(x, n, t, h, w)
			in, forget := f(r.RecurrentActivation, z[:u]), f(r.RecurrentActivation, z[u:2*u])
			g, o := f(r.Activation, z[2*u:3*u]), f(r.RecurrentActivation, z[3*u:])
			for k := range c {
				c[k] = forget[k]*c[k] + in[k]*g[k]
			}
			tc := f(r.Activation, c)
			h = make([]float64, u)
			for k := range h {
				h[k] = o[k] * tc[k]
			}
			emit(t, h)
		}
	})
}
