package keras

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"cnnbench/nn"
	"cnnbench/sessions"
	"cnnbench/spec"

	"go.yaml.in/yaml/v3"
)

// Decode reads a model's JSON: a Sequential, or a functional model that is a chain of layers. A layer or a setting that
// is not known here is an error that names it; of compile settings only a note.
func Decode(text []byte) (*Model, error) {
	v, err := parse(text)
	if err != nil {
		return nil, err
	}
	top, ok := v.(map[string]any)
	if !ok {
		return nil, errors.New("the JSON is no Keras model: it is no object with class_name and config")
	}
	for _, key := range []string{"modelTopology", "model_config"} { // as TensorFlow.js wraps it up
		if inner, ok := top[key].(map[string]any); ok {
			top = inner
		}
	}
	m := &Model{}
	if err := m.decode(top); err != nil {
		return nil, err
	}
	if c, ok := top["compile_config"].(map[string]any); ok {
		m.decodeCompile(c)
	}
	return m, nil
}

// DecodeTraining reads the compile settings of a legacy .h5 file, which stand beside its model.
func (m *Model) DecodeTraining(text []byte) error {
	v, err := parse(text)
	if err != nil {
		return err
	}
	if c, ok := v.(map[string]any); ok {
		m.decodeCompile(c)
	}
	return nil
}

func (m *Model) decode(top map[string]any) error {
	class, _ := top["class_name"].(string)
	config, _ := top["config"].(map[string]any)
	list, _ := config["layers"].([]any)
	if bare, ok := top["config"].([]any); ok { // Keras 2.2 and before
		list = bare
	}
	switch class {
	case "Sequential":
	case "Functional", "Model":
		if err := chain(config, list); err != nil {
			return err
		}
	case "":
		return errors.New("the JSON is no Keras model: it has no class_name")
	default:
		return fmt.Errorf("the model is a %s; only Sequential models, and functional ones that are a chain of layers, are read", class)
	}
	if len(list) > sessions.MaxLayers {
		return fmt.Errorf("the model has %d layers; at most %d are read", len(list), sessions.MaxLayers)
	}
	var names []string
	for i, v := range list {
		class, config, ok := unwrap(v)
		name, _ := config["name"].(string)
		if !ok || config == nil {
			return fmt.Errorf("layer %d of the model has no class_name or no config", i)
		}
		where := fmt.Sprintf("layer %s (%s)", name, class)
		if name == "" {
			where = fmt.Sprintf("layer %d (%s)", i, class)
		}
		if err := m.takeInput(i, class, config); err != nil {
			return fmt.Errorf("%s: %w", where, err)
		}
		if class == "InputLayer" {
			continue
		}
		l, err := m.layer(class, config)
		if err != nil {
			return fmt.Errorf("%s: %w", where, err)
		}
		m.follow(l)
		m.Layers = append(m.Layers, l)
		names = append(names, name)
	}
	if len(m.Layers) == 0 {
		return errors.New("the model has no layers")
	}
	if m.Input == nil {
		m.Input, _ = sample(config["build_input_shape"])
	}
	m.name(names)
	return nil
}

// inputKeys are the settings of a model's first layer that say what comes in.
var inputKeys = map[string]bool{"batch_shape": true, "batch_input_shape": true, "input_shape": true, "input_dim": true, "input_length": true, "input_dtype": true}

// takeInput reads what comes in from a layer's settings, and refuses it behind the first two layers.
func (m *Model) takeInput(i int, class string, config map[string]any) error {
	if class == "InputLayer" {
		for key, v := range config {
			if (key == "sparse" || key == "ragged") && v == true {
				return fmt.Errorf("the option %s is true, which is not known here", key)
			}
		}
		if len(m.Layers) > 0 {
			return errors.New("it stands behind other layers; models with several inputs are not read")
		}
	}
	for _, key := range []string{"batch_shape", "batch_input_shape"} {
		v := config[key]
		if v == nil || m.Input != nil && i > 0 {
			continue
		}
		in, ok := sample(v)
		if !ok {
			return fmt.Errorf("%s is %s, which is no shape", key, brief(text(v)))
		}
		m.Input = in
	}
	return nil
}

// sample is the shape of one sample: that of a batch without its first axis.
func sample(v any) ([]*int, bool) {
	axes, ok := v.([]any)
	if !ok || len(axes) < 2 || len(axes) > 8 {
		return nil, false
	}
	var out []*int
	for _, a := range axes[1:] {
		if a == nil {
			out = append(out, nil)
			continue
		}
		n, ok := a.(json.Number)
		if !ok {
			return nil, false
		}
		i, err := n.Int64()
		if err != nil || i < 1 || i > 1<<30 {
			return nil, false
		}
		d := int(i)
		out = append(out, &d)
	}
	return out, true
}

// layer reads one layer's settings.
func (m *Model) layer(class string, config map[string]any) (nn.Layer, error) {
	if err := float32Only(config["dtype"]); err != nil {
		return nil, err
	}
	kind, known := spec.Kind{}, false
	for _, name := range nn.Layers.Names() {
		if k, _ := nn.Layers.Lookup(name); k.Class == class {
			kind, known = k, true
		}
	}
	if a, err := activationOf(class, config); class != kind.Class && (a != nil || err != nil) {
		if err != nil {
			return nil, err
		}
		kind, known = nn.Layers.Must(&nn.ActivationLayer{}), true
		config = map[string]any{"activation": a, "trainable": config["trainable"]}
	}
	if !known {
		var classes []string
		for _, name := range nn.Layers.Names() {
			k, _ := nn.Layers.Lookup(name)
			classes = append(classes, k.Class)
		}
		return nil, fmt.Errorf("the layer %s is not known here; known are %s, and ReLU, ELU and Softmax as activations", class, strings.Join(classes, ", "))
	}
	l := kind.New()
	own, err := ours(l, config)
	if err != nil {
		return nil, err
	}
	rank := len(m.shape) // of the layer's input, as far as it matters: batch normalisation's axis
	if len(m.Layers) == 0 {
		rank = len(m.Input)
	}
	body, err := mapping(l, own, func(key string, v any) bool {
		switch {
		case key == "dtype" || inputKeys[key]:
			return true
		case key == "axis":
			a := strings.Trim(text(v), "[]")
			return a == "-1" || rank > 0 && a == strconv.Itoa(rank)
		}
		return harmless(key, v)
	})
	if err != nil {
		return nil, err
	}
	if err := (&spec.Decoder{}).Decode(body, "", l); err != nil {
		return nil, err
	}
	tidy(l)
	return l.(nn.Layer), nil
}

// follow works out what the layer hands on; nil where that is not known.
func (m *Model) follow(l nn.Layer) {
	if len(m.Layers) == 0 {
		m.shape = nil
		for _, d := range m.Input {
			if d == nil {
				m.shape = append(m.shape, 0)
			} else {
				m.shape = append(m.shape, *d)
			}
		}
	}
	if m.shape == nil {
		return
	}
	p, err := l.Plan(m.shape)
	if err != nil {
		p.Out = nil
	}
	m.shape = p.Out
}

// float32Only refuses other precisions.
func float32Only(v any) error {
	if v == nil || v == "float32" {
		return nil
	}
	if _, config, ok := unwrap(v); ok && config["name"] == "float32" {
		return nil
	}
	return fmt.Errorf("the option dtype is %s; only float32 is known here", brief(text(v)))
}

// ours turns the values of settings that Keras wraps up into the forms of experiment files.
func ours(l any, config map[string]any) (map[string]any, error) {
	out := map[string]any{}
	fields := map[string]bool{}
	for _, f := range spec.Fields(l) {
		fields[f.Key] = true
	}
	for key, v := range config {
		var n *yaml.Node
		var err error
		switch {
		case key == "name" || v == nil && (key == "trainable" || key == "strides"):
			continue
		case !fields[key]:
			if key == "alpha" && fields["negative_slope"] { // Keras 2's word
				key = "negative_slope"
			}
			out[key] = v
			continue
		case strings.HasSuffix(key, "activation"):
			n, err = decodeActivation(v)
			if _, alone := l.(*nn.ActivationLayer); err == nil && !alone && n.Value == "linear" {
				n = node(nil)
			}
		case strings.HasSuffix(key, "_initializer"):
			n, err = decodeInitializer(v)
		case strings.HasSuffix(key, "_regularizer"):
			n, err = decodeRegularizer(v)
		default:
			n = node(v)
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", key, err)
		}
		out[key] = n
	}
	return out, nil
}

// tidy takes out what says no more than the default.
func tidy(l any) {
	var p *nn.Pooling
	switch l := l.(type) {
	case *nn.MaxPooling2D:
		p = &l.Pooling
	case *nn.AveragePooling2D:
		p = &l.Pooling
	default:
		return
	}
	if p.Strides != nil && *p.Strides == p.PoolSize {
		p.Strides = nil
	}
}

// name gives the layers their names, but for those that they have anyhow.
func (m *Model) name(names []string) {
	count := map[string]int{} // of layers without a name of their own, by class
	for i, l := range m.Layers {
		class := nn.Layers.Must(l).Class
		usual := nn.KerasName(class)
		if n := count[class]; n > 0 {
			usual = fmt.Sprintf("%s_%d", usual, n)
		}
		if names[i] == usual || names[i] == "" {
			count[class]++
		} else {
			l.Settings().Name = names[i]
		}
	}
}

// chain checks that each layer of a functional model takes what the one before it gives.
func chain(config map[string]any, list []any) error {
	for _, key := range []string{"input_layers", "output_layers"} {
		if ends, ok := config[key].([]any); ok && len(ends) > 1 {
			if _, nested := ends[0].([]any); nested {
				return fmt.Errorf("the model has %d %s; only a chain of layers is read", len(ends), key)
			}
		}
	}
	before := ""
	for i, v := range list {
		l, _ := v.(map[string]any)
		name, _ := l["name"].(string)
		if name == "" {
			c, _ := l["config"].(map[string]any)
			name, _ = c["name"].(string)
		}
		from := slices.Compact(sources(l["inbound_nodes"], nil))
		if i == 0 && len(from) == 0 || len(from) == 1 && from[0] == before {
			before = name
			continue
		}
		return fmt.Errorf("layer %s takes what %s gives; only a chain of layers, each behind the one before it, is read", name, strings.Join(from, " and "))
	}
	return nil
}

// sources adds the names of the layers that inbound_nodes speak of, in either dialect.
func sources(v any, names []string) []string {
	switch v := v.(type) {
	case map[string]any:
		if c, ok := v["config"].(map[string]any); ok && v["class_name"] == "__keras_tensor__" {
			if h, ok := c["keras_history"].([]any); ok && len(h) > 0 {
				name, _ := h[0].(string)
				return append(names, name)
			}
		}
		names = sources(v["args"], names)
	case []any:
		if len(v) >= 3 {
			name, isName := v[0].(string)
			if _, isNumber := v[1].(json.Number); isName && isNumber {
				return append(names, name)
			}
		}
		for _, x := range v {
			names = sources(x, names)
		}
	}
	return names
}
