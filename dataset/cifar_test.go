package dataset

import (
	"bytes"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"cnnbench/dataset/hostile"
)

// cifarRecords are n records; the planes of record i are all i, i+1 and i+2, but for the first pixel of the last row.
func cifarRecords(n, labels, classes int) []byte {
	var out []byte
	for i := range n {
		if labels == 2 {
			out = append(out, byte(200+i)) // the coarse label is not looked at
		}
		out = append(out, byte(i%classes))
		for c := range 3 {
			plane := bytes.Repeat([]byte{byte(i + c)}, 1024)
			plane[31*32] = byte(100 + c)
			out = append(out, plane...)
		}
	}
	return out
}

const cifarNames = "airplane\nautomobile\nbird\ncat\ndeer\ndog\nfrog\nhorse\nship\ntruck\n\n"

func TestCIFAR10(t *testing.T) {
	files := map[string][]byte{"test_batch.bin": cifarRecords(3, 1, 10), "batches.meta.txt": []byte(cifarNames), "readme.html": nil}
	for _, i := range []int{1, 2, 10} {
		files[fmt.Sprintf("data_batch_%d.bin", i)] = cifarRecords(i, 1, 10)
	}
	s, err := Open(named(tree(t, files)), Options{})
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(s.Shape, []int{32, 32, 3}) || len(s.Classes) != 10 || s.Classes[9] != "truck" || s.Unnamed || s.Train.Samples.Len() != 13 || s.Test.Samples.Len() != 3 {
		t.Errorf("%+v", s)
	}
	if want := []int32{0, 0, 1, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9}; !slices.Equal(s.Train.Labels, want) { // batch 10 behind batch 2
		t.Errorf("labels %v", s.Train.Labels)
	}
	x := rows(t, s.Train, 13)[12]
	if !slices.Equal(x[:6], []float32{9, 10, 11, 9, 10, 11}) || !slices.Equal(x[31*32*3:31*32*3+6], []float32{100, 101, 102, 9, 10, 11}) {
		t.Errorf("pixels %v", x[:6])
	}
	if _, ok := s.Train.Samples.(bytesInMemory); !ok {
		t.Errorf("kept as %T", s.Train.Samples)
	}
}

func TestCIFAR100(t *testing.T) {
	var names strings.Builder
	for i := range 100 {
		fmt.Fprintf(&names, "fine %d\n", i)
	}
	files := map[string][]byte{"train.bin": cifarRecords(120, 2, 100), "test.bin": cifarRecords(2, 2, 100),
		"fine_label_names.txt": []byte(names.String()), "coarse_label_names.txt": []byte("x\n")}
	s, err := Open(named(tree(t, files)), Options{})
	if err != nil {
		t.Fatal(err)
	}
	if len(s.Classes) != 100 || s.Classes[42] != "fine 42" || s.Train.Labels[119] != 19 || s.Test.Samples.Len() != 2 || rows(t, s.Train, 8)[7][1] != 8 {
		t.Errorf("%v, labels %v", s.Classes, s.Train.Labels)
	}
	delete(files, "fine_label_names.txt")
	delete(files, "test.bin")
	if s, err = Open(named(tree(t, files)), Options{}); err != nil || len(s.Classes) != 100 || s.Classes[42] != "42" || s.Test != nil {
		t.Errorf("without names: %v", err)
	}
}

func TestCIFARRefuses(t *testing.T) {
	one := cifarRecords(1, 1, 10)
	label := slices.Clone(one)
	label[0] = 10
	for want, files := range map[string]map[string][]byte{
		"data_batch_1.bin has 3072 bytes, needs records of 3073":               {"data_batch_1.bin": one[:3072]},
		"data_batch_1.bin has 0 bytes":                                         {"data_batch_1.bin": nil},
		"data_batch_1.bin is not a regular file":                               {"data_batch_1.bin/": nil},
		"data_batch_1.bin: record 1 (counted from 0) has the label 10, needs ": {"data_batch_1.bin": append(one[:3073:3073], label...)},
		"it has test_batch.bin, but no training file":                          {"test_batch.bin": one},
		"test.bin has 3073 bytes, needs records of 3074":                       {"train.bin": cifarRecords(1, 2, 100), "test.bin": one},
		"batches.meta.txt has 2 names, but the labels go up to 9":              {"data_batch_1.bin": one, "batches.meta.txt": []byte("a\nb\n")},
		"batches.meta.txt has 11 names, needs 10":                              {"data_batch_1.bin": one, "batches.meta.txt": []byte(strings.TrimSpace(cifarNames) + "\nx")},
		"it holds CIFAR's version for Python; download the binary version":     {"data_batch_1": one, "batches.meta": one},
	} {
		_, err := Open(named(tree(t, files)), Options{})
		if err == nil || !strings.Contains(err.Error(), want) || !strings.HasPrefix(err.Error(), "source: ") {
			t.Errorf("%v, want %q", err, want)
		}
	}
}

// A file of a data set is not the data set; the message says what is.
func TestOneFileOfMany(t *testing.T) {
	dir := tree(t, map[string][]byte{"cat.png": nil, "data_batch_1.bin": nil, "test.bin": nil, "train-images-idx3-ubyte.gz": nil, "t10k-labels.idx1-ubyte": nil, "digits": []byte("\x00\x00\x08\x03abc"), "x.bin": nil})
	for name, want := range map[string]string{
		"cat.png": "is one picture; name a folder that has a sub-folder of pictures for each class", "data_batch_1.bin": "is one of CIFAR's files; name the folder " + dir,
		"test.bin": "is one of CIFAR's files", "train-images-idx3-ubyte.gz": "is one of a pair of IDX files, images and labels; name the folder " + dir,
		"t10k-labels.idx1-ubyte": "is one of a pair", "digits": "is one of a pair", "x.bin": "is not a file that can be read here; readable are .npz files",
	} {
		_, err := Open(named(dir+string(os.PathSeparator)+name), Options{})
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "; ; ") || strings.Contains(err.Error(), "are , ") {
			t.Errorf("%s: %v, want %q", name, err, want)
		}
	}
}

// The fuzzer changes what is looked at: how many records there are, what follows them, a label, the names.
func FuzzCIFAR(f *testing.F) {
	f.Add(uint8(2), uint8(9), []byte{}, []byte(cifarNames), true)
	f.Add(uint8(2), uint8(99), []byte{}, []byte("x\n"), false)
	f.Add(uint8(0), uint8(0), []byte{}, []byte{}, true)
	f.Add(uint8(1), uint8(10), []byte{1}, []byte{}, true)
	f.Fuzz(func(t *testing.T, n, label uint8, tail, names []byte, ten bool) {
		labels := 2
		if ten {
			labels = 1
		}
		data := append(cifarRecords(int(n%4), labels, 10), tail...)
		if n%4 > 0 {
			data[labels-1] = label
		}
		files := fstest.MapFS{"data_batch_1.bin": {Data: data}, "batches.meta.txt": {Data: names}}
		if !ten {
			files = fstest.MapFS{"train.bin": {Data: data}, "test.bin": {Data: data}, "fine_label_names.txt": {Data: names}}
		}
		var s *Source
		var err error
		hostile.Within(t, 1<<20+8*(2*len(data)+len(names)), func() { s, err = readCIFAR(files) })
		if err != nil {
			hostile.Sentence(t, shownError{err})
			return
		}
		for _, l := range s.Train.Labels {
			if int(l) >= len(s.Classes) || l < 0 {
				t.Errorf("label %d of %d classes", l, len(s.Classes))
			}
		}
		if s.Train.Samples.Len() != len(s.Train.Labels) || len(s.Train.Labels)*(labels+3072) != len(data) {
			t.Errorf("%d samples, %d labels", s.Train.Samples.Len(), len(s.Train.Labels))
		}
	})
}
