package safetensors

import (
	"bytes"
	"encoding/json"
	"math"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"
)

// metadataKey is the header's one key that names no tensor.
const metadataKey = "__metadata__"

// entry is what the header says of one tensor.
type entry struct {
	name       string
	dtype      DType
	shape      []int
	begin, end int // in the bytes after the header
}

// parseHeader reads the JSON header. It walks the tokens itself, because json.Unmarshal takes keys that come twice,
// keys in another case, and text that is not UTF-8.
func parseHeader(text []byte) ([]entry, map[string]string, error) {
	switch {
	case len(text) == 0 || text[0] != '{':
		return nil, nil, invalid("", "the header does not begin with {")
	case !utf8.Valid(text):
		return nil, nil, invalid("", "the header is not valid UTF-8")
	case !json.Valid(text):
		return nil, nil, invalid("", "the header is not valid JSON")
	case halfPair(text):
		return nil, nil, invalid("", "the header escapes half of a surrogate pair")
	}
	p := parser{json.NewDecoder(bytes.NewReader(text))}
	p.dec.UseNumber()

	var entries []entry
	var metadata map[string]string
	err := p.object("", "the header", func(key string) error {
		var err error
		if key == metadataKey {
			metadata, err = p.metadata()
			return err
		}
		e, err := p.entry(key)
		entries = append(entries, e)
		return err
	})
	return entries, metadata, err
}

// parser walks through JSON that is known to be valid.
type parser struct{ dec *json.Decoder }

func (p parser) token() json.Token {
	t, err := p.dec.Token()
	if err != nil {
		panic("safetensors: valid JSON failed to parse")
	}
	return t
}

// object reads an object and calls value at each key's value, which it has to read.
func (p parser) object(tensor, what string, value func(key string) error) error {
	if p.token() != json.Delim('{') {
		return invalid(tensor, "%s is not an object", what)
	}
	seen := make(map[string]bool)
	for p.dec.More() {
		key := p.token().(string)
		if seen[key] {
			return invalid(tensor, "%s has the key %q twice", what, key)
		}
		seen[key] = true
		if err := value(key); err != nil {
			return err
		}
	}
	p.token()
	return nil
}

func (p parser) metadata() (map[string]string, error) {
	m := make(map[string]string)
	err := p.object("", metadataKey, func(key string) error {
		value, ok := p.token().(string)
		if !ok {
			return invalid("", "%s: the value of %q is not a string", metadataKey, key)
		}
		m[key] = value
		return nil
	})
	return m, err
}

func (p parser) entry(name string) (entry, error) {
	e := entry{name: name}
	var offsets []int
	err := p.object(name, "its entry", func(key string) error {
		var err error
		switch key {
		case "dtype":
			dtype, ok := p.token().(string)
			if e.dtype = DType(dtype); !ok || e.dtype.Size() == 0 {
				return invalid(name, "dtype %q is not known, want one of %s", dtype, knownTypes)
			}
		case "shape":
			e.shape, err = p.integers(name, key)
		case "data_offsets":
			offsets, err = p.integers(name, key)
			if err == nil && len(offsets) != 2 {
				err = invalid(name, "data_offsets has %d numbers, want 2", len(offsets))
			}
		default:
			err = invalid(name, "key %q is not known, want dtype, shape and data_offsets", key)
		}
		return err
	})
	if err != nil {
		return e, err
	}
	if e.dtype == "" || e.shape == nil || offsets == nil {
		return e, invalid(name, "its entry lacks one of dtype, shape and data_offsets")
	}
	e.begin, e.end = offsets[0], offsets[1]
	return e, nil
}

// integers reads an array of whole numbers from 0 to 2^53, the range that every JSON reader has exactly.
func (p parser) integers(tensor, what string) ([]int, error) {
	if p.token() != json.Delim('[') {
		return nil, invalid(tensor, "%s is not an array", what)
	}
	list := []int{}
	for p.dec.More() {
		number, ok := p.token().(json.Number)
		v, err := strconv.ParseUint(number.String(), 10, 64)
		if !ok || err != nil || v > 1<<53 || v > math.MaxInt {
			return nil, invalid(tensor, "%s has an element that is not a whole number from 0 to 2^53", what)
		}
		list = append(list, int(v))
	}
	p.token()
	return list, nil
}

// halfPair tells whether valid JSON text escapes one half of a UTF-16 surrogate pair without the other.
// encoding/json would turn it into U+FFFD, so that two different names could become one.
func halfPair(text []byte) bool {
	for i := 0; i < len(text); i++ {
		if text[i] != '\\' {
			continue
		}
		i++ // the escaped character
		r := escapedUnit(text, i)
		if !utf16.IsSurrogate(r) {
			continue
		}
		if text[i+5] != '\\' || utf16.DecodeRune(r, escapedUnit(text, i+6)) == utf8.RuneError {
			return true
		}
		i += 10
	}
	return false
}

// escapedUnit returns the number of an escape uXXXX at text[i], 0 if none is there.
func escapedUnit(text []byte, i int) rune {
	if text[i] != 'u' {
		return 0
	}
	r, err := strconv.ParseUint(string(text[i+1:i+5]), 16, 16)
	if err != nil {
		panic("safetensors: valid JSON failed to parse")
	}
	return rune(r)
}
