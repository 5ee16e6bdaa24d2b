package dataset

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"cnnbench/dataset/split"
	"cnnbench/spec"
)

// table is a source whose sample i is the number i, with these labels in the training part.
func table(labels []int32, classes ...string) *Source {
	set := func(labels []int32) *Set {
		data := make([]float32, len(labels))
		for i := range data {
			data[i] = float32(i)
		}
		return &Set{Samples: Floats([]int{1}, data), Labels: labels}
	}
	return &Source{Name: "table", Shape: []int{1}, Classes: classes, Train: set(labels)}
}

// inTurnOf deals n labels over k classes.
func tableOf(n, k int) *Source { return table(inTurn(n, k), numbers(k)...) }

func divide(t *testing.T, s *Source, cfg Config, opt Options) *Data {
	t.Helper()
	d, err := Divide(s, cfg, opt)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func counts(d *Data) [3]int {
	var n [3]int
	for i, p := range []*Part{d.Train, d.Validation, d.Test} {
		if p != nil {
			n[i] = p.Len()
		}
	}
	return n
}

func TestSplitSizes(t *testing.T) {
	all := func(own string) *Source {
		s := tableOf(100, 4)
		if strings.Contains(own, "v") {
			s.Validation = tableOf(30, 4).Train
		}
		if strings.Contains(own, "t") {
			s.Test = tableOf(50, 4).Train
		}
		return s
	}
	a := func(x float64) *Amount { return new(Amount(x)) }
	for _, c := range []struct {
		own              string
		test, validation *Amount
		want             [3]int // training, validation, test
		from             string // of validation and test
	}{
		{"", nil, nil, [3]int{80, 20, 0}, "train "},
		{"", a(.2), nil, [3]int{60, 20, 20}, "train train"},
		{"", a(.2), a(.2), [3]int{60, 20, 20}, "train train"},
		{"", a(.25), a(.25), [3]int{50, 25, 25}, "train train"},
		{"", a(.333), a(.111), [3]int{54, 12, 34}, "train train"}, // both rounded up
		{"", a(7), a(9), [3]int{84, 9, 7}, "train train"},
		{"", a(0), a(0), [3]int{100, 0, 0}, " "},
		{"", nil, a(0), [3]int{100, 0, 0}, " "},
		{"t", nil, nil, [3]int{80, 20, 50}, "train test"},
		{"t", a(.1), nil, [3]int{70, 20, 10}, "train train"},
		{"t", a(0), nil, [3]int{80, 20, 0}, "train "},
		{"v", nil, nil, [3]int{100, 30, 0}, "validation "},
		{"v", a(.1), nil, [3]int{90, 30, 10}, "validation train"},
		{"v", nil, a(.1), [3]int{90, 10, 0}, "train "},
		{"vt", nil, nil, [3]int{100, 30, 50}, "validation test"},
		{"vt", nil, a(0), [3]int{100, 0, 50}, " test"},
		{"vt", a(40), a(40), [3]int{20, 40, 40}, "train train"},
	} {
		cfg := NewConfig()
		cfg.Split.Test, cfg.Split.Validation = c.test, c.validation
		d := divide(t, all(c.own), cfg, Options{})
		var from [2]string
		for i, p := range []*Part{d.Validation, d.Test} {
			if p != nil {
				from[i] = p.From
			}
		}
		if got := counts(d); got != c.want || from[0]+" "+from[1] != c.from {
			t.Errorf("own %q, test %v, validation %v: %v from %q, want %v from %q", c.own, c.test, c.validation, got, from, c.want, c.from)
		}
	}
}

// The parts are those of two calls of train_test_split with one random_state.
func TestSplitIsTwoCalls(t *testing.T) {
	const n = 90
	labels := inTurn(n, 3)
	for _, c := range []struct {
		stratify bool
		shuffle  bool
		state    *int
		seed     uint64
		mt       uint32
	}{
		{false, true, nil, 42, 42}, {true, true, nil, 42, 42}, {true, true, new(7), 42, 7}, {false, false, nil, 1, 0},
		{false, true, nil, 5<<32 | 3, 5 ^ 3}, {false, true, new(0), 9, 0},
	} {
		cfg := NewConfig()
		cfg.Split = SplitConfig{Test: new(Amount(.2)), Validation: new(Amount(.2)), Shuffle: c.shuffle, Stratify: c.stratify, RandomState: c.state}
		d := divide(t, tableOf(n, 3), cfg, Options{Seed: c.seed})

		o := split.Options{Test: split.Size{Share: .2}, Ordered: !c.shuffle, RandomState: c.mt}
		if c.stratify {
			o.Stratify = labels
		}
		rest, test, err := split.TrainTestSplit(n, o)
		if err != nil {
			t.Fatal(err)
		}
		o.Test = split.Size{Count: 18}
		if c.stratify {
			o.Stratify = nil
			for _, row := range rest {
				o.Stratify = append(o.Stratify, labels[row])
			}
		}
		train, validation, err := split.TrainTestSplit(len(rest), o)
		if err != nil {
			t.Fatal(err)
		}
		of := func(positions []int) (rows []int) {
			for _, p := range positions {
				rows = append(rows, rest[p])
			}
			return rows
		}
		if !slices.Equal(d.Test.Index, test) || !slices.Equal(d.Train.Index, of(train)) || !slices.Equal(d.Validation.Index, of(validation)) {
			t.Errorf("%+v: rows %v, %v, %v", c, d.Train.Index, d.Validation.Index, d.Test.Index)
		}
		x := make([]float32, 1)
		for _, p := range []*Part{d.Train, d.Validation, d.Test} {
			for i, row := range p.Index {
				if err := p.Read(x, i); err != nil || x[0] != float32(row) || p.Label(i) != int(labels[row]) {
					t.Fatalf("sample %d: %v with label %d, want row %d with %d", i, x, p.Label(i), row, labels[row])
				}
			}
		}
		if c.stratify && (!slices.Equal(d.Test.Counts(), []int{6, 6, 6}) || !slices.Equal(d.Validation.Counts(), []int{6, 6, 6})) {
			t.Errorf("counts %v and %v", d.Test.Counts(), d.Validation.Counts())
		}
	}
}

func TestClassesAndLimit(t *testing.T) {
	s := table([]int32{0, 1, 2, 0, 0, 1, 2, 2, 2, 2, 1, 0}, "a", "b", "c")
	s.Test = table([]int32{2, 0, 1, 1}, "a", "b", "c").Train
	for _, c := range []struct {
		classes []string
		limit   int
		rows    []int
		labels  []int
		test    []int
	}{
		{nil, 0, []int{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11}, []int{0, 1, 2, 0, 0, 1, 2, 2, 2, 2, 1, 0}, []int{0, 1, 2, 3}},
		{[]string{"c", "a"}, 0, []int{0, 2, 3, 4, 6, 7, 8, 9, 11}, []int{1, 0, 1, 1, 0, 0, 0, 0, 1}, []int{0, 1}},
		{nil, 6, []int{0, 1, 2, 3, 5, 6}, []int{0, 1, 2, 0, 1, 2}, []int{0, 1, 2, 3}},
		{nil, 7, []int{0, 1, 2, 3, 4, 5, 6}, []int{0, 1, 2, 0, 0, 1, 2}, []int{0, 1, 2, 3}},
		{[]string{"c", "b"}, 7, []int{1, 2, 5, 6, 7, 8, 10}, []int{1, 0, 1, 0, 0, 0, 1}, []int{0, 2, 3}}, // b has only 3: c gets 4
		{[]string{"b"}, 99, []int{1, 5, 10}, []int{0, 0, 0}, []int{2, 3}},
	} {
		cfg := NewConfig()
		cfg.Classes = c.classes
		if c.limit > 0 {
			cfg.Limit = &c.limit
		}
		cfg.Split.Validation = new(Amount)
		d := divide(t, s, cfg, Options{})
		var labels []int
		for i := range d.Train.Len() {
			labels = append(labels, d.Train.Label(i))
		}
		if !slices.Equal(d.Train.Index, c.rows) || !slices.Equal(labels, c.labels) || !slices.Equal(d.Test.Index, c.test) {
			t.Errorf("%v limit %d: rows %v, labels %v, test %v", c.classes, c.limit, d.Train.Index, labels, d.Test.Index)
		}
		if want := c.classes; want != nil && !slices.Equal(d.Classes, want) {
			t.Errorf("classes %v, want %v", d.Classes, want)
		}
	}
}

// The lecture's network: 1,500 of three classes, 60:20:20, each class alike.
func TestLectureData(t *testing.T) {
	cfg := named("fashion-mini")
	cfg.Classes = []string{"T-shirt", "Trouser", "Pullover"}
	cfg.Limit = new(1500)
	cfg.Image = ImageConfig{Size: new(spec.Square(24)), Color: new("rgb"), Interpolation: "bilinear"}
	cfg.Rescale = new(1. / 255)
	cfg.Split = SplitConfig{Test: new(Amount(.2)), Validation: new(Amount(.2)), Shuffle: true, Stratify: true}
	d := load(t, cfg, Options{Seed: 42})
	if got := counts(d); got != [3]int{900, 300, 300} || !slices.Equal(d.Shape, []int{24, 24, 3}) {
		t.Errorf("%v of shape %v", got, d.Shape)
	}
	seen := map[int]bool{}
	x := make([]float32, 24*24*3)
	for _, p := range []*Part{d.Train, d.Validation, d.Test} {
		if c := p.Counts(); c[0] != c[1] || c[1] != c[2] {
			t.Errorf("counts %v", c)
		}
		for i, row := range p.Index {
			if p.From != "train" || seen[row] || d.Source.Train.Labels[row] != int32(p.Label(i)) {
				t.Fatalf("row %d of %s stands in two parts, or with another label", row, p.From)
			}
			seen[row] = true
			if err := p.Read(x, i); err != nil {
				t.Fatal(err)
			}
			if lo, hi := slices.Min(x), slices.Max(x); lo < 0 || hi > 1 || hi < .1 || x[0] != x[1] || x[1] != x[2] {
				t.Fatalf("row %d has values from %v to %v", row, lo, hi)
			}
		}
	}
}

func TestDivideRefuses(t *testing.T) {
	values := &Source{Name: "v", Shape: []int{1}, Width: 1, Train: &Set{Samples: Floats([]int{1}, make([]float32, 10)), Values: make([]float32, 10)}}
	a := func(x float64) *Amount { return new(Amount(x)) }
	for _, c := range []struct {
		key    string
		want   string
		source *Source
		change func(*Config)
	}{
		{"classes", `has no class "d"; its classes are a, b, c`, table([]int32{0, 1, 2, 0}, "a", "b", "c"), func(c *Config) { c.Classes = []string{"a", "d"} }},
		{"classes", `no training sample of class "c"`, table([]int32{0, 1, 0}, "a", "b", "c"), func(c *Config) { c.Classes = []string{"a", "c"} }},
		{"classes", "values for targets", values, func(c *Config) { c.Classes = []string{"a"} }},
		{"split.stratify", "turn stratify off", values, func(c *Config) { c.Split.Stratify = true }},
		{"split.test", "leave none for training", tableOf(10, 2), func(c *Config) { c.Split.Test = a(10) }},
		{"split.validation", "6 of 5 samples leave none for training", tableOf(10, 2), func(c *Config) { c.Split.Test, c.Split.Validation = a(5), a(6) }},
		{"split.validation", "1 of 1 samples", tableOf(1, 1), func(c *Config) {}},
		{"split.validation", "in the validation part", tableOf(40, 4), func(c *Config) { c.Split.Validation, c.Split.Stratify = a(3), true }},
		{"split.test", "class 1 has 1 sample", table([]int32{0, 0, 0, 0, 1}, "a", "b"), func(c *Config) { c.Split.Test, c.Split.Stratify = a(2), true }},
		{"image", "are no pictures", values, func(c *Config) { c.Image.Color = new("rgb") }},
	} {
		cfg := NewConfig()
		c.change(&cfg)
		_, err := Divide(c.source, cfg, Options{})
		var fe *spec.FieldError
		if !errors.As(err, &fe) || fe.Key != c.key || !strings.Contains(err.Error(), c.want) {
			t.Errorf("error %v, want %q at %s", err, c.want, c.key)
		}
	}
}

// Where values are asked for, class numbers become a column, after the classes were chosen by them.
func TestLabelsAsValues(t *testing.T) {
	cfg := NewConfig()
	cfg.Classes = []string{"c", "a"}
	cfg.Split = SplitConfig{Validation: new(Amount(.5)), Shuffle: true, Stratify: true}
	d := divide(t, table([]int32{0, 1, 2, 0, 2, 1, 0, 2, 2, 0}, "a", "b", "c"), cfg, Options{Targets: Values})
	if d.Classes != nil || d.Width != 1 || d.Train.Counts() != nil || d.Train.Label(0) != -1 {
		t.Errorf("classes %v, width %d", d.Classes, d.Width)
	}
	for _, p := range []*Part{d.Train, d.Validation} {
		var sum float32
		for i := range p.Len() {
			sum += p.Target(i)[0]
		}
		if p.Len() != 4 || sum != 2 {
			t.Errorf("%d samples with sum %v", p.Len(), sum)
		}
	}
}

func TestEvenly(t *testing.T) {
	for _, c := range []struct {
		have   []int
		places int
		want   []int
	}{
		{[]int{5, 5, 5}, 6, []int{2, 2, 2}},
		{[]int{5, 5, 5}, 7, []int{3, 2, 2}},
		{[]int{1, 9, 3}, 10, []int{1, 6, 3}},
		{[]int{0, 4, 4}, 5, []int{0, 3, 2}},
		{[]int{2, 2}, 99, []int{2, 2}},
		{[]int{3, 3}, 1, []int{1, 0}},
		{nil, 3, nil},
	} {
		if got := evenly(c.have, c.places); !slices.Equal(got, c.want) {
			t.Errorf("%d over %v: %v, want %v", c.places, c.have, got, c.want)
		}
	}
}
