// Package atomicfile replaces a file in one step: after a crash or a power cut at any moment, the file is either
// the old one or the new one, whole.
package atomicfile

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
)

// FS has the calls that a save makes, so that a test can let them fail.
type FS interface {
	// Create makes a new file for writing. One that exists is an error that is fs.ErrExist.
	Create(path string, perm fs.FileMode) (File, error)
	// Rename puts a file in the place of another, if there is one.
	Rename(from, to string) error
	Remove(path string) error
	// SyncDir makes the renames in a folder last.
	SyncDir(dir string) error
}

// File is a file being written.
type File interface {
	io.WriteCloser
	Sync() error
}

// WriteFile makes data the content of the file at path, whose folder has to exist. When it returns nil, the new file
// outlives a power cut. When it fails, the file at path is as it was, and no other is left; only where the very last
// step fails, which the error then says, the new file is in place and could be lost to a power cut.
// The file gets perm, less what the process's umask takes away, even where an old one had another mode. A symbolic
// link at path is replaced, not followed.
func WriteFile(path string, data []byte, perm fs.FileMode) error {
	return WriteFileFS(OS{}, path, data, perm)
}

// WriteFileFS is WriteFile on another file system.
func WriteFileFS(fsys FS, path string, data []byte, perm fs.FileMode) error {
	if err := replace(fsys, path, data, perm); err != nil {
		return fmt.Errorf("save %s: %w", path, err)
	}
	return nil
}

func replace(fsys FS, path string, data []byte, perm fs.FileMode) error {
	temp, file, err := create(fsys, path, perm)
	if err != nil {
		return err
	}
	err = write(file, data)
	if err == nil {
		err = fsys.Rename(temp, path)
	}
	if err != nil {
		return errors.Join(err, fsys.Remove(temp))
	}
	if err := fsys.SyncDir(filepath.Dir(path)); err != nil {
		return fmt.Errorf("the file is in place, but a power cut could undo that: %w", err)
	}
	return nil
}

// maxTries is how many temporary files of this process a file may have: those of saves that run at the same time,
// and those that an earlier process of the same id left behind.
const maxTries = 1000

// create makes a temporary file beside path: a rename is one step only within a folder's file system.
func create(fsys FS, path string, perm fs.FileMode) (string, File, error) {
	dir, name := filepath.Split(path)
	for n := 0; ; n++ {
		temp := fmt.Sprintf("%s.%s.tmp-%d-%d", dir, name, os.Getpid(), n)
		file, err := fsys.Create(temp, perm)
		if err == nil || !errors.Is(err, fs.ErrExist) || n == maxTries {
			return temp, file, err
		}
	}
}

var tempName = regexp.MustCompile(`^\..+\.tmp-[0-9]+-[0-9]+$`)

// IsTemp tells whether name, without a folder, is that of a file in the making. One that no running process is making
// was left by a crash and can go.
func IsTemp(name string) bool {
	return tempName.MatchString(name)
}

// write writes and closes file. A failed Sync is not tried again: the system may have dropped the data, and would
// then report success.
func write(file File, data []byte) error {
	n, err := file.Write(data)
	if err == nil && n < len(data) {
		err = io.ErrShortWrite
	}
	if err == nil {
		err = file.Sync()
	}
	return errors.Join(err, file.Close())
}
