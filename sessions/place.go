package sessions

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"cnnbench/nn"
	"cnnbench/spec"

	"go.yaml.in/yaml/v3"
)

// place knows where in a file each setting stands.
type place struct {
	decoder *spec.Decoder
	root    *yaml.Node
}

// errorf is a mistake at the path, with file, line and column where the experiment is that of a file. A path that is
// not in the file points at its nearest ancestor that is.
func (e *Experiment) errorf(path, format string, args ...any) error {
	if e.at == nil {
		return &spec.Error{Path: path, Msg: fmt.Sprintf(format, args...)}
	}
	n, _ := find(e.at.root, path)
	return e.at.decoder.Errorf(n, path, format, args...)
}

// find walks from the root along a path such as model.layers[0].conv2d as far as the file goes, and reports whether
// that is all the way. A layer's bare name, "- flatten", counts as its map.
func find(root *yaml.Node, path string) (*yaml.Node, bool) {
	n := root
	for _, part := range strings.Split(path, ".") {
		key, rest, _ := strings.Cut(part, "[")
		if n.Kind == yaml.ScalarNode && n.Value == key {
			return n, true
		}
		child := value(n, key)
		if child == nil {
			return n, false
		}
		n = child
		for rest != "" {
			num, after, _ := strings.Cut(rest, "]")
			i, err := strconv.Atoi(num)
			if err != nil || n.Kind != yaml.SequenceNode || i >= len(n.Content) {
				return n, false
			}
			n, rest = n.Content[i], strings.TrimPrefix(after, "[")
		}
	}
	return n, true
}

// value is what stands behind the key of a map, or nil.
func value(n *yaml.Node, key string) *yaml.Node {
	if n.Kind != yaml.MappingNode {
		return nil
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == key {
			return n.Content[i+1]
		}
	}
	return nil
}

// layerError puts a layer's mistake in its place: at the setting that the message begins with, if it does.
func (e *Experiment) layerError(err error) error {
	var le *nn.LayerError
	if !errors.As(err, &le) {
		return err
	}
	path, msg := fmt.Sprintf("model.layers[%d].%s", le.Index, le.Kind), le.Err.Error()
	if key, rest, ok := strings.Cut(msg, ": "); ok && hasSetting(e.Model.Layers[le.Index], key) {
		path, msg = path+"."+key, rest
	}
	return e.errorf(path, "%s", msg)
}

func hasSetting(settings any, key string) bool {
	for _, f := range spec.Fields(settings) {
		if f.Key == key {
			return true
		}
	}
	return false
}
