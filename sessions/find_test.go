package sessions

import (
	"os"
	"path/filepath"
	"testing"
)

// The data of a stored session stays the same place wherever its experiment was read, and what a person adds to it starts
// where the person is, never in the session's own folder.
func TestFoundSessionMeansTheSameData(t *testing.T) {
	there := t.TempDir()
	table := "a,b,label\n"
	for range 20 {
		table += "1,2,x\n3,4,y\n"
	}
	text := "data: {source: small.csv, split: {test: 0, validation: 4}}\nmodel: {layers: [dense: {units: 2, activation: softmax}]}\n"
	for name, content := range map[string]string{"small.csv": table, "e.yaml": text} {
		if err := os.WriteFile(filepath.Join(there, name), []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	s := &Store{Home: t.TempDir()}
	f, err := s.Find(filepath.Join(there, "e.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	p, err := s.Prepare(f.Experiment, f.Dir)
	if err != nil {
		t.Fatal(err)
	}
	run, err := s.Start(t.Context(), p, RunOptions{Name: "x", Threads: 1})
	if err != nil {
		t.Fatal(err)
	}
	<-run.Done()
	here := t.TempDir()
	t.Chdir(here)
	if f, err = s.Find("x"); err != nil {
		t.Fatal(err)
	}
	if want := filepath.Join(there, "small.csv"); f.Experiment.Data.Source != want {
		t.Errorf("the data is %s, want %s", f.Experiment.Data.Source, want)
	}
	if _, err := s.Prepare(f.Experiment, f.Dir); err != nil {
		t.Error(err)
	}
	if got := absolute("other.csv", f.Dir); got != filepath.Join(here, "other.csv") {
		t.Errorf("a path that is added means %s", got)
	}
}
