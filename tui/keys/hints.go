package keys

import (
	"slices"
	"strings"

	"cnnbench/tui/layout"
	"cnnbench/tui/theme"
)

// Hint is an action's place in the row of hints.
type Hint struct {
	X, W   int
	Action *Action
}

// Hints draws the row of hints, w cells wide at most: the actions of the best ranks that fit, in the order of the
// table. An action that cannot be done now is left out.
func Hints(t *theme.Theme, contexts []Context, w int) (string, []Hint) {
	type item struct {
		a          *Action
		key, title string
		order      int
	}
	var all []item
	for i := range contexts {
		c := &contexts[i]
		if !c.On() {
			continue
		}
		for j := range c.Actions {
			a := &c.Actions[j]
			if a.Hint == 0 || a.Why() != "" {
				continue
			}
			key, title := a.hint()
			all = append(all, item{a, key, title, len(all)})
		}
	}
	slices.SortStableFunc(all, func(a, b item) int { return a.a.Hint - b.a.Hint })
	const gap = 2
	room, n := w, 0
	for n < len(all) {
		need := layout.Width(all[n].key) + 1 + layout.Width(all[n].title)
		if n > 0 {
			need += gap
		}
		if need > room {
			break
		}
		room -= need
		n++
	}
	all = all[:n]
	slices.SortFunc(all, func(a, b item) int { return a.order - b.order })
	var s strings.Builder
	hints := make([]Hint, 0, n)
	x := 0
	for i, it := range all {
		if i > 0 {
			s.WriteString(layout.Spaces(gap))
			x += gap
		}
		s.WriteString(t.Key.Render(it.key) + " " + t.Dim.Render(it.title))
		hw := layout.Width(it.key) + 1 + layout.Width(it.title)
		hints = append(hints, Hint{x, hw, it.a})
		x += hw
	}
	return s.String(), hints
}
