package atomicfile

import (
	"errors"
	"io/fs"
	"os"
	"runtime"
	"syscall"
)

// OS is the operating system's file system.
type OS struct{}

// Create makes a new file for writing.
func (OS) Create(path string, perm fs.FileMode) (File, error) {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, perm)
	if err != nil {
		return nil, err // not f, which as a File would not be nil
	}
	return f, nil
}

// Rename puts a file in the place of another.
func (OS) Rename(from, to string) error { return os.Rename(from, to) }

// Remove deletes a file or an empty folder.
func (OS) Remove(path string) error { return os.Remove(path) }

// SyncDir makes the renames in a folder last.
func (OS) SyncDir(dir string) error {
	if runtime.GOOS == "windows" { // where a folder cannot be opened for that
		return nil
	}
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	err = d.Sync()
	if errors.Is(err, syscall.EINVAL) || errors.Is(err, errors.ErrUnsupported) {
		err = nil // some network file systems have no such call; there is nothing more that could be done
	}
	return errors.Join(err, d.Close())
}
