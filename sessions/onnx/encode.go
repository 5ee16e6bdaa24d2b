package onnx

import (
	"encoding/binary"
	"fmt"
	"math"

	"google.golang.org/protobuf/encoding/protowire"
)

// MaxSize is the largest message that protobuf readers take, in bytes.
const MaxSize = math.MaxInt32

// Numbers of onnx.proto: the element types of tensors and the types of attributes.
const (
	elemFloat = 1
	elemInt64 = 7

	attrFloat   = 1
	attrInt     = 2
	attrString  = 3
	attrGraph   = 5
	attrInts    = 7
	attrStrings = 8
)

// Encode returns the file's bytes, the same for the same model. A model that no reader would take for its size is an
// error.
func Encode(m *Model) ([]byte, error) {
	if n := m.floats(); n > MaxSize/4 {
		return nil, fmt.Errorf("the network has %d weights, more than the 2 GB that an ONNX file may have; export safetensors", n)
	}
	var b message
	b.int(1, IRVersion)
	b.text(2, m.Producer)
	b.text(3, m.ProducerVersion)
	b.text(6, m.Doc)
	b.nested(7, m.Graph.encode())
	var opset message
	opset.always(1, "") // ONNX's own operations
	opset.int(2, Opset)
	b.nested(8, opset)
	for _, p := range m.Metadata {
		var e message
		e.text(1, p.Key)
		e.always(2, p.Value)
		b.nested(14, e)
	}
	if len(b) > MaxSize {
		return nil, fmt.Errorf("the model has %d bytes, more than the 2 GB that an ONNX file may have; export safetensors", len(b))
	}
	return b, nil
}

// floats is the number of float constants.
func (m *Model) floats() int {
	n := 0
	for _, t := range m.Graph.Initializers {
		n += len(t.Floats)
	}
	return n
}

func (g *Graph) encode() message {
	var b message
	for i := range g.Nodes {
		b.nested(1, g.Nodes[i].encode())
	}
	b.text(2, g.Name)
	for i := range g.Initializers {
		b.nested(5, g.Initializers[i].encode())
	}
	for i := range g.Inputs {
		b.nested(11, g.Inputs[i].encode())
	}
	for i := range g.Outputs {
		b.nested(12, g.Outputs[i].encode())
	}
	return b
}

func (n *Node) encode() message {
	var b message
	for _, name := range n.Inputs {
		b.always(1, name)
	}
	for _, name := range n.Outputs {
		b.always(2, name)
	}
	b.text(3, n.Name)
	b.text(4, n.Op)
	for i := range n.Attributes {
		b.nested(5, n.Attributes[i].encode())
	}
	return b
}

func (a *Attribute) encode() message {
	var b message
	b.text(1, a.Name)
	switch v := a.Value.(type) {
	case float32:
		b.float(2, v)
		b.int(20, attrFloat)
	case int64:
		b.int(3, v)
		b.int(20, attrInt)
	case string:
		b.always(4, v)
		b.int(20, attrString)
	case *Graph:
		b.nested(6, v.encode())
		b.int(20, attrGraph)
	case []int64:
		for _, i := range v {
			b.int(8, i)
		}
		b.int(20, attrInts)
	case []string:
		for _, s := range v {
			b.always(9, s)
		}
		b.int(20, attrStrings)
	default:
		panic(fmt.Sprintf("onnx: attribute %s has a value of type %T", a.Name, v))
	}
	return b
}

func (t *Tensor) encode() message {
	var b message
	for _, d := range t.Dims {
		b.int(1, d)
	}
	var raw []byte
	if t.Ints != nil {
		b.int(2, elemInt64)
		raw = make([]byte, 0, 8*len(t.Ints))
		for _, v := range t.Ints {
			raw = binary.LittleEndian.AppendUint64(raw, uint64(v))
		}
	} else {
		b.int(2, elemFloat)
		raw = make([]byte, 0, 4*len(t.Floats))
		for _, v := range t.Floats {
			raw = binary.LittleEndian.AppendUint32(raw, math.Float32bits(v))
		}
	}
	b.text(8, t.Name)
	b.nested(9, raw)
	return b
}

func (v *Value) encode() message {
	var shape message
	for _, d := range v.Dims {
		var dim message
		if d.Name != "" {
			dim.text(2, d.Name)
		} else {
			dim.int(1, d.Size)
		}
		shape.nested(1, dim)
	}
	var tensor, kind, b message
	tensor.int(1, elemFloat)
	tensor.nested(2, shape)
	kind.nested(1, tensor)
	b.text(1, v.Name)
	b.nested(2, kind)
	return b
}

// message is a protobuf message being written, field by field.
type message []byte

func (b *message) int(field protowire.Number, v int64) {
	*b = protowire.AppendTag(*b, field, protowire.VarintType)
	*b = protowire.AppendVarint(*b, uint64(v))
}

func (b *message) float(field protowire.Number, v float32) {
	*b = protowire.AppendTag(*b, field, protowire.Fixed32Type)
	*b = protowire.AppendFixed32(*b, math.Float32bits(v))
}

func (b *message) nested(field protowire.Number, v []byte) {
	*b = protowire.AppendTag(*b, field, protowire.BytesType)
	*b = protowire.AppendBytes(*b, v)
}

// always writes a text, also an empty one.
func (b *message) always(field protowire.Number, s string) {
	*b = protowire.AppendTag(*b, field, protowire.BytesType)
	*b = protowire.AppendString(*b, s)
}

// text writes a text that may be left out where it is empty.
func (b *message) text(field protowire.Number, s string) {
	if s != "" {
		b.always(field, s)
	}
}
