// Package idx reads and writes the IDX format, in which the MNIST family of data sets is distributed:
// one array of numbers behind a header of a few bytes, often gzipped.
//
//	0 0 type rank | each dimension as a big-endian uint32 | the elements, row-major and big-endian
package idx

import (
	"encoding/binary"
	"fmt"
	"math"
	"math/bits"
)

// Type is the type of an array's elements, under the format's own number.
type Type byte

// The element types of the format.
const (
	Uint8   Type = 0x08
	Int8    Type = 0x09
	Int16   Type = 0x0B
	Int32   Type = 0x0C
	Float32 Type = 0x0D
	Float64 Type = 0x0E
)

// Size returns the bytes of one element, 0 for a type that the format does not have.
func (t Type) Size() int {
	switch t {
	case Uint8, Int8:
		return 1
	case Int16:
		return 2
	case Int32, Float32:
		return 4
	case Float64:
		return 8
	}
	return 0
}

func (t Type) String() string {
	switch t {
	case Uint8:
		return "uint8"
	case Int8:
		return "int8"
	case Int16:
		return "int16"
	case Int32:
		return "int32"
	case Float32:
		return "float32"
	case Float64:
		return "float64"
	}
	return fmt.Sprintf("type %#02x", byte(t))
}

// maxRank is the largest number of dimensions taken: images, rows, columns and channels.
const maxRank = 4

// Array is what one IDX file holds.
type Array struct {
	Type  Type
	Shape []int  // 1 to 4 dimensions
	Data  []byte // the elements as the file has them, row-major and big-endian
}

// Len returns the number of elements.
func (a *Array) Len() int {
	n := 1
	for _, dim := range a.Shape {
		n *= dim
	}
	return n
}

// IsInteger tells whether the elements are whole numbers by their type.
func (a *Array) IsInteger() bool {
	return a.Type == Uint8 || a.Type == Int8 || a.Type == Int16 || a.Type == Int32
}

// Float32s returns the elements as float32, those of Int32 and Float64 rounded to the nearest.
func (a *Array) Float32s() ([]float32, error) {
	return values[float32](a)
}

// Int64s returns the elements of an array for which IsInteger is true; a float type is an error.
func (a *Array) Int64s() ([]int64, error) {
	if a.Type.Size() != 0 && !a.IsInteger() {
		return nil, fmt.Errorf("the elements are %s, want an integer type", a.Type)
	}
	return values[int64](a)
}

func values[T float32 | int64](a *Array) ([]T, error) {
	if err := a.check(); err != nil {
		return nil, err
	}
	out := make([]T, a.Len())
	d, be := a.Data, binary.BigEndian
	switch a.Type {
	case Uint8:
		for i := range out {
			out[i] = T(d[i])
		}
	case Int8:
		for i := range out {
			out[i] = T(int8(d[i]))
		}
	case Int16:
		for i := range out {
			out[i] = T(int16(be.Uint16(d[2*i:])))
		}
	case Int32:
		for i := range out {
			out[i] = T(int32(be.Uint32(d[4*i:])))
		}
	case Float32:
		for i := range out {
			out[i] = T(math.Float32frombits(be.Uint32(d[4*i:])))
		}
	case Float64:
		for i := range out {
			out[i] = T(math.Float64frombits(be.Uint64(d[8*i:])))
		}
	}
	return out, nil
}

// check tells whether type, shape and data fit each other and the format.
func (a *Array) check() error {
	if a.Type.Size() == 0 {
		return fmt.Errorf("the element %s is not one of the format", a.Type)
	}
	if len(a.Shape) < 1 || len(a.Shape) > maxRank {
		return fmt.Errorf("it has %d dimensions, want 1 to %d", len(a.Shape), maxRank)
	}
	for _, dim := range a.Shape {
		if dim < 0 || int64(dim) > math.MaxUint32 {
			return fmt.Errorf("shape %v has a dimension that is not from 0 to 2^32-1", a.Shape)
		}
	}
	size, ok := byteSize(a.Type, a.Shape)
	if !ok {
		return fmt.Errorf("shape %v of %s is larger than any memory", a.Shape, a.Type)
	}
	if size != len(a.Data) {
		return fmt.Errorf("shape %v of %s takes %d bytes, but there are %d", a.Shape, a.Type, size, len(a.Data))
	}
	return nil
}

// byteSize returns the bytes that an array takes, and false if they overflow an int.
func byteSize(t Type, shape []int) (int, bool) {
	size := uint64(t.Size())
	for _, dim := range shape {
		hi, lo := bits.Mul64(size, uint64(dim))
		if hi != 0 || lo > math.MaxInt {
			return 0, false
		}
		size = lo
	}
	return int(size), true
}
