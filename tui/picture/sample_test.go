package picture

import (
	"math"
	"strings"
	"testing"
)

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
