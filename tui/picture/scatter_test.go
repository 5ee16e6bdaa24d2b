package picture

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/charmbracelet/colorprofile"
	"github.com/charmbracelet/x/ansi"

	"cnnbench/tui/chart"
	"cnnbench/tui/theme"
)

func TestScatter(t *testing.T) {
	th := theme.New(true, colorprofile.Ascii, chart.Block)
	nan := float32(math.NaN())
	p := Scatter{X: []float32{0, 10, nan, 5}, Y: []float32{0, 20, 3, 10}, Names: [2]string{"x", "y"}, Mark: 3}
	got := lines(ansi.Strip(strings.Join(p.Lines(th, 44, 9), "\n")))
	exact(t, "scatter", Style{}, got, 44, 9)
	for y, want := range map[int]string{0: "20", 6: "0", 7: "└", 8: "x →"} {
		if !strings.Contains(got[y], want) {
			t.Errorf("line %d is %q, without %q", y, got[y], want)
		}
	}
	// Corners and the one that stands out, by their places.
	cells := func(y int) []rune { return []rune(got[y])[5:] }
	if first, last := cells(0), cells(6); first[len(first)-1] == ' ' || last[0] == ' ' {
		t.Errorf("the corners are empty:\n%s", strings.Join(got, "\n"))
	}
	if r := cells(3); r[len(r)/2] != '◆' {
		t.Errorf("the marked point is not in the middle:\n%s", strings.Join(got, "\n"))
	}
	// Where both axes have one range, equal points lie on the diagonal and hide it.
	p = Scatter{X: []float32{1, 2, 3}, Y: []float32{1, 2, 3}, Diagonal: true, Mark: -1}
	dots := strings.Count(ansi.Strip(strings.Join(p.Lines(th, 30, 10), "")), "·")
	p.Y = []float32{3, 3, 1}
	if off := strings.Count(ansi.Strip(strings.Join(p.Lines(th, 30, 10), "")), "·"); off <= dots {
		t.Errorf("%d cells of the diagonal are seen, and %d where points lie on it", off, dots)
	}
}

func TestScatterSizes(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 8))
	for _, symbols := range []chart.Symbols{chart.Braille, chart.Block, chart.ASCII} {
		th := theme.New(true, colorprofile.TrueColor, symbols)
		for range 200 {
			w, h := r.IntN(60), r.IntN(20)
			p := Scatter{Names: [2]string{"true", "predicted"}, Diagonal: r.IntN(2) == 0, Mark: r.IntN(6) - 1, X: noise(r, 1, 5, 1).V, Y: noise(r, 1, 5, 1).V}
			got := p.Lines(th, w, h)
			for i := range got {
				got[i] = theme.ASCII(got[i])
			}
			exact(t, fmt.Sprint(w, h), Style{Symbols: chart.ASCII}, lines(ansi.Strip(strings.Join(got, "\n"))), w, h)
		}
	}
	var none Scatter
	none.Mark = -1
	exact(t, "no points", Style{}, none.Lines(theme.New(true, colorprofile.TrueColor, chart.Braille), 20, 6), 20, 6)
}
