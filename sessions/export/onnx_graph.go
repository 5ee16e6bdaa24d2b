package export

import (
	"fmt"
	"slices"
	"strings"

	"cnnbench/nn"
	"cnnbench/sessions/onnx"
)

// onnxGraph is a graph that grows node by node. ONNX's images have their channels first, ours last: the value that is
// handed from layer to layer lies as the layer before left it, and is turned only where the next one needs it otherwise.
type onnxGraph struct {
	nodes     []onnx.Node
	constants *[]onnx.Tensor  // a body's are those of the graph around it
	taken     map[string]bool // names
	value     string          // what the last layer handed on
	shape     nn.Shape        // of one sample of it, channels last
	first     bool            // its channels are the first axis after the batch
	pictures  bool            // the graph takes pictures with their channels first
	image     nn.Shape        // not nil: the value is this image flattened with its channels first
}

func newONNXGraph(in nn.Shape, first bool) *onnxGraph {
	g := &onnxGraph{constants: new([]onnx.Tensor), taken: map[string]bool{onnxInput: true, onnxOutput: true}, shape: in, first: first, pictures: first}
	g.value = onnxInput
	return g
}

// body is an empty graph inside this one, which may use its constants.
func (g *onnxGraph) body() *onnxGraph { return &onnxGraph{constants: g.constants, taken: g.taken} }

// ascii replaces what is not plain in a name.
func (g *onnxGraph) ascii(name string) string {
	return strings.Map(func(r rune) rune {
		if r > ' ' && r < 0x7f {
			return r
		}
		return '_'
	}, name)
}

// name is a free name like the one asked for.
func (g *onnxGraph) name(want string) string {
	want = g.ascii(want)
	name := want
	for i := 1; g.taken[name]; i++ {
		name = fmt.Sprintf("%s_%d", want, i)
	}
	g.taken[name] = true
	return name
}

// node adds an operation with one output, which it returns.
func (g *onnxGraph) node(name, op string, inputs []string, attributes ...onnx.Attribute) string {
	return g.nodeOf(name, op, inputs, 1, attributes...)[0]
}

// nodeOf adds an operation with so many outputs.
func (g *onnxGraph) nodeOf(name, op string, inputs []string, outputs int, attributes ...onnx.Attribute) []string {
	n := onnx.Node{Name: g.name(name), Op: op, Inputs: inputs, Attributes: attributes}
	n.Outputs = []string{n.Name}
	for len(n.Outputs) < outputs {
		n.Outputs = append(n.Outputs, g.name(n.Name))
	}
	g.nodes = append(g.nodes, n)
	return slices.Clone(n.Outputs)
}

// apply lets an operation work on the current value and more.
func (g *onnxGraph) apply(name, op string, more ...string) {
	g.value = g.node(name, op, append([]string{g.value}, more...))
}

// with is apply with attributes.
func (g *onnxGraph) with(name, op string, attributes ...onnx.Attribute) {
	g.value = g.node(name, op, []string{g.value}, attributes...)
}

func ints(name string, v ...int) onnx.Attribute {
	out := make([]int64, len(v))
	for i, x := range v {
		out[i] = int64(x)
	}
	return onnx.Attribute{Name: name, Value: out}
}

func integer(name string, v int) onnx.Attribute { return onnx.Attribute{Name: name, Value: int64(v)} }

func float(name string, v float64) onnx.Attribute {
	return onnx.Attribute{Name: name, Value: float32(v)}
}

// constant adds an array of floats.
func (g *onnxGraph) constant(name string, dims []int64, values []float32) string {
	name = g.name(name)
	*g.constants = append(*g.constants, onnx.Tensor{Name: name, Dims: dims, Floats: values})
	return name
}

// matrix is constant with two axes.
func (g *onnxGraph) matrix(name string, rows, columns int, values []float32) string {
	return g.constant(name, []int64{int64(rows), int64(columns)}, values)
}

// vector is constant with one axis.
func (g *onnxGraph) vector(name string, values []float32) string {
	return g.constant(name, []int64{int64(len(values))}, values)
}

func (g *onnxGraph) scalar(name string, v float32) string { return g.constant(name, nil, []float32{v}) }

// integers adds a list of whole numbers, which some operations take as an input.
func (g *onnxGraph) integers(name string, values ...int64) string {
	name = g.name(name)
	*g.constants = append(*g.constants, onnx.Tensor{Name: name, Dims: []int64{int64(len(values))}, Ints: values})
	return name
}

// channelsFirst turns the value, if it has more axes than its channels and they are last.
func (g *onnxGraph) channelsFirst(name string) {
	if n := len(g.shape); n > 1 && !g.first {
		order := []int{0, n}
		for i := 1; i < n; i++ {
			order = append(order, i)
		}
		g.with(name+"/channels_first", "Transpose", ints("perm", order...))
		g.first = true
	}
}

// channelsLast is the way back.
func (g *onnxGraph) channelsLast(name string) {
	if n := len(g.shape); n > 1 && g.first {
		order := []int{0}
		for i := 2; i <= n; i++ {
			order = append(order, i)
		}
		g.with(name+"/channels_last", "Transpose", ints("perm", append(order, 1)...))
	}
	g.first = false
}

// finish gives the graph's output its name.
func (g *onnxGraph) finish() {
	if g.value == onnxInput { // nothing was done
		g.apply("identity", "Identity")
	}
	last := &g.nodes[len(g.nodes)-1]
	for i, name := range last.Outputs {
		if name == g.value {
			last.Outputs[i] = onnxOutput
			g.value = onnxOutput
			return
		}
	}
	g.apply("identity", "Identity")
	g.nodes[len(g.nodes)-1].Outputs[0] = onnxOutput
}
