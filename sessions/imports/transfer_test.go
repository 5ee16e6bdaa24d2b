package imports

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"cnnbench/nn"
	"cnnbench/sessions"
	"cnnbench/sessions/safetensors"
	"cnnbench/sessions/surgery"
)

// transferred trains a network on generated pictures, from the weights that are named, with a frozen base and, where
// head names it, a head of its own.
func transferred(t *testing.T, s *sessions.Store, weights, head string, more ...string) (*sessions.Run, error) {
	t.Helper()
	text := fmt.Sprintf(`
name: transfer
data: {source: shapes, limit: 60, image: {size: [12, 12]}}
model:
  layers:
    - conv2d: {filters: 6, kernel_size: 3, activation: relu, trainable: false}
    - conv2d: {filters: 8, kernel_size: 3, strides: 2, padding: same, activation: relu, trainable: false}
    - max_pooling2d
    - flatten
    - dense: {units: 16, activation: relu, trainable: false}
    - dense: {units: 3, activation: softmax%s}
  weights: %s
fit: {epochs: 1}
`, head, weights)
	e, err := sessions.ParseExperiment("x.yaml", []byte(text), more...)
	if err != nil {
		t.Fatal(err)
	}
	p, err := s.Prepare(e, ".")
	if err != nil {
		t.Fatal(err)
	}
	r, err := s.Start(context.Background(), p, sessions.RunOptions{Threads: 1})
	if err == nil {
		<-r.Done()
		err = r.Err()
	}
	return r, err
}

// A network starts from a file that Keras wrote, with a frozen base and a new head: the base comes out bit for bit as it
// stands in the file, the head has learnt.
func TestTransferFromKeras(t *testing.T) {
	s := &sessions.Store{Home: t.TempDir(), Foreign: Files{}}
	want := imported(t, "testdata/cnn.keras").Weights
	tensor := func(w *sessions.Weights, name string) safetensors.Tensor {
		i := slices.IndexFunc(w.Tensors, func(x safetensors.Tensor) bool { return x.Name == name })
		if i < 0 {
			t.Fatalf("there is no %s", name)
		}
		return w.Tensors[i]
	}
	for _, file := range []string{"cnn.keras", "cnn.h5"} {
		path, err := filepath.Abs("testdata/" + file)
		if err != nil {
			t.Fatal(err)
		}
		r, err := transferred(t, s, path, ", name: head")
		if err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		if got := r.Surgery.Fresh(); !slices.Equal(got, []string{"head.kernel", "head.bias"}) {
			t.Errorf("%s: %v start afresh", file, got)
		}
		session, err := s.Open(r.Name)
		if err != nil {
			t.Fatal(err)
		}
		if session.Surgery == nil || session.Surgery.Count(surgery.Kept) != 3 || session.Surgery.Count(surgery.Fresh) != 1 {
			t.Errorf("%s: the session tells of %+v", file, session.Surgery)
		}
		first, err := session.Weights(sessions.AtEpoch(0))
		if err != nil {
			t.Fatal(err)
		}
		last, err := session.Weights(sessions.Last)
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range []string{"conv2d.kernel", "conv2d.bias", "conv2d_1.kernel", "conv2d_1.bias", "dense.kernel", "dense.bias"} {
			if !slices.Equal(tensor(last, name).Data, tensor(want, name).Data) {
				t.Errorf("%s: %s is not as it stands in the file", file, name)
			}
		}
		if slices.Equal(tensor(first, "head.kernel").Data, tensor(last, "head.kernel").Data) {
			t.Errorf("%s: the head has learnt nothing", file)
		}
		if v, err := s.Verify(context.Background(), r.Name, 1); err != nil || !v.Same {
			t.Errorf("%s: verified %+v, %v", file, v, err)
		}
	}
	// From a session by its name. Another shape under the same name is refused, with the cure.
	r, err := transferred(t, s, "transfer-1", ", name: head")
	if err != nil || !r.Surgery.Plain() {
		t.Errorf("from a session: %v", err)
	}
	if _, err := transferred(t, s, filepath.Join("testdata", "cnn.keras"), "", "model.layers[4].dense.units=17"); err == nil || !strings.Contains(err.Error(), "give layer dense another name") {
		t.Errorf("another shape under the old name: %v", err)
	}
	if r, err := transferred(t, s, filepath.Join("testdata", "cnn.weights.h5"), ""); err != nil || !r.Surgery.Plain() {
		t.Errorf("from weights alone: %v", err)
	}
	for file, text := range map[string]string{"cnn.json": "safetensors", "gone.keras": "no such file"} {
		if _, err := transferred(t, s, filepath.Join("testdata", file), ", name: head"); err == nil || !strings.Contains(err.Error(), text) {
			t.Errorf("%s: %v", file, err)
		}
	}
}

// Names that Keras counted on from another model are those of the class order; a network that uses them finds them.
func TestCountedNames(t *testing.T) {
	layers := func(names ...string) []nn.Layer {
		var out []nn.Layer
		for _, n := range names {
			l := &nn.Dense{Units: 2}
			l.Name = n
			out = append(out, l)
		}
		return out
	}
	got := layers("dense_4", "dense", "densely", "dense_x", "head")
	forgetCounted(got)
	for i, want := range []string{"", "", "densely", "dense_x", "head"} {
		if got[i].Settings().Name != want {
			t.Errorf("%d: %q", i, got[i].Settings().Name)
		}
	}
}
