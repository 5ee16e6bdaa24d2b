package command

import (
	"os"
	"strings"
	"testing"

	"cnnbench/nn"
	"cnnbench/spec"
)

// summarize works out a model written as YAML.
func summarize(t *testing.T, in nn.Shape, layers string) *nn.Summary {
	t.Helper()
	var d spec.Decoder
	root, err := d.Parse([]byte(layers))
	if err != nil {
		t.Fatal(err)
	}
	var list []nn.Layer
	if err := d.Decode(root, "layers", &list); err != nil {
		t.Fatal(err)
	}
	s, err := nn.Summarize(list, in)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// The files are what Keras 3.15 printed.
func TestKerasTable(t *testing.T) {
	for _, c := range []struct {
		file, layers string
		in           nn.Shape
		edit         func(rows []nn.Row)
	}{
		{"lecture_summary.txt", `[conv2d: {filters: 32, kernel_size: 3}, conv2d: {filters: 64, kernel_size: 3}, dropout: {rate: 0.2}, max_pooling2d,
			flatten, dense: {units: 128}, dense: {units: 3}]`, nn.Shape{24, 24, 3}, nil},
		{"cnn.summary.txt", `[conv2d: {filters: 6, kernel_size: 3}, conv2d: {filters: 8, kernel_size: 3, strides: 2, padding: same}, dropout: {rate: 0.2},
			max_pooling2d, flatten, dense: {units: 16}, dense: {units: 3}]`, nn.Shape{12, 12, 3}, nil},
		{"lstm.summary.txt", `[lstm: {units: 7, return_sequences: true}, lstm: {units: 5}, dropout: {rate: 0.2}, dense: {units: 1}]`, nn.Shape{9, 3}, nil},
		{"mlp.summary.txt", `[dense: {units: 64}, dense: {units: 64}, dense: {units: 10}]`, nn.Shape{12}, nil},
		{"bn.summary.txt", `[conv2d: {filters: 5, kernel_size: 3, use_bias: false}, batch_normalization, activation: {activation: relu}, average_pooling2d,
			conv2d: {filters: 6, kernel_size: 3}, leaky_relu, global_average_pooling2d, dense: {units: 4}]`, nn.Shape{12, 12, 1},
			func(rows []nn.Row) { rows[2].Name, rows[2].Class = "re_lu", "ReLU" }}, // the model's author wrote Keras's layer ReLU
	} {
		want, err := os.ReadFile("testdata/" + c.file)
		if err != nil {
			t.Fatal(err)
		}
		s := summarize(t, c.in, c.layers)
		if c.edit != nil {
			c.edit(s.Rows)
		}
		if got := kerasTable(s); strings.TrimRight(got, "\n") != strings.TrimRight(string(want), "\n") {
			t.Errorf("%s:\n%s\nwant\n%s", c.file, got, want)
		}
	}
}

func TestWrapCutsLongWords(t *testing.T) {
	got := wrap("a_name_that_is_longer_than_its_column (Conv2D)", 20)
	if len(got) != 2 || got[0] != "a_name_that_is_long…" || got[1] != "(Conv2D)" {
		t.Errorf("got %q", got)
	}
}

func TestThousandsAndBytes(t *testing.T) {
	for n, want := range map[int64]string{0: "0", 999: "999", 1000: "1,000", -1234567: "-1,234,567", 839107: "839,107"} {
		if got := thousands(n); got != want {
			t.Errorf("thousands(%d) = %s, want %s", n, got, want)
		}
	}
	for n, want := range map[float64]string{0: "0.00 B", 40: "40.00 B", 1436: "1.40 KB", 3356428: "3.20 MB"} {
		if got := kerasBytes(n); got != want {
			t.Errorf("kerasBytes(%v) = %s, want %s", n, got, want)
		}
	}
}
