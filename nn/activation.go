package nn

import (
	"cnnbench/nn/kernel"
	"cnnbench/spec"
)

// Activations is the family of activation functions.
var Activations = spec.NewFamily[Activation]("activation")

// Activation is an elementwise function, or softmax over the last axis.
type Activation interface {
	// Forward writes f(z) to y for rows of the width; y may be z unless NeedsInput.
	Forward(y, z []float32, width int)
	// Backward turns dy into the gradient by z, in place. z is y where not NeedsInput.
	Backward(dy, y, z []float32, width int)
	// NeedsInput says that Backward reads z, so that it must be kept beside y.
	NeedsInput() bool
}

// byOutput is embedded where the derivative follows from the output.
type byOutput struct{}

// NeedsInput is false: the output is enough.
func (byOutput) NeedsInput() bool { return false }

// byInput is embedded where the derivative needs the input.
type byInput struct{}

// NeedsInput is true.
func (byInput) NeedsInput() bool { return true }

// The activations, with Keras's settings and defaults (Keras 3, src/activations/activations.py).
type (
	Linear  struct{ byOutput }
	Relu    struct{ byOutput }
	Selu    struct{ byOutput }
	Sigmoid struct{ byOutput }
	Tanh    struct{ byOutput }
	Softmax struct{ byOutput }
	Silu    struct{ byInput }
	// Softplus keeps its input: from the output alone the derivative would cancel.
	Softplus struct{ byInput }
	// LeakyRelu is negative_slope*z below 0.
	LeakyRelu struct {
		byInput       `yaml:"-"`
		NegativeSlope float64 `yaml:"negative_slope" min:"0" doc:"slope below 0; the layer leaky_relu has 0.3, the lecture 0.01"`
	}
	// Elu is alpha*(e^z - 1) below 0.
	Elu struct {
		byOutput `yaml:"-"`
		Alpha    float64 `yaml:"alpha" above:"0" doc:"-alpha is the value at minus infinity"`
	}
	// Gelu is z*Phi(z), or its approximation by tanh.
	Gelu struct {
		byInput     `yaml:"-"`
		Approximate bool `yaml:"approximate" doc:"use the approximation by tanh"`
	}
)

// Forward is the identity.
func (*Linear) Forward(y, z []float32, _ int) { copy(y, z) }

// Backward leaves dy as it is.
func (*Linear) Backward(_, _, _ []float32, _ int) {}

// Forward is max(0, z).
func (*Relu) Forward(y, z []float32, _ int) { kernel.Relu(y, z) }

// Backward keeps dy where y > 0.
func (*Relu) Backward(dy, y, _ []float32, _ int) { kernel.ReluBackward(dy, y) }

// Keras's constants of selu (Klambauer et al. 2017).
const seluAlpha, seluScale = 1.6732632423543772848170429916717, 1.0507009873554804934193349852946

// Forward is selu.
func (*Selu) Forward(y, z []float32, _ int) { kernel.Elu(y, z, seluAlpha, seluScale) }

// Backward is selu's.
func (*Selu) Backward(dy, y, _ []float32, _ int) { kernel.EluBackward(dy, y, seluAlpha, seluScale) }

// Forward is 1/(1+e^-z).
func (*Sigmoid) Forward(y, z []float32, _ int) { kernel.SigmoidAll(y, z) }

// Backward multiplies by y(1-y).
func (*Sigmoid) Backward(dy, y, _ []float32, _ int) { kernel.SigmoidBackward(dy, y) }

// Forward is tanh.
func (*Tanh) Forward(y, z []float32, _ int) { kernel.TanhAll(y, z) }

// Backward multiplies by 1-y^2.
func (*Tanh) Backward(dy, y, _ []float32, _ int) { kernel.TanhBackward(dy, y) }

// Forward is softmax over the last axis.
func (*Softmax) Forward(y, z []float32, width int) { kernel.Softmax(y, z, width) }

// Backward is softmax's, row by row.
func (*Softmax) Backward(dy, y, _ []float32, width int) { kernel.SoftmaxBackward(dy, y, width) }

// Forward is z*sigmoid(z).
func (*Silu) Forward(y, z []float32, _ int) { kernel.Silu(y, z) }

// Backward is silu's.
func (*Silu) Backward(dy, _, z []float32, _ int) { kernel.SiluBackward(dy, z) }

// Forward is ln(1+e^z).
func (*Softplus) Forward(y, z []float32, _ int) { kernel.Softplus(y, z) }

// Backward multiplies by sigmoid(z).
func (*Softplus) Backward(dy, _, z []float32, _ int) { kernel.SoftplusBackward(dy, z) }

// Forward is z, or negative_slope*z below 0.
func (a *LeakyRelu) Forward(y, z []float32, _ int) {
	kernel.LeakyRelu(y, z, float32(a.NegativeSlope))
}

// Backward multiplies by the slope.
func (a *LeakyRelu) Backward(dy, _, z []float32, _ int) {
	kernel.LeakyReluBackward(dy, z, float32(a.NegativeSlope))
}

// Forward is z, or alpha*(e^z - 1) below 0.
func (a *Elu) Forward(y, z []float32, _ int) { kernel.Elu(y, z, float32(a.Alpha), 1) }

// Backward is elu's.
func (a *Elu) Backward(dy, y, _ []float32, _ int) { kernel.EluBackward(dy, y, float32(a.Alpha), 1) }

// Forward is z*Phi(z).
func (a *Gelu) Forward(y, z []float32, _ int) {
	if a.Approximate {
		kernel.GeluTanh(y, z)
	} else {
		kernel.Gelu(y, z)
	}
}

// Backward is gelu's.
func (a *Gelu) Backward(dy, _, z []float32, _ int) {
	if a.Approximate {
		kernel.GeluTanhBackward(dy, z)
	} else {
		kernel.GeluBackward(dy, z)
	}
}

func init() {
	for _, k := range []spec.Kind{
		{Name: "linear", Class: "linear", Doc: "z: no activation", New: func() any { return &Linear{} }},
		{Name: "relu", Class: "relu", Doc: "max(0, z): fast, sparse, dead below 0", New: func() any { return &Relu{} }},
		{Name: "leaky_relu", Class: "leaky_relu", Doc: "a small slope below 0", New: func() any { return &LeakyRelu{NegativeSlope: .2} }},
		{Name: "elu", Class: "elu", Doc: "e^z - 1 below 0", New: func() any { return &Elu{Alpha: 1} }},
		{Name: "selu", Class: "selu", Doc: "self-normalising elu", New: func() any { return &Selu{} }},
		{Name: "gelu", Class: "gelu", Doc: "z times the normal distribution", New: func() any { return &Gelu{} }},
		{Name: "silu", Class: "silu", Aliases: []string{"swish"}, Doc: "z times sigmoid", New: func() any { return &Silu{} }},
		{Name: "softplus", Class: "softplus", Doc: "ln(1 + e^z): a smooth relu", New: func() any { return &Softplus{} }},
		{Name: "sigmoid", Class: "sigmoid", Doc: "0 to 1; the head for two classes", New: func() any { return &Sigmoid{} }},
		{Name: "tanh", Class: "tanh", Doc: "-1 to 1", New: func() any { return &Tanh{} }},
		{Name: "softmax", Class: "softmax", Doc: "shares that sum to 1; the head for several classes", New: func() any { return &Softmax{} }},
	} {
		Activations.Register(k)
	}
}

// activate holds a built layer's activation and, where the derivative or the loss needs it, the input z beside y.
type activate struct {
	fn   Activation
	head bool      // Y.D arrives as the gradient by z
	z    []float32 // [Batch, size], or nil: y serves
}

// build plans the buffers of the activation of an output of n values a sample.
func (a *activate) build(b *Builder, fn Activation, n int) {
	if fn == nil {
		fn = &Linear{}
	}
	a.fn, a.head = fn, b.Head
	if b.Head || fn.NeedsInput() && !b.Infer {
		b.Floats(&a.z, b.Batch*n)
	}
	switch fn.(type) {
	case *Relu, *Linear:
		b.Signs()
	}
}

// in is where the layer writes its linear output: z where it is kept, else y itself.
func (a *activate) in(y []float32) []float32 {
	if a.z != nil {
		return a.z
	}
	return y
}

// linear reports that there is nothing to do.
func (a *activate) linear() bool { _, ok := a.fn.(*Linear); return ok && a.z == nil }

// forward computes y[lo:hi] from the linear output there.
func (a *activate) forward(y []float32, lo, hi, width int) {
	if !a.linear() {
		a.fn.Forward(y[lo:hi], a.in(y)[lo:hi], width)
	}
}

// backward turns dy[lo:hi] into the gradient by the linear output.
func (a *activate) backward(dy, y []float32, lo, hi, width int) {
	if !a.head && !a.linear() {
		a.fn.Backward(dy[lo:hi], y[lo:hi], a.in(y)[lo:hi], width)
	}
}
