package export

import (
	"context"
	"io"

	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgimg"
)

func init() {
	register(Format{Name: "png", Extension: ".png", Doc: "the charts of loss, metrics and learning rate as a picture", write: writePNG})
}

func writePNG(_ context.Context, w io.Writer, in *Input) error {
	c := vgimg.NewWith(vgimg.UseWH(chartWidth, chartHeight), vgimg.UseDPI(chartDPI))
	if err := drawCharts(draw.New(c), in); err != nil {
		return err
	}
	_, err := vgimg.PngCanvas{Canvas: c}.WriteTo(w)
	return err
}
