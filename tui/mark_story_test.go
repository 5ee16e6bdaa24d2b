package tui

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"cnnbench/sessions"
	"cnnbench/sessions/export"
	"cnnbench/sessions/safetensors"
)

// A place within an epoch is marked by a name, the training goes on, and comes back to it from a list: it is kept for as
// long as the run is there, and what follows has the same bits.
func TestStoryOfMarks(t *testing.T) {
	home := t.TempDir()
	s := begin(t, home)
	s.sees("lecture-cnn", "everything fits")
	s.press("3", "n")
	s.sees("PAUSED", "ep 2/10")
	s.press("b")
	s.sees("PAUSED", "batch 1/29")
	s.press(":")
	s.types("mark before the rest")
	s.press("enter")
	s.sees("marked before the rest")
	s.press("n")
	s.sees("PAUSED", "ep 3/10")
	s.press("{")
	s.sees("marked before the rest, at step 30", "the end of epoch 1")
	s.types("before the rest")
	s.press("enter")
	s.sees("PAUSED", "ep 2/10", "branch 0 val")
	s.press("n")
	s.sees("PAUSED", "ep 3/10")
	s.press("x")
	s.sees("Stop the training?")
	s.press("y")
	s.press("5", "down")
	s.sees("R take up") // once all is stored
	store := &sessions.Store{Home: home}
	one, err := store.Open("lecture-cnn-1")
	if err != nil {
		t.Fatal(err)
	}
	if m := one.Marked(); len(m) != 1 || m[0].Step != 30 || m[0].Text != "marked before the rest" {
		t.Errorf("marked are %+v", m)
	}
	if b := one.Branches; len(b) != 1 || b[0].Epoch != 1 || !b[0].Passed {
		t.Errorf("the branches left are %+v", b)
	}
	if v, err := store.Verify(context.Background(), "lecture-cnn-1", 0); err != nil || !v.Same {
		t.Errorf("verified: %+v, %v", v, err)
	}
}

// The draft's network leaves from Build with its first weights: by the list, and by a path.
func TestStoryOfADraftThatLeaves(t *testing.T) {
	dir := t.TempDir()
	s := begin(t, t.TempDir())
	s.sees("lecture-cnn", "everything fits")
	s.press("E")
	s.sees("Export lecture-cnn as")
	s.types("onnx")
	s.press("enter")
	s.sees("Export onnx to")
	s.press("ctrl+u")
	s.types(filepath.Join(dir, "a.onnx"))
	s.press("enter")
	s.sees("written: ")
	s.press("esc", ":")
	s.types("export " + filepath.Join(dir, "a.safetensors"))
	s.press("enter")
	s.sees("written: ")
	if st, err := os.Stat(filepath.Join(dir, "a.onnx")); err != nil || st.Size() < 3_000_000 {
		t.Errorf("%v, %v", st, err)
	}
	f, err := safetensors.Read(filepath.Join(dir, "a.safetensors"))
	if err != nil || len(f.Tensors) == 0 {
		t.Fatalf("%v, %v", f, err)
	}
	e, err := sessions.Preset("lecture-cnn")
	if err != nil {
		t.Fatal(err)
	}
	p, err := sessions.Prepare(e, ".")
	if err != nil {
		t.Fatal(err)
	}
	in, err := export.Start(p, "lecture-cnn")
	if err != nil {
		t.Fatal(err)
	}
	for i, w := range in.Weights.Tensors {
		if string(w.Data) != string(f.Tensors[i].Data) {
			t.Errorf("%s is another one than at the start", w.Name)
		}
	}
}
