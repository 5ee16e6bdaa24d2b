package export

import (
	"errors"
	"fmt"
	"image/color"
	"path/filepath"
	"strings"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"cnnbench/nn/train"
)

// The size of the charts in points: 1600 x 900 pixels at 96 to the inch.
const (
	chartWidth  vg.Length = 1200
	chartHeight vg.Length = 675
	chartDPI              = 96
)

// Spaces of the charts in points.
const (
	margin  vg.Length = 18
	between vg.Length = 22
	heading vg.Length = 50
)

// drawCharts draws the loss on the left half and the other figures right of it, below a title.
func drawCharts(c draw.Canvas, in *Input) error {
	if len(in.History) == 0 {
		return errors.New("no epoch is finished, so there is nothing to draw")
	}
	c.SetColor(color.White)
	c.Fill(c.Path())
	c = draw.Crop(c, margin, -margin, margin-4, -margin)
	c.FillText(style(19, ink, true), vg.Point{X: c.Min.X, Y: c.Max.Y - 15}, printable(in.Session))
	c.FillText(style(11, dim, false), vg.Point{X: c.Min.X, Y: c.Max.Y - 33}, printable(subtitle(in)))
	all := figures(in.History)
	drawLegend(c, in, &all[0])
	c = draw.Crop(c, 0, 0, 0, -heading)

	half := (c.Max.X - c.Min.X - between) / 2
	drawFigure(draw.Crop(c, 0, -half-between, 0, 0), in, &all[0])
	rest := all[1:]
	c = draw.Crop(c, half+between, 0, 0, 0)
	columns := 1
	if len(rest) > 3 {
		columns = 2
	}
	rows := (len(rest) + columns - 1) / columns
	w := (c.Max.X - c.Min.X - between*vg.Length(columns-1)) / vg.Length(columns)
	h := (c.Max.Y - c.Min.Y - between*vg.Length(rows-1)) / vg.Length(rows)
	for i := range rest {
		x, y := c.Min.X+(w+between)*vg.Length(i%columns), c.Max.Y-(h+between)*vg.Length(i/columns)-h
		cell := draw.Canvas{Canvas: c.Canvas, Rectangle: vg.Rectangle{Min: vg.Point{X: x, Y: y}, Max: vg.Point{X: x + w, Y: y + h}}}
		drawFigure(cell, in, &rest[i])
	}
	return nil
}

// subtitle says in a line what was trained.
func subtitle(in *Input) string {
	parts := []string{filepath.Base(in.Experiment.Data.Source)}
	if in.Stored != nil && in.Stored.Network != "" {
		parts = append(parts, in.Stored.Network)
	}
	parts = append(parts, count(len(in.History), "epoch"))
	if b := in.best(); b != nil {
		parts = append(parts, fmt.Sprintf("best epoch %d with %s %s", b.Epoch, b.Monitor, train.FormatValue(b.Value)))
	}
	return strings.Join(parts, "  ·  ")
}

func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
