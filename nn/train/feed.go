package train

import (
	"math"
	"slices"
	"sync"
)

// Point is the loss of a step, or of several that follow on each other: what a chart draws.
type Point struct {
	Step         int64   // the last of them
	Epoch        float64 // fractional, at the last
	Seconds      float64 // at the last
	Loss         float64 // of the last
	Min, Max     float64 // of all whose loss is a number; NaN if there is none
	LearningRate float64 // of the last
}

// PointOf is the point of one step.
func PointOf(s *Step) Point {
	return Point{Step: s.Step, Epoch: float64(s.Epoch-1) + float64(s.Batch)/float64(max(s.Batches, 1)), Seconds: s.Seconds,
		Loss: s.Loss, Min: s.Loss, Max: s.Loss, LearningRate: s.LearningRate}
}

// Join is the point of both p's steps and the later ones of q.
func (p Point) Join(q Point) Point {
	if math.IsNaN(q.Min) || p.Min < q.Min {
		q.Min = p.Min
	}
	if math.IsNaN(q.Max) || p.Max > q.Max {
		q.Max = p.Max
	}
	return q
}

// feedPoints is how many points a feed holds before it joins neighbours: more than a screen has columns.
const feedPoints = 2048

// Feed hands what a training does to a screen that asks for it when it draws. It is an Observer that never waits for
// the screen: when the screen is slow it joins neighbouring steps, so that memory is bounded and no high or low is
// lost; epochs and marks are always kept. The zero value is ready; a Feed must not be copied.
type Feed struct {
	mu     sync.Mutex
	state  State
	err    error
	limit  int // 0: feedPoints
	points []Point
	spare  []Point // handed out by the last Drain, to be filled again
	last   Step    // with Means of its own
	fresh  bool    // last is newer than the last Drain
	epochs []Epoch
	marks  []Mark
}

// Update is what happened since the last one.
type Update struct {
	State  State
	Err    error
	Steps  []Point // holds until the next Drain
	Last   *Step   // the newest; nil: no new one
	Epochs []Epoch
	Marks  []Mark
}

// Drain takes what happened since the last call.
func (f *Feed) Drain() Update {
	f.mu.Lock()
	defer f.mu.Unlock()
	u := Update{State: f.state, Err: f.err, Steps: f.points, Epochs: f.epochs, Marks: f.marks}
	f.points, f.spare = f.spare[:0], f.points
	f.epochs, f.marks = nil, nil
	if f.fresh {
		s := f.last
		s.Means = slices.Clone(s.Means)
		u.Last, f.fresh = &s, false
	}
	return u
}

// OnState keeps the state.
func (f *Feed) OnState(s State, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.state, f.err = s, err
}

// OnStep keeps the step's loss, and the step as the newest.
func (f *Feed) OnStep(s *Step) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.limit == 0 {
		f.limit = feedPoints
	}
	if len(f.points) >= f.limit {
		f.halve()
	}
	f.points = append(f.points, PointOf(s))
	means := append(f.last.Means[:0], s.Means...)
	f.last, f.fresh = *s, true
	f.last.Means = means
}

// halve joins the points two by two.
func (f *Feed) halve() {
	n := len(f.points) / 2
	for i := range n {
		f.points[i] = f.points[2*i].Join(f.points[2*i+1])
	}
	if len(f.points)%2 == 1 {
		f.points[n] = f.points[len(f.points)-1]
		n++
	}
	f.points = f.points[:n]
}

// OnEpoch keeps a copy of the epoch.
func (f *Feed) OnEpoch(e *Epoch) {
	f.mu.Lock()
	defer f.mu.Unlock()
	kept := *e
	kept.Logs, kept.Notes, kept.EndNotes = slices.Clone(e.Logs), slices.Clone(e.Notes), slices.Clone(e.EndNotes)
	f.epochs = append(f.epochs, kept)
}

// OnMark keeps the mark.
func (f *Feed) OnMark(m Mark) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.marks = append(f.marks, m)
}
