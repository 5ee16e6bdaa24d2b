package sessions

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"cnnbench/dataset/npy"
	"cnnbench/nn/loss"
)

// npz writes arrays into a folder as data.npz and returns the folder.
func npz(t *testing.T, arrays ...npy.Array) string {
	t.Helper()
	var b bytes.Buffer
	if err := npy.WriteZip(&b, arrays); err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "data.npz"), b.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
	return dir
}

func ramp(n int) []float32 {
	x := make([]float32, n)
	for i := range x {
		x[i] = float32(i%13)/13 - .4
	}
	return x
}

// alternating are class numbers 0 to k-1 in turn.
func alternating(n, k int) []int32 {
	y := make([]int32, n)
	for i := range y {
		y[i] = int32(i % k)
	}
	return y
}

// What the targets are taken for follows from the loss and the head; what cannot be is refused with a cure.
func TestTargets(t *testing.T) {
	const n = 20
	x := npy.F32("x", []int{n, 4}, ramp(4*n))
	sequences := npy.F32("x", []int{n, 5, 2}, ramp(10*n))
	wholeAsFloat := make([]float32, n)
	for i := range wholeAsFloat {
		wholeAsFloat[i] = float32(i % 3)
	}
	oneHot := make([]float32, 3*n)
	for i := range n {
		oneHot[3*i+i%3] = 1
	}
	binary, three, floats := npy.I32("y", []int{n}, alternating(n, 2)), npy.I32("y", []int{n}, alternating(n, 3)), npy.F32("y", []int{n}, wholeAsFloat)
	hot, many := npy.F32("y", []int{n, 3}, oneHot), npy.F32("y", []int{n, 2}, ramp(2*n))
	steps := npy.F32("y", []int{n, 5, 1}, ramp(5*n))
	for _, c := range []struct {
		name         string
		x, y         npy.Array
		layers, loss string
		target       loss.Target
		classes      int
		refused      string
	}{
		{"binary", x, binary, "dense: {units: 1, activation: sigmoid}", "binary_crossentropy", loss.Labels, 2, ""},
		{"binary by default", x, binary, "dense: {units: 1, activation: sigmoid}", "null", loss.Labels, 2, ""},
		{"class numbers, one-hot loss", x, three, "dense: {units: 3, activation: softmax}", "categorical_crossentropy", loss.OneHot, 3, ""},
		{"class numbers, sparse loss", x, three, "dense: {units: 3, activation: softmax}", "sparse_categorical_crossentropy", loss.Labels, 3, ""},
		{"one-hot rows, sparse loss", x, hot, "dense: {units: 3, activation: softmax}", "sparse_categorical_crossentropy", loss.Labels, 3, ""},
		{"classes stored as floats", x, floats, "dense: {units: 3, activation: softmax}", "sparse_categorical_crossentropy", loss.Labels, 3, ""},
		{"a class that is not seen", x, three, "dense: {units: 5, activation: softmax}", "sparse_categorical_crossentropy", loss.Labels, 5, ""},
		{"whole numbers as values", x, three, "dense: {units: 1}", "mean_squared_error", loss.Values, 0, ""},
		{"whole numbers as values by default", x, floats, "dense: {units: 1}", "null", loss.Values, 0, ""},
		{"two values", x, many, "dense: {units: 2}", "null", loss.Values, 0, ""},
		{"a value a step", sequences, steps, "lstm: {units: 3, return_sequences: true}, dense: {units: 1}", "mean_absolute_error", loss.Values, 0, ""},
		{"too few units", x, three, "dense: {units: 2, activation: softmax}", "null", 0, 0, "model.layers[0].dense: categorical_crossentropy needs one unit a class"},
		{"too few values", x, many, "dense: {units: 1}", "mean_squared_error", 0, 0, "set units: 2"},
		{"values for classes", x, many, "dense: {units: 2, activation: softmax}", "sparse_categorical_crossentropy", 0, 0, "compile.loss: "},
		{"a sequence for a class", sequences, three, "lstm: {units: 3, return_sequences: true}", "null", 0, 0, "return_sequences: false"},
		{"a sequence for a value", sequences, many, "lstm: {units: 3, return_sequences: true}", "null", 0, 0, "end with flatten and dense: {units: 2}"},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := npz(t, c.x, c.y)
			layers := strings.ReplaceAll(c.layers, ", dense", "}, {dense")
			e, err := ParseExperiment("x.yaml", []byte("data: {source: data.npz}\nmodel: {layers: [{"+layers+"}]}\ncompile: {optimizer: adam, loss: "+c.loss+"}\n"))
			if err != nil {
				t.Fatal(err)
			}
			p, err := Prepare(e, dir)
			if c.refused != "" {
				if err == nil || !strings.Contains(err.Error(), c.refused) {
					t.Errorf("got %v", err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if p.Target != c.target || len(p.Classes) != c.classes {
				t.Errorf("targets are %v, classes %v", p.Target, p.Classes)
			}
			s := &Store{Home: t.TempDir()}
			r := trained(t, s, p, RunOptions{Threads: 1})
			session := open(t, s, r.Name)
			w, err := session.Weights(Last)
			if err != nil {
				t.Fatal(err)
			}
			again, err := session.Prepare() // from the session's own folder
			if err != nil {
				t.Fatal(err)
			}
			net, err := again.Load(w, 1)
			if err != nil {
				t.Fatal(err)
			}
			defer net.Close()
			ev, err := again.Evaluate(context.Background(), net, "validation", nil)
			if err != nil {
				t.Fatal(err)
			}
			// These are the very figures that the training ended with.
			for _, v := range ev.Metrics {
				if want, ok := session.History[0].Log("val_" + v.Name); !ok || v.Value != want {
					t.Errorf("%s is %v, the training said %v", v.Name, v.Value, want)
				}
			}
			if want, _ := session.History[0].Log("val_loss"); ev.Loss != want {
				t.Errorf("the loss is %v, the training said %v", ev.Loss, want)
			}
			for _, q := range ev.Predictions {
				if c.classes > 0 && (q.Label < 0 || q.Class < 0 || len(q.Probabilities()) != c.classes || q.Probability() < 1/float64(c.classes)-1e-6) {
					t.Fatalf("predicted %+v", q)
				}
				if c.classes == 0 && (q.Class != -1 || len(q.Target) != len(q.Values)) {
					t.Fatalf("predicted %+v", q)
				}
			}
			if (ev.Confusion == nil) != (c.classes == 0) {
				t.Error("the confusion matrix is there for values, or not for classes")
			}
		})
	}
}

// Samples for predict are as the network receives them, or prepared as the session's data were.
func TestSamples(t *testing.T) {
	e, err := ParseExperiment("x.yaml", []byte("data: {source: shapes, limit: 9, image: {size: [6, 6]}, rescale: 1/255}\nmodel: {layers: [flatten, dense: {units: 3, activation: softmax}]}\n"))
	if err != nil {
		t.Fatal(err)
	}
	p, err := Prepare(e, ".")
	if err != nil {
		t.Fatal(err)
	}
	raw := make([]float32, 24*24*3)
	if err := p.Data.Train.Raw(raw, 4); err != nil {
		t.Fatal(err)
	}
	ready := make([]float32, p.In.Size())
	if err := p.Data.Train.Read(ready, 4); err != nil {
		t.Fatal(err)
	}
	bytesOf := make([]byte, len(raw))
	for i, v := range raw {
		bytesOf[i] = byte(v)
	}
	for name, c := range map[string]struct {
		x          npy.Array
		preprocess bool
	}{
		"ready":  {npy.F32("x", []int{1, 6, 6, 3}, ready), false},
		"bytes":  {npy.U8("x", []int{1, 24, 24, 3}, bytesOf), true},
		"floats": {npy.F32("x", []int{1, 24, 24, 3}, raw), true},
	} {
		got, err := p.Samples(npy.Arrays{c.x}, c.preprocess)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		for i := range ready {
			if d := got.X[i] - ready[i]; d > 1./255 || d < -1./255 {
				t.Fatalf("%s: value %d is %v, want %v", name, i, got.X[i], ready[i])
			}
		}
	}
	for name, x := range map[string]npy.Array{"another shape": npy.F32("x", []int{1, 6, 7, 3}, make([]float32, 126)), "nothing": npy.F32("x", []int{0, 6, 6, 3}, nil), "scalar": npy.F32("x", nil, []float32{1})} {
		if _, err := p.Samples(npy.Arrays{x}, false); err == nil {
			t.Errorf("%s was taken", name)
		}
		if name != "another shape" {
			if _, err := p.Samples(npy.Arrays{x}, true); err == nil {
				t.Errorf("%s was prepared", name)
			}
		}
	}
	if !reflect.DeepEqual(squeezed([]int{28, 28, 1}), []int{28, 28}) {
		t.Error("a channel's axis of 1 counts")
	}
}
