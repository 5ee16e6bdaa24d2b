package dataset

import (
	"image"
	"image/color"
)

// channelsOf is 1 for the colour models that hold grey only, else 3.
func channelsOf(m color.Model) int {
	switch m {
	case color.GrayModel, color.Gray16Model:
		return 1
	}
	palette, ok := m.(color.Palette)
	if !ok || len(palette) == 0 {
		return 3
	}
	for _, c := range palette {
		if c := color.NRGBAModel.Convert(c).(color.NRGBA); c.R != c.G || c.G != c.B {
			return 3
		}
	}
	return 1
}

// copyPixels fills dst [rows, columns, channels] with the bytes of a picture; one channel is the luma of a colour. What
// is stored with opacity loses it, and keeps its colour.
func copyPixels(dst []uint8, img image.Image, channels int) {
	switch m := img.(type) {
	case video:
		eachPixel(dst, m.Rect, channels, m.rgb)
		return
	case *image.Gray:
		if channels == 1 {
			b := m.Rect
			for y := range b.Dy() {
				copy(dst[y*b.Dx():(y+1)*b.Dx()], m.Pix[y*m.Stride:])
			}
			return
		}
	case *image.YCbCr:
		if channels == 3 && m.Rect.Min == (image.Point{}) {
			copyYCbCr(dst, m)
			return
		}
		eachPixel(dst, m.Rect, channels, func(x, y int) (r, g, b uint8) {
			at := m.COffset(x, y)
			return color.YCbCrToRGB(m.Y[m.YOffset(x, y)], m.Cb[at], m.Cr[at])
		})
		return
	case *image.NYCbCrA:
		copyPixels(dst, &m.YCbCr, channels)
		return
	case *image.NRGBA64:
		eachPixel(dst, m.Rect, channels, func(x, y int) (r, g, b uint8) {
			p := m.Pix[m.PixOffset(x, y):][:6] // the high byte of each value stands first
			return p[0], p[2], p[4]
		})
		return
	case *image.NRGBA:
		eachPixel(dst, m.Rect, channels, func(x, y int) (r, g, b uint8) {
			p := m.Pix[m.PixOffset(x, y):][:3]
			return p[0], p[1], p[2]
		})
		return
	case *image.RGBA:
		eachPixel(dst, m.Rect, channels, func(x, y int) (r, g, b uint8) {
			p := m.Pix[m.PixOffset(x, y):][:4]
			if p[3] == 255 {
				return p[0], p[1], p[2]
			}
			c := color.NRGBAModel.Convert(color.RGBA{p[0], p[1], p[2], p[3]}).(color.NRGBA)
			return c.R, c.G, c.B
		})
		return
	case *image.Paletted:
		var palette [256]color.NRGBA // black beyond its end, as in Pillow
		for i, c := range m.Palette[:min(len(m.Palette), len(palette))] {
			palette[i] = color.NRGBAModel.Convert(c).(color.NRGBA)
		}
		eachPixel(dst, m.Rect, channels, func(x, y int) (r, g, b uint8) {
			c := palette[m.Pix[m.PixOffset(x, y)]]
			return c.R, c.G, c.B
		})
		return
	}
	eachPixel(dst, img.Bounds(), channels, func(x, y int) (r, g, b uint8) {
		c := color.NRGBAModel.Convert(img.At(x, y)).(color.NRGBA)
		return c.R, c.G, c.B
	})
}

// copyYCbCr fills dst with the colours of a picture that starts at 0, as JPEGs do: row by row, since photos are large.
func copyYCbCr(dst []uint8, m *image.YCbCr) {
	shift := 0
	switch m.SubsampleRatio {
	case image.YCbCrSubsampleRatio422, image.YCbCrSubsampleRatio420:
		shift = 1
	case image.YCbCrSubsampleRatio411, image.YCbCrSubsampleRatio410:
		shift = 2
	}
	w := m.Rect.Dx()
	for y := range m.Rect.Dy() {
		at := m.COffset(0, y)
		cb, cr := m.Cb[at:], m.Cr[at:]
		row := dst[3*y*w : 3*(y+1)*w]
		for x, luma := range m.Y[y*m.YStride:][:w] {
			p := row[3*x : 3*x+3 : 3*x+3]
			p[0], p[1], p[2] = color.YCbCrToRGB(luma, cb[x>>shift], cr[x>>shift])
		}
	}
}

// eachPixel fills dst with the colours of a rectangle, or with their luma.
func eachPixel(dst []uint8, rect image.Rectangle, channels int, at func(x, y int) (r, g, b uint8)) {
	i := 0
	for y := rect.Min.Y; y < rect.Max.Y; y++ {
		for x := rect.Min.X; x < rect.Max.X; x++ {
			r, g, b := at(x, y)
			if channels == 1 {
				dst[i] = lumaBytes(r, g, b)
				i++
				continue
			}
			dst[i], dst[i+1], dst[i+2] = r, g, b
			i += 3
		}
	}
}

// video is a picture whose values are those of video, not of JPEG: black is 16 and white 235.
type video struct{ *image.YCbCr }

// videoRange says so of a lossy WebP picture, which Go's decoder leaves open.
func videoRange(img image.Image) image.Image {
	switch m := img.(type) {
	case *image.YCbCr:
		return video{m}
	case *image.NYCbCrA:
		return video{&m.YCbCr}
	}
	return img
}

// rgb is libwebp's conversion, in its fixed point.
func (v video) rgb(x, y int) (r, g, b uint8) {
	at := v.COffset(x, y)
	luma, cb, cr := int(v.Y[v.YOffset(x, y)])*19077>>8, int(v.Cb[at]), int(v.Cr[at])
	clip := func(v int) uint8 { return uint8(min(max(v>>6, 0), 255)) }
	return clip(luma + cr*26149>>8 - 14234), clip(luma - cb*6419>>8 - cr*13320>>8 + 8708), clip(luma + cb*33050>>8 - 17685)
}
