package export

import (
	"cnnbench/sessions/disk"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"

	"cnnbench/sessions/atomicfile"
)

// Set collects the files of an export that is more than one: those of a folder, or a main file and what lies beside it.
type Set struct {
	// Base is the name that the person gave, without the folders before it: that of the folder or of the main file.
	Base  string
	files []file
}

type file struct {
	name string
	data []byte
}

// Stem is Base without its ending. What lies beside a main file bears it.
func (s *Set) Stem() string { return strings.TrimSuffix(s.Base, filepath.Ext(s.Base)) }

// Add adds a file. In a folder its name may have folders of its own, with slashes. The main file comes last, so that it is
// never there without the others.
func (s *Set) Add(name string, data []byte) { s.files = append(s.files, file{name, data}) }

func (s *Set) size() int64 {
	n := 0
	for _, f := range s.files {
		n += len(f.data)
	}
	return int64(n)
}

// writeBeside writes the files into the folder of the main one, each in one step. Where the main file is new, a file of
// another name is the person's own and stays.
func (s *Set) writeBeside(main string) error {
	dir := filepath.Dir(main)
	if _, err := os.Lstat(main); errors.Is(err, fs.ErrNotExist) {
		for _, f := range s.files {
			if _, err := os.Lstat(filepath.Join(dir, f.name)); err == nil {
				return fmt.Errorf("%s would lie beside it, and there is one already; name another file", filepath.Join(dir, f.name))
			}
		}
	}
	for _, f := range s.files {
		if err := atomicfile.WriteFile(filepath.Join(dir, f.name), f.data, filePerm); err != nil {
			return disk.Reason(err)
		}
	}
	return nil
}

const (
	filePerm   = 0o644
	folderPerm = 0o755
)

// writeFolder makes the files the content of the folder at path: they are written into a new folder beside, which then
// takes its place. A folder that was there is replaced if it holds nothing but files of these names.
func (s *Set) writeFolder(target string) (err error) {
	old, err := s.replaces(target)
	if err != nil {
		return err
	}
	temp, err := tempFolder(target)
	if err != nil {
		return disk.Reason(err)
	}
	defer func() {
		if err != nil {
			err = errors.Join(disk.Reason(err), os.RemoveAll(temp))
		}
	}()
	for _, f := range s.files {
		name := filepath.Join(temp, filepath.FromSlash(f.name))
		if err := os.MkdirAll(filepath.Dir(name), folderPerm); err != nil {
			return err
		}
		if err := atomicfile.WriteFile(name, f.data, filePerm); err != nil {
			return err
		}
	}
	if !old {
		return os.Rename(temp, target)
	}
	// A folder cannot take the place of another in one step. After a crash between the two, the old one is beside.
	aside, err := tempFolder(target)
	if err != nil {
		return err
	}
	if err := os.Rename(target, filepath.Join(aside, s.Base)); err != nil {
		return errors.Join(err, os.Remove(aside))
	}
	if err := os.Rename(temp, target); err != nil {
		return errors.Join(err, os.Rename(filepath.Join(aside, s.Base), target), os.Remove(aside))
	}
	return os.RemoveAll(aside)
}

// replaces reports whether there is something at path, and refuses what is not an earlier export.
func (s *Set) replaces(target string) (bool, error) {
	st, err := os.Lstat(target)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return false, nil
	case err != nil:
		return false, disk.Reason(err)
	case !st.IsDir():
		return false, errors.New("there is a file of that name; the export is a folder, name a new one")
	}
	ours := map[string]bool{".": true}
	for _, f := range s.files {
		for name := f.name; name != "."; name = path.Dir(name) {
			ours[name] = true
		}
	}
	return true, filepath.WalkDir(target, func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return disk.Reason(err)
		}
		inside, err := filepath.Rel(target, name)
		if err != nil {
			return err
		}
		if !ours[filepath.ToSlash(inside)] {
			return fmt.Errorf("the folder has files of another kind, such as %s; name a new one", inside)
		}
		return nil
	})
}

// tempFolder makes a folder beside path, under a name that atomicfile.IsTemp knows.
func tempFolder(target string) (string, error) {
	dir, name := filepath.Split(filepath.Clean(target))
	for n := 0; ; n++ {
		temp := fmt.Sprintf("%s.%s.tmp-%d-%d", dir, name, os.Getpid(), n)
		if err := os.Mkdir(temp, folderPerm); err == nil || !errors.Is(err, fs.ErrExist) {
			return temp, err
		}
	}
}
