package tui

import (
	"context"
	"testing"

	"cnnbench/nn/train"
	"cnnbench/sessions"
)

// A training goes back an epoch and on at another learning rate: what it left stays on the chart and in the list, and is
// taken up again from there. Both ways are to the bit what they would have been alone.
func TestStoryOfBranches(t *testing.T) {
	home := t.TempDir()
	s := begin(t, home)
	s.sees("lecture-cnn", "everything fits")
	s.press("r")
	s.sees("batch_size")
	s.press("tab")
	s.types("3")
	s.press("enter", "3", "n")
	s.sees("PAUSED", "ep 2/3", "lecture-cnn-1")
	s.press("n")
	s.sees("PAUSED", "ep 3/3")
	s.press("{")
	s.sees("Take lecture-cnn-1 back to", "the end of epoch 1", "the start")
	s.types("epoch 1")
	s.press("enter")
	s.sees("PAUSED", "ep 2/3", "branch 0 val")
	s.press("-", "n")
	s.sees("PAUSED", "ep 3/3", "branch 0 val")
	s.press("x")
	s.sees("Stop the training?")
	s.press("y")
	s.sees("STOPPED")

	s.press("5")
	s.sees("└ @1 branch 0", "LEFT")
	s.press("down", "d")
	s.sees("goes with its session")
	s.sees("R take up") // once all is stored
	s.press("R")
	s.sees("branch 1 val", "lecture-cnn-1 is trained and stored")
	s.press("5")
	s.sees("└ @1 branch 1", "LEFT")

	store := &sessions.Store{Home: home}
	one, err := store.Open("lecture-cnn-1")
	if err != nil {
		t.Fatal(err)
	}
	if one.State != train.Finished || len(one.History) != 3 || len(one.Branches) != 1 || one.Branches[0].Number != 1 || one.Branches[0].Epoch != 1 || one.Branches[0].Passed {
		t.Errorf("in the end %v, %d epochs, %d branches", one.State, len(one.History), len(one.Branches))
	}
	if points, err := one.Branches[0].Points(); err != nil || len(points) == 0 || points[0].Step <= 29 {
		t.Errorf("the branch's curve is %v, %v", points, err)
	}
	if v, err := store.Verify(context.Background(), "lecture-cnn-1", 0); err != nil || !v.Same {
		t.Errorf("verified: %+v, %v", v, err)
	}
}
