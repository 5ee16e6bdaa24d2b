package layout

import (
	"strings"
	"testing"
)

func TestTileJoinsColumnsOfUnequalRows(t *testing.T) {
	rects := []Rect{{0, 0, 2, 1}, {2, 0, 3, 3}, {}, {0, 1, 2, 2}}
	got := Tile(rects, func(i int, r Rect) string {
		return strings.TrimSuffix(strings.Repeat(strings.Repeat(string(rune('a'+i)), r.W)+"\n", r.H), "\n")
	})
	if want := "aabbb\nddbbb\nddbbb"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got := Tile(nil, nil); got != "" {
		t.Errorf("got %q of nothing", got)
	}
}
