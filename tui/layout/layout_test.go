package layout

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/charmbracelet/x/ansi"
)

func TestDivide(t *testing.T) {
	for _, c := range []struct {
		name  string
		total int
		sizes []Size
		want  []int
	}{
		{"fixed and the rest", 80, []Size{Fixed(1), Flex(0, 1), Fixed(1)}, []int{1, 78, 1}},
		{"shares", 100, []Size{Flex(10, 3), Flex(10, 1)}, []int{70, 30}},
		{"an odd cell goes to the first", 11, []Size{Flex(0, 1), Flex(0, 1)}, []int{6, 5}},
		{"up to a maximum", 100, []Size{{Min: 10, Grow: 1, Max: 20}, Flex(0, 1)}, []int{20, 80}},
		{"too small: the last give way", 15, []Size{Flex(10, 1), Flex(10, 1), Flex(10, 1)}, []int{10, 5, 0}},
		{"nothing grows", 10, []Size{Fixed(2), Fixed(3)}, []int{2, 3}},
		{"nothing there", 0, []Size{Flex(1, 1)}, []int{0}},
		{"less than nothing", -5, []Size{Flex(1, 1)}, []int{0}},
	} {
		if got := divide(c.total, c.sizes); !slices.Equal(got, c.want) {
			t.Errorf("%s: got %v, want %v", c.name, got, c.want)
		}
	}
}

// The parts of any division lie side by side in the whole, and a part that grows without bound leaves nothing over.
func TestDivisionFillsTheWhole(t *testing.T) {
	for w := range 70 {
		for lo := range 20 {
			r := Rect{3, 4, w, 7}
			parts := Columns(r, Flex(lo, 2), Fixed(5), Size{Min: 2, Grow: 1, Max: 9}, Flex(lo/2, 3))
			x := r.X
			for _, p := range parts {
				if p.X != x || p.Y != r.Y || p.H != r.H || p.W < 0 {
					t.Fatalf("%d cells, minimum %d: %v", w, lo, parts)
				}
				x += p.W
			}
			if x != r.X+w {
				t.Fatalf("%d cells, minimum %d: %d are given", w, lo, x-r.X)
			}
		}
	}
}

func TestModes(t *testing.T) {
	for _, c := range []struct {
		w, h int
		want Mode
	}{{1, 1, Line}, {39, 50, Line}, {200, 11, Line}, {40, 12, Single}, {79, 60, Single}, {200, 23, Single}, {80, 24, Full}} {
		if got := ModeOf(c.w, c.h); got != c.want {
			t.Errorf("%dx%d: got %v, want %v", c.w, c.h, got, c.want)
		}
	}
}

func TestCenter(t *testing.T) {
	r := Rect{10, 10, 20, 10}
	if got := r.Center(10, 4); got != (Rect{15, 13, 10, 4}) {
		t.Errorf("got %v", got)
	}
	if got := r.Center(50, 50); got != r {
		t.Errorf("a box larger than the whole: got %v", got)
	}
}

const hangul = "가나다라" // eight cells

func TestFitMeasuresCells(t *testing.T) {
	for _, c := range []struct{ got, want string }{
		{Fit("abc", 5), "abc  "}, {Fit("abcdef", 4), "abc…"}, {Fit("abc", 0), ""}, {Fit("", 2), "  "},
		{Fit(hangul, 8), hangul}, {Fit(hangul, 9), hangul + " "}, {Fit(hangul, 7), "가나다…"}, {Fit(hangul, 6), "가나… "},
		{FitLeft("12", 4), "  12"}, {FitLeft("12345", 4), "123…"},
		{Ends("a", "b", 5), "a   b"}, {Ends("abc", "defgh", 9), "abc defgh"}, {Ends("abc", "defgh", 8), "abc def…"}, {Ends("abcde", "fgh", 7), "abcde  "},
		{Ends("abc", "d", 2), "a…"}, {Fit("1\u0600", 3), "1  "}, {FitLeft("\u0903a", 3), "  a"},
	} {
		if c.got != c.want {
			t.Errorf("got %q, want %q", c.got, c.want)
		}
	}
	for w := range 9 { // escape sequences take no cell
		if got := Fit("\x1b[31mred\x1b[m 가나", w); Width(got) != w {
			t.Errorf("%q takes %d cells, want %d", got, Width(got), w)
		}
	}
}

func TestBlock(t *testing.T) {
	if got, want := Block("a\nbcd\n"+hangul, 4, 4), "a   \nbcd \n가… \n    "; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got := Block("a", 0, 3); got != "" {
		t.Errorf("no width: got %q", got)
	}
}

func TestBesideAndAbove(t *testing.T) {
	if got, want := Beside("a \nb ", "", "c"), "a c\nb  "; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got, want := Above("a", "", "b"), "a\nb"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestOver(t *testing.T) {
	base := "abcdef\nghijkl\nmnopqr"
	for _, c := range []struct {
		x, y int
		want string
	}{
		{2, 1, "abcdef\nghXYkl\nmnXYqr"}, {0, 0, "XYcdef\nXYijkl\nmnopqr"}, {5, 2, "abcdef\nghijkl\nmnopqX"}, {9, 0, base}, {2, -1, "abXYef\nghijkl\nmnopqr"},
	} {
		if got := ansi.Strip(Over(base, "XY\nXY", c.x, c.y)); got != c.want {
			t.Errorf("at %d,%d: got %q, want %q", c.x, c.y, got, c.want)
		}
	}
	// A wide character that the box cuts leaves a blank.
	if got, want := ansi.Strip(Over(hangul, "XY", 1, 0)), " XY 다라"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	// Styles of what lies below go on behind the box.
	if got := Over("\x1b[31mabcdef\x1b[m", "X", 2, 0); !strings.Contains(got, "def") || Width(got) != 6 {
		t.Errorf("got %q", got)
	}
}

// Whatever the window, the row with the cursor is in it, and it shows as much as there is.
func TestWindowShowsTheCursor(t *testing.T) {
	for n := range 30 {
		for h := 1; h < 12; h++ {
			from := 0
			for at := range n {
				from = Window(from, at, n, h)
				if at < from || at >= from+h || from < 0 || n > h && from+h > n || n <= h && from != 0 {
					t.Fatalf("row %d of %d in %d lines: from %d", at, n, h, from)
				}
			}
		}
	}
}

func FuzzFit(f *testing.F) {
	f.Add("plain", 3)
	f.Add("e\u0301\u0301", 1)
	f.Add("1\u0600", 4) // a mark that joins what follows
	f.Add("1\u0600", 1)
	f.Add("1\u0d4e", 4)
	f.Add("\u0903a", 2) // one that joins what comes before
	f.Fuzz(func(t *testing.T, s string, w int) {
		if w > 500 || !utf8.ValidString(s) {
			t.Skip()
		}
		for _, r := range s {
			if r < ' ' || r >= 0x7f && r < 0xa0 {
				t.Skip()
			}
		}
		for what, line := range map[string]string{"Fit": Fit(s, w), "FitLeft": FitLeft(s, w), "Ends": Ends(s, s, w)} {
			if got := Width(line); got != max(w, 0) {
				t.Errorf("%s: %q in %d cells takes %d", what, s, w, got)
			}
			if got := Width("|" + line + "|"); got != max(w, 0)+2 {
				t.Errorf("%s: %q in %d cells takes %d with its borders", what, s, w, got-2)
			}
		}
	})
}
