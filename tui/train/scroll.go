package train

import (
	"cnnbench/tui/layout"
	"cnnbench/tui/theme"
)

// scroll is the place in a list of rows that grows at its end.
type scroll struct {
	from   int
	follow bool // the end is shown
	n, h   int  // rows there were, and rows shown, in the last drawing
}

// by moves by so many rows; at the end it follows what comes.
func (s *scroll) by(d int) {
	s.from = min(max(s.from+d, 0), max(s.n-s.h, 0))
	s.follow = s.from >= s.n-s.h
}

// window is the part of n rows that h rows show.
func (s *scroll) window(n, h int) (from, to int) {
	h = max(h, 0)
	s.n, s.h = n, h
	if s.follow {
		s.from = n - h
	}
	s.from = min(max(s.from, 0), max(n-h, 0))
	return s.from, min(s.from+h, n)
}

// foot says how much there is above and below; "" if all is shown.
func (s *scroll) foot() string {
	switch below := s.n - s.from - s.h; {
	case s.n <= s.h:
		return ""
	case below > 0:
		return theme.Down + " " + plural(below, "row")
	default:
		return theme.Up + " " + plural(s.from, "row")
	}
}

// cut is a line of w cells with a blank before it.
func cut(line string, w int) string { return layout.Cut(" "+line, w) }
