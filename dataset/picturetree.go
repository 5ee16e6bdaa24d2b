package dataset

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"
)

// The limits of a folder of pictures.
const (
	maxEntries = 4 << 20 // files and folders looked at
	maxDepth   = 32      // folders below each other
)

// partFolders are the names that the folder of a part may have.
type partFolders struct {
	part    string
	folders []string
}

var pictureParts = [3]partFolders{
	{"train", []string{"train", "training"}},
	{"validation", []string{"validation", "val", "valid"}},
	{"test", []string{"test", "testing"}},
}

var errTooMany = fmt.Errorf("it holds more than %d files and folders; name a folder with pictures only", maxEntries)

// pictureTree is a folder of pictures as its names tell, before a file is opened.
type pictureTree struct {
	ctx     context.Context
	root    *os.Root
	entries int      // seen so far
	classes []string // folders, by name
	files   [3][]pictureFile
	skipped []Skip
}

// pictureFile is a file that should be a picture.
type pictureFile struct {
	name   string // path below the root
	class  int32
	header header
	row    int // among those kept in memory, -1: none
}

// scanPictures looks through a folder that has one sub-folder a class, or folders for the parts with those in them.
// Hidden files are passed over; links are followed to files that lie below the root too, and never to folders.
func scanPictures(ctx context.Context, root *os.Root) (*pictureTree, error) {
	t := &pictureTree{ctx: ctx, root: root}
	top, err := t.list(".")
	if err != nil {
		return nil, err
	}
	parts, err := t.parts(top)
	if err != nil {
		return nil, err
	}
	if parts == [3]string{} {
		return t, t.scanPart(0, ".", top)
	}
	for _, d := range top.folders {
		if !slices.Contains(parts[:], d) {
			t.skip(d, "it lies beside the folders of the parts, so it belongs to none")
		}
	}
	t.skipLoose(".", top, "it lies beside the folders of the parts, so it belongs to none")
	for i, folder := range parts {
		if folder == "" {
			continue
		}
		l, err := t.list(folder)
		if err == nil {
			err = t.scanPart(i, folder, l)
		}
		if err != nil {
			return nil, err
		}
	}
	return t, nil
}

func (t *pictureTree) skip(name, reason string) {
	t.skipped = append(t.skipped, Skip{printable(name), reason})
}

func (t *pictureTree) skipLoose(dir string, l listed, reason string) {
	for _, f := range l.pictures {
		t.skip(path.Join(dir, f), reason)
	}
}

// listed are the folders and the pictures of a folder, sorted by name.
type listed struct{ folders, pictures []string }

// list reads one folder. What looks like a picture but is none that can be read is skipped by name.
func (t *pictureTree) list(dir string) (l listed, err error) {
	f, err := t.root.Open(dir)
	if err != nil {
		return l, fmt.Errorf("the folder %s cannot be read: %s", printable(dir), plainError(err))
	}
	defer f.Close()
	for {
		if err := t.ctx.Err(); err != nil {
			return l, err
		}
		entries, err := f.ReadDir(4096)
		for _, e := range entries {
			t.place(&l, dir, e)
		}
		if t.entries += len(entries); t.entries > maxEntries {
			return l, errTooMany
		}
		if err == io.EOF {
			break
		}
		if err != nil {
			return l, fmt.Errorf("the folder %s cannot be read: %s", printable(dir), plainError(err))
		}
	}
	slices.Sort(l.folders)
	slices.Sort(l.pictures)
	return l, nil
}

// place puts one entry of a folder where it belongs.
func (t *pictureTree) place(l *listed, dir string, e fs.DirEntry) {
	name := e.Name()
	at := path.Join(dir, name)
	switch {
	case strings.HasPrefix(name, "."), name == "__MACOSX": // what systems leave behind
	case e.IsDir():
		l.folders = append(l.folders, name)
	case e.Type()&fs.ModeSymlink != 0:
		st, err := t.root.Stat(at)
		switch {
		case err == nil && st.IsDir():
			t.skip(at, "it is a link to a folder; such links are not followed")
		case !IsPicture(name):
		case err != nil:
			t.skip(at, "it is a link that leads nowhere or out of the folder")
		default:
			l.pictures = append(l.pictures, name)
		}
	case IsPicture(name):
		l.pictures = append(l.pictures, name)
	case slices.Contains(foreignEndings, ending(name)):
		t.skip(at, fmt.Sprintf("%s files cannot be read; save it as PNG or JPEG", strings.ToUpper(ending(name)[1:])))
	}
}

// parts finds the folders of the parts; without them each folder is a class. A folder called train that holds no
// folders is a class too: pictures of trains.
func (t *pictureTree) parts(top listed) (parts [3]string, err error) {
	if len(top.folders) == 0 {
		return parts, errors.New("its pictures lie side by side; put those of each class into a sub-folder with the class's name")
	}
	others := false
	for _, d := range top.folders {
		i := slices.IndexFunc(pictureParts[:], func(p partFolders) bool {
			return slices.Contains(p.folders, strings.ToLower(d))
		})
		switch {
		case i < 0:
			others = true
		case parts[i] != "":
			return parts, fmt.Errorf("both %s and %s would be the %s part; keep one", parts[i], d, pictureParts[i].part)
		default:
			parts[i] = d
		}
	}
	switch train := parts[0]; {
	case train != "":
		if classes, err := t.hasFolders(train); err != nil || classes {
			return parts, err
		}
		if !others {
			return parts, fmt.Errorf("the pictures in %s lie side by side; put those of each class into a sub-folder with the class's name", train)
		}
	case !others:
		return parts, fmt.Errorf("it has a folder %s, but none called train; needs one to learn from", top.folders[0])
	case len(top.folders) == 1 && len(top.pictures) == 0:
		deeper, err := t.hasFolders(top.folders[0])
		if err != nil {
			return parts, err
		}
		if deeper {
			return parts, fmt.Errorf("it holds nothing but the folder %[1]s; name that one: %[2]s", printable(top.folders[0]),
				printable(path.Join(t.root.Name(), top.folders[0])))
		}
	}
	return [3]string{}, nil
}

// hasFolders reports whether there are folders in a folder, which is not looked at any closer yet.
func (t *pictureTree) hasFolders(dir string) (bool, error) {
	skipped := len(t.skipped)
	l, err := t.list(dir)
	t.skipped = t.skipped[:skipped]
	return len(l.folders) > 0, err
}

// scanPart takes the class folders of one part; the training part, which comes first, says which classes there are.
func (t *pictureTree) scanPart(part int, dir string, l listed) error {
	t.skipLoose(dir, l, "it lies beside the class folders, so it has no class")
	for _, name := range l.folders {
		at := path.Join(dir, name)
		found, err := t.below(at, 1)
		if err != nil {
			return err
		}
		if len(found) == 0 {
			t.skip(at, "the folder holds no pictures")
			continue
		}
		class := slices.Index(t.classes, printable(name))
		switch {
		case part == 0 && class >= 0:
			return fmt.Errorf("the names of two folders read %s; rename one", printable(name))
		case part == 0:
			class = len(t.classes)
			t.classes = append(t.classes, printable(name))
		case class < 0:
			return fmt.Errorf("%s has the class %s, of which there is no training picture; the classes are %s", printable(dir), printable(name), listing(t.classes))
		}
		if class >= maxClasses {
			return fmt.Errorf("it has more than %d class folders", maxClasses)
		}
		for _, f := range found {
			t.files[part] = append(t.files[part], pictureFile{name: f, class: int32(class), row: -1})
		}
	}
	return nil
}

// below lists the pictures of a folder and of all folders below it, folder by folder, both sorted by name, which is
// Keras's order.
func (t *pictureTree) below(dir string, depth int) ([]string, error) {
	type folder struct {
		dir      string
		pictures []string
	}
	var all []folder
	var walk func(dir string, depth int) error
	walk = func(dir string, depth int) error {
		l, err := t.list(dir)
		if err != nil {
			if errors.Is(err, errTooMany) {
				return err
			}
			t.skip(dir, err.Error())
			return nil
		}
		all = append(all, folder{dir, l.pictures})
		for _, d := range l.folders {
			if depth == maxDepth {
				t.skip(path.Join(dir, d), fmt.Sprintf("it lies more than %d folders deep", maxDepth))
				continue
			}
			if err := walk(path.Join(dir, d), depth+1); err != nil {
				return err
			}
		}
		return nil
	}
	if err := walk(dir, depth); err != nil {
		return nil, err
	}
	slices.SortFunc(all, func(a, b folder) int { return cmp.Compare(a.dir, b.dir) })
	var out []string
	for _, f := range all {
		for _, name := range f.pictures {
			out = append(out, path.Join(f.dir, name))
		}
	}
	return out, nil
}
