package command

import (
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"cnnbench/dataset/npy"
)

// stored reads an array of an .npz.
func stored(t *testing.T, path, name string) []float32 {
	t.Helper()
	arrays, err := npy.ReadZip(path, name)
	if err != nil {
		t.Fatal(err)
	}
	a, ok := arrays.Lookup(name)
	if !ok {
		t.Fatalf("%s has no %s", path, name)
	}
	v, err := a.Float32s()
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// A network that Keras saved comes in, predicts as it did there, is evaluated, goes out again, and comes back the same.
func TestImportStory(t *testing.T) {
	d := newDesk(t)
	const models = "../../sessions/imports/testdata/"
	out := d.must("import", models+"cnn.keras", "--name", "theirs")
	if want := "note: how pictures are scaled is not in the file: they are handed on as 0 to 255, unless an experiment with data: {source: none, rescale: 1/255} says otherwise\nlayers: 7\nparameters: 1,187\nsession: theirs\n"; out != want {
		t.Errorf("import prints %q, want %q", out, want)
	}
	agrees := func(session string) {
		t.Helper()
		path := filepath.Join(d.dir, session+".npz")
		d.must("predict", session, models+"cnn.npz", "--out", path)
		got, want := stored(t, path, "predictions"), stored(t, models+"cnn.npz", "predictions")
		if len(got) != len(want) {
			t.Fatalf("%d predictions, want %d", len(got), len(want))
		}
		for i := range got {
			if !(math.Abs(float64(got[i]-want[i])) <= 1e-5) {
				t.Errorf("prediction %d is %g and in Keras %g", i, got[i], want[i])
			}
		}
	}
	agrees("theirs")
	for _, format := range []string{"keras", "weights.h5"} {
		d.must("export", "theirs", "--format", format, "-o", filepath.Join(d.dir, "again."+format))
	}
	d.must("import", filepath.Join(d.dir, "again.keras"), "--name", "again")
	agrees("again")
	// Weights alone, into a session that has the network.
	if s := d.run("import", filepath.Join(d.dir, "again.weights.h5")); s.code != exitFailed || !strings.Contains(s.err, "--experiment") {
		t.Errorf("weights without a network: %+v", s)
	}
	d.must("import", filepath.Join(d.dir, "again.weights.h5"), "--experiment", "theirs", "--name", "weights")
	agrees("weights")
	d.must("export", "theirs", "--format", "safetensors", "-o", filepath.Join(d.dir, "own.safetensors")) // which says its experiment
	d.must("import", filepath.Join(d.dir, "own.safetensors"), "--name", "own")
	agrees("own")
	out = d.must("import", models+"cnn.json")
	if !strings.Contains(out, "note: the file has no weights") || !strings.HasSuffix(out, "session: cnn-1\n") {
		t.Errorf("a model's JSON prints %q", out)
	}
	if out = d.must("sessions"); !strings.Contains(out, "theirs") {
		t.Errorf("the session is not listed:\n%s", out)
	}
	// The data that a session was imported without.
	x := npy.F32("x", []int{6, 12, 12, 3}, make([]float32, 6*12*12*3))
	var b strings.Builder
	if err := npy.WriteZip(&b, []npy.Array{x, npy.I32("y", []int{6}, []int32{0, 1, 2, 0, 1, 2})}); err != nil {
		t.Fatal(err)
	}
	data := d.file("data.npz", b.String())
	if out := d.must("evaluate", "theirs", "--data", data, "--split", "train"); !strings.Contains(out, "accuracy: ") {
		t.Errorf("evaluate prints %q", out)
	}
	d.must("import", models+"mlp.h5", "--name", "mlp")
	if out := d.must("evaluate", "mlp", "--data", "blobs", "--split", "train"); !strings.Contains(out, "accuracy: ") {
		t.Errorf("evaluate on named classes prints %q", out)
	}
	if s := d.run("evaluate", "theirs"); s.code != exitUsage || !strings.Contains(s.err, "without data") {
		t.Errorf("evaluate without data: %+v", s)
	}
}

func TestImportMistakes(t *testing.T) {
	d := newDesk(t)
	text, err := os.ReadFile("../../sessions/imports/testdata/mlp.json")
	if err != nil {
		t.Fatal(err)
	}
	dance := d.file("dance.json", strings.Replace(string(text), `"Dense"`, `"Dance"`, 1))
	for _, c := range []struct {
		args []string
		code int
		want string
	}{
		{[]string{"import"}, exitUsage, "found 0 words"},
		{[]string{"import", filepath.Join(d.dir, "none.keras")}, exitFailed, "no such file"},
		{[]string{"import", dance}, exitFailed, "layer dense (Dance): the layer Dance is not known here"},
		{[]string{"import", dance, "--experiment", "nothing-like-it"}, exitUsage, "nothing-like-it"},
		{[]string{"import", "../../sessions/imports/testdata/mlp.keras", "--name", "a/b"}, exitFailed, "a/b"},
	} {
		if s := d.run(c.args...); s.code != c.code || !strings.Contains(s.err, c.want) || s.out != "" {
			t.Errorf("%v: %+v, want code %d and %q", c.args, s, c.code, c.want)
		}
	}
	if entries, err := os.ReadDir(filepath.Join(d.home, "sessions")); err == nil && len(entries) > 0 {
		t.Errorf("left behind: %v", entries)
	}
}
