package disk

import (
	"os"

	"golang.org/x/sys/windows"
)

// tryLock takes the file's lock for this process, or reports false if another holds it. The kernel lets go of it when
// the holder ends, however it ends.
func tryLock(f *os.File) (bool, error) {
	// The locked byte lies far behind the text, which others may thus read.
	at := &windows.Overlapped{OffsetHigh: 1}
	err := windows.LockFileEx(windows.Handle(f.Fd()), windows.LOCKFILE_EXCLUSIVE_LOCK|windows.LOCKFILE_FAIL_IMMEDIATELY, 0, 1, 0, at)
	if err == windows.ERROR_LOCK_VIOLATION {
		return false, nil
	}
	return err == nil, err
}
