package export

import (
	"math"

	"gonum.org/v1/plot/plotter"
)

// noNumber stands on a chart that has nothing to show.
const noNumber = "no value is a number"

// view is what a chart of a figure shows: the ranges of its axes, in epochs and in values, and the places with labels.
type view struct {
	left, right, bottom, top float64
	xTicks, yTicks           []tick
	batches                  []plotter.XYs // the loss of the batches, thinned out, cut where it is no number
	empty                    bool          // no value is a number
}

// viewOf works out how a figure is shown. The history is not empty.
func viewOf(in *Input, f *figure) view {
	first, last := in.History[0].Epoch, in.History[len(in.History)-1].Epoch
	v := view{left: float64(first), right: float64(last)}
	lo, hi := f.span()
	if f.name == lossName {
		v.batches = batchLosses(in, f.log)
	}
	switch {
	case len(v.batches) > 0:
		v.left = float64(first - 1)
	case first == last:
		v.left, v.right = v.left-0.5, v.right+0.5
	}
	if first == last { // the batches are most of what there is to see
		for _, run := range v.batches {
			for _, p := range run {
				lo, hi = min(lo, p.Y), max(hi, p.Y)
			}
		}
	}
	v.empty = lo > hi
	v.bottom, v.top = axisRange(lo, hi, f.log)
	v.xTicks, v.yTicks = epochTicks(int(math.Ceil(v.left)), last), ticks(v.bottom, v.top, f.log)
	return v
}

// batchLosses are the losses that the session keeps of its steps, by fractions of epochs.
func batchLosses(in *Input, logarithmic bool) []plotter.XYs {
	if in.Stored == nil {
		return nil
	}
	var out []plotter.XYs
	open := false
	for _, p := range in.Stored.Points {
		y := tame(p.Loss)
		if !finite(y) || logarithmic && y <= 0 {
			open = false
			continue
		}
		if !open {
			out = append(out, nil)
		}
		open = true
		out[len(out)-1] = append(out[len(out)-1], plotter.XY{X: p.Epoch, Y: y})
	}
	return out
}

// points are dots as the library takes them.
func points(dots []dot) plotter.XYs {
	out := make(plotter.XYs, len(dots))
	for i, d := range dots {
		out[i] = plotter.XY{X: float64(d.epoch), Y: d.value}
	}
	return out
}
