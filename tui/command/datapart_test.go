package command

import (
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"cnnbench/dataset/augment"
	"cnnbench/dataset/npy"
)

// deformed is an experiment with augmentation; what differs is filled in: the data section's rest, and fit's.
const deformed = `name: deformed
seed: 11
data: {source: %s, %s}
model: {layers: [conv2d: {filters: 2, kernel_size: 5, strides: 4}, flatten, dense: {units: 3, activation: softmax}]}
compile: {optimizer: adam}
fit: {batch_size: 7, %s}
`

const ranges = "augment: {rotation_range: 40, width_shift_range: 0.2, height_shift_range: 2.0, shear_range: 5, zoom_range: 0.3, horizontal_flip: true, vertical_flip: true, fill_mode: reflect%s}"

func (d *desk) deformed(name, source, data, fit string) string {
	return d.file(name, fmt.Sprintf(deformed, source, data, fit))
}

func (d *desk) part(path, out string, more ...string) npy.Arrays {
	d.t.Helper()
	npz := filepath.Join(d.dir, out)
	d.must(append([]string{"data", path, "--part", "train", "--out", npz}, more...)...)
	arrays, err := npy.ReadZip(npz)
	if err != nil {
		d.t.Fatal(err)
	}
	return arrays
}

func floats(t *testing.T, as npy.Arrays, name string) []float32 {
	t.Helper()
	a, ok := as.Lookup(name)
	if !ok {
		t.Fatalf("there is no %s", name)
	}
	v, err := a.Float32s()
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// TestEpochIsWhatTrainingTakes trains on what data --epoch 1 wrote, in its order, and on the experiment itself: the same
// network to the last bit of its loss.
func TestEpochIsWhatTrainingTakes(t *testing.T) {
	d := newDesk(t)
	rest := "limit: 50, rescale: 1/255, split: {test: 0, validation: 0}, " + fmt.Sprintf(ranges, ", brightness_range: [0.8, 1.2], channel_shift_range: 20, random_crop: 2, random_erasing: 0.5")
	for _, c := range []struct {
		fit, again string
		epoch, n   int
	}{{"epochs: 1", "epochs: 1", 1, 50}, {"epochs: 1, steps_per_epoch: 11", "epochs: 1", 1, 7*7 + 1 + 3*7}} {
		path := d.deformed("deformed.yaml", "shapes", rest, c.fit)
		arrays := d.part(path, "epoch.npz", "--epoch", fmt.Sprint(c.epoch))
		var names []string
		for _, a := range arrays {
			names = append(names, a.Name)
			if a.Shape[0] != c.n {
				t.Errorf("%s has %d rows, want %d", a.Name, a.Shape[0], c.n)
			}
		}
		if want := "x y index theta tx ty shear zx zy flip_h flip_v channel_shift brightness crop erased"; strings.Join(names, " ") != want {
			t.Errorf("arrays %v, want %s", names, want)
		}
		if c.n != 50 { // the batch of one sample in the middle cannot be trained from a file
			continue
		}
		again := d.deformed("again.yaml", "epoch.npz", "split: {test: 0, validation: 0}", c.again+", shuffle: false")
		first, second := objects(t, d.must("train", path, "--json"))[0], objects(t, d.must("train", again, "--json"))[0]
		if first["loss"] != second["loss"] || first["loss"] == nil {
			t.Errorf("%s: loss %v, and on what was written %v", c.fit, first["loss"], second["loss"])
		}
	}
}

// TestEpochsNumbers deforms the originals by the numbers that were written, and compares.
func TestEpochsNumbers(t *testing.T) {
	d := newDesk(t)
	path := d.deformed("deformed.yaml", "shapes", "limit: 40, split: {test: 10, validation: 0}, "+fmt.Sprintf(ranges, ""), "epochs: 3")
	plain := d.part(path, "plain.npz")
	if len(plain) != 3 {
		t.Errorf("%d arrays without --epoch, want x, y and index", len(plain))
	}
	plainIndex, originals := floats(t, plain, "index"), floats(t, plain, "x")
	third, second := d.part(path, "3.npz", "--epoch", "3"), d.part(path, "2.npz", "--epoch", "2")
	if slices.Equal(floats(t, third, "x"), floats(t, second, "x")) {
		t.Error("two epochs show the same")
	}
	if !slices.Equal(floats(t, third, "x"), floats(t, d.part(path, "again.npz", "--epoch", "3"), "x")) {
		t.Error("epoch 3 shows something else the second time")
	}
	x, index := floats(t, third, "x"), floats(t, third, "index")
	sorted := slices.Clone(index)
	slices.Sort(sorted)
	want := slices.Clone(plainIndex)
	slices.Sort(want)
	if !slices.Equal(sorted, want) || slices.Equal(index, plainIndex) {
		t.Errorf("epoch 3 takes the rows %v, want those of the part in another order", index)
	}
	get := func(name string, i int) float64 {
		a, _ := third.Lookup(name)
		if name != "flip_h" && name != "flip_v" && a.DType != "<f8" {
			t.Fatalf("%s has the type %s", name, a.DType)
		}
		return float64(floats(t, third, name)[i])
	}
	s := augment.New()
	s.FillMode = "reflect"
	a := augment.NewAugmenter(s, 24, 24, 3, true)
	const size = 24 * 24 * 3
	for i, row := range index {
		at := slices.Index(plainIndex, row)
		pic := slices.Clone(originals[at*size : (at+1)*size])
		a.Apply(pic, &augment.Drawn{Theta: get("theta", i), Tx: get("tx", i), Ty: get("ty", i), Shear: get("shear", i), Zx: get("zx", i), Zy: get("zy", i),
			FlipH: get("flip_h", i) == 1, FlipV: get("flip_v", i) == 1, Brightness: 1})
		for j, v := range pic {
			if math.Abs(float64(v-x[i*size+j])) > .01 {
				t.Fatalf("picture %d (row %v), value %d: %v by the numbers, %v was written", i, row, j, v, x[i*size+j])
			}
		}
	}
}

func TestEpochMistakes(t *testing.T) {
	d := newDesk(t)
	out := filepath.Join(d.dir, "x.npz")
	for _, c := range []struct {
		args []string
		want string
	}{
		{[]string{"--part", "test", "--epoch", "2", "--out", out}, "--epoch belongs to --part train"},
		{[]string{"--part", "train", "--epoch", "0", "--out", out}, "--epoch: found 0, needs 1"},
		{[]string{"--epoch", "2"}, "--epoch belongs to --part train"},
	} {
		if s := d.run(append([]string{"data", "lecture-cnn"}, c.args...)...); s.code != exitUsage || !strings.Contains(s.err, c.want) {
			t.Errorf("%v: exit code %d, %q, want %q", c.args, s.code, s.err, c.want)
		}
	}
}

// TestMixIsWritten: x is the originals' sum by the shares written.
func TestMixIsWritten(t *testing.T) {
	d := newDesk(t)
	path := d.deformed("mixed.yaml", "shapes", "limit: 30, split: {test: 10, validation: 0}, augment: {mixup: 0.5}", "epochs: 1")
	plain, mixed := d.part(path, "plain.npz"), d.part(path, "mixed.npz", "--epoch", "1")
	rows, originals := floats(t, plain, "index"), floats(t, plain, "x")
	x, with, share := floats(t, mixed, "x"), floats(t, mixed, "mix_with"), floats(t, mixed, "mix")
	const size = 24 * 24 * 3
	for i, row := range floats(t, mixed, "index") {
		a, b := slices.Index(rows, row), slices.Index(rows, with[i])
		for j := range size {
			want := originals[a*size+j]*(1-share[i]) + originals[b*size+j]*share[i]
			if math.Abs(float64(x[i*size+j]-want)) > 1e-3 {
				t.Fatalf("picture %d, value %d is %v, want %v", i, j, x[i*size+j], want)
			}
		}
	}
}

// TestSciPyRecomputes lets SciPy compute an epoch from the originals and the numbers drawn, if CNNBENCH_PYTHON names a
// Python that has it.
func TestSciPyRecomputes(t *testing.T) {
	python := os.Getenv("CNNBENCH_PYTHON")
	if python == "" {
		t.Skip("CNNBENCH_PYTHON is not set")
	}
	d := newDesk(t)
	for _, fill := range []string{"nearest", "constant", "reflect", "wrap"} {
		for _, more := range []string{"", ", channel_shift_range: 30, brightness_range: [0.6, 1.5]"} {
			path := d.deformed("deformed.yaml", "fashion-mini", "limit: 100, rescale: 1/255, split: {test: 0, validation: 0.2}, augment: {rotation_range: 90, "+
				"width_shift_range: 0.3, height_shift_range: [1, 2.5], shear_range: 30, zoom_range: [0.5, 2], horizontal_flip: true, vertical_flip: true, cval: 99, "+
				"fill_mode: "+fill+more+"}", "epochs: 1")
			text, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			d.file("deformed.yaml", strings.Replace(string(text), "units: 3", "units: 10", 1))
			d.part(path, "originals.npz")
			d.part(path, "epoch.npz", "--epoch", "3")
			script := filepath.Join("..", "..", "dataset", "augment", "testdata", "recompute.py")
			out, err := exec.Command(python, script, filepath.Join(d.dir, "originals.npz"), filepath.Join(d.dir, "epoch.npz"), fill, "99", fmt.Sprint(1./255)).CombinedOutput()
			if err != nil {
				t.Errorf("%s%s: %v\n%s", fill, more, err, out)
			}
			t.Logf("%s%s: %s", fill, more, out)
		}
	}
}
