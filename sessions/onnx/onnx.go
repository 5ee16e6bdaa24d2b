// Package onnx writes models in the Open Neural Network Exchange format (onnx.proto of ONNX 1.12): a graph as plain structs,
// and its protobuf encoding, which is the same bytes for the same model. It knows nothing of layers.
package onnx

// The versions that are written: old enough for every runtime in use.
const (
	IRVersion = 8
	Opset     = 17
)

// Model is a whole file.
type Model struct {
	Producer, ProducerVersion string
	Doc                       string
	Graph                     Graph
	Metadata                  []Property // in this order
}

// Property is a pair of texts that a model carries along.
type Property struct{ Key, Value string }

// Graph is a network: nodes in the order in which they are computed.
type Graph struct {
	Name            string
	Nodes           []Node
	Initializers    []Tensor
	Inputs, Outputs []Value
}

// Node is one operation. Names of inputs that are left out are empty.
type Node struct {
	Name, Op        string
	Inputs, Outputs []string
	Attributes      []Attribute
}

// Attribute is a setting of a node. Value is an int64, a float32, a string, an []int64, a []string or,
// for a part that is run again and again, a *Graph.
type Attribute struct {
	Name  string
	Value any
}

// Tensor is a constant; Data is row-major.
type Tensor struct {
	Name   string
	Dims   []int64   // empty: a scalar
	Floats []float32 // one of the two
	Ints   []int64
}

// Value is an input or output of the graph, of float32 values.
type Value struct {
	Name string
	Dims []Dim
}

// Dim is one axis: its length, or a name where that is open.
type Dim struct {
	Size int64
	Name string
}
