package dataset

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// A file of a data set that is a folder is a usual mistake; it is told apart from a file that nothing is known of.
func init() {
	registerFormat(format{
		match: func(path string, info fs.FileInfo) bool { return !info.IsDir() && oneOfMany(path, info) != "" },
		open: func(req request) (*Source, error) {
			info, err := os.Stat(req.path)
			if err != nil {
				return nil, fmt.Errorf("%s: %s", printable(req.path), plainError(err))
			}
			return nil, fmt.Errorf("%s is %s", printable(req.path), oneOfMany(req.path, info))
		},
	})
}

// oneOfMany says what a file is a part of and what to name instead, "" where it is none that is known.
func oneOfMany(path string, info fs.FileInfo) string {
	dir, name := filepath.Split(path)
	folder := "; name the folder " + printable(filepath.Clean(dir))
	switch {
	case IsPicture(name):
		return "one picture; name a folder that has a sub-folder of pictures for each class"
	case slices.ContainsFunc(cifars, func(k cifar) bool { return k.train.MatchString(name) || k.test == name }):
		return "one of CIFAR's files" + folder
	case isIDXName(name) && (strings.Contains(name, "idx") || strings.Contains(name, "ubyte")), info.Mode().IsRegular() && beginsAsIDX(path):
		return "one of a pair of IDX files, images and labels" + folder
	}
	return ""
}

// beginsAsIDX reports whether a file begins as IDX files do: two zeros, a type, one to four axes.
func beginsAsIDX(path string) bool {
	f, err := os.Open(path)
	if err != nil {
		return false
	}
	defer f.Close()
	var magic [4]byte
	if n, _ := f.Read(magic[:]); n < len(magic) {
		return false
	}
	return magic[0] == 0 && magic[1] == 0 && magic[2] >= 8 && magic[2] <= 14 && magic[3] >= 1 && magic[3] <= 4
}
