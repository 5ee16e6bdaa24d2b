package sessions

import (
	"fmt"
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"testing"

	"cnnbench/nn"
)

// postage is a folder of grey pictures, too small each to be read ahead from memory, and more than a megabyte together.
func postage(t *testing.T) string {
	t.Helper()
	const side, each = 28, 700
	dir := t.TempDir()
	m := image.NewGray(image.Rect(0, 0, side, side))
	for class := range 2 {
		folder := filepath.Join(dir, fmt.Sprint(class))
		if err := os.Mkdir(folder, 0o700); err != nil {
			t.Fatal(err)
		}
		for i := range each {
			m.SetGray(i%side, i/side%side, color.Gray{uint8(i)})
			m.SetGray(3, 3, color.Gray{uint8(100 * class)})
			f, err := os.Create(filepath.Join(folder, fmt.Sprintf("%03d.png", i)))
			if err == nil {
				err = png.Encode(f, m)
			}
			if err != nil {
				t.Fatal(err)
			}
			f.Close()
		}
	}
	return dir
}

// Pictures that are read from disk are decoded ahead of the training and by several goroutines, be they as small as
// they may, and are those that memory would have.
func TestPicturesOnDiskAreReadAhead(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(4))
	text := fmt.Sprintf("data: {source: %q}\nmodel: {layers: [flatten, {dense: {units: 2, activation: softmax}}]}\nfit: {batch_size: 6}\n", postage(t))
	open := func(set ...string) *Prepared {
		e, err := ParseExperiment("postage.yaml", []byte(text), set...)
		if err != nil {
			t.Fatal(err)
		}
		p, err := Prepare(e, ".")
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	memory, disk := open(), open("data.memory=1")
	if memory.Data.Train.Streams() || !disk.Data.Train.Streams() {
		t.Fatal("a megabyte is not what decides")
	}
	built := func(p *Prepared) *nn.Network {
		n, err := p.Build(BuildOptions{Threads: 2})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(n.Close)
		return n
	}
	whole := memory.shown(built(memory))
	if a, ok := memory.ahead(whole).(*ahead); ok {
		t.Errorf("%T for what lies in memory", a)
	}
	from := disk.ahead(disk.shown(built(disk)))
	if _, ok := from.(*ahead); !ok {
		t.Fatalf("%T", from)
	}
	batches := disk.Experiment.Fit.Stream(disk.Train.Len(), 0)
	for range 20 {
		pass, index := batches.Next()
		x, y := make([]float32, 2*len(index)*disk.In.Size()), make([]float32, 4*len(index))
		half, columns := len(x)/2, len(y)/2
		if err := from.Batch(pass, index, x[:half], y[:columns]); err != nil {
			t.Fatal(err)
		}
		if err := whole.Batch(pass, index, x[half:], y[columns:]); err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(x[:half], x[half:]) || !slices.Equal(y[:columns], y[columns:]) {
			t.Fatalf("the samples %v differ", index)
		}
	}
}
