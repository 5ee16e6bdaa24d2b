package safetensors

import (
	"encoding/binary"
	"fmt"
	"math"
	"unsafe"
)

// Tensor is one named array.
type Tensor struct {
	Name  string
	DType DType
	Shape []int  // empty for a scalar
	Data  []byte // the elements, row-major and little-endian
}

// F32 returns a tensor of float32 values; values is row-major and is copied.
// It is Encode that checks whether there are as many as the shape says.
func F32(name string, shape []int, values []float32) Tensor {
	data := make([]byte, 4*len(values))
	if littleEndian {
		copy(data, inMemory(values))
	} else {
		for i, v := range values {
			binary.LittleEndian.PutUint32(data[4*i:], math.Float32bits(v))
		}
	}
	return Tensor{name, Float32, shape, data}
}

// Shared is F32 that may share the memory of values, which must stay as they are for as long as the tensor is used.
func Shared(name string, shape []int, values []float32) Tensor {
	if littleEndian {
		return Tensor{name, Float32, shape, inMemory(values)}
	}
	return F32(name, shape, values)
}

// littleEndian says that numbers lie in memory as they do in a file: there is much to copy in a checkpoint.
var littleEndian = binary.NativeEndian.Uint16([]byte{1, 0}) == 1

// inMemory is the bytes of values, which it shares.
func inMemory(values []float32) []byte {
	return unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(values))), 4*len(values))
}

// F64 is F32 for float64 values.
func F64(name string, shape []int, values []float64) Tensor {
	data := make([]byte, 0, 8*len(values))
	for _, v := range values {
		data = binary.LittleEndian.AppendUint64(data, math.Float64bits(v))
	}
	return Tensor{name, Float64, shape, data}
}

// I64 is F32 for int64 values.
func I64(name string, shape []int, values []int64) Tensor {
	data := make([]byte, 0, 8*len(values))
	for _, v := range values {
		data = binary.LittleEndian.AppendUint64(data, uint64(v))
	}
	return Tensor{name, Int64, shape, data}
}

// U8 is F32 for bytes, which it does not copy.
func U8(name string, shape []int, values []byte) Tensor {
	return Tensor{name, Uint8, shape, values}
}

// Float32s returns the elements of a tensor of any float type: those of F32 with their very bits, F16 and BF16
// exactly, F64 rounded to the nearest. Other types are an error.
func (t Tensor) Float32s() ([]float32, error) {
	if err := t.check(); err != nil {
		return nil, err
	}
	out := make([]float32, len(t.Data)/t.DType.Size())
	switch t.DType {
	case Float16:
		for i := range out {
			out[i] = fromHalf(binary.LittleEndian.Uint16(t.Data[2*i:]))
		}
	case BFloat16: // the upper half of a float32
		for i := range out {
			out[i] = math.Float32frombits(uint32(binary.LittleEndian.Uint16(t.Data[2*i:])) << 16)
		}
	case Float32:
		if littleEndian {
			copy(inMemory(out), t.Data)
			break
		}
		for i := range out {
			out[i] = math.Float32frombits(binary.LittleEndian.Uint32(t.Data[4*i:]))
		}
	case Float64:
		for i := range out {
			out[i] = float32(math.Float64frombits(binary.LittleEndian.Uint64(t.Data[8*i:])))
		}
	default:
		return nil, t.wrongType("F32, F64, F16 or BF16")
	}
	return out, nil
}

// Float64s returns the elements of an F64 tensor with their very bits, or those of an F32 tensor exactly.
func (t Tensor) Float64s() ([]float64, error) {
	if err := t.check(); err != nil {
		return nil, err
	}
	out := make([]float64, len(t.Data)/t.DType.Size())
	switch t.DType {
	case Float32:
		for i := range out {
			out[i] = float64(math.Float32frombits(binary.LittleEndian.Uint32(t.Data[4*i:])))
		}
	case Float64:
		for i := range out {
			out[i] = math.Float64frombits(binary.LittleEndian.Uint64(t.Data[8*i:]))
		}
	default:
		return nil, t.wrongType("F64 or F32")
	}
	return out, nil
}

// Int64s returns the elements of an I64, I32 or U8 tensor.
func (t Tensor) Int64s() ([]int64, error) {
	if err := t.check(); err != nil {
		return nil, err
	}
	out := make([]int64, len(t.Data)/t.DType.Size())
	switch t.DType {
	case Uint8:
		for i := range out {
			out[i] = int64(t.Data[i])
		}
	case Int32:
		for i := range out {
			out[i] = int64(int32(binary.LittleEndian.Uint32(t.Data[4*i:])))
		}
	case Int64:
		for i := range out {
			out[i] = int64(binary.LittleEndian.Uint64(t.Data[8*i:]))
		}
	default:
		return nil, t.wrongType("I64, I32 or U8")
	}
	return out, nil
}

// check tells whether type, shape and data fit each other.
func (t Tensor) check() error {
	if t.DType.Size() == 0 {
		return invalid(t.Name, "dtype %q is not known, want one of %s", t.DType, knownTypes)
	}
	for _, dim := range t.Shape {
		if dim < 0 {
			return invalid(t.Name, "shape %v has a negative dimension", t.Shape)
		}
	}
	size, ok := byteSize(t.DType, t.Shape)
	if !ok {
		return invalid(t.Name, "shape %v of %s is larger than any memory", t.Shape, t.DType)
	}
	if size != len(t.Data) {
		return invalid(t.Name, "shape %v of %s takes %d bytes, but there are %d", t.Shape, t.DType, size, len(t.Data))
	}
	return nil
}

func (t Tensor) wrongType(want string) error {
	return fmt.Errorf("tensor %q holds %s, want %s", t.Name, t.DType, want)
}

// fromHalf returns the value of an IEEE 754 half-precision number; every one is a float32 too.
func fromHalf(h uint16) float32 {
	b := uint32(h&0x8000)<<16 | uint32(h&0x7fff)<<13
	if h&0x7c00 == 0x7c00 { // infinite or not a number
		return math.Float32frombits(b | 0x7f800000)
	}
	return math.Float32frombits(b) * 0x1p112 // the exponent's bias is 15 there, 127 here; right for subnormal numbers too
}
