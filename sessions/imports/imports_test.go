package imports

import (
	"math"
	"testing"

	"cnnbench/dataset/npy"
	"cnnbench/sessions"
)

// agree lets a network answer the stored inputs and compares with what Keras answered.
func agree(t *testing.T, n *Network, npz string) {
	t.Helper()
	arrays, err := npy.ReadZip(npz, "x", "predictions")
	if err != nil {
		t.Fatal(err)
	}
	read := func(name string) []float32 {
		a, _ := arrays.Lookup(name)
		v, err := a.Float32s()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	x, want := read("x"), read("predictions")
	net, err := n.Prepared.Load(n.Weights, 1)
	if err != nil {
		t.Fatal(err)
	}
	defer net.Close()
	rows := len(x) / n.Prepared.In.Size()
	if rows == 0 || len(want) != rows*n.Prepared.Summary.Out().Size() {
		t.Fatalf("%d values in and %d out do not fit the network", len(x), len(want))
	}
	copy(net.Input(), x)
	worst := 0.
	for i, v := range net.Predict(rows) {
		if d := math.Abs(float64(v - want[i])); !(d <= worst) {
			worst = d
		}
	}
	if !(worst <= 1e-5) {
		t.Errorf("the predictions differ from Keras's by up to %g", worst)
	}
}

func imported(t *testing.T, path string) *Network {
	t.Helper()
	n, err := Read(path, nil)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// The networks were made, and asked, by Keras 3.15.
func TestPredictions(t *testing.T) {
	for _, name := range []string{"bn", "cnn", "lstm", "mlp"} {
		for _, ending := range []string{".keras", ".h5"} {
			t.Run(name+ending, func(t *testing.T) {
				n := imported(t, "testdata/"+name+ending)
				agree(t, n, "testdata/"+name+".npz")
				if len(n.Notes) != 0 {
					t.Errorf("not carried over: %q", n.Notes)
				}
				if k := len(n.Prepared.Classes); k != map[string]int{"bn": 4, "cnn": 3, "mlp": 10}[name] {
					t.Errorf("%d classes", k)
				}
			})
		}
		t.Run(name+".weights.h5", func(t *testing.T) {
			whole := imported(t, "testdata/"+name+".json")
			n := imported(t, "testdata/"+name+".keras")
			c, err := openFile("testdata/" + name + ".weights.h5")
			if err != nil {
				t.Fatal(err)
			}
			tensors, _, err := c.weights(whole.Prepared.Summary)
			if err != nil {
				t.Fatal(err)
			}
			n.Weights = &sessions.Weights{Tensors: tensors}
			agree(t, n, "testdata/"+name+".npz")
		})
	}
}
