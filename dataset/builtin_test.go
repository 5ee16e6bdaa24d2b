package dataset

import (
	"math"
	"slices"
	"strings"
	"testing"
)

func load(t *testing.T, cfg Config, opt Options) *Data {
	t.Helper()
	d, err := Load(cfg, opt)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// named is the default data section of a source.
func named(source string) Config {
	cfg := NewConfig()
	cfg.Source = source
	return cfg
}

// rows reads the first n samples of a source's part as stored.
func rows(t *testing.T, set *Set, n int) [][]float32 {
	t.Helper()
	var out [][]float32
	for i := range n {
		x := make([]float32, volume(set.Samples.Shape()))
		if err := set.Samples.Read(x, i); err != nil {
			t.Fatal(err)
		}
		out = append(out, x)
	}
	return out
}

func TestNames(t *testing.T) {
	var names []string
	for _, n := range Names() {
		names = append(names, n.Name)
		if n.Doc == "" || strings.Contains(n.Doc, "\n") {
			t.Errorf("%s needs one line of doc", n.Name)
		}
	}
	if want := []string{"blobs", "fashion-mini", "line", "shapes", "wave"}; !slices.Equal(names, want) {
		t.Errorf("names %v, want %v", names, want)
	}
}

func TestBuiltinShapesAndSizes(t *testing.T) {
	for _, c := range []struct {
		name        string
		shape       []int
		classes     int
		width       int
		train, test int
	}{
		{"fashion-mini", []int{28, 28, 1}, 10, 0, 10000, 2000},
		{"shapes", []int{24, 24, 3}, 3, 0, 1500, 300},
		{"line", []int{1}, 0, 1, 200, 0},
		{"wave", []int{24, 1}, 0, 1, 1000, 0},
		{"blobs", []int{12}, 10, 0, 2000, 0},
	} {
		s, err := Open(named(c.name), Options{Seed: 1})
		if err != nil {
			t.Fatal(err)
		}
		test := 0
		if s.Test != nil {
			test = s.Test.Samples.Len()
		}
		if s.Name != c.name || s.Description == "" || !slices.Equal(s.Shape, c.shape) || len(s.Classes) != c.classes || s.Width != c.width ||
			s.Train.Samples.Len() != c.train || test != c.test || s.Validation != nil || s.Unnamed {
			t.Errorf("%s: %+v", c.name, s)
		}
		if (c.classes == 0) != (s.Train.Labels == nil) || (c.width == 0) != (s.Train.Values == nil) {
			t.Errorf("%s: the targets are of the wrong kind", c.name)
		}
	}
}

func TestFashionMini(t *testing.T) {
	d := load(t, named("fashion-mini"), Options{})
	want := []string{"T-shirt", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot"}
	if !slices.Equal(d.Classes, want) {
		t.Errorf("classes %v", d.Classes)
	}
	whole := newPart("train", d.Source.Train, nil, 10, 0, d.Train.prepare)
	if got := whole.Counts(); !slices.Equal(got, slices.Repeat([]int{1000}, 10)) {
		t.Errorf("training pictures of each class: %v", got)
	}
	if got := d.Test.Counts(); !slices.Equal(got, slices.Repeat([]int{200}, 10)) {
		t.Errorf("test pictures of each class: %v", got)
	}
	// The original's first labels are 9, 0, 0, 3, 0, 2, 7, 2, 5, 5; none is left out so early.
	if got := d.Source.Train.Labels[:10]; !slices.Equal(got, []int32{9, 0, 0, 3, 0, 2, 7, 2, 5, 5}) {
		t.Errorf("first labels %v", got)
	}
	if got := d.Source.Test.Labels[:10]; !slices.Equal(got, []int32{9, 2, 1, 1, 6, 1, 4, 6, 5, 7}) {
		t.Errorf("first test labels %v", got)
	}
	if d.Open() {
		t.Error("classes with names are not open")
	}
}

// The same seed gives the same samples, also when more are made; another seed gives others.
func TestGeneratedFromTheSeed(t *testing.T) {
	for _, name := range []string{"shapes", "line", "wave", "blobs"} {
		open := func(seed uint64, limit int) *Source {
			cfg := named(name)
			cfg.Limit = &limit
			s, err := Open(cfg, Options{Seed: seed})
			if err != nil {
				t.Fatal(err)
			}
			return s
		}
		few, many, other := open(7, 20), open(7, 45), open(8, 20)
		if few.Train.Samples.Len() != 20 || many.Train.Samples.Len() != 45 {
			t.Errorf("%s: %d and %d samples", name, few.Train.Samples.Len(), many.Train.Samples.Len())
		}
		a, b, c := rows(t, few.Train, 20), rows(t, many.Train, 20), rows(t, other.Train, 20)
		for i := range a {
			if !slices.Equal(a[i], b[i]) {
				t.Errorf("%s: sample %d changes with the number of samples", name, i)
			}
			if slices.Equal(a[i], c[i]) {
				t.Errorf("%s: sample %d is the same for another seed", name, i)
			}
			if i > 0 && slices.Equal(a[i], a[i-1]) {
				t.Errorf("%s: samples %d and %d are equal", name, i-1, i)
			}
		}
		if few.Train.Values != nil && !slices.Equal(few.Train.Values, many.Train.Values[:20]) {
			t.Errorf("%s: the targets change with the number of samples", name)
		}
		if few.Test != nil && slices.Equal(rows(t, few.Test, 1)[0], a[0]) {
			t.Errorf("%s: the test part repeats the training part", name)
		}
	}
}

func TestLimitOfGeneratedSources(t *testing.T) {
	for _, c := range []struct {
		source  string
		classes []string
		limit   int
		counts  []int
	}{
		{"shapes", nil, 3000, []int{1000, 1000, 1000}},
		{"shapes", nil, 10, []int{4, 3, 3}},
		{"shapes", []string{"triangle", "circle"}, 2001, []int{1001, 1000}},
		{"blobs", nil, 2500, slices.Repeat([]int{250}, 10)},
		{"blobs", []string{"9", "3", "4"}, 9000, []int{3000, 3000, 3000}},
	} {
		cfg := named(c.source)
		cfg.Classes, cfg.Limit = c.classes, &c.limit
		cfg.Split.Validation = new(Amount)
		d := load(t, cfg, Options{})
		counts := d.Train.Counts()
		slices.SortFunc(counts, func(a, b int) int { return b - a }) // which class gets one more is not promised here
		if !slices.Equal(counts, c.counts) {
			t.Errorf("%s %v limit %d: counts %v, want %v", c.source, c.classes, c.limit, counts, c.counts)
		}
	}
	cfg := named("shapes")
	cfg.Limit = new(math.MaxInt32)
	if _, err := Load(cfg, Options{}); err == nil || !strings.HasPrefix(err.Error(), "limit: ") || !strings.Contains(err.Error(), "GiB") {
		t.Errorf("an enormous limit: %v", err)
	}
}

// Least squares find the line y = 2x - 1.
func TestLineIsALine(t *testing.T) {
	s, err := Open(named("line"), Options{Seed: 3})
	if err != nil {
		t.Fatal(err)
	}
	var n, sx, sy, sxx, sxy float64
	for i, r := range rows(t, s.Train, 200) {
		x, y := float64(r[0]), float64(s.Train.Values[i])
		if x < -2 || x > 2 || math.Abs(y-(2*x-1)) > .6 {
			t.Errorf("point %d (%v, %v) is far off", i, x, y)
		}
		n, sx, sy, sxx, sxy = n+1, sx+x, sy+y, sxx+x*x, sxy+x*y
	}
	slope := (n*sxy - sx*sy) / (n*sxx - sx*sx)
	if at := (sy - slope*sx) / n; math.Abs(slope-2) > .03 || math.Abs(at+1) > .04 {
		t.Errorf("the line is %vx %+v", slope, at)
	}
}

// A sine obeys next = 2cos(turn)*last - the one before: what a wave's own steps say about turn predicts its target
// far better than the last value does.
func TestWaveGoesOn(t *testing.T) {
	s, err := Open(named("wave"), Options{Seed: 3})
	if err != nil {
		t.Fatal(err)
	}
	var sine, last float64
	for i, x := range rows(t, s.Train, 1000) {
		bestErr, best := math.Inf(1), 0.
		for turn := .2; turn < 1.1; turn += .005 { // fit the wave of each frequency by least squares
			var cc, cs, ss, cx, sx float64
			for k, v := range x {
				si, co := math.Sincos(turn * float64(k))
				cc, cs, ss, cx, sx = cc+co*co, cs+co*si, ss+si*si, cx+co*float64(v), sx+si*float64(v)
			}
			det := cc*ss - cs*cs
			a, b := (cx*ss-sx*cs)/det, (sx*cc-cx*cs)/det
			e := 0.
			for k, v := range x {
				si, co := math.Sincos(turn * float64(k))
				e += math.Pow(float64(v)-a*co-b*si, 2)
			}
			if e < bestErr {
				si, co := math.Sincos(turn * float64(len(x)))
				bestErr, best = e, a*co+b*si
			}
		}
		y := float64(s.Train.Values[i])
		sine += math.Pow(y-best, 2) / 1000
		last += math.Pow(y-float64(x[len(x)-1]), 2) / 1000
	}
	if sine > .006 || last < .03 {
		t.Errorf("mean squared error %v by the fitted wave, %v by the last value", sine, last)
	}
}

// The nearest centre, estimated from the first half, finds most classes of the second half, not all.
func TestBlobsOverlapALittle(t *testing.T) {
	s, err := Open(named("blobs"), Options{Seed: 3})
	if err != nil {
		t.Fatal(err)
	}
	var centers [10][12]float64
	points := rows(t, s.Train, 2000)
	for i, x := range points[:1000] {
		for f, v := range x {
			centers[s.Train.Labels[i]][f] += float64(v) / 100
		}
	}
	right := 0
	for i, x := range points[1000:] {
		best, bestAt := math.Inf(1), 0
		for c := range centers {
			d := 0.
			for f, v := range x {
				d += math.Pow(float64(v)-centers[c][f], 2)
			}
			if d < best {
				best, bestAt = d, c
			}
		}
		if bestAt == int(s.Train.Labels[1000+i]) {
			right++
		}
	}
	if right < 850 || right > 985 {
		t.Errorf("%d of 1000 are nearest to their own centre", right)
	}
}
