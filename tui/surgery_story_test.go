package tui

import (
	"context"
	"strings"
	"testing"

	"cnnbench/nn/train"
	"cnnbench/sessions"
	"cnnbench/sessions/surgery"
)

// A training is paused, its network gets a dropout and a wider dense layer, what becomes of each layer is shown, and it
// goes on as a new session; the old one stays as it stood.
func TestStoryOfSurgery(t *testing.T) {
	home := t.TempDir()
	s := begin(t, home)
	s.sees("lecture-cnn", "everything fits")
	s.press("r") // the fit settings: three epochs
	s.sees("batch_size")
	s.press("tab")
	s.types("3")
	s.press("enter", "3", "n")
	s.sees("PAUSED", "val_loss", "lecture-cnn-1")
	s.press("S")
	s.sees("edit it first")
	s.press("b")
	s.sees("PAUSED", "batch 1/29")

	s.press("1", "home", "a")
	s.sees("Add a layer")
	s.types("dropout")
	s.press("enter")
	s.sees("accept")
	s.press("enter")
	s.sees("dropout 0.")
	s.press("end", "up", "enter")
	s.sees("units")
	s.types("200")
	s.press("enter")
	s.sees("dense 200 relu", "1,300,195", "J/K move") // the form is closed

	s.press("space")
	s.sees("Go on from lecture-cnn-1", "conv2d, conv2d_1: kept", "dense: widened, 6400x128 to 6400x200", "dense_1: kernel widened, 128x3 to 200x3; bias kept",
		"starts afresh")
	s.press("d")
	s.sees("dense: drawn anew, 6400x128 to 6400x200")
	s.press("n")
	s.press("space")
	s.sees("conv2d, conv2d_1: kept")
	s.press("y")
	s.sees("lecture-cnn-2", "network changed:", "FINISHED")

	store := &sessions.Store{Home: home}
	old, err := store.Open("lecture-cnn-1")
	if err != nil {
		t.Fatal(err)
	}
	if old.State != train.Stopped || !old.CanGoOn() || old.Experiment.Model.Layers[len(old.Experiment.Model.Layers)-1] == nil || strings.Contains(string(old.Experiment.Encode()), "units: 200") {
		t.Errorf("the old session is %v, with\n%s", old.State, old.Experiment.Encode())
	}
	branch, err := store.Open("lecture-cnn-2")
	if err != nil {
		t.Fatal(err)
	}
	if branch.Parent == nil || branch.Parent.Session != "lecture-cnn-1" || branch.Surgery == nil || branch.Surgery.Count(surgery.Widened) != 2 || len(branch.History) == 0 {
		t.Errorf("the new session goes on from %+v with %+v", branch.Parent, branch.Surgery)
	}
	if v, err := store.Verify(context.Background(), "lecture-cnn-2", 0); err != nil || !v.Same {
		t.Errorf("verified: %+v, %v", v, err)
	}
}
