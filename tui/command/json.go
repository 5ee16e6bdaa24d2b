package command

import (
	"bytes"
	"encoding/json"
	"math"
)

// object is a JSON object whose keys keep their order.
type object []member

type member struct {
	key   string
	value any
}

func (o *object) add(key string, value any) { *o = append(*o, member{key, value}) }

// MarshalJSON writes the members in their order.
func (o object) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	b.WriteByte('{')
	for i, m := range o {
		if i > 0 {
			b.WriteByte(',')
		}
		key, err := json.Marshal(m.key)
		if err != nil {
			return nil, err
		}
		value, err := json.Marshal(m.value)
		if err != nil {
			return nil, err
		}
		b.Write(key)
		b.WriteByte(':')
		b.Write(value)
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}

// figure is a number of full precision; what is not finite is null.
type figure float64

// MarshalJSON writes the shortest decimal that reads back as the value.
func (f figure) MarshalJSON() ([]byte, error) {
	if math.IsNaN(float64(f)) || math.IsInf(float64(f), 0) {
		return []byte("null"), nil
	}
	return json.Marshal(float64(f))
}

// figure32 is a float32 of full precision: the shortest decimal of its own; what is not finite is null.
type figure32 float32

// MarshalJSON writes the shortest decimal that reads back as the value.
func (f figure32) MarshalJSON() ([]byte, error) {
	if v := float64(f); math.IsNaN(v) || math.IsInf(v, 0) {
		return []byte("null"), nil
	}
	return json.Marshal(float32(f))
}

// figures are those of a network's outputs.
func figures(values []float32) []figure32 {
	out := make([]figure32, len(values))
	for i, v := range values {
		out[i] = figure32(v)
	}
	return out
}
