package dataset

import (
	"hash/maphash"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// tables is data of three parts whose samples are these rows, and the class of each row.
func tables(train, validation, test [][]float32) *Data {
	set := func(rows [][]float32) *Set {
		if rows == nil {
			return nil
		}
		return &Set{Samples: Floats([]int{len(rows[0])}, slices.Concat(rows...)), Labels: make([]int32, len(rows))}
	}
	src := &Source{Name: "rows", Shape: []int{len(train[0])}, Classes: []string{"a"}, Train: set(train), Validation: set(validation), Test: set(test)}
	cfg := named("rows")
	cfg.Split.Validation = new(Amount(0))
	if validation != nil {
		cfg.Split.Validation = nil
	}
	d, err := Divide(src, cfg, Options{})
	if err != nil {
		panic(err)
	}
	return d
}

func TestOverlaps(t *testing.T) {
	r := func(v ...float32) [][]float32 {
		var rows [][]float32
		for _, x := range v {
			rows = append(rows, []float32{x, 2 * x})
		}
		return rows
	}
	for _, c := range []struct {
		name                    string
		train, validation, test [][]float32
		want                    []Overlap
	}{
		{"nothing", r(1, 2, 3), r(4), r(5, 6), nil},
		{"one part", r(1, 2, 1, 3, 2, 1), nil, nil, []Overlap{{"train", "train", 3, []Twin{{2, 0}, {4, 1}, {5, 0}}}}},
		{"both sides", r(1, 2, 3), r(9, 3, 3), nil, []Overlap{
			{"validation", "train", 2, []Twin{{1, 2}, {2, 2}}}, {"validation", "validation", 1, []Twin{{2, 1}}}}},
		{"all three", r(5, 7), r(7), r(8, 7, 7), []Overlap{
			{"validation", "train", 1, []Twin{{0, 1}}}, {"test", "train", 2, []Twin{{1, 1}, {2, 1}}}, {"test", "validation", 2, []Twin{{1, 0}, {2, 0}}},
			{"test", "test", 1, []Twin{{2, 1}}}}},
		{"nearly equal is not equal", [][]float32{{1, 2}, {1, 2.0000002}}, nil, [][]float32{{2, 1}}, nil},
	} {
		got, err := tables(c.train, c.validation, c.test).Overlaps(t.Context(), Pass{})
		if err != nil || !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s: %v %v, want %v", c.name, got, err, c.want)
		}
	}
}

// Whatever the hash, the samples that are found are those that a comparison of every pair finds.
func TestOverlapsAgainstEveryPair(t *testing.T) {
	seed := maphash.MakeSeed()
	for name, hash := range map[string]func([]byte) uint64{
		"one for all": func([]byte) uint64 { return 7 },
		"few":         func(b []byte) uint64 { return maphash.Bytes(seed, b) % 5 },
	} {
		for run := range uint64(20) {
			draw := rand.New(rand.NewPCG(run, 1))
			some := func(n int) [][]float32 {
				rows := make([][]float32, n)
				for i := range rows {
					rows[i] = []float32{float32(draw.IntN(4)), float32(draw.IntN(3)), float32(draw.IntN(3))}
				}
				return rows
			}
			parts := [][][]float32{some(30), some(12), some(9)}
			got, err := tables(parts[0], parts[1], parts[2]).overlaps(t.Context(), Pass{}, hash)
			if err != nil {
				t.Fatal(err)
			}
			var want []Overlap
			for _, leaks := range []bool{true, false} {
				for p := range parts {
					for in := range p + 1 {
						if (in != p) != leaks {
							continue
						}
						o := Overlap{Part: partNames[p], In: partNames[in]}
						for i, row := range parts[p] {
							of := slices.IndexFunc(parts[in], func(other []float32) bool { return slices.Equal(row, other) })
							if of < 0 || in == p && of == i {
								continue
							}
							if o.Count++; len(o.Twins) < mostTwins {
								o.Twins = append(o.Twins, Twin{i, of})
							}
						}
						if o.Count > 0 {
							want = append(want, o)
						}
					}
				}
			}
			if !reflect.DeepEqual(got, want) {
				t.Fatalf("%s, run %d:\n%v\nwant\n%v", name, run, got, want)
			}
		}
	}
}

// Pictures count as what the network gets of them: in its size and colour, but before rescale, which may make
// different ones equal.
func TestOverlapsOfPictures(t *testing.T) {
	dir := tree(t, map[string][]byte{
		"train/cat/1.png": shaded(t, 8, 8, 10), "train/cat/2.png": shaded(t, 8, 8, 20), "train/dog/3.png": shaded(t, 8, 8, 30),
		"test/cat/4.png": shaded(t, 8, 8, 20), "test/dog/5.png": shaded(t, 8, 8, 40), "test/dog/6.png": shaded(t, 8, 8, 10),
	})
	cfg := named(dir)
	cfg.Split.Validation = new(Amount(0))
	cfg.Standardize.SamplewiseCenter = true // all of one shade pictures become 0
	d := load(t, cfg, Options{})
	got, err := d.Overlaps(t.Context(), Pass{})
	if err != nil {
		t.Fatal(err)
	}
	var text []string
	for _, o := range got {
		if o.Part != "test" || o.In != "train" || !o.Leak() {
			t.Errorf("%+v", o)
		}
		for _, w := range o.Twins {
			text = append(text, d.Pair(&o, w))
		}
	}
	want := "test/cat/4.png = train/cat/2.png; test/dog/6.png (dog) = train/cat/1.png (cat)"
	if strings.Join(text, "; ") != want {
		t.Errorf("%q, want %q", text, want)
	}
}

// No sample of the sources that come along is there twice.
func TestOverlapsOfSources(t *testing.T) {
	for _, source := range []string{"fashion-mini", "shapes", "blobs", "wave", "line"} {
		found, err := load(t, named(source), Options{Seed: 42}).Overlaps(t.Context(), Pass{})
		if err != nil || found != nil {
			t.Errorf("%s: %v %v", source, found, err)
		}
	}
}
