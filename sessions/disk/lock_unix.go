//go:build unix

package disk

import (
	"os"

	"golang.org/x/sys/unix"
)

// tryLock takes the file's lock for this process, or reports false if another holds it. The kernel lets go of it when
// the holder ends, however it ends.
func tryLock(f *os.File) (bool, error) {
	err := unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB)
	if err == unix.EWOULDBLOCK {
		return false, nil
	}
	return err == nil, err
}
