package tui

import (
	"flag"
	"os"
	"strings"
	"testing"
)

// The README's table of keys, between its marks, is the one that dispatches. With -update it is written anew.
func TestReadmeHasTheKeys(t *testing.T) {
	const path, begin, end = "../README.md", "<!-- keys -->\n", "<!-- /keys -->"
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	head, rest, found := strings.Cut(string(text), begin)
	got, tail, closed := strings.Cut(rest, end)
	if !found || !closed {
		t.Skip("the README has no table of keys")
	}
	want := KeyTable()
	if got == want {
		return
	}
	if update := flag.Lookup("update"); update != nil && update.Value.String() == "true" {
		if err := os.WriteFile(path, []byte(head+begin+want+end+tail), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	t.Errorf("the README's keys are not those of the workbench; go test ./tui -run Readme -update writes them")
}

func TestKeyTableHasEveryTab(t *testing.T) {
	table := KeyTable()
	for i, want := range []string{"**Everywhere**", "**Build, Layers**", "| `space` | `run` |", "| `a` | `add-layer` |", "`open FILE`"} {
		if !strings.Contains(table, want) {
			t.Errorf("%d: %q is not in the table", i, want)
		}
	}
	for _, make := range tabs {
		if title := make(launch(t, "lecture-cnn", 0, 0, 80, 24).app).Title(); !strings.Contains(table, "**"+title) {
			t.Errorf("the tab %s is not in the table", title)
		}
	}
}
