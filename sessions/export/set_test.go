package export

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"cnnbench/sessions"
	"cnnbench/sessions/atomicfile"
)

func inFolder(t *testing.T, dir string) []string {
	t.Helper()
	var names []string
	err := filepath.WalkDir(dir, func(name string, d os.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			inside, _ := filepath.Rel(dir, name)
			text, _ := os.ReadFile(name)
			names = append(names, filepath.ToSlash(inside)+"="+string(text))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return names
}

func TestFolder(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "model")
	for _, text := range []string{"first", "second"} {
		s := &Set{Base: "model"}
		s.Add("a.json", []byte(text))
		s.Add("logs/b.bin", []byte(text))
		if err := s.writeFolder(path); err != nil {
			t.Fatal(err)
		}
		if got := inFolder(t, dir); !slices.Equal(got, []string{"model/a.json=" + text, "model/logs/b.bin=" + text}) {
			t.Errorf("the folder has %q", got)
		}
	}
}

// What a person has there stays, and nothing is left beside it.
func TestOthersStay(t *testing.T) {
	folder := func(path string) error {
		s := &Set{Base: filepath.Base(path)}
		s.Add("a.json", []byte("new"))
		return s.writeFolder(path)
	}
	beside := func(path string) error {
		s := &Set{Base: filepath.Base(path)}
		s.Add(s.Stem()+".bin", []byte("new"))
		s.Add(s.Base, []byte("new"))
		return s.writeBeside(path)
	}
	for _, c := range []struct {
		what  string
		write func(path string) error
		have  string
		want  string
	}{
		{"a file for a folder", folder, "model", "there is a file of that name"},
		{"a folder with more", folder, "model/cat.jpg", "such as cat.jpg"},
		{"a folder that is missing", func(path string) error { return folder(filepath.Join(path, "x")) }, "other", "no such file or directory"},
		{"a file beside", beside, "model.bin", "would lie beside it"},
	} {
		dir := t.TempDir()
		have := filepath.Join(dir, filepath.FromSlash(c.have))
		if err := os.MkdirAll(filepath.Dir(have), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(have, []byte("mine"), 0o644); err != nil {
			t.Fatal(err)
		}
		if err := c.write(filepath.Join(dir, "model")); err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), ".tmp-") {
			t.Errorf("%s: %v, want %q", c.what, err, c.want)
		}
		if got := inFolder(t, dir); !slices.Equal(got, []string{c.have + "=mine"}) {
			t.Errorf("%s: left %q", c.what, got)
		}
	}
}

func TestBesideIsReplaced(t *testing.T) {
	dir := t.TempDir()
	for _, text := range []string{"first", "second"} {
		s := &Set{Base: "run.torch.py"}
		s.Add(s.Stem()+".bin", []byte(text))
		s.Add(s.Base, []byte(text))
		if err := s.writeBeside(filepath.Join(dir, s.Base)); err != nil {
			t.Fatal(err)
		}
		if got := inFolder(t, dir); !slices.Equal(got, []string{"run.torch.bin=" + text, "run.torch.py=" + text}) {
			t.Errorf("wrote %q", got)
		}
	}
}

func TestTempFolderIsKnown(t *testing.T) {
	temp, err := tempFolder(filepath.Join(t.TempDir(), "model"))
	if err != nil || !atomicfile.IsTemp(filepath.Base(temp)) {
		t.Errorf("%s, %v", temp, err)
	}
}

func TestByPath(t *testing.T) {
	for path, want := range map[string]string{"x/model.safetensors": "safetensors", "H.CSV": "csv", "model": "", "a.npz.bak": ""} {
		if f, ok := ByPath(path); f.Name != want || ok != (want != "") {
			t.Errorf("%s is %q, %v", path, f.Name, ok)
		}
	}
}

// The same input gives the same bytes in every format, wherever they are written.
func TestSameBytes(t *testing.T) {
	stored := trainedSession(t)
	in := from(t, stored)
	var err error
	if in.Weights, err = stored.Weights(sessions.Last); err != nil {
		t.Fatal(err)
	}
	for _, f := range Formats() {
		var first []string
		for range 2 {
			dir := t.TempDir()
			if _, err := Write(t.Context(), f.Name, filepath.Join(dir, "x"+f.Extension), in); err != nil {
				t.Fatalf("%s: %v", f.Name, err)
			}
			got := inFolder(t, dir)
			if first == nil {
				first = got
			} else if !slices.Equal(got, first) {
				t.Errorf("%s: the second export has other bytes", f.Name)
			}
		}
	}
}
