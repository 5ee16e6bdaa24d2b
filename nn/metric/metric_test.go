package metric

import (
	"math"
	"slices"
	"strings"
	"testing"

	"cnnbench/spec"
)

// decode reads metrics as an experiment file lists them.
func decode(t *testing.T, text string) ([]Named, error) {
	t.Helper()
	d := &spec.Decoder{File: "x.yaml"}
	n, err := d.Parse([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	var m []Named
	err = d.Decode(n, "compile.metrics", &m)
	return m, err
}

func one(t *testing.T, name string) Metric {
	t.Helper()
	m, err := decode(t, "["+name+"]")
	if err != nil {
		t.Fatal(err)
	}
	return m[0].Metric
}

func TestRows(t *testing.T) {
	nan := float32(math.NaN())
	for _, c := range []struct {
		name, metric string
		yTrue, yPred []float32
		width        int
		want         []float64
	}{
		{"one unit: above a half", "accuracy", []float32{1, 1, 0, 0, 1, 0}, []float32{.98, 1, 0, .6, .5, .5}, 1, []float64{1, 1, 1, 0, 0, 1}},
		{"labels: the largest", "accuracy", []float32{2, 1, 0}, []float32{.1, .9, .8, .05, .95, 0, .5, .5, .2}, 3, []float64{0, 1, 1}},
		{"one-hot: the largest", "acc", []float32{0, 0, 1, 0, 1, 0}, []float32{.1, .9, .8, .05, .95, 0}, 3, []float64{0, 1}},
		// Several yes-or-no units are judged as classes: Keras 3 looks at the shapes, not at the loss.
		{"several units: the largest", "accuracy", []float32{1, 1, 0, 1}, []float32{.9, .2, .6, .7}, 2, []float64{1, 1}},
		{"a diverged row is not right", "accuracy", []float32{1, 1}, []float32{nan, nan, .1, .9}, 2, []float64{0, 1}},
		{"mse", "mse", []float32{0, 1, 2, 2}, []float32{1, 1, 0, 3}, 2, []float64{.5, 2.5}},
		{"mae", "mae", []float32{0, 1, 2, 2}, []float32{1, 1, 0, 3}, 2, []float64{.5, 1.5}},
		{"nothing", "accuracy", nil, nil, 3, []float64{}},
	} {
		m := one(t, c.metric)
		got := make([]float64, len(c.want))
		for i := range got {
			got[i] = -1
		}
		m.Rows(c.yTrue, c.yPred, c.width, got)
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
		if n := testing.AllocsPerRun(5, func() { m.Rows(c.yTrue, c.yPred, c.width, got) }); n != 0 {
			t.Errorf("%s: %v allocations", c.name, n)
		}
	}
}

func TestClasses(t *testing.T) {
	for _, c := range []struct {
		row         []float32
		class, true int
	}{
		{[]float32{.5}, 0, 0},
		{[]float32{.51}, 1, 0},
		{[]float32{4}, 1, 4},
		{[]float32{0, 0, 1}, 2, 2},
		{[]float32{.3, .4, .4}, 1, 1},
	} {
		if got := Class(c.row); got != c.class {
			t.Errorf("prediction %v names class %d, want %d", c.row, got, c.class)
		}
		if got := TrueClass(c.row); got != c.true {
			t.Errorf("target %v names class %d, want %d", c.row, got, c.true)
		}
	}
}

// The name in the file is the name in the history.
func TestNames(t *testing.T) {
	const text = "[acc, accuracy, mae, mean_absolute_error, mse, mean_squared_error]"
	m, err := decode(t, text)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, m := range m {
		names = append(names, m.Name)
	}
	if got := "[" + strings.Join(names, ", ") + "]"; got != text {
		t.Errorf("names %s", got)
	}
	if got := spec.Text(m); got != text {
		t.Errorf("written as %s", got)
	}
	if Family.Must(m[0].Metric).Name != "accuracy" || Family.Must(m[3].Metric).Name != "mean_absolute_error" {
		t.Errorf("kinds %T %T", m[0].Metric, m[3].Metric)
	}
	if m, err := decode(t, "[{mae: {}}]"); err != nil || m[0].Name != "mae" {
		t.Errorf("read %v, %v", m, err)
	}
	for text, want := range map[string]string{
		"[acuracy]":           `x.yaml:1:2: compile.metrics[0]: unknown metric "acuracy"; did you mean accuracy? (known: accuracy, mean_absolute_error, mean_squared_error)`,
		"[accuracy, null]":    "x.yaml:1:12: compile.metrics[1]: found null, needs a metric: accuracy, mean_absolute_error, mean_squared_error",
		"[{mae: {delta: 1}}]": `x.yaml:1:9: compile.metrics[0].mae: unknown key "delta"; no settings are taken here`,
	} {
		if _, err := decode(t, text); err == nil || err.Error() != want {
			t.Errorf("%s: %v\nwant %s", text, err, want)
		}
	}
}

func TestCheck(t *testing.T) {
	list := func(text string) []Named {
		m, err := decode(t, text)
		if err != nil {
			t.Fatal(err)
		}
		return m
	}
	for _, c := range []struct {
		metrics        string
		columns, width int
		want           string
	}{
		{"[accuracy, acc]", 1, 10, ""},
		{"[mae, mse]", 3, 3, ""},
		{"[accuracy, mae]", 1, 10, "mean_absolute_error compares value with value, but the targets are class numbers; take accuracy"},
		{"[mse]", 1, 3, "mean_squared_error compares value with value, but the targets are class numbers; take accuracy"},
		{"[mae, mae]", 1, 1, "metric mae stands there twice; keep one"},
	} {
		text := ""
		if err := Check(list(c.metrics), c.columns, c.width); err != nil {
			text = err.Error()
		}
		if text != c.want {
			t.Errorf("%s: %q, want %q", c.metrics, text, c.want)
		}
	}
	for _, classes := range []bool{true, false} {
		if err := Check(Default(classes), 1, 1); err != nil {
			t.Error(err)
		}
	}
	if a, b := Default(true)[0].Name, Default(false)[0].Name; a != "accuracy" || b != "mae" {
		t.Errorf("defaults %s, %s", a, b)
	}
}

func TestAuto(t *testing.T) {
	metrics, err := decode(t, "[acc, mae]")
	if err != nil {
		t.Fatal(err)
	}
	for monitor, want := range map[string]Direction{"loss": Min, "val_loss": Min, "acc": Max, "val_acc": Max, "mae": Min, "val_mae": Min} {
		if got, err := Auto(monitor, metrics); err != nil || got != want {
			t.Errorf("%s: %v, %v", monitor, got, err)
		}
	}
	_, err = Auto("val_accuracy", metrics)
	if want := `nothing is measured under the name "val_accuracy"; known: loss, val_loss, acc, val_acc, mae, val_mae`; err == nil || err.Error() != want {
		t.Errorf("%v\nwant %s", err, want)
	}
	nan := math.NaN()
	for _, c := range []struct {
		d    Direction
		a, b float64
		want bool
	}{{Min, 1, 2, true}, {Min, 2, 1, false}, {Max, 2, 1, true}, {Max, 1, 1, false}, {Max, nan, 1, false}, {Min, 1, nan, false}} {
		if got := c.d.Better(c.a, c.b); got != c.want {
			t.Errorf("%v: %v better than %v: %v", c.d, c.a, c.b, got)
		}
	}
}
