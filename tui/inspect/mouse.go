package inspect

import (
	tea "charm.land/bubbletea/v2"

	"cnnbench/tui/layout"
)

// wheel moves the cursor of the pane under the mouse.
func (s *Screen) wheel(m tea.MouseWheelMsg) {
	d := 1
	if m.Button == tea.MouseWheelUp {
		d = -1
	}
	pane, ok := s.panes.At(m.X, m.Y)
	if !ok {
		return
	}
	switch pane {
	case paneMatrix, paneFigures:
		s.moveCell(d, 0)
	case paneSamples:
		s.goBy(d * max(s.cols, 1))
	case paneSample:
		s.goBy(d)
	case paneFilters:
		s.moveFilter(d * max(s.filters.cols, 1))
	case paneMaps:
		s.maps.at = min(max(s.maps.at+d*max(s.maps.cols, 1), 0), s.maps.count()-1)
	}
	s.version++
}

// click opens a view, or puts a cursor where the mouse is and opens what has it already.
func (s *Screen) click(x, y int) tea.Cmd {
	for v, r := range s.strip {
		if r.Contains(x, y) {
			s.open(view(v))
			return nil
		}
	}
	pane, ok := s.panes.At(x, y)
	if !ok || s.result == nil {
		return nil
	}
	r := s.panes.Rect(pane).Inner()
	x, y = x-r.X, y-r.Y
	s.version++
	switch pane {
	case paneMatrix:
		s.clickCell(r, x, y)
	case paneSamples:
		if i, ok := tileAt(s.tile, s.cap, s.at, len(s.list), x, y); ok {
			if i == s.at {
				s.panes.Set(paneSample)
			}
			s.at = i
		}
	case paneFilters:
		if len(s.result.filters) == 0 {
			return nil
		}
		if i, ok := tileAt(s.filters.tile, s.filters.cap, s.filters.at, s.result.filters[s.filters.layer].out, x, y); ok {
			s.filters.at = i
		}
	case paneMaps:
		if i, ok := tileAt(s.maps.tile, s.maps.cap, s.maps.at, s.maps.count(), x, y); ok {
			s.maps.at = i
		}
	}
	return nil
}

// tileAt finds the tile at a cell of a sheet that shows the page with tile at out of n.
func tileAt(find func(x, y int) (int, bool), page, at, n, x, y int) (int, bool) {
	if find == nil || page == 0 {
		return 0, false
	}
	i, ok := find(x, y)
	i += at / page * page
	return i, ok && i < n
}

// clickCell puts the cursor on a cell of the matrix, or shows the samples of the one that has it.
func (s *Screen) clickCell(r layout.Rect, x, y int) {
	e := s.result.eval
	if e.Classes == nil {
		return
	}
	g := gridOf(e.Confusion, e.Classes, s.percent, r.W, r.H)
	i, j := y-1+s.cellFrom[0], (x-1-g.name)/g.cell+s.cellFrom[1]
	if y < 1 || y > g.rows || x < 1+g.name || x >= 1+g.name+g.cols*g.cell || i >= len(e.Classes) || j >= len(e.Classes) {
		return
	}
	if s.cell == [2]int{i, j} {
		s.showCell()
		return
	}
	s.cell = [2]int{i, j}
}
