package export

import (
	"image/color"

	xfont "golang.org/x/image/font"
	"gonum.org/v1/plot"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Okabe's and Ito's colours, which people of any sight tell apart; dashes and marks differ too.
var (
	ink        = color.NRGBA{0x22, 0x22, 0x22, 0xff}
	dim        = color.NRGBA{0x66, 0x66, 0x66, 0xff}
	faint      = color.NRGBA{0xe4, 0xe4, 0xe4, 0xff}
	blue       = color.NRGBA{0x00, 0x72, 0xb2, 0xff}
	pale       = color.NRGBA{0xb3, 0xd5, 0xe8, 0xff}
	vermillion = color.NRGBA{0xd5, 0x5e, 0x00, 0xff}
)

// look is how a line is drawn.
type look struct {
	line draw.LineStyle
	mark draw.GlyphStyle
}

var (
	trainingLook = look{draw.LineStyle{Color: blue, Width: 1.8},
		draw.GlyphStyle{Color: blue, Radius: 2.8, Shape: draw.CircleGlyph{}}}
	validationLook = look{draw.LineStyle{Color: vermillion, Width: 1.8, Dashes: []vg.Length{6, 3}},
		draw.GlyphStyle{Color: vermillion, Radius: 3.4, Shape: draw.PyramidGlyph{}}}
	batchStyle = draw.LineStyle{Color: pale, Width: 0.9}
	gridStyle  = draw.LineStyle{Color: faint, Width: 0.8}
	bestStyle  = draw.LineStyle{Color: dim, Width: 1.1, Dashes: []vg.Length{2, 3}}
)

// manyDots is the number of epochs from which on lines have no marks.
const manyDots = 60

// add draws the dots as a line with marks.
func (l *look) add(p *plot.Plot, dots []dot) {
	for _, run := range runs(dots) {
		xys := points(run)
		p.Add(&plotter.Line{XYs: xys, LineStyle: l.line})
		if len(dots) < manyDots || len(run) == 1 {
			p.Add(&plotter.Scatter{XYs: xys, GlyphStyle: l.mark})
		}
	}
}

// style is a text's look; the font is the library's own, so that the charts are the same on every machine.
func style(size vg.Length, c color.Color, bold bool) text.Style {
	f := font.Font{Typeface: "Liberation", Variant: "Sans", Size: size}
	if bold {
		f.Weight = xfont.WeightBold
	}
	return text.Style{Color: c, Font: f, Handler: plot.DefaultTextHandler}
}

// drawFigure draws one chart.
func drawFigure(c draw.Canvas, in *Input, f *figure) {
	p := plot.New()
	p.Title.Text, p.Title.Padding = f.title(), 5
	if f.log {
		p.Title.Text += " (logarithmic)"
	}
	restyle(&p.Title.TextStyle, 13, ink, true)
	p.X.Label.Text = "epoch"
	for _, a := range []*plot.Axis{&p.X, &p.Y} {
		restyle(&a.Label.TextStyle, 11, dim, false)
		restyle(&a.Tick.Label, 10.5, dim, false)
		a.LineStyle = draw.LineStyle{Color: dim, Width: 0.8}
		a.Tick.LineStyle = a.LineStyle
	}
	v := viewOf(in, f)
	for _, t := range v.yTicks {
		p.Add(&plotter.Line{XYs: plotter.XYs{{X: v.left, Y: t.value}, {X: v.right, Y: t.value}}, LineStyle: gridStyle})
	}
	for _, run := range v.batches {
		p.Add(&plotter.Line{XYs: run, LineStyle: batchStyle})
	}
	if b := in.best(); b != nil {
		x := float64(b.Epoch)
		p.Add(&plotter.Line{XYs: plotter.XYs{{X: x, Y: v.bottom}, {X: x, Y: v.top}}, LineStyle: bestStyle})
	}
	trainingLook.add(p, f.training)
	validationLook.add(p, f.validation)
	if f.log {
		p.Y.Scale = plot.LogScale{}
	}
	p.X.Min, p.X.Max, p.Y.Min, p.Y.Max = v.left, v.right, v.bottom, v.top
	p.X.Tick.Marker, p.Y.Tick.Marker = marker(v.xTicks), marker(v.yTicks)
	p.Draw(c)
	if v.empty {
		s := style(11, dim, false)
		s.XAlign, s.YAlign = draw.XCenter, draw.YCenter
		c.FillText(s, c.Center(), noNumber)
	}
}

// restyle changes a text's look and leaves its place.
func restyle(t *text.Style, size vg.Length, c color.Color, bold bool) {
	s := style(size, c, bold)
	t.Color, t.Font = s.Color, s.Font
}

func marker(ticks []tick) plot.Ticker {
	out := make(plot.ConstantTicks, len(ticks))
	for i, t := range ticks {
		out[i] = plot.Tick{Value: t.value, Label: t.label}
	}
	return out
}

// drawLegend says right of the title what the lines are.
func drawLegend(c draw.Canvas, in *Input, f *figure) {
	const thumb, after = 30, 18
	y := c.Max.Y - 20
	x := c.Max.X
	words := style(11.5, ink, false)
	entry := func(name string, line draw.LineStyle, mark *draw.GlyphStyle) {
		x -= words.Width(name)
		c.FillText(words, vg.Point{X: x, Y: y - 4}, name)
		x -= 6 + thumb
		c.StrokeLine2(line, x, y, x+thumb, y)
		if mark != nil {
			c.DrawGlyph(*mark, vg.Point{X: x + thumb/2, Y: y})
		}
		x -= after
	}
	if in.best() != nil {
		entry("best epoch", bestStyle, nil)
	}
	if len(viewOf(in, f).batches) > 0 {
		entry("each batch", batchStyle, nil)
	}
	if len(f.validation) > 0 {
		entry("validation", validationLook.line, &validationLook.mark)
	}
	entry("training", trainingLook.line, &trainingLook.mark)
}
