package chart

import (
	"math"
	"math/rand/v2"
	"testing"
)

func stepped(n int) *Series {
	s := &Series{}
	for i := 1; i <= n; i++ {
		s.Append(Point{Step: i, Epoch: float64(i) / 100, Seconds: float64(i) / 4, Value: math.Sin(float64(i))})
	}
	return s
}

func TestZoomKeepsTheNewestInSight(t *testing.T) {
	s := stepped(1000)
	c := New(Options{}, Line{Series: s})
	lo, hi, ok := c.Window()
	if !ok || lo != 0 || hi < 1000 || hi > 1050 || c.Zoomed() || !c.Following() {
		t.Fatalf("everything is %v to %v, %v", lo, hi, ok)
	}
	c.ZoomIn()
	lo, hi, _ = c.Window()
	if hi != 1000 || math.Abs(lo-1000/3.0) > 1e-9 || !c.Zoomed() || !c.Following() {
		t.Fatalf("zoomed to %v to %v", lo, hi)
	}
	s.Append(Point{Step: 1100, Value: 1})
	if l, h, _ := c.Window(); h != 1100 || math.Abs(h-l-(hi-lo)) > 1e-9 {
		t.Fatalf("does not follow: %v to %v", l, h)
	}
	c.Pan(-0.5)
	if c.Following() {
		t.Fatal("still follows after going left")
	}
	l0, h0, _ := c.Window()
	s.Append(Point{Step: 1200, Value: 1})
	if l, h, _ := c.Window(); l != l0 || h != h0 {
		t.Fatalf("moved from %v, %v to %v, %v", l0, h0, l, h)
	}
	c.Pan(5)
	if _, h, _ := c.Window(); h != 1200 || !c.Following() {
		t.Fatalf("at the end it shows up to %v, follows: %v", h, c.Following())
	}
	c.Pan(-50)
	if l, _, _ := c.Window(); l != 0 {
		t.Fatalf("at the start it shows from %v", l)
	}
	c.Follow()
	if _, h, _ := c.Window(); h != 1200 {
		t.Fatalf("following it shows up to %v", h)
	}
	for range 10 {
		c.ZoomOut()
	}
	if c.Zoomed() {
		t.Fatal("zooming out never shows everything")
	}
}

func TestZoomAroundTheCursor(t *testing.T) {
	c := New(Options{}, Line{Series: stepped(1000)})
	c.Draw(100, 20)
	c.ShowCursor(true)
	c.MoveCursor(-50)
	p, _ := c.Cursor()
	x := float64(p.Step)
	for range 20 {
		lo0, hi0, _ := c.Window()
		c.ZoomIn()
		lo, hi, _ := c.Window()
		if x < lo || x > hi {
			t.Fatalf("step %v is not in %v to %v", x, lo, hi)
		}
		if lo < lo0 || hi > hi0 {
			t.Fatalf("closer shows %v to %v after %v to %v", lo, hi, lo0, hi0)
		}
	}
	if n := c.pointsIn(c.window.lo, c.window.hi); n < fewest || n > 3*fewest {
		t.Errorf("the closest look has %d points", n)
	}
	c.ResetZoom()
	if c.Zoomed() {
		t.Error("still zoomed")
	}
}

func TestWindowFitsValuesToItself(t *testing.T) {
	s := &Series{}
	for i := range 200 {
		v := 1.0 + 0.01*float64(i%3)
		if i < 100 {
			v = 1000
		}
		s.Append(Point{Step: i, Value: v})
	}
	c := New(Options{}, Line{Series: s})
	c.Draw(60, 14)
	c.ZoomIn()
	c.ZoomIn()
	c.Draw(60, 14)
	if d := c.layout.ys.dot(1, 1) - c.layout.ys.dot(1.02, 1); d < 4 {
		t.Errorf("values that differ by little are %v rows apart", d)
	}
}

func TestWindowBetweenTwoPoints(t *testing.T) {
	// A line that only passes through the window still shows.
	sparse, dense := &Series{}, stepped(1000)
	sparse.Append(Point{Step: 0, Value: 5}, Point{Step: 1000, Value: 6})
	c := New(Options{}, Line{Series: dense}, Line{Series: sparse})
	c.Draw(80, 20)
	c.ShowCursor(true)
	c.MoveCursor(-40)
	for range 8 {
		c.ZoomIn()
	}
	c.ShowCursor(false)
	c.Draw(80, 20)
	if y := c.layout.ys.dot(5.5, 1); y < -0.5 || y > float64(c.layout.h) {
		t.Fatalf("the line that passes is in row %v of %d", y, c.layout.h)
	}
	c.dots.clear()
	c.paintLine(1)
	inked := 0
	for x := range c.layout.w {
		for y := range c.layout.h {
			if c.dots.mask[y*c.layout.w+x] != 0 {
				inked++
				break
			}
		}
	}
	if inked != c.layout.w {
		t.Errorf("it is drawn in %d of %d columns", inked, c.layout.w)
	}
}

func TestAxisChangeKeepsThePlace(t *testing.T) {
	c := New(Options{}, Line{Series: stepped(1000)})
	c.Draw(100, 20)
	c.ZoomIn()
	c.Pan(-0.3)
	c.ShowCursor(true)
	c.StepCursor(-7)
	before, _ := c.Cursor()
	lo, hi, _ := c.Window()
	o := c.Options()
	o.X = ByEpoch
	c.SetOptions(o)
	if l, h, _ := c.Window(); math.Abs(l*100-lo) > 1e-6 || math.Abs(h*100-hi) > 1e-6 {
		t.Errorf("steps %v to %v became epochs %v to %v", lo, hi, l, h)
	}
	if after, _ := c.Cursor(); after != before {
		t.Errorf("the cursor went from %v to %v", before, after)
	}
}

func TestGoingBackMovesTheWindow(t *testing.T) {
	s := stepped(1000)
	c := New(Options{}, Line{Series: s})
	c.ZoomIn()
	c.ZoomIn()
	c.Pan(-0.1)
	s.Truncate(100)
	if lo, hi, ok := c.Window(); !ok || hi > 100 || lo > hi {
		t.Errorf("shows %v to %v", lo, hi)
	}
	s.Reset()
	if _, _, ok := c.Window(); ok {
		t.Error("a window on nothing")
	}
	checkPicture(t, c.Draw(50, 10), 50, 10, Braille)
}

func TestLogWindow(t *testing.T) {
	c := New(Options{LogX: true}, Line{Series: stepped(1000)})
	if lo, hi, _ := c.Window(); lo != 1 || hi != 1000 {
		t.Fatalf("everything is %v to %v", lo, hi)
	}
	c.ZoomIn()
	if lo, hi, _ := c.Window(); math.Abs(lo-10) > 1e-9 || math.Abs(hi-1000) > 1e-9 {
		t.Errorf("two thirds of three decades are %v to %v", lo, hi)
	}
	c.Pan(-0.5)
	if lo, hi, _ := c.Window(); math.Abs(lo-1) > 1e-9 || math.Abs(hi-100) > 1e-9 {
		t.Errorf("one decade left of it are %v to %v", lo, hi)
	}
}

func TestReadingsAreExact(t *testing.T) {
	r := rand.New(rand.NewPCG(31, 32))
	a, b := randomSeries(r, 400), randomSeries(r, 13)
	c := New(Options{Smoothing: 0.9}, Line{Label: "a", Series: a}, Line{Label: "b", Series: b, Exact: true})
	if c.Readings() != nil {
		t.Error("readings without a cursor")
	}
	c.Draw(90, 20)
	c.ShowCursor(true)
	for range 300 {
		switch r.IntN(3) {
		case 0:
			c.MoveCursor(r.IntN(21) - 10)
		case 1:
			c.StepCursor(r.IntN(7) - 3)
		case 2:
			c.PlaceCursor(r.IntN(90))
		}
		at, ok := c.Cursor()
		if !ok {
			t.Fatal("the cursor is gone")
		}
		readings := c.Readings()
		if len(readings) != 2 {
			t.Fatalf("%d readings", len(readings))
		}
		here := false
		for i, s := range []*Series{a, b} {
			got := readings[i].Point
			nearest := math.Inf(1)
			reported := false
			for _, p := range s.points {
				nearest = min(nearest, math.Abs(float64(p.Step-at.Step)))
				reported = reported || p.Step == got.Step && same(p.Value, got.Value)
			}
			if d := math.Abs(float64(got.Step - at.Step)); d != nearest || readings[i].Here != (d == 0) || !reported {
				t.Fatalf("at step %d series %d reads %+v, the nearest is %v away", at.Step, i, readings[i], nearest)
			}
			here = here || readings[i].Here
		}
		if !here {
			t.Fatalf("no series has a point at step %d", at.Step)
		}
		if r := readings[1]; !same(r.Smoothed, r.Point.Value) {
			t.Fatalf("an exact line is smoothed: %+v", r)
		}
	}
}

func TestCursorWalksEveryPoint(t *testing.T) {
	a, b := &Series{}, &Series{}
	a.Append(Point{Step: 1}, Point{Step: 4}, Point{Step: 9})
	b.Append(Point{Step: 2}, Point{Step: 4}, Point{Step: 20})
	c := New(Options{}, Line{Series: a}, Line{Series: b})
	c.Draw(60, 10)
	c.ShowCursor(true)
	for _, want := range []int{20, 9, 4, 2, 1, 1} {
		if p, _ := c.Cursor(); p.Step != want {
			t.Fatalf("at step %d, want %d", p.Step, want)
		}
		c.StepCursor(-1)
	}
	for _, want := range []int{2, 4} {
		c.MoveCursor(1) // less than a point away, yet it moves
		if p, _ := c.Cursor(); p.Step != want {
			t.Fatalf("at step %d, want %d", p.Step, want)
		}
	}
	b.Truncate(4)
	a.Truncate(1)
	c.StepCursor(1)
	if p, ok := c.Cursor(); !ok || p.Step > 4 {
		t.Errorf("after going back the cursor is at %d, %v", p.Step, ok)
	}
	a.Reset()
	b.Reset()
	if _, ok := c.Cursor(); ok {
		t.Error("a cursor on nothing")
	}
}

func TestCursorTakesTheWindowAlong(t *testing.T) {
	c := New(Options{}, Line{Series: stepped(1000)})
	c.Draw(80, 12)
	c.ShowCursor(true)
	for range 6 {
		c.ZoomIn()
	}
	c.Draw(80, 12)
	for range 40 {
		c.MoveCursor(-9)
		c.Draw(80, 12)
		p, _ := c.Cursor()
		if lo, hi, _ := c.Window(); float64(p.Step) < lo-1e-9 || float64(p.Step) > hi+1e-9 {
			t.Fatalf("step %d is not in %v to %v", p.Step, lo, hi)
		}
	}
	if p, _ := c.Cursor(); p.Step > 900 {
		t.Errorf("the cursor stays at %d", p.Step)
	}
}

func TestMouse(t *testing.T) {
	c := New(Options{}, Line{Series: stepped(1000)})
	if c.PlaceCursor(10) {
		t.Error("a cursor before the first draw")
	}
	c.Draw(80, 12)
	if c.PlaceCursor(0) || c.PlaceCursor(80) {
		t.Error("a cursor outside the lines")
	}
	column := c.layout.x + 30
	if !c.PlaceCursor(column) {
		t.Fatal("no cursor")
	}
	p, _ := c.Cursor()
	if got := c.layout.x + c.layout.xs.cell(float64(p.Step)); got != column {
		t.Errorf("the cursor is in column %d, want %d", got, column)
	}
	x, _ := c.xAt(column)
	c.ZoomAt(column, true)
	c.Draw(80, 12)
	if got, _ := c.xAt(column); math.Abs(got-x) > 15 { // within a cell
		t.Errorf("zooming moved the place under the mouse from %v to %v", x, got)
	}
	c.ZoomAt(column, false)
	if c.Zoomed() {
		t.Error("zooming back out does not undo zooming in")
	}
}
