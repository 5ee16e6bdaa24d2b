package picture

import (
	"fmt"

	tea "charm.land/bubbletea/v2"
)

// Item is a sample with its shape.
type Item struct {
	Shape []int
	V     []float32
}

// Reader reads sample i of some into dst.
type Reader func(dst []float32, i int) error

// Window keeps the samples around a cursor in memory: small ones for tiles, and the one with the cursor as it is. They
// are read by commands; the zero value has nothing to read.
type Window struct {
	shape []int
	read  Reader
	steps func(i int) int // of sample i that are shown; nil: all
	gen   int             // answers of another are dropped

	lo, hi int // the places that were asked for
	from   int // of items
	items  []Item
	asked  int // the place of the whole sample that was asked for, plus 1; 0: none
	oneAt  int // and of the one that is there
	one    Item
	err    error
}

// loaded brings samples to a window.
type loaded struct {
	window *Window
	gen    int
	lo, hi int
	items  []Item
	at     int
	one    Item
	err    error
}

// maxTile is as many pixels as a tile may need, a side.
const maxTile = 64

// Reset drops what is in memory: from now on samples of another shape are read, or by another reader.
func (w *Window) Reset(shape []int, read Reader) {
	*w = Window{shape: shape, read: read, gen: w.gen + 1}
}

// Steps says how many steps of each sample are shown, where they are sequences that end early; 0: all of them. Reset
// forgets it.
func (w *Window) Steps(of func(i int) int) { w.steps = of }

// Need asks for the samples around place at of a list of samples that are not in memory; page is how many are shown at
// once.
func (w *Window) Need(list []int, at, page int) tea.Cmd {
	if len(list) == 0 || w.read == nil {
		return nil
	}
	size := 1
	for _, d := range w.shape {
		size *= d
	}
	page = max(page, 64)
	lo, hi := max(at-page, 0), min(at+page, len(list))
	tiles := lo < w.lo || hi > w.hi
	if tiles {
		margin := page + min(max(1<<18/size, 64), 4096)
		lo, hi = max(at-margin, 0), min(at+margin, len(list))
		w.lo, w.hi = lo, hi
	} else if w.asked == at+1 {
		return nil
	}
	w.asked = at + 1
	var samples []int
	if tiles {
		samples = append(samples, list[lo:hi]...)
	}
	m := loaded{window: w, gen: w.gen, lo: lo, hi: lo + len(samples), at: at}
	shape, reader, steps, one := w.shape, w.read, w.steps, list[at]
	return func() tea.Msg {
		read := func(i int) Item {
			it := Item{shape, make([]float32, size)}
			if err := reader(it.V, i); err != nil && m.err == nil {
				m.err = fmt.Errorf("sample %d: %w", i, err)
			}
			if steps != nil {
				it = it.until(steps(i))
			}
			return it
		}
		for _, i := range samples {
			m.items = append(m.items, read(i).small())
		}
		m.one = read(one)
		return m
	}
}

// until is the first steps of a sequence; 0: all of them.
func (it Item) until(steps int) Item {
	if steps == 0 || KindOf(it.Shape) != Sequence {
		return it
	}
	features := it.Shape[1]
	return Item{[]int{steps, features}, it.V[:steps*features]}
}

// small is a picture no larger than a tile needs.
func (it Item) small() Item {
	if KindOf(it.Shape) != Picture {
		return it
	}
	m := Image{it.Shape[0], it.Shape[1], it.Shape[2], it.V}.Shrunk(maxTile)
	return Item{[]int{m.H, m.W, m.C}, m.V}
}

// Take takes a message that brings samples; ok says that it was one for this window and that it is wanted.
func (w *Window) Take(msg tea.Msg) (ok bool) {
	m, ok := msg.(loaded)
	if !ok || m.window != w || m.gen != w.gen {
		return false
	}
	if m.items != nil && m.lo == w.lo && m.hi == w.hi {
		w.from, w.items = m.lo, m.items
	}
	if m.at+1 == w.asked {
		w.one, w.oneAt = m.one, m.at+1
	}
	w.err = m.err
	return true
}

// Err is why samples could not be read.
func (w *Window) Err() error { return w.err }

// Tile is the sample at a place of the list, small; ok is false while it is not in memory.
func (w *Window) Tile(at int) (it Item, ok bool) {
	if i := at - w.from; i >= 0 && i < len(w.items) {
		return w.items[i], true
	}
	return Item{}, false
}

// Tiles are all samples in memory, and the place of the first.
func (w *Window) Tiles() (items []Item, first int) { return w.items, w.from }

// One is the whole sample at the place with the cursor; ok is false while it is not in memory.
func (w *Window) One(at int) (it Item, ok bool) { return w.one, w.oneAt == at+1 }

// Range is the smallest and the largest value in memory.
func (w *Window) Range() (lo, hi float32) {
	vs := make([][]float32, len(w.items))
	for i, it := range w.items {
		vs[i] = it.V
	}
	return Range(vs...)
}
