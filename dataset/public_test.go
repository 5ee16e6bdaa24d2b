package dataset

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"cnnbench/dataset/catalogue"
)

// putSet writes files into a public set's folder.
func putSet(t *testing.T, downloads, set string, files map[string][]byte) {
	t.Helper()
	folder := filepath.Join(downloads, set)
	if err := os.MkdirAll(folder, 0o755); err != nil {
		t.Fatal(err)
	}
	for name, content := range files {
		if err := os.WriteFile(filepath.Join(folder, name), content, 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// digits are a file of so many 4 by 4 pictures and one of their labels.
func digits(labels ...byte) (images, numbers []byte) {
	n := byte(len(labels))
	images = append([]byte{0, 0, 8, 3, 0, 0, 0, n, 0, 0, 0, 4, 0, 0, 0, 4}, bytes.Repeat([]byte{7}, 16*len(labels))...)
	return images, append([]byte{0, 0, 8, 1, 0, 0, 0, n}, labels...)
}

func TestPublicSets(t *testing.T) {
	downloads := t.TempDir()
	opt := Options{Downloads: downloads}
	trainImages, trainLabels := digits(3, 1, 2)
	testImages, testLabels := digits(0)
	files := map[string][]byte{"train-images-idx3-ubyte.gz": trainImages, "train-labels-idx1-ubyte.gz": trainLabels, "t10k-images-idx3-ubyte.gz": testImages}
	putSet(t, downloads, "fashion-mnist", files) // the reader takes them unzipped as well
	for _, opt := range []Options{opt, {}} {
		if _, err := Open(named("fashion-mnist"), opt); err == nil || !strings.Contains(err.Error(), "`cnnbench data get fashion-mnist` downloads it") {
			t.Errorf("a set without one of its files: %v", err)
		}
	}
	if len(Downloaded(downloads)) != 0 || len(Downloaded("")) != 0 {
		t.Error("a set without one of its files is listed")
	}
	putSet(t, downloads, "fashion-mnist", map[string][]byte{"t10k-labels-idx1-ubyte.gz": testLabels})
	src, err := Open(named("fashion-mnist"), opt)
	if err != nil {
		t.Fatal(err)
	}
	if src.Name != "fashion-mnist" || src.Unnamed || !slices.Equal(src.Train.Labels, []int32{3, 1, 2}) || src.Test.Samples.Len() != 1 {
		t.Errorf("%+v", src)
	}
	mini, err := Open(named("fashion-mini"), Options{})
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(src.Classes, mini.Classes) {
		t.Errorf("classes %v, those of fashion-mini are %v", src.Classes, mini.Classes)
	}

	// CIFAR's own files name its classes.
	record := make([]byte, 2+3072)
	record[1] = 99
	var names strings.Builder
	for i := range 100 {
		names.WriteString("class" + string(rune('a'+i/10)) + string(rune('a'+i%10)) + "\n")
	}
	putSet(t, downloads, "cifar100", map[string][]byte{"train.bin": record, "test.bin": record, "fine_label_names.txt": []byte(names.String() + "\n")})
	if src, err = Open(named("cifar100"), opt); err != nil || src.Classes[99] != "classjj" || src.Train.Labels[0] != 99 || src.Description == "" {
		t.Errorf("%+v, %v", src, err)
	}
	var there []string
	for _, i := range Downloaded(downloads) {
		there = append(there, i.Name)
	}
	if want := []string{"fashion-mnist", "cifar100"}; !slices.Equal(there, want) {
		t.Errorf("lists %v, want %v", there, want)
	}

	cfg := named("cifar100")
	cfg.Label = "y"
	if _, err := Open(cfg, opt); err == nil || !strings.Contains(err.Error(), "label: cifar100 has no columns") {
		t.Errorf("a label column: %v", err)
	}
	files["train-images-idx3-ubyte.gz"], files["train-labels-idx1-ubyte.gz"] = digits(3, 10)
	putSet(t, downloads, "fashion-mnist", files)
	if _, err := Open(named("fashion-mnist"), opt); err == nil || !strings.Contains(err.Error(), "labels up to 10, but fashion-mnist has 10 classes") {
		t.Errorf("a label above the classes: %v", err)
	}
}

// A public name is never a built-in one, and means the set wherever it stands.
func TestNamed(t *testing.T) {
	for _, i := range Names() {
		if _, ok := catalogue.Lookup(i.Name); ok || !Named(i.Name) {
			t.Errorf("%s is named twice or not", i.Name)
		}
	}
	for source, want := range map[string]bool{"mnist": true, "./mnist": false, "mnist.npz": false, "": false} {
		if Named(source) != want {
			t.Errorf("Named(%q) is %t", source, !want)
		}
	}
}
