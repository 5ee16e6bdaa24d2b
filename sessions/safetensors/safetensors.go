// Package safetensors reads and writes the safetensors format: named tensors in one file, behind a JSON header.
//
//	N, a little-endian uint64 | N bytes of JSON | the tensors' bytes, without a gap
//
// The reader is strict. It takes a file only if every byte of it is accounted for, so that no two programs can
// see different tensors in the same file, and a damaged file never passes as a shorter one. The writer gives the
// same bytes for the same tensors.
package safetensors

import (
	"fmt"
	"math"
	"math/bits"
)

// DType is the type of a tensor's elements, under the format's own name.
type DType string

// The types that Decode and Encode take.
const (
	Bool     DType = "BOOL"
	Uint8    DType = "U8"
	Int8     DType = "I8"
	Uint16   DType = "U16"
	Int16    DType = "I16"
	Float16  DType = "F16"
	BFloat16 DType = "BF16"
	Uint32   DType = "U32"
	Int32    DType = "I32"
	Float32  DType = "F32"
	Uint64   DType = "U64"
	Int64    DType = "I64"
	Float64  DType = "F64"
)

// knownTypes lists the types for errors.
const knownTypes = "BOOL U8 I8 U16 I16 F16 BF16 U32 I32 F32 U64 I64 F64"

// Size returns the bytes of one element, 0 for a type that is not one of the constants above.
func (d DType) Size() int {
	switch d {
	case Bool, Uint8, Int8:
		return 1
	case Uint16, Int16, Float16, BFloat16:
		return 2
	case Uint32, Int32, Float32:
		return 4
	case Uint64, Int64, Float64:
		return 8
	}
	return 0
}

// File is what one safetensors file holds.
type File struct {
	Tensors  []Tensor          // Decode: in the order of their bytes. Encode: in any order, the names distinct.
	Metadata map[string]string // free text; nil if there is none
}

// Lookup returns the tensor of that name, and whether there is one.
func (f *File) Lookup(name string) (Tensor, bool) {
	for _, t := range f.Tensors {
		if t.Name == name {
			return t, true
		}
	}
	return Tensor{}, false
}

// FormatError says why bytes are not a valid safetensors file, or why tensors cannot be made into one.
type FormatError struct {
	Tensor string // the tensor at fault; empty if the file as a whole is
	Reason string
}

func (e *FormatError) Error() string {
	if e.Tensor == "" {
		return "safetensors: " + e.Reason
	}
	return fmt.Sprintf("safetensors: tensor %q: %s", e.Tensor, e.Reason)
}

func invalid(tensor, format string, args ...any) error {
	return &FormatError{Tensor: tensor, Reason: fmt.Sprintf(format, args...)}
}

// byteSize returns the bytes that a tensor of this type and shape takes, and false if they overflow an int.
// Like the reference reader it multiplies from the left: an overflow before a dimension of 0 counts.
func byteSize(dtype DType, shape []int) (int, bool) {
	size := uint64(1)
	for _, dim := range shape {
		hi, lo := bits.Mul64(size, uint64(dim))
		if hi != 0 {
			return 0, false
		}
		size = lo
	}
	hi, size := bits.Mul64(size, uint64(dtype.Size()))
	return int(size), hi == 0 && size <= math.MaxInt
}
