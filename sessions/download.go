package sessions

import (
	"errors"
	"fmt"
	"io"
	"path/filepath"

	"cnnbench/sessions/disk"
)

// LockDownload takes the lock of a public data set: from then on this program alone downloads it.
func (s *Store) LockDownload(name string) (io.Closer, error) {
	if err := disk.MkdirAll(s.fs(), s.Downloads()); err != nil {
		return nil, fmt.Errorf("make the folder of the data sets: %w", err)
	}
	l, err := s.fs().Lock(filepath.Join(s.Downloads(), "."+name+".lock")) // beside its folder, in which its files alone are
	var held *disk.HeldError
	switch {
	case errors.As(err, &held):
		return nil, fmt.Errorf("process %s is downloading it; wait until it is done, or stop that first", held.Holder)
	case err != nil:
		return nil, fmt.Errorf("lock the data set: %w", err)
	}
	return l, nil
}
