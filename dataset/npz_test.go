package dataset

import (
	"bytes"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"cnnbench/dataset/npy"
)

// writeNPZ writes arrays to a file of its own and returns its path.
func writeNPZ(t *testing.T, arrays ...npy.Array) string {
	t.Helper()
	var buf bytes.Buffer
	if err := npy.WriteZip(&buf, arrays); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "data.npz")
	if err := os.WriteFile(path, buf.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// ramp is 0, 1, 2 and so on.
func ramp(n int) []float32 {
	x := make([]float32, n)
	for i := range x {
		x[i] = float32(i)
	}
	return x
}

func TestTargetsOfNPZ(t *testing.T) {
	six := npy.F32("x", []int{6, 2}, ramp(12))
	oneHot := []float32{0, 1, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 1, 0, 0, 0, 1, 0}
	multiHot := []float32{0, 1, 1, 1, 0, 0, 0, 1, 0, 0, 0, 1, 1, 0, 0, 0, 1, 0}
	type want struct {
		classes int // 0: values
		open    bool
		width   int
		first   []float32 // labels, or the first row of values
	}
	labels := want{3, true, 0, []float32{1, 0, 1, 2, 0, 1}}
	hot := want{3, false, 0, []float32{1, 0, 1, 2, 0, 1}}
	column := want{0, false, 1, []float32{1}}
	for _, c := range []struct {
		name                   string
		y                      npy.Array
		either, labels, values want
	}{
		{"int64", npy.I64("y", []int{6}, []int64{1, 0, 1, 2, 0, 1}), labels, labels, column},
		{"a column of int32", npy.I32("y", []int{6, 1}, []int32{1, 0, 1, 2, 0, 1}), labels, labels, column},
		{"bytes", npy.U8("y", []int{6}, []byte{1, 0, 1, 2, 0, 1}), labels, labels, column},
		{"whole floats", npy.F32("y", []int{6}, []float32{1, 0, 1, 2, 0, 1}), labels, labels, column},
		{"one-hot", npy.F32("y", []int{6, 3}, oneHot), hot, hot, want{0, false, 3, []float32{0, 1, 0}}},
		{"one-hot doubles", npy.F64("y", []int{6, 3}, widen(oneHot)), hot, hot, want{0, false, 3, []float32{0, 1, 0}}},
		{"multi-hot", npy.F32("y", []int{6, 3}, multiHot), want{0, false, 3, []float32{0, 1, 1}}, want{0, false, 3, []float32{0, 1, 1}}, want{0, false, 3, []float32{0, 1, 1}}},
		{"fractions", npy.F32("y", []int{6}, []float32{1, .5, 1, 2, 0, 1}), column, column, column},
		{"rows of values", npy.F32("y", []int{6, 2}, ramp(12)), want{0, false, 2, []float32{0, 1}}, want{0, false, 2, []float32{0, 1}}, want{0, false, 2, []float32{0, 1}}},
		{"sequences of values", npy.F32("y", []int{6, 2, 1}, ramp(12)), want{0, false, 2, []float32{0, 1}}, want{0, false, 2, []float32{0, 1}}, want{0, false, 2, []float32{0, 1}}},
	} {
		path := writeNPZ(t, six, c.y)
		for targets, want := range []want{c.either, c.labels, c.values} {
			cfg := named(path)
			cfg.Split.Validation = new(Amount)
			d := load(t, cfg, Options{Targets: Targets(targets)})
			if len(d.Classes) != want.classes || d.Open() != want.open || d.Width != want.width {
				t.Errorf("%s read as %d: classes %v, open %v, width %d", c.name, targets, d.Classes, d.Open(), d.Width)
				continue
			}
			var first []float32
			if want.classes > 0 {
				for i := range d.Train.Len() {
					first = append(first, float32(d.Train.Label(i)))
				}
			} else {
				first = d.Train.Target(0)
			}
			if !slices.Equal(first, want.first) {
				t.Errorf("%s read as %d: targets %v, want %v", c.name, targets, first, want.first)
			}
		}
	}
}

func widen(x []float32) []float64 {
	out := make([]float64, len(x))
	for i, v := range x {
		out[i] = float64(v)
	}
	return out
}

// Negative numbers and huge ones are values, unless classes are needed.
func TestNumbersThatAreNoClasses(t *testing.T) {
	for _, y := range [][]int64{{-1, 1}, {0, 10000}, {1 << 40, 0}} {
		cfg := named(writeNPZ(t, npy.F32("x", []int{2, 1}, ramp(2)), npy.I64("y", []int{2}, y)))
		cfg.Split.Validation = new(Amount)
		if d := load(t, cfg, Options{}); d.Classes != nil || d.Train.Target(1)[0] != float32(y[1]) {
			t.Errorf("%v: classes %v", y, d.Classes)
		}
		_, err := Load(cfg, Options{Targets: Labels})
		if err == nil || !strings.Contains(err.Error(), "needs 0 to 9999") || !strings.HasPrefix(err.Error(), "source: ") {
			t.Errorf("%v as classes: %v", y, err)
		}
	}
}

func TestPartsOfNPZ(t *testing.T) {
	arrays := []npy.Array{
		npy.F32("x", []int{4, 2, 3}, ramp(24)), npy.I64("y", []int{4}, []int64{0, 1, 0, 1}),
		npy.F32("x_val", []int{2, 2, 3}, ramp(12)), npy.I64("y_val", []int{2}, []int64{4, 1}),
		npy.F32("x_test", []int{1, 2, 3}, ramp(6)), npy.I64("y_test", []int{1}, []int64{2}),
	}
	d := load(t, named(writeNPZ(t, arrays...)), Options{})
	if counts(d) != [3]int{4, 2, 1} || !slices.Equal(d.Shape, []int{2, 3}) || len(d.Classes) != 5 || d.Classes[4] != "4" {
		t.Errorf("parts %v of shape %v, classes %v", counts(d), d.Shape, d.Classes)
	}
	if d.Validation.Label(0) != 4 || d.Test.Label(0) != 2 {
		t.Error("the targets went to other parts")
	}
	x := make([]float32, 6)
	if err := d.Train.Read(x, 3); err != nil || !slices.Equal(x, []float32{18, 19, 20, 21, 22, 23}) {
		t.Errorf("sample 3 is %v: %v", x, err)
	}

	// Without x_val, and under the names of Keras's own files.
	arrays[0].Name, arrays[1].Name = "x_train", "y_train"
	d = load(t, named(writeNPZ(t, arrays[0], arrays[1], arrays[4], arrays[5])), Options{})
	if counts(d) != [3]int{3, 1, 1} {
		t.Errorf("parts %v", counts(d))
	}
}

func TestBytesOfNPZStayBytes(t *testing.T) {
	path := writeNPZ(t, npy.U8("x", []int{2, 2, 1}, []byte{0, 255, 7, 9}), npy.I64("y", []int{2}, []int64{0, 1}))
	s, err := Open(named(path), Options{})
	if err != nil {
		t.Fatal(err)
	}
	if _, ok := s.Train.Samples.(ByteSamples); !ok || !slices.Equal(rows(t, s.Train, 1)[0], []float32{0, 255}) {
		t.Errorf("kept as %T", s.Train.Samples)
	}
}

func TestNPZRefuses(t *testing.T) {
	x, y := npy.F32("x", []int{2, 3}, ramp(6)), npy.I64("y", []int{2}, []int64{0, 1})
	nan := ramp(6)
	nan[4] = float32(math.NaN())
	for want, arrays := range map[string][]npy.Array{
		"has no array x; needs x (samples) and y": {npy.F32("z", []int{2}, ramp(2))},
		"; it holds w, z":                         {npy.F32("w", []int{2}, ramp(2)), npy.F32("z", []int{2}, ramp(2))},
		"has x but no y":                          {x},
		"has y but no x":                          {y},
		"has x_val but no y_val":                  {x, y, npy.F32("x_val", []int{2, 3}, ramp(6))},
		"holds both x and x_train":                {x, y, npy.F32("x_train", []int{2, 3}, ramp(6))},
		"x has shape [2 3] beside lengths; needs": {x, y, npy.I64("lengths", []int{2}, []int64{1, 2})},
		"needs as many rows in both":              {x, npy.I64("y", []int{3}, []int64{0, 1, 1})},
		"x has shape [2 3] and y []":              {x, npy.I64("y", nil, []int64{0})},
		"so no samples":                           {npy.F32("x", []int{0, 3}, nil), npy.I64("y", []int{0}, nil)},
		"x has shape [] and so no samples":        {npy.F32("x", nil, ramp(1)), y},
		"x: found NaN in row 1":                   {npy.F32("x", []int{2, 3}, nan), y},
		"y: found +Inf in row 0":                  {x, npy.F64("y", []int{2}, []float64{1e300, .5})},
		"the samples of x_test have shape [2]":    {x, y, npy.F32("x_test", []int{2, 2}, ramp(4)), npy.I64("y_test", []int{2}, []int64{0, 1})},
		"y_test has 2 values a row and y 3":       {x, npy.F32("y", []int{2, 3}, ramp(6)), npy.F32("x_test", []int{2, 3}, ramp(6)), npy.F32("y_test", []int{2, 2}, ramp(4))},
		"y has 0 values a row":                    {x, npy.F32("y", []int{2, 0}, nil)},
	} {
		path := writeNPZ(t, arrays...)
		_, err := Load(named(path), Options{})
		if err == nil || !strings.Contains(err.Error(), want) || !strings.HasPrefix(err.Error(), "source: "+path) {
			t.Errorf("error %v, want %q", err, want)
		}
	}
}

// Whatever bytes a file has, it is read or refused.
func TestTornNPZ(t *testing.T) {
	path := writeNPZ(t, npy.F32("x", []int{2, 3}, ramp(6)), npy.I64("y", []int{2}, []int64{0, 1}))
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for i := range whole {
		torn := slices.Clone(whole)
		torn[i] ^= 0x55
		for _, text := range [][]byte{torn, whole[:i]} {
			if err := os.WriteFile(path, text, 0o600); err != nil {
				t.Fatal(err)
			}
			if _, err := Open(named(path), Options{}); err == nil && len(text) < len(whole) {
				t.Fatalf("the first %d bytes were read", i)
			}
		}
	}
}
