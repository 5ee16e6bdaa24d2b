package augment

import (
	"strconv"

	"go.yaml.in/yaml/v3"

	"cnnbench/spec"
)

// Range is the lowest and the highest of what may be drawn.
type Range [2]float64

// WantSpec says what a range is read from.
func (r *Range) WantSpec() string {
	return "the lowest and the highest number, such as [0.8, 1.2]"
}

// DecodeSpec reads a list of two numbers, the lower first.
func (r *Range) DecodeSpec(d *spec.Decoder, n *yaml.Node, path string) error {
	if list, ok := numbers(n); ok && len(list) == 2 && list[0] <= list[1] {
		*r = Range(list)
		return nil
	}
	return d.Errorf(n, path, "found %s, needs %s", found(n), r.WantSpec())
}

// EncodeSpec writes the two numbers.
func (r Range) EncodeSpec() any { return []float64{r[0], r[1]} }

// draw draws a number of the range.
func (r Range) draw(s Source) float64 { return uniform(s, r[0], r[1]) }

// number reads a finite number.
func number(n *yaml.Node) (float64, bool) {
	if n.Kind != yaml.ScalarNode || n.Tag != "!!int" && n.Tag != "!!float" {
		return 0, false
	}
	f, err := strconv.ParseFloat(n.Value, 64)
	return f, err == nil && f-f == 0
}

// numbers reads a list of finite numbers.
func numbers(n *yaml.Node) ([]float64, bool) {
	if n.Kind != yaml.SequenceNode {
		return nil, false
	}
	var out []float64
	for _, item := range n.Content {
		f, ok := number(item)
		if !ok {
			return nil, false
		}
		out = append(out, f)
	}
	return out, true
}

// found says in words what stands there.
func found(n *yaml.Node) string {
	switch n.Kind {
	case yaml.MappingNode:
		return "a map"
	case yaml.SequenceNode:
		text := "["
		for i, item := range n.Content {
			if i > 0 {
				text += ", "
			}
			text += item.Value
		}
		return text + "]"
	}
	return strconv.Quote(n.Value)
}
