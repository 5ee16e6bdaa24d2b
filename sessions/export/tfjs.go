package export

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"math"
	"strings"

	"cnnbench/nn"
)

func init() {
	register(Format{Name: "tfjs", Extension: "-tfjs", Weights: true, Folder: true,
		Doc: "a folder with the network for TensorFlow.js, tf.loadLayersModel in browsers and Node", writeSet: writeTFJS})
}

// Files of the folder. The second name is what TensorFlow's own converter gives it.
const (
	tfjsModel   = "model.json"
	tfjsWeights = "group1-shard1of1.bin"
)

// object is a JSON object; encoding/json writes its keys in order.
type object = map[string]any

// tfjsNet is the network in the words of Keras 2, which TensorFlow.js reads; Keras 3's it does not.
type tfjsNet struct {
	layers  []object
	names   map[string]bool
	weights []object // the manifest, in the order of the data
	data    []byte
}

func writeTFJS(_ context.Context, set *Set, in *Input) error {
	n, err := in.network()
	if err != nil {
		return err
	}
	t := &tfjsNet{names: map[string]bool{}, weights: []object{}}
	shape := []any{nil}
	for _, d := range n.in {
		if d == 0 {
			shape = append(shape, nil)
		} else {
			shape = append(shape, d)
		}
	}
	t.add("InputLayer", "input", object{"batch_input_shape": shape, "sparse": false, "ragged": false})
	for i := range n.layers {
		if err := t.layer(&n.layers[i]); err != nil {
			return err
		}
	}
	meta := object{"session": in.Session, "epoch": in.Weights.Epoch, "normalization": normalizationOf(in)}
	if in.Classes != nil {
		meta["class_names"] = in.Classes
	}
	text, err := json.MarshalIndent(object{
		"format": "layers-model", "generatedBy": "cnnbench", "convertedBy": nil, "userDefinedMetadata": meta,
		"modelTopology": object{"keras_version": "2.15.0", "backend": "tensorflow",
			"model_config": object{"class_name": "Sequential", "config": object{"name": "sequential", "layers": t.layers}}},
		"weightsManifest": []object{{"paths": []string{tfjsWeights}, "weights": t.weights}},
	}, "", " ")
	if err != nil {
		return fmt.Errorf("write %s: %w", tfjsModel, err)
	}
	set.Add(tfjsWeights, t.data)
	set.Add(tfjsModel, append(text, '\n'))
	return nil
}

// add adds a layer and returns the name that it got: TensorFlow.js makes names of weights of it, in which a slash means
// something, and no two may be alike.
func (t *tfjsNet) add(class, name string, config object) string {
	want := strings.ReplaceAll(name, "/", "_")
	name = want
	for i := 1; t.names[name]; i++ {
		name = fmt.Sprintf("%s_%d", want, i)
	}
	t.names[name] = true
	config["name"], config["dtype"] = name, "float32"
	t.layers = append(t.layers, object{"class_name": class, "config": config})
	return name
}

// trained adds a layer with weights.
func (t *tfjsNet) trained(l *layer, class string, config object) {
	config["trainable"] = l.set.Settings().Trainable
	name := t.add(class, l.Name, config)
	for _, p := range l.Params {
		t.weights = append(t.weights, object{"name": name + "/" + p.Name, "shape": p.Shape, "dtype": "float32"})
		for _, v := range l.weights[p.Name] {
			t.data = binary.LittleEndian.AppendUint32(t.data, math.Float32bits(v))
		}
		if p.Regularizer != nil {
			config[p.Name+"_regularizer"] = object{"class_name": "L1L2", "config": object{"l1": p.Regularizer.L1, "l2": p.Regularizer.L2}}
		}
	}
}

const channelsLastFormat = "channels_last"

func (t *tfjsNet) layer(l *layer) error {
	switch s := l.set.(type) {
	case *nn.Conv2D:
		own, err := t.own(l, s.Activation)
		if err != nil {
			return err
		}
		t.trained(l, l.Class, object{"filters": s.Filters, "kernel_size": s.KernelSize, "strides": s.Strides, "padding": s.Padding, "dilation_rate": s.DilationRate,
			"data_format": channelsLastFormat, "use_bias": s.UseBias, "activation": own})
		t.after(l, s.Activation)
	case *nn.Dense:
		own, err := t.own(l, s.Activation)
		if err != nil {
			return err
		}
		t.trained(l, l.Class, object{"units": s.Units, "use_bias": s.UseBias, "activation": own})
		t.after(l, s.Activation)
	case *nn.MaxPooling2D:
		t.pool(l, &s.Pooling)
	case *nn.AveragePooling2D:
		t.pool(l, &s.Pooling)
	case *nn.GlobalAveragePooling2D:
		t.globalPool(l, s.KeepDims)
	case *nn.GlobalMaxPooling2D:
		t.globalPool(l, s.KeepDims)
	case *nn.BatchNormalization:
		t.trained(l, l.Class, object{"axis": -1, "momentum": s.Momentum, "epsilon": s.Epsilon, "center": s.Center, "scale": s.Scale})
	case *nn.ActivationLayer:
		own, err := t.own(l, s.Activation)
		if err != nil {
			return err
		}
		if _, leaky := s.Activation.(*nn.LeakyRelu); !leaky {
			t.add(l.Class, l.Name, object{"activation": own})
		}
		t.after(l, s.Activation)
	case *nn.LeakyReLU:
		t.add(l.Class, l.Name, object{"alpha": s.NegativeSlope})
	case *nn.Dropout:
		t.add(l.Class, l.Name, object{"rate": s.Rate})
	case *nn.Flatten:
		if len(l.In) == 1 { // TensorFlow.js refuses what needs no flattening
			t.add("Activation", l.Name, object{"activation": "linear"})
		} else {
			t.add(l.Class, l.Name, object{"data_format": channelsLastFormat})
		}
	case *nn.Reshape:
		t.add(l.Class, l.Name, object{"target_shape": l.Out})
	case *nn.LSTM:
		gate, err := t.inside(l, s.RecurrentActivation)
		if err != nil {
			return err
		}
		return t.recurrent(l, &s.Recurrent, object{"recurrent_activation": gate, "unit_forget_bias": s.UnitForgetBias})
	case *nn.SimpleRNN:
		return t.recurrent(l, &s.Recurrent, object{})
	default:
		return l.cannot("TensorFlow.js", "this kind of layer")
	}
	return nil
}

func (t *tfjsNet) pool(l *layer, s *nn.Pooling) {
	w := poolWindow(l, s)
	t.add(l.Class, l.Name, object{"pool_size": w.size, "strides": w.stride, "padding": s.Padding, "data_format": channelsLastFormat})
}

// globalPool keeps the axes by a layer of its own, as TensorFlow.js takes no notice of keepdims.
func (t *tfjsNet) globalPool(l *layer, keep bool) {
	t.add(l.Class, l.Name, object{"data_format": channelsLastFormat})
	if keep {
		t.add("Reshape", l.Name+"_keepdims", object{"target_shape": l.Out})
	}
}

func (t *tfjsNet) recurrent(l *layer, s *nn.Recurrent, config object) error {
	fn, err := t.inside(l, s.Activation)
	if err != nil {
		return err
	}
	config["units"], config["activation"], config["use_bias"], config["return_sequences"] = s.Units, fn, s.UseBias, s.ReturnSequences
	t.trained(l, l.Class, config)
	return nil
}

// own is the activation that a layer gets in its own settings: leaky_relu is none there, but a layer of its own after it.
func (t *tfjsNet) own(l *layer, fn nn.Activation) (string, error) {
	if _, leaky := fn.(*nn.LeakyRelu); leaky {
		return "linear", nil
	}
	return t.inside(l, fn)
}

// after adds the activation that own left out.
func (t *tfjsNet) after(l *layer, fn nn.Activation) {
	if f, leaky := fn.(*nn.LeakyRelu); leaky {
		name := l.Name
		if t.names[name] {
			name += "_activation"
		}
		t.add("LeakyReLU", name, object{"alpha": f.NegativeSlope})
	}
}

// inside is TensorFlow.js's name of an activation. There the functions have no settings, and names with an underscore
// are not found.
func (t *tfjsNet) inside(l *layer, fn nn.Activation) (string, error) {
	const program = "TensorFlow.js"
	switch f := fn.(type) {
	case nil:
		return "linear", nil
	case *nn.Silu:
		return "swish", nil
	case *nn.Elu:
		if f.Alpha != 1 {
			return "", l.cannot(program, fmt.Sprintf("the activation elu with alpha %v, only with 1", f.Alpha))
		}
	case *nn.Gelu:
		if f.Approximate {
			return "", l.cannot(program, "the activation gelu with approximate: true")
		}
	case *nn.LeakyRelu:
		return "", l.cannot(program, "the activation leaky_relu inside a recurrent layer")
	case *nn.Linear, *nn.Relu, *nn.Selu, *nn.Sigmoid, *nn.Tanh, *nn.Softmax, *nn.Softplus:
	default:
		return "", l.cannot(program, "the activation "+nn.Activations.Must(fn).Name)
	}
	return nn.Activations.Must(fn).Name, nil
}
