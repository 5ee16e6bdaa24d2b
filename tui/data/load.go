package data

import (
	"fmt"

	tea "charm.land/bubbletea/v2"

	"cnnbench/dataset"
	"cnnbench/tui/picture"
)

// counted is what there is to say about the data.
type counted struct {
	data       *dataset.Data
	facts, raw *dataset.Facts
	err        error
}

// count goes through all samples in the background.
func (s *Screen) count() tea.Cmd {
	d := s.data
	return func() tea.Msg {
		facts, err := d.Describe()
		if err != nil {
			return counted{data: d, err: err}
		}
		raw, err := d.Source.Describe()
		return counted{d, facts, raw, err}
	}
}

func (s *Screen) counted(m counted) {
	if m.data != s.data {
		return
	}
	s.facts, s.raw, s.bad = m.facts, m.raw, m.err
	if m.err == nil {
		s.looks = [2]rangeOf{rangeOfFacts(m.facts), rangeOfFacts(m.raw)}
		if _, bytes := s.data.Source.Train.Samples.(dataset.ByteSamples); bytes {
			s.looks[1] = rangeOf{0, 255}
		}
	}
	s.version++
}

func rangeOfFacts(f *dataset.Facts) rangeOf {
	r := rangeOf{float32(f.Parts[0].Min), float32(f.Parts[0].Max)}
	for _, p := range f.Parts[1:] {
		r.lo, r.hi = min(r.lo, float32(p.Min)), max(r.hi, float32(p.Max))
	}
	return r
}

// look is how values are coloured: one range for all samples, so that they can be compared.
func (s *Screen) look() picture.Look {
	i := 0
	if s.stored {
		i = 1
	}
	if s.facts == nil { // not counted yet
		var vs [][]float32
		for _, it := range s.window.items {
			vs = append(vs, it.v)
		}
		lo, hi := picture.Range(vs...)
		return picture.Look{Lo: lo, Hi: hi}
	}
	return picture.Look{Lo: s.looks[i].lo, Hi: s.looks[i].hi}
}

// window is the samples that are in memory: those of list from lo to before hi, in the size of tiles, and the one with
// the cursor as it is.
type window struct {
	lo, hi int // asked for
	from   int // of items, in list
	items  []item
	exact  int // the whole sample asked for, in list, plus 1; 0: none
	one    item
	oneAt  int // that is there, in list, plus 1
	err    error
}

// item is a sample with its shape.
type item struct {
	shape []int
	v     []float32
}

// loaded brings samples.
type loaded struct {
	gen    int
	lo, hi int
	items  []item
	exact  int
	one    item
	err    error
}

// maxTile is as many pixels as a tile may need, a side.
const maxTile = 64

// need asks for the samples around the cursor that are not in memory.
func (s *Screen) need() tea.Cmd {
	if s.data == nil || !s.shown() || len(s.list) == 0 {
		return nil
	}
	p := s.data.Part(s.part)
	shape := s.shape(p)
	size := 1
	for _, d := range shape {
		size *= d
	}
	page := max(s.cap, 64)
	lo, hi := max(s.at-page, 0), min(s.at+page, len(s.list))
	w := &s.window
	tiles := lo < w.lo || hi > w.hi
	if tiles {
		margin := page + min(max(1<<18/size, 64), 4096)
		lo, hi = max(s.at-margin, 0), min(s.at+margin, len(s.list))
		w.lo, w.hi = lo, hi
	}
	exact := s.at + 1
	if !tiles && w.exact == exact {
		return nil
	}
	w.exact = exact
	var positions []int
	if tiles {
		positions = append(positions, s.list[lo:hi]...)
	}
	gen, stored, one := s.gen, s.stored, s.list[s.at]
	return func() tea.Msg {
		m := loaded{gen: gen, lo: lo, hi: lo + len(positions), exact: exact}
		read := func(i int) item {
			it := item{shape, make([]float32, size)}
			var err error
			if stored {
				err = p.Raw(it.v, i)
			} else {
				err = p.Read(it.v, i)
			}
			if err != nil && m.err == nil {
				m.err = fmt.Errorf("row %d of the %s part: %w", p.Index[i], p.From, err)
			}
			return it
		}
		for _, i := range positions {
			it := read(i)
			if picture.KindOf(shape) == picture.Picture {
				small := picture.Image{H: shape[0], W: shape[1], C: shape[2], V: it.v}.Shrunk(maxTile)
				it = item{[]int{small.H, small.W, small.C}, small.V}
			}
			m.items = append(m.items, it)
		}
		m.one = read(one)
		return m
	}
}

func (s *Screen) loaded(m loaded) {
	w := &s.window
	if m.gen != s.gen {
		return
	}
	if len(m.items) > 0 && m.lo == w.lo && m.hi == w.hi {
		w.from, w.items = m.lo, m.items
	}
	if m.exact == w.exact {
		w.one, w.oneAt = m.one, m.exact
	}
	w.err = m.err
	s.version++
}

// sample is the one with the cursor, as large as it is in memory; ok is false while it is being read.
func (s *Screen) sample() (it item, ok bool) {
	w := &s.window
	if w.oneAt == s.at+1 {
		return w.one, true
	}
	return item{}, false
}

// shape is that of the part's samples as they are looked at.
func (s *Screen) shape(p *dataset.Part) []int {
	if s.stored {
		return p.RawShape()
	}
	return p.Shape()
}
