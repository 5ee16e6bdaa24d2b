package loss

import (
	"encoding/json"
	"math"
	"path/filepath"
	"strings"
	"testing"

	"cnnbench/sessions/safetensors"
	"cnnbench/spec"
)

// decode reads a loss as an experiment file writes it.
func decode(t *testing.T, text string) Loss {
	t.Helper()
	d := &spec.Decoder{}
	n, err := d.Parse([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	var l Loss
	if err := d.Decode(n, "loss", &l); err != nil {
		t.Fatal(err)
	}
	return l
}

func floats(t *testing.T, f *safetensors.File, name string) []float32 {
	t.Helper()
	x, ok := f.Lookup(name)
	if !ok {
		t.Fatalf("no tensor %s", name)
	}
	if x.DType == safetensors.Int32 { // class numbers
		v, err := x.Int64s()
		if err != nil {
			t.Fatal(err)
		}
		out := make([]float32, len(v))
		for i, c := range v {
			out[i] = float32(c)
		}
		return out
	}
	v, err := x.Float32s()
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// relative is the largest difference over the largest reference value.
func relative(got, want []float32) float64 {
	worst, top := 0.0, 0.0
	for i := range want {
		d := math.Abs(float64(got[i]) - float64(want[i]))
		if !(d <= worst) {
			worst = d
		}
		top = max(top, math.Abs(float64(want[i])))
	}
	return worst / top
}

// The files hold what Keras 3.15.1 and PyTorch compute in float64 (metadata "case").
func TestGoldens(t *testing.T) {
	files, err := filepath.Glob("testdata/*.safetensors")
	if err != nil || len(files) != 9 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	for _, path := range files {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".safetensors"), func(t *testing.T) {
			f, err := safetensors.Read(path)
			if err != nil {
				t.Fatal(err)
			}
			var c struct {
				Loss   string
				Config json.RawMessage
			}
			if err := json.Unmarshal([]byte(f.Metadata["case"]), &c); err != nil {
				t.Fatal(err)
			}
			text := c.Loss
			if len(c.Config) > 0 {
				text = `{` + c.Loss + `: ` + string(c.Config) + `}`
			}
			l := decode(t, text)
			yPred, yTrue := floats(t, f, "y_pred"), floats(t, f, "y_true")
			x, _ := f.Lookup("y_pred")
			width := x.Shape[len(x.Shape)-1]
			rows := make([]float64, len(yPred)/width)
			d := make([]float32, len(yPred))
			l.Rows(yTrue, yPred, width, rows, d)
			Weigh(d, width, len(rows), nil)
			if got, want := Mean(rows, nil), float64(floats(t, f, "loss")[0]); math.Abs(got-want) > 1e-6*math.Abs(want) {
				t.Errorf("loss %v, want %v", got, want)
			}
			if r := relative(d, floats(t, f, "dy_pred")); !(r <= 1e-6) {
				t.Errorf("gradient differs by %.2g", r)
			}
		})
	}
}
