package dataset

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"sync"
	"testing"

	"cnnbench/dataset/augment"
	"cnnbench/rng"
)

// noise is a source of n random pictures of bytes, and its bytes.
func noise(n int, shape ...int) (*Source, []uint8) {
	data := make([]uint8, n*volume(shape))
	s := rng.New(4, rng.Data, 0, 0).Stream()
	for i := range data {
		data[i] = uint8(s.IntN(256))
	}
	labels := make([]int32, n)
	for i := range labels {
		labels[i] = int32(i % 3)
	}
	return &Source{Name: "pictures", Shape: shape, Classes: []string{"a", "b", "c"}, Train: &Set{Samples: Bytes(shape, data), Labels: labels}}, data
}

func augmented(t *testing.T, seed uint64, change func(*Config)) (*Data, []uint8) {
	t.Helper()
	src, data := noise(60, 12, 10, 3)
	cfg := NewConfig()
	cfg.Source, cfg.Rescale = "pictures", new(1./255)
	cfg.Augment.RotationRange, cfg.Augment.WidthShiftRange, cfg.Augment.HorizontalFlip = 40, augment.Shift{Most: .2}, true
	change(&cfg)
	d, err := Divide(src, cfg, Options{Seed: seed})
	if err != nil {
		t.Fatal(err)
	}
	return d, data
}

func all(t *testing.T, p *Part, pass int, backwards bool) []float32 {
	t.Helper()
	size := volume(p.Shape())
	out := make([]float32, p.Len()*size)
	var wg sync.WaitGroup
	for k := range p.Len() {
		i := k
		if backwards {
			i = p.Len() - 1 - k
		}
		wg.Go(func() {
			if _, err := p.Augmented(out[i*size:(i+1)*size], i, pass); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	return out
}

func TestAugmentedFollowsFromTheKeyAlone(t *testing.T) {
	d, data := augmented(t, 1, func(*Config) {})
	before := slices.Clone(data)
	first := all(t, d.Train, 0, false)
	if !slices.Equal(first, all(t, d.Train, 0, true)) {
		t.Error("another order of asking gives other bits")
	}
	if slices.Equal(first, all(t, d.Train, 1, false)) {
		t.Error("the second pass shows the pictures of the first")
	}
	other, _ := augmented(t, 2, func(c *Config) { c.Split.RandomState = new(1) })
	same, _ := augmented(t, 1, func(c *Config) { c.Split.RandomState = new(1) })
	if slices.Equal(all(t, other.Train, 0, false), all(t, same.Train, 0, false)) {
		t.Error("another seed shows the same pictures")
	}
	if !slices.Equal(before, data) {
		t.Error("the originals were changed")
	}
	plain, _ := augmented(t, 1, func(c *Config) { c.Augment = augment.New() })
	size := volume(d.Shape)
	a, b := make([]float32, size), make([]float32, size)
	for _, name := range []string{"validation", "train"} {
		for i := range d.Part(name).Len() {
			if err := d.Part(name).Read(a, i); err != nil {
				t.Fatal(err)
			}
			if err := plain.Part(name).Read(b, i); err != nil {
				t.Fatal(err)
			}
			if !slices.Equal(a, b) {
				t.Errorf("sample %d of the %s part reads deformed", i, name)
			}
		}
	}
	if d.Validation.Augments() || plain.Train.Augments() || !d.Train.Augments() {
		t.Error("only the training part augments, and only if told")
	}
}

// TestDrawsBelongToRows: a sample keeps its draws whatever other samples there are.
func TestDrawsBelongToRows(t *testing.T) {
	a, _ := augmented(t, 1, func(*Config) {})
	b, _ := augmented(t, 1, func(c *Config) { c.Split.Validation, c.Classes = new(Amount(0)), []string{"b", "c"} })
	x := make([]float32, volume(a.Shape))
	found := 0
	for i, row := range a.Train.Index {
		j := slices.Index(b.Train.Index, row)
		if j < 0 {
			continue
		}
		found++
		da, errA := a.Train.Augmented(x, i, 3)
		db, errB := b.Train.Augmented(x, j, 3)
		if da != db || errA != nil || errB != nil {
			t.Errorf("row %d drew %+v and %+v (%v, %v)", row, da, db, errA, errB)
		}
	}
	if found < 20 {
		t.Errorf("only %d rows in both", found)
	}
}

// TestAugmentedOrder: the deformed picture is rescaled after it was deformed; cval is a value as stored.
func TestAugmentedOrder(t *testing.T) {
	d, data := augmented(t, 1, func(c *Config) {
		c.Augment = augment.New()
		c.Augment.RandomErasing, c.Augment.Cval = 1, 255
	})
	x := make([]float32, volume(d.Shape))
	drawn, err := d.Train.Augmented(x, 0, 0)
	if err != nil {
		t.Fatal(err)
	}
	r := drawn.Erase
	for row := range 12 {
		for col := range 10 {
			want := float32(data[(d.Train.Index[0]*120+row*10+col)*3]) * float32(1./255)
			if row >= r.Top && row < r.Top+r.Rows && col >= r.Left && col < r.Left+r.Cols {
				want = 255 * float32(1./255)
			}
			if got := x[(row*10+col)*3]; got != want {
				t.Fatalf("row %d column %d is %v, want %v", row, col, got, want)
			}
		}
	}
}

// TestMixup: a mixed picture is the sum of the shares of two that the pass would show alone.
func TestMixup(t *testing.T) {
	alone, _ := augmented(t, 1, func(*Config) {})
	d, _ := augmented(t, 1, func(c *Config) { c.Augment.Mixup = 1 })
	single := all(t, alone.Train, 2, false)
	size := volume(d.Shape)
	x := make([]float32, size)
	partners := map[int]bool{}
	for i := range d.Train.Len() {
		drawn, err := d.Train.Augmented(x, i, 2)
		if err != nil {
			t.Fatal(err)
		}
		partners[drawn.MixWith] = true
		for k, v := range x {
			want := (1-drawn.Mix)*float64(single[i*size+k]) + drawn.Mix*float64(single[drawn.MixWith*size+k])
			if math.Abs(float64(v)-want) > 1e-6 {
				t.Fatalf("sample %d, value %d is %v, want %v", i, k, v, want)
			}
		}
	}
	if len(partners) < 15 {
		t.Errorf("only %d partners", len(partners))
	}
	if !slices.Equal(all(t, d.Train, 2, false), all(t, d.Train, 2, true)) {
		t.Error("another order of asking gives other bits")
	}
}

func TestAugmentRefuses(t *testing.T) {
	src, _ := noise(30, 12)
	cfg := NewConfig()
	cfg.Source, cfg.Augment.HorizontalFlip = "pictures", true
	if _, err := Divide(src, cfg, Options{}); err == nil || !strings.HasPrefix(err.Error(), "augment: ") {
		t.Errorf("no pictures: %v", err)
	}
	src, _ = noise(30, 6, 6, 1)
	cfg.Augment.RandomCrop = 6
	if _, err := Divide(src, cfg, Options{}); err == nil || !strings.HasPrefix(err.Error(), "augment.random_crop: ") {
		t.Errorf("too large a crop: %v", err)
	}
}

func standardized(t *testing.T, p *Part) []float64 {
	t.Helper()
	size := volume(p.Shape())
	out := make([]float64, 0, p.Len()*size)
	x := make([]float32, size)
	for i := range p.Len() {
		if err := p.Read(x, i); err != nil {
			t.Fatal(err)
		}
		for _, v := range x {
			out = append(out, float64(v))
		}
	}
	return out
}

func moments(x []float64, from, step int) (mean, std float64) {
	n := 0.0
	for i := from; i < len(x); i += step {
		mean += x[i]
		n++
	}
	mean /= n
	for i := from; i < len(x); i += step {
		std += (x[i] - mean) * (x[i] - mean)
	}
	return mean, math.Sqrt(std / n)
}

func TestSamplewise(t *testing.T) {
	d, _ := augmented(t, 1, func(c *Config) { c.Standardize = Standardize{SamplewiseStd: true} })
	x := standardized(t, d.Validation)
	for i := range d.Validation.Len() {
		if mean, std := moments(x[i*360:(i+1)*360], 0, 1); math.Abs(mean) > 1e-6 || math.Abs(std-1) > 1e-5 {
			t.Errorf("sample %d has mean %v and deviation %v", i, mean, std)
		}
	}
	d, _ = augmented(t, 1, func(c *Config) { c.Standardize = Standardize{SamplewiseCenter: true} })
	if mean, std := moments(standardized(t, d.Train)[:360], 0, 1); math.Abs(mean) > 1e-6 || std > .4 {
		t.Errorf("centred only: mean %v, deviation %v", mean, std)
	}
}

func TestFeaturewise(t *testing.T) {
	plain, _ := augmented(t, 1, func(*Config) {})
	d, _ := augmented(t, 1, func(c *Config) { c.Standardize = Standardize{FeaturewiseStd: true} })
	train, validation := standardized(t, plain.Train), standardized(t, plain.Validation)
	gotTrain, gotValidation := standardized(t, d.Train), standardized(t, d.Validation)
	for c := range 3 {
		mean, std := moments(train, c, 3)
		if math.Abs(mean-d.Features.Mean[c]) > 1e-12 || math.Abs(std-d.Features.Std[c]) > 1e-12 {
			t.Errorf("channel %d: %v and %v, want %v and %v", c, d.Features.Mean[c], d.Features.Std[c], mean, std)
		}
		for i := c; i < len(train); i += 3 {
			if want := (train[i] - mean) / (std + 1e-6); math.Abs(gotTrain[i]-want) > 1e-5 {
				t.Fatalf("training value %d is %v, want %v", i, gotTrain[i], want)
			}
		}
		for i := c; i < len(validation); i += 3 {
			if want := (validation[i] - mean) / (std + 1e-6); math.Abs(gotValidation[i]-want) > 1e-5 {
				t.Fatalf("validation value %d is %v, want %v", i, gotValidation[i], want)
			}
		}
	}
	x, y := make([]float32, 360), make([]float32, 360)
	if _, err := d.Train.Augmented(x, 0, 0); err != nil {
		t.Fatal(err)
	}
	if _, err := plain.Train.Augmented(y, 0, 0); err != nil {
		t.Fatal(err)
	}
	for i := range x {
		c := i % 3
		if want := (float64(y[i]) - d.Features.Mean[c]) / (d.Features.Std[c] + 1e-6); math.Abs(float64(x[i])-want) > 1e-5 {
			t.Fatalf("augmented value %d is %v, want %v", i, x[i], want)
		}
	}
}

// TestFeaturesGiven: a session's own statistics count, not those of the data at hand.
func TestFeaturesGiven(t *testing.T) {
	src, _ := noise(10, 2, 2, 1)
	cfg := NewConfig()
	cfg.Source, cfg.Standardize.FeaturewiseCenter = "pictures", true
	given := &Features{Mean: []float64{1000}, Std: []float64{2}}
	d, err := Divide(src, cfg, Options{Features: given})
	if err != nil {
		t.Fatal(err)
	}
	if mean, _ := moments(standardized(t, d.Train), 0, 1); mean > -700 || d.Features != given {
		t.Errorf("mean %v, want about 127 - 1000", mean)
	}
	if _, err := Divide(src, cfg, Options{Features: &Features{Mean: []float64{1, 2}, Std: []float64{1, 2}}}); err == nil {
		t.Error("took statistics of two channels for one")
	}
	p, err := NewPreparation(cfg, []int{2, 2, 1})
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Use(cfg, given); err != nil {
		t.Fatal(err)
	}
	x := make([]float32, 4)
	if err := p.Bytes(x, []uint8{1, 2, 3, 4}); err != nil || !slices.Equal(x, []float32{-999, -998, -997, -996}) {
		t.Errorf("%v, %v", x, err)
	}
}

func BenchmarkAugmented(b *testing.B) { // all of Keras's ranges, rescaled, on one core
	for _, shape := range [][]int{{28, 28, 1}, {32, 32, 3}} {
		b.Run(strings.Trim(strings.ReplaceAll(fmt.Sprint(shape), " ", "x"), "[]"), func(b *testing.B) {
			src, _ := noise(256, shape...)
			cfg := NewConfig()
			cfg.Source, cfg.Rescale = "noise", new(1./255)
			a := &cfg.Augment
			a.RotationRange, a.ShearRange, a.ZoomRange, a.ChannelShiftRange = 40, .2, augment.Zoom{By: .2}, 20
			a.WidthShiftRange, a.HeightShiftRange, a.BrightnessRange = augment.Shift{Most: .2}, augment.Shift{Most: .2}, &augment.Range{.8, 1.2}
			a.HorizontalFlip, a.VerticalFlip = true, true
			d, err := Divide(src, cfg, Options{})
			if err != nil {
				b.Fatal(err)
			}
			x := make([]float32, volume(shape))
			for i := 0; b.Loop(); i++ {
				if _, err := d.Train.Augmented(x, i%d.Train.Len(), i); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "pictures/s")
		})
	}
}
