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

// figures are those of float32 outputs, each as the shortest decimal of its own.
type figures []float32

// MarshalJSON writes a list; what is not finite is null.
func (f figures) MarshalJSON() ([]byte, error) {
	list := make([]any, len(f))
	for i, v := range f {
		if f := float64(v); !math.IsNaN(f) && !math.IsInf(f, 0) {
			list[i] = v
		}
	}
	return json.Marshal(list)
}
