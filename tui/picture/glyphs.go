package picture

import "cnnbench/tui/chart"

// glyph is a character and how much ink it has in its upper and in its lower half, 0 to 255.
type glyph struct {
	r           rune
	top, bottom int
}

var shades = []glyph{
	{' ', 0, 0}, {'░', 64, 64}, {'▒', 128, 128}, {'▓', 191, 191}, {'█', 255, 255}, {'▀', 255, 0}, {'▄', 0, 255},
}

// asciiGlyphs are characters with their ink as measured in DejaVu Sans Mono and Go Mono, the blackest being 255.
var asciiGlyphs = []glyph{
	{' ', 0, 0}, {'.', 0, 61}, {'\'', 75, 0}, {':', 61, 61}, {'"', 141, 0}, {'_', 0, 95}, {'^', 124, 30}, {'=', 95, 119}, {'+', 81, 118},
	{'*', 147, 47}, {'?', 164, 81}, {'c', 103, 152}, {'v', 99, 166}, {'x', 103, 195}, {'o', 110, 219}, {'a', 98, 255}, {'T', 200, 118},
	{'7', 168, 99}, {'F', 207, 144}, {'P', 240, 159}, {'%', 183, 192}, {'X', 187, 198}, {'#', 206, 214}, {'8', 220, 238}, {'@', 203, 255},
	{'m', 160, 255}, {'W', 228, 255}, {'M', 255, 236},
}

// ramp finds the character for two brightnesses, in steps of 8.
type ramp [32][32]rune

var shadeRamp, asciiRamp = newRamp(shades), newRamp(asciiGlyphs)

func newRamp(gs []glyph) *ramp {
	var r ramp
	for t := range r {
		for b := range r[t] {
			// 0 and 255 themselves are among the steps.
			top, bottom := t*255/31, b*255/31
			best := 1 << 30
			for _, g := range gs {
				dt, db := g.top-top, g.bottom-bottom
				// The cell's whole brightness counts more than how it is spread: flat areas stay flat.
				if d := dt*dt + db*db + (dt+db)*(dt+db); d < best {
					best, r[t][b] = d, g.r
				}
			}
		}
	}
	return &r
}

// at is the character for two pixels on a background that is dark or light.
func (r *ramp) at(top, bottom pixel, dark bool) rune {
	if top.at < 0 || bottom.at < 0 {
		return '?'
	}
	t, b := int(top.at), int(bottom.at)
	if !dark {
		t, b = 255-t, 255-b
	}
	return r[t*31/255][b*31/255]
}

// rampOf is the characters of a symbol set.
func rampOf(s chart.Symbols) *ramp {
	if s == chart.ASCII {
		return asciiRamp
	}
	return shadeRamp
}
