package data

import (
	"fmt"
	"strings"

	tea "charm.land/bubbletea/v2"

	"cnnbench/dataset"
	"cnnbench/dataset/augment"
	"cnnbench/nn"
	"cnnbench/tui/layout"
	"cnnbench/tui/picture"
	"cnnbench/tui/theme"
)

// variantsShown is how many augmented pictures stand beside the original.
const variantsShown = 8

// variants are a training picture as it is and as successive passes over the data show it: the very pictures that the
// network trains on.
type variants struct {
	on    bool
	asked variantsOf    // that is read or was read last
	of    variantsOf    // that the rest is of
	tiles []variant     // the original first
	at    int           // the tile with the cursor
	sheet picture.Sheet // of the last drawing
	err   error
}

// variantsOf says which picture, and which pass is the first.
type variantsOf struct {
	data    *dataset.Data
	part    string
	i, pass int
	steps   int // of an epoch
	batch   int
	shuffle bool
}

// variant is one picture with what is said about it: where it stands in the training, and what was drawn for it.
type variant struct {
	item  picture.Item
	words []string
}

// varied brings variants.
type varied struct {
	of    variantsOf
	tiles []variant
	err   error
}

// varies says that the sample pane shows variants.
func (s *Screen) varies() bool {
	return s.variants.on && s.data != nil && len(s.list) > 0 && s.data.Part(s.part).Augments()
}

func (s *Screen) noVariants() string {
	if why := s.noSample(); why != "" {
		return why
	}
	return s.noAugment()
}

// toggleVariants shows the sample beside its variants, or alone.
func (s *Screen) toggleVariants() tea.Cmd {
	s.variants.on = !s.variants.on
	if s.variants.on {
		s.panes.Set(paneSample)
	} else {
		s.panes.Set(paneSamples)
	}
	s.version++
	return s.need()
}

// needVariants asks for the variants of the sample with the cursor, if they are shown and not there.
func (s *Screen) needVariants() tea.Cmd {
	if !s.varies() {
		return nil
	}
	e, part := s.app.Draft.Experiment(), s.data.Part(s.part)
	of := variantsOf{s.data, s.part, s.list[s.at], s.pass, e.Fit.Steps(part.Len()), e.Fit.Batch(part.Len()), e.Fit.Shuffle}
	if s.variants.asked == of {
		return nil
	}
	s.variants.asked = of
	stream := e.Fit.Stream(part.Len(), e.Seed)
	return func() tea.Msg {
		m := varied{of: of}
		read := func(words []string, read func(dst []float32) error) {
			v := variant{picture.Item{Shape: part.Shape(), V: make([]float32, nn.Shape(part.Shape()).Size())}, words}
			if err := read(v.item.V); err != nil && m.err == nil {
				m.err = err
			}
			m.tiles = append(m.tiles, v)
		}
		read([]string{wordOriginal}, func(dst []float32) error { return part.Read(dst, of.i) })
		for pass := of.pass; pass < of.pass+variantsShown; pass++ {
			step := stream.Step(pass, of.i)
			drawn := part.Drawn(of.i, pass)
			words := append([]string{fmt.Sprintf(wordEpoch, step/of.steps+1), fmt.Sprintf(wordBatch, step%of.steps+1)}, drawnWords(&drawn, part)...)
			read(words, func(dst []float32) error {
				_, err := part.Augmented(dst, of.i, pass)
				return err
			})
		}
		return m
	}
}

// takeVariants takes those that are still wanted.
func (s *Screen) takeVariants(m varied) {
	if m.of == s.variants.asked {
		s.variants.of, s.variants.tiles, s.variants.err = m.of, m.tiles, m.err
		s.version++
	}
}

// drawnWords says what was drawn for a picture, by the names under which data --out writes it. What is off is not said.
func drawnWords(d *augment.Drawn, part *dataset.Part) []string {
	var words []string
	number := func(format string, v, off float64) {
		if v != off {
			words = append(words, fmt.Sprintf(format, v))
		}
	}
	number("theta %.1f°", d.Theta, 0)
	number("tx %.1f", d.Tx, 0)
	number("ty %.1f", d.Ty, 0)
	number("shear %.2f°", d.Shear, 0)
	number("zx %.2f", d.Zx, 1)
	number("zy %.2f", d.Zy, 1)
	if d.FlipH {
		words = append(words, "flip_h")
	}
	if d.FlipV {
		words = append(words, "flip_v")
	}
	number("channel_shift %.1f", d.ChannelShift, 0)
	number("brightness %.2f", d.Brightness, 1)
	if d.CropX != 0 || d.CropY != 0 {
		words = append(words, fmt.Sprintf("crop %d %d", d.CropX, d.CropY))
	}
	if e := d.Erase; e.Rows > 0 {
		words = append(words, fmt.Sprintf("erased %d×%d", e.Rows, e.Cols))
	}
	if d.Mix > 0 {
		words = append(words, fmt.Sprintf("mix %.2f", d.Mix), fmt.Sprintf("of row %d", part.Index[d.MixWith]))
	}
	return words
}

// drawVariants draws the original and its variants, each above its words; where room is short, the words of the one with
// the cursor stand below all.
func (s *Screen) drawVariants(p theme.Pane, w, h int, focused bool) string {
	t := s.app.Theme
	p.Right = fmt.Sprintf(wordVariants, variantsShown)
	p.Foot = wordDrawnUnits
	v := &s.variants
	switch {
	case v.of != v.asked || v.tiles == nil:
		return t.Draw(p, w, h)
	case v.err != nil:
		p.Body = " " + t.Bad.Render(strings.Join(layout.Wrap(theme.Bad+" "+v.err.Error(), max(w-4, 8)), "\n "))
		return t.Draw(p, w, h)
	}
	inner, room := w-2, h-2
	all := make([][]string, len(v.tiles))
	first := make([][]string, len(v.tiles))
	for i, tile := range v.tiles {
		all[i], first[i] = tile.words, tile.words[:1]
	}
	below, lines := pack(all, inner-2)
	shape := v.tiles[0].item.Shape
	brief := fitTiles(shape, first, inner, room-lines)
	best := fitTiles(shape, all, inner, room)
	foot := ""
	if 2*best.area < brief.area {
		best = brief
		foot = " " + t.Dim.Render(strings.Join(below[v.at], "\n "))
	}
	v.sheet = best.sheet
	style, look := s.style(), s.look()
	tiles := make([]picture.Tile, min(len(v.tiles), best.sheet.Cap()))
	for i := range tiles {
		it := v.tiles[i].item
		tiles[i].Words = best.words[i]
		tiles[i].Lines = style.Sample(it.Shape, it.V, look, best.sheet.TileW, best.sheet.TileH)
	}
	p.Body = best.sheet.Draw(t, tiles, v.at, focused)
	if foot != "" {
		p.Body += "\n" + foot
	}
	return t.Draw(p, w, h)
}

// fitted is how tiles fit into a pane.
type fitted struct {
	sheet picture.Sheet
	words [][]string
	area  int // cells of a picture; 0: there is no room at all
}

// fitTiles finds the sheet of w x h cells in which pictures of a shape, each above its words, are largest. All of them
// are shown and no word is cut.
func fitTiles(shape []int, words [][]string, w, h int) fitted {
	var best fitted
	widest := 0
	for _, list := range words {
		for _, word := range list {
			widest = max(widest, layout.Width(word))
		}
	}
	for cols := 1; cols <= len(words); cols++ {
		rows := (len(words) + cols - 1) / cols
		tileW := (w-1)/cols - 1
		if tileW < widest {
			break
		}
		packed, lines := pack(words, tileW)
		tileH := h/rows - lines
		if pw, ph := picture.Fit(shape[0], shape[1], tileW, tileH); pw*ph > best.area {
			best = fitted{picture.NewSheet(w, h, tileW, tileH, lines), packed, pw * ph}
		}
	}
	return best
}

// pack sets each list of words in lines of w cells, and says how many lines the longest needs. No word is broken: a name
// stays with its number.
func pack(words [][]string, w int) (packed [][]string, lines int) {
	for _, list := range words {
		var set []string
		for _, word := range list {
			if last := len(set) - 1; last >= 0 && layout.Width(set[last])+1+layout.Width(word) <= w {
				set[last] += " " + word
			} else {
				set = append(set, word)
			}
		}
		packed = append(packed, set)
		lines = max(lines, len(set))
	}
	return packed, lines
}

// nextVariant moves the cursor along the variants.
func (s *Screen) nextVariant(d int) {
	s.variants.at = min(max(s.variants.at+d, 0), variantsShown)
	s.version++
}
