// Package disktest has the disks that tests need: one in memory whose power can go off, and one whose calls fail.
package disktest

import (
	"errors"
	"io"
	"io/fs"
	"maps"
	"math"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"cnnbench/rng"
	"cnnbench/sessions/atomicfile"
	"cnnbench/sessions/disk"
)

// Mem is a disk in memory. It knows what would outlive a power cut: the bytes of files that were synced, and the names
// in folders that were synced; all else may or may not.
type Mem struct {
	mu    sync.Mutex
	root  *node
	calls int // that change something

	cutAt int // the call before or after which the power goes off; 0: never
	draw  *rng.Stream
	image *Mem // what is left then
}

// sector is what a disk writes as a whole, in bytes.
const sector = 512

// node is a file or a folder.
type node struct {
	// Of a folder.
	dir    bool
	names  map[string]*node
	synced map[string]*node
	since  []change // of names, since it was synced
	// Of a file.
	data   []byte
	safe   []byte       // as it was synced
	dirty  map[int]bool // sectors written since
	locked bool
}

// change is one call that changed the names in a folder.
type change struct {
	gone string // a name that is no longer there; "": none
	name string // a name that is there now; "": none
	node *node
}

func newDir() *node { return &node{dir: true, names: map[string]*node{}, synced: map[string]*node{}} }

// NewMem is an empty disk.
func NewMem() *Mem { return &Mem{root: newDir()} }

// CutAt lets the power go off at the n-th call from now that changes something, 1 being the next. From then on every call
// fails, and Image is the disk as it is found when the power is back, by the draws of the seed.
func (m *Mem) CutAt(n int, seed uint64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.cutAt, m.draw = m.calls+n, rng.New(seed, rng.Data, 0, 0).Stream()
}

// Calls is how many calls have changed something.
func (m *Mem) Calls() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.calls
}

// Image is what a power cut has left; if none came, the disk itself, and none will.
func (m *Mem) Image() *Mem {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.image == nil {
		m.cutAt = 0
		return m
	}
	return m.image
}

// ErrPower says that the power is off.
var ErrPower = errors.New("the power is off")

// do makes a call that changes something. The power goes off before it, or in the midst of it, which is the same as
// after it as nothing of it is synced.
func (m *Mem) do(op, path string, f func() error) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.image != nil {
		return &fs.PathError{Op: op, Path: path, Err: ErrPower}
	}
	m.calls++
	cut := m.calls == m.cutAt
	if cut && m.draw.IntN(2) == 0 {
		m.image = m.cut()
		return &fs.PathError{Op: op, Path: path, Err: ErrPower}
	}
	err := f()
	if cut {
		m.image = m.cut()
		err = ErrPower
	}
	if err != nil {
		return &fs.PathError{Op: op, Path: path, Err: err}
	}
	return nil
}

// look makes a call that changes nothing.
func (m *Mem) look(op, path string, f func() error) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	err := ErrPower
	if m.image == nil {
		err = f()
	}
	if err != nil {
		return &fs.PathError{Op: op, Path: path, Err: err}
	}
	return nil
}

// cut is the disk after a power cut.
func (m *Mem) cut() *Mem { return &Mem{root: m.root.survive(m.draw)} }

func (n *node) survive(draw *rng.Stream) *node {
	if !n.dir {
		return n.surviveFile(draw)
	}
	names := maps.Clone(n.synced)
	// All, none, or any of the changes that were not synced have reached the disk.
	which := draw.IntN(4)
	for _, c := range n.since {
		if which == 0 || which > 1 && draw.IntN(2) == 0 {
			continue
		}
		if c.gone != "" {
			delete(names, c.gone)
		}
		if c.name != "" {
			names[c.name] = c.node
		}
	}
	out := newDir()
	for _, name := range slices.Sorted(maps.Keys(names)) {
		out.names[name] = names[name].survive(draw)
	}
	out.synced = maps.Clone(out.names)
	return out
}

func (n *node) surviveFile(draw *rng.Stream) *node {
	size := len(n.safe)
	if grown := len(n.data); grown != size && draw.IntN(3) > 0 {
		size = grown
		if draw.IntN(2) == 0 {
			lo, hi := min(len(n.safe), grown), max(len(n.safe), grown)
			size = lo + draw.IntN(hi-lo+1)
		}
	}
	data := make([]byte, size)
	copy(data, n.safe)
	for _, s := range slices.Sorted(maps.Keys(n.dirty)) {
		lo, hi := s*sector, min((s+1)*sector, size, len(n.data))
		if lo < hi && draw.IntN(2) == 0 {
			copy(data[lo:hi], n.data[lo:hi])
		}
	}
	return &node{data: data, safe: slices.Clone(data), dirty: map[int]bool{}}
}

// find walks to a file or folder.
func (m *Mem) find(path string) (*node, error) {
	n := m.root
	for _, part := range parts(path) {
		if !n.dir {
			return nil, errors.New("not a directory")
		}
		next, ok := n.names[part]
		if !ok {
			return nil, fs.ErrNotExist
		}
		n = next
	}
	return n, nil
}

func parts(path string) []string {
	return strings.FieldsFunc(filepath.ToSlash(filepath.Clean(path)), func(r rune) bool { return r == '/' })
}

// folder is the folder of a path, and its name there.
func (m *Mem) folder(path string) (*node, string, error) {
	n, err := m.find(filepath.Dir(path))
	if err == nil && !n.dir {
		err = errors.New("not a directory")
	}
	return n, filepath.Base(path), err
}

func (n *node) change(c change) {
	n.since = append(n.since, c)
	if c.gone != "" {
		delete(n.names, c.gone)
	}
	if c.name != "" {
		n.names[c.name] = c.node
	}
}

// make puts a new file or folder in its place.
func (m *Mem) make(path string, n *node) error {
	dir, name, err := m.folder(path)
	if err != nil {
		return err
	}
	if _, ok := dir.names[name]; ok {
		return fs.ErrExist
	}
	dir.change(change{name: name, node: n})
	return nil
}

// Create makes a new file.
func (m *Mem) Create(path string, _ fs.FileMode) (atomicfile.File, error) {
	n := &node{dirty: map[int]bool{}}
	if err := m.do("create", path, func() error { return m.make(path, n) }); err != nil {
		return nil, err
	}
	return &file{m, n, path, 0}, nil
}

// Mkdir makes a folder.
func (m *Mem) Mkdir(path string) error {
	return m.do("mkdir", path, func() error { return m.make(path, newDir()) })
}

// Open opens a file.
func (m *Mem) Open(path string) (disk.File, error) {
	var f *file
	err := m.look("open", path, func() error {
		n, err := m.find(path)
		f = &file{m, n, path, 0}
		return err
	})
	if err != nil {
		return nil, err
	}
	return f, nil
}

// ReadFile reads a file.
func (m *Mem) ReadFile(path string, limit int64) (text []byte, err error) {
	err = m.look("read", path, func() error {
		n, err := m.find(path)
		if err == nil && (n.dir || int64(len(n.data)) > limit) {
			err = errors.New("not a file to be read")
		}
		if err == nil {
			text = slices.Clone(n.data)
		}
		return err
	})
	return text, err
}

// ReadFrom reads a part of a file.
func (m *Mem) ReadFrom(path string, at, limit int64) ([]byte, error) {
	text, err := m.ReadFile(path, math.MaxInt64)
	if err != nil {
		return nil, err
	}
	text = text[min(at, int64(len(text))):]
	return text[:min(limit, int64(len(text)))], nil
}

// ReadDir lists a folder.
func (m *Mem) ReadDir(path string) (out []fs.DirEntry, err error) {
	err = m.look("readdir", path, func() error {
		n, err := m.find(path)
		if err == nil && !n.dir {
			err = errors.New("not a directory")
		}
		if err == nil {
			for _, name := range slices.Sorted(maps.Keys(n.names)) {
				out = append(out, fs.FileInfoToDirEntry(infoOf(name, n.names[name])))
			}
		}
		return err
	})
	return out, err
}

// Stat tells of a file or folder.
func (m *Mem) Stat(path string) (i fs.FileInfo, err error) {
	err = m.look("stat", path, func() error {
		n, err := m.find(path)
		if err == nil {
			i = infoOf(filepath.Base(path), n)
		}
		return err
	})
	return i, err
}

// Rename moves a file or folder within its folder.
func (m *Mem) Rename(from, to string) error {
	return m.do("rename", from, func() error {
		dir, name, err := m.folder(from)
		if err != nil {
			return err
		}
		n, ok := dir.names[name]
		if !ok {
			return fs.ErrNotExist
		}
		dir.change(change{gone: name, name: filepath.Base(to), node: n})
		return nil
	})
}

// Remove deletes a file or an empty folder.
func (m *Mem) Remove(path string) error {
	return m.do("remove", path, func() error {
		dir, name, err := m.folder(path)
		if err != nil {
			return err
		}
		n, ok := dir.names[name]
		switch {
		case !ok:
			return fs.ErrNotExist
		case len(n.names) > 0:
			return errors.New("directory not empty")
		}
		dir.change(change{gone: name})
		return nil
	})
}

// SyncDir makes the names in a folder last.
func (m *Mem) SyncDir(path string) error {
	return m.do("syncdir", path, func() error {
		n, err := m.find(path)
		if err == nil {
			n.synced, n.since = maps.Clone(n.names), nil
		}
		return err
	})
}

// Lock takes the lock of a file.
func (m *Mem) Lock(path string) (io.Closer, error) {
	var n *node
	err := m.do("lock", path, func() error {
		var err error
		if n, err = m.find(path); errors.Is(err, fs.ErrNotExist) {
			n = &node{dirty: map[int]bool{}}
			err = m.make(path, n)
		}
		if err == nil && n.locked {
			return &disk.HeldError{Holder: "1"}
		}
		if err == nil {
			n.locked = true
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	return &held{m, n}, nil
}

// Holder tells who holds a lock.
func (m *Mem) Holder(path string) (string, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	n, err := m.find(path)
	if err != nil || !n.locked {
		return "", false
	}
	return "1", true
}

type held struct {
	m *Mem
	n *node
}

func (h *held) Close() error {
	h.m.mu.Lock()
	defer h.m.mu.Unlock()
	h.n.locked = false
	return nil
}

// file is an open file.
type file struct {
	m    *Mem
	n    *node
	path string
	at   int64 // where Write goes on
}

func (f *file) Write(p []byte) (int, error) {
	n, err := f.WriteAt(p, f.at)
	f.at += int64(n)
	return n, err
}

func (f *file) WriteAt(p []byte, at int64) (int, error) {
	err := f.m.do("write", f.path, func() error {
		end := int(at) + len(p)
		if end > len(f.n.data) {
			f.n.data = append(f.n.data, make([]byte, end-len(f.n.data))...)
		}
		copy(f.n.data[at:], p)
		for s := int(at) / sector; s*sector < end; s++ {
			f.n.dirty[s] = true
		}
		return nil
	})
	if err != nil {
		return 0, err
	}
	return len(p), nil
}

func (f *file) Truncate(size int64) error {
	return f.m.do("truncate", f.path, func() error {
		if int(size) > len(f.n.data) {
			f.n.data = append(f.n.data, make([]byte, int(size)-len(f.n.data))...)
		}
		f.n.data = f.n.data[:size]
		return nil
	})
}

func (f *file) Sync() error {
	return f.m.do("sync", f.path, func() error {
		f.n.safe, f.n.dirty = slices.Clone(f.n.data), map[int]bool{}
		return nil
	})
}

func (f *file) Close() error { return f.m.look("close", f.path, func() error { return nil }) }

// info is an fs.FileInfo, as it was when it was asked for.
type info struct {
	name string
	size int64
	dir  bool
}

func infoOf(name string, n *node) info { return info{name, int64(len(n.data)), n.dir} }

func (i info) Name() string       { return i.name }
func (i info) Size() int64        { return i.size }
func (i info) IsDir() bool        { return i.dir }
func (i info) ModTime() time.Time { return time.Time{} }
func (i info) Sys() any           { return nil }
func (i info) Mode() fs.FileMode {
	if i.dir {
		return fs.ModeDir | 0o755
	}
	return 0o644
}
