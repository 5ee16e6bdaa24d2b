package sessions

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"cnnbench/sessions/atomicfile"
	"cnnbench/sessions/disk"
)

// doorFile lies beside the sessions. Who holds its lock makes the folder of a session, or removes what never became one:
// a folder between its making and the lock of its session looks like what a crash left.
const doorFile = ".door"

// doorTries is how often the lock is asked for, a tenth of a second each: it is held for a moment only.
const doorTries = 100

func (s *Store) door() (io.Closer, error) {
	for n := 1; ; n++ {
		l, err := s.fs().Lock(filepath.Join(s.folder(), doorFile))
		var held *disk.HeldError
		if errors.As(err, &held) && n == doorTries {
			err = fmt.Errorf("another cnnbench (process %s) begins or clears away a session just now; try again in a moment", held.Holder)
		} else if errors.As(err, &held) {
			continue
		}
		return l, err
	}
}

// sweep removes what programs left behind that were killed: files in the making, sessions that never began, and those
// that were being removed. What a living program holds stays, and so does all that is not a session's own.
func (s *Store) sweep() error {
	entries, err := s.fs().ReadDir(s.folder())
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	var errs []error
	var door io.Closer
	if err == nil {
		door, err = s.door()
	}
	if err != nil {
		errs, entries = append(errs, err), nil
	}
	for _, e := range entries {
		if e.IsDir() && CheckName(e.Name()) == nil {
			errs = append(errs, s.sweepSession(e.Name()))
		}
	}
	if door != nil {
		errs = append(errs, door.Close())
	}
	for _, e := range entries { // which nobody wants any more
		if e.IsDir() && strings.HasPrefix(e.Name(), removedPrefix) {
			errs = append(errs, disk.RemoveAll(s.fs(), s.dir(e.Name())))
		}
	}
	if err := errors.Join(errs...); err != nil {
		return fmt.Errorf("clear away what a crash left: %w", err)
	}
	return nil
}

func (s *Store) sweepSession(name string) error {
	files, began := s.leftovers(name)
	if len(files) == 0 && began || !slices.ContainsFunc(s.names(s.dir(name)), func(n string) bool { return n == lockFile }) {
		return nil
	}
	if _, held := s.fs().Holder(filepath.Join(s.dir(name), lockFile)); held { // without waiting for it
		return nil
	}
	l, err := s.fs().Lock(filepath.Join(s.dir(name), lockFile))
	var held *disk.HeldError
	if errors.As(err, &held) {
		return nil
	}
	if err != nil {
		return err
	}
	files, began = s.leftovers(name) // as they are now that nobody writes
	var errs []error
	for _, f := range files {
		if err := s.fs().Remove(f); err != nil && !errors.Is(err, fs.ErrNotExist) {
			errs = append(errs, err)
		}
	}
	errs = append(errs, l.Close())
	if !began && s.onlyOurs(name) {
		errs = append(errs, disk.RemoveAll(s.fs(), s.dir(name)))
	}
	return errors.Join(errs...)
}

// leftovers lists the files in the making in a session's folders, and the pulse, and reports whether the session has begun.
func (s *Store) leftovers(name string) (files []string, began bool) {
	for _, dir := range s.folders(name) {
		for _, n := range s.names(dir) {
			if atomicfile.IsTemp(n) || n == pulseFile {
				files = append(files, filepath.Join(dir, n))
			}
		}
	}
	return files, slices.Contains(s.names(s.dir(name)), journalFile)
}

// folders are those of a session in which it writes.
func (s *Store) folders(name string) []string {
	checkpoints := filepath.Join(s.dir(name), checkpointFolder)
	out := []string{s.dir(name), checkpoints}
	for _, n := range s.names(checkpoints) {
		if b, err := strconv.Atoi(n); err == nil && b > 0 {
			out = append(out, filepath.Join(checkpoints, n))
		}
	}
	return out
}

// names lists a folder; one that cannot be read is empty.
func (s *Store) names(dir string) []string {
	entries, err := s.fs().ReadDir(dir)
	if err != nil {
		return nil
	}
	out := make([]string, len(entries))
	for i, e := range entries {
		out[i] = e.Name()
	}
	return out
}

// onlyOurs reports whether the folder of a session that never began holds nothing but what its start wrote.
func (s *Store) onlyOurs(name string) bool {
	for _, n := range s.names(s.dir(name)) {
		if n != experimentFile && n != lockFile && n != checkpointFolder && n != pulseFile {
			return false
		}
	}
	for _, n := range s.names(filepath.Join(s.dir(name), checkpointFolder)) {
		if !strings.HasPrefix(n, "ckpt-") {
			return false
		}
	}
	return true
}
