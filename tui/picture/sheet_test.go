package picture

import (
	"fmt"
	"strings"
	"testing"

	"github.com/charmbracelet/colorprofile"
	"github.com/charmbracelet/x/ansi"
	"github.com/charmbracelet/x/exp/golden"

	"cnnbench/dataset"
	"cnnbench/tui/chart"
	"cnnbench/tui/theme"
)

func TestSheet(t *testing.T) {
	th := theme.New(true, colorprofile.Ascii, chart.Braille)
	s := NewSheet(20, 7, 5, 2, 1)
	if s.Cols != 3 || s.Rows != 2 || s.Cap() != 6 {
		t.Fatalf("%+v", s)
	}
	tiles := make([]Tile, 5)
	for i := range tiles {
		row := strings.Repeat(string(rune('a'+i)), 5)
		tiles[i] = Tile{[]string{row, row}, []string{fmt.Sprintf("no %d", i)}}
	}
	tiles[3].Lines = nil // not loaded yet
	got := ansi.Strip(s.Draw(th, tiles, 4, true))
	want := strings.Join([]string{
		" aaaaa bbbbb ccccc  ",
		" aaaaa bbbbb ccccc  ",
		" no 0  no 1  no 2   ",
		"      ▌eeeee▐       ",
		"      ▌eeeee▐       ",
		" no 3 ▸no 4         ",
		"                    ",
	}, "\n")
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", strings.ReplaceAll(got, " ", "·"), strings.ReplaceAll(want, " ", "·"))
	}
	for y, line := range strings.Split(got, "\n") {
		for x, r := range []rune(line) {
			if i, ok := s.At(x, y); r >= 'a' && r <= 'e' && (!ok || i != int(r-'a')) {
				t.Errorf("cell %d %d shows tile %c, At says %d %v", x, y, r, i, ok)
			}
		}
	}
	for _, p := range [][2]int{{0, 0}, {6, 0}, {19, 0}, {3, 6}, {-1, 2}, {3, -1}} {
		if i, ok := s.At(p[0], p[1]); ok {
			t.Errorf("cell %v is tile %d", p, i)
		}
	}
}

func TestSheetSizes(t *testing.T) {
	th := theme.New(true, colorprofile.TrueColor, chart.Braille)
	tiles := []Tile{{Words: []string{"a long caption of a tile"}}, {Words: []string{"한글", "two", "three"}}, {}, {}, {}, {}}
	for w := range 30 {
		for h := range 12 {
			for tw := 1; tw < 9; tw += 3 {
				s := NewSheet(w, h, tw, 2, w%3)
				for sel := -1; sel < 3; sel++ {
					exact(t, fmt.Sprint(w, h, tw), Style{}, lines(s.Draw(th, tiles, sel, true)), w, h)
				}
			}
		}
	}
}

func TestTileSize(t *testing.T) {
	for _, c := range []struct {
		shape []int
		zoom  int
		w, h  int
	}{
		{[]int{28, 28, 1}, 0, 14, 7}, {[]int{28, 28, 1}, 1, 28, 14}, {[]int{28, 28, 1}, -1, 7, 4}, {[]int{224, 224, 3}, 0, 16, 8}, {[]int{8, 8, 1}, 0, 16, 8},
		{[]int{32, 64, 3}, 0, 16, 4}, {[]int{24, 1}, 0, 22, 5}, {[]int{12}, 0, 23, 4}, {[]int{4}, 0, 12, 4}, {[]int{500}, 0, 31, 4}, {[]int{2, 2, 2, 2}, 0, 31, 4},
	} {
		if w, h := TileSize(c.shape, c.zoom); w != c.w || h != c.h {
			t.Errorf("%v zoom %d: %dx%d, want %dx%d", c.shape, c.zoom, w, h, c.w, c.h)
		}
	}
}

func lines(s string) []string {
	if s == "" {
		return nil
	}
	return strings.Split(s, "\n")
}

// fashion draws a sheet of embedded pictures.
func fashion(tb testing.TB, s Style, th *theme.Theme, w, h, tw, tileH int) func() string {
	cfg := dataset.NewConfig()
	cfg.Source = "fashion-mini"
	d, err := dataset.Load(cfg, dataset.Options{})
	if err != nil {
		tb.Fatal(err)
	}
	sheet := NewSheet(w, h, tw, tileH, 1)
	var samples [][]float32
	for i := range sheet.Cap() {
		v := make([]float32, 28*28)
		if err := d.Test.Raw(v, i); err != nil {
			tb.Fatal(err)
		}
		samples = append(samples, v)
	}
	return func() string {
		tiles := make([]Tile, len(samples))
		for i, v := range samples {
			tiles[i] = Tile{s.Sample([]int{28, 28, 1}, v, Look{Hi: 255}, tw, tileH), []string{d.Classes[d.Test.Label(i)]}}
		}
		return sheet.Draw(th, tiles, 1, true)
	}
}

func TestGolden(t *testing.T) {
	for name, th := range map[string]*theme.Theme{
		"color":   theme.New(true, colorprofile.TrueColor, chart.Braille),
		"light":   theme.New(false, colorprofile.Ascii, chart.Braille),
		"nocolor": theme.New(true, colorprofile.Ascii, chart.Braille),
		"sixteen": theme.New(true, colorprofile.ANSI, chart.Braille),
		"ascii":   theme.New(true, colorprofile.TrueColor, chart.ASCII),
	} {
		t.Run(name, func(t *testing.T) {
			golden.RequireEqual(t, fashion(t, StyleOf(th), th, 60, 16, 28, 14)())
		})
	}
}

func BenchmarkSheet(b *testing.B) {
	for name, s := range styles {
		th := theme.New(true, colorprofile.TrueColor, s.Symbols)
		draw := fashion(b, s, th, 146, 60, 28, 14) // 20 pictures
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				draw()
			}
		})
	}
}
