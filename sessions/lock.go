package sessions

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// lockFile lies in a session's folder; the program that trains the session holds its lock and writes its process number
// into it. It is never removed: a lock is on a file, not on a name.
const lockFile = "lock"

// A lock says that this program writes the session.
type lock struct{ file *os.File }

// acquire takes the lock of the session in dir. The error of a session that is being written names the writer.
func acquire(dir string) (*lock, error) {
	f, err := os.OpenFile(filepath.Join(dir, lockFile), os.O_RDWR|os.O_CREATE, 0o644)
	if err != nil {
		return nil, fmt.Errorf("lock the session: %w", err)
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
		return nil, fmt.Errorf("lock the session: %w", err)
	case err == nil && !ok:
		text, _ := os.ReadFile(f.Name())
		f.Close()
		return nil, fmt.Errorf("session %s is being trained by process %s; stop that first", filepath.Base(dir), strings.TrimSpace(string(text)))
	}
	// The number is for people; what holds is the lock.
	if err := f.Truncate(0); err == nil {
		fmt.Fprintf(f, "%d\n", os.Getpid())
	}
	return &lock{file: f}, nil
}

// release lets go of the lock.
func (l *lock) release() {
	_ = l.file.Truncate(0)
	l.file.Close()
}

// locked reports whether a living program writes the session in dir.
func locked(dir string) bool {
	f, err := os.OpenFile(filepath.Join(dir, lockFile), os.O_RDWR, 0)
	if err != nil {
		return !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, fs.ErrPermission)
	}
	defer f.Close() // which lets go of the lock again
	ok, err := tryLock(f)
	return err == nil && !ok
}
