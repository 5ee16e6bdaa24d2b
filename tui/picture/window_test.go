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
