package dataset

import (
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"

	"cnnbench/spec"
)

func init() {
	registerFormat(format{
		doc: "folders with a sub-folder of pictures for each class (PNG, JPEG, GIF, BMP, TIFF, WebP), also below train, validation and test",
		match: func(path string, info fs.FileInfo) bool {
			if !info.IsDir() {
				return false
			}
			entries, err := os.ReadDir(path)
			return err != nil || slices.ContainsFunc(entries, func(e fs.DirEntry) bool {
				return !strings.HasPrefix(e.Name(), ".") && (e.IsDir() || IsPicture(e.Name()))
			})
		},
		open: func(req request) (*Source, error) {
			src, err := openPictures(req)
			if err != nil {
				return nil, within(printable(req.path), err)
			}
			src.Description = "pictures in folders, one a class"
			return src, nil
		},
	})
}

// within puts the place before an error, inside of a setting's name.
func within(place string, err error) error {
	if fe, ok := err.(*spec.FieldError); ok {
		return field(fe.Key, fmt.Errorf("%s: %w", place, fe.Err))
	}
	return fmt.Errorf("%s: %w", place, err)
}

// openPictures reads a folder of pictures. Those of one size are kept as they are; those of several sizes, and those
// that would fill more memory than they may, as the setting image wants them. What still does not fit into the memory
// is read from disk each time anew. Every picture is decoded once, so that a broken one is known and left out.
func openPictures(req request) (*Source, error) {
	root, err := os.OpenRoot(req.path)
	if err != nil {
		return nil, fmt.Errorf("the folder cannot be read: %s", plainError(err))
	}
	tree, err := scanPictures(req.ctx, root)
	if err != nil {
		return nil, err
	}
	var all []pictureFile
	for _, files := range tree.files {
		all = append(all, files...)
	}
	if len(tree.files[0]) == 0 {
		return nil, fmt.Errorf("there is no picture to learn from below it%s", firstSkips(tree.skipped))
	}
	faults := make([]error, len(all))
	headers, pixels := req.pass.stretch(0, 2*len(all)), req.pass.stretch(len(all), 2*len(all))
	if err := parallel(req.ctx, headers, len(all), func(_ *struct{}, i int) { faults[i] = all[i].readHeader(root) }); err != nil {
		return nil, err
	}
	p, err := planPictures(req, all, faults)
	if err != nil {
		return nil, err
	}
	p.root = root
	if err := p.readAll(req.ctx, pixels, all, faults); err != nil {
		return nil, err
	}

	src := &Source{Shape: p.shape, Classes: tree.classes, Skipped: tree.skipped}
	at := 0
	for i, part := range []**Set{&src.Train, &src.Validation, &src.Test} {
		n := len(tree.files[i])
		src.addPictures(part, p, all[at:at+n], faults[at:at+n])
		at += n
	}
	return src, src.enoughPictures()
}

// addPictures makes a part of the pictures that could be read, and names the others.
func (s *Source) addPictures(part **Set, p *pictureReader, files []pictureFile, faults []error) {
	set := &Set{}
	var good []pictureFile
	for i, f := range files {
		if faults[i] != nil {
			s.Skipped = append(s.Skipped, Skip{printable(f.name), faults[i].Error()})
			continue
		}
		good = append(good, f)
		set.Names = append(set.Names, f.name)
		set.Labels = append(set.Labels, f.class)
	}
	if len(good) == 0 {
		return
	}
	set.Samples = p.samples(good)
	*part = set
}

// enoughPictures refuses a training part in which a class has nothing left.
func (s *Source) enoughPictures() error {
	if s.Train == nil {
		return fmt.Errorf("no training picture can be read%s", firstSkips(s.Skipped))
	}
	counts := make([]int, len(s.Classes))
	for _, label := range s.Train.Labels {
		counts[label]++
	}
	if none := slices.Index(counts, 0); none >= 0 {
		return fmt.Errorf("no training picture of the class %s can be read%s", s.Classes[none], firstSkips(s.Skipped))
	}
	if len(s.Classes) == 1 {
		return fmt.Errorf("all pictures are of one class, %s; needs a sub-folder for each of two classes or more", s.Classes[0])
	}
	return nil
}

// firstSkips tells the first things that were left out, for an error.
func firstSkips(skipped []Skip) string {
	const most = 3
	text := ""
	for _, s := range skipped[:min(len(skipped), most)] {
		text += fmt.Sprintf("; %s: %s", s.Name, s.Reason)
	}
	if len(skipped) > most {
		text += fmt.Sprintf("; and %d more", len(skipped)-most)
	}
	return text
}

// MixedSizes is the error of a folder whose pictures have several sizes, where image.size does not say which they are
// to get.
type MixedSizes struct {
	Examples  [2]string // two files with their sizes
	Suggested spec.Pair // rows and columns: the middle ones of all, of which none is above 64
}

func (e *MixedSizes) Error() string {
	return fmt.Sprintf("the pictures have several sizes, such as %s and %s; say which size all are brought to, such as image: {size: [%d, %d], interpolation: bilinear}",
		e.Examples[0], e.Examples[1], e.Suggested[0], e.Suggested[1])
}

// mixedSizes is nil if all pictures have one size.
func mixedSizes(files []pictureFile) *MixedSizes {
	const most = 64
	first := files[0]
	other := slices.IndexFunc(files, func(f pictureFile) bool {
		return f.header.height != first.header.height || f.header.width != first.header.width
	})
	if other < 0 {
		return nil
	}
	e := &MixedSizes{}
	for i, f := range []pictureFile{first, files[other]} {
		e.Examples[i] = fmt.Sprintf("%d by %d (%s)", f.header.height, f.header.width, printable(f.name))
	}
	middle := func(side func(header) int) int {
		var sides []int
		for _, f := range files {
			sides = append(sides, side(f.header))
		}
		slices.Sort(sides)
		return sides[len(sides)/2]
	}
	h, w := middle(func(h header) int { return h.height }), middle(func(h header) int { return h.width })
	if large := max(h, w); large > most {
		h, w = max(h*most/large, 1), max(w*most/large, 1)
	}
	e.Suggested = spec.Pair{h, w}
	return e
}
