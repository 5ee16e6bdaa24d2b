package inspect

import (
	"fmt"
	"slices"

	tea "charm.land/bubbletea/v2"

	"cnnbench/tui/figure"
	"cnnbench/tui/layout"
	"cnnbench/tui/picture"
)

// maps is what the layers make of a sample, one layer at a time.
type maps struct {
	own   bool // of one's own picture, not of the sample with the cursor
	layer int
	at    int // channel with the cursor
	zoom  int
	each  bool // each map has its own range of colours

	asked mapKey // what was asked for last
	have  mapKey // what is there
	shape []int
	v     []float32 // the layer's output

	cap  int // tiles of the last drawing
	cols int
	tile func(x, y int) (int, bool)
}

// mapKey is what maps are of.
type mapKey struct {
	result *result
	sample int // in the list of predictions; every: one's own picture
	own    int // which one's own
	layer  int
}

// mapsDone brings the output of a layer.
type mapsDone struct {
	key   mapKey
	shape []int
	v     []float32
}

// forget lets the maps be worked out anew.
func (m *maps) forget() { m.asked = mapKey{} }

// needMaps asks for the maps of the layer and the sample that are looked at.
func (s *Screen) needMaps() tea.Cmd {
	r, m := s.result, &s.maps
	if s.view != viewMaps || r == nil {
		return nil
	}
	m.layer = min(m.layer, len(r.data.Summary.Rows)-1)
	key := mapKey{result: r, sample: every, layer: m.layer}
	m.own = m.own && s.own.answer != nil
	switch {
	case m.own:
		key.own = s.own.gen
	case s.at < len(s.list):
		key.sample = s.list[s.at]
	default:
		return nil
	}
	if m.asked == key {
		return nil
	}
	m.asked = key
	x, part := s.own.x, r.data.Data.Part(r.eval.Split)
	return func() tea.Msg {
		r.mu.Lock()
		defer r.mu.Unlock()
		if r.net == nil {
			return nil
		}
		in := r.net.Input()[:r.data.In.Size()]
		r.net.Lengths()[0] = 0
		if key.sample == every {
			copy(in, x)
		} else {
			i := r.eval.Predictions[key.sample].Sample
			if err := part.Read(in, i); err != nil {
				return nil // the pane of the sample says why
			}
			r.net.Lengths()[0] = part.Length(i)
		}
		r.net.Predict(1)
		v, shape := r.net.Activation(key.layer)
		return mapsDone{key, shape, slices.Clone(v[:shape.Size()])}
	}
}

func (s *Screen) mapsDone(m mapsDone) {
	if m.key != s.maps.asked {
		return
	}
	s.maps.have, s.maps.shape, s.maps.v = m.key, m.shape, m.v
	s.maps.at = min(s.maps.at, s.maps.count()-1)
	s.version++
}

// count is how many maps the layer has; one where it hands on no picture.
func (m *maps) count() int {
	if len(m.shape) == 3 {
		return m.shape[2]
	}
	return 1
}

// drawMaps draws the output of a layer: a picture for each channel, or bars or curves.
func (s *Screen) drawMaps(w, h int, focused bool) string {
	t := s.app.Theme
	p := s.pane(wordMaps, focused)
	if s.result == nil {
		return s.nothing(p, w, h)
	}
	m := &s.maps
	m.cap, m.cols, m.tile = 0, 1, nil
	if m.v == nil || m.have.result != s.result && m.asked.result != s.result || m.have.layer >= len(s.result.data.Summary.Rows) {
		p.Body = " " + t.Dim.Render(layout.Cut(wordNoMap, w-4))
		return t.Draw(p, w, h)
	}
	row := s.result.data.Summary.Rows[m.have.layer]
	p.Title = fmt.Sprintf("%s of layer %d %s", wordMaps, m.have.layer+1, row.Name)
	if p.Right == "" {
		p.Right = figure.Shape(m.shape)
	}
	lo, hi := picture.Range(m.v)
	look := picture.Look{Palette: picture.Sequential, Lo: lo, Hi: hi}
	style := s.style()
	words := fmt.Sprintf(" %s %s %s", short(lo), style.Scale(look, min(16, max(w/4, 3))), short(hi))
	if m.each {
		words = " " + t.Dim.Render(wordEach)
	}
	if len(m.shape) != 3 {
		lines := style.Sample(m.shape, m.v, look, w-4, max(min(h-5, 16), 1))
		p.Body = " " + joined(lines) + "\n\n" + t.Dim.Render(fmt.Sprintf(" %s values, %s to %s", figure.Thousands(len(m.v)), short(lo), short(hi)))
		return t.Draw(p, w, h)
	}
	tw, th := picture.TileSize([]int{m.shape[0], m.shape[1], 1}, m.zoom)
	sheet := picture.NewSheet(w-2, h-4, tw, th, 1)
	m.cap, m.cols, m.tile = sheet.Cap(), sheet.Cols, sheet.At
	if m.cap == 0 {
		return t.Draw(p, w, h)
	}
	all := picture.Image{H: m.shape[0], W: m.shape[1], C: m.shape[2], V: m.v}
	first := m.at / m.cap * m.cap
	last := min(first+m.cap, all.C)
	p.Foot = fmt.Sprintf("%d–%d of %d", first+1, last, all.C)
	tiles := make([]picture.Tile, last-first)
	for i := range tiles {
		one := all.Channel(first + i)
		words := fmt.Sprint(first + i)
		a, b := picture.Range(one.V)
		switch {
		case a == b: // a relu that never fires
			words += t.Dim.Render(" all " + short(a))
		case m.each:
			words += t.Dim.Render(" to " + short(b))
		}
		look := look
		if m.each {
			look.Lo, look.Hi = a, b
		}
		pw, ph := picture.Fit(one.H, one.W, sheet.TileW, sheet.TileH)
		tiles[i] = picture.Tile{Lines: picture.Center(style.Lines(one, look, pw, ph), pw, sheet.TileW, sheet.TileH), Words: []string{words}}
	}
	p.Body = sheet.Draw(t, tiles, m.at-first, focused) + "\n\n" + words + t.Dim.Render(fmt.Sprintf("   layer %d of %d", m.have.layer+1, len(s.result.data.Summary.Rows)))
	return t.Draw(p, w, h)
}
