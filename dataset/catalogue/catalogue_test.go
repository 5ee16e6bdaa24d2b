package catalogue

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// TestPublished holds every download to the line that tensorflow-datasets publishes about it.
func TestPublished(t *testing.T) {
	for _, s := range Sets() {
		text, err := os.ReadFile(filepath.Join("testdata", strings.ReplaceAll(s.Name, "-", "_")+".txt"))
		if err != nil {
			t.Fatal(err)
		}
		var want, got []string
		for line := range strings.Lines(string(text)) {
			want = append(want, strings.TrimSuffix(line, "\n"))
		}
		for _, f := range s.Files {
			got = append(got, strings.Join([]string{f.URL, strconv.FormatInt(f.Size, 10), f.SHA256, f.Name()}, "\t"))
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s has\n%s\npublished is\n%s", s.Name, strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
	}
}

func TestSets(t *testing.T) {
	var names []string
	for _, s := range Sets() {
		names = append(names, s.Name)
		if found, ok := Lookup(s.Name); !ok || found.Doc != s.Doc {
			t.Errorf("%s is not found by its name", s.Name)
		}
		if s.Doc == "" || strings.Contains(s.Doc, "\n") {
			t.Errorf("%s needs one line of doc", s.Name)
		}
		if !regexp.MustCompile(`^[a-z0-9-]+$`).MatchString(s.Name) {
			t.Errorf("%q is no name for a folder", s.Name)
		}
	}
	if want := []string{"mnist", "fashion-mnist", "kmnist", "cifar10", "cifar100"}; !slices.Equal(names, want) {
		t.Errorf("names %v, want %v", names, want)
	}
	if _, ok := Lookup("emnist"); ok {
		t.Error("emnist is found")
	}
}

// A set is present when each of its files is, and of an archive what is taken out of it.
func TestPresent(t *testing.T) {
	downloads := t.TempDir()
	for _, c := range []struct {
		name  string
		files []string
	}{
		{"mnist", []string{"t10k-images-idx3-ubyte.gz", "t10k-labels-idx1-ubyte.gz", "train-images-idx3-ubyte.gz", "train-labels-idx1-ubyte.gz"}},
		{"cifar100", []string{"train.bin", "test.bin", "fine_label_names.txt"}},
	} {
		s, _ := Lookup(c.name)
		if err := os.Mkdir(s.Folder(downloads), 0o755); err != nil {
			t.Fatal(err)
		}
		for _, name := range c.files {
			if s.Present(downloads) {
				t.Errorf("%s is present without %s", c.name, name)
			}
			if err := os.WriteFile(filepath.Join(downloads, c.name, name), nil, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		if !s.Present(downloads) || s.Present("") || s.Present(t.TempDir()) {
			t.Errorf("%s: present is wrong about where it is", c.name)
		}
	}
}
