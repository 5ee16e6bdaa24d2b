package command

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// data names the pictures that it leaves out, and tells what a folder of several sizes needs.
func TestDataOfAFolder(t *testing.T) {
	d := newDesk(t)
	for _, folder := range []string{"pets/cat", "pets/dog"} {
		if err := os.MkdirAll(filepath.Join(d.dir, folder), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	d.picture("pets/cat/1.png", 40, 30)
	d.picture("pets/dog/1.png", 40, 30)
	d.file("pets/dog/2\n.png", "no picture")
	path := filepath.Join(d.dir, "pets")
	out := d.must("data", path)
	for _, want := range []string{"\nshape: 30x40x3\n", "\nclasses: 2: cat, dog\n", "\ntrain counts: cat 1, dog 1\n", "\nleft out: 1\n", "\nleft out: dog/2\\n.png: it is no PNG"} {
		if !strings.Contains(out, want) {
			t.Errorf("lacks %q:\n%s", want, out)
		}
	}
	d.picture("pets/dog/3.png", 20, 20)
	out = d.must("data", path)
	if !strings.Contains(out, "of several sizes such as 30 by 40 (cat/1.png) and 20 by 20 (dog/3.png)") || !strings.Contains(out, "\nshape: 30x40x3\n") {
		t.Errorf("of several sizes:\n%s", out)
	}
}
