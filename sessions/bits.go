package sessions

import (
	"encoding/binary"
	"math"
	"slices"

	"cnnbench/nn/train"
)

// appendBits appends a value's bits; all that is not a number has the same.
func appendBits(to []byte, v float32) []byte {
	bits := math.Float32bits(v)
	if v != v {
		bits = 0x7fc00000
	}
	return binary.LittleEndian.AppendUint32(to, bits)
}

// equal32 and equal64 compare to the bit, but that all that is not a number is the same.
func equal32(a, b float32) bool {
	return math.Float32bits(a) == math.Float32bits(b) || a != a && b != b
}

func equal64(a, b float64) bool {
	return math.Float64bits(a) == math.Float64bits(b) || a != a && b != b
}

// differing names the first value in which two checkpoints differ, times left out; "" is none.
func differing(a, b *train.Checkpoint) string {
	a, b = a.Without(train.TimePrefix), b.Without(train.TimePrefix)
	byName := map[string]train.Tensor{}
	for _, t := range b.Tensors {
		byName[t.Name] = t
	}
	for _, t := range a.Tensors {
		u, ok := byName[t.Name]
		if !ok || !slices.Equal(t.Shape, u.Shape) || !slices.EqualFunc(t.F32, u.F32, equal32) || !slices.EqualFunc(t.F64, u.F64, equal64) ||
			!slices.Equal(t.I64, u.I64) || string(t.Text) != string(u.Text) {
			return t.Name
		}
		delete(byName, t.Name)
	}
	for _, t := range b.Tensors {
		if _, left := byName[t.Name]; left {
			return t.Name
		}
	}
	return ""
}
