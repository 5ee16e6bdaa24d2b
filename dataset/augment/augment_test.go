package augment

import (
	"math"
	"slices"
	"testing"

	"cnnbench/rng"
)

// numbersOf hands out given numbers.
type numbersOf []float64

func (n *numbersOf) Float64() float64 {
	v := (*n)[0]
	*n = (*n)[1:]
	return v
}

func (n *numbersOf) IntN(int) int { panic("not drawn here") }

// TestDrawOrder hands the draws the first numbers of numpy.random.seed(42) and compares with what Keras's
// get_random_transform makes of that seed.
func TestDrawOrder(t *testing.T) {
	src := numbersOf{0.3745401188473625, 0.9507143064099162, 0.7319939418114051, 0.5986584841970366, 0.15601864044243652, 0.15599452033620265,
		0.05808361216819946, 0.8661761457749352}
	s := New()
	s.RotationRange, s.ShearRange, s.ZoomRange, s.HorizontalFlip = 40, .2, Zoom{By: .2}, true
	s.WidthShiftRange, s.HeightShiftRange = Shift{Most: .2}, Shift{Most: .2}
	got := s.Draw(&src, 24, 24)
	want := Drawn{Theta: -10.036790492211, Tx: 4.326857341535195, Ty: 2.2271418413894883, Shear: .03946339367881463,
		Zx: .8624074561769747, Zy: .8623978081344811, FlipH: true, Brightness: 1}
	for i, pair := range [][2]float64{{got.Theta, want.Theta}, {got.Tx, want.Tx}, {got.Ty, want.Ty}, {got.Shear, want.Shear}, {got.Zx, want.Zx}, {got.Zy, want.Zy}} {
		if math.Abs(pair[0]-pair[1]) > 1e-13 {
			t.Errorf("number %d is %v, want %v", i, pair[0], pair[1])
		}
	}
	if len(src) != 0 || got.FlipH != want.FlipH || got.FlipV != want.FlipV {
		t.Errorf("%+v with %d numbers left, want %+v and none: both flips are drawn always", got, len(src), want)
	}
}

func draws(s Settings, n int) []Drawn {
	out := make([]Drawn, n)
	for i := range out {
		out[i] = s.Draw(rng.New(3, rng.Augment, 0, uint64(i)).Stream(), 20, 30)
	}
	return out
}

// TestDrawsAreUniform checks bounds, means and spreads.
func TestDrawsAreUniform(t *testing.T) {
	s := allOn()
	s.ZoomRange = Zoom{Factor: &Range{.5, 2}}
	s.RotationRange, s.WidthShiftRange, s.HeightShiftRange = 30, Shift{Most: 3}, Shift{Most: .5}
	all := draws(s, 20000)
	for name, c := range map[string]struct {
		lo, hi float64
		of     func(d *Drawn) float64
	}{
		"theta":         {-30, 30, func(d *Drawn) float64 { return d.Theta }},
		"tx":            {-10, 10, func(d *Drawn) float64 { return d.Tx }},
		"ty":            {-3, 3, func(d *Drawn) float64 { return d.Ty }},
		"shear":         {-.2, .2, func(d *Drawn) float64 { return d.Shear }},
		"zx":            {.5, 2, func(d *Drawn) float64 { return d.Zx }},
		"zy":            {.5, 2, func(d *Drawn) float64 { return d.Zy }},
		"channel shift": {-20, 20, func(d *Drawn) float64 { return d.ChannelShift }},
		"brightness":    {.8, 1.2, func(d *Drawn) float64 { return d.Brightness }},
	} {
		var sum, squares float64
		for i := range all {
			u := (c.of(&all[i]) - c.lo) / (c.hi - c.lo)
			if u < 0 || u >= 1 {
				t.Fatalf("%s: %v is outside", name, c.of(&all[i]))
			}
			sum += u
			squares += u * u
		}
		mean := sum / float64(len(all))
		variance := squares/float64(len(all)) - mean*mean
		if math.Abs(mean-.5) > .01 || math.Abs(variance-1./12) > .003 {
			t.Errorf("%s: mean %v, variance %v of the unit range", name, mean, variance)
		}
	}
	var h, v, both int
	for _, d := range all {
		if d.FlipH {
			h++
		}
		if d.FlipV {
			v++
		}
		if d.FlipH && d.FlipV {
			both++
		}
	}
	if math.Abs(float64(h)-10000) > 300 || math.Abs(float64(v)-10000) > 300 || math.Abs(float64(both)-5000) > 300 {
		t.Errorf("flips %d, %d, both %d of 20000", h, v, both)
	}
}

func TestShiftForms(t *testing.T) {
	count := func(s Shift) map[float64]int {
		seen := map[float64]int{}
		src := rng.New(1, rng.Augment, 0, 0).Stream()
		for range 4000 {
			seen[s.draw(src, 10)]++
		}
		return seen
	}
	whole := count(Shift{Below: 2}) // -1, 0, +1; half of them 0
	if len(whole) != 3 || math.Abs(float64(whole[0])-2000) > 200 || math.Abs(float64(whole[1])-1000) > 200 {
		t.Errorf("whole number 2: %v", whole)
	}
	if list := count(Shift{Of: []float64{3, .5}}); len(list) != 4 || list[3] < 800 || list[-.5] < 800 {
		t.Errorf("list in pixels: %v", list)
	}
	if list := count(Shift{Of: []float64{.2}}); len(list) != 2 || list[2] < 1800 || list[-2] < 1800 {
		t.Errorf("list in shares: %v", list)
	}
}

// TestOffChangesNothing: a picture stays as it is, bit by bit, when nothing was drawn.
func TestOffChangesNothing(t *testing.T) {
	x := picture(5, 7, 3)
	got := slices.Clone(x)
	d := Undrawn
	NewAugmenter(New(), 5, 7, 3, true).Apply(got, &d)
	if !slices.Equal(x, got) {
		t.Error("the picture changed")
	}
	off := New()
	if off.Active() || new(Settings).Active() {
		t.Error("no settings are active")
	}
	if off := off.Draw(rng.New(1, rng.Augment, 0, 0).Stream(), 5, 7); off != Undrawn {
		t.Errorf("drew %+v", off)
	}
}

func TestFlips(t *testing.T) {
	x := []float32{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12} // [2, 3, 2]
	a := NewAugmenter(New(), 2, 3, 2, true)
	for _, c := range []struct {
		h, v bool
		want []float32
	}{
		{true, false, []float32{5, 6, 3, 4, 1, 2, 11, 12, 9, 10, 7, 8}},
		{false, true, []float32{7, 8, 9, 10, 11, 12, 1, 2, 3, 4, 5, 6}},
		{true, true, []float32{11, 12, 9, 10, 7, 8, 5, 6, 3, 4, 1, 2}},
	} {
		d := Undrawn
		d.FlipH, d.FlipV = c.h, c.v
		got := slices.Clone(x)
		a.Apply(got, &d)
		if !slices.Equal(got, c.want) {
			t.Errorf("flips %v %v: %v, want %v", c.h, c.v, got, c.want)
		}
	}
}

// TestFlipsOfWarps: a mirrored warp has the very bits of the warp, mirrored.
func TestFlipsOfWarps(t *testing.T) {
	for _, fill := range []string{"constant", "nearest", "reflect", "wrap"} {
		s := New()
		s.FillMode = fill
		for _, c := range []int{1, 3, 4} {
			a := NewAugmenter(s, 19, 21, c, true)
			d := Drawn{Theta: 25, Tx: 3.3, Ty: -2.1, Shear: 3, Zx: 1.2, Zy: .8, Brightness: 1}
			plain, flipped := picture(19, 21, c), picture(19, 21, c)
			a.Apply(plain, &d)
			d.FlipH, d.FlipV = true, true
			a.Apply(flipped, &d)
			flipRows(plain, 19)
			flipColumns(plain, 19, c)
			if !slices.Equal(plain, flipped) {
				t.Errorf("%s, %d channels: other bits", fill, c)
			}
		}
	}
}

func TestChannelShift(t *testing.T) {
	x := []float32{10, 100, 200, 50}
	channelShift(x, 30)
	if want := []float32{40, 130, 200, 80}; !slices.Equal(x, want) {
		t.Errorf("%v, want %v: clipped at the picture's own brightest", x, want)
	}
	channelShift(x, -60)
	if want := []float32{40, 70, 140, 40}; !slices.Equal(x, want) {
		t.Errorf("%v, want %v: clipped at the picture's own darkest", x, want)
	}
}

// TestBrightness compares with Pillow 13: Brightness(picture).enhance(factor) of the bytes 0, 1, 3, 99, 100, 200, 255.
func TestBrightness(t *testing.T) {
	for factor, want := range map[float32][]float32{
		0:    {0, 0, 0, 0, 0, 0, 0},
		.5:   {0, 0, 1, 49, 50, 100, 127},
		.83:  {0, 0, 2, 82, 83, 166, 211},
		1:    {0, 1, 3, 99, 100, 200, 255},
		1.2:  {0, 1, 3, 118, 120, 240, 255},
		1.37: {0, 1, 4, 135, 137, 255, 255},
	} {
		x := []float32{0, 1.9, 3.2, 99.999, 100, 200, 255} // the fractions go
		brightenBytes(x, factor)
		if !slices.Equal(x, want) {
			t.Errorf("%v: %v, want %v", factor, x, want)
		}
	}
	x := []float32{-1, .5}
	brighten(x, 1.5)
	if !slices.Equal(x, []float32{-1.5, .75}) {
		t.Errorf("numbers: %v", x)
	}
}

func TestRandomCrop(t *testing.T) {
	s := New()
	s.FillMode, s.RandomCrop = "constant", 2
	d := Undrawn
	d.CropX, d.CropY = 1, -2
	x := grid()
	NewAugmenter(s, 4, 4, 1, true).Apply(x, &d)
	if want := []float32{0, 0, 4, 5, 0, 0, 8, 9, 0, 0, 12, 13, 0, 0, 0, 0}; !slices.Equal(x, want) {
		t.Errorf("%v, want %v", x, want)
	}
	seen := map[[2]int]int{}
	for _, d := range draws(s, 5000) {
		seen[[2]int{d.CropX, d.CropY}]++
	}
	if len(seen) != 25 {
		t.Errorf("%d places, want all 5 by 5", len(seen))
	}
}

func TestRandomErasing(t *testing.T) {
	s := New()
	s.RandomErasing, s.Cval = .5, 300
	erased, area := 0, 0.0
	for _, d := range draws(s, 4000) {
		if d.Erase == (Rectangle{}) {
			continue
		}
		erased++
		r := d.Erase
		if r.Top < 0 || r.Left < 0 || r.Rows < 1 || r.Cols < 1 || r.Top+r.Rows > 20 || r.Left+r.Cols > 30 {
			t.Fatalf("%+v is not within 20 by 30", r)
		}
		area += float64(r.Rows*r.Cols) / 600
	}
	if math.Abs(float64(erased)-2000) > 150 || math.Abs(area/float64(erased)-.175) > .02 {
		t.Errorf("%d of 4000 erased, %v of their area", erased, area/float64(erased))
	}
	d := Undrawn
	d.Erase = Rectangle{Top: 1, Left: 2, Rows: 2, Cols: 1}
	x := grid()
	NewAugmenter(s, 4, 4, 1, true).Apply(x, &d)
	if want := []float32{0, 1, 2, 3, 4, 5, 300, 7, 8, 9, 300, 11, 12, 13, 14, 15}; !slices.Equal(x, want) {
		t.Errorf("%v, want %v", x, want)
	}
}

// TestDrawMix checks the partners, and the shares' mean and spread: Beta(a, a) has the variance 1 / (8a + 4).
func TestDrawMix(t *testing.T) {
	for _, alpha := range []float64{.01, .2, 1} {
		var sum, squares float64
		seen := map[int]int{}
		const n = 20000
		for i := range n {
			with, share := DrawMix(rng.New(2, rng.Augment, 0, uint64(i)).Stream(), alpha, 5)
			if !(share >= 0 && share <= 1) {
				t.Fatalf("alpha %v: a share of %v", alpha, share)
			}
			seen[with]++
			sum += share
			squares += share * share
		}
		mean := sum / n
		if variance, want := squares/n-mean*mean, 1/(8*alpha+4); math.Abs(mean-.5) > .012 || math.Abs(variance-want) > .004 {
			t.Errorf("alpha %v: mean %v, variance %v, want .5 and %v", alpha, mean, variance, want)
		}
		if len(seen) != 5 || seen[0] < n/5-300 || seen[4] < n/5-300 {
			t.Errorf("partners %v", seen)
		}
	}
}

func TestMix(t *testing.T) {
	x := []float32{0, 1, 8}
	Mix(x, []float32{4, 1, 0, 99}, .25)
	if !slices.Equal(x, []float32{1, 1, 6}) {
		t.Errorf("%v", x)
	}
}

func TestAllocations(t *testing.T) {
	a := NewAugmenter(allOn(), 28, 28, 1, true)
	x := picture(28, 28, 1)
	var src Source = rng.New(1, rng.Augment, 0, 0).Stream()
	if n := testing.AllocsPerRun(100, func() { d := a.Draw(src); a.Apply(x, &d) }); n > 0.1 {
		t.Errorf("%v allocations a picture", n)
	}
}
