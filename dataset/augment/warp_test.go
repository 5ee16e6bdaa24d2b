package augment

import (
	"encoding/json"
	"math"
	"path/filepath"
	"testing"

	"cnnbench/rng"
	"cnnbench/sessions/safetensors"
)

// TestGolden compares the warp and the flips with SciPy's affine_transform, pictures of values 0 to 255.
func TestGolden(t *testing.T) {
	files, err := filepath.Glob("testdata/augment_*.safetensors")
	if err != nil || len(files) != 6 {
		t.Fatalf("found %d files: %v", len(files), err)
	}
	for _, path := range files {
		f, err := safetensors.Read(path)
		if err != nil {
			t.Fatal(err)
		}
		var c struct {
			Cval     float64
			FillMode string `json:"fill_mode"`
		}
		if err := json.Unmarshal([]byte(f.Metadata["case"]), &c); err != nil {
			t.Fatal(err)
		}
		get := func(name string) []float64 {
			v, ok := f.Lookup(name)
			if !ok {
				t.Fatalf("%s: no %s", path, name)
			}
			x, err := v.Float32s()
			if err != nil {
				whole, err := v.Int64s()
				if err != nil {
					t.Fatal(err)
				}
				for _, i := range whole {
					x = append(x, float32(i))
				}
			}
			out := make([]float64, len(x))
			for i := range x {
				out[i] = float64(x[i])
			}
			return out
		}
		x, y := get("x"), get("y")
		shape, _ := f.Lookup("x")
		n, h, w, ch := shape.Shape[0], shape.Shape[1], shape.Shape[2], shape.Shape[3]
		s := New()
		s.FillMode, s.Cval = c.FillMode, c.Cval
		a := NewAugmenter(s, h, w, ch, false)
		size := h * w * ch
		pic := make([]float32, size)
		worst := 0.0
		for i := range n {
			d := Drawn{Theta: get("theta")[i], Tx: get("tx")[i], Ty: get("ty")[i], Shear: get("shear")[i], Zx: get("zx")[i], Zy: get("zy")[i],
				FlipH: get("flip_horizontal")[i] == 1, FlipV: get("flip_vertical")[i] == 1, Brightness: 1}
			for j := range pic {
				pic[j] = float32(x[i*size+j])
			}
			a.Apply(pic, &d)
			for j := range pic {
				diff := math.Abs(float64(pic[j]) - y[i*size+j])
				worst = max(worst, diff)
				if !(diff <= .01) {
					t.Fatalf("%s: picture %d, value %d is %v, want %v", filepath.Base(path), i, j, pic[j], y[i*size+j])
				}
			}
		}
		t.Logf("%s %s: worst %.2g of 255", filepath.Base(path), c.FillMode, worst)
	}
}

// grid is the picture 0, 1, ... 15 of four rows.
func grid() []float32 {
	x := make([]float32, 16)
	for i := range x {
		x[i] = float32(i)
	}
	return x
}

func applied(fill string, d Drawn) []float32 {
	s := New()
	s.FillMode = fill
	x := grid()
	NewAugmenter(s, 4, 4, 1, false).Apply(x, &d)
	return x
}

func near(t *testing.T, what string, got []float32, want ...float32) {
	t.Helper()
	for i, v := range want {
		if math.Abs(float64(got[i]-v)) > 6e-5 {
			t.Errorf("%s: %v, want %v", what, got, want)
			return
		}
	}
}

// TestDocumentedVariant holds the axes and angles to those that Keras documents. The values are SciPy's.
func TestDocumentedVariant(t *testing.T) {
	d := Undrawn
	d.Tx = 1
	near(t, "one row", applied("nearest", d), 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 12, 13, 14, 15)
	d = Undrawn
	d.Theta = 90
	near(t, "90 degrees", applied("nearest", d), 12, 8, 4, 0, 13, 9, 5, 1, 14, 10, 6, 2, 15, 11, 7, 3)
	d.Theta = 30
	near(t, "30 degrees", applied("nearest", d), 3.8038, 2.1208, 1.1830, 2.0490)
	all := Drawn{Theta: 20, Tx: .4, Ty: -.6, Shear: 10, Zx: .9, Zy: 1.1, Brightness: 1}
	near(t, "all", applied("nearest", all), 6.55, 4.485, 3.2376, 2.0402)
}

func TestFillModes(t *testing.T) {
	for _, c := range []struct {
		fill  string
		by    float64
		from  int // first row that is checked
		first []float32
	}{
		{"constant", 2, 0, []float32{8, 12, 0, 0}},
		{"nearest", 2, 0, []float32{8, 12, 12, 12}},
		{"reflect", 2, 0, []float32{8, 12, 12, 8}},
		{"wrap", 2, 0, []float32{8, 12, 4, 8}},
		{"constant", 1.5, 2, []float32{0, 0}},
		{"nearest", 1.5, 2, []float32{12, 12}},
		{"reflect", 1.5, 2, []float32{12, 10}},
		{"wrap", 1.5, 2, []float32{2, 6}},
	} {
		d := Undrawn
		d.Tx = c.by
		got := applied(c.fill, d)
		for i, v := range c.first {
			for col := range 4 {
				want := v + float32(col)
				if c.fill == "constant" && v == 0 {
					want = 0
				}
				near(t, c.fill, got[4*(c.from+i)+col:], want)
			}
		}
	}
}

// reference is the warp by its definition: the picture goes on for ever, and between its pixels it is bilinear.
func reference(x []float32, h, w, c int, m matrix, fill string, cval float64, row, col, ch int) (v float64, seam bool) {
	place := func(i int) float64 {
		return m[i][0]*float64(row) + m[i][1]*float64(col) + m[i][2]
	}
	fold := func(at float64, n int) (float64, bool) { // onto the picture; false: outside for good
		last := float64(n - 1)
		seam = seam || math.Abs(at) < 1e-9 || math.Abs(at-last) < 1e-9
		switch fill {
		case "constant":
			return at, at >= 0 && at <= last
		case "nearest":
			return math.Min(math.Max(at, 0), last), true
		case "wrap":
			if n == 1 {
				return 0, true
			}
			if at < 0 || at > last {
				r := math.Mod(math.Mod(at, last)+last, last)
				seam = seam || r < 1e-9 || last-r < 1e-9
				return r, true
			}
		}
		return at, true
	}
	pixel := func(y, x0 int) float64 {
		wrapped := func(i, n int) int {
			i = ((i % (2 * n)) + 2*n) % (2 * n) // "reflect": period 2n
			if i >= n {
				i = 2*n - 1 - i
			}
			return i
		}
		return float64(x[(wrapped(y, h)*w+wrapped(x0, w))*c+ch])
	}
	y, okY := fold(place(0), h)
	z, okZ := fold(place(1), w)
	if !okY || !okZ {
		return cval, seam
	}
	fy, fz := y-math.Floor(y), z-math.Floor(z)
	iy, iz := int(math.Floor(y)), int(math.Floor(z))
	return (1-fy)*((1-fz)*pixel(iy, iz)+fz*pixel(iy, iz+1)) + fy*((1-fz)*pixel(iy+1, iz)+fz*pixel(iy+1, iz+1)), seam
}

// TestWarpIsItsDefinition warps pictures of all forms far beyond their sides.
func TestWarpIsItsDefinition(t *testing.T) {
	src := rng.New(5, rng.Augment, 1, 1).Stream()
	for _, shape := range [][3]int{{1, 1, 1}, {1, 9, 3}, {7, 1, 1}, {2, 2, 1}, {13, 8, 1}, {8, 13, 3}, {17, 40, 1}, {6, 5, 2}, {5, 19, 4}, {33, 33, 3}} {
		h, w, c := shape[0], shape[1], shape[2]
		x := picture(h, w, c)
		for _, fill := range []string{"constant", "nearest", "reflect", "wrap"} {
			for range 20 {
				s := New()
				s.FillMode, s.Cval = fill, 7
				d := Drawn{Theta: uniform(src, -180, 180), Tx: uniform(src, -2, 2) * float64(h), Ty: uniform(src, -2, 2) * float64(w),
					Shear: uniform(src, -50, 50), Zx: uniform(src, .2, 3), Zy: uniform(src, .2, 3), FlipH: src.IntN(2) == 1, FlipV: src.IntN(2) == 1, Brightness: 1}
				got := append([]float32(nil), x...)
				NewAugmenter(s, h, w, c, false).Apply(got, &d)
				m := d.matrix(h, w)
				for row := range h {
					for col := range w {
						r, k := row, col
						if d.FlipV {
							r = h - 1 - row
						}
						if d.FlipH {
							k = w - 1 - col
						}
						for ch := range c {
							want, seam := reference(x, h, w, c, m, fill, 7, row, col, ch)
							if v := float64(got[(r*w+k)*c+ch]); !seam && !(math.Abs(v-want) < .02) {
								t.Fatalf("%v %s %+v: row %d column %d channel %d is %v, want %v", shape, fill, d, row, col, ch, v, want)
							}
						}
					}
				}
			}
		}
	}
}

func TestLargePictures(t *testing.T) {
	const h, w = 1024, 700
	x := picture(h, w, 1)
	d := Drawn{Theta: 33, Tx: 100.3, Ty: -40, Shear: 5, Zx: .8, Zy: 1.1, Brightness: 1}
	got := append([]float32(nil), x...)
	NewAugmenter(New(), h, w, 1, false).Apply(got, &d)
	m := d.matrix(h, w)
	for row := 0; row < h; row += 7 {
		for col := 0; col < w; col += 3 {
			want, _ := reference(x, h, w, 1, m, "nearest", 0, row, col, 0)
			if v := float64(got[row*w+col]); !(math.Abs(v-want) < .255) {
				t.Fatalf("row %d column %d is %v, want %v", row, col, v, want)
			}
		}
	}
}
