package picture

// Palette says which colour a value has.
type Palette uint8

// The palettes. Pictures of three channels have colours of their own.
const (
	Grey       Palette = iota // black to white
	Sequential                // viridis, dark blue to yellow: activations
	Diverging                 // blue over white to red, the middle standing for 0: filters
)

// rgb is a colour as 0xRRGGBB.
type rgb uint32

const levels = 256

// tables hold the palettes' colours from the lowest value to the highest.
var tables = [...][levels]rgb{
	Grey: blend(0x000000, 0xffffff),
	// Viridis of Matplotlib at nine places.
	Sequential: blend(0x440154, 0x472d7b, 0x3b528b, 0x2c728e, 0x21918c, 0x28ae80, 0x5ec962, 0xaddc30, 0xfde725),
	// ColorBrewer's RdBu, turned round.
	Diverging: blend(0x053061, 0x2166ac, 0x4393c3, 0x92c5de, 0xd1e5f0, 0xf7f7f7, 0xfddbc7, 0xf4a582, 0xd6604d, 0xb2182b, 0x67001f),
}

// blend spreads colours evenly over the levels and fills the places between.
func blend(stops ...rgb) (t [levels]rgb) {
	for i := range t {
		at := i * (len(stops) - 1)
		k, part := at/(levels-1), at%(levels-1)
		a, b := stops[k], stops[min(k+1, len(stops)-1)]
		for shift := 0; shift < 24; shift += 8 {
			p, q := int(a>>shift&255), int(b>>shift&255)
			t[i] |= rgb(p+((q-p)*part+(levels-1)/2*sign(q-p))/(levels-1)) << shift
		}
	}
	return t
}

func sign(x int) int {
	switch {
	case x > 0:
		return 1
	case x < 0:
		return -1
	}
	return 0
}

// luma is a colour's brightness of 0 to 255, by ITU-R 601-2.
func (c rgb) luma() int {
	return (299*int(c>>16&255) + 587*int(c>>8&255) + 114*int(c&255) + 500) / 1000
}

// Look says how values are shown.
type Look struct {
	Palette Palette
	Lo, Hi  float32 // the values that get the first and the last colour
}

// level is a value's place among a palette's colours, or -1 for one that is not finite.
func (l Look) level(v float32) int {
	if !finite(v) {
		return -1
	}
	if l.Hi <= l.Lo {
		return levels / 2
	}
	t := (v - l.Lo) / (l.Hi - l.Lo)
	return int(min(max(t, 0), 1)*(levels-1) + .5)
}

// pixel is one drawn pixel.
type pixel struct {
	c  rgb
	at int16 // brightness of 0 to 255; -1: not finite
}

// wrong is the colour of values that are not finite.
const wrong rgb = 0xff00ff

// pixels looks up the colours of an image: three channels are red, green and blue, of four the last is left out, and
// other numbers are drawn as their mean.
func (l Look) pixels(m Image) []pixel {
	out := make([]pixel, m.H*m.W) // [H, W]
	table := &tables[l.Palette]
	for i := range out {
		v := m.V[i*m.C:][:m.C]
		if m.C == 3 || m.C == 4 {
			r, g, b := l.level(v[0]), l.level(v[1]), l.level(v[2])
			if r < 0 || g < 0 || b < 0 {
				out[i] = pixel{wrong, -1}
				continue
			}
			c := rgb(r<<16 | g<<8 | b)
			out[i] = pixel{c, int16(c.luma())}
			continue
		}
		mean := v[0]
		if m.C > 1 {
			for _, x := range v[1:] {
				mean += x
			}
			mean /= float32(m.C)
		}
		at := l.level(mean)
		if at < 0 {
			out[i] = pixel{wrong, -1}
			continue
		}
		out[i] = pixel{table[at], int16(at)}
	}
	return out
}
