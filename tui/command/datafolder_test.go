package command

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/png"
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

// A signal ends the reading of a folder.
func TestDataInterrupted(t *testing.T) {
	d := newDesk(t)
	for _, folder := range []string{"pets/cat", "pets/dog"} {
		if err := os.MkdirAll(filepath.Join(d.dir, folder), 0o700); err != nil {
			t.Fatal(err)
		}
		d.picture(folder+"/1.png", 4, 4)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for _, source := range []string{filepath.Join(d.dir, "pets"), "fashion-mini"} {
		if s := d.runIn(ctx, "data", source); s != (said{code: exitInterrupted}) {
			t.Errorf("%s: %+v", source, s)
		}
	}
}

// An epoch of pictures that are read from disk is that of pictures in memory, byte for byte.
func TestEpochFromDisk(t *testing.T) {
	d := newDesk(t)
	for i := range 120 { // of 12 kB: more than a megabyte
		folder := fmt.Sprintf("pets/%c", 'a'+i%3)
		if err := os.MkdirAll(filepath.Join(d.dir, folder), 0o700); err != nil {
			t.Fatal(err)
		}
		m := image.NewNRGBA(image.Rect(0, 0, 64, 64))
		for p := range m.Pix {
			m.Pix[p] = uint8(p*p>>4 + 2*i)
		}
		var b bytes.Buffer
		if err := png.Encode(&b, m); err != nil {
			t.Fatal(err)
		}
		d.file(fmt.Sprintf("%s/%d.png", folder, i), b.String())
	}
	var files [2][]byte
	for i, memory := range []string{"null", "1"} {
		path := d.deformed("deformed.yaml", "pets", "memory: "+memory+", rescale: 1/255, "+fmt.Sprintf(ranges, ""), "epochs: 2")
		d.part(path, "epoch.npz", "--epoch", "2")
		var err error
		if files[i], err = os.ReadFile(filepath.Join(d.dir, "epoch.npz")); err != nil {
			t.Fatal(err)
		}
	}
	if len(files[0]) < 96*64*64*3*4 || !bytes.Equal(files[0], files[1]) {
		t.Errorf("%d and %d bytes, which differ", len(files[0]), len(files[1]))
	}
}
