package runs

import (
	"bytes"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"cnnbench/nn"
	"cnnbench/nn/loss"
	"cnnbench/nn/metric"
	"cnnbench/nn/optim"
	"cnnbench/nn/train"
	"cnnbench/sessions"
	"cnnbench/spec"
)

// change is one setting in which two experiments differ. What one of them does not have at all, such as a layer, is
// empty there.
type change struct{ path, old, new string }

// differences are the settings in which b differs from a, in the order of the experiment file.
func differences(a, b *sessions.Experiment) []change {
	d := &differ{}
	d.compare("", "", spec.Node(*a, nil), spec.Node(*b, nil))
	return d.out
}

// differ walks through two experiments at once.
type differ struct{ out []change }

// compare compares what stands at a path; kind is the kind whose setting it is.
func (d *differ) compare(path, kind string, a, b *yaml.Node) {
	ka, bodyA, okA := kindOf(a)
	kb, bodyB, okB := kindOf(b)
	switch {
	case lineOf(a) == lineOf(b):
	case kinds(a) && kinds(b):
		d.lists(path, a.Content, b.Content)
	case okA && okB && ka == kb:
		d.maps(path+"."+ka, ka, bodyA, bodyB)
	case a != nil && b != nil && a.Kind == yaml.MappingNode && b.Kind == yaml.MappingNode && !okA && !okB:
		d.maps(path, "", a, b)
	default:
		d.out = append(d.out, change{strings.TrimPrefix(path, "."), orDefault(a, path, kind), orDefault(b, path, kind)})
	}
}

// maps compares two maps key by key, in the order of the first.
func (d *differ) maps(path, kind string, a, b *yaml.Node) {
	for _, key := range union(keysOf(a), keysOf(b)) {
		d.compare(path+"."+key, kind, valueOf(a, key), valueOf(b, key))
	}
}

// lists compares two lists of kinds, such as layers: what is the same kind in the same order is compared with each
// other, what one of them has in addition is added or removed as a whole.
func (d *differ) lists(path string, a, b []*yaml.Node) {
	path = strings.TrimPrefix(path, ".")
	at := func(i int, n *yaml.Node) string {
		k, _, _ := kindOf(n)
		return path + "[" + strconv.Itoa(i) + "]." + k
	}
	bodyText := func(n *yaml.Node) string {
		_, body, _ := kindOf(n)
		if body == nil {
			return "{}"
		}
		return lineOf(body)
	}
	i, j := 0, 0
	for _, pair := range append(common(a, b), [2]int{len(a), len(b)}) {
		for ; i < pair[0]; i++ {
			d.out = append(d.out, change{at(i, a[i]), bodyText(a[i]), ""})
		}
		for ; j < pair[1]; j++ {
			d.out = append(d.out, change{at(j, b[j]), "", bodyText(b[j])})
		}
		if i < len(a) && j < len(b) {
			k, bodyA, _ := kindOf(a[i])
			_, bodyB, _ := kindOf(b[j])
			d.maps(at(j, b[j]), k, bodyA, bodyB)
			i, j = i+1, j+1
		}
	}
}

// common are the pairs of a longest common subsequence of two lists by their kinds, equal elements before others of the
// same kind.
func common(a, b []*yaml.Node) [][2]int {
	const same, alike = 3, 2 // so that one equal pair counts more than one that is only alike, and two alike more than one equal
	score := func(x, y *yaml.Node) int {
		kx, _, _ := kindOf(x)
		ky, _, _ := kindOf(y)
		switch {
		case kx != ky:
			return 0
		case lineOf(x) == lineOf(y):
			return same
		}
		return alike
	}
	n, m := len(a), len(b)
	best := make([][]int, n+1) // [n+1][m+1]: of what comes from i and j on
	for i := range best {
		best[i] = make([]int, m+1)
	}
	for i := n - 1; i >= 0; i-- {
		for j := m - 1; j >= 0; j-- {
			best[i][j] = max(best[i+1][j], best[i][j+1])
			if s := score(a[i], b[j]); s > 0 {
				best[i][j] = max(best[i][j], s+best[i+1][j+1])
			}
		}
	}
	var pairs [][2]int
	for i, j := 0, 0; i < n && j < m; {
		s := score(a[i], b[j])
		switch {
		case s > 0 && best[i][j] == s+best[i+1][j+1]:
			pairs = append(pairs, [2]int{i, j})
			i, j = i+1, j+1
		case best[i][j] == best[i+1][j]:
			i++
		default:
			j++
		}
	}
	return pairs
}

// families are those whose kinds stand in experiments with settings of their own.
var families = []*spec.Family{nn.Layers, optim.Family, optim.Schedules, loss.Family, metric.Family, train.Callbacks}

// kindOf reads a node as a kind: its bare name, or a map of its name to its settings.
func kindOf(n *yaml.Node) (name string, body *yaml.Node, ok bool) {
	if n == nil {
		return "", nil, false
	}
	switch {
	case n.Kind == yaml.ScalarNode && n.Tag == "!!str":
		name = n.Value
	case n.Kind == yaml.MappingNode && len(n.Content) == 2 && n.Content[1].Kind == yaml.MappingNode:
		name, body = n.Content[0].Value, n.Content[1]
	default:
		return "", nil, false
	}
	ok = slices.ContainsFunc(families, func(f *spec.Family) bool { _, known := f.Lookup(name); return known })
	return name, body, ok
}

// kinds says that a node is a list of kinds, or none.
func kinds(n *yaml.Node) bool {
	switch {
	case n == nil:
		return false
	case n.Kind == yaml.ScalarNode:
		return n.Value == "null"
	}
	for _, c := range n.Content {
		if _, _, ok := kindOf(c); !ok {
			return false
		}
	}
	return n.Kind == yaml.SequenceNode
}

// orDefault is a node as text; a setting that a kind leaves out is its default.
func orDefault(n *yaml.Node, path, kind string) string {
	if n != nil {
		return lineOf(n)
	}
	key := path[strings.LastIndex(path, ".")+1:]
	for _, f := range families {
		v, err := f.New(kind)
		if err != nil {
			continue
		}
		for _, field := range spec.Fields(v) {
			if field.Key == key {
				return field.Text
			}
		}
	}
	return ""
}

// lineOf is a node as one line of YAML; "" of none.
func lineOf(n *yaml.Node) string {
	if n == nil {
		return ""
	}
	if n.Kind == yaml.ScalarNode {
		return n.Value
	}
	var b bytes.Buffer
	enc := yaml.NewEncoder(&b)
	if err := enc.Encode(flowed(n)); err != nil {
		panic("runs: an experiment cannot be encoded")
	}
	return strings.Join(strings.Fields(b.String()), " ")
}

// flowed is a copy of a node that is written in one line.
func flowed(n *yaml.Node) *yaml.Node {
	c := *n
	c.Style |= yaml.FlowStyle
	c.Content = nil
	for _, x := range n.Content {
		c.Content = append(c.Content, flowed(x))
	}
	return &c
}

func keysOf(n *yaml.Node) []string {
	var out []string
	if n != nil {
		for i := 0; i+1 < len(n.Content); i += 2 {
			out = append(out, n.Content[i].Value)
		}
	}
	return out
}

func valueOf(n *yaml.Node, key string) *yaml.Node {
	if n != nil {
		for i := 0; i+1 < len(n.Content); i += 2 {
			if n.Content[i].Value == key {
				return n.Content[i+1]
			}
		}
	}
	return nil
}

// union is a, and what b has in addition.
func union(a, b []string) []string {
	out := slices.Clone(a)
	for _, x := range b {
		if !slices.Contains(out, x) {
			out = append(out, x)
		}
	}
	return out
}
