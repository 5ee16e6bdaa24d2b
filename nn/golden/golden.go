// Package golden reads, for tests, the files of values that Keras, PyTorch and NumPy computed.
package golden

import (
	"encoding/json"
	"math"
	"path/filepath"
	"strings"
	"testing"

	"cnnbench/sessions/safetensors"
)

// File is one such file, open for a test.
type File struct {
	*safetensors.File
	t *testing.T
}

// Each runs a test for each file that the pattern matches; there are that many.
func Each(t *testing.T, pattern string, count int, test func(t *testing.T, f File)) {
	t.Helper()
	files, err := filepath.Glob(pattern)
	if err != nil || len(files) != count {
		t.Fatalf("%s: %d files, want %d: %v", pattern, len(files), count, err)
	}
	for _, path := range files {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".safetensors"), func(t *testing.T) {
			f, err := safetensors.Read(path)
			if err != nil {
				t.Fatal(err)
			}
			test(t, File{f, t})
		})
	}
}

// Case reads what the values were computed with.
func (f File) Case(into any) {
	f.t.Helper()
	if err := json.Unmarshal([]byte(f.Metadata["case"]), into); err != nil {
		f.t.Fatal(err)
	}
}

// Has reports whether there is such a tensor.
func (f File) Has(name string) bool {
	_, ok := f.Lookup(name)
	return ok
}

// Floats are the values of a tensor, which must be there, be they float32s or class numbers.
func (f File) Floats(name string) []float32 {
	f.t.Helper()
	x := f.tensor(name)
	if x.DType == safetensors.Int32 {
		v, err := x.Int64s()
		if err != nil {
			f.t.Fatal(err)
		}
		out := make([]float32, len(v))
		for i, n := range v {
			out[i] = float32(n)
		}
		return out
	}
	v, err := x.Float32s()
	if err != nil {
		f.t.Fatal(err)
	}
	return v
}

// Optional is Floats, or nil where there is no such tensor.
func (f File) Optional(name string) []float32 {
	f.t.Helper()
	if !f.Has(name) {
		return nil
	}
	return f.Floats(name)
}

// Shape is the shape of a tensor, which must be there.
func (f File) Shape(name string) []int {
	f.t.Helper()
	return f.tensor(name).Shape
}

func (f File) tensor(name string) safetensors.Tensor {
	f.t.Helper()
	x, ok := f.Lookup(name)
	if !ok {
		f.t.Fatalf("no tensor %s", name)
	}
	return x
}

// Relative is the largest difference over the largest reference value; infinite or not a number where one is none.
func Relative[G, W float32 | float64](got []G, want []W) float64 {
	worst, top := 0.0, 0.0
	for i, v := range want {
		g, w := float64(got[i]), float64(v)
		if math.IsNaN(g) != math.IsNaN(w) {
			return math.Inf(1)
		}
		worst = math.Max(worst, math.Abs(g-w))
		top = math.Max(top, math.Abs(w))
	}
	if top == 0 {
		return worst
	}
	return worst / top
}
