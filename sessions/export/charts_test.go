package export

import (
	"bytes"
	"encoding/xml"
	"errors"
	"image"
	"image/color"
	"image/png"
	"io"
	"math"
	"path/filepath"
	"strings"
	"testing"

	"cnnbench/nn/train"
	"cnnbench/sessions"
)

// wellFormed reads a document to its end and returns its text.
func wellFormed(t *testing.T, document []byte, html bool) string {
	t.Helper()
	d := xml.NewDecoder(bytes.NewReader(document))
	if html {
		d.Strict, d.AutoClose, d.Entity = false, []string{"meta", "img"}, xml.HTMLEntity
	}
	var text strings.Builder
	var open []string
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatalf("not well-formed: %v", err)
		}
		switch x := token.(type) {
		case xml.StartElement:
			open = append(open, x.Name.Local)
		case xml.EndElement:
			if last := open[len(open)-1]; last != x.Name.Local {
				t.Fatalf("%s is closed within %s", x.Name.Local, last)
			}
			open = open[:len(open)-1]
		case xml.CharData:
			text.Write(x)
			text.WriteByte('\n')
		}
	}
	if len(open) > 0 {
		t.Fatalf("never closed: %v", open)
	}
	return text.String()
}

func TestPNG(t *testing.T) {
	in := from(t, trainedSession(t))
	m, err := png.Decode(bytes.NewReader(exported(t, "png", in)))
	if err != nil {
		t.Fatal(err)
	}
	if m.Bounds() != image.Rect(0, 0, 1600, 900) {
		t.Errorf("the picture is %v", m.Bounds())
	}
	count := map[color.Color]int{}
	for y := range 900 {
		for x := range 1600 {
			count[color.NRGBAModel.Convert(m.At(x, y))]++
		}
	}
	for name, c := range map[string]color.NRGBA{"training": blue, "validation": vermillion, "page": {255, 255, 255, 255}} {
		if count[c] < 100 {
			t.Errorf("%d pixels have the colour of the %s", count[c], name)
		}
	}
}

func TestSVG(t *testing.T) {
	s := trainedSession(t)
	in := from(t, s)
	in.Session = hostile + "\x00\x1b\xff"
	text := exported(t, "svg", in)
	words := wellFormed(t, text, false)
	for _, want := range []string{hostile + "\ufffd\ufffd\ufffd", "loss", "accuracy", "learning rate", "training", "validation", "each batch", "best epoch", "epoch", "3 epochs"} {
		if !strings.Contains(words, want) {
			t.Errorf("the drawing does not say %q", want)
		}
	}
	if !bytes.Contains(text, []byte("sans-serif")) || !bytes.Contains(text, []byte("stroke-dasharray")) {
		t.Error("the font has no stand-in, or no line is dashed")
	}
}

// Whatever was measured, a chart is drawn.
func TestChartsOfOddHistories(t *testing.T) {
	loss := func(v float64) train.Value { return train.Value{Name: "loss", Value: v} }
	val := func(v float64) train.Value { return train.Value{Name: "val_loss", Value: v} }
	var long, many []train.Epoch
	for i := range 300 {
		long = append(long, epochOf(loss(math.Exp(-float64(i)/20)), val(1)))
	}
	var metrics []train.Value
	for _, name := range strings.Fields("accuracy loss mae mse precision recall top_k val_accuracy val_loss") {
		metrics = append(metrics, train.Value{Name: name, Value: float64(len(name))})
	}
	many = append(many, epochOf(metrics...), epochOf(metrics...))
	for name, history := range map[string][]train.Epoch{
		"one epoch":        {epochOf(loss(1))},
		"not a number":     {epochOf(loss(math.NaN()), val(math.Inf(1))), epochOf(loss(math.NaN()), val(math.Inf(-1)))},
		"gaps":             {epochOf(loss(1), val(2)), epochOf(loss(math.NaN()), val(math.Inf(1))), epochOf(loss(0.5), val(1)), epochOf(loss(0.5))},
		"decades":          {epochOf(loss(1e3)), epochOf(loss(1)), epochOf(loss(1e-6))},
		"below 0":          {epochOf(loss(-1e3)), epochOf(loss(1)), epochOf(loss(1e-6))},
		"constant":         {epochOf(loss(0)), epochOf(loss(0))},
		"the ends of sums": {epochOf(loss(math.MaxFloat64)), epochOf(loss(-math.MaxFloat64))},
		"the smallest":     {epochOf(loss(5e-324)), epochOf(loss(1e-320))},
		"tiny and huge":    {epochOf(loss(5e-324)), epochOf(loss(1e308))},
		"neighbours":       {epochOf(loss(1)), epochOf(loss(math.Nextafter(1, 2)))},
		"many epochs":      long,
		"many metrics":     many,
		"learning to 0":    {{Logs: []train.Value{loss(1)}, LearningRate: 1}, {Logs: []train.Value{loss(1)}, LearningRate: 0}},
	} {
		t.Run(name, func(t *testing.T) {
			in := told(t, history...)
			if err := writePNG(t.Context(), io.Discard, in); err != nil {
				t.Error(err)
			}
			if text := exported(t, "svg", in); bytes.Contains(text, []byte("NaN")) || bytes.Contains(text, []byte("Inf")) {
				t.Error("a place is no number")
			} else {
				wellFormed(t, text, false)
			}
		})
	}
}

func TestChartsNeedAnEpoch(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x")
	for _, format := range []string{"png", "svg"} {
		if _, err := Write(t.Context(), format, path, told(t)); err == nil || !strings.Contains(err.Error(), "no epoch is finished") {
			t.Errorf("%s: %v", format, err)
		}
	}
}

func TestTicks(t *testing.T) {
	labels := func(ts []tick) string {
		var out []string
		for _, x := range ts {
			out = append(out, x.label)
		}
		return strings.Join(out, " ")
	}
	for _, c := range []struct {
		lo, hi float64
		log    bool
		want   string
	}{
		{0, 1, false, "0.0 0.2 0.4 0.6 0.8 1.0"},
		{-0.05, 0.31, false, "0.0 0.1 0.2 0.3"},
		{0.86, 1.01, false, "0.90 0.95 1.00"},
		{-30, 170, false, "0 50 100 150"},
		{0.0005, 0.0015, false, "0.0006 0.0008 0.0010 0.0012 0.0014"},
		{1e-9, 5e-9, false, "1e-09 2e-09 3e-09 4e-09 5e-09"},
		{0, 3e9, false, "0 5e+08 1e+09 1.5e+09 2e+09 2.5e+09 3e+09"},
		{0.009, 1.2, true, "0.01 0.1 1"},
		{1e-12, 1, true, "1e-12 1e-10 1e-08 1e-06 0.0001 0.01 1"},
	} {
		if got := labels(ticks(c.lo, c.hi, c.log)); got != c.want {
			t.Errorf("from %v to %v: %s, want %s", c.lo, c.hi, got, c.want)
		}
	}
	for _, c := range []struct {
		first, last int
		want        string
	}{{1, 1, "1"}, {1, 5, "1 2 3 4 5"}, {0, 10, "0 1 2 3 4 5 6 7 8 9 10"}, {1, 90, "10 20 30 40 50 60 70 80 90"}, {1, 12, "2 4 6 8 10 12"}} {
		if got := labels(epochTicks(c.first, c.last)); got != c.want {
			t.Errorf("epochs %d to %d: %s, want %s", c.first, c.last, got, c.want)
		}
	}
}

func TestBest(t *testing.T) {
	a, b := epochOf(train.Value{Name: "loss", Value: 2}), epochOf(train.Value{Name: "loss", Value: 3})
	a.Best = true
	if got := told(t, a, b).best(); got == nil || *got != (sessions.Best{Epoch: 1, Monitor: "loss", Value: 2}) {
		t.Errorf("the best is %+v", got)
	}
	if got := told(t, b).best(); got != nil {
		t.Errorf("the best is %+v", got)
	}
}
