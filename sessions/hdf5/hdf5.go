// Package hdf5 reads and writes the part of the HDF5 file format in which Keras keeps weights: groups, arrays of numbers
// and strings, and attributes.
//
// What is written is the oldest and plainest form (superblock 0, symbol tables, contiguous arrays), which every HDF5
// library reads; the same tree gives the same bytes. What is read is what h5py writes: superblocks 0 to 3, object
// headers of both versions, groups of both styles, compact, contiguous and chunked arrays with deflate and shuffle,
// strings of fixed and of variable length. A file may come from anywhere, so nothing in it is believed: what it asks
// for in memory and time is bounded by its own size.
package hdf5

import (
	"encoding/binary"
	"fmt"
	"math"
	"slices"
	"strings"
)

// Object is a group or an array, with its attributes.
type Object struct {
	Name       string // within its group; the root's is empty
	Attributes []Attribute
	Members    []*Object // of a group, in the order of their names
	Data       *Array    // nil: it is a group
}

// Attribute is a small named value of an object.
type Attribute struct {
	Name  string
	Value *Array
}

// Find returns the object at a path of names below o, such as layers/dense/vars/0, or nil.
func (o *Object) Find(path string) *Object {
	for path != "" && o != nil {
		name, rest, _ := strings.Cut(path, "/")
		at, ok := slices.BinarySearchFunc(o.Members, name, func(m *Object, name string) int { return strings.Compare(m.Name, name) })
		if !ok {
			return nil
		}
		o, path = o.Members[at], rest
	}
	return o
}

// Attribute returns the attribute's value, or nil.
func (o *Object) Attribute(name string) *Array {
	for i := range o.Attributes {
		if o.Attributes[i].Name == name {
			return o.Attributes[i].Value
		}
	}
	return nil
}

// Group returns the member of that name, which becomes a new empty group if there is none.
func (o *Object) Group(name string) *Object {
	at, ok := slices.BinarySearchFunc(o.Members, name, func(m *Object, name string) int { return strings.Compare(m.Name, name) })
	if !ok {
		o.Members = slices.Insert(o.Members, at, &Object{Name: name})
	}
	return o.Members[at]
}

// Class is a kind of elements.
type Class int

// The classes of elements that are read; Other is any that is not.
const (
	Other    Class = iota
	Float          // of 4 or 8 bytes
	Signed         // a whole number of 1, 2, 4 or 8 bytes
	Unsigned       // the same without a sign
	Fixed          // a string in so many bytes
	Variable       // a string of any length
)

func (c Class) String() string {
	return [...]string{"another type", "float", "int", "uint", "string", "string"}[c]
}

// Type is what the elements of an array are.
type Type struct {
	Class Class
	Size  int // bytes of an element in the file
}

// Array is a block of numbers or strings.
type Array struct {
	Type  Type
	Shape []int // nil: a single value

	raw  []byte                   // little-endian, row-major
	load func() ([]byte, error)   // reads raw where it is not there yet
	text func() ([]string, error) // reads strings of variable length
	take func(bytes int) error    // asks for memory to convert the values into; nil: there is enough
}

// Float32s makes an array of float32.
func Float32s(shape []int, values []float32) *Array {
	a := &Array{Type: Type{Float, 4}, Shape: shape, raw: make([]byte, 0, 4*len(values))}
	for _, v := range values {
		a.raw = binary.LittleEndian.AppendUint32(a.raw, math.Float32bits(v))
	}
	return a
}

// Text makes a single string.
func Text(s string) *Array {
	raw := []byte(s)
	if len(raw) == 0 { // no type has no bytes
		raw = []byte{0}
	}
	return &Array{Type: Type{Fixed, len(raw)}, raw: raw}
}

// Len is the number of elements.
func (a *Array) Len() int {
	n := 1
	for _, d := range a.Shape {
		n *= d
	}
	return n
}

// bytes are the elements as they are stored.
func (a *Array) bytes() ([]byte, error) {
	if a.load != nil {
		return a.load()
	}
	return a.raw, nil
}

func (a *Array) ask(bytes int) error {
	if a.take == nil {
		return nil
	}
	return a.take(bytes)
}

// Float32s converts the numbers to float32.
func (a *Array) Float32s() ([]float32, error) {
	if a.Type.Class != Float && a.Type.Class != Signed && a.Type.Class != Unsigned {
		return nil, badf("the array is of %v, not of numbers", a.Type.Class)
	}
	raw, err := a.bytes()
	if err != nil {
		return nil, err
	}
	n := len(raw) / a.Type.Size
	if err := a.ask(4 * n); err != nil {
		return nil, err
	}
	out := make([]float32, n)
	for i := range out {
		out[i] = a.Type.float(raw[i*a.Type.Size:])
	}
	return out, nil
}

// float is the number that b begins with.
func (t Type) float(b []byte) float32 {
	switch {
	case t.Class == Float && t.Size == 4:
		return math.Float32frombits(binary.LittleEndian.Uint32(b))
	case t.Class == Float:
		return float32(math.Float64frombits(binary.LittleEndian.Uint64(b)))
	}
	var word [8]byte
	copy(word[:], b[:t.Size])
	u := binary.LittleEndian.Uint64(word[:])
	if t.Class == Unsigned {
		return float32(u)
	}
	shift := 64 - 8*t.Size
	return float32(int64(u<<shift) >> shift)
}

// Strings returns the strings, without the padding of fixed ones.
func (a *Array) Strings() ([]string, error) {
	switch a.Type.Class {
	case Variable:
		return a.text()
	case Fixed:
	default:
		return nil, badf("the array is of %v, not of strings", a.Type.Class)
	}
	raw, err := a.bytes()
	if err != nil {
		return nil, err
	}
	if err := a.ask(len(raw) + stringHeader*(len(raw)/a.Type.Size)); err != nil {
		return nil, err
	}
	var out []string
	for ; len(raw) >= a.Type.Size; raw = raw[a.Type.Size:] {
		s, _, _ := strings.Cut(string(raw[:a.Type.Size]), "\x00")
		out = append(out, s)
	}
	return out, nil
}

// stringHeader is what a string takes beside its bytes, with room for a slice that grows.
const stringHeader = 48

// FormatError says why a file cannot be read.
type FormatError struct{ Reason string }

func (e *FormatError) Error() string { return e.Reason }

func badf(format string, args ...any) error { return &FormatError{fmt.Sprintf(format, args...)} }
