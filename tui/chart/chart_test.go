package chart

import (
	"fmt"
	"image/color"
	"math"
	"math/rand/v2"
	"strings"
	"testing"
	"unicode/utf8"

	"charm.land/lipgloss/v2"
	"github.com/charmbracelet/x/ansi"
)

// checkPicture holds a drawing to what every drawing keeps.
func checkPicture(t *testing.T, picture string, w, h int, symbols Symbols) {
	t.Helper()
	lines := strings.Split(picture, "\n")
	if h == 0 {
		if picture != "" {
			t.Fatalf("%dx%d: %q", w, h, picture)
		}
		return
	}
	if len(lines) != h {
		t.Fatalf("%dx%d: %d lines", w, h, len(lines))
	}
	if !utf8.ValidString(picture) {
		t.Fatalf("%dx%d: not UTF-8", w, h)
	}
	for y, line := range lines {
		if got := ansi.StringWidth(line); got != w {
			t.Fatalf("%dx%d: line %d is %d cells wide: %q", w, h, y, got, line)
		}
		if symbols == ASCII {
			for _, r := range ansi.Strip(line) {
				if r < ' ' || r > '~' {
					t.Fatalf("%dx%d: line %d has %q: %q", w, h, y, r, line)
				}
			}
		}
	}
}

// randomChart is any chart at all.
func randomChart(r *rand.Rand) *Chart {
	o := Options{
		Symbols:   Symbols(r.IntN(3)),
		X:         Axis(r.IntN(3)),
		LogX:      r.IntN(3) == 0,
		LogY:      r.IntN(3) == 0,
		Smoothing: []float64{0, 0.6, 0.9, 0.99, 1, -1, math.NaN()}[r.IntN(7)],
		HideBand:  r.IntN(4) == 0,
		Guides:    r.IntN(2) == 0,
		Legend:    Legend(r.IntN(4)),
	}
	labels := []string{"", "train", "val", "한국어 이름", "é́a\u200db", "\x1b[31mred\x1b[m\nnext", strings.Repeat("long ", 20), "👩\u200d👩\u200d👧 net"}
	var lines []Line
	for i := range r.IntN(5) {
		lines = append(lines, Line{
			Label:  labels[r.IntN(len(labels))],
			Series: randomData(r),
			Mark:   []rune{0, Mark(i), 'x'}[r.IntN(3)],
			Dashed: r.IntN(2) == 0,
			Exact:  r.IntN(2) == 0,
			Pinned: r.IntN(3) == 0,
			Hidden: r.IntN(8) == 0,
		})
		if r.IntN(20) == 0 {
			lines[i].Series = nil
		}
	}
	c := New(o, lines...)
	for range r.IntN(3) {
		e := Event{At: Point{Step: r.IntN(300), Epoch: r.NormFloat64(), Seconds: r.NormFloat64() * 100}, Text: labels[r.IntN(len(labels))]}
		c.events = append(c.events, e)
	}
	return c
}

// randomData has everything that a value can be.
func randomData(r *rand.Rand) *Series {
	s := &Series{}
	kind := r.IntN(8)
	constant := []float64{0, 1, -1, 1e30, -1e30, 5e-324, math.MaxFloat64, 1e-5}[r.IntN(8)]
	step, epoch, seconds := 0, 0.0, 0.0
	for range r.IntN(3) * r.IntN(150) {
		step += 1 + r.IntN(3)
		epoch += r.Float64() / 20
		seconds += r.ExpFloat64() * math.Pow(10, float64(r.IntN(6)-3))
		v := constant
		switch kind {
		case 0:
			v = notFinite[r.IntN(3)]
		case 1:
			v = r.NormFloat64()
		case 2:
			v = math.Ldexp(r.Float64()-0.5, r.IntN(2100)-1070)
		case 3:
			v = 1000 + r.Float64()*1e-4
		case 4:
			if r.IntN(5) == 0 {
				v = notFinite[r.IntN(3)]
			} else {
				v = r.ExpFloat64()
			}
		case 5:
			v = []float64{math.MaxFloat64, -math.MaxFloat64, 0}[r.IntN(3)]
		}
		s.Append(Point{Step: step, Epoch: epoch, Seconds: seconds, Value: v})
	}
	return s
}

// act does something that a person at the keyboard could do, or the training.
func act(r *rand.Rand, c *Chart) {
	switch r.IntN(16) {
	case 0, 1:
		c.ZoomIn()
	case 2:
		c.ZoomOut()
	case 3:
		c.Pan(r.Float64()*4 - 2)
	case 4:
		c.ResetZoom()
	case 5, 6:
		c.ShowCursor(true)
	case 7:
		c.ShowCursor(false)
	case 8:
		c.MoveCursor(r.IntN(41) - 20)
	case 9:
		c.StepCursor(r.IntN(5) - 2)
	case 10:
		c.PlaceCursor(r.IntN(70) - 5)
	case 11:
		c.ZoomAt(r.IntN(70)-5, r.IntN(2) == 0)
	case 12:
		o := c.Options()
		o.X, o.LogX, o.LogY = Axis(r.IntN(3)), r.IntN(2) == 0, r.IntN(2) == 0
		c.SetOptions(o)
	case 13:
		c.Follow()
	default:
		if len(c.lines) == 0 || c.lines[0].Series == nil {
			return
		}
		s := c.lines[0].Series
		last, _ := s.Last()
		if r.IntN(4) == 0 {
			s.Truncate(r.IntN(last.Step + 1))
		} else {
			s.Append(Point{Step: last.Step + 1, Epoch: last.Epoch + 0.01, Seconds: last.Seconds + 1, Value: r.NormFloat64()})
		}
	}
}

func TestEverySize(t *testing.T) {
	r := rand.New(rand.NewPCG(11, 12))
	charts := []*Chart{New(Options{Smoothing: 0.9, Guides: true}, trainingLines(300, 30)...)}
	for range 4 {
		charts = append(charts, randomChart(r))
	}
	for w := 0; w <= 60; w++ {
		for h := 0; h <= 25; h++ {
			for i, c := range charts {
				if i > 0 && r.IntN(3) == 0 {
					charts[i] = randomChart(r)
				}
				act(r, c)
				checkPicture(t, c.Draw(w, h), w, h, c.options.Symbols)
			}
		}
	}
	checkPicture(t, charts[0].Draw(-3, 2), 0, 2, Braille)
	checkPicture(t, charts[0].Draw(3, -2), 3, 0, Braille)
}

func FuzzDraw(f *testing.F) {
	for seed := range uint64(8) {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, seed uint64) {
		r := rand.New(rand.NewPCG(seed, 0))
		c := randomChart(r)
		for range 20 {
			act(r, c)
			w, h := r.IntN(120), r.IntN(40)
			checkPicture(t, c.Draw(w, h), w, h, c.options.Symbols)
		}
	})
}

func TestHostileData(t *testing.T) {
	denormal := math.SmallestNonzeroFloat64
	for _, values := range [][]float64{
		{}, {0}, {1e30}, {-1e30}, {1e30, -1e30}, {denormal}, {denormal, 3 * denormal}, {-denormal, denormal},
		{math.MaxFloat64, -math.MaxFloat64}, {math.NaN()}, notFinite, {1, math.NaN(), 2}, {7, 7, 7, 7}, {0, 0, 0},
		{1, 1 + 1e-15}, {1e9, 1e9 + 1e-3}, {-5, -4}, {-1, 0, 1}, {1e-300, 1e300},
	} {
		for _, logY := range []bool{false, true} {
			var s Series
			for i, v := range values {
				s.Append(Point{Step: i, Value: v})
			}
			c := New(Options{LogY: logY, Guides: true, Smoothing: 0.6}, Line{Label: "x", Series: &s})
			for _, size := range [][2]int{{1, 1}, {9, 3}, {30, 5}, {52, 12}, {110, 28}} {
				picture := c.Draw(size[0], size[1])
				checkPicture(t, picture, size[0], size[1], Braille)
				if strings.Contains(strings.ToLower(ansi.Strip(c.axisLabels())), "nan") || strings.Contains(c.axisLabels(), "inf") {
					t.Errorf("%v: axis labels %s", values, c.axisLabels())
				}
			}
		}
	}
}

func (c *Chart) axisLabels() string {
	var labels []string
	for _, t := range append(c.layout.xs.ticks, c.layout.ys.ticks...) {
		labels = append(labels, t.label)
	}
	return strings.Join(labels, " ")
}

func TestDrawIsCachedUntilSomethingChanges(t *testing.T) {
	lines := trainingLines(200, 20)
	c := New(Options{}, lines...)
	before := c.Draw(60, 12)
	if n := testing.AllocsPerRun(10, func() { c.Draw(60, 12) }); n != 0 {
		t.Errorf("an unchanged draw allocates %v times", n)
	}
	for _, change := range []struct {
		what string
		do   func()
	}{
		{"a point", func() { lines[0].Series.Append(Point{Step: 300, Value: 9}) }},
		{"going back", func() { lines[0].Series.Truncate(200) }},
		{"a reset", func() { lines[1].Series.Reset() }},
		{"an option", func() { c.SetOptions(Options{LogY: true}) }},
		{"a line", func() { c.SetLines(lines[:1]...) }},
		{"an event", func() { c.SetEvents(Event{At: Point{Step: 50}, Text: "lr 1e-4"}) }},
		{"the cursor", func() { c.ShowCursor(true) }},
		{"moving it", func() { c.MoveCursor(-9) }},
		{"zooming", func() { c.ZoomIn() }},
	} {
		change.do()
		after := c.Draw(60, 12)
		if after == before {
			t.Errorf("%s does not show", change.what)
		}
		before = after
	}
	if c.Draw(61, 12) == before {
		t.Error("another size does not show")
	}
}

func TestReplacedSeriesShows(t *testing.T) {
	// As many changes as before, in other series.
	a, b := &Series{}, &Series{}
	for i := range 50 {
		a.Append(Point{Step: i, Value: float64(i)})
		b.Append(Point{Step: i, Value: float64(-i)})
	}
	c := New(Options{Smoothing: 0.6}, Line{Series: a})
	before := c.Draw(40, 8)
	c.SetLines(Line{Series: b})
	if c.Draw(40, 8) == before {
		t.Error("the old series still shows")
	}
}

func TestWithoutColoursThereAreNone(t *testing.T) {
	for _, none := range []color.Color{nil, lipgloss.NoColor{}} {
		lines := trainingLines(200, 20)
		lines[0].Color, lines[0].Dim, lines[1].Color = none, none, none
		c := New(Options{Smoothing: 0.9, Guides: true, Palette: Palette{Axis: none, Guide: none, Event: none}}, lines...)
		c.SetEvents(Event{At: Point{Step: 50}, Text: "lr 1e-4"})
		c.ShowCursor(true)
		picture := c.Draw(80, 20)
		for _, sequence := range strings.Split(picture, "\x1b[")[1:] {
			codes, _, _ := strings.Cut(sequence, "m")
			if codes != "" && codes != "0" && codes != "1" && codes != "2" {
				t.Fatalf("escape sequence %q without a colour", codes)
			}
		}
	}
}

func TestOneSequenceARun(t *testing.T) {
	c := New(Options{}, Line{Series: diverging(), Color: color.RGBA{1, 2, 3, 255}})
	for _, line := range strings.Split(c.Draw(80, 20), "\n") {
		last := ""
		for _, sequence := range strings.Split(line, "\x1b[")[1:] {
			codes, text, _ := strings.Cut(sequence, "m")
			if (codes == "" || codes == "0") && text == "" {
				continue // from one style to the next
			}
			if codes == last {
				t.Fatalf("style %s twice in a row: %q", codes, line)
			}
			last = codes
		}
	}
}

func TestLinesCoverEachOther(t *testing.T) {
	flat := func(v float64) *Series {
		s := &Series{}
		s.Append(Point{Step: 0, Value: v}, Point{Step: 100, Value: v})
		return s
	}
	red, blue := color.RGBA{255, 0, 0, 255}, color.RGBA{0, 0, 255, 255}
	draw := func(pinned bool) string {
		c := New(Options{Legend: LegendOff}, Line{Series: flat(1), Color: red, Pinned: pinned}, Line{Series: flat(1), Color: blue})
		return c.Draw(40, 10)
	}
	if p := draw(false); strings.Contains(p, "255;0;0") || !strings.Contains(p, "0;0;255") {
		t.Error("the later line does not cover the earlier one")
	}
	if p := draw(true); !strings.Contains(p, "255;0;0") || strings.Contains(p, "0;0;255") {
		t.Error("the pinned line does not cover the later one")
	}
}

func TestGapBreaksTheLine(t *testing.T) {
	var s Series
	for i := range 100 {
		v := 1.0
		if i >= 40 && i < 60 {
			v = math.Inf(1)
		}
		s.Append(Point{Step: i, Value: v})
	}
	for _, smoothing := range []float64{0, 0.9} {
		c := New(Options{Smoothing: smoothing, HideBand: true}, Line{Series: &s})
		row := ""
		for _, line := range strings.Split(ansi.Strip(c.Draw(60, 11)), "\n") {
			if strings.ContainsFunc(line, isDots) {
				if row != "" {
					t.Fatalf("smoothing %v: a constant in two rows", smoothing)
				}
				row = line
			}
		}
		cells := []rune(row)
		from, to := c.layout.x+c.layout.xs.cell(39), c.layout.x+c.layout.xs.cell(60)
		for x := c.layout.x; x <= c.layout.x+c.layout.xs.cell(99); x++ {
			inside := x > from && x < to
			if isDots(cells[x]) == inside {
				t.Errorf("smoothing %v: cell %d is %q, in the gap: %v", smoothing, x, cells[x], inside)
			}
		}
		if !strings.Contains(c.Draw(60, 11), "diverged at step 40") {
			t.Errorf("smoothing %v: nothing says where it diverged", smoothing)
		}
	}
}

func isDots(r rune) bool { return r > 0x2800 && r <= 0x28ff }

func TestSpikesAreNeverLost(t *testing.T) {
	var s Series
	for i := range 50_000 {
		v := 1.0
		if i == 33_333 {
			v = 50
		}
		s.Append(Point{Step: i, Value: v})
	}
	for _, smoothing := range []float64{0, 0.99} { // the line, then its band
		c := New(Options{Smoothing: smoothing}, Line{Series: &s})
		lines := strings.Split(ansi.Strip(c.Draw(60, 14)), "\n")
		top := c.layout.y + int(c.layout.ys.dot(50, 4))/4
		x := c.layout.x + c.layout.xs.cell(33_333)
		if r := []rune(lines[top])[x]; !isDots(r) {
			t.Errorf("smoothing %v: the spike's cell has %q", smoothing, r)
		}
	}
}

func TestEvents(t *testing.T) {
	draw := func(n int) (full, texts int) {
		var s Series
		s.Append(Point{Step: 1, Value: 1}, Point{Step: 1000, Value: 1}) // flat, in the middle
		c := New(Options{}, Line{Series: &s})
		var events []Event
		for i := range n {
			events = append(events, Event{At: Point{Step: 10 + i*980/n}, Text: "lr"})
		}
		c.SetEvents(events...)
		lines := strings.Split(ansi.Strip(c.Draw(100, 20)), "\n")
		return strings.Count(lines[c.layout.y], "╎"), strings.Count(strings.Join(lines, ""), "lr")
	}
	if full, texts := draw(5); full != 5 || texts != 5 {
		t.Errorf("of 5 events %d have a line and %d a text", full, texts)
	}
	if full, texts := draw(60); full != 0 || texts != 0 {
		t.Errorf("of 60 events %d have a line and %d a text", full, texts)
	}
}

func TestFirstPointHasARoundAxis(t *testing.T) {
	for _, smoothing := range []float64{0, 0.6, 0.99} {
		var s Series
		s.Append(Point{Step: 1, Value: 1.645501234})
		c := New(Options{Smoothing: smoothing}, Line{Series: &s})
		c.Draw(50, 12)
		for _, tick := range c.layout.ys.ticks {
			if len(tick.label) > 3 {
				t.Errorf("smoothing %v: axis %v", smoothing, c.layout.ys.ticks)
			}
		}
	}
}

func TestLinesThatStayChangeNothing(t *testing.T) {
	lines := trainingLines(100, 10)
	event := Event{At: Point{Step: 5}, Text: "lr"}
	c := New(Options{Smoothing: 0.9}, lines...)
	c.SetEvents(event)
	c.Draw(60, 12)
	c.SetOptions(c.Options())
	c.SetLines(lines...)
	c.SetEvents(event)
	if n := testing.AllocsPerRun(5, func() { c.Draw(60, 12) }); n != 0 {
		t.Errorf("a draw of the same lines allocates %v times", n)
	}
	c.SetLines(lines[1], lines[0]) // what was smoothed goes along
	if got := len(c.lines[1].smooth.values); got != 100 {
		t.Errorf("%d smoothed values after lines changed places", got)
	}
}

func TestLegendNamesEveryLine(t *testing.T) {
	for _, symbols := range []Symbols{Braille, Block, ASCII} {
		for _, size := range [][2]int{{52, 12}, {110, 28}, {60, 7}} {
			c := New(Options{Symbols: symbols}, trainingLines(100, 10)...)
			picture := ansi.Strip(c.Draw(size[0], size[1]))
			for _, want := range []string{"train", "val"} {
				if !strings.Contains(picture, want) {
					t.Errorf("%v at %v: no %s in\n%s", symbols, size, want, picture)
				}
			}
		}
	}
	c := New(Options{Legend: LegendOff}, trainingLines(100, 10)...)
	if strings.Contains(c.Draw(110, 28), "train") {
		t.Error("a legend where there should be none")
	}
}

func TestEndNamesNeverMeet(t *testing.T) {
	var lines []Line
	for i := range 9 {
		var s Series
		s.Append(Point{Step: 0, Value: 1}, Point{Step: 10, Value: 0.5 + 0.001*float64(i)})
		lines = append(lines, Line{Label: fmt.Sprintf("run-%d", i), Series: &s})
	}
	c := New(Options{Legend: LegendEnd}, lines...)
	for _, h := range []int{8, 10, 12, 30} {
		picture := ansi.Strip(c.Draw(90, h))
		found := 0
		for i := range lines {
			found += strings.Count(picture, fmt.Sprintf("run-%d", i))
		}
		if want := min(len(lines), c.layout.h); found != want {
			t.Errorf("height %d: %d names, want %d in\n%s", h, found, want, picture)
		}
	}
}

func TestParseSymbols(t *testing.T) {
	for _, s := range []Symbols{Braille, Block, ASCII} {
		if got, err := ParseSymbols(s.String()); err != nil || got != s {
			t.Errorf("%v: %v, %v", s, got, err)
		}
	}
	if _, err := ParseSymbols("emoji"); err == nil || !strings.Contains(err.Error(), "braille, block or ascii") {
		t.Errorf("the error is %v", err)
	}
}
