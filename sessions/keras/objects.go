package keras

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"cnnbench/nn"
	"cnnbench/spec"

	"go.yaml.in/yaml/v3"
)

// wrapped is an object as Keras 3 writes it.
func wrapped(module, class string, config object) object {
	if config == nil {
		config = object{}
	}
	return object{{"module", module}, {"class_name", class}, {"config", config}, {"registered_name", nil}}
}

// whole gives a member of a family, as it stands in an encoded setting, with all of its settings; ok is false for null.
func whole(f *spec.Family, n *yaml.Node) (kind spec.Kind, all []pair, ok bool) {
	name := n
	if n.Kind == yaml.MappingNode {
		name = n.Content[0]
	}
	if name.Tag == "!!null" {
		return spec.Kind{}, nil, false
	}
	kind, _ = f.Lookup(name.Value)
	v := kind.New()
	if n.Kind == yaml.MappingNode {
		if err := (&spec.Decoder{}).Decode(n.Content[1], "", v); err != nil {
			panic("keras: a setting that was encoded cannot be decoded: " + err.Error())
		}
	}
	return kind, settings(v), true
}

// simple is an object whose settings are plain values.
func simple(module string, kind spec.Kind, all []pair) object {
	config := object{}
	for _, p := range all {
		config = append(config, member{p.key, value(p.value)})
	}
	return wrapped(module, kind.Class, config)
}

func encodeInitializer(n *yaml.Node) any {
	kind, all, ok := whole(nn.Initializers, n)
	if !ok {
		return nil
	}
	return simple("keras.initializers", kind, all)
}

func encodeRegularizer(n *yaml.Node) any {
	if n.Tag == "!!null" {
		return nil
	}
	config := object{{"l1", json.RawMessage("0.0")}, {"l2", json.RawMessage("0.0")}}
	for i := 0; i+1 < len(n.Content); i += 2 {
		for j := range config {
			if config[j].key == n.Content[i].Value {
				config[j].value = json.RawMessage(number(n.Content[i+1].Value))
			}
		}
	}
	return wrapped("keras.regularizers", "L1L2", config)
}

// asLayers are the activations that Keras gives settings to by a layer's object.
var asLayers = map[string]string{"leaky_relu": "LeakyReLU", "elu": "ELU"}

// encodeActivation writes a name, or an object where there are settings.
func encodeActivation(n *yaml.Node) (any, error) {
	kind, all, ok := whole(nn.Activations, n)
	switch {
	case !ok:
		return "linear", nil
	case n.Kind == yaml.ScalarNode:
		return kind.Class, nil
	case asLayers[kind.Name] != "":
		kind.Class = asLayers[kind.Name]
		return simple("keras.layers", kind, all), nil
	}
	return nil, fmt.Errorf("files of Keras cannot say the activation %s with settings of its own", kind.Name)
}

// named finds a member of a family by its name, an alias or Keras's class name.
func named(f *spec.Family, word string) (spec.Kind, bool) {
	if k, ok := f.Lookup(word); ok {
		return k, true
	}
	for _, name := range f.Names() {
		if k, _ := f.Lookup(name); k.Class == word {
			return k, true
		}
	}
	return spec.Kind{}, false
}

// unwrap takes an object of either dialect apart. A bare name has no settings.
func unwrap(v any) (class string, config map[string]any, ok bool) {
	switch v := v.(type) {
	case string:
		return v, nil, true
	case map[string]any:
		class, ok = v["class_name"].(string)
		switch c := v["config"].(type) {
		case map[string]any:
			config = c
		case string: // a function's name
			if class == "function" {
				return c, nil, true
			}
		}
	}
	return class, config, ok
}

// mapping is a node with the settings of config that the settings v have. Others must be among ignored or null, or left
// says what is wrong with them.
func mapping(v any, config map[string]any, ignored func(key string, v any) bool) (body *yaml.Node, left error) {
	known := map[string]bool{}
	for _, f := range spec.Fields(v) {
		known[f.Key] = true
	}
	body = &yaml.Node{Kind: yaml.MappingNode}
	for _, key := range slices.Sorted(maps.Keys(config)) {
		switch x := config[key]; {
		case known[key]:
			body.Content = append(body.Content, node(key), node(x))
		case !ignored(key, x) && left == nil:
			left = fmt.Errorf("the option %s is %s, which is not known here", key, brief(text(x)))
		}
	}
	return body, left
}

// brief cuts a long text.
func brief(s string) string {
	if r := []rune(s); len(r) > 60 {
		return string(r[:57]) + "..."
	}
	return s
}

// of puts the settings of a family's member under its name.
func of(kind spec.Kind, body *yaml.Node) *yaml.Node {
	if len(body.Content) == 0 {
		return node(kind.Name)
	}
	return &yaml.Node{Kind: yaml.MappingNode, Content: []*yaml.Node{node(kind.Name), body}}
}

func decodeInitializer(v any) (*yaml.Node, error) {
	if v == nil {
		return nil, fmt.Errorf("there is no initializer")
	}
	class, config, ok := unwrap(v)
	kind, known := named(nn.Initializers, strings.TrimSuffix(class, "Initializer"))
	if !ok || !known {
		return nil, fmt.Errorf("found %s; known are %s", brief(text(v)), strings.Join(nn.Initializers.Names(), ", "))
	}
	config = maps.Clone(config)
	switch config["distribution"] { // as Keras 2.2 and before wrote it
	case "normal":
		config["distribution"] = "truncated_normal"
	}
	body, err := mapping(kind.New(), config, func(key string, v any) bool {
		switch key {
		case "seed", "dtype", "input_axes", "output_axes":
			return true
		}
		return v == nil
	})
	return of(kind, body), err
}

func decodeRegularizer(v any) (*yaml.Node, error) {
	if v == nil {
		return node(nil), nil
	}
	class, config, ok := unwrap(v)
	factors := map[string]any{}
	switch strings.ToLower(class) {
	case "l1":
		factors["l1"] = json.Number("0.01") // Keras's default
	case "l2":
		factors["l2"] = json.Number("0.01")
	case "l1l2", "l1_l2":
		if config == nil {
			factors["l1"], factors["l2"] = json.Number("0.01"), json.Number("0.01")
		}
	default:
		ok = false
	}
	if !ok {
		return nil, fmt.Errorf("found %s; known are L1, L2 and L1L2", brief(text(v)))
	}
	for key, v := range config {
		factors[key] = shortest(v)
	}
	body, err := mapping(&nn.Regularizer{}, factors, func(_ string, v any) bool { return v == nil })
	return body, err
}

// shortest is a number that Keras kept as float32, in as few digits as name it.
func shortest(v any) any {
	if n, ok := v.(json.Number); ok {
		if f, err := n.Float64(); err == nil && float64(float32(f)) == f {
			return json.Number(strconv.FormatFloat(f, 'g', -1, 32))
		}
	}
	return v
}

// decodeActivation reads a function's name, or the object of a layer that is used as one.
func decodeActivation(v any) (*yaml.Node, error) {
	if n, ok := v.(*yaml.Node); ok { // is read already
		return n, nil
	}
	if v == nil {
		return node("linear"), nil
	}
	class, config, ok := unwrap(v)
	if ok && config == nil {
		if kind, known := nn.Activations.Lookup(class); known {
			return node(kind.Name), nil
		}
	}
	if n, err := activationOf(class, config); ok && (n != nil || err != nil) {
		return n, err
	}
	return nil, fmt.Errorf("found %s; known are %s", brief(text(v)), strings.Join(nn.Activations.Names(), ", "))
}

// activationOf reads a layer of Keras that is an activation here; nil where the class is none.
func activationOf(class string, config map[string]any) (*yaml.Node, error) {
	config = maps.Clone(config)
	if config == nil {
		config = map[string]any{}
	}
	name := ""
	switch class {
	case "ReLU":
		name = "relu"
		if zero(config["negative_slope"]) {
			delete(config, "negative_slope")
		} else {
			name = "leaky_relu"
		}
		if zero(config["threshold"]) {
			delete(config, "threshold")
		}
	case "LeakyReLU":
		name = "leaky_relu"
		if slope, ok := config["alpha"]; ok { // Keras 2's word
			config["negative_slope"] = slope
			delete(config, "alpha")
		} else if config["negative_slope"] == nil {
			config["negative_slope"] = json.Number("0.3") // the layer's default, not the function's
		}
	case "ELU":
		name = "elu"
	case "Softmax":
		name = "softmax"
		if text(config["axis"]) == "-1" {
			delete(config, "axis")
		}
	default:
		return nil, nil
	}
	kind, _ := nn.Activations.Lookup(name)
	body, err := mapping(kind.New(), config, func(key string, v any) bool {
		return key == "name" || key == "trainable" || key == "dtype" || inputKeys[key] || v == nil
	})
	return of(kind, body), err
}

// zero reports whether a number is 0 or not given.
func zero(v any) bool {
	if v == nil {
		return true
	}
	n, ok := v.(json.Number)
	if !ok {
		return false
	}
	f, err := n.Float64()
	return err == nil && f == 0
}
