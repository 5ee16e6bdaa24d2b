package picture

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"
	"github.com/charmbracelet/x/ansi"
	"github.com/charmbracelet/x/exp/golden"

	"cnnbench/dataset"
	"cnnbench/tui/chart"
	"cnnbench/tui/theme"
)

// styles are all that a terminal can be.
var styles = map[string]Style{
	"color":      {Color: true, Dark: true},
	"blocks":     {Color: true, Symbols: chart.Block, Dark: true},
	"shades":     {Dark: true},
	"light":      {Dark: false},
	"ascii":      {Symbols: chart.ASCII, Dark: true},
	"ascii+rich": {Symbols: chart.ASCII, Color: true},
}

// noise is an image of random values, some of them not finite.
func noise(r *rand.Rand, h, w, c int) Image {
	m := Image{h, w, c, make([]float32, h*w*c)}
	for i := range m.V {
		switch m.V[i] = float32(r.NormFloat64()); r.IntN(12) {
		case 0:
			m.V[i] = float32(math.NaN())
		case 1:
			m.V[i] = float32(math.Inf(r.IntN(2)*2 - 1))
		}
	}
	return m
}

// exact fails unless text is h lines of w cells that leave no style behind, and ASCII where the style asks for it.
func exact(t *testing.T, what string, s Style, lines []string, w, h int) {
	t.Helper()
	if w < 1 || h < 1 {
		if len(lines) > 0 {
			t.Errorf("%s: %d lines in %dx%d cells", what, len(lines), w, h)
		}
		return
	}
	if len(lines) != h {
		t.Fatalf("%s: %d lines, want %d", what, len(lines), h)
	}
	for _, l := range lines {
		if got := ansi.StringWidth(l); got != w {
			t.Fatalf("%s: a line of %d cells, want %d: %q", what, got, w, l)
		}
		if i := strings.LastIndex(l, "\x1b["); i >= 0 && !strings.HasPrefix(l[i:], "\x1b[m") {
			t.Fatalf("%s: the line leaves a style behind: %q", what, l)
		}
		if s.Symbols == chart.ASCII && strings.ContainsFunc(l, func(r rune) bool { return r >= 128 || r < 32 }) {
			t.Fatalf("%s: not ASCII: %q", what, l)
		}
	}
}

func TestExactSizes(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for name, s := range styles {
		for range 300 {
			w, h := r.IntN(40), r.IntN(20)
			shape := []int{1 + r.IntN(40), 1 + r.IntN(40), 1 + r.IntN(5)}[:1+r.IntN(3)]
			n := 1
			for _, d := range shape {
				n *= d
			}
			v := noise(r, 1, n, 1).V
			lo, hi := Range(v)
			look := Look{Palette(r.IntN(3)), lo, hi}
			what := fmt.Sprint(name, shape, w, h)
			exact(t, what, s, s.Sample(shape, v, look, w, h), w, h)
			exact(t, what, s, s.Curve(v, lo, hi, w, h), w, h)
			if w > 0 {
				exact(t, what, s, []string{s.Scale(look, w)}, w, 1)
			}
		}
	}
}

func TestHalfBlocks(t *testing.T) {
	m := Image{2, 3, 3, []float32{
		255, 0, 0, 255, 0, 0, 9, 9, 9,
		0, 0, 255, 255, 0, 0, 9, 9, 9,
	}}
	got := Style{Color: true}.Lines(m, Look{Lo: 0, Hi: 255}, 3, 1)[0]
	want := "\x1b[48;2;0;0;255m\x1b[38;2;255;0;0m▀" + "\x1b[48;2;255;0;0m " + "\x1b[48;2;9;9;9m " + "\x1b[m"
	if got != want {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}

func TestResize(t *testing.T) {
	for _, c := range []struct {
		name string
		in   Image
		h, w int
		want []float32
	}{
		{"enlarged pixels stay squares", Image{2, 2, 1, []float32{1, 2, 3, 4}}, 4, 4, []float32{1, 1, 2, 2, 1, 1, 2, 2, 3, 3, 4, 4, 3, 3, 4, 4}},
		{"shrunk ones are means", Image{2, 4, 1, []float32{1, 3, 0, 0, 5, 7, 0, 8}}, 1, 2, []float32{4, 2}},
		{"channels stay apart", Image{1, 2, 2, []float32{1, 10, 3, 30}}, 1, 1, []float32{2, 20}},
		{"one way each", Image{1, 4, 1, []float32{0, 2, 4, 6}}, 2, 2, []float32{1, 5, 1, 5}},
	} {
		if got := c.in.resized(c.h, c.w); fmt.Sprint(got.V) != fmt.Sprint(c.want) {
			t.Errorf("%s: %v, want %v", c.name, got.V, c.want)
		}
	}
	// Nothing is lost, whatever the sizes: every old pixel is in a new one, and none is outside.
	for old := 1; old < 40; old++ {
		for n := 1; n < 60; n++ {
			seen := make([]bool, old)
			for i := range n {
				s := span(i, n, old)
				for k := s[0]; k < s[1]; k++ {
					seen[k] = true
				}
			}
			for k, ok := range seen {
				if !ok {
					t.Fatalf("%d to %d: pixel %d is in none", old, n, k)
				}
			}
		}
	}
}

func TestShrunk(t *testing.T) {
	for _, c := range [][4]int{{100, 50, 10, 5}, {50, 100, 5, 10}, {8, 8, 8, 8}, {1000, 1, 10, 1}} {
		m := Image{c[0], c[1], 1, make([]float32, c[0]*c[1])}.Shrunk(10)
		if m.H != c[2] || m.W != c[3] {
			t.Errorf("%dx%d becomes %dx%d, want %dx%d", c[0], c[1], m.H, m.W, c[2], c[3])
		}
	}
}

func TestFit(t *testing.T) {
	for _, c := range []struct{ rows, cols, w, h, wantW, wantH int }{
		{28, 28, 28, 14, 28, 14},
		{28, 28, 60, 29, 56, 28},  // each pixel twice
		{28, 28, 60, 27, 28, 14},  // no uneven pixels
		{28, 28, 14, 20, 14, 7},   // the width limits
		{28, 28, 100, 7, 14, 7},   // the height limits
		{27, 27, 40, 20, 27, 14},  // an odd number of rows
		{24, 48, 12, 12, 12, 3},   // wide
		{100, 1, 10, 5, 1, 5},     // high
		{1, 100, 10, 5, 10, 1},    // flat
		{3, 3, 20, 10, 18, 9},     // a filter, six times
		{5, 0, 3, 3, 0, 0},        // nothing
		{28, 28, 0, 5, 0, 0},      // nowhere
		{1000, 10, 3, 1, 1, 1},    // almost nothing
		{28, 28, 1, 1, 1, 1},      //
		{32, 32, 200, 50, 96, 48}, // three times
	} {
		if w, h := Fit(c.rows, c.cols, c.w, c.h); w != c.wantW || h != c.wantH {
			t.Errorf("%dx%d in %dx%d cells: %dx%d, want %dx%d", c.rows, c.cols, c.w, c.h, w, h, c.wantW, c.wantH)
		}
	}
	for rows := 1; rows < 60; rows += 3 {
		for w := 1; w < 50; w++ {
			for h := 1; h < 20; h++ {
				if gw, gh := Fit(rows, 30, w, h); gw < 1 || gh < 1 || gw > w || gh > h {
					t.Fatalf("%dx30 in %dx%d cells: %dx%d", rows, w, h, gw, gh)
				}
			}
		}
	}
}

func TestPalettes(t *testing.T) {
	for p, want := range map[Palette][3]rgb{Grey: {0, 0x808080, 0xffffff}, Sequential: {0x440154, 0x21918c, 0xfde725}, Diverging: {0x053061, 0xf7f7f7, 0x67001f}} {
		for i, at := range []int{0, 128, 255} {
			got := tables[p][at]
			for shift := 0; shift < 24; shift += 8 {
				if d := int(got>>shift&255) - int(want[i]>>shift&255); d < -2 || d > 2 {
					t.Errorf("palette %d at %d: %06x, want %06x", p, at, got, want[i])
				}
			}
		}
	}
	for i := 1; i < levels; i++ {
		if tables[Sequential][i].luma() < tables[Sequential][i-1].luma() {
			t.Errorf("the sequential palette gets darker at %d", i)
		}
		if up := tables[Diverging][i].luma() >= tables[Diverging][i-1].luma(); i < 126 && !up || i > 129 && tables[Diverging][i].luma() > tables[Diverging][i-1].luma() {
			t.Errorf("the diverging palette turns at %d", i)
		}
	}
}

func TestLevel(t *testing.T) {
	nan, inf := float32(math.NaN()), float32(math.Inf(1))
	for _, c := range []struct {
		lo, hi, v float32
		want      int
	}{
		{0, 255, 0, 0}, {0, 255, 7, 7}, {0, 255, 255, 255}, {0, 1, 2, 255}, {0, 1, -2, 0}, {-1, 1, 0, 128}, {3, 3, 3, 128}, {0, 1, nan, -1}, {0, 1, inf, -1},
	} {
		if got := (Look{Lo: c.lo, Hi: c.hi}).level(c.v); got != c.want {
			t.Errorf("%v in %v..%v: %d, want %d", c.v, c.lo, c.hi, got, c.want)
		}
	}
}

// Brighter pixels get more ink on a dark background and less on a light one, in both halves.
func TestRamps(t *testing.T) {
	ink := map[rune][2]int{}
	for _, g := range append(append([]glyph{}, shades...), asciiGlyphs...) {
		ink[g.r] = [2]int{g.top, g.bottom}
	}
	for _, r := range []*ramp{shadeRamp, asciiRamp} {
		for _, dark := range []bool{true, false} {
			last := -1
			for at := range 256 {
				p := pixel{at: int16(at)}
				if !dark {
					p.at = int16(255 - at)
				}
				g := ink[r.at(p, p, dark)]
				if g[0]+g[1] < last-40 { // characters are few: the ramp may dip a little
					t.Errorf("brightness %d has less ink than the one before", at)
				}
				last = max(last, g[0]+g[1])
			}
			if last < 450 {
				t.Errorf("white is drawn with ink %d of 510", last)
			}
		}
		white, black := pixel{at: 255}, pixel{}
		for i, c := range []rune{r.at(white, black, true), r.at(black, white, true)} {
			if g := ink[c]; g[i] < g[1-i]+60 {
				t.Errorf("the edge in half %d is drawn as %q", i, c)
			}
		}
		if r.at(pixel{at: -1}, black, true) != '?' {
			t.Error("NaN is not shown")
		}
	}
}

func TestRange(t *testing.T) {
	nan, inf := float32(math.NaN()), float32(math.Inf(-1))
	if lo, hi := Range([]float32{3, nan}, []float32{-2, inf}); lo != -2 || hi != 3 {
		t.Errorf("%v %v", lo, hi)
	}
	if lo, hi := Range([]float32{nan}, nil); lo != 0 || hi != 1 {
		t.Errorf("nothing finite: %v %v", lo, hi)
	}
	if lo, hi := Symmetric(-1, 3); lo != -3 || hi != 3 {
		t.Errorf("symmetric: %v %v", lo, hi)
	}
}

func TestChannel(t *testing.T) {
	m := Image{1, 2, 3, []float32{1, 2, 3, 4, 5, 6}}
	if got := fmt.Sprint(m.Channel(1)); got != "{1 2 1 [2 5]}" {
		t.Error(got)
	}
}

// A curve has ink in every column, however steep it is, but for values that are not finite.
func TestCurve(t *testing.T) {
	nan := float32(math.NaN())
	for name, s := range styles {
		lines := s.Curve([]float32{0, 1, 0, 1, 0, 1}, 0, 1, 12, 6)
		for x := range 12 {
			if !inked(lines, x) {
				t.Errorf("%s: column %d is empty:\n%s", name, x, strings.Join(lines, "\n"))
			}
		}
		lines = s.Curve([]float32{0, 0, 0, nan, nan, nan, nan, 0, 0, 0}, 0, 1, 10, 3)
		if !inked(lines, 0) || inked(lines, 5) || !inked(lines, 9) {
			t.Errorf("%s: no gap:\n%s", name, strings.Join(lines, "\n"))
		}
		if up := s.Curve([]float32{0, 1}, 0, 1, 8, 4); strings.TrimSpace(string([]rune(up[3])[:2])) == "" || strings.TrimSpace(string([]rune(up[0])[6:])) == "" {
			t.Errorf("%s: a rise is not drawn as one:\n%s", name, strings.Join(up, "\n"))
		}
	}
}

func inked(lines []string, x int) bool {
	for _, l := range lines {
		if []rune(l)[x] != ' ' {
			return true
		}
	}
	return false
}

func TestBars(t *testing.T) {
	for name, s := range styles {
		lines := s.Bars([]float32{1, -1, 0, float32(math.NaN())}, -1, 1, 16, 4)
		top, low := lines[0], lines[3]
		for x, want := range []struct{ up, down bool }{0: {up: true}, 1: {down: true}, 2: {}, 3: {}} {
			cell := func(l string) bool { return []rune(l)[x*4+1] != ' ' }
			if cell(top) != want.up || cell(low) != want.down {
				t.Errorf("%s: bar %d:\n%s", name, x, strings.Join(lines, "\n"))
			}
		}
	}
}

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

// A window has what is around the cursor, and drops answers that nobody waits for any more.
func TestWindow(t *testing.T) {
	var w Window
	if w.Need([]int{1}, 0, 1) != nil {
		t.Error("a window without a reader reads")
	}
	list := make([]int, 100_000)
	for i := range list {
		list[i] = 3 * i
	}
	reads := 0
	reader := func(dst []float32, i int) error {
		reads++
		dst[0] = float32(i)
		return nil
	}
	w.Reset([]int{100, 1, 1}, reader)
	take := func(cmd tea.Cmd) {
		t.Helper()
		if cmd == nil || !w.Take(cmd()) {
			t.Fatal("nothing was read")
		}
	}
	take(w.Need(list, 50_000, 20))
	for _, at := range []int{50_000 - 64, 50_000, 50_063} {
		if it, ok := w.Tile(at); !ok || it.Shape[0] != 64 || it.V[0] != float32(3*at) {
			t.Errorf("place %d: %v %v", at, ok, it.Shape)
		}
	}
	if it, ok := w.One(50_000); !ok || len(it.V) != 100 || it.V[0] != 150_000 {
		t.Errorf("the one with the cursor: %v", ok)
	}
	if w.Need(list, 50_000, 20) != nil {
		t.Error("the same is read twice")
	}
	was := reads
	take(w.Need(list, 50_001, 20))
	if reads != was+1 {
		t.Errorf("%d reads for the next one", reads-was)
	}
	late := w.Need(list, 10, 20)()
	take(w.Need(list, 99_999, 20))
	w.Take(late)
	if _, ok := w.Tile(10); ok {
		t.Error("a late answer was taken")
	}
	if _, ok := w.Tile(99_999); !ok {
		t.Error("the last one is not there")
	}
	late = w.Need(list, 5, 20)()
	w.Reset([]int{1}, func([]float32, int) error { return errors.New("torn") })
	if w.Take(late) {
		t.Error("an answer for another source was taken")
	}
	take(w.Need(list, 0, 1))
	if err := w.Err(); err == nil || err.Error() != "sample 0: torn" {
		t.Errorf("error %v", err)
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
