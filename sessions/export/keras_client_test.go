package export

import (
	"bufio"
	"bytes"
	"cmp"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"cnnbench/dataset/npy"
	"cnnbench/rng"
	"cnnbench/sessions"
)

// pythonWithKeras is the Python that CNNBENCH_PYTHON_KERAS names, else CNNBENCH_PYTHON, else python3, if it can import
// keras. Without one the test is skipped, and in CI it fails.
func pythonWithKeras(t *testing.T) string {
	t.Helper()
	python := cmp.Or(os.Getenv("CNNBENCH_PYTHON_KERAS"), os.Getenv("CNNBENCH_PYTHON"), "python3")
	cmd := exec.Command(python, "-c", "import importlib.util, sys; sys.exit(importlib.util.find_spec('keras') is None)")
	if err := cmd.Run(); err != nil {
		if os.Getenv("CI_CLIENTS") == "1" {
			t.Fatalf("%s cannot import keras; install it (pip install tensorflow-cpu keras) or name another Python by CNNBENCH_PYTHON_KERAS", python)
		}
		t.Skipf("NOT TESTED: %s cannot import keras; name a Python that can by CNNBENCH_PYTHON_KERAS", python)
	}
	return python
}

// write writes all exports of a network into a folder, with samples and its answers beside.
func (a *asked) write(t *testing.T, dir, name string) {
	t.Helper()
	path := filepath.Join(dir, name)
	var answers []byte
	if !a.settings {
		answers = a.answers(t)
		if err := os.WriteFile(path+".npz", answers, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for format, wanted := range map[string]bool{"keras": a.files, "weights.h5": a.files && !a.settings, "keras-script-py": a.script} {
		f, err := Lookup(format)
		if err != nil {
			t.Fatal(err)
		}
		if !wanted {
			continue
		}
		target := path + f.Extension
		if format == "keras-script-py" { // whose weights must not take the place of the export's own
			target = path + "_settings" + f.Extension
			if !a.settings {
				target = path + "_script" + f.Extension
				if err := os.WriteFile(path+"_script.npz", answers, 0o644); err != nil {
					t.Fatal(err)
				}
			}
		}
		if _, err := Write(t.Context(), format, target, a.in); err != nil {
			t.Fatalf("%s as %s: %v", name, format, err)
		}
	}
}

// answers is an .npz with samples and what the network answers.
func (a *asked) answers(t *testing.T) []byte {
	t.Helper()
	n, err := a.in.Model.Load(a.in.Weights, 1)
	if err != nil {
		t.Fatal(err)
	}
	defer n.Close()
	const rows = selfcheckRows // so that Keras has one shape to get ready for
	x := n.Input()[:rows*a.in.Model.In.Size()]
	s := rng.New(5, rng.Data, 0, 0).Stream()
	for i := range x {
		x[i] = float32(s.Norm())
	}
	x = slices.Clone(x)
	var b bytes.Buffer
	if err := npy.WriteZip(&b, []npy.Array{npy.F32("x", append([]int{rows}, a.in.Model.In...), x),
		npy.F32("predictions", append([]int{rows}, a.in.Model.Summary.Out()...), n.Predict(rows))}); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// Keras opens what is written for every preset and every kind of setting, answers alike, and saves it again; what it
// saves says the same experiment and the same weights.
func TestKerasClient(t *testing.T) {
	python := pythonWithKeras(t)
	dir := t.TempDir()
	all := every(t)
	for _, p := range sessions.Presets() {
		all["preset_"+p.Name] = preset(t, p.Name)
	}
	for name, a := range all {
		a.write(t, dir, name)
	}
	trained := "sequences_script"
	if err := os.WriteFile(filepath.Join(dir, trained+".train.npz"), trainable(t, all["sequences"].in), 0o644); err != nil {
		t.Fatal(err)
	}
	client, err := filepath.Abs("testdata/keras_client.py")
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(python, client, dir)
	cmd.Dir = dir // where checkpoints go
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	text, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v\n%s", err, stderr.String()[max(0, stderr.Len()-2000):])
	}
	said := map[string]bool{}
	for lines := bufio.NewScanner(bytes.NewReader(text)); lines.Scan(); {
		words := strings.Fields(lines.Text())
		if len(words) != 3 { // the script's own words
			continue
		}
		difference, err := strconv.ParseFloat(words[2], 64)
		if err != nil || !(difference <= 1e-5) {
			t.Errorf("Keras differs: %s", lines.Text())
		}
		said[words[0]+" "+words[1]] = true
	}
	if !said[trained+" trained"] {
		t.Error("the script did not train")
	}
	for name, a := range all {
		whole := !a.settings
		for what, wanted := range map[string]bool{name + " settings": a.settings, name + " keras": a.files && whole, name + " weights.h5": a.files && whole,
			name + "_script script": a.script && whole, name + "_script selfcheck": a.script && whole} {
			if wanted && !said[what] {
				t.Errorf("Keras said nothing of %s", what)
			}
		}
		if a.files {
			roundTrip(t, filepath.Join(dir, name+".again.keras"), a.in)
			if !a.settings {
				roundTrip(t, filepath.Join(dir, name+".again.h5"), a.in)
			}
		}
	}
}

// trainable are samples of two classes, as `cnnbench data` writes them.
func trainable(t *testing.T, in *Input) []byte {
	t.Helper()
	const rows = 8
	x, y := make([]float32, rows*in.Model.In.Size()), make([]int32, rows)
	s := rng.New(9, rng.Data, 0, 0).Stream()
	for i := range x {
		x[i] = float32(s.Norm())
	}
	for i := range y {
		y[i] = int32(i % 2)
	}
	var b bytes.Buffer
	if err := npy.WriteZip(&b, []npy.Array{npy.F32("x", append([]int{rows}, in.Model.In...), x), npy.I32("y", []int{rows}, y)}); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}
