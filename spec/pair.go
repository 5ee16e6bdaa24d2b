package spec

import (
	"strconv"

	"go.yaml.in/yaml/v3"
)

// Pair is a size in rows and columns, both at least 1; one number means both, as in Keras.
type Pair [2]int

// Square is the pair (n, n).
func Square(n int) Pair { return Pair{n, n} }

// WantSpec says what a pair is read from.
func (p *Pair) WantSpec() string {
	return "a whole number of 1 or more, or a pair of them such as [3, 5]"
}

// DecodeSpec reads a whole number or a list of two.
func (p *Pair) DecodeSpec(d *Decoder, n *yaml.Node, path string) error {
	read := func(n *yaml.Node) (int, bool) {
		i, err := strconv.Atoi(n.Value)
		return i, err == nil && i >= 1 && i <= 1<<20 && n.Kind == yaml.ScalarNode && n.Tag == "!!int"
	}
	switch {
	case n.Kind == yaml.ScalarNode:
		if i, ok := read(n); ok {
			*p = Pair{i, i}
			return nil
		}
	case n.Kind == yaml.SequenceNode && len(n.Content) == 2:
		a, okA := read(n.Content[0])
		b, okB := read(n.Content[1])
		if okA && okB {
			*p = Pair{a, b}
			return nil
		}
	}
	return d.Errorf(n, path, "found %s, needs %s", found(n), p.WantSpec())
}

// EncodeSpec writes one number where both are equal.
func (p Pair) EncodeSpec() any {
	if p[0] == p[1] {
		return p[0]
	}
	return []int{p[0], p[1]}
}
