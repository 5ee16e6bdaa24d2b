// Package npy reads and writes NumPy's .npy format, one array, and .npz, a zip archive of several.
//
// The reader takes plain numbers and truth values only, never pickled objects. It believes no size that a file
// declares: what it allocates is bounded by the bytes that are really there.
package npy

import (
	"encoding/binary"
	"fmt"
	"math"
	"math/bits"
)

// Array is one array.
type Array struct {
	Name  string // in an archive, without ".npy"; else unused
	DType string // NumPy's name of the element type: <f4 <f8 <f2 |u1 |i1 <i2 <u2 <i4 <u4 <i8 <u8 |b1
	Shape []int  // empty for a scalar
	Data  []byte // the elements, row-major and little-endian, whatever the file had
}

// dtypes lists the element types that an Array may have, for errors.
const dtypes = "<f4 <f8 <f2 |u1 |i1 <i2 <u2 <i4 <u4 <i8 <u8 |b1"

// Arrays are an archive's arrays, in its order.
type Arrays []Array

// Lookup returns the array of that name, and whether there is one.
func (as Arrays) Lookup(name string) (Array, bool) {
	for _, a := range as {
		if a.Name == name {
			return a, true
		}
	}
	return Array{}, false
}

// F32 returns an array of float32 values; values is row-major and is copied.
// It is the writer that checks whether there are as many as the shape says.
func F32(name string, shape []int, values []float32) Array {
	data := make([]byte, 0, 4*len(values))
	for _, v := range values {
		data = binary.LittleEndian.AppendUint32(data, math.Float32bits(v))
	}
	return Array{name, "<f4", shape, data}
}

// F64 is F32 for float64 values.
func F64(name string, shape []int, values []float64) Array {
	data := make([]byte, 0, 8*len(values))
	for _, v := range values {
		data = binary.LittleEndian.AppendUint64(data, math.Float64bits(v))
	}
	return Array{name, "<f8", shape, data}
}

// I32 is F32 for int32 values.
func I32(name string, shape []int, values []int32) Array {
	data := make([]byte, 0, 4*len(values))
	for _, v := range values {
		data = binary.LittleEndian.AppendUint32(data, uint32(v))
	}
	return Array{name, "<i4", shape, data}
}

// I64 is F32 for int64 values.
func I64(name string, shape []int, values []int64) Array {
	data := make([]byte, 0, 8*len(values))
	for _, v := range values {
		data = binary.LittleEndian.AppendUint64(data, uint64(v))
	}
	return Array{name, "<i8", shape, data}
}

// U8 is F32 for bytes, which it does not copy.
func U8(name string, shape []int, values []byte) Array {
	return Array{name, "|u1", shape, values}
}

// Len returns the number of elements, 1 for a scalar.
func (a Array) Len() int {
	n := 1
	for _, dim := range a.Shape {
		n *= dim
	}
	return n
}

// IsInteger tells whether the elements are whole numbers or truth values by their type.
func (a Array) IsInteger() bool {
	return elementSize(a.DType) != 0 && a.DType[1] != 'f'
}

// Float32s returns the elements as float32: those of <f4 with their very bits, others rounded to the nearest where
// they have to be, truth values as 0 and 1.
func (a Array) Float32s() ([]float32, error) {
	return values[float32](a)
}

// Int64s returns the elements of an array for which IsInteger is true, truth values as 0 and 1.
// A float type or a number above the largest int64 is an error.
func (a Array) Int64s() ([]int64, error) {
	if !a.IsInteger() {
		return nil, fmt.Errorf("array %q holds %s, want an integer type", a.Name, a.DType)
	}
	out, err := values[int64](a)
	if err == nil && a.DType == "<u8" {
		for i, v := range out {
			if v < 0 { // it wrapped round
				return nil, fmt.Errorf("array %q: element %d is %d, larger than an int64 can be", a.Name, i, uint64(v))
			}
		}
	}
	return out, err
}

func values[T float32 | int64](a Array) ([]T, error) {
	if err := a.check(); err != nil {
		return nil, fmt.Errorf("array %q: %w", a.Name, err)
	}
	out := make([]T, a.Len())
	d, le := a.Data, binary.LittleEndian
	switch a.DType {
	case "|b1":
		for i := range out {
			out[i] = T(min(d[i], 1))
		}
	case "|u1":
		for i := range out {
			out[i] = T(d[i])
		}
	case "|i1":
		for i := range out {
			out[i] = T(int8(d[i]))
		}
	case "<u2":
		for i := range out {
			out[i] = T(le.Uint16(d[2*i:]))
		}
	case "<i2":
		for i := range out {
			out[i] = T(int16(le.Uint16(d[2*i:])))
		}
	case "<u4":
		for i := range out {
			out[i] = T(le.Uint32(d[4*i:]))
		}
	case "<i4":
		for i := range out {
			out[i] = T(int32(le.Uint32(d[4*i:])))
		}
	case "<u8":
		for i := range out {
			out[i] = T(le.Uint64(d[8*i:]))
		}
	case "<i8":
		for i := range out {
			out[i] = T(int64(le.Uint64(d[8*i:])))
		}
	case "<f2":
		for i := range out {
			out[i] = T(fromHalf(le.Uint16(d[2*i:])))
		}
	case "<f4":
		for i := range out {
			out[i] = T(math.Float32frombits(le.Uint32(d[4*i:])))
		}
	case "<f8":
		for i := range out {
			out[i] = T(math.Float64frombits(le.Uint64(d[8*i:])))
		}
	}
	return out, nil
}

// check tells whether type, shape and data fit each other.
func (a Array) check() error {
	if elementSize(a.DType) == 0 {
		return fmt.Errorf("dtype %q is not known, want one of %s", a.DType, dtypes)
	}
	for _, dim := range a.Shape {
		if dim < 0 {
			return fmt.Errorf("shape %s has a negative dimension", tuple(a.Shape))
		}
	}
	size, ok := byteSize(a.DType, a.Shape)
	if !ok {
		return fmt.Errorf("shape %s is larger than any memory", tuple(a.Shape))
	}
	if size != len(a.Data) {
		return fmt.Errorf("shape %s of %s takes %d bytes, but there are %d", tuple(a.Shape), a.DType, size, len(a.Data))
	}
	return nil
}

// elementSize returns the bytes of one element, 0 if dtype is not one of dtypes.
func elementSize(dtype string) int {
	switch dtype {
	case "|b1", "|u1", "|i1":
		return 1
	case "<u2", "<i2", "<f2":
		return 2
	case "<u4", "<i4", "<f4":
		return 4
	case "<u8", "<i8", "<f8":
		return 8
	}
	return 0
}

// byteSize returns the bytes that an array takes, and false if they overflow an int.
func byteSize(dtype string, shape []int) (int, bool) {
	size := uint64(elementSize(dtype))
	for _, dim := range shape {
		hi, lo := bits.Mul64(size, uint64(dim))
		if hi != 0 || lo > math.MaxInt {
			return 0, false
		}
		size = lo
	}
	return int(size), true
}

// fromHalf returns the value of an IEEE 754 half-precision number; every one is a float32 too.
func fromHalf(h uint16) float32 {
	b := uint32(h&0x8000)<<16 | uint32(h&0x7fff)<<13
	if h&0x7c00 == 0x7c00 { // infinite or not a number
		return math.Float32frombits(b | 0x7f800000)
	}
	return math.Float32frombits(b) * 0x1p112 // the exponent's bias is 15 there, 127 here; right for subnormal numbers too
}
