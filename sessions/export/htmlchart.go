package export

import (
	"fmt"
	"math"
	"strings"

	"gonum.org/v1/plot/plotter"

	"cnnbench/nn/train"
)

// svgChart is a chart as the report draws it: its colours are the page's, light or dark, and its text can be read out and
// copied. Places are in the drawing's own units, which are about pixels.
type svgChart struct {
	svgFrame
	ID      string
	Title   string
	Doc     string // what the chart says, in words
	XTicks  []place
	YTicks  []place
	Best    string   // place of the best epoch; empty: none
	Batches []string // points of polylines
	Train   []string
	Val     []string
	Dots    []place // of training, with what is said of them
	Marks   []place // of validation
	Empty   string  // what stands in a chart without a number
}

// svgFrame is the drawing's size and what of it is the area of the curves.
type svgFrame struct{ W, H, Left, Right, Top, Bottom float64 }

// frame is that of all charts.
var frame = svgFrame{W: 640, H: 320, Left: 64, Right: 624, Top: 16, Bottom: 276}

// Width is the area's.
func (f svgFrame) Width() float64 { return f.Right - f.Left }

// Height is the area's.
func (f svgFrame) Height() float64 { return f.Bottom - f.Top }

// Center is the area's middle from left to right.
func (f svgFrame) Center() float64 { return (f.Left + f.Right) / 2 }

// Middle is the area's middle from top to bottom.
func (f svgFrame) Middle() float64 { return (f.Top + f.Bottom) / 2 }

// place is a place in the drawing with its text.
type place struct{ X, Y, Text string }

// newSVGChart lays a figure out; n tells the charts of a page apart.
func newSVGChart(in *Input, f *figure, n int) svgChart {
	v := viewOf(in, f)
	c := svgChart{svgFrame: frame, ID: fmt.Sprintf("chart-%d", n), Title: f.title()}
	if v.empty {
		c.Empty = noNumber
	}
	if f.log {
		c.Title += " (logarithmic)"
	}
	x := func(epoch float64) float64 { return c.Left + (epoch-v.left)/(v.right-v.left)*c.Width() }
	y := func(value float64) float64 {
		share := (value - v.bottom) / (v.top - v.bottom)
		if f.log {
			share = math.Log(value/v.bottom) / math.Log(v.top/v.bottom)
		}
		return c.Bottom - share*c.Height()
	}
	for _, t := range v.xTicks {
		c.XTicks = append(c.XTicks, place{X: coordinate(x(t.value)), Text: t.label})
	}
	for _, t := range v.yTicks {
		c.YTicks = append(c.YTicks, place{Y: coordinate(y(t.value)), Text: t.label})
	}
	line := func(dots plotter.XYs) string {
		parts := make([]string, len(dots))
		for i, d := range dots {
			parts[i] = coordinate(x(d.X)) + "," + coordinate(y(d.Y))
		}
		return strings.Join(parts, " ")
	}
	for _, run := range v.batches {
		c.Batches = append(c.Batches, line(run))
	}
	curve := func(name string, dots []dot) (lines []string, places []place) {
		for _, run := range runs(dots) {
			lines = append(lines, line(points(run)))
			for _, d := range run {
				if len(dots) < manyDots || len(run) == 1 {
					places = append(places, place{coordinate(x(float64(d.epoch))), coordinate(y(d.value)), fmt.Sprintf("%s, epoch %d: %s", name, d.epoch, train.FormatValue(d.value))})
				}
			}
		}
		return lines, places
	}
	c.Train, c.Dots = curve("training", f.training)
	c.Val, c.Marks = curve("validation", f.validation)
	if b := in.best(); b != nil {
		c.Best = coordinate(x(float64(b.Epoch)))
	}
	c.Doc = f.words()
	return c
}

// words say of a figure where it began and where it ended.
func (f *figure) words() string {
	say := func(name string, dots []dot) string {
		if len(dots) == 0 {
			return ""
		}
		a, b := dots[0], dots[len(dots)-1]
		return fmt.Sprintf("%s from %s in epoch %d to %s in epoch %d. ", name, train.FormatValue(a.value), a.epoch, train.FormatValue(b.value), b.epoch)
	}
	return strings.TrimSpace(say("Training", f.training) + say("Validation", f.validation))
}

// coordinate writes a place to a hundredth.
func coordinate(v float64) string {
	return strings.TrimSuffix(strings.TrimRight(fmt.Sprintf("%.2f", v), "0"), ".")
}
