package safetensors

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"encoding/json"
	"maps"
	"slices"
	"unicode/utf8"
)

// Encode returns the file's bytes, the same for the same tensors and metadata in whatever order they come:
// the tensors lie by element size, the largest first, then by name, and begin at a multiple of 8.
// It returns a *FormatError for what Decode would not take back.
func Encode(f *File) ([]byte, error) { return Append(nil, f) }

// Append appends the bytes of Encode to a buffer.
func Append(to []byte, f *File) ([]byte, error) {
	tensors := slices.Clone(f.Tensors)
	slices.SortFunc(tensors, func(a, b Tensor) int {
		return cmp.Or(-cmp.Compare(a.DType.Size(), b.DType.Size()), cmp.Compare(a.Name, b.Name))
	})
	header, err := encodeHeader(tensors, f.Metadata)
	if err != nil {
		return nil, err
	}
	size := 8 + len(header)
	for _, t := range tensors {
		size += len(t.Data)
	}
	out := slices.Grow(to, size)
	out = binary.LittleEndian.AppendUint64(out, uint64(len(header)))
	out = append(out, header...)
	for _, t := range tensors {
		out = append(out, t.Data...)
	}
	return out, nil
}

func encodeHeader(tensors []Tensor, metadata map[string]string) ([]byte, error) {
	var b bytes.Buffer
	b.WriteByte('{')
	if len(metadata) > 0 {
		for _, key := range slices.Sorted(maps.Keys(metadata)) {
			if !utf8.ValidString(key) || !utf8.ValidString(metadata[key]) {
				return nil, invalid("", "the metadata %q is not valid UTF-8", key)
			}
		}
		writeMember(&b, metadataKey, metadata)
	}
	seen := make(map[string]bool, len(tensors))
	at := 0
	for _, t := range tensors {
		switch {
		case t.Name == metadataKey:
			return nil, invalid(t.Name, "the name is taken for the metadata")
		case !utf8.ValidString(t.Name):
			return nil, invalid(t.Name, "the name is not valid UTF-8")
		case seen[t.Name]:
			return nil, invalid(t.Name, "there are two of this name")
		}
		seen[t.Name] = true
		if err := t.check(); err != nil {
			return nil, err
		}
		writeMember(&b, t.Name, struct {
			DType   DType  `json:"dtype"`
			Shape   []int  `json:"shape"`
			Offsets [2]int `json:"data_offsets"`
		}{t.DType, append([]int{}, t.Shape...), [2]int{at, at + len(t.Data)}}) // never null, which a nil shape would give
		at += len(t.Data)
	}
	b.WriteByte('}')
	for b.Len()%8 != 0 {
		b.WriteByte(' ')
	}
	if b.Len() > MaxHeader {
		return nil, invalid("", "the header would have %d bytes, more than the limit of %d", b.Len(), MaxHeader)
	}
	return b.Bytes(), nil
}

// writeMember adds one key and its value to the object that b holds so far.
func writeMember(b *bytes.Buffer, key string, value any) {
	if b.Len() > 1 {
		b.WriteByte(',')
	}
	k, errKey := json.Marshal(key)
	v, errValue := json.Marshal(value)
	if errKey != nil || errValue != nil {
		panic("safetensors: text and integers failed to encode as JSON")
	}
	b.Write(k)
	b.WriteByte(':')
	b.Write(v)
}
