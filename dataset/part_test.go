package dataset

import (
	"slices"
	"sync"
	"testing"

	"cnnbench/spec"
)

// prepared is a data section under which a sample goes through every stage.
func prepared(source string) Config {
	cfg := named(source)
	cfg.Image = ImageConfig{Size: new(spec.Pair{20, 24}), Color: new("rgb"), Interpolation: "bilinear"}
	cfg.Rescale = new(1. / 255)
	return cfg
}

// poolLeaks is set where allocations cannot be counted.
var poolLeaks bool

func TestReadDoesNotAllocate(t *testing.T) {
	if poolLeaks {
		t.Skip("the race detector makes sync.Pool allocate")
	}
	for _, cfg := range []Config{named("fashion-mini"), prepared("fashion-mini"), named("shapes"), named("wave"), named("blobs")} {
		d := load(t, cfg, Options{})
		x, raw := make([]float32, volume(d.Shape)), make([]float32, volume(d.Source.Shape))
		i := 0
		n := testing.AllocsPerRun(200, func() {
			i = (i + 1) % d.Train.Len()
			if d.Train.Read(x, i) != nil || d.Train.Raw(raw, i) != nil || d.Train.Label(i) < -1 || d.Train.Target(i) == nil && d.Classes == nil {
				t.Fatal("reading failed")
			}
		})
		if n != 0 {
			t.Errorf("%s to %v: %v allocations a sample", cfg.Source, d.Shape, n)
		}
	}
}

// Several readers get what one gets.
func TestReadConcurrently(t *testing.T) {
	d := load(t, prepared("shapes"), Options{})
	n := volume(d.Shape)
	want := make([][]float32, 60)
	for i := range want {
		want[i] = make([]float32, n)
		if err := d.Train.Read(want[i], i); err != nil {
			t.Fatal(err)
		}
	}
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			x := make([]float32, n)
			for i := range want {
				if err := d.Train.Read(x, i); err != nil || !slices.Equal(x, want[i]) {
					t.Errorf("sample %d differs: %v", i, err)
				}
			}
		})
	}
	wg.Wait()
}

// Bytes stay bytes: a picture takes one byte a value, in every part.
func TestPicturesStayBytes(t *testing.T) {
	for _, name := range []string{"fashion-mini", "shapes"} {
		d := load(t, named(name), Options{})
		for _, set := range []*Set{d.Source.Train, d.Source.Test} {
			m, ok := set.Samples.(bytesInMemory)
			if !ok {
				t.Fatalf("%s is kept as %T", name, set.Samples)
			}
			if got, want := cap(m.data), len(set.Labels)*volume(d.Source.Shape); got > want+want/2 {
				t.Errorf("%s takes %d bytes for %d values", name, got, want)
			}
		}
	}
}

func TestRawIsAsStored(t *testing.T) {
	d := load(t, prepared("fashion-mini"), Options{})
	raw, want := make([]float32, 784), make([]float32, 784)
	for i := range 5 {
		if err := d.Validation.Raw(raw, i); err != nil {
			t.Fatal(err)
		}
		if err := d.Source.Train.Samples.Read(want, d.Validation.Index[i]); err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(raw, want) || slices.Max(raw) < 2 {
			t.Errorf("sample %d is not as stored", i)
		}
	}
	if !slices.Equal(d.Validation.RawShape(), []int{28, 28, 1}) || !slices.Equal(d.Validation.Shape(), []int{20, 24, 3}) {
		t.Error("wrong shapes")
	}
	if d.Part("train") != d.Train || d.Part("validation") != d.Validation || d.Part("test") != d.Test || d.Part("x") != nil {
		t.Error("parts are not found by name")
	}
}

func TestSubsetKeepsTargets(t *testing.T) {
	d := load(t, named("line"), Options{})
	s := d.Train.Subset([]int{5, 2, 9})
	for i, at := range []int{5, 2, 9} {
		if s.Index[i] != d.Train.Index[at] || s.Target(i)[0] != d.Train.Target(at)[0] {
			t.Errorf("position %d has another row or target", i)
		}
	}
	if s.Len() != 3 || s.Subset(nil).Len() != 0 {
		t.Error("wrong length")
	}
}

func BenchmarkReadPrepared(b *testing.B) {
	d, err := Load(prepared("fashion-mini"), Options{})
	if err != nil {
		b.Fatal(err)
	}
	x := make([]float32, volume(d.Shape))
	for i := 0; b.Loop(); i++ {
		if err := d.Train.Read(x, i%d.Train.Len()); err != nil {
			b.Fatal(err)
		}
	}
}
