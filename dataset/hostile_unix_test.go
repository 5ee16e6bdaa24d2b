//go:build unix

package dataset

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

// Pipes, which would be waited for, and devices, which never end, are named and not opened.
func TestPipesAndDevices(t *testing.T) {
	pipe := func(dir, name string) string {
		t.Helper()
		path := filepath.Join(dir, name)
		if err := syscall.Mkfifo(path, 0o600); err != nil {
			t.Skip(err)
		}
		return path
	}
	device := func(dir, name string) string {
		t.Helper()
		path := filepath.Join(dir, name)
		if err := os.Symlink("/dev/zero", path); err != nil {
			t.Skip(err)
		}
		return path
	}
	idxDir, cifarDir, namesDir := t.TempDir(), t.TempDir(), tree(t, map[string][]byte{"data_batch_1.bin": cifarRecords(2, 1, 10)})
	pipe(idxDir, "train-images-idx3-ubyte")
	device(idxDir, "train-labels-idx1-ubyte")
	pipe(cifarDir, "data_batch_1.bin")
	pipe(namesDir, "batches.meta.txt")
	loose := t.TempDir()
	for path, want := range map[string]string{
		idxDir: "is not a regular file", cifarDir: "is not a regular file", namesDir: "is no text file of names",
		pipe(loose, "a.npz"): "not a regular file", device(loose, "b.npz"): "not a regular file", pipe(loose, "a.csv"): "it is no file", device(loose, "b.tsv"): "it is no file",
		pipe(loose, "other"): "is not a file that can be read here", device(loose, "zero"): "is not a file that can be read here",
	} {
		inTime(t, func() {
			if _, err := Open(named(path), Options{}); err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%v, want %q", err, want)
			}
		})
	}
	p := shaded(t, 4, 4, 1)
	dir := tree(t, map[string][]byte{"a/1.png": p, "b/1.png": p})
	pipe(dir, "a/2.png")
	pipe(dir, "a/quiet")
	device(dir, "b/2.png")
	if err := os.Symlink("../a/2.png", filepath.Join(dir, "b/3.png")); err != nil {
		t.Fatal(err)
	}
	inTime(t, func() {
		s, err := Open(named(dir), Options{})
		want := []string{"b/2.png: it is a link that leads nowhere or out of the folder", "a/2.png: it is no file", "b/3.png: it is no file"}
		if err != nil || !slices.Equal(skips(s), want) {
			t.Errorf("%v: left out %q", err, skips(s))
		}
		if _, err := ReadPicture(filepath.Join(dir, "a/2.png")); err == nil || !strings.Contains(err.Error(), "it is no file") {
			t.Error(err)
		}
	})
}

// inTime fails where do waits for something that never comes.
func inTime(t *testing.T, do func()) {
	t.Helper()
	done := make(chan struct{})
	go func() {
		defer close(done)
		do()
	}()
	select {
	case <-done:
	case <-time.After(time.Minute):
		t.Fatal("it waits")
	}
}
