package dataset

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

func init() {
	registerFormat(format{
		doc: "folders of CIFAR-10's or CIFAR-100's binary files (data_batch_1.bin ..., or train.bin and test.bin)",
		match: func(path string, info fs.FileInfo) bool {
			if !info.IsDir() {
				return false
			}
			kind, _ := cifarKind(os.DirFS(path))
			return kind != nil
		},
		open: func(req request) (*Source, error) {
			src, err := readCIFAR(os.DirFS(req.path))
			if err != nil {
				return nil, within(printable(req.path), err)
			}
			src.Description = "pictures and labels of CIFAR's binary files"
			return src, nil
		},
	})
}

// The pictures of CIFAR: planes of red, green and blue, row by row.
const (
	cifarSide   = 32
	cifarPlane  = cifarSide * cifarSide
	cifarPixels = 3 * cifarPlane
)

// cifar is one of the two sets. A record is the labels, a byte each, and the pixels.
type cifar struct {
	train   *regexp.Regexp // names of the files
	test    string
	names   string // the file that names the classes
	labels  int    // bytes before the pixels; the last one counts
	classes int
}

var cifars = []cifar{
	{regexp.MustCompile(`^data_batch_([0-9]{1,4})\.bin$`), "test_batch.bin", "batches.meta.txt", 1, 10},
	{regexp.MustCompile(`^(train)\.bin$`), "test.bin", "fine_label_names.txt", 2, 100},
}

// cifarPickles matches the names of the version for Python.
var cifarPickles = regexp.MustCompile(`^(data_batch_[0-9]|batches\.meta)$`)

// cifarKind says which set a folder holds, nil for none, and the names of the training files in their order.
func cifarKind(fsys fs.FS) (*cifar, []string) {
	entries, err := fs.ReadDir(fsys, ".")
	if err != nil {
		return nil, nil
	}
	for i := range cifars {
		k := &cifars[i]
		var train []string
		for _, e := range entries {
			if k.train.MatchString(e.Name()) {
				train = append(train, e.Name())
			}
		}
		has := func(name string) bool {
			return slices.ContainsFunc(entries, func(e fs.DirEntry) bool { return e.Name() == name })
		}
		if len(train) > 0 || has(k.test) {
			slices.SortStableFunc(train, func(a, b string) int { return k.number(a) - k.number(b) })
			return k, train
		}
	}
	if slices.ContainsFunc(entries, func(e fs.DirEntry) bool { return cifarPickles.MatchString(e.Name()) }) &&
		!slices.ContainsFunc(entries, func(e fs.DirEntry) bool { return e.IsDir() }) {
		return &cifar{}, nil
	}
	return nil, nil
}

// number is that of a batch, 0 where there is but one file.
func (k *cifar) number(name string) int {
	n, _ := strconv.Atoi(k.train.FindStringSubmatch(name)[1])
	return n
}

// readCIFAR reads a folder of CIFAR-10, or of CIFAR-100 with its fine labels. The file that names the classes may be
// missing.
func readCIFAR(fsys fs.FS) (*Source, error) {
	k, train := cifarKind(fsys)
	if k.train == nil {
		return nil, errors.New("it holds CIFAR's version for Python; download the binary version, whose files end in .bin")
	}
	if len(train) == 0 {
		return nil, fmt.Errorf("it has %s, but no training file", k.test)
	}
	src := &Source{Shape: []int{cifarSide, cifarSide, 3}, Classes: numbers(k.classes)}
	var err error
	if src.Train, err = k.read(fsys, train); err != nil {
		return nil, err
	}
	if _, missing := fs.Stat(fsys, k.test); !errors.Is(missing, fs.ErrNotExist) {
		if src.Test, err = k.read(fsys, []string{k.test}); err != nil {
			return nil, err
		}
	}
	if err := src.nameClasses(fsys, k.names); err != nil {
		return nil, err
	}
	if len(src.Classes) != k.classes {
		return nil, fmt.Errorf("%s has %d names, needs %d", k.names, len(src.Classes), k.classes)
	}
	return src, nil
}

// read reads the records of some files, one behind the other.
func (k *cifar) read(fsys fs.FS, names []string) (*Set, error) {
	record := k.labels + cifarPixels
	total := 0
	for _, name := range names {
		st, err := fs.Stat(fsys, name)
		switch {
		case err != nil:
			return nil, fmt.Errorf("%s: %s", name, plainError(err))
		case !st.Mode().IsRegular():
			return nil, fmt.Errorf("%s is not a regular file", name)
		case st.Size() > maxBytes:
			return nil, fmt.Errorf("%s is larger than the %d GiB that are read", name, maxBytes>>30)
		case st.Size() == 0 || st.Size()%int64(record) != 0:
			return nil, fmt.Errorf("%s has %d bytes, needs records of %d; download it again", name, st.Size(), record)
		}
		total += int(st.Size()) / record
	}
	if err := fits(total, cifarPixels, 1); err != nil {
		return nil, err
	}
	pixels := make([]uint8, total*cifarPixels) // [sample, row, column, channel]
	set := &Set{Labels: make([]int32, total)}
	at := 0
	for _, name := range names {
		n, err := k.readFile(fsys, name, pixels[at*cifarPixels:], set.Labels[at:])
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		at += n
	}
	if at != total {
		return nil, fmt.Errorf("%s changed while they were read", strings.Join(names, ", "))
	}
	set.Samples = Bytes([]int{cifarSide, cifarSide, 3}, pixels)
	return set, nil
}

// readFile reads one file, and as many records as there is room for.
func (k *cifar) readFile(fsys fs.FS, name string, pixels []uint8, labels []int32) (int, error) {
	f, err := fsys.Open(name)
	if err != nil {
		return 0, errors.New(plainError(err))
	}
	defer f.Close()
	record := make([]byte, k.labels+cifarPixels)
	for i := range labels {
		if _, err := io.ReadFull(f, record); err == io.EOF {
			return i, nil
		} else if err != nil {
			return i, fmt.Errorf("record %d (counted from 0) cannot be read: %s", i, plainError(err))
		}
		label := record[k.labels-1]
		if int(label) >= k.classes {
			return i, fmt.Errorf("record %d (counted from 0) has the label %d, needs 0 to %d", i, label, k.classes-1)
		}
		labels[i] = int32(label)
		interleave(pixels[i*cifarPixels:(i+1)*cifarPixels], record[k.labels:])
	}
	return len(labels), nil
}

// interleave turns planes [channel, pixel] into pixels [pixel, channel].
func interleave(dst, planes []uint8) {
	red, green, blue := planes[:cifarPlane], planes[cifarPlane:2*cifarPlane], planes[2*cifarPlane:cifarPixels]
	for i := range red {
		dst[3*i], dst[3*i+1], dst[3*i+2] = red[i], green[i], blue[i]
	}
}
