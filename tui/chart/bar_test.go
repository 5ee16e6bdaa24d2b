package chart

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"
)

// bar is both parts of a bar.
func bar(width int, fraction float64, symbols Symbols) string {
	done, rest := BarParts(width, fraction, symbols)
	return done + rest
}

func TestBar(t *testing.T) {
	for _, test := range []struct {
		width    int
		fraction float64
		symbols  Symbols
		want     string
	}{
		{10, 0, Braille, "──────────"},
		{10, 0.5, Braille, "━━━━━─────"},
		{10, 0.25, Braille, "━━╸───────"},
		{10, 0.001, Braille, "╸─────────"},
		{10, 0.999, Braille, "━━━━━━━━━╸"},
		{10, 1, Braille, "━━━━━━━━━━"},
		{10, 7, Block, "██████████"},
		{10, 0.35, Block, "███▌░░░░░░"},
		{10, 0.35, ASCII, "###-------"},
		{10, -1, ASCII, "----------"},
		{10, math.NaN(), ASCII, "----------"},
		{10, math.Inf(1), ASCII, "##########"},
		{1, 0.5, ASCII, "-"},
		{0, 0.5, ASCII, ""},
		{-4, 0.5, ASCII, ""},
	} {
		if got := bar(test.width, test.fraction, test.symbols); got != test.want {
			t.Errorf("%d cells, %v, %v: %q, want %q", test.width, test.fraction, test.symbols, got, test.want)
		}
	}
}

func TestSpark(t *testing.T) {
	nan := math.NaN()
	for _, test := range []struct {
		values  []float64
		width   int
		symbols Symbols
		want    string
	}{
		{[]float64{0, 1, 2, 3, 4, 5, 6, 7}, 8, Block, "▁▂▃▄▅▆▇█"},
		{[]float64{0, 1, 2, 3}, 4, Braille, "⣀⣤⣶⣿"},
		{[]float64{0, 1, 2, 3, 4, 5}, 6, ASCII, "_.-=*#"},
		{[]float64{1, 3, 5, 7}, 2, Block, "▁█"},
		{[]float64{2, 2}, 4, Block, "  ▅▅"},
		{[]float64{0, nan, 1}, 3, Block, "▁ █"},
		{[]float64{nan}, 2, Block, "  "},
		{[]float64{-math.MaxFloat64, math.MaxFloat64}, 2, Block, "▁█"},
		{nil, 3, Block, "   "},
		{[]float64{1}, 0, Block, ""},
	} {
		if got := Spark(test.values, test.width, test.symbols); got != test.want {
			t.Errorf("%v in %d cells, %v: %q, want %q", test.values, test.width, test.symbols, got, test.want)
		}
	}
}

// hbars draws counts as bars on a common scale that starts at 0, a line each.
func hbars(counts []Count, width int, symbols Symbols) []string {
	labels, largest := 0, 0.0
	for _, c := range counts {
		labels = max(labels, ansi.StringWidth(clean(c.Label, width, symbols)))
		if finite(c.Value) {
			largest = max(largest, c.Value)
		}
	}
	labels = min(labels, width*2/5)
	lines := make([]string, len(counts))
	for i, c := range counts {
		lines[i] = HBar(c, largest, labels, width, symbols)
	}
	return lines
}

func TestHBar(t *testing.T) {
	counts := []Count{{"T-shirt", 1000}, {"바지", 500}, {"Ankle boot", 3}, {"none", 0}}
	for _, test := range []struct {
		width   int
		symbols Symbols
		want    string
	}{
		{30, Block, `
T-shirt    ██████████████ 1000
바지       ███████ 500        
Ankle boot ▏ 3                
none       0                  `},
		{30, ASCII, `
T-shirt    ############## 1000
??         ####### 500        
Ankle boot # 3                
none       0                  `},
		{12, ASCII, `
T-s~ ## 1000
??   # 500  
Ank~ # 3    
none 0      `},
		{7, ASCII, `
T~ 1000
?? 500 
A~ 3   
n~ 0   `},
	} {
		got := "\n" + strings.Join(hbars(counts, test.width, test.symbols), "\n")
		if got != test.want {
			t.Errorf("%d cells, %v:%s\nwant%s", test.width, test.symbols, got, test.want)
		}
	}
}

func TestBarsFit(t *testing.T) {
	r := rand.New(rand.NewPCG(41, 42))
	values := []float64{0, 1, -5, 0.3, 1e30, math.NaN(), math.Inf(1), math.Inf(-1), 12345, 7e-9}
	labels := []string{"", "a", "한국어", "a very long label indeed", "é\x1b[1m\n"}
	for range 3000 {
		symbols, width := Symbols(r.IntN(3)), r.IntN(40)
		counts := make([]Count, r.IntN(4))
		for i := range counts {
			counts[i] = Count{labels[r.IntN(len(labels))], values[r.IntN(len(values))]}
		}
		sparks := make([]float64, r.IntN(60))
		for i := range sparks {
			sparks[i] = values[r.IntN(len(values))]
		}
		lines := append(hbars(counts, width, symbols), bar(width, values[r.IntN(len(values))], symbols), Spark(sparks, width, symbols))
		for _, line := range lines {
			if got := ansi.StringWidth(line); got != width {
				t.Fatalf("%v: %q is %d cells wide, want %d", symbols, line, got, width)
			}
			if symbols == ASCII && strings.ContainsFunc(line, func(c rune) bool { return c < ' ' || c > '~' }) {
				t.Fatalf("%q is not ASCII", line)
			}
		}
	}
}
