package spec

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

// SetPath sets the value at a path such as model.layers[0].conv2d.filters in a document, making the maps on the way.
// A bare kind's name on the way (optimizer: adam) becomes a map of that one key. The value is parsed as YAML.
func SetPath(root *yaml.Node, path, value string) error {
	steps, err := splitPath(path)
	if err != nil {
		return err
	}
	var doc yaml.Node
	if err := yaml.Unmarshal([]byte(value), &doc); err != nil {
		return fmt.Errorf("%s: the value %q is not valid YAML", path, value)
	}
	leaf := plain("!!null", "null")
	if len(doc.Content) > 0 {
		leaf = doc.Content[0]
	}
	n := root
	for i, s := range steps {
		next, err := descend(n, s)
		if err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		if i == len(steps)-1 {
			clearLines(leaf)
			*next = *leaf
		}
		n = next
	}
	return nil
}

// step is a key, or an index where key is "".
type step struct {
	key   string
	index int
}

func splitPath(path string) ([]step, error) {
	if !utf8.ValidString(path) || strings.ContainsFunc(path, func(r rune) bool { return !unicode.IsGraphic(r) }) {
		return nil, fmt.Errorf("path %q holds what no key does; write it like model.layers[0].conv2d.filters", path)
	}
	var out []step
	for _, part := range strings.Split(path, ".") {
		key, rest, _ := strings.Cut(part, "[")
		if key == "" {
			return nil, fmt.Errorf("path %q has an empty key; write it like model.layers[0].conv2d.filters", path)
		}
		out = append(out, step{key: key})
		for rest != "" {
			num, after, ok := strings.Cut(rest, "]")
			i, err := strconv.Atoi(num)
			if !ok || err != nil || i < 0 {
				return nil, fmt.Errorf("path %q: %q is not an index; write it like layers[0]", path, num)
			}
			out = append(out, step{index: i})
			rest = strings.TrimPrefix(after, "[")
		}
	}
	return out, nil
}

func descend(n *yaml.Node, s step) (*yaml.Node, error) {
	if s.key == "" {
		if n.Kind != yaml.SequenceNode || s.index >= len(n.Content) {
			return nil, fmt.Errorf("there is no item [%d]; the list has %d", s.index, len(n.Content))
		}
		return n.Content[s.index], nil
	}
	switch {
	case n.Kind == yaml.ScalarNode && isNull(n) || n.Kind == 0:
		*n = yaml.Node{Kind: yaml.MappingNode}
	case n.Kind == yaml.ScalarNode:
		*n = yaml.Node{Kind: yaml.MappingNode, Line: n.Line, Column: n.Column, Content: []*yaml.Node{word(n.Value), {Kind: yaml.MappingNode}}}
	case n.Kind == yaml.SequenceNode:
		return nil, fmt.Errorf("%q is not an index; the value there is a list: write [0]", s.key)
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == s.key {
			return n.Content[i+1], nil
		}
	}
	child := plain("!!null", "null")
	n.Content = append(n.Content, word(s.key), child)
	return child, nil
}
