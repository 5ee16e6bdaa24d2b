package data

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"

	"cnnbench/dataset"
)

// skewed is a folder with six times as many dogs as cats, and a picture that stands in both parts.
func skewed(t *testing.T) *bench {
	t.Helper()
	b := open(t, plain, small)
	dir := t.TempDir()
	for name, shade := range map[string]uint8{"train/cat/0": 0, "train/dog/0": 20, "train/dog/1": 40, "train/dog/2": 60, "train/dog/3": 80,
		"train/dog/4": 100, "train/dog/5": 120, "test/cat/0": 140, "test/dog/0": 40} {
		file := filepath.Join(dir, name+".png")
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, grey4(t, shade), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	b.edit(func(e *experiment) {
		e.Data.Source, e.Data.Limit = dir, nil
		e.Data.Split.Validation = new(dataset.Amount(0))
	})
	if b.s.err != nil {
		t.Fatal(b.s.err)
	}
	return b
}

// leftSide is what the source and the classes say at 160x50, in one line.
func leftSide(b *bench) string {
	return strings.Join(strings.Fields(strings.NewReplacer("│", "", "┃", "").Replace(firstColumn(ansi.Strip(b.s.View(w160, h50))))), " ")
}

// What stands on both sides of a split is said where it cannot be missed.
func TestLeaks(t *testing.T) {
	b := skewed(t)
	v := leftSide(b)
	for _, want := range []string{"1 of 2 test samples also", "test/dog/0.png =", "train/dog/1.png"} {
		if !strings.Contains(v, want) {
			t.Errorf("no %q in\n%s", want, v)
		}
	}
	if note := ansi.Strip(b.s.Note(70)); note != "! 1 of 2 test samples also stand in train" {
		t.Errorf("note %q", note)
	}
	exact(t, b.s, w80, h24)
	b = open(t, plain, "lecture-shapes")
	if v := leftSide(b); !strings.Contains(v, wordNoLeaks) || b.s.Note(70) != "" {
		t.Errorf("shapes leak:\n%s", v)
	}
}

// w weighs the classes, and says with which numbers.
func TestClassWeights(t *testing.T) {
	b := skewed(t)
	b.press("w")
	b.press("down")
	if v := ansi.Strip(b.app.Dialogs[0].View(80, 24)); !strings.Contains(v, "cat 3.50, dog .583") {
		t.Errorf("the list does not say the weights:\n%s", v)
	}
	b.press("enter")
	if !b.app.Draft.Experiment().Fit.ClassWeight.Balanced {
		t.Error("the experiment weighs nothing")
	}
	b.s.panes.Set(paneClasses)
	b.press("down", "down")
	v := leftSide(b)
	for _, want := range []string{"weights balanced: cat 3.50, dog .583", "share █86% ░50% weight .583", "! 1 : 6", "! dog has 6 times the training samples of cat; w weighs them"} {
		if !strings.Contains(v, want) {
			t.Errorf("no %q in\n%s", want, v)
		}
	}
	b.edit(func(e *experiment) { e.Fit.ClassWeight.Balanced, e.Fit.ClassWeight.Of = false, map[int]float64{1: 2} })
	if v := leftSide(b); !strings.Contains(v, "weights cat 1, dog 2") {
		t.Errorf("weights of the file:\n%s", v)
	}
	b.press("w", "up", "up", "enter") // from "as written" to none
	if c := b.app.Draft.Experiment().Fit.ClassWeight; c.Given() {
		t.Errorf("the weights stay %v", c)
	}
	if open(t, plain, "lecture-linear").why("w") != wordNoClasses {
		t.Error("values are weighed by class")
	}
}
