package picture

import (
	"errors"
	"testing"

	tea "charm.land/bubbletea/v2"
)

// A window has what is around the cursor, and drops answers that nobody waits for any more.
func TestWindow(t *testing.T) {
	var w Window
	if w.Need([]int{1}, 0, 1) != nil {
		t.Error("a window without a reader reads")
	}
	list := make([]int, 100_000)
	for i := range list {
		list[i] = 3 * i
	}
	reads := 0
	reader := func(dst []float32, i int) error {
		reads++
		dst[0] = float32(i)
		return nil
	}
	w.Reset([]int{100, 1, 1}, reader)
	take := func(cmd tea.Cmd) {
		t.Helper()
		if cmd == nil || !w.Take(cmd()) {
			t.Fatal("nothing was read")
		}
	}
	take(w.Need(list, 50_000, 20))
	for _, at := range []int{50_000 - 64, 50_000, 50_063} {
		if it, ok := w.Tile(at); !ok || it.Shape[0] != 64 || it.V[0] != float32(3*at) {
			t.Errorf("place %d: %v %v", at, ok, it.Shape)
		}
	}
	if it, ok := w.One(50_000); !ok || len(it.V) != 100 || it.V[0] != 150_000 {
		t.Errorf("the one with the cursor: %v", ok)
	}
	if w.Need(list, 50_000, 20) != nil {
		t.Error("the same is read twice")
	}
	was := reads
	take(w.Need(list, 50_001, 20))
	if reads != was+1 {
		t.Errorf("%d reads for the next one", reads-was)
	}
	late := w.Need(list, 10, 20)()
	take(w.Need(list, 99_999, 20))
	w.Take(late)
	if _, ok := w.Tile(10); ok {
		t.Error("a late answer was taken")
	}
	if _, ok := w.Tile(99_999); !ok {
		t.Error("the last one is not there")
	}
	late = w.Need(list, 5, 20)()
	w.Reset([]int{1}, func([]float32, int) error { return errors.New("torn") })
	if w.Take(late) {
		t.Error("an answer for another source was taken")
	}
	take(w.Need(list, 0, 1))
	if err := w.Err(); err == nil || err.Error() != "sample 0: torn" {
		t.Errorf("error %v", err)
	}
}

// Sequences are shown to their ends, whatever the shape has room for.
func TestWindowOfSequences(t *testing.T) {
	var w Window
	w.Reset([]int{5, 2}, func(dst []float32, i int) error { dst[0], dst[9] = float32(i), 7; return nil })
	w.Steps(func(i int) int { return i })
	if !w.Take(w.Need([]int{3, 0}, 0, 1)()) {
		t.Fatal("nothing was read")
	}
	for place, want := range []int{3, 5} {
		if it, ok := w.Tile(place); !ok || it.Shape[0] != want || len(it.V) != 2*want {
			t.Errorf("place %d: %v %v, want %d steps", place, ok, it, want)
		}
	}
	if it, _ := w.One(0); it.Shape[0] != 3 || it.V[0] != 3 {
		t.Errorf("the one with the cursor is %v", it)
	}
	if lo, hi := w.Range(); lo != 0 || hi != 7 { // of what is shown: the whole one has the 7
		t.Errorf("from %v to %v", lo, hi)
	}
}
