package dataset

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"regexp"
	"slices"
	"strings"

	"cnnbench/dataset/idx"
)

func init() {
	registerFormat(format{
		doc: "folders of IDX files as MNIST has them (train-images..., train-labels...), plain or gzipped",
		match: func(path string, info fs.FileInfo) bool {
			if !info.IsDir() {
				return false
			}
			names, err := idxNames(os.DirFS(path))
			return err != nil || len(names) > 0
		},
		open: func(req request) (*Source, error) {
			src, err := readIDXFolder(os.DirFS(req.path))
			if err != nil {
				return nil, fmt.Errorf("%s: %w", req.path, err)
			}
			src.Description = "pictures and labels of IDX files"
			return src, nil
		},
	})
}

// readIDXFolder reads every pair of an images and a labels file in a folder; train, val and test (or t10k) in their
// names say which part a pair is. A file classes.txt, one name a line, names the classes; else they are numbers.
func readIDXFolder(fsys fs.FS) (*Source, error) {
	names, err := idxNames(fsys)
	if err != nil {
		return nil, err
	}
	pairs, err := idxPairs(names)
	if err != nil {
		return nil, err
	}
	src := &Source{Unnamed: true}
	classes := 0
	for _, p := range pairs {
		part := p.part(src)
		if *part != nil {
			return nil, fmt.Errorf("%s is a second pair for the same part; keep one data set in a folder", p.images)
		}
		images, err := readIDX(fsys, p.images)
		if err != nil {
			return nil, err
		}
		samples, err := idxSamples(images)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", p.images, err)
		}
		if err := src.add(part, p.images, samples); err != nil {
			return nil, err
		}
		labels, err := readIDX(fsys, p.labels)
		if err != nil {
			return nil, err
		}
		if (*part).Labels, err = idxLabels(labels, samples.Len()); err != nil {
			return nil, fmt.Errorf("%s: %w", p.labels, err)
		}
		classes = max(classes, int(slices.Max((*part).Labels))+1)
	}
	if src.Train == nil {
		return nil, fmt.Errorf("there is no training part among %s; needs a pair with train in its names", listing(names))
	}
	src.Classes = numbers(classes)
	return src, src.nameClasses(fsys, "classes.txt")
}

// nameClasses takes the names that stand in a file, one a line, if the folder has it.
func (s *Source) nameClasses(fsys fs.FS, file string) error {
	const most = 1 << 20
	info, err := fs.Stat(fsys, file)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err == nil && (!info.Mode().IsRegular() || info.Size() > most) {
		return fmt.Errorf("%s is no text file of names", file)
	}
	text, err := fs.ReadFile(fsys, file)
	if err != nil {
		return fmt.Errorf("%s: %s", file, plainError(err))
	}
	names := strings.Split(strings.TrimRight(strings.ReplaceAll(string(text), "\r\n", "\n"), "\n"), "\n")
	for i := range names {
		names[i] = printable(strings.TrimSpace(names[i]))
		if names[i] == "" || slices.Contains(names[:i], names[i]) {
			return fmt.Errorf("%s: line %d is %q; needs a name of its own for each class", file, i+1, names[i])
		}
	}
	if len(names) < len(s.Classes) {
		return fmt.Errorf("%s has %d names, but the labels go up to %d; needs one line for each class", file, len(names), len(s.Classes)-1)
	}
	s.Classes, s.Unnamed = names, false
	return nil
}

// idxNames lists the files whose names say that they hold images or labels, in alphabetical order.
func idxNames(fsys fs.FS) ([]string, error) {
	entries, err := fs.ReadDir(fsys, ".")
	if err != nil {
		return nil, fmt.Errorf("the folder cannot be read: %s", plainError(err))
	}
	var names []string
	for _, e := range entries {
		if !e.IsDir() && isIDXName(e.Name()) {
			names = append(names, e.Name())
		}
	}
	return names, nil
}

// isIDXName reports whether a file's name says that it holds images or labels.
func isIDXName(name string) bool {
	lower := strings.ToLower(name)
	ext := path.Ext(strings.TrimSuffix(lower, ".gz"))
	named := strings.Contains(lower, "images") || strings.Contains(lower, "labels")
	return named && (ext == "" || strings.Contains(ext, "idx") || strings.Contains(ext, "ubyte"))
}

// idxPair is an images file with its labels.
type idxPair struct {
	images, labels string
	part           func(*Source) **Set
}

// idxType is how a name tells the rank and the type, in which a pair differs: idx3-ubyte.
var idxType = regexp.MustCompile("idx[0-9](-[a-z]+)?")

func idxPairs(names []string) ([]idxPair, error) {
	plain := func(name string) string { // what a pair's two names have in common
		lower := strings.TrimSuffix(strings.ToLower(name), ".gz")
		return idxType.ReplaceAllString(strings.NewReplacer("images", "*", "labels", "*").Replace(lower), "idx")
	}
	of := func(kind, key string) string {
		for _, name := range names { // a plain file stands before the gzipped one, and is taken for it
			if strings.Contains(strings.ToLower(name), kind) && plain(name) == key {
				return name
			}
		}
		return ""
	}
	var pairs []idxPair
	seen := map[string]bool{}
	for _, name := range names {
		key := plain(name)
		if seen[key] {
			continue
		}
		seen[key] = true
		p := idxPair{images: of("images", key), labels: of("labels", key)}
		if p.images == "" || p.labels == "" {
			return nil, fmt.Errorf("%s has no partner; needs a pair of files whose names differ in images and labels only", name)
		}
		pairs = append(pairs, p)
	}
	for i := range pairs {
		if pairs[i].part = idxPart(pairs[i].images); pairs[i].part == nil {
			if len(pairs) > 1 {
				return nil, fmt.Errorf("%s does not say which part it is; needs train, val or test in its name", pairs[i].images)
			}
			pairs[i].part = func(s *Source) **Set { return &s.Train }
		}
	}
	return pairs, nil
}

// idxPart finds the part that a file's name speaks of, nil if it speaks of none.
func idxPart(name string) func(*Source) **Set {
	lower := strings.ToLower(name)
	switch {
	case strings.Contains(lower, "train"):
		return func(s *Source) **Set { return &s.Train }
	case strings.Contains(lower, "test"), strings.Contains(lower, "t10k"):
		return func(s *Source) **Set { return &s.Test }
	case strings.Contains(lower, "val"):
		return func(s *Source) **Set { return &s.Validation }
	}
	return nil
}

// unpacked is the most that a file of a size may unpack to: real pictures pack to a fifth, while gzip reaches a
// thousandth, with which a small file could fill the memory.
func unpacked(size int64) int64 {
	const free, ratio = 256 << 20, 200
	return min(maxBytes, free+ratio*min(size, maxBytes))
}

// readIDX reads one file of a folder.
func readIDX(fsys fs.FS, name string) (*idx.Array, error) {
	info, err := fs.Stat(fsys, name)
	if err != nil {
		return nil, fmt.Errorf("%s: %s", name, plainError(err))
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s is not a regular file", name)
	}
	f, err := fsys.Open(name)
	if err != nil {
		return nil, fmt.Errorf("%s: %s", name, plainError(err))
	}
	defer f.Close()
	a, err := idx.Decode(f, unpacked(info.Size()))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return a, nil
}

// idxSamples are the rows of an array. Grey pictures get an axis for their one channel.
func idxSamples(a *idx.Array) (Samples, error) {
	if a.Len() == 0 || len(a.Shape) < 2 {
		return nil, fmt.Errorf("an array of shape %v holds no samples; needs pictures as [number, rows, columns]", a.Shape)
	}
	shape := slices.Clone(a.Shape[1:])
	if len(shape) == 2 {
		shape = append(shape, 1)
	}
	if a.Type == idx.Uint8 {
		return Bytes(shape, a.Data), nil
	}
	if err := fits(a.Shape[0], volume(shape), 4); err != nil {
		return nil, err
	}
	values, err := a.Float32s()
	if err != nil {
		return nil, err
	}
	if err := finite(values, volume(shape)); err != nil {
		return nil, err
	}
	return Floats(shape, values), nil
}

func idxLabels(a *idx.Array, n int) ([]int32, error) {
	if len(a.Shape) != 1 || a.Shape[0] != n {
		return nil, fmt.Errorf("labels of shape %v do not fit %d pictures; needs one label a picture", a.Shape, n)
	}
	numbers, err := a.Int64s()
	if err != nil {
		return nil, err
	}
	labels := make([]int32, n)
	for i, v := range numbers {
		if v < 0 || v >= maxClasses {
			return nil, fmt.Errorf("label %d of row %d (counted from 0) is no class number, needs 0 to %d", v, i, maxClasses-1)
		}
		labels[i] = int32(v)
	}
	return labels, nil
}
