package dataset

import (
	"bytes"
	"compress/gzip"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"cnnbench/dataset/hostile"
	"cnnbench/dataset/idx"
)

// idxFiles writes arrays under their names, gzipped where the name says so, and returns the folder.
func idxFiles(t *testing.T, files map[string]*idx.Array) string {
	t.Helper()
	dir := t.TempDir()
	for name, a := range files {
		var buf bytes.Buffer
		if err := idx.Encode(&buf, a); err != nil {
			t.Fatal(err)
		}
		text := buf.Bytes()
		if strings.HasSuffix(name, ".gz") {
			var packed bytes.Buffer
			z := gzip.NewWriter(&packed)
			if _, err := z.Write(text); err != nil {
				t.Fatal(err)
			}
			if err := z.Close(); err != nil {
				t.Fatal(err)
			}
			text = packed.Bytes()
		}
		put(t, dir, name, string(text))
	}
	return dir
}

func put(t *testing.T, dir, name, text string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// pictures are n pictures of 2 by 3 pixels, picture i all i.
func pictures(n int) *idx.Array {
	a := &idx.Array{Type: idx.Uint8, Shape: []int{n, 2, 3}}
	for i := range n {
		a.Data = append(a.Data, bytes.Repeat([]byte{byte(i)}, 6)...)
	}
	return a
}

func labelsOf(labels ...byte) *idx.Array {
	return &idx.Array{Type: idx.Uint8, Shape: []int{len(labels)}, Data: labels}
}

func TestIDXFolders(t *testing.T) {
	for name, files := range map[string][4]string{
		"MNIST":         {"train-images-idx3-ubyte", "train-labels-idx1-ubyte", "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"},
		"packed":        {"train-images-idx3-ubyte.gz", "train-labels-idx1-ubyte.gz", "t10k-images-idx3-ubyte.gz", "t10k-labels-idx1-ubyte.gz"},
		"half packed":   {"train-images-idx3-ubyte.gz", "train-labels-idx1-ubyte", "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte.gz"},
		"dots":          {"train-images.idx3-ubyte", "train-labels.idx1-ubyte", "t10k-images.idx3-ubyte", "t10k-labels.idx1-ubyte"},
		"EMNIST":        {"emnist-letters-train-images-idx3-ubyte.gz", "emnist-letters-train-labels-idx1-ubyte.gz", "emnist-letters-test-images-idx3-ubyte.gz", "emnist-letters-test-labels-idx1-ubyte.gz"},
		"one's own":     {"Images_Train.idx", "Labels_Train.idx", "Images_Test.idx", "Labels_Test.idx"},
		"no extensions": {"my_train_images", "my_train_labels", "my_test_images", "my_test_labels"},
	} {
		dir := idxFiles(t, map[string]*idx.Array{
			files[0]: pictures(10), files[1]: labelsOf(0, 1, 2, 0, 1, 2, 0, 1, 2, 3),
			files[2]: pictures(3), files[3]: labelsOf(2, 1, 4),
		})
		put(t, dir, "README.md", "x")
		d := load(t, named(dir), Options{})
		if counts(d) != [3]int{8, 2, 3} || !slices.Equal(d.Shape, []int{2, 3, 1}) || !slices.Equal(d.Classes, []string{"0", "1", "2", "3", "4"}) || !d.Open() {
			t.Errorf("%s: parts %v of shape %v, classes %v", name, counts(d), d.Shape, d.Classes)
		}
		x := make([]float32, 6)
		if err := d.Test.Read(x, 2); err != nil || x[5] != 2 || d.Test.Label(2) != 4 {
			t.Errorf("%s: test picture 2 is %v with label %d: %v", name, x, d.Test.Label(2), err)
		}
		if _, ok := d.Source.Train.Samples.(ByteSamples); !ok {
			t.Errorf("%s: bytes became floats", name)
		}
	}
}

func TestIDXVariants(t *testing.T) {
	// One pair without a part in its name, colour pictures of floats, a validation pair, names for classes.
	floats := &idx.Array{Type: idx.Float32, Shape: []int{5, 1, 1, 3}, Data: make([]byte, 60)}
	dir := idxFiles(t, map[string]*idx.Array{"images.idx4-float": floats, "labels.idx1-ubyte": labelsOf(0, 1, 0, 1, 0)})
	if d := load(t, named(dir), Options{}); counts(d) != [3]int{4, 1, 0} || !slices.Equal(d.Shape, []int{1, 1, 3}) {
		t.Errorf("one pair: parts %v of shape %v", counts(d), d.Shape)
	}
	dir = idxFiles(t, map[string]*idx.Array{
		"train-images-idx3-ubyte": pictures(4), "train-labels-idx1-ubyte": labelsOf(0, 1, 0, 1),
		"val-images-idx3-ubyte": pictures(2), "val-labels-idx1-ubyte": labelsOf(1, 0),
	})
	put(t, dir, "classes.txt", "cat\r\ndog\r\nbird\r\n")
	d := load(t, named(dir), Options{})
	if counts(d) != [3]int{4, 2, 0} || !slices.Equal(d.Classes, []string{"cat", "dog", "bird"}) || d.Open() {
		t.Errorf("validation pair: parts %v, classes %v", counts(d), d.Classes)
	}
	// A relative path starts at the folder it is given.
	if _, err := Load(named(filepath.Base(dir)), Options{Dir: filepath.Dir(dir)}); err != nil {
		t.Error(err)
	}
}

func TestIDXRefuses(t *testing.T) {
	images, labels := "train-images-idx3-ubyte", "train-labels-idx1-ubyte"
	for _, c := range []struct {
		want  string
		files map[string]*idx.Array
		text  map[string]string
	}{
		{"has no partner", map[string]*idx.Array{images: pictures(2)}, nil},
		{"do not fit 3 pictures", map[string]*idx.Array{images: pictures(3), labels: labelsOf(0, 1)}, nil},
		{"holds no samples", map[string]*idx.Array{images: labelsOf(1, 2), labels: labelsOf(0, 1)}, nil},
		{"second pair for the same part", map[string]*idx.Array{images: pictures(2), labels: labelsOf(0, 1), "b-" + images: pictures(2), "b-" + labels: labelsOf(0, 1)}, nil},
		{"no training part", map[string]*idx.Array{"t10k-images-idx3-ubyte": pictures(2), "t10k-labels-idx1-ubyte": labelsOf(0, 1)}, nil},
		{"does not say which part", map[string]*idx.Array{images: pictures(2), labels: labelsOf(0, 1), "images.idx": pictures(2), "labels.idx": labelsOf(0, 1)}, nil},
		{"is no class number", map[string]*idx.Array{images: pictures(1), labels: {Type: idx.Int32, Shape: []int{1}, Data: []byte{255, 255, 255, 255}}}, nil},
		{"is no class number", map[string]*idx.Array{images: pictures(1), labels: {Type: idx.Int32, Shape: []int{1}, Data: []byte{127, 255, 255, 255}}}, nil},
		{"found NaN", map[string]*idx.Array{images: {Type: idx.Float32, Shape: []int{1, 1, 1}, Data: []byte{127, 192, 0, 0}}, labels: labelsOf(0)}, nil},
		{"classes.txt has 1 names", map[string]*idx.Array{images: pictures(2), labels: labelsOf(0, 1)}, map[string]string{"classes.txt": "cat\n"}},
		{"line 2 is \"cat\"", map[string]*idx.Array{images: pictures(2), labels: labelsOf(0, 1)}, map[string]string{"classes.txt": "cat\ncat\n"}},
		{"classes.txt is no text file", map[string]*idx.Array{images: pictures(2), labels: labelsOf(0, 1)}, map[string]string{"classes.txt": strings.Repeat("x", 1<<20+1)}},
		{images, map[string]*idx.Array{labels: labelsOf(0, 1)}, map[string]string{images: "not IDX at all"}},
		{images, map[string]*idx.Array{labels: labelsOf(0, 1)}, map[string]string{images: "\x00\x00\x08\x03\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"}},
	} {
		dir := idxFiles(t, c.files)
		for name, text := range c.text {
			put(t, dir, name, text)
		}
		_, err := Load(named(dir), Options{})
		if err == nil || !strings.Contains(err.Error(), c.want) || !strings.HasPrefix(err.Error(), "source: "+dir) {
			t.Errorf("error %v, want %q", err, c.want)
		}
	}
}

// A small packed file cannot fill the memory, and MNIST, packed to 9.9 MB, is far from the bound.
func TestUnpackedBound(t *testing.T) {
	if got := unpacked(1 << 20); got > 512<<20 {
		t.Errorf("a megabyte may unpack to %d bytes", got)
	}
	if got := unpacked(9912422); got < 4*47040016 {
		t.Errorf("MNIST may unpack to %d bytes only", got)
	}
	if got := unpacked(1 << 62); got != maxBytes {
		t.Errorf("an enormous file may unpack to %d bytes", got)
	}
}

// The fuzzer changes the names of a pair, and what is in them.
func FuzzIDXFolder(f *testing.F) {
	images := []byte("\x00\x00\x08\x03\x00\x00\x00\x02\x00\x00\x00\x01\x00\x00\x00\x01ab")
	labels := []byte("\x00\x00\x08\x01\x00\x00\x00\x02\x00\x01")
	f.Add("train-", "-idx3-ubyte", images, labels, []byte("cat\ndog\n"))
	f.Add("", ".idx", images, labels, []byte{})
	f.Add("t10k-", "-idx3-ubyte", images, labels, []byte("cat\n\x1b[2J"))
	f.Add("a\n", "-ubyte", labels, images, []byte("\r\n"))
	f.Fuzz(func(t *testing.T, before, behind string, images, labels, names []byte) {
		files := fstest.MapFS{}
		for name, text := range map[string][]byte{before + "images" + behind: images, before + "labels" + behind: labels, "classes.txt": names} {
			if !fs.ValidPath(name) || len(name) > 255 || strings.Contains(name, "/") {
				t.Skip()
			}
			if name != "classes.txt" || len(text) > 0 {
				files[name] = &fstest.MapFile{Data: text}
			}
		}
		var s *Source
		var err error
		const ratio = 1100 // what gzip reaches
		hostile.Within(t, 1<<20+64*len(names)+16*ratio*(len(images)+len(labels)), func() { s, err = readIDXFolder(files) })
		if err != nil {
			hostile.Sentence(t, shownError{err})
			return
		}
		if n := len(s.Train.Labels); n == 0 || n != s.Train.Samples.Len() {
			t.Errorf("%d samples, %d labels", s.Train.Samples.Len(), n)
		}
		for _, l := range s.Train.Labels {
			if l < 0 || int(l) >= len(s.Classes) {
				t.Errorf("label %d of %d classes", l, len(s.Classes))
			}
		}
		for _, name := range s.Classes {
			if printable(name) != name {
				t.Errorf("unprintable name %q", name)
			}
		}
	})
}
