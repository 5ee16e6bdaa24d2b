package atomicfile

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
)

// faulty passes calls on to the operating system, until the one numbered failAt (from 1), which fails, after having
// done half its work if it is a write.
type faulty struct {
	OS
	failAt int
	err    error // nil: the write is short without an error, other calls do their work
	calls  []string
}

func (f *faulty) fails(call string) bool {
	f.calls = append(f.calls, call)
	return len(f.calls) == f.failAt
}

func (f *faulty) Create(path string, perm fs.FileMode) (File, error) {
	if f.fails("create") {
		return nil, f.err
	}
	file, err := f.OS.Create(path, perm)
	return &faultyFile{f, file}, err
}

func (f *faulty) Rename(from, to string) error {
	if f.fails("rename") {
		return f.err
	}
	return f.OS.Rename(from, to)
}

func (f *faulty) Remove(path string) error {
	f.fails("remove")
	return f.OS.Remove(path)
}

func (f *faulty) SyncDir(dir string) error {
	if f.fails("syncdir") {
		return f.err
	}
	return f.OS.SyncDir(dir)
}

type faultyFile struct {
	fs   *faulty
	file File
}

func (f *faultyFile) Write(p []byte) (int, error) {
	if f.fs.fails("write") {
		n, _ := f.file.Write(p[:len(p)/2])
		return n, f.fs.err
	}
	return f.file.Write(p)
}

func (f *faultyFile) Sync() error {
	if f.fs.fails("sync") {
		return f.fs.err
	}
	return f.file.Sync()
}

func (f *faultyFile) Close() error {
	failed := f.fs.fails("close")
	err := f.file.Close()
	if failed {
		return f.fs.err
	}
	return err
}

// names returns what is in a folder.
func names(t *testing.T, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var list []string
	for _, e := range entries {
		list = append(list, e.Name())
	}
	return list
}

func content(t *testing.T, path string) string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func TestWriteFile(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "file")
	for _, want := range []string{"first", "", "a longer second"} {
		if err := WriteFile(path, []byte(want), 0o600); err != nil {
			t.Fatal(err)
		}
		if got := content(t, path); got != want {
			t.Errorf("content %q, want %q", got, want)
		}
		if got := names(t, dir); !slices.Equal(got, []string{"file"}) {
			t.Errorf("the folder has %q", got)
		}
	}
	t.Chdir(dir)
	if err := WriteFile("file", []byte("by a bare name"), 0o600); err != nil || content(t, path) != "by a bare name" {
		t.Errorf("%v, %q", err, content(t, path))
	}
}

func TestStepsInOrder(t *testing.T) {
	f := &faulty{}
	if err := WriteFileFS(f, filepath.Join(t.TempDir(), "file"), []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	if want := []string{"create", "write", "sync", "close", "rename", "syncdir"}; !slices.Equal(f.calls, want) {
		t.Errorf("calls %q, want %q", f.calls, want)
	}
}

// Whatever fails, at whichever step, the old file stays and nothing else is left.
func TestEveryStepFails(t *testing.T) {
	for _, fault := range []error{syscall.ENOSPC, syscall.EIO} {
		for failAt := 1; failAt <= 6; failAt++ {
			for _, old := range []bool{true, false} {
				dir := t.TempDir()
				path := filepath.Join(dir, "file")
				var before []string
				if old {
					before = []string{"file"}
					if err := os.WriteFile(path, []byte("old"), 0o600); err != nil {
						t.Fatal(err)
					}
				}
				f := &faulty{failAt: failAt, err: fault}
				err := WriteFileFS(f, path, []byte("new"), 0o600)
				step := f.calls[failAt-1]
				if !errors.Is(err, fault) || !strings.Contains(err.Error(), "save "+path) {
					t.Errorf("%s fails: the error is %v, want %v", step, err, fault)
				}
				if step == "syncdir" {
					if got := content(t, path); got != "new" || !strings.Contains(err.Error(), "in place") {
						t.Errorf("%s fails: content %q, error %v", step, got, err)
					}
					continue
				}
				if got := names(t, dir); !slices.Equal(got, before) {
					t.Errorf("%s fails: the folder has %q, want %q", step, got, before)
				}
				if old && content(t, path) != "old" {
					t.Errorf("%s fails: the old file became %q", step, content(t, path))
				}
				if n := len(slices.DeleteFunc(slices.Clone(f.calls), func(c string) bool { return c != "sync" })); n > 1 {
					t.Errorf("%s fails: %d calls of sync", step, n)
				}
			}
		}
	}
}

func TestShortWriteWithoutError(t *testing.T) {
	path := filepath.Join(t.TempDir(), "file")
	if err := WriteFileFS(&faulty{failAt: 2}, path, []byte("new"), 0o600); !errors.Is(err, io.ErrShortWrite) {
		t.Errorf("got %v, want a short write", err)
	}
	if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the cut file is in place: %v", err)
	}
}

func TestLeftoversAreNoObstacle(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "file")
	for n := range 3 {
		if err := os.WriteFile(filepath.Join(dir, fmt.Sprintf(".file.tmp-%d-%d", os.Getpid(), n)), []byte("torn"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := WriteFile(path, []byte("new"), 0o600); err != nil || content(t, path) != "new" {
		t.Fatal(err)
	}
	for _, name := range names(t, dir) {
		if IsTemp(name) != (name != "file") {
			t.Errorf("IsTemp(%q) is %v", name, IsTemp(name))
		}
		if IsTemp(name) && content(t, filepath.Join(dir, name)) != "torn" {
			t.Errorf("%s of another process was touched", name)
		}
	}
}

func TestIsTemp(t *testing.T) {
	for name, want := range map[string]bool{
		".a.tmp-1-0": true, ".ckpt-5.safetensors.tmp-123-45": true,
		"a.tmp-1-0": false, ".tmp-1-0": false, ".a.tmp-1": false, ".a.tmp-1-0.yaml": false, ".a.tmp-x-0": false, "": false,
	} {
		if IsTemp(name) != want {
			t.Errorf("IsTemp(%q) is %v", name, !want)
		}
	}
}

func TestRefused(t *testing.T) {
	dir := t.TempDir()
	if err := WriteFile(filepath.Join(dir, "none", "file"), nil, 0o600); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("missing folder: %v", err)
	}
	if err := os.Mkdir(filepath.Join(dir, "folder"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := WriteFile(filepath.Join(dir, "folder"), []byte("x"), 0o600); err == nil {
		t.Error("a folder was replaced")
	}
	if got := names(t, dir); !slices.Equal(got, []string{"folder"}) {
		t.Errorf("the folder has %q", got)
	}
}

// Saves at the same time give one of the files, whole.
func TestConcurrent(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "file")
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			for range 5 {
				if err := WriteFile(path, bytes.Repeat([]byte{byte('a' + i)}, 10_000), 0o600); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	got := content(t, path)
	if len(got) != 10_000 || strings.Count(got, got[:1]) != len(got) {
		t.Error("the file is a mix")
	}
	if left := names(t, dir); len(left) != 1 {
		t.Errorf("the folder has %q", left)
	}
}
