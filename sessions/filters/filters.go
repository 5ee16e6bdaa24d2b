// Package filters draws the filters of a convolution as one picture.
package filters

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"math"
)

// Sizes in pixels.
const (
	tileSide = 36 // of a filter, about
	gap      = 2  // between filters and around them
)

var (
	ground = color.NRGBA{0x80, 0x80, 0x80, 0xff} // between the filters, on a light page and on a dark one
	wrong  = color.NRGBA{0xff, 0x00, 0xff, 0xff} // a weight that is not finite
)

// diverging is ColorBrewer's RdBu, turned round: blue is below 0, white is 0, red is above.
var diverging = [...]color.NRGBA{{0x05, 0x30, 0x61, 0xff}, {0x21, 0x66, 0xac, 0xff}, {0x43, 0x93, 0xc3, 0xff}, {0x92, 0xc5, 0xde, 0xff},
	{0xd1, 0xe5, 0xf0, 0xff}, {0xf7, 0xf7, 0xf7, 0xff}, {0xfd, 0xdb, 0xc7, 0xff}, {0xf4, 0xa5, 0x82, 0xff}, {0xd6, 0x60, 0x4d, 0xff},
	{0xb2, 0x18, 0x2b, 0xff}, {0x67, 0x00, 0x1f, 0xff}}

// Draw lays the filters of a kernel [h, w, in, out] out in rows, as near to a square as it goes. Filters of three channels
// are in colours, grey being 0; those of another number of channels are the mean over them, blue below 0 and red above.
// The strongest weight has the strongest colour.
func Draw(shape []int, kernel []float32) image.Image {
	h, w, in, out := shape[0], shape[1], shape[2], shape[3]
	scale := max(tileSide/max(h, w), 1)
	columns := int(math.Ceil(math.Sqrt(float64(out))))
	rows := (out + columns - 1) / columns
	m := image.NewNRGBA(image.Rect(0, 0, gap+columns*(w*scale+gap), gap+rows*(h*scale+gap)))
	draw.Draw(m, m.Bounds(), image.NewUniform(ground), image.Point{}, draw.Src)
	top := strongest(kernel)
	for k := range out {
		left, up := gap+k%columns*(w*scale+gap), gap+k/columns*(h*scale+gap)
		for i := range h * w {
			pixel := make([]float32, in)
			for c := range in {
				pixel[c] = kernel[(i*in+c)*out+k]
			}
			at := image.Rect(0, 0, scale, scale).Add(image.Pt(left+i%w*scale, up+i/w*scale))
			draw.Draw(m, at, image.NewUniform(paint(pixel, top)), image.Point{}, draw.Src)
		}
	}
	return m
}

// strongest is the largest finite amount, 1 where there is none but 0.
func strongest(v []float32) float64 {
	top := 0.0
	for _, x := range v {
		if a := math.Abs(float64(x)); a > top && !math.IsInf(a, 0) {
			top = a
		}
	}
	if top == 0 {
		return 1
	}
	return top
}

// paint is the colour of a place of a filter, of the weights of its channels.
func paint(channels []float32, top float64) color.NRGBA {
	mean := 0.0
	for _, v := range channels {
		mean += float64(v) / float64(len(channels))
	}
	if math.IsNaN(mean) || math.IsInf(mean, 0) {
		return wrong
	}
	if len(channels) == 3 {
		level := func(v float32) uint8 { return uint8(math.Round(127.5 + float64(127.5*float64(v)/top))) }
		return color.NRGBA{level(channels[0]), level(channels[1]), level(channels[2]), 0xff}
	}
	at := (mean/top + 1) / 2 * float64(len(diverging)-1)
	i := min(int(at), len(diverging)-2)
	part := at - float64(i)
	mix := func(a, b uint8) uint8 { return uint8(math.Round(float64(a) + float64((float64(b)-float64(a))*part))) }
	a, b := diverging[i], diverging[i+1]
	return color.NRGBA{mix(a.R, b.R), mix(a.G, b.G), mix(a.B, b.B), 0xff}
}

// PNG is the picture of Draw as a file, and its size.
func PNG(shape []int, kernel []float32) (file []byte, width, height int, err error) {
	m := Draw(shape, kernel)
	var b bytes.Buffer
	if err := png.Encode(&b, m); err != nil {
		return nil, 0, 0, fmt.Errorf("draw the filters: %w", err)
	}
	return b.Bytes(), m.Bounds().Dx(), m.Bounds().Dy(), nil
}
