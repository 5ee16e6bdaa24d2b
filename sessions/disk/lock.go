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
		text, _ := os.ReadFile(f.Name())
		f.Close()
		return nil, &HeldError{strings.TrimSpace(string(text))}
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

// Locked reports whether a living process holds the lock.
func (OS) Locked(path string) bool {
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, fs.ErrPermission)
	}
	defer f.Close() // which lets go of the lock again
	ok, err := tryLock(f)
	return err == nil && !ok
}
