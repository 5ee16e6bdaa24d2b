package imports

import (
	"archive/zip"
	"bytes"
	"errors"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"cnnbench/dataset/hostile"
	"cnnbench/dataset/npy"
	"cnnbench/sessions"
	"cnnbench/sessions/safetensors"
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
	n, err := Read(path, Options{})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// The networks were made, and asked, by Keras 3.15; see testdata/make.py.
func TestPredictions(t *testing.T) {
	classes := map[string]int{"bn": 4, "cnn": 3, "mlp": 10, "kinds": 3, "recurrent": 2}
	for _, name := range []string{"bn", "cnn", "lstm", "mlp", "kinds", "recurrent", "chain"} {
		for _, ending := range []string{".keras", ".h5"} {
			t.Run(name+ending, func(t *testing.T) {
				n := imported(t, "testdata/"+name+ending)
				agree(t, n, "testdata/"+name+".npz")
				if len(n.Notes) != 0 {
					t.Errorf("not carried over: %q", n.Notes)
				}
				if k := len(n.Prepared.Classes); k != classes[name] {
					t.Errorf("%d classes", k)
				}
			})
		}
	}
	n := imported(t, "testdata/keras2.h5")
	agree(t, n, "testdata/chain.npz")
	if want := "metrics: [mae]"; !strings.Contains(string(n.Prepared.Experiment.Encode()), want) {
		t.Errorf("the old dialect's settings are\n%s", n.Prepared.Experiment.Encode())
	}
}

// Weights alone go into the network of an experiment.
func TestWeights(t *testing.T) {
	for _, name := range []string{"bn", "cnn", "lstm", "mlp"} {
		whole := imported(t, "testdata/"+name+".json")
		if whole.Weights != nil || len(whole.Notes) != 1 || !strings.Contains(whole.Notes[0], "no weights") {
			t.Errorf("%s.json has weights, or says %q", name, whole.Notes)
		}
		c, err := openFile("testdata/" + name + ".weights.h5")
		if err != nil {
			t.Fatal(err)
		}
		n, err := c.join(whole.Prepared, nil)
		if err != nil {
			t.Fatal(err)
		}
		agree(t, n, "testdata/"+name+".npz")
		// By name, as safetensors and npz.
		dir := t.TempDir()
		text, err := safetensors.Encode(&safetensors.File{Tensors: append(n.Weights.Tensors, safetensors.F32("other", nil, []float32{1}))})
		if err != nil {
			t.Fatal(err)
		}
		var arrays []npy.Array
		for _, w := range n.Weights.Tensors {
			v, err := w.Float32s()
			if err != nil {
				t.Fatal(err)
			}
			arrays = append(arrays, npy.F32(w.Name, w.Shape, v))
		}
		var zip bytes.Buffer
		if err := npy.WriteZip(&zip, arrays); err != nil {
			t.Fatal(err)
		}
		for file, text := range map[string][]byte{"w.safetensors": text, "w.npz": zip.Bytes()} {
			path := filepath.Join(dir, file)
			if err := os.WriteFile(path, text, 0o644); err != nil {
				t.Fatal(err)
			}
			if _, err := Read(path, Options{}); !errors.As(err, new(*NeedError)) {
				t.Errorf("%s without an experiment: %v", file, err)
			}
			c, err := openFile(path)
			if err != nil {
				t.Fatal(err)
			}
			n, err := c.join(whole.Prepared, nil)
			if err != nil {
				t.Fatal(err)
			}
			agree(t, n, "testdata/"+name+".npz")
			if extra := file == "w.safetensors"; extra != (len(n.Notes) == 1) {
				t.Errorf("%s: %q", file, n.Notes)
			}
		}
	}
}

// A person's experiment gives a whole model its data and classes, and weights their network.
func TestExperiment(t *testing.T) {
	e, err := sessions.Preset("lecture-mlp", "data.limit=60")
	if err != nil {
		t.Fatal(err)
	}
	given := Options{Experiment: &sessions.Found{Experiment: e, Dir: "."}}
	for _, file := range []string{"mlp.keras", "mlp.weights.h5"} {
		n, err := Read("testdata/"+file, given)
		if err != nil {
			t.Fatal(err)
		}
		agree(t, n, "testdata/mlp.npz")
		if n.Prepared.Train == nil || n.Prepared.Train.Len() == 0 {
			t.Errorf("%s has no data", file)
		}
	}
	if _, err := Read("testdata/cnn.keras", given); err == nil || !strings.Contains(err.Error(), "model.input") {
		t.Errorf("a model of pictures on tables: %v", err)
	}
	if _, err := Read("testdata/bn.weights.h5", given); err == nil || !strings.Contains(err.Error(), "dense") {
		t.Errorf("another network's weights: %v", err)
	}
}

// What is imported is a session like another: it is opened again and answers alike, and nothing is left of a failure.
func TestSession(t *testing.T) {
	store := &sessions.Store{Home: t.TempDir()}
	n := imported(t, "testdata/cnn.keras")
	name, err := store.Import(t.Context(), "", n.Prepared, n.Weights)
	if err != nil || name != "cnn-1" {
		t.Fatal(name, err)
	}
	s, err := store.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	if s.Epochs != 0 || len(s.Classes) != 3 || !slices.Equal(s.Input, []int{12, 12, 3}) || s.Params != 1187 {
		t.Errorf("the session is %+v", s.Info)
	}
	w, err := s.Weights(sessions.Last)
	if err != nil {
		t.Fatal(err)
	}
	p, err := s.Model()
	if err != nil {
		t.Fatal(err)
	}
	agree(t, &Network{Prepared: p, Weights: w}, "testdata/cnn.npz")
	if _, err := s.Prepare(); err == nil || !strings.Contains(err.Error(), "without data") {
		t.Errorf("its data is %v", err)
	}
	if _, err := store.Import(t.Context(), name, n.Prepared, n.Weights); err == nil || !strings.Contains(err.Error(), "already") {
		t.Errorf("a name that is taken: %v", err)
	}
	n.Weights.Tensors = n.Weights.Tensors[1:]
	if _, err := store.Import(t.Context(), "half", n.Prepared, n.Weights); err == nil || store.Exists("half") {
		t.Errorf("half of the weights: %v", err)
	}
}

func TestRefused(t *testing.T) {
	read := func(file string) []byte {
		b, err := os.ReadFile("testdata/" + file)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	pack := func(entries ...string) []byte {
		var b bytes.Buffer
		z := zip.NewWriter(&b)
		for i := 0; i < len(entries); i += 2 {
			w, err := z.Create(entries[i])
			if err == nil {
				_, err = w.Write([]byte(entries[i+1]))
			}
			if err != nil {
				t.Fatal(err)
			}
		}
		if err := z.Close(); err != nil {
			t.Fatal(err)
		}
		return b.Bytes()
	}
	config, weights := string(read("mlp.json")), string(read("mlp.weights.h5"))
	replaced := func(file, old, new string) []byte {
		b := bytes.Replace(read(file), []byte(old), []byte(new), 1)
		if bytes.Equal(b, read(file)) {
			t.Fatalf("%s has no %s", file, old)
		}
		return b
	}
	for _, c := range []struct {
		name, want string
		file       []byte
	}{
		{"empty", "nothing that is read", nil},
		{"picture", "nothing that is read", []byte("\x89PNG\r\n\x1a\n")},
		{"unknown layer", "layer dense (Dance): the layer Dance is not known here", replaced("mlp.json", `"Dense"`, `"Dance"`)},
		{"unknown option", "layer dense (Dense): the option use_magic is true", replaced("mlp.json", `"use_bias"`, `"use_magic": true, "use_bias"`)},
		{"groups", "layer conv2d (Conv2D): the option groups is 3", replaced("cnn.json", `"groups": 1`, `"groups": 3`)},
		{"channels first", "data_format", replaced("cnn.json", `"channels_last"`, `"channels_first"`)},
		{"half precision", "only float32", replaced("mlp.json", `"name": "float32"
      },
      "registered_name": null
     },
     "units"`, `"name": "mixed_float16"
      },
      "registered_name": null
     },
     "units"`)},
		{"backwards", "go_backwards is true", replaced("lstm.json", `"go_backwards": false`, `"go_backwards": true`)},
		{"activation", "activation: found \"mish\"", replaced("mlp.json", `"relu"`, `"mish"`)},
		{"units", "units", replaced("mlp.json", `"units": 64`, `"units": 0`)},
		{"no weights in the zip", "model.weights.h5 is missing", pack("config.json", config, "metadata.json", "{}")},
		{"twice in the zip", "two entries", pack("config.json", config, "config.json", config, "model.weights.h5", weights)},
		{"bomb", "far more", pack("config.json", strings.Repeat(" ", 9<<20)+config, "model.weights.h5", weights)},
		{"weights of another", "", pack("config.json", config, "model.weights.h5", string(read("cnn.weights.h5")))},
		{"weights cut off", "cut off", pack("config.json", config, "model.weights.h5", weights[:len(weights)/2])},
		{"cut off", "damaged", read("mlp.keras")[:20000]},
	} {
		path := filepath.Join(t.TempDir(), "model")
		if err := os.WriteFile(path, c.file, 0o644); err != nil {
			t.Fatal(err)
		}
		if _, err := Read(path, Options{}); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %s", c.name, err, c.want)
		}
	}
	for _, path := range []string{t.TempDir(), "testdata/none.keras"} {
		if _, err := Read(path, Options{}); err == nil {
			t.Errorf("%s was read", path)
		}
	}
}

// Nothing that a file holds makes the reader panic, wait or take more memory than it may.
func FuzzOpen(f *testing.F) {
	for _, file := range []string{"chain.keras", "keras2.h5", "lstm.json"} {
		b, err := os.ReadFile("testdata/" + file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		hostile.Parse(t, len(b), func() {
			c, err := open("model.safetensors", b)
			if err != nil || c.model == nil {
				return
			}
			n, err := c.network("model", Options{Length: 3})
			if err == nil && n.Weights != nil && len(n.Weights.Tensors) == 0 && n.Prepared.Summary.Total > 0 {
				t.Error("a network got no weights")
			}
		})
	})
}
