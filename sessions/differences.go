package sessions

import (
	"fmt"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Difference is a setting in which two experiments differ.
type Difference struct {
	Path string // model.layers[0].conv2d.filters
	A, B string // as YAML in one line; "-" where it is not there
}

// Differences lists the settings in which two experiments differ, in the order of the file. Settings at their defaults
// count as not there.
func Differences(a, b *Experiment) []Difference {
	var na, nb yaml.Node
	if yaml.Unmarshal(a.Encode(), &na) != nil || yaml.Unmarshal(b.Encode(), &nb) != nil {
		panic("sessions: an encoded experiment is no YAML")
	}
	var out []Difference
	differ("", na.Content[0], nb.Content[0], &out)
	return out
}

// differ compares two nodes, either of which may be nil.
func differ(path string, a, b *yaml.Node, out *[]Difference) {
	at := func(key string) string { return strings.TrimPrefix(path+"."+key, ".") }
	switch {
	case a != nil && b != nil && a.Kind == yaml.MappingNode && b.Kind == yaml.MappingNode:
		for i := 0; i+1 < len(a.Content); i += 2 {
			key := a.Content[i].Value
			differ(at(key), a.Content[i+1], value(b, key), out)
		}
		for i := 0; i+1 < len(b.Content); i += 2 {
			if key := b.Content[i].Value; value(a, key) == nil {
				differ(at(key), nil, b.Content[i+1], out)
			}
		}
	case a != nil && b != nil && a.Kind == yaml.SequenceNode && b.Kind == yaml.SequenceNode && blocks(a, b):
		for i := range max(len(a.Content), len(b.Content)) {
			differ(fmt.Sprintf("%s[%d]", path, i), item(a, i), item(b, i), out)
		}
	default:
		if x, y := oneLine(a), oneLine(b); x != y {
			*out = append(*out, Difference{path, x, y})
		}
	}
}

// blocks reports whether a list is one of layers or callbacks rather than of plain values.
func blocks(lists ...*yaml.Node) bool {
	for _, l := range lists {
		for _, n := range l.Content {
			if n.Kind == yaml.MappingNode {
				return true
			}
		}
	}
	return false
}

func item(list *yaml.Node, i int) *yaml.Node {
	if i < len(list.Content) {
		return list.Content[i]
	}
	return nil
}

// oneLine writes a node as YAML in one line.
func oneLine(n *yaml.Node) string {
	if n == nil {
		return "-"
	}
	flat := *n
	if n.Kind != yaml.ScalarNode {
		flat.Style = yaml.FlowStyle
	}
	text, err := yaml.Marshal(&flat)
	if err != nil {
		panic("sessions: a setting cannot be encoded")
	}
	return strings.Join(strings.Fields(string(text)), " ")
}
