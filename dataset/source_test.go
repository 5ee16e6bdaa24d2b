package dataset

import (
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"cnnbench/dataset/npy"
)

func TestUnknownSources(t *testing.T) {
	dir := t.TempDir()
	put(t, dir, "notes.txt", "x")
	if err := os.Mkdir(filepath.Join(dir, "empty"), 0o700); err != nil {
		t.Fatal(err)
	}
	for source, want := range map[string]string{
		"fashion-maxi":                  "is not a built-in source (blobs, fashion-mini, line, shapes, wave), and as the path " + filepath.Join(dir, "fashion-maxi") + " there is no file or folder there",
		"notes.txt":                     "is not a file that can be read here; readable are .npz files",
		"empty":                         "is not a folder that can be read here",
		"notes.txt/x":                   "and as the path",
		filepath.Join(dir, "notes.txt"): "is not a file that can be read here",
		"a\x00b":                        "it cannot be opened",
	} {
		_, err := Open(named(source), Options{Dir: dir})
		if err == nil || !strings.Contains(err.Error(), want) || !strings.HasPrefix(err.Error(), "source: ") {
			t.Errorf("%q: error %v, want %q", source, err, want)
		}
	}
}

// A built-in name wins over a file; a path with a slash means the file.
func TestBuiltinNameWins(t *testing.T) {
	dir := t.TempDir()
	put(t, dir, "line", "x")
	if s, err := Open(named("line"), Options{Dir: dir}); err != nil || s.Name != "line" || s.Width != 1 {
		t.Errorf("%v, %v", s, err)
	}
	if _, err := Open(named("./line"), Options{Dir: dir}); err == nil {
		t.Error("./line is the file")
	}
}

func TestDescribe(t *testing.T) {
	path := writeNPZ(t,
		npy.F32("x", []int{3, 2, 2}, []float32{1, 10, 2, 20, 3, 30, 4, 40, 5, 50, 6, -60}), npy.I64("y", []int{3}, []int64{0, 1, 1}),
		npy.F32("x_test", []int{1, 2, 2}, []float32{7, 7, 7, 7}), npy.I64("y_test", []int{1}, []int64{2}))
	s, err := Open(named(path), Options{})
	if err != nil {
		t.Fatal(err)
	}
	f, err := s.Describe(t.Context(), Pass{})
	if err != nil {
		t.Fatal(err)
	}
	if f.Name != path || f.Description == "" || !slices.Equal(f.Shape, []int{2, 2}) || len(f.Classes) != 3 || len(f.Parts) != 2 {
		t.Fatalf("%+v", f)
	}
	// channel 0: 1..6; channel 1: 10, 20, 30, 40, 50, -60
	p := f.Parts[0]
	if p.Name != "train" || p.Len != 3 || !slices.Equal(p.Counts, []int{1, 2, 0}) || p.Min != -60 || p.Max != 50 ||
		!near(p.Mean, 3.5, 15) || !near(p.Std, math.Sqrt(17.5/6), math.Sqrt((9100-6*225)/6.)) {
		t.Errorf("training part: %+v", p)
	}
	if q := f.Parts[1]; q.Name != "test" || q.Len != 1 || !near(q.Mean, 7, 7) || !near(q.Std, 0, 0) {
		t.Errorf("test part: %+v", q)
	}

	cfg := named(path)
	cfg.Rescale = new(.1)
	cfg.Split.Validation = new(Amount(1))
	f, err = load(t, cfg, Options{}).Describe(t.Context(), Pass{})
	if err != nil {
		t.Fatal(err)
	}
	var lens []int
	for _, p := range f.Parts {
		lens = append(lens, p.Len)
	}
	if !slices.Equal(lens, []int{2, 1, 1}) || f.Parts[1].Name != "validation" || math.Abs(f.Parts[2].Max-.7) > 1e-6 {
		t.Errorf("divided: %+v", f)
	}
}

func near(got []float64, want ...float64) bool {
	for i := range want {
		if len(got) != len(want) || math.Abs(got[i]-want[i]) > 1e-9 {
			return false
		}
	}
	return true
}

func TestDescribeValues(t *testing.T) {
	s, err := Open(named("line"), Options{Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	f, err := s.Describe(t.Context(), Pass{})
	if err != nil {
		t.Fatal(err)
	}
	p := f.Parts[0]
	if f.Width != 1 || f.Classes != nil || p.Counts != nil || p.TargetMin > -4.5 || p.TargetMax < 2.5 || p.TargetMin < -5.5 || p.TargetMax > 3.5 {
		t.Errorf("%+v", p)
	}
}

// The figures of Fashion-MNIST are known: mean 72.94, deviation 90.02 of all 60,000 pictures.
func TestDescribeFashionMini(t *testing.T) {
	s, err := Open(named("fashion-mini"), Options{})
	if err != nil {
		t.Fatal(err)
	}
	f, err := s.Describe(t.Context(), Pass{})
	if err != nil {
		t.Fatal(err)
	}
	p := f.Parts[0]
	if p.Min != 0 || p.Max != 255 || math.Abs(p.Mean[0]-72.94) > 1 || math.Abs(p.Std[0]-90.02) > 1 || f.Parts[1].Len != 2000 {
		t.Errorf("%+v", p)
	}
}
