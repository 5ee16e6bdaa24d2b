package nn

import (
	"strings"
	"testing"

	"cnnbench/spec"
)

// TestKerasNames holds the automatic names to those that Keras 3 gives.
func TestKerasNames(t *testing.T) {
	for class, want := range map[string]string{"Conv2D": "conv2d", "MaxPooling2D": "max_pooling2d", "GlobalAveragePooling2D": "global_average_pooling2d",
		"BatchNormalization": "batch_normalization", "LeakyReLU": "leaky_re_lu", "LSTM": "lstm", "SimpleRNN": "simple_rnn", "ReLU": "re_lu", "Dense": "dense"} {
		if got := KerasName(class); got != want {
			t.Errorf("%s: %s, want %s", class, got, want)
		}
	}
}

func layers(t *testing.T, text string) []Layer {
	t.Helper()
	var d spec.Decoder
	n, err := d.Parse([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	var l struct {
		Layers []Layer `yaml:"layers"`
	}
	if err := d.Decode(n, "", &l); err != nil {
		t.Fatal(err)
	}
	return l.Layers
}

const lecture = `layers:
- conv2d: {filters: 32, kernel_size: 3, activation: relu}
- conv2d: {filters: 64, kernel_size: 3, activation: relu}
- dropout: {rate: 0.2}
- max_pooling2d
- flatten
- dense: {units: 128, activation: relu}
- dense: {units: 3, activation: softmax}`

// TestLectureSummary holds the lecture's network to its known shapes, parameters and multiply-accumulates.
func TestLectureSummary(t *testing.T) {
	s, err := Summarize(layers(t, lecture), Shape{24, 24, 3})
	if err != nil {
		t.Fatal(err)
	}
	if s.Total != 839107 || s.Trainable != 839107 || s.MACs != 8610560 {
		t.Errorf("%d parameters, %d trained, %d MACs; want 839107 twice and 8610560", s.Total, s.Trainable, s.MACs)
	}
	var got []string
	for _, r := range s.Rows {
		got = append(got, r.Name+" "+r.Out.String())
	}
	want := "conv2d (None, 22, 22, 32)|conv2d_1 (None, 20, 20, 64)|dropout (None, 20, 20, 64)|max_pooling2d (None, 10, 10, 64)|flatten (None, 6400)|dense (None, 128)|dense_1 (None, 3)"
	if strings.Join(got, "|") != want {
		t.Errorf("rows are %s", strings.Join(got, "|"))
	}
}

// TestImpossibleLayers checks that what cannot be says where, what was found and what would work.
func TestImpossibleLayers(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"layers: [{conv2d: {filters: 4, kernel_size: 9}}]", "model.layers[0].conv2d: kernel_size: a window of 9 does not fit the input's 8 rows; use kernel_size of 8 or less, or padding same"},
		{"layers: [{conv2d: {filters: 4, kernel_size: 5, dilation_rate: 3}}]", "model.layers[0].conv2d: kernel_size: a window of 13 does not fit the input's 8 rows; use kernel_size of 3 or less, or padding same"},
		{"layers: [flatten, {conv2d: {filters: 4, kernel_size: 3}}]", "model.layers[1].conv2d: the input is (None, 192); images (None, height, width, channels) are needed: put this layer before flatten, or reshape first"},
		{"layers: [flatten, {lstm: {units: 4}}]", "model.layers[1].lstm: the input is (None, 192); sequences (None, steps, features) are needed: reshape first, or let the recurrent layer before say return_sequences: true"},
		{"layers: [{reshape: {target_shape: [5, -1]}}]", "model.layers[0].reshape: target_shape: [5 -1] does not hold the input's 192 values (None, 8, 8, 3); the product of the axes must be 192"},
		{"layers: [{max_pooling2d: {pool_size: [3, 9]}}]", "model.layers[0].max_pooling2d: pool_size: a window of 9 does not fit the input's 8 columns; use pool_size of 8 or less, or padding same"},
		{"layers: [{dense: {units: 2, name: a}}, {dense: {units: 2, name: a}}]", `model.layers[1].dense: name: "a" is also the name of layer 0; give each layer its own`},
	} {
		_, err := Summarize(layers(t, c.text), Shape{8, 8, 3})
		if err == nil || err.Error() != c.want {
			t.Errorf("%s:\n got %v\nwant %s", c.text, err, c.want)
		}
	}
}

// TestTooLargeForTheMachine: a network that no machine of the kind holds is refused before memory is asked for.
func TestTooLargeForTheMachine(t *testing.T) {
	for _, c := range []struct {
		text  string
		batch int
		want  string
	}{
		{"layers: [{conv2d: {filters: 64, kernel_size: 3}}, {global_max_pooling2d: {}}]", 1 << 30, "use a smaller batch_size"},
		{"layers: [{dense: {units: 64}}]", 1 << 40, "use a smaller batch_size"},
	} {
		_, err := Build(&Model{Layers: layers(t, c.text)}, Shape{64, 64, 3}, Config{Batch: c.batch})
		if err == nil || !strings.Contains(err.Error(), "GB of memory") || !strings.HasSuffix(err.Error(), c.want) {
			t.Errorf("%s: %v", c.text, err)
		}
	}
}
