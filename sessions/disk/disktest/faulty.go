package disktest

import (
	"io"
	"io/fs"
	"sync"

	"cnnbench/sessions/atomicfile"
	"cnnbench/sessions/disk"
)

// Faulty passes calls on to a disk, until the one numbered FailAt (from 1), which fails with Err, after having done half
// its work if it is a write. Forever lets all later ones fail too.
type Faulty struct {
	disk.FS
	FailAt  int
	Forever bool
	Err     error // nil: a write is short and says so by its count alone; other calls do their work

	mu     sync.Mutex
	calls  int
	failed []string // what did
}

// Failed lists the calls that failed.
func (f *Faulty) Failed() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.failed
}

// Calls is how many there were.
func (f *Faulty) Calls() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.calls
}

// fails counts a call.
func (f *Faulty) fails(op string) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.calls++
	bad := f.calls == f.FailAt || f.Forever && f.FailAt > 0 && f.calls > f.FailAt
	if bad = bad && (f.Err != nil || op == "write"); bad {
		f.failed = append(f.failed, op)
	}
	return bad
}

// call makes a call, or not.
func (f *Faulty) call(op, path string, do func() error) error {
	if f.fails(op) && f.Err != nil {
		return &fs.PathError{Op: op, Path: path, Err: f.Err}
	}
	return do()
}

// Create makes a new file.
func (f *Faulty) Create(path string, perm fs.FileMode) (out atomicfile.File, err error) {
	err = f.call("create", path, func() error {
		file, err := f.FS.Create(path, perm)
		out = &faultyFile{f: f, path: path, file: file}
		return err
	})
	return out, err
}

// Open opens a file.
func (f *Faulty) Open(path string) (out disk.File, err error) {
	err = f.call("open", path, func() error {
		file, err := f.FS.Open(path)
		out = &faultyFile{f: f, path: path, places: file}
		return err
	})
	return out, err
}

// ReadFile reads a file.
func (f *Faulty) ReadFile(path string, limit int64) (out []byte, err error) {
	err = f.call("read", path, func() error { out, err = f.FS.ReadFile(path, limit); return err })
	return out, err
}

// ReadFrom reads a part of a file.
func (f *Faulty) ReadFrom(path string, at, limit int64) (out []byte, err error) {
	err = f.call("read", path, func() error { out, err = f.FS.ReadFrom(path, at, limit); return err })
	return out, err
}

// ReadDir lists a folder.
func (f *Faulty) ReadDir(path string) (out []fs.DirEntry, err error) {
	err = f.call("readdir", path, func() error { out, err = f.FS.ReadDir(path); return err })
	return out, err
}

// Stat tells of a file.
func (f *Faulty) Stat(path string) (out fs.FileInfo, err error) {
	err = f.call("stat", path, func() error { out, err = f.FS.Stat(path); return err })
	return out, err
}

// Mkdir makes a folder.
func (f *Faulty) Mkdir(path string) error {
	return f.call("mkdir", path, func() error { return f.FS.Mkdir(path) })
}

// Rename moves a file.
func (f *Faulty) Rename(from, to string) error {
	return f.call("rename", from, func() error { return f.FS.Rename(from, to) })
}

// Remove deletes a file.
func (f *Faulty) Remove(path string) error {
	return f.call("remove", path, func() error { return f.FS.Remove(path) })
}

// SyncDir syncs a folder.
func (f *Faulty) SyncDir(path string) error {
	return f.call("syncdir", path, func() error { return f.FS.SyncDir(path) })
}

// Lock takes a lock.
func (f *Faulty) Lock(path string) (out io.Closer, err error) {
	err = f.call("lock", path, func() error { out, err = f.FS.Lock(path); return err })
	return out, err
}

// faultyFile is an open file: one for writing through, or one for writing in places.
type faultyFile struct {
	f      *Faulty
	path   string
	file   atomicfile.File
	places disk.File
}

func (x *faultyFile) write(p []byte, do func(p []byte) (int, error)) (int, error) {
	if x.f.fails("write") {
		n, _ := do(p[:len(p)/2])
		if x.f.Err == nil {
			return n, nil
		}
		return n, &fs.PathError{Op: "write", Path: x.path, Err: x.f.Err}
	}
	return do(p)
}

func (x *faultyFile) Write(p []byte) (int, error) { return x.write(p, x.file.Write) }

func (x *faultyFile) WriteAt(p []byte, at int64) (int, error) {
	return x.write(p, func(p []byte) (int, error) { return x.places.WriteAt(p, at) })
}

func (x *faultyFile) Truncate(size int64) error {
	return x.f.call("truncate", x.path, func() error { return x.places.Truncate(size) })
}

func (x *faultyFile) Sync() error {
	return x.f.call("sync", x.path, func() error {
		if x.file != nil {
			return x.file.Sync()
		}
		return x.places.Sync()
	})
}

func (x *faultyFile) Close() error {
	err := x.f.call("close", x.path, func() error { return nil })
	if x.file != nil {
		x.file.Close()
	} else {
		x.places.Close()
	}
	return err
}
