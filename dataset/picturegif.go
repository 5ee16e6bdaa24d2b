package dataset

import (
	"bytes"
	"image"
	"image/color"
	"image/gif"
	"slices"
)

// wholeGIF is the first frame of a GIF as Pillow has it: where it does not cover its canvas, the rest has the
// transparent colour or else the palette's first, and what is transparent keeps the colour that the file gives it.
func wholeGIF(frame *image.Paletted, canvas image.Rectangle, text []byte) *image.Paletted {
	transparent := slices.IndexFunc(frame.Palette, func(c color.Color) bool {
		_, _, _, a := c.RGBA()
		return a == 0
	})
	if frame.Rect != canvas && frame.Rect.In(canvas) {
		frame = onCanvas(frame, canvas, uint8(max(transparent, 0)))
	}
	// The decoder blackens the transparent colour, in a copy of the file's palette if the frame has none of its own.
	c, err := gif.DecodeConfig(bytes.NewReader(text))
	palette, ok := c.ColorModel.(color.Palette)
	if err == nil && ok && transparent >= 0 && len(palette) == len(frame.Palette) &&
		slices.Equal(palette[:transparent], frame.Palette[:transparent]) && slices.Equal(palette[transparent+1:], frame.Palette[transparent+1:]) {
		frame.Palette = palette
	}
	return frame
}

// onCanvas puts a frame where it belongs, on a canvas that has one colour.
func onCanvas(frame *image.Paletted, canvas image.Rectangle, rest uint8) *image.Paletted {
	out := image.NewPaletted(canvas, frame.Palette)
	if rest > 0 {
		for i := range out.Pix {
			out.Pix[i] = rest
		}
	}
	for y := frame.Rect.Min.Y; y < frame.Rect.Max.Y; y++ {
		copy(out.Pix[out.PixOffset(frame.Rect.Min.X, y):], frame.Pix[(y-frame.Rect.Min.Y)*frame.Stride:][:frame.Rect.Dx()])
	}
	return out
}
