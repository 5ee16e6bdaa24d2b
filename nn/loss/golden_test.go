package loss

import (
	"encoding/json"
	"math"
	"testing"

	"cnnbench/nn/golden"
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

// The files hold what Keras 3.15.1 and PyTorch compute in float64 (metadata "case").
func TestGoldens(t *testing.T) {
	golden.Each(t, "testdata/*.safetensors", 9, func(t *testing.T, f golden.File) {
		var c struct {
			Loss   string
			Config json.RawMessage
		}
		f.Case(&c)
		text := c.Loss
		if len(c.Config) > 0 {
			text = `{` + c.Loss + `: ` + string(c.Config) + `}`
		}
		l := decode(t, text)
		yPred, yTrue, shape := f.Floats("y_pred"), f.Floats("y_true"), f.Shape("y_pred")
		width := shape[len(shape)-1]
		rows := make([]float64, len(yPred)/width)
		d := make([]float32, len(yPred))
		l.Rows(yTrue, yPred, width, rows, d)
		Weigh(d, width, len(rows), nil)
		if got, want := Mean(rows, nil), float64(f.Floats("loss")[0]); math.Abs(got-want) > 1e-6*math.Abs(want) {
			t.Errorf("loss %v, want %v", got, want)
		}
		if r := golden.Relative(d, f.Floats("dy_pred")); !(r <= 1e-6) {
			t.Errorf("gradient differs by %.2g", r)
		}
	})
}
