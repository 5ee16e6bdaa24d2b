package picture

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"

	"cnnbench/tui/chart"
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
