// Package scroll keeps the place in a list of rows that is longer than its pane.
package scroll

import (
	"fmt"

	"cnnbench/tui/layout"
	"cnnbench/tui/theme"
)

// Rows is a place in a list of rows.
type Rows struct {
	From   int  // the first row that is shown
	Follow bool // the end is shown, also when more comes

	n, h int // rows there were, and rows shown, in the last drawing
}

// By moves by so many rows, up below 0; at the end it follows what comes.
func (r *Rows) By(d int) {
	r.From = min(max(r.From+d, 0), max(r.n-r.h, 0))
	r.Follow = r.From >= r.n-r.h
}

// Page is how many rows a page has.
func (r *Rows) Page() int { return max(r.h-1, 1) }

// All is how many rows there are.
func (r *Rows) All() int { return r.n }

// Window is the part of n rows that h rows show.
func (r *Rows) Window(n, h int) (from, to int) {
	r.n, r.h = n, max(h, 0)
	if r.Follow {
		r.From = n - r.h
	}
	r.From = min(max(r.From, 0), max(n-r.h, 0))
	return r.From, min(r.From+r.h, n)
}

// Around is Window with the row at in sight.
func (r *Rows) Around(at, n, h int) (from, to int) {
	r.From = layout.Window(r.From, at, n, h)
	return r.Window(n, h)
}

// Foot says how much there is below, or at the end above; "" where all is shown.
func (r *Rows) Foot() string {
	above, below := r.From, r.n-r.From-r.h
	switch {
	case r.n <= r.h:
		return ""
	case below > 0:
		return fmt.Sprintf("%s %d more", theme.Down, below)
	}
	return fmt.Sprintf("%s %d more", theme.Up, above)
}
