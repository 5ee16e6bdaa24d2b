package disk

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"
	"time"
)

// A lock is a locked file. It is never removed: a lock is on a file, not on a name.
type lock struct{ file *os.File }

// Lock takes the lock of a file.
func (OS) Lock(path string) (io.Closer, error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o644)
	if err != nil {
		return nil, err
	}
	ok, err := tryLock(f)
	for range 20 { // a program that lists the sessions holds the lock for a moment
		if ok || err != nil {
			break
		}
		time.Sleep(5 * time.Millisecond)
		ok, err = tryLock(f)
	}
	switch {
	case err != nil && !errors.Is(err, errors.ErrUnsupported):
		f.Close()
		return nil, err
	case err == nil && !ok:
		holder := holderOf(f)
		f.Close()
		return nil, &HeldError{holder}
	}
	// The number is for people; what holds is the lock.
	if err := f.Truncate(0); err == nil {
		fmt.Fprintf(f, "%d\n", os.Getpid())
	}
	return &lock{file: f}, nil
}

// Close lets go of the lock.
func (l *lock) Close() error {
	_ = l.file.Truncate(0)
	return l.file.Close()
}

// Holder tells who holds the lock.
func (OS) Holder(path string) (string, bool) {
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return "", !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, fs.ErrPermission)
	}
	defer f.Close() // which lets go of the lock again
	if ok, err := tryLock(f); ok || err != nil {
		return "", false
	}
	return holderOf(f), true
}

// holderOf reads the number that the holder of a lock wrote.
func holderOf(f *os.File) string {
	text := make([]byte, 32)
	n, _ := f.ReadAt(text, 0)
	return strings.TrimSpace(string(text[:n]))
}
