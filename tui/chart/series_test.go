package chart

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

var notFinite = []float64{math.NaN(), math.Inf(1), math.Inf(-1)}

// randomSeries has n points with steps that sometimes repeat or jump, and now
// and then a value that is not finite.
func randomSeries(r *rand.Rand, n int) *Series {
	s := &Series{}
	step, epoch, seconds := 0, 0.0, 0.0
	for range n {
		step += r.IntN(3)
		epoch += float64(r.IntN(3)) / 8
		seconds += r.Float64()
		v := r.NormFloat64() * math.Pow(10, float64(r.IntN(6)-3))
		if r.IntN(10) == 0 {
			v = notFinite[r.IntN(3)]
		}
		s.Append(Point{Step: step, Epoch: epoch, Seconds: seconds, Value: v})
	}
	return s
}

// bruteBounds looks at every point.
func bruteBounds(points []Point) (lo, hi float64, ok bool) {
	lo, hi = math.Inf(1), math.Inf(-1)
	for _, p := range points {
		if !math.IsNaN(p.Value) && !math.IsInf(p.Value, 0) {
			lo, hi, ok = math.Min(lo, p.Value), math.Max(hi, p.Value), true
		}
	}
	return lo, hi, ok
}

func TestBoundsAgreeWithEveryPoint(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	s := randomSeries(r, 5000)
	for round := range 400 {
		i := r.IntN(s.Len() + 1)
		j := i + r.IntN(s.Len()+1-i)
		if round%40 == 0 { // also right after going back, and growing again
			s.Truncate(s.points[s.Len()*9/10].Step)
			s.Append(Point{Step: s.points[s.Len()-1].Step + 1, Value: r.NormFloat64()})
			i, j = min(i, s.Len()), s.Len()
		}
		lo, hi, ok := s.Bounds(i, j)
		wantLo, wantHi, want := bruteBounds(s.points[i:j])
		if ok != want || ok && (lo != wantLo || hi != wantHi) {
			t.Fatalf("bounds of points %d to %d of %d: %v %v %v, want %v %v %v", i, j, s.Len(), lo, hi, ok, wantLo, wantHi, want)
		}
	}
}

func TestPyramidSumsAndPositives(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	var p pyramid
	values := make([]float64, 3000)
	for i := range values {
		values[i] = float64(r.IntN(2001) - 1000) // whole: sums are exact in any order
		p.append(i, values[i])
	}
	at := func(i int) float64 { return values[i] }
	for range 500 {
		i := r.IntN(len(values))
		j := i + 1 + r.IntN(len(values)-i)
		got := p.query(i, j, at)
		sum, pos := 0.0, math.Inf(1)
		for _, v := range values[i:j] {
			sum += v
			if v > 0 {
				pos = math.Min(pos, v)
			}
		}
		if got.sum != sum || got.n != j-i || got.pos != pos {
			t.Fatalf("%d to %d: sum %v of %d, smallest above zero %v; want %v, %d, %v", i, j, got.sum, got.n, got.pos, sum, j-i, pos)
		}
	}
}

func TestMeanStaysBetweenExtremes(t *testing.T) {
	for _, values := range [][]float64{
		{math.MaxFloat64, math.MaxFloat64},
		{-math.MaxFloat64, -math.MaxFloat64, 1},
		{5e-324, 5e-324},
		{1, 2, math.NaN()},
	} {
		s := nothing
		for _, v := range values {
			s.add(v)
		}
		if m := s.mean(); !(m >= s.lo && m <= s.hi) {
			t.Errorf("mean of %v is %v", values, m)
		}
	}
}

func TestEMAAgainstItsDefinition(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	s := randomSeries(r, 400)
	for _, factor := range []float64{0, 0.6, 0.9, 0.99} {
		var m smoothed
		m.follow(s, factor)
		var seen []float64
		for i, p := range s.points {
			if !finite(p.Value) {
				if finite(m.values[i]) {
					t.Fatalf("factor %v: the gap at %d is %v", factor, i, m.values[i])
				}
				continue
			}
			seen = append(seen, p.Value)
			n := len(seen)
			sum := 0.0
			for k, v := range seen {
				sum += (1 - factor) * math.Pow(factor, float64(n-1-k)) * v
			}
			want := sum / (1 - math.Pow(factor, float64(n)))
			if math.Abs(m.values[i]-want) > 1e-9*(1+math.Abs(want)) {
				t.Fatalf("factor %v: %v at %d, want %v", factor, m.values[i], i, want)
			}
		}
	}
}

func TestEMAKeepsUp(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 8))
	s := randomSeries(r, 100)
	var kept smoothed
	compare := func(what string, factor float64) {
		t.Helper()
		var fresh smoothed
		fresh.follow(s, factor)
		kept.follow(s, factor)
		if !slices.EqualFunc(kept.values, fresh.values, same) {
			t.Errorf("%s: the average that was kept up differs from a new one", what)
		}
		a := kept.tree.query(0, s.Len(), func(i int) float64 { return kept.values[i] })
		b := fresh.tree.query(0, s.Len(), func(i int) float64 { return fresh.values[i] })
		if a != b {
			t.Errorf("%s: pyramids differ: %+v, %+v", what, a, b)
		}
	}
	compare("start", 0.9)
	s.Append(Point{Step: 400, Value: math.NaN()}, Point{Step: 500, Value: 3})
	compare("grown", 0.9)
	compare("another factor", 0.6)
	s.Truncate(s.points[50].Step)
	for i := range 100 { // as long as before, but another past
		s.Append(Point{Step: 1000 + i, Value: float64(i)})
	}
	compare("gone back", 0.6)
	s.Reset()
	compare("reset", 0.6)
}

func same(a, b float64) bool { return a == b || math.IsNaN(a) && math.IsNaN(b) }

func TestEMAZeroValueFollows(t *testing.T) {
	var e EMA
	for _, v := range []float64{3, -1, 1e30} {
		if got := e.Next(v); got != v {
			t.Errorf("%v after %v", got, v)
		}
	}
	if got := e.Next(math.NaN()); got != 1e30 {
		t.Errorf("not a number changed the average to %v", got)
	}
}

func TestAtIsTheNearestPoint(t *testing.T) {
	r := rand.New(rand.NewPCG(9, 10))
	s := randomSeries(r, 300)
	for _, axis := range []Axis{ByStep, ByEpoch, ByTime} {
		for range 500 {
			x := r.Float64()*s.points[s.Len()-1].X(axis)*1.2 - 1
			if r.IntN(2) == 0 {
				x = s.points[r.IntN(s.Len())].X(axis)
			}
			got, ok := s.At(axis, x)
			if !ok {
				t.Fatal("no point")
			}
			best := math.Inf(1)
			for _, p := range s.points {
				best = math.Min(best, math.Abs(p.X(axis)-x))
			}
			if d := math.Abs(got.X(axis) - x); d != best {
				t.Fatalf("by %v: %v from %v, the nearest is %v away", axis, d, x, best)
			}
			if !slices.ContainsFunc(s.points, func(p Point) bool {
				return p.Step == got.Step && p.Epoch == got.Epoch && p.Seconds == got.Seconds && same(p.Value, got.Value)
			}) {
				t.Fatalf("%+v was never reported", got)
			}
		}
	}
}

func TestAtPrefersTheLatestOfOnePlace(t *testing.T) {
	var s Series
	s.Append(Point{Step: 5, Value: 1}, Point{Step: 5, Value: 2}, Point{Step: 9, Value: 3})
	for _, test := range []struct {
		x    float64
		want float64
	}{{5, 2}, {-1, 2}, {7, 2}, {7.1, 3}, {100, 3}} {
		if p, _ := s.At(ByStep, test.x); p.Value != test.want {
			t.Errorf("at %v: %v, want %v", test.x, p.Value, test.want)
		}
	}
	if _, ok := s.At(ByStep, math.NaN()); ok {
		t.Error("a point at no place")
	}
	if _, ok := new(Series).At(ByStep, 0); ok {
		t.Error("a point of an empty series")
	}
}

func TestGoingBack(t *testing.T) {
	var s Series
	nan := math.NaN()
	for i, v := range []float64{1, nan, nan, 4, nan, 6} {
		s.Append(Point{Step: 10 * i, Value: v})
	}
	check := func(what string, n int, gaps ...Gap) {
		t.Helper()
		if s.Len() != n || !slices.Equal(s.Gaps(), gaps) {
			t.Errorf("%s: %d points, gaps %v; want %d, %v", what, s.Len(), s.Gaps(), n, gaps)
		}
	}
	check("all", 6, Gap{1, 3}, Gap{4, 5})
	s.Truncate(100)
	check("after the end", 6, Gap{1, 3}, Gap{4, 5})
	s.Truncate(49)
	check("before the last", 5, Gap{1, 3}, Gap{4, 5})
	s.Truncate(10)
	check("into a gap", 2, Gap{1, 2})
	s.Append(Point{Step: 20, Value: nan})
	check("gap goes on", 3, Gap{1, 3})
	s.Append(Point{Step: 5, Value: 7}) // going back without saying so
	check("a step back", 2)
	if p, ok := s.Last(); !ok || p.Value != 7 {
		t.Errorf("last is %+v, %v", p, ok)
	}
	s.Truncate(-1)
	check("everything", 0)
	s.Append(Point{Step: 1, Value: 1})
	s.Reset()
	if _, ok := s.Last(); ok {
		t.Error("a last point after a reset")
	}
	check("reset", 0)
}

func TestEveryAxisStaysOrdered(t *testing.T) {
	var s Series
	s.Append(
		Point{Step: 1, Epoch: math.NaN(), Seconds: math.Inf(-1)},
		Point{Step: 2, Epoch: 0.5, Seconds: 3},
		Point{Step: 3, Epoch: 0.25, Seconds: math.Inf(1)},
		Point{Step: 4, Epoch: 0.75, Seconds: 1},
	)
	var epochs, seconds []float64
	for i := range s.Len() {
		epochs = append(epochs, s.Point(i).Epoch)
		seconds = append(seconds, s.Point(i).Seconds)
	}
	if !slices.Equal(epochs, []float64{0, 0.5, 0.5, 0.75}) || !slices.Equal(seconds, []float64{0, 3, 3, 3}) {
		t.Errorf("epochs %v, seconds %v", epochs, seconds)
	}
}
