package disk

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"cnnbench/sessions/atomicfile"
)

// OS is the operating system's file system.
type OS struct{ atomicfile.OS }

// Open opens a file for writing.
func (OS) Open(path string) (File, error) {
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		return nil, err // not f, which as a File would not be nil
	}
	return f, nil
}

// ReadFile reads a file.
func (OS) ReadFile(path string, limit int64) ([]byte, error) {
	st, err := os.Stat(path) // before the open, which would wait for ever on a pipe without a writer
	switch {
	case err != nil:
		return nil, err
	case !st.Mode().IsRegular():
		return nil, fmt.Errorf("read %s: not a regular file", path)
	case st.Size() > limit:
		return nil, fmt.Errorf("read %s: it has %d bytes, more than the limit of %d", path, st.Size(), limit)
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	text := make([]byte, st.Size())
	_, err = io.ReadFull(f, text)
	if err = errors.Join(err, f.Close()); err != nil {
		return nil, fmt.Errorf("read %s: %w", path, err)
	}
	return text, nil
}

// ReadFrom reads a part of a file.
func (OS) ReadFrom(path string, at, limit int64) ([]byte, error) {
	st, err := os.Stat(path) // before the open, as in ReadFile
	switch {
	case err != nil:
		return nil, err
	case !st.Mode().IsRegular():
		return nil, fmt.Errorf("read %s: not a regular file", path)
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	text, err := io.ReadAll(io.NewSectionReader(f, at, limit))
	if err = errors.Join(err, f.Close()); err != nil {
		return nil, fmt.Errorf("read %s: %w", path, err)
	}
	return text, nil
}

// ReadDir lists a folder by name.
func (OS) ReadDir(path string) ([]fs.DirEntry, error) { return os.ReadDir(path) }

// Stat tells of a file or folder.
func (OS) Stat(path string) (fs.FileInfo, error) { return os.Lstat(path) }

// Mkdir makes a folder.
func (OS) Mkdir(path string) error { return os.Mkdir(path, 0o755) }
