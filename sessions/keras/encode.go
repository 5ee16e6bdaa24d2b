package keras

import (
	"encoding/json"
	"fmt"
	"strings"

	"cnnbench/nn"
	"cnnbench/sessions"

	"go.yaml.in/yaml/v3"
)

// Encode writes an experiment's network and compile settings as the config.json of a .keras file of Keras 3. in is the
// shape of a sample, where 0 stands for any length. The loss and the metrics must be set, or the model is not compiled.
func Encode(e *sessions.Experiment, in nn.Shape) ([]byte, error) {
	s, err := nn.Summarize(e.Model.Layers, in)
	if err != nil {
		return nil, err
	}
	layers := []any{wrapped("keras.layers", "InputLayer", object{{"batch_shape", batch(in)}, {"dtype", "float32"}, {"sparse", false}, {"ragged", false}, {"name", "input_layer"}})}
	for i, l := range e.Model.Layers {
		o, err := encodeLayer(l, &s.Rows[i])
		if err != nil {
			return nil, fmt.Errorf("layer %s (%s): %w", s.Rows[i].Name, s.Rows[i].Class, err)
		}
		layers = append(layers, o)
	}
	model := wrapped("keras", "Sequential", object{{"name", "sequential"}, {"trainable", true}, {"dtype", policy}, {"layers", layers}, {"build_input_shape", batch(in)}})
	model = append(model, member{"build_config", object{{"input_shape", batch(in)}}})
	compile, err := encodeCompile(&e.Compile)
	if err != nil {
		return nil, err
	}
	return plain(append(model, member{"compile_config", compile}))
}

// policy is float32 as layers have it.
var policy = wrapped("keras", "DTypePolicy", object{{"name", "float32"}})

// batch is a sample's shape behind the axis of the batch, with null for what is open.
func batch(in nn.Shape) []any {
	out := []any{nil}
	for _, d := range in {
		if d == 0 {
			out = append(out, nil)
		} else {
			out = append(out, d)
		}
	}
	return out
}

// pairs are the settings that have a value for rows and one for columns.
var pairs = map[string]bool{"kernel_size": true, "pool_size": true, "strides": true, "dilation_rate": true}

func encodeLayer(l nn.Layer, row *nn.Row) (object, error) {
	config := object{{"name", row.Name}, {"trainable", l.Settings().Trainable}, {"dtype", policy}}
	all := settings(l)
	for _, p := range all {
		v, err := encodeSetting(p, all)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", p.key, err)
		}
		switch p.key {
		case "name", "trainable":
		default:
			config = append(config, member{p.key, v})
		}
	}
	o := wrapped("keras.layers", row.Class, append(config, written[row.Class]...))
	if len(row.Params) > 0 {
		o = append(o, member{"build_config", object{{"input_shape", batch(row.In)}}})
	}
	return o, nil
}

// encodeSetting is the value of one setting among all of its layer.
func encodeSetting(p pair, all []pair) (any, error) {
	switch {
	case strings.HasSuffix(p.key, "activation"):
		return encodeActivation(p.value)
	case strings.HasSuffix(p.key, "_initializer"):
		return encodeInitializer(p.value), nil
	case strings.HasSuffix(p.key, "_regularizer"):
		return encodeRegularizer(p.value), nil
	case p.key == "strides" && p.value.Tag == "!!null":
		for _, q := range all {
			if q.key == "pool_size" {
				return encodeSetting(q, all)
			}
		}
	case pairs[p.key] && p.value.Kind == yaml.ScalarNode:
		n := json.RawMessage(p.value.Value)
		return []any{n, n}, nil
	}
	return value(p.value), nil
}
