// Package curves holds what trainings reported as the series of charts: a Run is one training, a Figure one thing that
// is measured in it, and a Board the charts of a screen with the one set of options, keys and mouse acts for them.
package curves

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"cnnbench/nn/train"
	"cnnbench/sessions"
	"cnnbench/tui/chart"
)

// Names of figures that every training has.
const (
	Loss = "loss"
	Rate = "learning_rate"
)

// validation begins the names of what is measured on the validation data.
const validation = "val_"

// Figure is one thing that is measured, on the training data and on the validation data.
type Figure struct {
	Name  string // loss, accuracy
	Train chart.Series
	Val   chart.Series
}

// Run is the curves of one training. The zero value is one that has not begun.
type Run struct {
	Name    string
	Events  []chart.Event
	Version int // grows with every change

	figures []*Figure // loss, metrics, learning rate
	ended   int       // finished epochs
	end     int64     // step at the end of the last one

	firm int64 // of a training that is watched, the newest step that is told for good
	tail bool  // others follow it
}

// Of makes the curves of a stored session.
func Of(s *sessions.Session) *Run {
	return Before(s.Name, sessions.Past{Epochs: s.History, Marks: s.Marks, Points: s.Points})
}

// Before makes the curves of a training that goes on, as far as it had come.
func Before(name string, p sessions.Past) *Run {
	r := &Run{Name: name}
	r.addMarks(p.Marks)
	r.addSteps(p.Points)
	r.addEpochs(p.Epochs)
	slices.SortStableFunc(r.Events, func(a, b chart.Event) int { return a.At.Step - b.At.Step })
	return r
}

// OfLeft makes the curves of the branches that a training left, the last few of them, each from where it parted. Those
// that were passed on the same way are left out: they would lie below the line.
func OfLeft(branches []sessions.Branch) []*Run {
	var out []*Run
	for _, b := range branches {
		if b.Passed {
			continue
		}
		points, _ := b.Points() // a curve that cannot be read is not drawn; its epochs are
		out = append(out, Before(BranchName(b.Number), sessions.Past{Epochs: b.History, Points: points}))
	}
	return out[max(len(out)-maxLeft, 0):]
}

// maxLeft is how many branches are drawn.
const maxLeft = 3

// BranchName is what a branch that was left is called.
func BranchName(number int) string { return fmt.Sprintf(textBranch, number) }

// Add takes in what a training has done since the last time.
func (r *Run) Add(u *train.Update) {
	r.addMarks(u.Marks)
	r.addSteps(u.Steps)
	r.addEpochs(u.Epochs)
	if u.Last != nil {
		r.addMeans(u.Last)
	}
	r.Version++
}

// Watch takes in what a training that is watched has done since the last time. The tail takes the place of the last one.
func (r *Run) Watch(u *train.Update, tail []train.Point) {
	if r.tail {
		r.figure(Loss).Train.Truncate(int(r.firm))
		r.figure(Rate).Train.Truncate(int(r.firm))
	}
	r.addMarks(u.Marks)
	r.addSteps(u.Steps)
	r.firm, r.tail = 0, len(tail) > 0
	if f := r.Figure(Loss); f != nil {
		if p, ok := f.Train.Last(); ok {
			r.firm = int64(p.Step)
		}
	}
	r.addSteps(tail)
	r.addEpochs(u.Epochs)
	if u.Last != nil {
		r.addMeans(u.Last)
	}
	r.Version++
}

// Figure is what is measured under a name, nil if nothing is.
func (r *Run) Figure(name string) *Figure {
	for _, f := range r.figures {
		if f.Name == name {
			return f
		}
	}
	return nil
}

// Metrics are the names of the figures beside the loss and the learning rate.
func (r *Run) Metrics() []string {
	var names []string
	for _, f := range r.figures {
		if f.Name != Loss && f.Name != Rate {
			names = append(names, f.Name)
		}
	}
	return names
}

// Diverged is the first step whose loss is no number.
func (r *Run) Diverged() (step int, ok bool) {
	f := r.Figure(Loss)
	if f == nil {
		return 0, false
	}
	if gaps := f.Train.Gaps(); len(gaps) > 0 {
		return f.Train.Point(gaps[0].From).Step, true
	}
	return 0, false
}

// Empty says that there is nothing to draw yet.
func (r *Run) Empty() bool { return len(r.figures) == 0 }

// figure finds or makes a figure.
func (r *Run) figure(name string) *Figure {
	if f := r.Figure(name); f != nil {
		return f
	}
	f := &Figure{Name: name}
	r.figures = append(r.figures, f)
	return f
}

func (r *Run) addSteps(points []train.Point) {
	if len(points) == 0 {
		return
	}
	loss, rate := &r.figure(Loss).Train, &r.figure(Rate).Train
	for _, p := range points {
		at := chart.Point{Step: int(p.Step), Epoch: p.Epoch, Seconds: p.Seconds}
		// Where several steps became one point, its extremes stay; the last loss stands last, so that it is what a
		// cursor reads.
		for _, v := range [2]float64{p.Min, p.Max} {
			if v != p.Loss && !math.IsNaN(v) {
				loss.Append(with(at, v))
			}
		}
		loss.Append(with(at, p.Loss))
		if before, ok := rate.Last(); ok {
			r.addJump(before, with(at, p.LearningRate))
		}
		rate.Append(with(at, p.LearningRate))
	}
}

// jump is by how much the learning rate changes from one step to the next where that is news, and no schedule that
// glides.
const jump = 1.5

// addJump marks a step from which on another learning rate holds, unless a command that set it left its mark there.
func (r *Run) addJump(before, now chart.Point) {
	if ratio := now.Value / before.Value; ratio < jump && ratio > 1/jump || !(now.Value > 0) {
		return
	}
	if slices.ContainsFunc(r.Events, func(e chart.Event) bool { return e.At.Step >= before.Step && e.At.Step < now.Step }) {
		return
	}
	r.Events = append(r.Events, chart.Event{At: before, Text: "lr " + RateText(now.Value)})
}

func with(at chart.Point, v float64) chart.Point {
	at.Value = v
	return at
}

// addEpochs takes in finished epochs. What their running means were on the way is forgotten.
func (r *Run) addEpochs(epochs []train.Epoch) {
	for i := range epochs {
		e := &epochs[i]
		at := chart.Point{Step: int(e.Step), Epoch: float64(e.Epoch), Seconds: e.Total}
		for _, v := range e.Logs {
			name, val := strings.CutPrefix(v.Name, validation)
			f := r.figure(name)
			switch {
			case val:
				f.Val.Append(with(at, v.Value))
			case name != Loss:
				f.Train.Truncate(int(r.end))
				f.Train.Append(with(at, v.Value))
			}
		}
		r.ended, r.end = e.Epoch, e.Step
	}
}

// settled is the part of an epoch's batches from which on its running means say something.
const settled = 20

// addMeans lets the metrics follow the running means of the epoch under way, until its end gives the real ones.
func (r *Run) addMeans(s *train.Step) {
	if s.Epoch <= r.ended || s.Batch*settled < s.Batches {
		return
	}
	at := chart.Point{Step: int(s.Step), Epoch: float64(s.Epoch-1) + float64(s.Batch)/float64(max(s.Batches, 1)), Seconds: s.Seconds}
	for _, v := range s.Means {
		if v.Name != Loss {
			r.figure(v.Name).Train.Append(with(at, v.Value))
		}
	}
}

// addMarks takes in what happened, before the steps around it.
func (r *Run) addMarks(marks []train.Mark) {
	for _, m := range marks {
		// What has no step is no place on a chart, and the first loss that is no number the chart marks by itself.
		if m.Step == 0 || strings.HasPrefix(m.Text, "diverged") {
			continue
		}
		at := chart.Point{Step: int(m.Step), Epoch: m.Epoch, Seconds: m.Seconds}
		r.Events = append(r.Events, chart.Event{At: at, Text: strings.Replace(m.Text, "learning rate", "lr", 1)})
	}
}
