package sessions

import (
	"image"
	"image/png"
	"os"
	"path/filepath"
	"strconv"
	"testing"
)

// A folder of pictures of several sizes becomes an experiment that brings them to one.
func TestFromSourceOfMixedSizes(t *testing.T) {
	dir := t.TempDir()
	for i, class := range []string{"cat", "cat", "cat", "dog", "dog", "dog"} {
		path := filepath.Join(dir, class, strconv.Itoa(i)+".png")
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		f, err := os.Create(path)
		if err != nil {
			t.Fatal(err)
		}
		if err := png.Encode(f, image.NewGray(image.Rect(0, 0, 20+i, 30-i))); err != nil {
			t.Fatal(err)
		}
		if err := f.Close(); err != nil {
			t.Fatal(err)
		}
	}
	e, err := new(Store).FromSource(dir)
	if err != nil {
		t.Fatal(err)
	}
	if e.Data.Image.Size == nil || e.Data.Image.Interpolation != "bilinear" {
		t.Fatalf("the experiment has the image %+v", e.Data.Image)
	}
	p, err := Prepare(e, ".")
	if err != nil {
		t.Fatal(err)
	}
	if size := *e.Data.Image.Size; p.In[0] != size[0] || p.In[1] != size[1] {
		t.Errorf("samples are %v, want %v", p.In, size)
	}
}
