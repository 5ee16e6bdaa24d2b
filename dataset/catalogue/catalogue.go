// Package catalogue lists the public data sets that can be downloaded: where their files are and what these must be, and
// where they lie once they are there. It is data and a look at the disk; what fetches the files is package download.
package catalogue

import (
	"os"
	"path"
	"path/filepath"
	"slices"
)

// Set is one public data set.
type Set struct {
	Name    string   // as experiments name it, and the name of its folder
	Doc     string   // one line
	Classes []string // the names of the class numbers; nil: one of the files has them
	Files   []File
}

// File is one download.
type File struct {
	URL     string
	Size    int64    // in bytes
	SHA256  string   // in hexadecimal digits
	Members []Member // what is taken out of a .tar.gz, which is not kept then; nil: the file is kept as it is
}

// Member is a file in an archive. It is kept under the last part of its path.
type Member struct {
	Path string
	Size int64 // in bytes; 0: a text of at most MaxText
}

// MaxText is the most bytes that a member whose size is not known may have.
const MaxText = 64 << 10

// Name is the name under which the file is kept.
func (f *File) Name() string { return path.Base(f.URL) }

// Name is the name under which the member is kept.
func (m *Member) Name() string { return path.Base(m.Path) }

// Size is that of all downloads in bytes.
func (s *Set) Size() int64 {
	var n int64
	for i := range s.Files {
		n += s.Files[i].Size
	}
	return n
}

// Folder is where the set lies, below the folder of all downloads.
func (s *Set) Folder(downloads string) string { return filepath.Join(downloads, s.Name) }

// Present reports whether all files of the set are there. A file gets its name only when it is whole and was found
// right, so that the name is enough. An empty folder of downloads has nothing.
func (s *Set) Present(downloads string) bool {
	if downloads == "" {
		return false
	}
	for i := range s.Files {
		if !s.Files[i].Present(s.Folder(downloads)) {
			return false
		}
	}
	return true
}

// Present reports whether what is kept of the file is in the folder.
func (f *File) Present(folder string) bool {
	is := func(name string) bool {
		info, err := os.Stat(filepath.Join(folder, name))
		return err == nil && info.Mode().IsRegular()
	}
	for i := range f.Members {
		if !is(f.Members[i].Name()) {
			return false
		}
	}
	return f.Members != nil || is(f.Name())
}

// Sets lists all sets.
func Sets() []Set { return slices.Clone(sets) }

// Lookup finds a set by its name.
func Lookup(name string) (Set, bool) {
	i := slices.IndexFunc(sets, func(s Set) bool { return s.Name == name })
	if i < 0 {
		return Set{}, false
	}
	return sets[i], true
}
