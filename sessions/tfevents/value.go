package tfevents

import (
	"encoding/binary"
	"math"
	"strconv"
	"strings"

	"google.golang.org/protobuf/encoding/protowire"
)

// Value is one thing that was measured, under a tag. Slashes in a tag make groups on the screen.
type Value struct {
	message []byte // Summary.Value
}

// Fields of the messages Summary.Value, SummaryMetadata and TensorProto.
const (
	valueTag      = 1
	valueTensor   = 8
	valueMetadata = 9

	metadataPlugin = 1
	metadataClass  = 4

	tensorType    = 1
	tensorShape   = 2
	tensorContent = 4
	tensorStrings = 8
)

// dtype is a kind of a tensor's elements.
type dtype int

const (
	float32s dtype = 1
	float64s dtype = 2
	byteses  dtype = 7
)

// class is what TensorBoard may do with a series of values: thin out scalars, say, and keep few pictures.
type class int

const (
	scalars class = 1
	tensors class = 2
	blobs   class = 3
)

// value is a tensor for a plugin of TensorBoard's, as TensorFlow 2 writes them.
func value(tag, plugin string, c class, tensor []byte) Value {
	m := appendString(nil, valueTag, strings.ToValidUTF8(tag, "\ufffd"))
	meta := appendMessage(nil, metadataPlugin, appendString(nil, 1, plugin))
	meta = appendInt(meta, metadataClass, int(c))
	m = appendMessage(m, valueTensor, tensor)
	return Value{appendMessage(m, valueMetadata, meta)}
}

// tensor begins a tensor of that shape.
func tensor(t dtype, shape ...int) []byte {
	var dims []byte
	for _, d := range shape {
		dims = appendMessage(dims, 2, appendInt(nil, 1, d))
	}
	return appendMessage(appendInt(nil, tensorType, int(t)), tensorShape, dims)
}

// Scalar is a figure; one that is not finite is legal.
func Scalar(tag string, v float32) Value {
	content := binary.LittleEndian.AppendUint32(nil, math.Float32bits(v))
	return value(tag, "scalars", scalars, appendMessage(tensor(float32s), tensorContent, content))
}

// Image is pictures of one size, each an encoded PNG.
func Image(tag string, width, height int, pngs ...[]byte) Value {
	t := tensor(byteses, 2+len(pngs))
	t = appendString(t, tensorStrings, strconv.Itoa(width))
	t = appendString(t, tensorStrings, strconv.Itoa(height))
	for _, p := range pngs {
		t = protowire.AppendBytes(protowire.AppendTag(t, tensorStrings, protowire.BytesType), p)
	}
	return value(tag, "images", blobs, t)
}

// Text is paragraphs, which TensorBoard reads as Markdown.
func Text(tag string, paragraphs ...string) Value {
	t := tensor(byteses, len(paragraphs))
	for _, p := range paragraphs {
		t = appendString(t, tensorStrings, p)
	}
	return value(tag, "text", tensors, t)
}

// Histogram is how values are spread, over Buckets buckets of one width from the smallest to the largest. Values that are
// not finite have no place among them and are left out.
func Histogram(tag string, values []float32) Value {
	content := make([]byte, 0, Buckets*3*8)
	for _, b := range buckets(values) {
		for _, f := range b {
			content = binary.LittleEndian.AppendUint64(content, math.Float64bits(f))
		}
	}
	return value(tag, "histograms", tensors, appendMessage(tensor(float64s, Buckets, 3), tensorContent, content))
}
