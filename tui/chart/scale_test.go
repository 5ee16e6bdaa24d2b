package chart

import (
	"math"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"
)

// tickValue reads a label back.
func tickValue(t *testing.T, label string) float64 {
	t.Helper()
	unit := 1.0
	if i := strings.IndexAny(label, "kMGT"); i >= 0 {
		unit = map[byte]float64{'k': 1e3, 'M': 1e6, 'G': 1e9, 'T': 1e12}[label[i]]
		label = label[:i]
	}
	v, err := strconv.ParseFloat(label, 64)
	if err != nil {
		t.Fatalf("label %q: %v", label, err)
	}
	return v * unit
}

func TestYAxisIsRegular(t *testing.T) {
	r := rand.New(rand.NewPCG(21, 22))
	for range 5000 {
		lo := r.NormFloat64() * math.Pow(10, float64(r.IntN(24)-12))
		hi := lo + r.ExpFloat64()*math.Pow(10, float64(r.IntN(24)-12))
		rows := 1 + r.IntN(50)
		y := newYScale(lo, hi, false, rows)

		for _, v := range []float64{lo, hi} {
			if d := y.dot(v, 1); d < -0.5-1e-6 || d > float64(rows)-0.5+1e-6 {
				t.Fatalf("%v to %v on %d rows: %v lies in row %v", lo, hi, rows, v, d)
			}
		}
		for i, tick := range y.ticks {
			if tick.at < 0 || tick.at >= rows {
				t.Fatalf("%v to %v on %d rows: tick in row %d", lo, hi, rows, tick.at)
			}
			if i == 0 {
				continue
			}
			before := y.ticks[i-1]
			if tick.at <= before.at || tick.label == before.label {
				t.Fatalf("%v to %v on %d rows: ticks %v", lo, hi, rows, y.ticks)
			}
			if gap := y.ticks[1].at - y.ticks[0].at; tick.at-before.at != gap {
				t.Fatalf("%v to %v on %d rows: ticks are not even: %v", lo, hi, rows, y.ticks)
			}
			// The label means the middle of its row.
			if d := y.dot(tickValue(t, tick.label), 1); math.Abs(d-float64(tick.at)) > 0.01 {
				t.Fatalf("%v to %v on %d rows: %s is at %v, its label in row %d", lo, hi, rows, tick.label, d, tick.at)
			}
		}
		if rows >= 5 && len(y.ticks) < 2 {
			t.Fatalf("%v to %v on %d rows: %d ticks", lo, hi, rows, len(y.ticks))
		}
		if used := y.dot(lo, 1) - y.dot(hi, 1); rows >= 8 && hi-lo > 1e-4*math.Max(math.Abs(lo), math.Abs(hi)) && used < float64(rows)*0.4 {
			t.Fatalf("%v to %v on %d rows: only %v rows are used", lo, hi, rows, used)
		}
	}
}

func TestYAxisExamples(t *testing.T) {
	for _, test := range []struct {
		lo, hi float64
		log    bool
		rows   int
		want   string
	}{
		{0.25, 2.3, false, 9, "2.0 1.5 1.0 0.5"},
		{0.1, 0.99, false, 20, "1.0 0.8 0.6 0.4 0.2"},
		{0.8, 0.99, false, 3, "1.0 0.9 0.8"},
		{0, 0, false, 5, "1 0 -1"},
		{-3, 3, false, 13, "3 2 1 0 -1 -2 -3"},
		{2.5e-5, 9.8e-5, false, 9, "1.0e-4 0.8e-4 0.6e-4 0.4e-4 0.2e-4"},
		{1e30, 1e30, false, 7, "1.2e30 1.0e30 0.8e30"},
		{1200, 98000, false, 12, "100k 80k 60k 40k 20k 0"},
		{0.001, 100, true, 12, "100 10 1 0.1 0.01 0.001"},
		{0.2, 4, true, 14, "2 1 0.5 0.2"},
		{2, 3, true, 8, "3.0 2.5 2.0"},
		{1e-30, 1e30, true, 9, "1e20 1 1e-20"},
	} {
		y := newYScale(test.lo, test.hi, test.log, test.rows)
		var labels []string
		for _, tick := range y.ticks {
			labels = append(labels, tick.label)
		}
		if got := strings.Join(labels, " "); got != test.want {
			t.Errorf("%v to %v (log %v) on %d rows: %s, want %s", test.lo, test.hi, test.log, test.rows, got, test.want)
		}
	}
}

func TestLogYAxis(t *testing.T) {
	r := rand.New(rand.NewPCG(23, 24))
	for range 5000 {
		lo := math.Pow(10, r.Float64()*60-30)
		hi := lo * math.Pow(10, r.ExpFloat64()*3)
		rows := 1 + r.IntN(50)
		y := newYScale(lo, hi, true, rows)
		for _, v := range []float64{lo, hi} {
			if d := y.dot(v, 1); d < -0.5-1e-6 || d > float64(rows)-0.5+1e-6 {
				t.Fatalf("%v to %v on %d rows: %v lies in row %v", lo, hi, rows, v, d)
			}
		}
		for i, tick := range y.ticks {
			if d := y.dot(tickValue(t, tick.label), 1); math.Abs(d-float64(tick.at)) > 0.51 {
				t.Fatalf("%v to %v on %d rows: %s is at %v, its label in row %d", lo, hi, rows, tick.label, d, tick.at)
			}
			if i > 0 && (tick.at <= y.ticks[i-1].at || rows > 2 && tick.at == y.ticks[i-1].at+1 && hi/lo < 1e6 && rows > 12) {
				t.Fatalf("%v to %v on %d rows: crowded ticks %v", lo, hi, rows, y.ticks)
			}
		}
	}
}

func TestXLabelsNeverMeet(t *testing.T) {
	r := rand.New(rand.NewPCG(25, 26))
	for range 5000 {
		axis, log := Axis(r.IntN(3)), r.IntN(2) == 0
		lo := r.Float64() * math.Pow(10, float64(r.IntN(8)-3))
		hi := lo + (0.001+r.Float64())*math.Pow(10, float64(r.IntN(9)-2))
		if axis == ByStep {
			lo, hi = math.Ceil(lo)+1, math.Ceil(hi)+2
		}
		cols := 1 + r.IntN(150)
		x := newXScale(axis, log, lo, hi, cols, 2)
		free := math.MinInt
		for _, tick := range x.ticks {
			start := tick.at - ansi.StringWidth(tick.label)/2
			if tick.at < 0 || tick.at >= cols || start < free {
				t.Fatalf("%v to %v by %v (log %v) on %d columns: %v", lo, hi, axis, log, cols, x.ticks)
			}
			free = start + ansi.StringWidth(tick.label) + 1
		}
		if cols >= 50 && len(x.ticks) < 2 && (axis != ByStep || hi-lo > 10) && hi/max(lo, 1e-9) > 1.5 {
			t.Fatalf("%v to %v by %v (log %v) on %d columns: ticks %v", lo, hi, axis, log, cols, x.ticks)
		}
		for range 10 {
			dot := float64(r.IntN(cols * 2))
			if back := x.dot(x.value(dot)); math.Abs(back-dot) > 1e-3 {
				t.Fatalf("column %v becomes %v", dot, back)
			}
		}
	}
}

func TestXAxisExamples(t *testing.T) {
	for _, test := range []struct {
		axis   Axis
		log    bool
		lo, hi float64
		cols   int
		want   string
	}{
		{ByStep, false, 0, 1600, 45, "0 500 1000 1500"},
		{ByStep, false, 0, 4, 45, "0 1 2 3 4"},
		{ByStep, false, 0, 200000, 90, "0 20k 40k 60k 80k 100k 120k 140k 160k 180k 200k"},
		{ByStep, true, 1, 1000, 30, "1 10 100 1000"},
		{ByEpoch, false, 0, 10, 90, "0 1 2 3 4 5 6 7 8 9 10"},
		{ByEpoch, false, 0, 0.5, 45, "0 0.1 0.2 0.3 0.4 0.5"},
		{ByTime, false, 0, 12, 45, "0s 5s 10s"},
		{ByTime, false, 0, 95, 45, "0:00 0:30 1:00 1:30"},
		{ByTime, false, 0, 5400, 45, "0:00h 0:30h 1:00h 1:30h"},
		{ByTime, false, 0, 400000, 45, "0d 1d 2d 3d 4d"},
	} {
		x := newXScale(test.axis, test.log, test.lo, test.hi, test.cols, 2)
		var labels []string
		for _, tick := range x.ticks {
			labels = append(labels, tick.label)
		}
		if got := strings.Join(labels, " "); got != test.want {
			t.Errorf("%v to %v by %v on %d columns: %s, want %s", test.lo, test.hi, test.axis, test.cols, got, test.want)
		}
	}
}

func TestNumber(t *testing.T) {
	for _, test := range []struct {
		v    float64
		want string
	}{
		{0, "0"}, {0.41234, "0.4123"}, {2.302585, "2.303"}, {99.999, "100.0"}, {999.96, "1000"}, {12345, "12345"},
		{99999.7, "1e5"}, {123456, "1.235e5"}, {0.001, "0.001000"}, {0.0009, "9e-4"}, {1.5e-7, "1.5e-7"}, {-0.5, "-0.5000"},
		{1e30, "1e30"}, {-1e30, "-1e30"}, {math.NaN(), "nan"}, {math.Inf(1), "inf"}, {math.Inf(-1), "-inf"},
	} {
		if got := Number(test.v); got != test.want {
			t.Errorf("%v: %s, want %s", test.v, got, test.want)
		}
	}
}

func TestAxisGrowsInSteps(t *testing.T) {
	ends := map[float64]bool{}
	for n := 1000; n <= 2000; n++ {
		end := ceil5(float64(n))
		if end < float64(n) || end > 1.055*float64(n) {
			t.Fatalf("%d ends at %v", n, end)
		}
		ends[end] = true
	}
	if len(ends) > 25 {
		t.Errorf("%d different axes while the steps double", len(ends))
	}
}

func TestClip(t *testing.T) {
	// Every dot of the clipped line lies on the whole line, and none is missing.
	r := rand.New(rand.NewPCG(27, 28))
	const w, h = 20.0, 10.0
	for range 2000 {
		a := vec{r.Float64()*80 - 30, r.Float64()*40 - 15}
		b := vec{r.Float64()*80 - 30, r.Float64()*40 - 15}
		p, q, ok := clip(a, b, w, h)
		inside := 0
		for k := 0; k <= 1000; k++ {
			f := float64(k) / 1000
			at := vec{a.x + f*(b.x-a.x), a.y + f*(b.y-a.y)}
			if at.x < 0 || at.y < 0 || at.x > w || at.y > h {
				continue
			}
			inside++
			if !ok || at.x < min(p.x, q.x)-1e-9 || at.x > max(p.x, q.x)+1e-9 || at.y < min(p.y, q.y)-1e-9 || at.y > max(p.y, q.y)+1e-9 {
				t.Fatalf("%v to %v: %v is cut off %v to %v (%v)", a, b, at, p, q, ok)
			}
		}
		if ok {
			for _, v := range []vec{p, q} {
				if v.x < -1e-9 || v.y < -1e-9 || v.x > w+1e-9 || v.y > h+1e-9 {
					t.Fatalf("%v to %v: %v is outside", a, b, v)
				}
			}
		} else if inside > 2 {
			t.Fatalf("%v to %v: nothing is left of %d places", a, b, inside)
		}
	}
}

func TestDashesKeepTheirRhythm(t *testing.T) {
	for _, way := range [][2]int{{1, 0}, {0, 1}, {1, 1}, {1, -1}} {
		var d dots
		d.resize(ASCII, 60, 20)
		y := 0
		if way[1] < 0 {
			y = 59
		}
		d.line(0, y, 59*way[0], y+59*way[1], &pen{stroke: dashed})
		on := 0
		for _, mask := range d.mask {
			if mask != 0 {
				on++
			}
		}
		cells := 60
		if way[0] == 0 {
			cells = 20
		}
		if on < cells/2 || on > cells*3/4 {
			t.Errorf("way %v: %d of %d cells are drawn", way, on, cells)
		}
	}
}

func TestBrailleDots(t *testing.T) {
	// The numbering of Unicode: dots 1 2 3 7 in the left column, 4 5 6 8 in the right.
	var d dots
	d.resize(Braille, 1, 1)
	var got []rune
	for _, at := range [][2]int{{0, 0}, {0, 1}, {0, 2}, {1, 0}, {1, 1}, {1, 2}, {0, 3}, {1, 3}} {
		d.clear()
		d.set(at[0], at[1])
		got = append(got, d.rune(d.mask[0]))
	}
	if want := []rune("⠁⠂⠄⠈⠐⠠⡀⢀"); !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}
