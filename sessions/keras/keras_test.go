package keras

import (
	"encoding/json"
	"os"
	"reflect"
	"strconv"
	"strings"
	"testing"

	"cnnbench/dataset/hostile"
	"cnnbench/nn"
	"cnnbench/sessions"
	"cnnbench/sessions/hdf5"
	"cnnbench/spec"
)

// old is a model as Keras 2.15 and TensorFlow.js write it, with every form of a setting that is read.
const old = `{"modelTopology": {"model_config": {"class_name": "Sequential", "config": {"name": "s", "layers": [
 {"class_name": "Conv2D", "config": {"name": "conv2d", "trainable": true, "dtype": "float32", "batch_input_shape": [null, 8, 8, 1], "filters": 4, "kernel_size": [3, 3], "strides": [1, 1],
  "padding": "valid", "data_format": "channels_last", "dilation_rate": [1, 1], "groups": 1, "activation": "relu", "use_bias": true,
  "kernel_initializer": {"class_name": "VarianceScaling", "config": {"scale": 1.0, "mode": "fan_avg", "distribution": "normal", "seed": null}},
  "bias_initializer": {"class_name": "Zeros", "config": {}}, "kernel_regularizer": {"class_name": "L2", "config": {"l2": 0.009999999776482582}}, "bias_regularizer": null,
  "activity_regularizer": null, "kernel_constraint": null, "bias_constraint": null}},
 {"class_name": "BatchNormalization", "config": {"name": "batch_normalization", "axis": [3], "momentum": 0.99, "epsilon": 0.001, "center": true, "scale": true}},
 {"class_name": "LeakyReLU", "config": {"name": "leaky_re_lu", "alpha": 0.1}},
 {"class_name": "ReLU", "config": {"name": "re_lu", "max_value": null, "negative_slope": 0.25, "threshold": 0.0}},
 {"class_name": "Flatten", "config": {"name": "flatten", "data_format": "channels_last"}},
 {"class_name": "Dense", "config": {"name": "head", "units": 2, "activation": {"class_name": "ELU", "config": {"alpha": 0.5}}, "kernel_initializer": "he_normal"}}]}}}}`

func TestOldDialect(t *testing.T) {
	m, err := Decode([]byte(old))
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		"{conv2d: {filters: 4, kernel_size: 3, activation: relu, kernel_initializer: {variance_scaling: {mode: fan_avg}}, kernel_regularizer: {l2: 0.01}}}",
		"batch_normalization", "{leaky_relu: {negative_slope: 0.1}}", "{activation: {name: re_lu, activation: {leaky_relu: {negative_slope: 0.25}}}}", "flatten",
		"{dense: {name: head, units: 2, activation: {elu: {alpha: 0.5}}, kernel_initializer: he_normal}}",
	}
	var got []string
	for i := range m.Layers {
		got = append(got, spec.Text(&m.Layers[i]))
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("read\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if len(m.Input) != 3 || *m.Input[0] != 8 || *m.Input[2] != 1 {
		t.Errorf("the input is %v", m.Input)
	}
}

// A layer or a setting that is not known is an error that names it; of compile settings it is a note.
func TestNamed(t *testing.T) {
	layer := func(class, config string) string {
		return `{"class_name": "Sequential", "config": {"layers": [{"class_name": "` + class + `", "config": {"name": "it", "batch_input_shape": [null, 4], ` + config + `}}]}}`
	}
	for text, want := range map[string]string{
		`[]`:                          "no Keras model",
		`{}`:                          "no class_name",
		`{"class_name": "MyModel"}`:   "MyModel",
		`{"class_name": "Sequential"`: "cannot be read",
		`{"class_name": "Sequential", "config": {"layers": []}}`:                                     "no layers",
		layer("GRU", `"units": 3`):                                                                   "layer it (GRU): the layer GRU is not known",
		layer("Dense", `"units": 2.5`):                                                               "layer it (Dense): units",
		layer("Dense", `"units": null`):                                                              "layer it (Dense): units",
		layer("Dense", `"units": 2, "kernel_constraint": {"class_name": "X"}`):                       "the option kernel_constraint",
		layer("Dense", `"units": 2, "activation": {"class_name": "f", "config":1}`):                  "activation",
		layer("Dense", `"units": 2, "kernel_initializer": {"class_name": "Identity", "config": {}}`): "kernel_initializer: found",
		layer("Dense", `"units": 2, "kernel_regularizer": {"class_name": "OrthogonalRegularizer"}`):  "kernel_regularizer: found",
		layer("Dense", `"units": 2, "dtype": "float16"`):                                             "only float32",
		layer("ReLU", `"max_value": 6`):                                                              "the option max_value is 6",
		layer("Softmax", `"axis": 1`):                                                                "the option axis is 1",
		layer("LSTM", `"units": 2, "recurrent_dropout": 0.5`):                                        "the option recurrent_dropout is 0.5",
		layer("BatchNormalization", `"axis": 2`):                                                     "the option axis is 2",
		strings.Repeat("[", 100):                                                                     "nested",
		"[" + strings.Repeat("0,", 130_000) + "0]":                                                   "too large",
		`{"class_name": "Functional", "config": {"layers": [{"class_name": "InputLayer", "name": "a", "config": {"name": "a"}, "inbound_nodes": []},
		 {"class_name": "Dense", "name": "b", "config": {"name": "b", "units": 1}, "inbound_nodes": [[["a", 0, 0, {}]]]},
		 {"class_name": "Dense", "name": "c", "config": {"name": "c", "units": 1}, "inbound_nodes": [[["a", 0, 0, {}]]]}]}}`: "layer c takes what a gives",
	} {
		if m, err := Decode([]byte(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.200s\ngives %+v, %v", text, m, err)
		}
	}
	m, err := Decode([]byte(strings.TrimSuffix(layer("Dense", `"units": 1`), "}") + `, "compile_config": {"optimizer": {"class_name": "Lion", "config": {}},
	 "loss": {"class_name": "BinaryCrossentropy", "config": {"from_logits": true}}, "metrics": ["accuracy", "AUC"], "loss_weights": [1]}}`))
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []string{"Lion", "from_logits is true", "AUC", "loss_weights"} {
		if i >= len(m.Notes) || !strings.Contains(m.Notes[i], want) {
			t.Errorf("the notes are %q, want %s", m.Notes, want)
		}
	}
	if m.Optimizer != nil || m.Loss != nil || len(m.Metrics) != 1 {
		t.Errorf("understood: %+v", m)
	}
}

// What is written of a preset is JSON of Keras 3's dialect: the keys are those of a config.json that Keras itself wrote.
func TestDialect(t *testing.T) {
	text, err := os.ReadFile("testdata/lecture_model.json")
	if err != nil {
		t.Fatal(err)
	}
	e, err := sessions.Preset("lecture-cnn")
	if err != nil {
		t.Fatal(err)
	}
	e.Compile.Loss = nil // that model was not compiled
	ours, err := Encode(e, nn.Shape{24, 24, 3})
	if err != nil {
		t.Fatal(err)
	}
	var want, got map[string]any
	if err := json.Unmarshal(text, &want); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(ours, &got); err != nil {
		t.Fatal(err)
	}
	theirs := want["config"].(map[string]any)["layers"].([]any)
	for i, l := range got["config"].(map[string]any)["layers"].([]any) {
		a, b := l.(map[string]any), theirs[i].(map[string]any)
		for _, key := range []string{"module", "class_name", "registered_name"} {
			if a[key] != b[key] {
				t.Errorf("layer %d: %s is %v and in Keras %v", i, key, a[key], b[key])
			}
		}
		other := b["config"].(map[string]any)
		for key, v := range a["config"].(map[string]any) {
			keras, there := other[key]
			if strings.HasSuffix(key, "_initializer") { // which there has more settings
				v, keras = v.(map[string]any)["class_name"], keras.(map[string]any)["class_name"]
			}
			if !there || !reflect.DeepEqual(v, keras) {
				t.Errorf("layer %d: %s is %v and in Keras %v", i, key, v, keras)
			}
		}
	}
}

// Keras 2.13 to 2.15 hold layers in a group of another name, and a long list of names is spread over several attributes.
func TestWeightsOfOldFiles(t *testing.T) {
	text, err := os.ReadFile("testdata/lecture_model.json")
	if err != nil {
		t.Fatal(err)
	}
	m, err := Decode(text)
	if err != nil {
		t.Fatal(err)
	}
	s, err := nn.Summarize(m.Layers, nn.Shape{24, 24, 3})
	if err != nil {
		t.Fatal(err)
	}
	fill := func(name string, shape []int) ([]float32, error) {
		v := make([]float32, nn.Shape(shape).Size())
		v[0] = float32(len(name))
		return v, nil
	}
	root, err := Weights(s, fill)
	if err != nil {
		t.Fatal(err)
	}
	check := func(what string, root *hdf5.Object) {
		t.Helper()
		tensors, notes, err := ReadWeights(root, s)
		if err != nil || len(tensors) != 8 || len(notes) != 0 {
			t.Fatalf("%s: %d weights, %q, %v", what, len(tensors), notes, err)
		}
		for _, w := range tensors {
			if v, err := w.Float32s(); err != nil || v[0] != float32(len(w.Name)) {
				t.Errorf("%s: %s is another weight", what, w.Name)
			}
		}
	}
	check("as written", root)
	root.Members[0].Name = "_layer_checkpoint_dependencies"
	check("the old group", root)
	if _, _, err := ReadWeights(&hdf5.Object{}, s); err == nil {
		t.Error("an empty file has weights")
	}

	legacy := &hdf5.Object{}
	for i, r := range s.Rows {
		legacy.Attributes = append(legacy.Attributes, hdf5.Attribute{Name: "layer_names" + strconv.Itoa(i), Value: hdf5.Text(r.Name)})
		g := legacy.Group(r.Name)
		for j, p := range r.Params {
			v, _ := fill(r.Name+"."+p.Name, p.Shape)
			g.Attributes = append(g.Attributes, hdf5.Attribute{Name: "weight_names" + strconv.Itoa(j), Value: hdf5.Text(r.Name + "/" + p.Name + ":0")})
			g.Group(r.Name).Group(p.Name + ":0").Data = hdf5.Float32s(p.Shape, v)
		}
	}
	check("lists in pieces", legacy)
	legacy.Group("dense").Group("dense").Group("bias:0").Data.Shape = []int{64, 2}
	if _, _, err := ReadWeights(legacy, s); err == nil || !strings.Contains(err.Error(), "dense.bias is [64 2] in the file and [128] in the network") {
		t.Errorf("another shape: %v", err)
	}
}

func FuzzDecode(f *testing.F) {
	f.Add([]byte(old))
	text, err := os.ReadFile("testdata/lecture_model.json")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(text)
	f.Fuzz(func(t *testing.T, text []byte) {
		var m *Model
		var err error
		hostile.Parse(t, len(text), func() { m, err = Decode(text) })
		if err == nil && len(m.Layers) == 0 {
			t.Error("a model without layers is taken")
		}
	})
}
