// Package disk is all that sessions ask of a disk, behind one interface, so that a test can let every call fail or the
// power go off.
package disk

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"cnnbench/sessions/atomicfile"
)

// FS is a file system. Its paths are those of the operating system.
type FS interface {
	atomicfile.FS // Create, Rename, Remove, SyncDir

	// Open opens a file that is there for writing in places of it.
	Open(path string) (File, error)
	// ReadFile reads a regular file of at most limit bytes.
	ReadFile(path string, limit int64) ([]byte, error)
	// ReadFrom reads a regular file from a place on, at most limit bytes. Behind its end there is nothing, and no error.
	ReadFrom(path string, at, limit int64) ([]byte, error)
	ReadDir(path string) ([]fs.DirEntry, error)
	// Stat does not follow a symbolic link.
	Stat(path string) (fs.FileInfo, error)
	// Mkdir makes a folder. One that exists is an error that is fs.ErrExist.
	Mkdir(path string) error

	// Lock takes the lock of a file, which is made where it is missing, for as long as the process lives and the lock is
	// not closed. That of another holder is a *HeldError.
	Lock(path string) (io.Closer, error)
	// Holder is the process number of the living process that holds the lock of the file, as far as it has written it down;
	// false: none does.
	Holder(path string) (string, bool)
}

// File is a file open for writing.
type File interface {
	io.WriterAt
	Truncate(size int64) error
	Sync() error
	io.Closer
}

// HeldError says that another process, or this one, holds a lock.
type HeldError struct{ Holder string } // its process number

func (e *HeldError) Error() string { return "locked by process " + e.Holder }

// MkdirAll makes a folder and those above it, and makes them last.
func MkdirAll(fsys FS, path string) error {
	st, err := fsys.Stat(path)
	switch {
	case err == nil && (st.IsDir() || st.Mode()&fs.ModeSymlink != 0): // what a link leads to is seen when it is used
		return nil
	case err == nil:
		return fmt.Errorf("%s is not a folder", path)
	case !errors.Is(err, fs.ErrNotExist):
		return err
	}
	above := filepath.Dir(path)
	if above == path {
		return err
	}
	if err := MkdirAll(fsys, above); err != nil {
		return err
	}
	if err := fsys.Mkdir(path); err != nil && !errors.Is(err, fs.ErrExist) { // another process may have been quicker
		return err
	}
	return fsys.SyncDir(above)
}

// RemoveAll deletes a file, or a folder with what is in it. What is not there is no error.
func RemoveAll(fsys FS, path string) error {
	st, err := fsys.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err == nil && st.IsDir() {
		var entries []fs.DirEntry
		if entries, err = fsys.ReadDir(path); err == nil {
			for _, e := range entries {
				err = errors.Join(err, RemoveAll(fsys, filepath.Join(path, e.Name())))
			}
		}
	}
	if err != nil {
		return err
	}
	if err := fsys.Remove(path); !errors.Is(err, fs.ErrNotExist) { // another program may be at it too
		return err
	}
	return nil
}

// Reason is the system's own word for why something cannot be read or written, without the paths that a message has
// already.
func Reason(err error) error {
	var pe *fs.PathError
	var le *os.LinkError
	switch {
	case errors.As(err, &pe):
		return pe.Err
	case errors.As(err, &le):
		return le.Err
	}
	return err
}
