package theme

import (
	"image/color"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/charmbracelet/colorprofile"
	"github.com/charmbracelet/x/ansi"

	"cnnbench/tui/chart"
	"cnnbench/tui/layout"
)

var looks = map[string]*Theme{
	"dark":    New(true, colorprofile.TrueColor, chart.Braille),
	"light":   New(false, colorprofile.TrueColor, chart.Braille),
	"sixteen": New(true, colorprofile.ANSI, chart.Braille),
	"none":    New(true, colorprofile.ASCII, chart.Braille),
}

func size(s string) (w, h int) {
	lines := strings.Split(s, "\n")
	for _, l := range lines {
		w = max(w, layout.Width(l))
	}
	return w, len(lines)
}

func TestPanesFillTheirRectangle(t *testing.T) {
	for name, look := range looks {
		for w := 1; w < 30; w++ {
			for h := 1; h < 8; h++ {
				for _, p := range []Pane{{Title: "layers", Right: "12", Foot: "3 more", Body: "a\nb가나다라마바사아자차카타파하\nc", Focused: true}, {Title: "층 구성", Body: strings.Repeat("x", 50)}, {}} {
					got := look.Draw(p, w, h)
					for _, l := range strings.Split(got, "\n") {
						if layout.Width(l) != w {
							t.Fatalf("%s %dx%d: a line has %d cells: %q", name, w, h, layout.Width(l), ansi.Strip(l))
						}
					}
					if _, gh := size(got); gh != h {
						t.Fatalf("%s %dx%d: %d lines", name, w, h, gh)
					}
				}
			}
		}
	}
}

// What has the focus and what is selected is told apart without colour.
func TestFocusAndSelectionShowWithoutColour(t *testing.T) {
	look := looks["none"]
	pane := Pane{Title: "layers", Body: "x"}
	plain := look.Draw(pane, 20, 4)
	pane.Focused = true
	focused := look.Draw(pane, 20, 4)
	if ansi.Strip(plain) == ansi.Strip(focused) {
		t.Error("the focused pane has the same border")
	}
	if !strings.Contains(focused, look.Bold.Render(" layers ")) {
		t.Error("the focused pane's title is not bold")
	}
	row, selected := look.Row("dense", 12, false, true), look.Row("dense", 12, true, true)
	if ansi.Strip(row) == ansi.Strip(selected) {
		t.Error("the selected row has no mark")
	}
	for _, s := range []string{plain, focused, row, selected, look.Bad.Render("x"), look.Progress(.5, 10)} {
		if colours(s) {
			t.Errorf("a colour in %q", s)
		}
	}
	if bar := ansi.Strip(look.Progress(.5, 10)); bar != "━━━━━─────" {
		t.Errorf("half a bar is %q", bar)
	}
}

// colours reports whether the text sets a foreground or background colour.
func colours(s string) bool {
	for _, seq := range strings.Split(s, "\x1b[")[1:] {
		args, _, _ := strings.Cut(seq, "m")
		for _, a := range strings.Split(args, ";") {
			if len(a) == 2 && (a[0] == '3' || a[0] == '4' || a[0] == '9') || len(a) == 3 && strings.HasPrefix(a, "10") {
				return true
			}
		}
	}
	return false
}

func TestProgressTakesAnyShare(t *testing.T) {
	var zero float64
	for _, share := range []float64{-1, 0, .3, 1, 7, zero / zero, 1 / zero} {
		if w := layout.Width(looks["dark"].Progress(share, 9)); w != 9 {
			t.Errorf("share %v: %d cells", share, w)
		}
	}
}

// A row keeps its background behind words that have styles of their own.
func TestSelectedRowKeepsItsBackground(t *testing.T) {
	look := looks["dark"]
	row := look.Row("a "+look.Dim.Render("b")+" c", 20, true, true)
	open, _, _ := strings.Cut(look.Selected.Render("\x00"), "\x00")
	_, after, found := strings.Cut(row, "b\x1b[m")
	if !found || !strings.HasPrefix(after, open) {
		t.Errorf("behind the dim word stands %q", after)
	}
}

func TestASCII(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"plain \x1b[31mred\x1b[m", "plain \x1b[31mred\x1b[m"},
		{"┏━ a ┓", "#= a #"}, {"3×3 → 10", "3x3 > 10"}, {"가나", "????"}, {"café", "caf?"}, {"cafe\u0301", "cafe"}, {"a…", "a~"}, {"a\xffb", "a?b"}, {"⠿", "?"},
	} {
		if got := ASCII(c.in); got != c.want {
			t.Errorf("%q: got %q, want %q", c.in, got, c.want)
		}
	}
}

func FuzzASCII(f *testing.F) {
	f.Add("┏━ 가나 e\u0301 ✗ \x1b[1mbold\x1b[m")
	f.Add("👩‍👩‍👧 \u200d")
	f.Add("0\U000113cd \u0600a e\u0903") // marks that share a cell with what stands before or after them
	f.Fuzz(func(t *testing.T, s string) {
		for _, b := range []byte(s) {
			if b == 0x1b || b >= 0x80 && !utf8.ValidString(s) {
				t.Skip() // escape sequences are not drawn with
			}
		}
		got := ASCII(s)
		for i := range len(got) {
			if got[i] >= 0x80 {
				t.Fatalf("%q: byte %#x", s, got[i])
			}
		}
		if a, b := layout.Width(s), layout.Width(got); a != b {
			t.Errorf("%q takes %d cells, %q %d", s, a, got, b)
		}
	})
}

func TestSeriesAreToldApart(t *testing.T) {
	for name, look := range looks {
		if name == "none" {
			continue
		}
		seen := map[color.Color]bool{}
		for i := range 6 {
			s := look.Series(i)
			if seen[s] {
				t.Errorf("%s: line %d has the colour of another", name, i)
			}
			seen[s] = true
		}
	}
}
