package command

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"cnnbench/dataset/npy"
	"cnnbench/sessions"
	"cnnbench/sessions/safetensors"
)

// picture writes a PNG with a bright disc in the middle.
func (d *desk) picture(name string, w, h int) string {
	img := image.NewNRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			if r := math.Hypot(float64(x-w/2), float64(y-h/2)); r < float64(min(w, h))/3 {
				img.Set(x, y, color.NRGBA{250, 240, 30, 255})
			} else {
				img.Set(x, y, color.NRGBA{10, 20, 30, 255})
			}
		}
	}
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		d.t.Fatal(err)
	}
	return d.file(name, b.String())
}

// The whole way of a small network on pictures: train, look, predict, export.
func TestStory(t *testing.T) {
	d := newDesk(t)
	path := d.file("shapes.yaml", `name: shapes
data: {source: shapes, limit: 60, image: {size: [12, 12]}, rescale: 1/255, split: {test: 0.2}}
model: {layers: [conv2d: {filters: 4, kernel_size: 3, activation: relu}, flatten, dense: {units: 3, activation: softmax}]}
compile: {optimizer: adam}
fit: {epochs: 3, callbacks: [early_stopping: {restore_best_weights: true}]}
`)
	d.must("train", path)

	out := d.must("evaluate", "shapes-1")
	for _, want := range []string{"test samples: 12\n", "\nloss: ", "\naccuracy: ", "confusion matrix", "precision  recall  f1-score  support", "weighted avg"} {
		if !strings.Contains(out, want) {
			t.Errorf("evaluate lacks %q:\n%s", want, out)
		}
	}
	e := objects(t, d.must("evaluate", "shapes-1", "--json", "--split", "validation"))[0]
	sum := 0.0
	for _, row := range e["confusion"].([]any) {
		for _, n := range row.([]any) {
			sum += n.(float64)
		}
	}
	if sum != 12 || e["samples"] != 12.0 || e["split"] != "validation" {
		t.Errorf("evaluate --json gives %v", e)
	}
	// The weights of the end are those of the best epoch, so that they score as that epoch did.
	show := d.must("sessions", "show", "shapes-1")
	if !strings.Contains(show, "state: FINISHED") || !strings.Contains(show, "weights: last, best, epochs 0 to 3") {
		t.Errorf("show prints\n%s", show)
	}
	best := objects(t, d.must("evaluate", "shapes-1", "--json", "--split", "validation", "--best"))[0]
	if best["loss"] != e["loss"] {
		t.Errorf("the best weights have loss %v, those of the end %v", best["loss"], e["loss"])
	}
	if start := objects(t, d.must("evaluate", "shapes-1", "--json", "--split", "validation", "--epoch", "0"))[0]; start["loss"] == e["loss"] {
		t.Error("the start scores as the end")
	}
	if s := d.run("evaluate", "shapes-1", "--epoch", "7"); s.code != exitUsage || !strings.Contains(s.err, "0 to 3") {
		t.Errorf("epoch 7: exit code %d, %q", s.code, s.err)
	}

	// Pictures alone and in a folder; a bad one is a sentence and the rest is predicted.
	disc := d.picture("disc.png", 40, 30)
	if got := d.must("predict", "shapes-1", disc); !regexp.MustCompile(`^\S+disc\.png: \w+ 0\.\d{4}  \(\w+ 0\.\d{4}, \w+ 0\.\d{4}\)\n$`).MatchString(got) {
		t.Errorf("predict prints %q", got)
	}
	d.file("torn.png", "\x89PNG\r\n\x1a\nhalf")
	s := d.run("predict", "shapes-1", d.dir, "--json")
	if s.code != exitFailed || !strings.Contains(s.err, "torn.png: ") || len(lines(s.out)) != 1 {
		t.Errorf("exit code %d, stdout %q, stderr %q", s.code, s.out, s.err)
	}
	if o := objects(t, s.out)[0]; len(o["probabilities"].([]any)) != 3 || o["probability"] != o["probabilities"].([]any)[int(o["label"].(float64))] {
		t.Errorf("predict --json prints %v", o)
	}

	// data --out gives what predict takes, and both agree with evaluate's matrix.
	npz := filepath.Join(d.dir, "test.npz")
	d.must("data", path, "--part", "test", "--out", npz)
	arrays, err := npy.ReadZip(npz)
	if err != nil || len(arrays) != 3 {
		t.Fatal(arrays, err)
	}
	y, _ := arrays.Lookup("y")
	labels, err := y.Int64s()
	if err != nil || y.DType != "<i4" {
		t.Fatal(err)
	}
	right := 0
	for i, o := range objects(t, d.must("predict", "shapes-1", npz, "--json")) {
		if int64(o["label"].(float64)) == labels[i] {
			right++
		}
	}
	test := objects(t, d.must("evaluate", "shapes-1", "--json"))[0]
	if got := float64(right) / 12; math.Abs(got-test["accuracy"].(float64)) > 1e-12 {
		t.Errorf("predict is right in %v, evaluate says %v", got, test["accuracy"])
	}
	if again := objects(t, d.must("evaluate", "shapes-1", "--json", "--data", "shapes", "--split", "train"))[0]; again["samples"].(float64) < 13 {
		t.Errorf("evaluate --data gives %v", again)
	}

	// Exports.
	weights := filepath.Join(d.dir, "w.safetensors")
	if got := d.must("export", "shapes-1", "--format", "safetensors", "-o", weights); !strings.HasPrefix(got, weights+": ") {
		t.Errorf("export prints %q", got)
	}
	f, err := safetensors.Read(weights)
	if err != nil || len(f.Tensors) != 4 || f.Metadata["class_names"] == "" {
		t.Fatal(f, err)
	}
	if k, ok := f.Lookup("conv2d.kernel"); !ok || len(k.Shape) != 4 || k.Shape[3] != 4 {
		t.Errorf("the kernel is %v", k.Shape)
	}
	history := filepath.Join(d.dir, "h.csv")
	d.must("export", "shapes-1", "--format", "csv", "-o", history)
	text, err := os.ReadFile(history)
	if err != nil {
		t.Fatal(err)
	}
	if got := lines(strings.ReplaceAll(string(text), "\r\n", "\n")); got[0] != "epoch,accuracy,loss,val_accuracy,val_loss" || !strings.HasPrefix(got[1], "0,") {
		t.Errorf("the history is\n%s", text)
	}
	if s := d.run("export", "shapes-1", "--format", "csv", "-o", filepath.Join(d.dir, "no", "h.csv")); s.code != exitFailed {
		t.Errorf("a missing folder gives exit code %d, %q", s.code, s.err)
	}
	if s := d.run("export", "shapes-1", "--format", "csv", "-o", d.dir); s.code != exitFailed || !strings.Contains(s.err, "is a folder") {
		t.Errorf("a folder gives exit code %d, %q", s.code, s.err)
	}

	report := filepath.Join(d.dir, "report.html")
	d.must("export", "shapes-1", "--format", "html", "--epoch", "0", "-o", report)
	if text, err = os.ReadFile(report); err != nil || !bytes.Contains(text, []byte("weights of epoch 0")) {
		t.Errorf("the report is not on the weights that were named: %v", err)
	}
	logs := filepath.Join(d.dir, "logs")
	nhwc, nchw := filepath.Join(d.dir, "a.onnx"), filepath.Join(d.dir, "b.onnx")
	d.must("export", "shapes-1", "--format", "onnx", "-o", nhwc)
	d.must("export", "shapes-1", "--format", "onnx", "--layout", "nchw", "--with-preprocess", "-o", nchw)
	one, err := os.ReadFile(nhwc)
	if err != nil || !bytes.Contains(one, []byte("NHWC")) || !bytes.Contains(one, []byte("outside")) {
		t.Errorf("the ONNX file does not say its layout: %v", err)
	}
	if two, err := os.ReadFile(nchw); err != nil || !bytes.Contains(two, []byte("NCHW")) || !bytes.Contains(two, []byte("inside")) {
		t.Errorf("the ONNX file with options does not say its layout: %v", err)
	}
	if got := d.must("export", "shapes-1", "--format", "tensorboard", "-o", logs); !strings.HasPrefix(got, logs+": ") {
		t.Errorf("export prints %q", got)
	}
	if runs, err := os.ReadDir(logs); err != nil || len(runs) != 2 {
		t.Errorf("the log has %v, %v", runs, err)
	}

	// Lists.
	d.must("train", path, "--set", "model.layers[0].conv2d.filters=2", "--set", "fit.epochs=1")
	if got := lines(d.must("sessions")); len(got) != 3 || !strings.Contains(got[1], "shapes-2  FINISHED  1/1") {
		t.Errorf("sessions prints %q", got)
	} else if again := lines(d.must("sessions", "list")); !slices.Equal(again, got) {
		t.Errorf("sessions list prints %q", again)
	}
	compare := d.must("sessions", "compare", "shapes-1", "shapes-2")
	for _, want := range []string{`model\.layers\[0\]\.conv2d\.filters\s+4\s+2\n`, `fit\.epochs\s+3\s+-\n`, `\nval_loss\s+\d`, `\nparameters\s+1,315\s+659\n`} {
		if !regexp.MustCompile(want).MatchString(compare) {
			t.Errorf("compare lacks %s:\n%s", want, compare)
		}
	}
	d.must("sessions", "rm", "shapes-1", "shapes-2")
	if got := d.must("sessions"); got != "" {
		t.Errorf("after rm: %q", got)
	}
}

func TestSummary(t *testing.T) {
	d := newDesk(t)
	want, err := os.ReadFile("testdata/lecture_summary.txt")
	if err != nil {
		t.Fatal(err)
	}
	out := d.must("summary", "lecture-cnn")
	if !strings.HasPrefix(out, strings.TrimRight(string(want), "\n")+"\n") {
		t.Errorf("printed\n%s", out)
	}
	if !strings.Contains(out, " MACs per sample: 8,610,560 (17.22 MFLOP forward)\n") || !regexp.MustCompile(`conv2d_1 7,372,800  85\.6 %`).MatchString(out) {
		t.Errorf("the cost is missing in\n%s", out)
	}
	// The data may be missing where the input is given.
	out = d.must("summary", d.file("x.yaml", strings.Replace(strings.Replace(quick, "blobs, limit: 200, split: {test: 0.2, validation: 0.2}", "later.npz", 1), "layers:", "input: [12]\n  layers:", 1)))
	if !strings.Contains(out, " Total params: 194 (776.00 B)") {
		t.Errorf("printed\n%s", out)
	}
	d.untouched()
}

func TestPresetsAndData(t *testing.T) {
	d := newDesk(t)
	if got := lines(d.must("presets")); len(got) != len(sessions.Presets()) || !strings.HasPrefix(got[0], "lecture-cnn ") {
		t.Errorf("presets prints %q", got)
	}
	shown := d.must("presets", "show", "lenet5")
	if out := d.must("summary", d.file("mine.yaml", shown)); !strings.Contains(out, "Total params: 61,706") {
		t.Errorf("a preset saved as a file gives\n%s", out)
	}
	out := d.must("data", "fashion-mini")
	for _, want := range []string{"shape: 28x28x1\n", "classes: 10: T-shirt, ", "train: 10000 samples\n", "test: 2000 samples\n", "train range: 0 to 255\n"} {
		if !strings.Contains(out, want) {
			t.Errorf("data lacks %q:\n%s", want, out)
		}
	}
	if out := d.must("data", "lecture-cnn"); !strings.Contains(out, "shape: 24x24x3\n") || !strings.Contains(out, "validation: 300 samples\n") || !strings.Contains(out, "range: 0 to 1\n") {
		t.Errorf("data of an experiment prints\n%s", out)
	}
	d.untouched()
}
