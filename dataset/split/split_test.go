package split

import (
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// goldenCase is a call of scikit-learn and what it gave.
type goldenCase struct {
	Kind        string   `json:"kind"`
	Y           []int32  `json:"y"`
	N           int      `json:"n"`
	TestSize    *float64 `json:"test_size"`
	TrainSize   *float64 `json:"train_size"`
	Stratify    bool     `json:"stratify"`
	Shuffle     *bool    `json:"shuffle"`
	RandomState *uint32  `json:"random_state"`
	Splits      int      `json:"n_splits"`

	Error string          `json:"error"`
	Train []int           `json:"train"`
	Test  json.RawMessage `json:"test"` // rows, or a list of rows a fold
}

func size(x *float64) Size {
	switch {
	case x == nil:
		return Size{}
	case *x == math.Trunc(*x):
		return Size{Count: int(*x)}
	}
	return Size{Share: *x}
}

// Every case of splits.json and random.json was computed by scikit-learn, those that it refuses included.
func TestGoldens(t *testing.T) {
	files, err := filepath.Glob("testdata/*.json")
	if err != nil || len(files) < 2 {
		t.Fatal("no goldens", err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var golden struct{ Cases []goldenCase }
		if err := json.Unmarshal(text, &golden); err != nil {
			t.Fatal(err)
		}
		if len(golden.Cases) < 10 {
			t.Fatalf("%s has only %d cases", file, len(golden.Cases))
		}
		for i, c := range golden.Cases {
			if c.N == 0 {
				c.N = len(c.Y)
			}
			var seed uint32
			if c.RandomState != nil {
				seed = *c.RandomState
			}
			shuffle := c.Shuffle == nil || *c.Shuffle
			var err error
			switch c.Kind {
			case "train_test_split":
				o := Options{Test: size(c.TestSize), Train: size(c.TrainSize), Ordered: !shuffle, RandomState: seed}
				if c.Stratify {
					o.Stratify = c.Y
				}
				var train, test, want []int
				train, test, err = TrainTestSplit(c.N, o)
				if err != nil || c.Error != "" {
					break
				}
				if e := json.Unmarshal(c.Test, &want); e != nil {
					t.Fatal(e)
				}
				if !slices.Equal(train, c.Train) || !slices.Equal(test, want) {
					t.Errorf("%s case %d: got %v %v, want %v %v", file, i, train, test, c.Train, want)
				}
			case "KFold", "StratifiedKFold":
				var folds []Fold
				if c.Kind == "KFold" {
					folds, err = KFold(c.N, c.Splits, FoldOptions{Shuffle: shuffle, RandomState: seed})
				} else {
					folds, err = StratifiedKFold(c.Y, c.Splits, FoldOptions{Shuffle: shuffle, RandomState: seed})
				}
				if err != nil || c.Error != "" {
					break
				}
				var want [][]int
				if e := json.Unmarshal(c.Test, &want); e != nil {
					t.Fatal(e)
				}
				checkFoldRows(t, folds, want, c.N)
			default:
				t.Fatalf("%s case %d: unknown kind %q", file, i, c.Kind)
			}
			if (err != nil) != (c.Error != "") {
				t.Errorf("%s case %d (%s): error %v, scikit-learn's %q", file, i, c.Kind, err, c.Error)
			}
		}
	}
}

func checkFoldRows(t *testing.T, folds []Fold, want [][]int, n int) {
	t.Helper()
	if len(folds) != len(want) {
		t.Fatalf("%d folds, want %d", len(folds), len(want))
	}
	for i, f := range folds {
		if !slices.Equal(f.Test, want[i]) {
			t.Errorf("fold %d: got %v, want %v", i, f.Test, want[i])
		}
		all := slices.Concat(f.Train, f.Test)
		slices.Sort(all)
		if !slices.IsSorted(f.Train) || !slices.Equal(all, sequence(0, n)) {
			t.Errorf("fold %d: training rows %v are not the others in order", i, f.Train)
		}
	}
}

func TestRandomState(t *testing.T) {
	for seed, want := range map[uint32][]int{42: {8, 1, 5, 0, 7, 2, 9, 4, 3, 6}, 0: {2, 8, 4, 9, 1, 6, 7, 3, 0, 5}} {
		if got := newMT(seed).permutation(10); !slices.Equal(got, want) {
			t.Errorf("permutation from seed %d: %v, want %v", seed, got, want)
		}
	}
	m := newMT(42)
	for i, want := range []float64{.3745401188473625, .9507143064099162, .7319939418114051, .5986584841970366} {
		// random_sample takes two draws.
		a, b := m.uint32()>>5, m.uint32()>>6
		if got := (float64(a)*67108864 + float64(b)) / 9007199254740992; got != want {
			t.Errorf("random_sample %d: %v, want %v", i, got, want)
		}
	}
	// The 10,000th output for seed 5489 is fixed by the C++ standard.
	m = newMT(5489)
	var last uint32
	for range 10000 {
		last = m.uint32()
	}
	if last != 4123659995 {
		t.Errorf("10,000th output %d, want 4123659995", last)
	}
}

func TestKnownSplits(t *testing.T) {
	labels := func(counts ...int) []int32 {
		var y []int32
		for c, n := range counts {
			for range n {
				y = append(y, int32(c))
			}
		}
		return y
	}
	for _, c := range []struct {
		name        string
		n           int
		o           Options
		nTrain      int
		nTest       int
		train, test []int // how they start
	}{
		{"a quarter of 10", 10, Options{Test: Size{Share: .25}, RandomState: 42}, 7, 3, []int{0, 7, 2, 9, 4, 3, 6}, []int{8, 1, 5}},
		{"the default", 10, Options{RandomState: 42}, 7, 3, []int{0, 7, 2, 9, 4, 3, 6}, []int{8, 1, 5}},
		{"a fifth of 150", 150, Options{Test: Size{Share: .2}, RandomState: 42}, 120, 30, []int{22, 15, 65, 11, 42}, []int{73, 18, 118, 78, 76}},
		{"rounding up", 101, Options{Test: Size{Share: .2}}, 80, 21, nil, nil},
		{"training share", 101, Options{Train: Size{Share: .6}}, 60, 41, nil, nil},
		{"a third of 7", 7, Options{Test: Size{Share: .33}}, 4, 3, nil, nil},
		{"not shuffled", 10, Options{Ordered: true}, 7, 3, []int{0, 1, 2, 3, 4, 5, 6}, []int{7, 8, 9}},
		{"both, the rest dropped, the test rows follow the training rows", 10, Options{Test: Size{Count: 2}, Train: Size{Count: 5}, Ordered: true}, 5, 2, []int{0, 1, 2, 3, 4}, []int{5, 6}},
		{"stratified", 100, Options{Test: Size{Share: .2}, Stratify: labels(30, 70), RandomState: 42}, 80, 20, []int{3, 83, 62, 92, 69, 22}, []int{80, 96, 84, 44, 6, 32}},
		{"stratified with ties", 27, Options{Test: Size{Share: .25}, Stratify: labels(7, 9, 11), RandomState: 1}, 20, 7, nil, []int{22, 18, 3, 5, 14, 12, 25}},
	} {
		train, test, err := TrainTestSplit(c.n, c.o)
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		if len(train) != c.nTrain || len(test) != c.nTest || !startsWith(train, c.train) || !startsWith(test, c.test) {
			t.Errorf("%s: %d and %d rows, train %v, test %v", c.name, len(train), len(test), train, test)
		}
	}
	y := labels(30, 70)
	train, test, _ := TrainTestSplit(100, Options{Test: Size{Share: .2}, Stratify: y, RandomState: 42})
	if a, b := perClass(y, train), perClass(y, test); !slices.Equal(a, []int{24, 56}) || !slices.Equal(b, []int{6, 14}) {
		t.Errorf("30:70 became %v and %v", a, b)
	}
	y = labels(7, 9, 11)
	train, _, _ = TrainTestSplit(27, Options{Test: Size{Share: .25}, Stratify: y, RandomState: 1})
	if got := perClass(y, train); !slices.Equal(got, []int{5, 7, 8}) {
		t.Errorf("7, 9 and 11 became %v", got)
	}
}

func perClass(y []int32, rows []int) []int {
	counts := make([]int, slices.Max(y)+1)
	for _, r := range rows {
		counts[y[r]]++
	}
	return counts
}

func startsWith(rows, start []int) bool {
	return len(rows) >= len(start) && slices.Equal(rows[:len(start)], start)
}

func TestKnownFolds(t *testing.T) {
	sizes := func(n, k int) []int {
		folds, err := KFold(n, k, FoldOptions{})
		if err != nil {
			t.Fatal(err)
		}
		var out []int
		for _, f := range folds {
			out = append(out, len(f.Test))
		}
		return out
	}
	if got := sizes(10, 3); !slices.Equal(got, []int{4, 3, 3}) {
		t.Errorf("10 in 3: %v", got)
	}
	if got := sizes(11, 4); !slices.Equal(got, []int{3, 3, 3, 2}) {
		t.Errorf("11 in 4: %v", got)
	}
	folds, err := KFold(10, 3, FoldOptions{Shuffle: true, RandomState: 42})
	if err != nil {
		t.Fatal(err)
	}
	checkFoldRows(t, folds, [][]int{{0, 1, 5, 8}, {2, 7, 9}, {3, 4, 6}}, 10)
	folds, err = StratifiedKFold([]int32{0, 1, 1, 0, 2, 1, 0, 2, 1, 2, 0, 1}, 3, FoldOptions{})
	if err != nil {
		t.Fatal(err)
	}
	checkFoldRows(t, folds, [][]int{{0, 1, 3, 4}, {2, 5, 6, 7}, {8, 9, 10, 11}}, 12)
}

func TestRefusals(t *testing.T) {
	two := []int32{0, 0, 0, 0, 1, 1, 1, 1, 1, 1}
	for _, c := range []struct {
		n    int
		o    Options
		want string
	}{
		{10, Options{Test: Size{Share: 1}}, "a share above 0 and below 1, or a count from 1 to 9"},
		{10, Options{Test: Size{Share: math.NaN()}}, "a share above 0 and below 1"},
		{10, Options{Test: Size{Share: -.1}}, "a share above 0 and below 1"},
		{10, Options{Test: Size{Count: 10}}, "the test part cannot be 10 of 10 samples"},
		{10, Options{Train: Size{Count: 11}}, "the training part cannot be 11"},
		{10, Options{Test: Size{Count: 3, Share: .5}}, "cannot be 3"},
		{10, Options{Test: Size{Share: .6}, Train: Size{Share: .5}}, "their sum may be 1 at most"},
		{10, Options{Test: Size{Count: 6}, Train: Size{Count: 5}}, "more than the 10"},
		{3, Options{Test: Size{Share: .99}}, "leaves none for training"},
		{1, Options{}, "1 sample cannot be divided"},
		{10, Options{Ordered: true, Stratify: two}, "turn shuffle on or stratify off"},
		{10, Options{Test: Size{Count: 1}, Stratify: two}, "each of the 2 classes in the test part"},
		{10, Options{Test: Size{Count: 9}, Stratify: two}, "each of the 2 classes in the training part"},
		{4, Options{Test: Size{Count: 2}, Stratify: []int32{0, 0, 0, 3}}, "class 3 has 1 sample"},
	} {
		_, _, err := TrainTestSplit(c.n, c.o)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%d %+v: error %v, want %q in it", c.n, c.o, err, c.want)
		}
	}
	for want, try := range map[string]func() error{
		"needs 2 to 10":                        func() error { _, err := KFold(10, 1, FoldOptions{}); return err },
		"more than the 10 samples":             func() error { _, err := KFold(10, 11, FoldOptions{}); return err },
		"1 sample cannot be cut":               func() error { _, err := KFold(1, 2, FoldOptions{}); return err },
		"the 6 samples of the largest class":   func() error { _, err := StratifiedKFold(two, 7, FoldOptions{}); return err },
		"0 samples cannot be cut into folds; ": func() error { _, err := StratifiedKFold(nil, 2, FoldOptions{}); return err },
	} {
		if err := try(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q in it", err, want)
		}
	}
}

// The parts never share a row, whatever the options.
func TestPartsAreDisjoint(t *testing.T) {
	for seed := range uint32(50) {
		n := 4 + int(seed)*3
		y := make([]int32, n)
		for i := range y {
			y[i] = int32(i % 2)
		}
		for _, o := range []Options{{Test: Size{Share: .3}}, {Test: Size{Count: 2}, Train: Size{Count: 2}}, {Stratify: y, Test: Size{Share: .5}}} {
			o.RandomState = seed
			train, test, err := TrainTestSplit(n, o)
			if err != nil {
				t.Fatal(err)
			}
			all := slices.Concat(train, test)
			slices.Sort(all)
			if len(slices.Compact(slices.Clone(all))) != len(all) || all[0] < 0 || all[len(all)-1] >= n {
				t.Fatalf("seed %d, %+v: rows %v", seed, o, all)
			}
			again, _, _ := TrainTestSplit(n, o)
			if !reflect.DeepEqual(train, again) {
				t.Fatal("the same call gave other rows")
			}
		}
	}
}
