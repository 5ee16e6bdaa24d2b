package dataset

import (
	"fmt"
	"os"
	"path/filepath"

	"cnnbench/dataset/catalogue"
)

// Named reports whether a source is a name and no path: a built-in one, or that of a public data set, which may be there
// or not.
func Named(source string) bool {
	_, public := catalogue.Lookup(source)
	_, ours := builtins[source]
	return public || ours
}

// Downloaded lists the public data sets that are in the folder of downloads.
func Downloaded(downloads string) []Info {
	var out []Info
	for _, s := range catalogue.Sets() {
		if s.Present(downloads) {
			out = append(out, Info{s.Name, s.Doc})
		}
	}
	return out
}

// openPublic reads a public data set from the folder of downloads. It never fetches it.
func openPublic(set catalogue.Set, req request, opt Options) (*Source, error) {
	if req.label != "" {
		return nil, noColumns(set.Name)
	}
	if !set.Present(opt.Downloads) {
		what := "the public data set %s is not here yet; `cnnbench data get %[1]s` downloads it"
		if _, err := os.Stat(filepath.Join(opt.Dir, set.Name)); err == nil {
			what += ", and ./%[1]s is the file or folder of that name"
		}
		return nil, fmt.Errorf(what, set.Name)
	}
	req.path = set.Folder(opt.Downloads)
	src, err := openPath(req)
	if err != nil {
		return nil, err
	}
	src.Name, src.Description = set.Name, set.Doc
	if src.Unnamed && set.Classes != nil {
		if n := len(src.Classes); n > len(set.Classes) {
			return nil, fmt.Errorf("%s has labels up to %d, but %s has %d classes; `cnnbench data get %[3]s` fetches it anew where it is not what was published", req.path, n-1, set.Name, len(set.Classes))
		}
		src.Classes, src.Unnamed = set.Classes, false
	}
	return src, nil
}
