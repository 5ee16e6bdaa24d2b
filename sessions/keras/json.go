package keras

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"

	"go.yaml.in/yaml/v3"
)

// Bounds of the JSON that is read, so that a hostile text costs little: a model of a thousand layers has some 80,000
// values.
const (
	maxDepth  = 64
	maxValues = 120_000
)

// parse reads JSON into maps, lists, strings, json.Number, bools and nil.
func parse(text []byte) (any, error) {
	depth, values, quoted := 0, 0, false
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case quoted:
			if c == '\\' {
				i++
			}
			quoted = c != '"'
		case c == '"':
			quoted = true
		case c == '{' || c == '[':
			depth++
			values++
		case c == '}' || c == ']':
			depth--
		case c == ',':
			values++
		}
		if depth > maxDepth || values > maxValues {
			return nil, fmt.Errorf("the model's JSON is too large: more than %d values or nested more than %d deep", maxValues, maxDepth)
		}
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		return nil, fmt.Errorf("the model's JSON cannot be read: %w", err)
	}
	if d.More() {
		return nil, fmt.Errorf("the model's JSON goes on after its end")
	}
	return v, nil
}

// node turns a parsed value into what spec decodes.
func node(v any) *yaml.Node {
	scalar := func(tag, s string) *yaml.Node { return &yaml.Node{Kind: yaml.ScalarNode, Tag: tag, Value: s} }
	switch v := v.(type) {
	case *yaml.Node: // is one already
		return v
	case nil:
		return scalar("!!null", "null")
	case bool:
		return scalar("!!bool", strconv.FormatBool(v))
	case json.Number:
		tag := "!!float"
		if _, err := v.Int64(); err == nil {
			tag = "!!int"
		}
		return scalar(tag, v.String())
	case string:
		return scalar("!!str", v)
	case []any:
		n := &yaml.Node{Kind: yaml.SequenceNode}
		for _, x := range v {
			n.Content = append(n.Content, node(x))
		}
		return n
	}
	return &yaml.Node{Kind: yaml.MappingNode} // an object, which no setting takes as it is
}

// object is a JSON object that keeps its order, so that the same model gives the same bytes.
type object []member

type member struct {
	key   string
	value any // as json.Marshal takes it
}

// MarshalJSON writes the members in their order.
func (o object) MarshalJSON() ([]byte, error) {
	b := []byte{'{'}
	for i, m := range o {
		if i > 0 {
			b = append(b, ", "...)
		}
		key, err := plain(m.key)
		if err != nil {
			return nil, err
		}
		value, err := plain(m.value)
		if err != nil {
			return nil, err
		}
		b = append(append(append(b, key...), ": "...), value...)
	}
	return append(b, '}'), nil
}

// plain is json.Marshal without escapes for HTML.
func plain(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimRight(b.Bytes(), "\n"), nil
}

// value turns what spec encodes into what json.Marshal takes. It must hold no members of families.
func value(n *yaml.Node) any {
	switch n.Kind {
	case yaml.SequenceNode:
		out := []any{}
		for _, c := range n.Content {
			out = append(out, value(c))
		}
		return out
	case yaml.ScalarNode:
		switch {
		case n.Tag == "!!null":
			return nil
		case n.Tag == "!!str":
			return n.Value
		}
		return json.RawMessage(n.Value)
	}
	panic("keras: a setting of a form that Keras does not have")
}
