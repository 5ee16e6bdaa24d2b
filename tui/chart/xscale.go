package chart

import (
	"math"

	"github.com/charmbracelet/x/ansi"
)

// xscale maps the horizontal axis to columns: lo is the first column of dots
// and hi the last.
type xscale struct {
	axis   Axis
	log    bool
	lo, hi float64 // values, or their log10
	cols   int     // cells
	dx     int     // dots a cell
	ticks  []tick  // from the left
}

// newXScale covers lo to hi, both above 0 on a logarithmic axis.
func newXScale(axis Axis, log bool, lo, hi float64, cols, dx int) xscale {
	x := xscale{axis: axis, log: log, lo: lo, hi: hi, cols: cols, dx: dx}
	if log {
		x.lo, x.hi = math.Log10(lo), math.Log10(hi)
	}
	if !(x.hi > x.lo) {
		x.lo, x.hi = x.lo-0.5, x.lo+0.5
	}
	x.ticks = x.makeTicks()
	return x
}

// last is the number of the last column of dots.
func (x *xscale) last() int { return x.cols*x.dx - 1 }

// dot is the horizontal place of a value in dots; it may lie outside.
func (x *xscale) dot(v float64) float64 {
	if x.log {
		v = math.Log10(max(v, math.SmallestNonzeroFloat64))
	}
	return (v - x.lo) / (x.hi - x.lo) * float64(max(x.last(), 1))
}

// value is the value at a place in dots.
func (x *xscale) value(dot float64) float64 {
	v := x.lo + dot*(x.hi-x.lo)/float64(max(x.last(), 1))
	if x.log {
		return math.Pow(10, v)
	}
	return v
}

// cell is the column of cells of a value; it may lie outside.
func (x *xscale) cell(v float64) int {
	d := min(max(math.Round(x.dot(v)), -1e6), 1e6)
	return int(math.Floor(d / float64(x.dx)))
}

// Labels stand at least this far apart: cells between two of them, and cells
// from tick to tick where ticks are even.
const (
	labelGap  = 3
	tickPitch = 8
)

func (x *xscale) makeTicks() []tick {
	if x.cols < 1 {
		return nil
	}
	if !x.log {
		return x.linearTicks(x.lo, x.hi)
	}
	span := x.hi - x.lo
	if span < 1 {
		return x.linearTicks(math.Pow(10, x.lo), math.Pow(10, x.hi))
	}
	for _, every := range []struct {
		decades int
		of      []float64
	}{{1, []float64{1, 2, 5}}, {1, []float64{1}}, {2, []float64{1}}, {5, []float64{1}}, {10, []float64{1}}, {50, []float64{1}}} {
		var values []float64
		first := int(math.Floor(x.lo/float64(every.decades))) * every.decades
		for e := first; float64(e) <= x.hi; e += every.decades {
			for _, m := range every.of {
				values = append(values, m*math.Pow10(e))
			}
		}
		if t, ok := x.place(values, 0); ok {
			return t
		}
	}
	return nil
}

// linearTicks are round values between two.
func (x *xscale) linearTicks(lo, hi float64) []tick {
	for _, step := range x.steps(hi - lo) {
		var values []float64
		if step*float64(x.cols) < tickPitch*(hi-lo) {
			continue
		}
		first := math.Ceil(lo/step - 1e-9)
		for k := first; k*step <= hi+step*1e-9; k++ {
			values = append(values, k*step+0) // never -0
		}
		if t, ok := x.place(values, step); ok {
			return t
		}
	}
	return nil
}

// steps are the distances of ticks that suit the axis, the finest first.
func (x *xscale) steps(span float64) []float64 {
	steps := steps125(span, x.cols)
	if x.axis == ByTime && span > 30 {
		const minute, hour, day = 60, 3600, 86400
		steps = []float64{1, 2, 5, 10, 15, 30, minute, 2 * minute, 5 * minute, 10 * minute, 15 * minute, 30 * minute,
			hour, 2 * hour, 3 * hour, 6 * hour, 12 * hour}
		if span > 2*day {
			steps = nil
		}
		for s := 1.0; s*day <= span; s *= 10 {
			steps = append(steps, s*day, 2*s*day, 5*s*day)
		}
	}
	whole := steps[:0]
	for _, s := range steps {
		if x.axis != ByStep || s >= 1 {
			whole = append(whole, s)
		}
	}
	return whole
}

// place turns values into ticks, and reports whether they stand far enough
// apart. Step is their distance, 0 for decades.
func (x *xscale) place(values []float64, step float64) ([]tick, bool) {
	visible := values[:0]
	for _, v := range values {
		if d := math.Round(x.dot(v)); d >= 0 && d <= float64(x.last()) {
			visible = append(visible, v)
		}
	}
	var ticks []tick
	free := math.MinInt32
	for i, label := range x.labels(visible, step) {
		t := tick{at: x.cell(visible[i]), label: label}
		w := ansi.StringWidth(label)
		if start := t.at - w/2; start < free {
			return nil, false
		}
		free = t.at - w/2 + w + labelGap
		ticks = append(ticks, t)
	}
	return ticks, true
}

func (x *xscale) labels(values []float64, step float64) []string {
	if step == 0 {
		labels := make([]string, len(values))
		for i, v := range values {
			labels[i] = decadeLabel(v)
			if x.axis == ByTime {
				labels[i] = clock(v, v, v)
			}
		}
		return labels
	}
	if x.axis != ByTime {
		return tickLabels(values, step)
	}
	labels := make([]string, len(values))
	for i, v := range values {
		labels[i] = clock(v, values[len(values)-1], step)
	}
	return labels
}
