package screen

import "cnnbench/tui/layout"

// Panes is the focus ring and the geometry of a screen's panes, which are numbered from 0.
type Panes struct {
	Names []string // short, for switching in a small window

	focus int
	alone bool // the focused pane has the whole screen
	rects []layout.Rect
	w, h  int
}

// Arrange lays the panes out in a body of w x h cells and remembers where they are. In a window that is large enough
// it takes what place makes of the body, one rectangle a pane, an empty one for a pane that is not shown; else, or in
// full-screen, the focused pane alone gets all.
func (p *Panes) Arrange(w, h int, place func(body layout.Rect) []layout.Rect) []layout.Rect {
	p.w, p.h = w, h
	p.rects = make([]layout.Rect, len(p.Names))
	body := layout.Rect{W: w, H: h}
	if !p.alone && !p.Small() {
		copy(p.rects, place(body))
		if !p.rects[p.focus].Empty() {
			return p.rects
		}
		for i, r := range p.rects { // the pane is not shown at this size
			if !r.Empty() {
				p.focus = i
				return p.rects
			}
		}
	}
	clear(p.rects)
	p.rects[p.focus] = body
	return p.rects
}

// bodyH is the rows that the frame leaves of a window of 24.
const bodyH = 19

// Small says that there is room for one pane only.
func (p *Panes) Small() bool { return p.w < 80 || p.h < bodyH }

// One says that only the focused pane is shown.
func (p *Panes) One() bool { return p.alone || p.Small() }

// Focus is the number of the pane that has the focus.
func (p *Panes) Focus() int { return p.focus }

// Is says that the pane has the focus.
func (p *Panes) Is(pane int) bool { return p.focus == pane }

// Set gives a pane the focus.
func (p *Panes) Set(pane int) { p.focus = pane }

// Move gives the focus to the next pane that can be shown, or with d = -1 the one before.
func (p *Panes) Move(d int) {
	n := len(p.Names)
	for i := 1; i <= n; i++ {
		next := ((p.focus+i*d)%n + n) % n
		if p.One() || next < len(p.rects) && !p.rects[next].Empty() {
			p.focus = next
			return
		}
	}
}

// Zoom gives the focused pane the whole screen, or takes it back.
func (p *Panes) Zoom() { p.alone = !p.alone }

// Zoomed says that the focused pane has the whole screen.
func (p *Panes) Zoomed() bool { return p.alone }

// At finds the pane at a cell of the body.
func (p *Panes) At(x, y int) (pane int, ok bool) {
	for i, r := range p.rects {
		if r.Contains(x, y) {
			return i, true
		}
	}
	return 0, false
}

// Rect is where a pane was drawn last.
func (p *Panes) Rect(pane int) layout.Rect {
	if pane >= len(p.rects) {
		return layout.Rect{}
	}
	return p.rects[pane]
}
