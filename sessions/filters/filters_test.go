package filters

import (
	"bytes"
	"image/color"
	"image/png"
	"math"
	"testing"
)

// at is the colour of a place of a filter of a sheet of so many columns.
func at(t *testing.T, shape []int, kernel []float32, columns, k, i, j int) color.NRGBA {
	t.Helper()
	scale := max(tileSide/max(shape[0], shape[1]), 1)
	x := gap + k%columns*(shape[1]*scale+gap) + j*scale + scale/2
	y := gap + k/columns*(shape[0]*scale+gap) + i*scale + scale/2
	return color.NRGBAModel.Convert(Draw(shape, kernel).At(x, y)).(color.NRGBA)
}

func TestColours(t *testing.T) {
	nan := float32(math.NaN())
	blue, red, white := diverging[0], diverging[len(diverging)-1], diverging[len(diverging)/2]
	grey := color.NRGBA{128, 128, 128, 255}
	for _, c := range []struct {
		name    string
		shape   []int
		kernel  []float32
		columns int
		k, i, j int
		want    color.NRGBA
	}{
		{"strongest below 0", []int{1, 2, 1, 2}, []float32{-4, 1, 4, 0}, 2, 0, 0, 0, blue},
		{"strongest above 0", []int{1, 2, 1, 2}, []float32{-4, 1, 4, 0}, 2, 0, 0, 1, red},
		{"nothing, of the second filter", []int{1, 2, 1, 2}, []float32{-4, 1, 4, 0}, 2, 1, 0, 1, white},
		{"all 0", []int{1, 1, 1, 1}, []float32{0}, 1, 0, 0, 0, white},
		{"not finite", []int{1, 1, 1, 1}, []float32{nan}, 1, 0, 0, 0, wrong},
		{"three channels", []int{1, 1, 3, 1}, []float32{2, -2, 1}, 1, 0, 0, 0, color.NRGBA{255, 0, 191, 255}},
		{"three channels of 0", []int{1, 1, 3, 1}, []float32{0, 0, 0}, 1, 0, 0, 0, grey},
		{"mean of two channels", []int{1, 1, 2, 1}, []float32{2, -2}, 1, 0, 0, 0, white},
		{"the third filter is in the second row", []int{1, 1, 1, 3}, []float32{0, 0, 1}, 2, 2, 0, 0, red},
	} {
		if got := at(t, c.shape, c.kernel, c.columns, c.k, c.i, c.j); got != c.want {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}

func TestPNG(t *testing.T) {
	kernel := make([]float32, 3*3*64*64)
	a, w, h, err := PNG([]int{3, 3, 64, 64}, kernel)
	if err != nil {
		t.Fatal(err)
	}
	b, _, _, _ := PNG([]int{3, 3, 64, 64}, kernel)
	m, err := png.Decode(bytes.NewReader(a))
	if err != nil || m.Bounds().Dx() != w || m.Bounds().Dy() != h || w != h || !bytes.Equal(a, b) {
		t.Errorf("%d x %d, %v", w, h, err)
	}
}
