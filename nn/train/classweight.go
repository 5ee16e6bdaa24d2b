package train

import (
	"strconv"

	"cnnbench/spec"

	"go.yaml.in/yaml/v3"
)

// ClassWeight are factors of the training samples' losses, by their class. The zero value weighs all alike.
type ClassWeight struct {
	Balanced bool            // so that every class counts alike: to be worked out from the data, and then to stand in Of
	Of       map[int]float64 // by class number; a class left out has 1
}

// Given reports whether there are weights.
func (c ClassWeight) Given() bool { return c.Balanced || c.Of != nil }

// balanced is how an experiment asks for weights that are worked out.
const balanced = "balanced"

// WantSpec says what class weights are read from.
func (c *ClassWeight) WantSpec() string {
	return "balanced, or factors by class number such as {0: 1, 1: 3}"
}

// DecodeSpec reads the word balanced, a map or null.
func (c *ClassWeight) DecodeSpec(d *spec.Decoder, n *yaml.Node, path string) error {
	*c = ClassWeight{}
	switch {
	case n.Kind == yaml.ScalarNode && n.Value == balanced:
		c.Balanced = true
		return nil
	case n.Kind != yaml.MappingNode && n.Tag != "!!null":
		what := strconv.Quote(n.Value)
		if n.Kind == yaml.SequenceNode {
			what = "a list"
		}
		return d.Errorf(n, path, "found %s, needs %s", what, c.WantSpec())
	}
	var of map[int]float64
	if err := d.Decode(n, path, &of); err != nil {
		return err
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, factor := n.Content[i], n.Content[i+1]
		if class, err := strconv.Atoi(key.Value); err == nil && of[class] < 0 {
			return d.Errorf(factor, path+"."+key.Value, "found %q, needs a number of 0 or more", factor.Value)
		}
	}
	c.Of = of
	return nil
}

// EncodeSpec writes the word, the map or null.
func (c ClassWeight) EncodeSpec() any {
	switch {
	case c.Balanced:
		return balanced
	case c.Of == nil:
		return nil
	}
	return spec.Node(c.Of, nil)
}
