package nntest

import (
	"encoding/json"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"

	"cnnbench/nn"
	"cnnbench/nn/golden"
	"cnnbench/rng"
	"cnnbench/spec"

	"go.yaml.in/yaml/v3"
)

// shapes are the inputs that a layer is tried on; it is tested on those that it takes.
var shapes = []nn.Shape{{7, 6, 3}, {5, 4}, {9}}

const samples = 3

// ending are the kinds of layers that treat steps behind a sequence's end in a way of their own.
var ending = []string{"simple_rnn", "lstm", "batch_normalization"}

// Contract holds a kind of layer to what every layer promises: it agrees with its float64 reference, also where sequences
// end early, its gradients with central differences of that, its settings survive YAML and JSON, no bit depends on how
// many samples or workers there are, and a step allocates nothing. The settings tried are worked out from their
// description.
func Contract(t *testing.T, kind string) { ContractOf(t, kind, "") }

// ContractOf is Contract with convolutions computed in the way that nn.Config.Convolution names.
func ContractOf(t *testing.T, kind, convolution string) {
	ref := References[kind]
	if ref == nil {
		t.Fatalf("nntest.References has no entry for %s", kind)
	}
	tried := 0
	for _, l := range Variants(t, kind) {
		for _, in := range shapes {
			if _, err := l.Plan(in); err != nil {
				continue
			}
			tried++
			c := &contract{t: t, layer: l, in: in, convolution: convolution, ref: ref, what: kind + " " + spec.Text(spec.Clone(l)) + " on " + in.String()}
			c.roundTrip()
			c.agrees(false)
			if kind != "dropout" { // its training pass is drawn; it has tests of its own
				c.agrees(true)
				c.gradients()
			}
			if slices.Contains(ending, kind) && len(in) == 2 {
				c.ending()
			}
			c.invariance()
			c.allocations()
			if t.Failed() {
				return
			}
		}
	}
	if tried == 0 {
		t.Fatalf("%s takes none of the shapes %v", kind, shapes)
	}
}

// Variants makes a kind's layers with every choice of every setting, one changed at a time.
func Variants(t testing.TB, kind string) []nn.Layer {
	k, ok := nn.Layers.Lookup(kind)
	if !ok {
		t.Fatalf("no layer is called %s", kind)
	}
	base := k.New()
	for _, f := range spec.Fields(base) {
		if !f.Required {
			continue
		}
		set := false
		for _, text := range []string{"3", "0.4", "tanh", "[-1]"} {
			if spec.SetField(base, f.Key, text) == nil {
				set = true
				break
			}
		}
		if !set {
			t.Fatalf("%s: none of the values tried fits the required setting %s", kind, f.Key)
		}
	}
	out := []nn.Layer{base.(nn.Layer)}
	for _, f := range spec.Fields(base) {
		if f.Key == "name" || strings.HasSuffix(f.Key, "initializer") || strings.HasSuffix(f.Key, "regularizer") {
			continue
		}
		for _, text := range append(f.Options, "2", "[2, 3]", "0.25", "null", "{elu: {alpha: 0.7}}", "{gelu: {approximate: true}}") {
			v := spec.Clone(base)
			if spec.SetField(v, f.Key, text) == nil && !reflect.DeepEqual(v, base) {
				out = append(out, v.(nn.Layer))
			}
		}
	}
	return out
}

type contract struct {
	t           *testing.T
	layer       nn.Layer
	in          nn.Shape
	convolution string
	ref         Reference
	what        string
	lengths     []int // of the samples' sequences; nil: all full
}

// roundTrip writes the layer as YAML and as JSON and reads it back.
func (c *contract) roundTrip() {
	c.t.Helper()
	type model struct {
		Layers []nn.Layer `yaml:"layers"`
	}
	text, err := yaml.Marshal(spec.Node(&model{[]nn.Layer{c.layer}}, nil))
	if err != nil {
		c.t.Fatal(err)
	}
	var plain any
	if err := yaml.Unmarshal(text, &plain); err != nil {
		c.t.Fatal(err)
	}
	asJSON, err := json.Marshal(plain)
	if err != nil {
		c.t.Fatal(err)
	}
	for _, text := range [][]byte{text, asJSON} {
		var d spec.Decoder
		n, err := d.Parse(text)
		if err != nil {
			c.t.Fatalf("%s: %v in %s", c.what, err, text)
		}
		var back model
		if err := d.Decode(n, "", &back); err != nil {
			c.t.Fatalf("%s: %v in %s", c.what, err, text)
		}
		if !reflect.DeepEqual(back.Layers[0], c.layer) {
			c.t.Errorf("%s: read back as %s from %s", c.what, spec.Text(back.Layers[0]), text)
		}
	}
}

// network builds the layer alone, with drawn weights and inputs.
func (c *contract) network(threads, batch int) *nn.Network {
	n, err := nn.Build(&nn.Model{Layers: []nn.Layer{c.layer}}, c.in, nn.Config{Batch: batch, Seed: 7, Threads: threads, InputGradient: true, Convolution: c.convolution})
	if err != nil {
		c.t.Fatalf("%s: %v", c.what, err)
	}
	for i, w := range n.Weights() {
		s := rng.New(11, rng.Init, uint64(i), 1).Stream()
		for j := range w.Data {
			w.Data[j] = float32(.5 * s.Norm())
			if w.State {
				w.Data[j] = float32(s.Uniform(.5, 1.5))
			}
		}
	}
	draw(n.Input(), 2)
	copy(n.Lengths(), c.lengths)
	if g := n.OutputGradient(); g != nil {
		draw(g, 1)
	}
	return n
}

func draw(x []float32, stream uint64) {
	s := rng.New(5, rng.Data, stream, 0).Stream()
	for i := range x {
		x[i] = float32(s.Norm())
	}
}

func widen(shape []int, x []float32) Tensor {
	t := NewTensor(shape...)
	for i, v := range x {
		t.Data[i] = float64(v)
	}
	return t
}

// operands gives the network's input and weights in float64.
func (c *contract) operands(n *nn.Network) (Tensor, []Tensor) {
	x := widen(append([]int{samples}, c.in...), n.Input())
	var w []Tensor
	for _, v := range n.Weights() {
		w = append(w, widen(v.Shape, v.Data))
	}
	return x, w
}

func (c *contract) agrees(training bool) {
	c.t.Helper()
	n := c.network(1, samples)
	defer n.Close()
	x, w := c.operands(n)
	want := c.ref(c.layer, x, w, training)
	n.Forward(samples, training, 0)
	c.cut(n.Output())
	if out := n.Summary().Out(); !reflect.DeepEqual([]int(out), want.Shape[1:]) {
		c.t.Fatalf("%s: the plan says %v, the reference gives %v", c.what, out, want.Shape)
	}
	if r := golden.Relative(n.Output(), want.Data); r > 1e-5 {
		c.t.Errorf("%s: training %v: off the float64 reference by %.2g", c.what, training, r)
	}
}

// gradients compares Backward with central differences of the reference.
func (c *contract) gradients() {
	c.t.Helper()
	n := c.network(1, samples)
	defer n.Close()
	x, w := c.operands(n)
	dy := append([]float32{}, n.OutputGradient()...)
	c.cut(dy)
	loss := func() float64 {
		sum := 0.0
		for i, v := range c.ref(c.layer, x, w, true).Data {
			sum += v * float64(dy[i])
		}
		return sum
	}
	differences := func(v []float64) []float64 {
		const h = 1e-6
		d := make([]float64, len(v))
		for i, at := range v {
			v[i] = at + h
			up := loss()
			v[i] = at - h
			d[i] = (up - loss()) / (2 * h)
			v[i] = at
		}
		return d
	}
	n.Forward(samples, true, 0)
	copy(n.OutputGradient(), dy)
	n.Backward()
	if r := golden.Relative(n.InputGradient(), differences(x.Data)); r > 1e-4 {
		c.t.Errorf("%s: gradient by the input is off by %.2g", c.what, r)
	}
	for i, v := range n.Weights() {
		if v.Gradient == nil {
			continue
		}
		if r := golden.Relative(v.Gradient, differences(w[i].Data)); r > 1e-4 {
			c.t.Errorf("%s: gradient by %s is off by %.2g", c.what, v.Name, r)
		}
	}
}

// pass runs a training step's forward and backward and collects every result.
func (c *contract) pass(threads, batch int) [][]float32 {
	n := c.network(threads, batch)
	defer n.Close()
	n.Forward(batch, true, 3)
	out := [][]float32{append([]float32{}, n.Output()...)}
	draw(n.OutputGradient(), 1)
	n.Backward()
	out = append(out, append([]float32{}, n.InputGradient()...))
	for _, w := range n.Weights() {
		out = append(out, append([]float32{}, w.Data...), append([]float32{}, w.Gradient...))
	}
	return out
}

// invariance checks that no bit depends on the number of workers, nor an inference on what else is in the batch.
func (c *contract) invariance() {
	c.t.Helper()
	const many = 37 // more than one chunk of every cut, and no round number
	want := c.pass(1, many)
	for _, threads := range []int{2, 3, 8} {
		for i, got := range c.pass(threads, many) {
			if !sameBits(got, want[i]) {
				c.t.Errorf("%s: result %d with %d workers has other bits than with one", c.what, i, threads)
			}
		}
	}
	n := c.network(2, many)
	defer n.Close()
	size, in := n.Summary().Out().Size(), c.in.Size()
	all := append([]float32{}, n.Predict(many)...)
	x := append([]float32{}, n.Input()...)
	for _, i := range []int{0, 5, many - 1} {
		copy(n.Input(), x[i*in:(i+1)*in])
		if !sameBits(n.Predict(1), all[i*size:(i+1)*size]) {
			c.t.Errorf("%s: sample %d inferred alone has other bits than in a batch", c.what, i)
		}
	}
}

func sameBits(a, b []float32) bool {
	for i := range a {
		if math.Float32bits(a[i]) != math.Float32bits(b[i]) {
			return false
		}
	}
	return len(a) == len(b)
}

func (c *contract) allocations() {
	c.t.Helper()
	n := c.network(2, samples)
	defer n.Close()
	if a := testing.AllocsPerRun(3, func() { n.Forward(samples, true, 1); n.Backward() }); a != 0 {
		c.t.Errorf("%s: a step allocates %v times", c.what, a)
	}
}
