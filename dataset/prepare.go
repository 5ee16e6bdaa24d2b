package dataset

import (
	"errors"
	"fmt"
	"slices"
	"sync"
)

// maxPixels is the most values that one picture may have after resizing.
const maxPixels = 16 << 20

// Preparation turns a sample as it is stored into what the network receives: first the colour, then the size, both as
// Pillow converts pictures (bytes stay bytes), then the factor, then standardization. It may be used by several goroutines.
type Preparation struct {
	in, out   []int // shapes
	outSize   int
	channels  int   // of the picture before the colour is converted
	recolored int   // and after
	rows      *axis // nil: the number of rows stays
	cols      *axis
	scale     float32
	levels    [256]float32 // of a byte, times the scale
	scratch   sync.Pool    // of *buffer

	standardize standardizer
}

// buffer holds what one conversion needs on its way.
type buffer struct {
	bytes  stages[uint8]
	floats stages[float32]
}

// stages are a sample as stored, and after its colour, its width and its height have changed.
type stages[T uint8 | float32] struct{ in, colored, wide, high []T }

// NewPreparation plans the conversion of samples of a shape, as the data section's image and rescale say.
func NewPreparation(cfg Config, shape []int) (*Preparation, error) {
	p := &Preparation{in: slices.Clone(shape), out: slices.Clone(shape), scale: 1, standardize: newStandardizer(cfg.Standardize)}
	if cfg.Rescale != nil {
		p.scale = float32(*cfg.Rescale)
	}
	if cfg.Image.Size != nil || cfg.Image.Color != nil {
		if err := p.picture(cfg.Image); err != nil {
			return nil, field("image", err)
		}
	}
	p.outSize = volume(p.out)
	for v := range p.levels {
		p.levels[v] = float32(v) * p.scale
	}
	p.scratch.New = func() any { return new(buffer) }
	return p, nil
}

func (p *Preparation) picture(cfg ImageConfig) error {
	switch len(p.in) {
	case 2: // a grey picture without an axis for its one channel
		p.in = append(p.in, 1)
	case 3:
	default:
		return fmt.Errorf("samples of shape %v are no pictures; leave size and color out", p.in)
	}
	h, w, c := p.in[0], p.in[1], p.in[2]
	p.channels, p.recolored = c, c
	if cfg.Color != nil {
		if c != 1 && c != 3 && c != 4 {
			return fmt.Errorf("the color of pictures with %d channels cannot be changed; 1 (grey), 3 (red, green, blue) and 4 (with opacity) can", c)
		}
		p.recolored = 3
		if *cfg.Color == "grayscale" {
			p.recolored = 1
		}
	}
	if s := cfg.Size; s != nil {
		if float64(s[0])*float64(s[1])*float64(p.recolored) > maxPixels {
			return fmt.Errorf("a size of %d by %d is too large; at most %d values a picture", s[0], s[1], maxPixels)
		}
		if s[0] != h {
			p.rows = newAxis(h, s[0], cfg.Interpolation)
		}
		if s[1] != w {
			p.cols = newAxis(w, s[1], cfg.Interpolation)
		}
		h, w = s[0], s[1]
	}
	p.out = []int{h, w, p.recolored}
	return nil
}

// Shape is that of a prepared sample.
func (p *Preparation) Shape() []int { return p.out }

// Bytes prepares a sample of bytes, such as a picture.
func (p *Preparation) Bytes(dst []float32, src []uint8) error {
	if len(src) != volume(p.in) || len(dst) < p.outSize {
		return errors.New("the picture does not have the shape that was prepared for")
	}
	b := p.scratch.Get().(*buffer)
	defer p.scratch.Put(b)
	p.convertBytes(dst[:p.outSize], src, b)
	p.finish(dst[:p.outSize])
	return nil
}

// read prepares sample i.
func (p *Preparation) read(dst []float32, s Samples, i int) error {
	dst = dst[:p.outSize]
	if bs, ok := s.(ByteSamples); ok && !p.converts() {
		return p.readLevels(dst, bs, i)
	}
	if err := p.load(dst, s, i); err != nil {
		return err
	}
	p.finish(dst)
	return nil
}

// readLevels is read of bytes that no conversion changes: a byte has only 256 values, and a table has them rescaled.
func (p *Preparation) readLevels(dst []float32, s ByteSamples, i int) error {
	b := p.scratch.Get().(*buffer)
	defer p.scratch.Put(b)
	in := room(&b.bytes.in, p.outSize)
	if err := s.ReadBytes(in, i); err != nil {
		return err
	}
	levels := &p.levels
	for j, v := range in {
		dst[j] = levels[v]
	}
	p.standardize.apply(dst)
	return nil
}

// load prepares sample i up to the point where augmentation comes in.
func (p *Preparation) load(dst []float32, s Samples, i int) error {
	if !p.converts() {
		return s.Read(dst, i)
	}
	b := p.scratch.Get().(*buffer)
	defer p.scratch.Put(b)
	if bs, ok := s.(ByteSamples); ok {
		in := room(&b.bytes.in, volume(p.in))
		if err := bs.ReadBytes(in, i); err != nil {
			return err
		}
		p.convertBytes(dst, in, b)
	} else {
		in := room(&b.floats.in, volume(p.in))
		if err := s.Read(in, i); err != nil {
			return err
		}
		p.convertFloats(dst, in, b)
	}
	return nil
}

// finish is what comes after augmentation.
func (p *Preparation) finish(x []float32) {
	p.rescale(x)
	p.standardize.apply(x)
}

// room returns n values of a buffer, made when first needed.
func room[T uint8 | float32](buf *[]T, n int) []T {
	if len(*buf) < n {
		*buf = make([]T, n)
	}
	return (*buf)[:n]
}

func (p *Preparation) converts() bool {
	return p.channels != p.recolored || p.rows != nil || p.cols != nil
}

// rowsFirst says which axis changes first, which shows in the rounding of bytes. The rule is that of Pillow 13; older
// ones always began with the columns.
func (p *Preparation) rowsFirst() bool {
	fewerRows, fewerCols := p.in[0]-p.out[0], p.in[1]-p.out[1]
	return fewerRows > 0 && fewerRows > 2*fewerCols
}

func (p *Preparation) rescale(x []float32) {
	if p.scale == 1 {
		return
	}
	for i := range x {
		x[i] *= p.scale
	}
}

func (p *Preparation) convertBytes(dst []float32, src []uint8, b *buffer) {
	for i, v := range convert(p, src, &b.bytes, lumaBytes, (*axis).resampleBytes) {
		dst[i] = float32(v)
	}
}

func (p *Preparation) convertFloats(dst, src []float32, b *buffer) {
	copy(dst, convert(p, src, &b.floats, lumaFloats, (*axis).resampleFloats))
}

// convert recolours and resizes; the result is src or one of the stages.
func convert[T uint8 | float32](p *Preparation, src []T, s *stages[T], luma func(r, g, b T) T, resample func(a *axis, dst, src []T, outer, in, inner int)) []T {
	if !p.converts() {
		return src
	}
	h, w, c := p.in[0], p.in[1], p.channels
	paint := func() {
		if c != p.recolored {
			to := room(&s.colored, h*w*p.recolored)
			recolor(to, src, c, p.recolored, luma)
			src, c = to, p.recolored
		}
	}
	if p.channels > 1 { // grey is repeated last: the same values with a third of the work
		paint()
	}
	across := func() {
		if p.cols != nil {
			to := room(&s.wide, h*p.out[1]*c)
			resample(p.cols, to, src, h, w, c)
			src, w = to, p.out[1]
		}
	}
	down := func() {
		if p.rows != nil {
			to := room(&s.high, p.out[0]*w*c)
			resample(p.rows, to, src, 1, h, w*c)
			src, h = to, p.out[0]
		}
	}
	if p.rowsFirst() {
		down()
		across()
	} else {
		across()
		down()
	}
	paint()
	return src
}

// recolor changes the number of channels: grey is repeated, colours become their luma, opacity is left out.
func recolor[T uint8 | float32](dst, src []T, from, to int, luma func(r, g, b T) T) {
	for i := range len(src) / from {
		in, out := src[i*from:(i+1)*from], dst[i*to:(i+1)*to]
		switch {
		case from == 1:
			out[0], out[1], out[2] = in[0], in[0], in[0]
		case to == 1:
			out[0] = luma(in[0], in[1], in[2])
		default:
			copy(out, in)
		}
	}
}

// lumaBytes is ITU-R 601-2's luma in Pillow's fixed point.
func lumaBytes(r, g, b uint8) uint8 {
	return uint8((uint32(r)*19595 + uint32(g)*38470 + uint32(b)*7471 + 0x8000) >> 16)
}

func lumaFloats(r, g, b float32) float32 {
	return float32(.299*r) + float32(.587*g) + float32(.114*b)
}
