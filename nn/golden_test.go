package nn_test

import (
	"encoding/json"
	"strings"
	"testing"

	"cnnbench/nn"
	"cnnbench/nn/golden"
	"cnnbench/spec"
)

// kindOf finds the kind of a Keras class; the classes that are activations here become a layer that applies them.
func kindOf(t *testing.T, class string, config map[string]any) nn.Layer {
	t.Helper()
	if class == "ELU" {
		return &nn.ActivationLayer{Common: nn.Common{Trainable: true}, Activation: &nn.Elu{Alpha: config["alpha"].(float64)}}
	}
	if class == "Activation" { // its settings belong to the function
		name := config["activation"].(string)
		delete(config, "activation")
		config = map[string]any{"activation": map[string]any{name: config}}
	}
	for _, name := range nn.Layers.Names() {
		k, _ := nn.Layers.Lookup(name)
		if k.Class != class {
			continue
		}
		text, err := json.Marshal(config)
		if err != nil {
			t.Fatal(err)
		}
		var d spec.Decoder
		n, err := d.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		l := k.New()
		if err := d.Decode(n, name, l); err != nil {
			t.Fatal(err)
		}
		return l.(nn.Layer)
	}
	t.Fatalf("no layer has the class %s", class)
	return nil
}

// TestGolden compares every layer with values that Keras 3.15 and PyTorch computed in float64: forward, and the
// gradients of sum(y*dy).
func TestGolden(t *testing.T) {
	golden.Each(t, "testdata/*.safetensors", 59, func(t *testing.T, f golden.File) { asComputed(t, f, "") })
}

// TestGoldenWinograd does the same for the convolutions that Winograd's algorithm can compute.
func TestGoldenWinograd(t *testing.T) {
	golden.Each(t, "testdata/*conv2d*.safetensors", 16, func(t *testing.T, f golden.File) { asComputed(t, f, "winograd") })
}

func asComputed(t *testing.T, f golden.File, convolution string) {
	var config map[string]any
	f.Case(&config)
	class := config["layer"].(string)
	limit := 1e-5
	if convolution == "winograd" && config["activation"] == "tanh" {
		limit = 3e-5 // its error is in proportion to sums that tanh cuts off: auto does not choose it there
	}
	delete(config, "layer")
	delete(config, "keras")
	x, shape := f.Floats("x"), f.Shape("x")
	rows := shape[0]
	layer := kindOf(t, class, config)
	// A frozen batch normalisation infers, also in training, and hands its gradient back.
	layer.Settings().Trainable = !strings.Contains(t.Name(), "inference")
	n, err := nn.Build(&nn.Model{Layers: []nn.Layer{layer}}, shape[1:], nn.Config{Batch: rows, InputGradient: true, Convolution: convolution})
	if err != nil {
		t.Fatal(err)
	}
	defer n.Close()
	load := func() {
		for _, w := range n.Weights() {
			v := f.Floats(w.Name[strings.LastIndex(w.Name, ".")+1:])
			if len(v) != len(w.Data) {
				t.Fatalf("%s has %d values, the file %d", w.Name, len(w.Data), len(v))
			}
			copy(w.Data, v)
		}
	}
	check := func(what string, got []float32, name string) {
		t.Helper()
		if !f.Has(name) {
			return
		}
		want := f.Floats(name)
		if r := golden.Relative(got[:len(want)], want); !(r <= limit) {
			t.Errorf("%s is off by %.2g", what, r)
		}
	}
	if f.Has("lengths") {
		for i, length := range f.Floats("lengths") {
			n.Lengths()[i] = int(length)
		}
	}
	load()
	copy(n.Input(), x)
	n.Forward(rows, true, 0)
	check("y", n.Output(), "y")
	for _, w := range n.Weights() {
		check(w.Name+" after", w.Data, w.Name[strings.LastIndex(w.Name, ".")+1:]+"_after")
	}
	copy(n.OutputGradient(), f.Floats("dy"))
	n.Backward()
	check("dx", n.InputGradient(), "dx")
	for _, w := range n.Weights() {
		if w.Gradient != nil {
			check("d"+w.Name, w.Gradient, "d"+w.Name[strings.LastIndex(w.Name, ".")+1:])
		}
	}
	load()
	check("y in inference", n.Predict(rows), "y_inference")
}
