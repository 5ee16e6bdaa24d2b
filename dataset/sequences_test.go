package dataset

import (
	"math"
	"slices"
	"strings"
	"testing"

	"cnnbench/dataset/npy"
)

// whole names a source whose samples are all for training.
func whole(path string) Config {
	cfg := named(path)
	cfg.Split.Validation = new(Amount)
	return cfg
}

// sequencesOf reads all sequences of a part up to their ends, and fails where something stands behind these.
func sequencesOf(t *testing.T, p *Part) [][]float32 {
	t.Helper()
	var out [][]float32
	size := p.Shape()[1]
	for i := range p.Len() {
		x := make([]float32, volume(p.Shape()))
		for j := range x {
			x[j] = -7 // what was there before
		}
		if err := p.Read(x, i); err != nil {
			t.Fatal(err)
		}
		end := p.Length(i) * size
		if slices.ContainsFunc(x[end:], func(v float32) bool { return v != 0 }) {
			t.Errorf("sample %d of %d values ends in %v", i, end, x)
		}
		out = append(out, x[:end])
	}
	return out
}

func equal(a, b [][]float32) bool {
	return slices.EqualFunc(a, b, func(a, b []float32) bool { return slices.Equal(a, b) })
}

// Sequences are read to their ends, in floats and bytes; what lies behind them may be anything.
func TestSequences(t *testing.T) {
	y, lengths := npy.I64("y", []int{3}, []int64{0, 1, 0}), npy.I32("lengths", []int{3}, []int32{2, 4, 1})
	values := []float32{1, 2, 3, 4, 0, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 0, 0, 0, 0, 0, 0}
	spoilt := slices.Clone(values)
	for _, i := range []int{4, 5, 6, 7, 18, 19, 20, 21, 22, 23} {
		spoilt[i] = float32([]float64{math.NaN(), math.Inf(1), 3e38}[i%3])
	}
	bytes := make([]byte, len(values))
	for i, v := range values {
		bytes[i] = byte(v)
	}
	bytes[5], bytes[23] = 200, 255
	want := [][]float32{{1, 2, 3, 4}, {1, 2, 3, 4, 5, 6, 7, 8}, {9, 10}}
	for name, x := range map[string]npy.Array{"floats": npy.F32("x", []int{3, 4, 2}, values), "spoilt": npy.F32("x", []int{3, 4, 2}, spoilt),
		"doubles": npy.F64("x", []int{3, 4, 2}, widen(spoilt)), "bytes": npy.U8("x", []int{3, 4, 2}, bytes)} {
		d := load(t, whole(writeNPZ(t, x, y, lengths)), Options{})
		if got := sequencesOf(t, d.Train); !equal(got, want) || !d.Sequences() {
			t.Errorf("%s are read as %v", name, got)
		}
		if _, ok := d.Source.Train.Samples.(ByteSamples); ok != (name == "bytes") {
			t.Errorf("%s are kept as %T", name, d.Source.Train.Samples)
		}
		// Lengths follow their samples.
		if got := sequencesOf(t, d.Train.Subset([]int{2, 0})); !equal(got, [][]float32{want[2], want[0]}) {
			t.Errorf("a part of %s is %v", name, got)
		}
		f, err := d.Describe(t.Context(), Pass{})
		if err != nil {
			t.Fatal(err)
		}
		if p := f.Parts[0]; p.Lengths != [2]int{1, 4} || p.Min != 1 || p.Max != 10 || math.Abs(p.Mean[0]-29./7) > 1e-12 || math.Abs(p.Mean[1]-36./7) > 1e-12 {
			t.Errorf("%s: %+v", name, p)
		}
	}
}

// Every part ends up with the steps of the longest, targets of every step too.
func TestSequencesOfPartsOfSeveralLengths(t *testing.T) {
	y := []float32{1, 2, 3, 4, 5, float32(math.NaN())}
	d := load(t, named(writeNPZ(t,
		npy.F32("x_train", []int{2, 3, 1}, ramp(6)), npy.F32("y_train", []int{2, 3, 1}, y), npy.U8("lengths_train", []int{2}, []byte{3, 2}),
		npy.F32("x_val", []int{1, 5, 1}, ramp(5)), npy.F32("y_val", []int{1, 5, 1}, ramp(5)), npy.I64("lengths_val", []int{1}, []int64{4}),
		npy.F32("x_test", []int{2, 1, 1}, []float32{8, 9}), npy.F32("y_test", []int{2, 1, 1}, []float32{6, 7}), npy.I64("lengths_test", []int{2}, []int64{1, 1}),
	)), Options{})
	if !slices.Equal(d.Shape, []int{5, 1}) || d.Width != 5 {
		t.Fatalf("shape %v, width %d", d.Shape, d.Width)
	}
	for _, c := range []struct {
		part    *Part
		x       [][]float32
		targets []float32
	}{
		{d.Train, [][]float32{{0, 1, 2}, {3, 4}}, []float32{1, 2, 3, 0, 0, 4, 5, 0, 0, 0}},
		{d.Validation, [][]float32{{0, 1, 2, 3}}, []float32{0, 1, 2, 3, 0}},
		{d.Test, [][]float32{{8}, {9}}, []float32{6, 0, 0, 0, 0, 7, 0, 0, 0, 0}},
	} {
		var targets []float32
		for i := range c.part.Len() {
			targets = append(targets, c.part.Target(i)...)
		}
		if got := sequencesOf(t, c.part); !equal(got, c.x) || !slices.Equal(targets, c.targets) {
			t.Errorf("the %s part is %v with %v", c.part.From, got, targets)
		}
	}
}

// Rescaling and standardization count the steps within.
func TestSequencesAreStandardized(t *testing.T) {
	path := writeNPZ(t, npy.F32("x", []int{2, 3, 1}, []float32{2, 4, 100, 8, 50, 60}), npy.I64("y", []int{2}, []int64{0, 1}), npy.I64("lengths", []int{2}, []int64{2, 1}))
	cfg := whole(path)
	cfg.Rescale, cfg.Standardize.FeaturewiseCenter = new(.5), true
	d := load(t, cfg, Options{})
	mean := float32(7. / 3)
	if got := sequencesOf(t, d.Train); !equal(got, [][]float32{{1 - mean, 2 - mean}, {4 - mean}}) || math.Abs(d.Features.Mean[0]-7./3) > 1e-12 {
		t.Errorf("featurewise: %v, mean %v", got, d.Features.Mean)
	}
	cfg.Rescale, cfg.Standardize = nil, Standardize{SamplewiseCenter: true}
	if got := sequencesOf(t, load(t, cfg, Options{}).Train); !equal(got, [][]float32{{-1, 1}, {0}}) {
		t.Errorf("samplewise: %v", got)
	}
}

// Sequences that differ by a last step of 0 are not equal.
func TestOverlapsOfSequences(t *testing.T) {
	d := load(t, whole(writeNPZ(t, npy.F32("x", []int{3, 2, 1}, []float32{1, 0, 1, 0, 1, 5}), npy.I64("y", []int{3}, []int64{0, 1, 0}),
		npy.I64("lengths", []int{3}, []int64{1, 2, 1}))), Options{})
	found, err := d.Overlaps(t.Context(), Pass{})
	if err != nil || len(found) != 1 || !slices.Equal(found[0].Twins, []Twin{{2, 0}}) {
		t.Errorf("found %+v, %v", found, err)
	}
}

func TestSequencesRefused(t *testing.T) {
	x, y := npy.F32("x", []int{2, 3, 1}, ramp(6)), npy.I64("y", []int{2}, []int64{0, 1})
	lengths := npy.I64("lengths", []int{2}, []int64{3, 1})
	val := []npy.Array{npy.F32("x_val", []int{1, 3, 1}, ramp(3)), npy.I64("y_val", []int{1}, []int64{0})}
	nan := []float32{0, float32(math.NaN()), 0, 0, 0, 0}
	long := int64(1) << 40
	for want, arrays := range map[string][]npy.Array{
		"lengths: found 4 in row 1 (counted from 0), needs 1 to 3, the steps of x": {x, y, npy.I64("lengths", []int{2}, []int64{1, 4})},
		"lengths: found 0 in row 0":                                                 {x, y, npy.I32("lengths", []int{2}, []int32{0, 1})},
		"lengths: found -1 in row 0":                                                {x, y, npy.I32("lengths", []int{2}, []int32{-1, 1})},
		"lengths: found 1099511627776 in row 1":                                     {x, y, npy.I64("lengths", []int{2}, []int64{1, long})},
		"lengths holds <f4, needs whole numbers":                                    {x, y, npy.F32("lengths", []int{2}, ramp(2))},
		"lengths has shape [3] and x [2 3 1]; needs one number for each sequence":   {x, y, npy.I64("lengths", []int{3}, []int64{1, 1, 1})},
		"lengths has shape [2 1] and x":                                             {x, y, npy.I64("lengths", []int{2, 1}, []int64{1, 1})},
		"x has shape [2 3 1 1] beside lengths; needs sequences":                     {npy.F32("x", []int{2, 3, 1, 1}, ramp(6)), y, lengths},
		"x has shape [2 3 0] and so no samples":                                     {npy.F32("x", []int{2, 3, 0}, nil), y, lengths},
		"has lengths_val but no x_val; needs both":                                  {x, y, lengths, npy.I64("lengths_val", []int{2}, []int64{1, 1})},
		"has lengths of some parts only, of x or of x_val; needs those of all part": append([]npy.Array{x, y, lengths}, val...),
		"of x or of x_val":                                                          append([]npy.Array{x, y, npy.I64("lengths_val", []int{1}, []int64{2})}, val...),
		"holds both lengths and lengths_train":                                      {x, y, lengths, npy.I64("lengths_train", []int{2}, []int64{1, 1})},
		"x: found NaN in row 0":                                                     {npy.F32("x", []int{2, 3, 1}, nan), y, lengths},
		"needs one shape":                                                           {x, y, lengths, npy.F32("x_val", []int{1, 3, 2}, ramp(6)), npy.I64("y_val", []int{1}, []int64{0}), npy.I64("lengths_val", []int{1}, []int64{2})},
		// A few numbers that claim to become terabytes.
		"x_val: 100000 samples would take": {npy.U8("x", []int{1, 1 << 20, 1}, make([]byte, 1<<20)), npy.I64("y", []int{1}, []int64{0}), npy.I64("lengths", []int{1}, []int64{1}),
			npy.U8("x_val", []int{100000, 1, 1}, make([]byte, 100000)), npy.I64("y_val", []int{100000}, make([]int64, 100000)), npy.I64("lengths_val", []int{100000}, slices.Repeat([]int64{1}, 100000))},
	} {
		path := writeNPZ(t, arrays...)
		_, err := Load(named(path), Options{})
		if err == nil || !strings.Contains(err.Error(), want) || !strings.HasPrefix(err.Error(), "source: "+path) {
			t.Errorf("error %v, want %q", err, want)
		}
	}
	cfg := whole(writeNPZ(t, x, y, lengths))
	cfg.Image.Color = new("rgb")
	if _, err := Load(cfg, Options{}); err == nil || !strings.HasPrefix(err.Error(), "image: ") || !strings.Contains(err.Error(), "leave size and color out") {
		t.Errorf("image of sequences: %v", err)
	}
}

// FuzzSequences: whatever lengths there are beside whatever sequences, they are read or refused, and nothing is read beyond
// an end.
func FuzzSequences(f *testing.F) {
	f.Add(3, 2, []byte{1, 2, 3, 4, 5, 6}, []byte{3}, []byte{1, 9}, []byte{1, 1})
	f.Add(1, 1, []byte{0}, []byte{1}, []byte{}, []byte{})
	f.Add(2, 1, []byte{1, 2, 3, 4}, []byte{2, 0}, []byte{7}, []byte{1})
	f.Fuzz(func(t *testing.T, steps, features int, x, lengths, val, valLengths []byte) {
		if steps < 0 || features < 0 || steps > 1<<10 || features > 1<<10 {
			return
		}
		y := func(name string, n int) npy.Array { return npy.U8(name, []int{n}, make([]byte, n)) }
		var arrays []npy.Array
		if size := steps * features; size > 0 {
			n := len(x) / size
			arrays = append(arrays, npy.U8("x", []int{n, steps, features}, x[:n*size]), y("y", n), npy.U8("lengths", []int{len(lengths)}, lengths))
		}
		if features > 0 {
			n := len(val) / features
			arrays = append(arrays, npy.U8("x_val", []int{n, 1, features}, val[:n*features]), y("y_val", n), npy.U8("lengths_val", []int{len(valLengths)}, valLengths))
		}
		d, err := Load(named(writeNPZ(t, arrays...)), Options{})
		if err != nil {
			return
		}
		for _, p := range []*Part{d.Train, d.Validation} {
			if p == nil {
				continue
			}
			sequencesOf(t, p)
			for i := range p.Len() {
				if n := p.Length(i); n < 1 || n > steps {
					t.Errorf("sample %d has length %d of %d", i, n, steps)
				}
			}
		}
	})
}
