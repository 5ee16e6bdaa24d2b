package dataset

import (
	"encoding/json"
	"math"
	"os"
	"slices"
	"strings"
	"testing"

	"cnnbench/spec"
)

// pillowCase is a picture converted by Pillow: recoloured, then resized.
type pillowCase struct {
	Shape         []int
	Size          spec.Pair
	Color         *string
	Interpolation string
	Out           []int
	X, Y          []float32
}

func pillowCases(t *testing.T) (bytes, floats []pillowCase) {
	t.Helper()
	text, err := os.ReadFile("testdata/pillow.json")
	if err != nil {
		t.Fatal(err)
	}
	var golden struct{ Bytes, Floats []pillowCase }
	if err := json.Unmarshal(text, &golden); err != nil {
		t.Fatal(err)
	}
	if len(golden.Bytes) < 10 || len(golden.Floats) < 3 {
		t.Fatal("cases are missing")
	}
	return golden.Bytes, golden.Floats
}

func (c pillowCase) prepare(t *testing.T) *Preparation {
	t.Helper()
	cfg := NewConfig()
	cfg.Image = ImageConfig{Size: &c.Size, Color: c.Color, Interpolation: c.Interpolation}
	p, err := NewPreparation(cfg, c.Shape)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(p.Shape(), c.Out) {
		t.Fatalf("%v to %v became %v, want %v", c.Shape, c.Size, p.Shape(), c.Out)
	}
	return p
}

func toBytes(x []float32) []uint8 {
	out := make([]uint8, len(x))
	for i, v := range x {
		out[i] = uint8(v)
	}
	return out
}

func TestBytesAsPillow(t *testing.T) {
	cases, _ := pillowCases(t)
	for _, c := range cases {
		p := c.prepare(t)
		got := make([]float32, len(c.Y))
		if err := p.Bytes(got, toBytes(c.X)); err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(got, c.Y) {
			t.Errorf("%v to %v %s:\ngot  %v\nwant %v", c.Shape, c.Out, c.Interpolation, got, c.Y)
		}
	}
}

func TestFloatsAsPillow(t *testing.T) {
	_, cases := pillowCases(t)
	for _, c := range cases {
		p := c.prepare(t)
		got := make([]float32, len(c.Y))
		if err := p.read(got, Floats(c.Shape, c.X), 0); err != nil {
			t.Fatal(err)
		}
		for i := range got {
			if math.Abs(float64(got[i]-c.Y[i])) > 1e-6*math.Abs(float64(c.Y[i]))+1e-7 {
				t.Errorf("%v to %v %s value %d: got %v, want %v", c.Shape, c.Out, c.Interpolation, i, got[i], c.Y[i])
			}
		}
	}
}

func TestRescaleIsAFloat32Product(t *testing.T) {
	cfg := NewConfig()
	cfg.Rescale = new(1. / 255)
	p, err := NewPreparation(cfg, []int{4})
	if err != nil {
		t.Fatal(err)
	}
	got := make([]float32, 4)
	if err := p.Bytes(got, []uint8{0, 1, 77, 255}); err != nil {
		t.Fatal(err)
	}
	scale := float32(1. / 255)
	if want := []float32{0, scale, 77 * scale, 255 * scale}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

// Pictures without an axis for their one channel get one when they are treated as pictures.
func TestGreyWithoutChannelAxis(t *testing.T) {
	cfg := NewConfig()
	cfg.Image.Color = new("rgb")
	p, err := NewPreparation(cfg, []int{2, 2})
	if err != nil {
		t.Fatal(err)
	}
	got := make([]float32, 12)
	if err := p.Bytes(got, []uint8{1, 2, 3, 4}); err != nil {
		t.Fatal(err)
	}
	if want := []float32{1, 1, 1, 2, 2, 2, 3, 3, 3, 4, 4, 4}; !slices.Equal(p.Shape(), []int{2, 2, 3}) || !slices.Equal(got, want) {
		t.Errorf("shape %v: %v, want %v", p.Shape(), got, want)
	}
}

func TestPreparationRefuses(t *testing.T) {
	for _, c := range []struct {
		shape []int
		size  *spec.Pair
		color *string
		want  string
	}{
		{[]int{12}, new(spec.Square(4)), nil, "samples of shape [12] are no pictures"},
		{[]int{3, 3, 3, 3}, nil, new("rgb"), "are no pictures"},
		{[]int{4, 4, 2}, nil, new("rgb"), "2 channels cannot be changed"},
		{[]int{4, 4, 3}, new(spec.Pair{1 << 20, 1 << 20}), nil, "too large"},
	} {
		cfg := NewConfig()
		cfg.Image.Size, cfg.Image.Color = c.size, c.color
		_, err := NewPreparation(cfg, c.shape)
		if err == nil || !strings.Contains(err.Error(), c.want) || !strings.HasPrefix(err.Error(), "image: ") {
			t.Errorf("%v: error %v, want %q", c.shape, err, c.want)
		}
	}
	p, _ := NewPreparation(NewConfig(), []int{2, 2, 1})
	if err := p.Bytes(make([]float32, 4), make([]uint8, 5)); err == nil {
		t.Error("a picture of another size was taken")
	}
}
