package export

import (
	"bytes"
	"context"
	"io"

	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgsvg"
)

func init() {
	register(Format{Name: "svg", Extension: ".svg", Doc: "the same charts as a drawing, sharp at any size", write: writeSVG})
}

func writeSVG(_ context.Context, w io.Writer, in *Input) error {
	c := vgsvg.New(chartWidth, chartHeight)
	if err := drawCharts(draw.New(c), in); err != nil {
		return err
	}
	var b bytes.Buffer
	if _, err := c.WriteTo(&b); err != nil {
		return err
	}
	// Where the font is missing, others of the same widths will do, and then any.
	_, err := w.Write(bytes.ReplaceAll(b.Bytes(), []byte("font-family:Liberation Sans;"),
		[]byte("font-family:'Liberation Sans',Arimo,Helvetica,Arial,sans-serif;")))
	return err
}
