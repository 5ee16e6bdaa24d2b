package chart

import (
	"math"
	"sort"
)

// Axis says which coordinate of a point is its horizontal place.
type Axis uint8

// The three horizontal axes.
const (
	ByStep  Axis = iota // optimiser steps
	ByEpoch             // epochs, with fractions
	ByTime              // seconds of training
)

// String names the axis as the chart titles it.
func (a Axis) String() string {
	switch a {
	case ByEpoch:
		return "epoch"
	case ByTime:
		return "time"
	}
	return "step"
}

// Point is one reported value and when it was reported.
type Point struct {
	Step    int     // optimiser steps done
	Epoch   float64 // epochs done, with fractions
	Seconds float64 // seconds trained, pauses left out or not as the caller likes
	Value   float64 // may be NaN or infinite
}

// X is the point's place on the axis.
func (p Point) X(a Axis) float64 {
	switch a {
	case ByEpoch:
		return p.Epoch
	case ByTime:
		return p.Seconds
	}
	return float64(p.Step)
}

// Gap is a run of neighbouring points without a finite value, such as the loss
// of a training that diverged.
type Gap struct {
	From, To int // indices of its first point and of the one after its last
}

// Series is an append-only store of points, ordered on all three axes. The
// zero value is empty and ready. Values that are not finite are kept as they
// came but never enter bounds; [Series.Gaps] tells where they are.
type Series struct {
	points  []Point // [N]
	gaps    []Gap
	tree    pyramid
	version uint64 // changes with every change
	rewinds uint64 // changes when points were taken away
}

// Append adds points at the end. A step below the last one means that the
// training went back: the later points are dropped first, as by
// [Series.Truncate]. An epoch or a time that is not finite or below the last
// one is raised to it, which keeps the series ordered on every axis.
func (s *Series) Append(points ...Point) {
	for _, p := range points {
		s.append(p)
	}
}

func (s *Series) append(p Point) {
	if n := len(s.points); n > 0 && p.Step < s.points[n-1].Step {
		s.Truncate(p.Step - 1)
	}
	var last Point
	if n := len(s.points); n > 0 {
		last = s.points[n-1]
	} else {
		last = Point{Epoch: math.Inf(-1), Seconds: math.Inf(-1)}
	}
	p.Epoch = ordered(p.Epoch, last.Epoch)
	p.Seconds = ordered(p.Seconds, last.Seconds)

	n := len(s.points)
	s.points = append(s.points, p)
	s.tree.append(n, p.Value)
	s.version++
	if finite(p.Value) {
		return
	}
	if g := len(s.gaps); g > 0 && s.gaps[g-1].To == n {
		s.gaps[g-1].To = n + 1
		return
	}
	s.gaps = append(s.gaps, Gap{From: n, To: n + 1})
}

// ordered returns x, or the coordinate before it where x is none or lies
// before that.
func ordered(x, before float64) float64 {
	if finite(x) && x >= before {
		return x
	}
	if !finite(before) {
		return 0
	}
	return before
}

// Len is the number of points.
func (s *Series) Len() int { return len(s.points) }

// Point returns the i-th point.
func (s *Series) Point(i int) Point { return s.points[i] }

// Last returns the newest point, and false where there is none.
func (s *Series) Last() (Point, bool) {
	if len(s.points) == 0 {
		return Point{}, false
	}
	return s.points[len(s.points)-1], true
}

// At returns the point nearest to x on the axis, exactly as it was reported,
// and false where there is none. Of two that are equally near it is the
// earlier one, of several at one place the one that came last.
func (s *Series) At(a Axis, x float64) (Point, bool) {
	i, ok := s.nearest(a, x)
	if !ok {
		return Point{}, false
	}
	return s.points[i], true
}

func (s *Series) nearest(a Axis, x float64) (int, bool) {
	n := len(s.points)
	if n == 0 || math.IsNaN(x) {
		return 0, false
	}
	i := s.search(a, x) // the first at or after x
	switch {
	case i == n:
		return n - 1, true
	case i > 0 && x-s.points[i-1].X(a) <= s.points[i].X(a)-x:
		return i - 1, true
	}
	at := s.points[i].X(a)
	for i+1 < n && s.points[i+1].X(a) == at {
		i++
	}
	return i, true
}

// search returns the index of the first point at or after x.
func (s *Series) search(a Axis, x float64) int {
	return s.searchFrom(0, a, x)
}

// searchFrom is search among the points from index i on.
func (s *Series) searchFrom(i int, a Axis, x float64) int {
	rest := s.points[i:]
	return i + sort.Search(len(rest), func(k int) bool { return rest[k].X(a) >= x })
}

// Truncate goes back to a step: the points after it are dropped.
func (s *Series) Truncate(step int) {
	n := sort.Search(len(s.points), func(i int) bool { return s.points[i].Step > step })
	if n == len(s.points) {
		return
	}
	s.points = s.points[:n]
	g := sort.Search(len(s.gaps), func(i int) bool { return s.gaps[i].From >= n })
	s.gaps = s.gaps[:g]
	if g > 0 {
		s.gaps[g-1].To = min(s.gaps[g-1].To, n)
	}
	s.tree.truncate(n, func(i int) float64 { return s.points[i].Value })
	s.version++
	s.rewinds++
}

// Reset drops all points.
func (s *Series) Reset() {
	s.points, s.gaps = s.points[:0], s.gaps[:0]
	s.tree.truncate(0, nil)
	s.version++
	s.rewinds++
}

// Bounds returns the smallest and the largest finite value of the points i to
// j-1, and false where there is none.
func (s *Series) Bounds(i, j int) (lo, hi float64, ok bool) {
	b := s.tree.query(i, j, func(k int) float64 { return s.points[k].Value })
	return b.lo, b.hi, b.n > 0
}

// Gaps returns where the values are not finite, in order. The caller must not
// change it; it holds until the series changes.
func (s *Series) Gaps() []Gap { return s.gaps }

// finite reports whether x is a number that can be drawn.
func finite(x float64) bool {
	return !math.IsNaN(x) && !math.IsInf(x, 0)
}
