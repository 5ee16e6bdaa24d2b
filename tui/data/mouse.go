package data

import tea "charm.land/bubbletea/v2"

// wheel moves the cursor of the pane under the mouse.
func (s *Screen) wheel(m tea.MouseWheelMsg) tea.Cmd {
	d := 1
	if m.Button == tea.MouseWheelUp {
		d = -1
	}
	pane, ok := s.panes.At(m.X, m.Y)
	if !ok {
		return nil
	}
	switch pane {
	case paneSource:
		s.readOn(d)
	case paneClasses:
		s.moveClass(d)
	case paneSamples:
		return s.goBy(d * max(s.cols, 1))
	case paneSample:
		if s.numbers {
			s.scroll(d, 0)
			return nil
		}
		return s.goBy(d)
	}
	return nil
}

// click puts a cursor where the mouse is, and opens what has it already.
func (s *Screen) click(x, y int) tea.Cmd {
	pane, ok := s.panes.At(x, y)
	if !ok || s.data == nil {
		return nil
	}
	r := s.panes.Rect(pane).Inner()
	x, y = x-r.X, y-r.Y
	switch pane {
	case paneClasses:
		row := y - s.above + s.rows
		if s.data.Classes == nil || y < s.above || y >= r.H || row > len(s.data.Source.Classes) {
			return nil
		}
		if row == s.classAt && s.noRow() == "" {
			return s.showRow()
		}
		s.classAt = row
		s.version++
	case paneSample:
		if tile, ok := s.variants.sheet.At(x, y); ok && s.varies() {
			s.nextVariant(tile - s.variants.at)
		}
	case paneSamples:
		if s.tile == nil || s.cap == 0 {
			return nil
		}
		i, ok := s.tile(x, y)
		i += s.at / s.cap * s.cap
		if !ok || i >= len(s.list) {
			return nil
		}
		if i == s.at {
			return s.enlarge()
		}
		return s.goBy(i - s.at)
	}
	return nil
}
