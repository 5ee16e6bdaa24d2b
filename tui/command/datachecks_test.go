package command

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// data of an experiment names what stands on both sides of a split, and says how even the classes are.
func TestDataChecks(t *testing.T) {
	d := newDesk(t)
	for _, folder := range []string{"pets/train/cat", "pets/train/dog", "pets/test/cat", "pets/test/dog"} {
		if err := os.MkdirAll(filepath.Join(d.dir, folder), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	for i, name := range []string{"cat/1", "dog/1", "dog/2", "dog/3", "dog/4", "dog/5", "dog/6"} {
		d.picture("pets/train/"+name+".png", 10+4*i, 12)
	}
	d.picture("pets/train/dog/7.png", 18, 12) // as dog/2
	d.picture("pets/test/cat/1.png", 14, 12)  // as train/dog/1
	d.picture("pets/test/dog/1.png", 60, 12)
	d.picture("pets/test/dog/2.png", 18, 12)
	path := d.file("pets.yaml", "data: {source: pets, image: {size: [12, 80], interpolation: bilinear, color: rgb}, split: {validation: 0}}\n"+
		"model: {layers: [flatten, dense: {units: 2, activation: softmax}]}\nfit: {class_weight: {1: 0.5}}\n")
	out := d.must("data", path)
	for _, want := range []string{
		"\ntrain counts: cat 1, dog 7\n", "\ntrain shares: cat 12.5%, dog 87.5%\n",
		"\nremark: dog has 7.0 times as many training samples as cat\n",
		"\nclass weights: cat 1, dog 0.5\n", "\nbalanced class weights: cat 4, dog 0.5714\n",
		"\nleak: 2 of 3 test samples also stand in train: test/cat/1.png (cat) = train/dog/1.png (dog), test/dog/2.png = train/dog/2.png\n",
		"\nrepeated: 1 of 8 train samples stand there before: train/dog/7.png = train/dog/2.png\n",
	} {
		if !strings.Contains(out, want) {
			t.Errorf("lacks %q:\n%s", want, out)
		}
	}
	if out := d.must("data", "lecture-shapes"); !strings.Contains(out, "\nleaks: none, no sample stands in two parts\n") || strings.Contains(out, "remark") || strings.Contains(out, "\nclass weights") {
		t.Errorf("of drawn shapes:\n%s", out)
	}
	if out := d.must("data", "lecture-linear"); strings.Contains(out, "weights") {
		t.Errorf("values have weights of classes:\n%s", out)
	}
}
