package tui

import (
	"os"
	"path/filepath"
	"testing"

	"cnnbench/sessions"
)

// theirs is where the tests of package imports have what Keras wrote.
const theirs = "../sessions/imports/testdata/"

// Networks of Keras are imported: what is in a file is shown before anything is done, a whole model becomes a session or
// the draft's layers, weights alone that do not fit and a torn file are named, and nothing of them is there.
func TestStoryOfImports(t *testing.T) {
	home := t.TempDir()
	torn := filepath.Join(t.TempDir(), "torn.keras")
	text, err := os.ReadFile(theirs + "cnn.keras")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(torn, text[:len(text)/2], 0o644); err != nil {
		t.Fatal(err)
	}
	s := begin(t, home)
	s.sees("lecture-cnn", "everything fits")
	from := func(path string) {
		t.Helper()
		s.press("I")
		s.sees("Import", ".weights.h5")
		s.press("ctrl+u")
		s.types(path)
		s.press("enter")
	}
	from(torn)
	s.sees("import " + torn[:20])
	s.press("esc")
	from(theirs + "cnn.weights.h5")
	s.sees("✗ import")
	s.press("esc")
	store := &sessions.Store{Home: home}
	if all, err := store.List(); err != nil || len(all) > 0 {
		t.Fatalf("there are %v, %v", all, err)
	}

	from(theirs + "cnn.keras")
	s.sees("Import cnn.keras?", "1,187 parameters", "The weights are in the file.", "Note: how pictures are scaled")
	s.press("y")
	s.sees("imported as cnn-1", "FINISHED")
	all, err := store.List()
	if err != nil || len(all) != 1 || all[0].Name != "cnn-1" || all[0].Params != 1187 {
		t.Errorf("there are %+v, %v", all, err)
	}

	from(theirs + "cnn.json")
	s.sees("Import cnn.json?", "the file has no weights")
	s.press("t")
	s.sees("[1 Build]", "conv2d 8 3×3 /2×2 same relu")
	s.press("u")
	s.sees("dense 128 relu", "839,107")
}
