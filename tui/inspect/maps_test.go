package inspect

import (
	"fmt"
	"image"
	"image/color"
	"image/png"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"cnnbench/tui/screentest"
	"cnnbench/tui/theme"
)

// The maps of a layer are what the network computes.
func TestMaps(t *testing.T) {
	b := trained(t, plain, tiny)
	s := b.s
	b.press("w", "t", "t", "M")
	r := s.result
	want := func(layer int) []float32 {
		r.mu.Lock()
		defer r.mu.Unlock()
		in := r.net.Input()[:r.data.In.Size()]
		if err := r.data.Data.Validation.Read(in, r.eval.Predictions[s.list[s.at]].Sample); err != nil {
			t.Fatal(err)
		}
		r.net.Predict(1)
		v, shape := r.net.Activation(layer)
		return slices.Clone(v[:shape.Size()])
	}
	if !slices.Equal(s.maps.v, want(0)) || fmt.Sprint(s.maps.shape) != "[22 22 4]" || s.maps.count() != 4 {
		t.Errorf("maps of the first layer: %v", s.maps.shape)
	}
	b.press("right", ">")
	if !slices.Equal(s.maps.v, want(1)) || s.maps.at != 1 {
		t.Errorf("maps of the second layer: %v", s.maps.shape)
	}
	b.press(".")
	if s.at != 1 || !slices.Equal(s.maps.v, want(1)) {
		t.Error("the next sample's maps are not there")
	}
	b.press(">", ">", ">", ">")
	if s.maps.layer != 3 || !slices.Equal(s.maps.v, want(3)) {
		t.Errorf("the last layer is %d", s.maps.layer)
	}
	sum := 0.
	for _, v := range s.maps.v {
		sum += float64(v)
	}
	if math.Abs(sum-1) > 1e-5 {
		t.Errorf("the probabilities sum to %v", sum)
	}
	b.press("<", "<", "<", "s")
	if v := b.view(); !strings.Contains(v, wordEach) {
		t.Errorf("its own range is not said:\n%s", v)
	}
}

func TestFilters(t *testing.T) {
	b := made(t, plain, "lecture-shapes")
	s := b.s
	b.press("F")
	fs := s.result.filters
	if len(fs) != 2 || fs[0].out != 32 || fs[0].in != 3 || fs[1].in != 32 || fs[1].out != 64 || fs[0].name != "conv2d" {
		t.Fatalf("filters of %d layers", len(fs))
	}
	kernel := s.result.net.Weights()[0].Data // [3, 3, 3, 32]
	if got, want := fs[0].tile(5, 2).V[4], kernel[((1*3+1)*3+2)*32+5]; got != want {
		t.Errorf("the middle of filter 5 is %v, want %v", got, want)
	}
	if m := fs[0].tile(5, every); m.C != 3 || m.V[4*3+1] != kernel[((1*3+1)*3+1)*32+5] {
		t.Error("the colours are mixed up")
	}
	b.press("n")
	if v := b.view(); !strings.Contains(v, short(kernel[0])) {
		t.Errorf("the first weight, %s, is not written:\n%s", short(kernel[0]), v)
	}
	b.press(">", "C", "C")
	if v := b.view(); !strings.Contains(v, "input channel 3 of 32") {
		t.Errorf("the channel is not said:\n%s", v)
	}
	b.press("end")
	if s.filters.at != 63 {
		t.Errorf("the last filter is %d", s.filters.at)
	}
	// A dense layer that sees the whole picture has a filter for each unit; one that sees features has none.
	b = made(t, plain, "mlp")
	if fs := b.s.result.filters; len(fs) != 1 || fs[0].h != 28 || fs[0].in != 1 {
		t.Errorf("filters of an MLP: %v", len(fs))
	}
	b = made(t, plain, "lecture-mlp")
	b.press("F")
	if v := b.view(); !strings.Contains(v, wordNoFilter[:30]) || b.why("n") != wordNoFilter {
		t.Errorf("filters of features:\n%s", v)
	}
}

// picturePath writes a picture file: an orange disc on blue.
func picturePath(t *testing.T) string {
	m := image.NewRGBA(image.Rect(0, 0, 90, 60))
	for y := range 60 {
		for x := range 90 {
			c := color.RGBA{20, 60, 160, 255}
			if dx, dy := x-45, y-30; dx*dx+dy*dy < 400 {
				c = color.RGBA{240, 140, 30, 255}
			}
			m.Set(x, y, c)
		}
	}
	path := filepath.Join(t.TempDir(), "disc.png")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := png.Encode(f, m); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestOwn(t *testing.T) {
	b := trained(t, plain, tiny)
	s := b.s
	path := picturePath(t)
	b.press("o")
	for range 200 {
		b.press("backspace")
	}
	screentest.Type(t, b.app, s, path)
	b.press("enter")
	if s.view != viewOwn || s.own.answer == nil || len(s.own.x) != 24*24*3 {
		t.Fatalf("nothing was said of it: %v", s.own.err)
	}
	if m := s.own.x[(12*24+12)*3:]; m[0] < .9 || m[2] > .3 {
		t.Errorf("its middle is seen as %v, not as orange", m[:3])
	}
	v := b.view()
	for _, word := range []string{"disc.png", "says", "circle", "square", "triangle", wordSees} {
		if !strings.Contains(v, word) {
			t.Errorf("%q is not shown:\n%s", word, v)
		}
	}
	// Its maps, and back to those of a sample.
	b.press("M")
	if !s.maps.own || s.maps.have.sample != every {
		t.Error("the maps are not those of the picture")
	}
	if v := b.view(); !strings.Contains(v, "disc.png") {
		t.Errorf("the sample beside them is another one:\n%s", v)
	}
	// Newer weights are asked again.
	gen := s.own.gen
	b.press("r")
	if s.own.gen == gen || s.own.answer == nil || s.maps.have.own != s.own.gen {
		t.Error("the picture is not looked at again")
	}
	if err := os.WriteFile(path, []byte("no picture"), 0o644); err != nil {
		t.Fatal(err)
	}
	b.do(s.openOwn(path))
	if v := b.view(); s.own.err == nil || !strings.Contains(v, theme.Bad) {
		t.Errorf("a broken picture:\n%s", v)
	}
	b = trained(t, plain, line)
	if b.why("o") != wordNoPic {
		t.Error("a network without pictures looks at one")
	}
}
