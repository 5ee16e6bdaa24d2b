package command

import (
	"bytes"
	"context"
	"image"
	"image/color"
	"image/png"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"cnnbench/dataset/npy"
	"cnnbench/sessions/safetensors"
)

// quick is an experiment that trains in no time.
const quick = `name: quick
data: {source: blobs, limit: 200, split: {test: 0.2, validation: 0.2}}
model:
  layers:
    - dense: {units: 8, activation: relu}
    - dense: {units: 10, activation: softmax}
compile: {optimizer: adam}
fit: {epochs: 2}
`

func TestTrainPrintsAsKerasDoes(t *testing.T) {
	d := newDesk(t)
	path := d.file("quick.yaml", quick)
	epoch := `Epoch N/2
4/4 - \d+s - \d+[mu]?s/step - accuracy: 0\.\d{4} - loss: \d\.\d{4} - val_accuracy: 0\.\d{4} - val_loss: \d\.\d{4}
`
	want := "^" + strings.Replace(epoch, "N", "1", 1) + strings.Replace(epoch, "N", "2", 1) + "session: quick-1\n$"
	if out := d.must("train", path); !regexp.MustCompile(want).MatchString(out) {
		t.Errorf("printed\n%s", out)
	}
	// One epoch has no line Epoch 1/1, and a rate that a callback moves stands last.
	out := d.must("train", path, "--name", "one", "--set", "fit.epochs=1", "--set", "fit.callbacks=[reduce_lr_on_plateau]")
	if got := lines(out); len(got) != 2 || !strings.HasSuffix(got[0], " - learning_rate: 0.0010") || got[1] != "session: one" {
		t.Errorf("printed\n%s", out)
	}
}

func TestTrainJSON(t *testing.T) {
	d := newDesk(t)
	got := objects(t, d.must("train", d.file("quick.yaml", quick), "--json"))
	if len(got) != 3 || len(got[2]) != 1 || got[2]["session"] != "quick-1" {
		t.Fatalf("printed %v", got)
	}
	for _, key := range []string{"epoch", "loss", "accuracy", "val_loss", "val_accuracy", "learning_rate", "seconds", "images_per_s"} {
		if _, ok := got[0][key].(float64); !ok || len(got[0]) != 8 {
			t.Errorf("%s is missing among %v", key, got[0])
		}
	}
	if lr := got[0]["learning_rate"].(float64); math.Abs(lr-.001) > 1e-9 {
		t.Errorf("the rate is %v", lr)
	}
	// A loss that is no number is null, and the training goes on.
	wild := objects(t, d.must("train", d.file("wild.yaml", strings.Replace(quick, "optimizer: adam", "loss: mean_squared_error, optimizer: {sgd: {learning_rate: 1e30}}", 1)), "--json"))
	if v, ok := wild[1]["loss"]; v != nil || !ok {
		t.Errorf("a diverged loss is %v", v)
	}
}

// The same experiment gives the same bits with any number of threads.
func TestSameBits(t *testing.T) {
	d := newDesk(t)
	path := d.file("quick.yaml", quick)
	var files [2][]byte
	for i, threads := range []string{"1", "2"} {
		name := "t" + threads
		d.must("train", path, "--threads", threads, "--name", name, "--set", "model.layers[1].dense.name=head")
		out := filepath.Join(d.dir, name+".npz")
		d.must("export", name, "--format", "npz", "-o", out)
		var err error
		if files[i], err = os.ReadFile(out); err != nil {
			t.Fatal(err)
		}
	}
	if !bytes.Equal(files[0], files[1]) {
		t.Error("one thread and two give other weights")
	}
}

// Every mistake is one sentence on stderr and exit code 2, and writes nothing.
func TestMistakes(t *testing.T) {
	d := newDesk(t)
	path := d.file("quick.yaml", quick)
	spoilt := func(name, from, to string) string {
		if !strings.Contains(quick, from) {
			t.Fatalf("%q changes nothing", from)
		}
		return d.file(name+".yaml", strings.Replace(quick, from, to, 1))
	}
	for _, c := range []struct {
		args []string
		want []string
	}{
		{[]string{"train"}, nil},
		{[]string{"train", path, path}, nil},
		{[]string{"train", "lenet55"}, []string{`"lenet55"`, "lenet5", "preset"}},
		{[]string{"train", filepath.Join(d.dir, "gone.yaml")}, []string{"gone.yaml", "cannot read"}},
		{[]string{"train", d.dir}, []string{"is a directory"}},
		{[]string{"train", path, "--epochs", "3"}, []string{"unknown flag"}},
		{[]string{"train", path, "--set", "fit.epochs"}, []string{"fit.epochs=5"}},
		{[]string{"train", path, "--set", "fit.epochs=0"}, []string{"fit.epochs", `"0"`, "1 or more"}},
		{[]string{"train", path, "--set", "fit.steps=5"}, []string{`"steps"`, "steps_per_epoch"}},
		{[]string{"train", path, "--name", "../x"}, []string{"--name", "../x", "letter"}},
		{[]string{"train", path, "--save-every", "never"}, []string{"--save-every", "never", "30s"}},
		{[]string{"train", path, "--threads", "-1"}, []string{"--threads -1"}},
		{[]string{"train", spoilt("key", "fit:", "fits:")}, []string{"key.yaml:8:1: ", "did you mean fit?"}},
		{[]string{"train", spoilt("type", "epochs: 2", "epochs: two")}, []string{"type.yaml:8:15: fit.epochs: ", `"two"`, "whole number"}},
		{[]string{"train", spoilt("kernel", "dense: {units: 8, activation: relu}", "conv2d: {filters: 2, kernel_size: 3}")}, []string{"kernel.yaml:5:15: model.layers[0].conv2d"}},
		{[]string{"train", spoilt("head", "units: 10", "units: 3")}, []string{"head.yaml:6:14: model.layers[1].dense: ", "set units: 10"}},
		{[]string{"train", spoilt("source", "source: blobs", "source: nowhere.npz")}, []string{"source.yaml:2:16: data.source: ", "nowhere.npz"}},
		{[]string{"summary", spoilt("wide", "units: 10", "units: 10000000000")}, []string{"wide.yaml:6:22: "}},
		{[]string{"summary", "nothing"}, []string{`"nothing"`, "preset", "session", "source"}},
		{[]string{"evaluate", "nobody"}, []string{`"nobody"`, "cnnbench sessions"}},
		{[]string{"predict", "nobody", path}, []string{`"nobody"`}},
		{[]string{"export", "nobody", "--format", "safetensors"}, []string{`"nobody"`}},
		{[]string{"export", "nobody"}, []string{"format"}},
		{[]string{"export", "nobody", "--format", "docx"}, []string{`"docx"`, "safetensors", "npz", "csv"}},
		{[]string{"sessions", "show", "nobody"}, []string{`"nobody"`}},
		{[]string{"sessions", "rm", "nobody"}, []string{`"nobody"`}},
		{[]string{"sessions", "frobnicate"}, nil},
		{[]string{"presets", "show", "none"}, []string{`"none"`, "lecture-cnn"}},
		{[]string{"data", "nowhere"}, []string{"nowhere", "fashion-mini"}},
		{[]string{"data", "lecture-cnn", "--part", "test"}, []string{"--out"}},
		{[]string{"data", "lecture-cnn", "--part", "tset", "--out", filepath.Join(d.dir, "x.npz")}, []string{`"tset"`, "test"}},
		{[]string{"bench", "alexnet"}, []string{`"alexnet"`, "lenet5"}},
		{[]string{"bench", "--batch", "0"}, []string{"--batch 0"}},
		{[]string{"what is this"}, []string{"what is this", "preset"}},
		{[]string{"--symbols", "runes"}, []string{"runes", "braille"}},
	} {
		s := d.run(c.args...)
		if s.code != exitUsage || s.out != "" {
			t.Errorf("%q: exit code %d, stdout %q", c.args, s.code, s.out)
		}
		if !strings.HasPrefix(s.err, "cnnbench: ") || strings.Count(s.err, "\n") != 1 || strings.Contains(s.err, "goroutine") {
			t.Errorf("%q: stderr is not one sentence: %q", c.args, s.err)
		}
		for _, w := range c.want {
			if !strings.Contains(s.err, w) {
				t.Errorf("%q: %q lacks %q", c.args, s.err, w)
			}
		}
	}
	d.untouched()
}

func TestATakenName(t *testing.T) {
	d := newDesk(t)
	path := d.file("quick.yaml", quick)
	d.must("train", path, "--name", "a")
	if s := d.run("train", path, "--name", "a"); s.code != exitUsage || !strings.Contains(s.err, `session "a" already`) {
		t.Errorf("exit code %d, %q", s.code, s.err)
	}
	if got := lines(d.must("train", path)); got[len(got)-1] != "session: quick-1" {
		t.Errorf("the next one is %q", got[len(got)-1])
	}
}

func TestAnUnknownISA(t *testing.T) {
	t.Setenv("CNNBENCH_ISA", "mmx")
	if s := newDesk(t).run("presets"); s.code != exitUsage || !strings.Contains(s.err, `"mmx"`) {
		t.Errorf("exit code %d, %q", s.code, s.err)
	}
}

func TestAnInterruptionSaves(t *testing.T) {
	d := newDesk(t)
	ctx, cancel := context.WithTimeout(context.Background(), 300*time.Millisecond)
	defer cancel()
	s := d.runIn(ctx, "train", d.file("quick.yaml", quick), "--set", "fit.epochs=1000000")
	if got := lines(s.out); s.code != exitInterrupted || got[len(got)-1] != "session: quick-1" || s.err != "" {
		t.Errorf("exit code %d, stderr %q, the last line %q", s.code, s.err, got[len(got)-1])
	}
	if out := d.must("sessions", "show", "quick-1"); !strings.Contains(out, "state: STOPPED\n") {
		t.Errorf("shown as\n%s", out)
	}
	d.must("evaluate", "quick-1")
}

// Without a terminal, cnnbench alone does what train does and says so.
func TestAPipeTrains(t *testing.T) {
	d := newDesk(t)
	opened := false
	var out, err bytes.Buffer
	p := Program{Args: []string{"--home", d.home, d.file("quick.yaml", quick)}, Stdin: strings.NewReader(""), Stdout: &out, Stderr: &err,
		Workbench: func(context.Context, Options) error { opened = true; return nil }}
	if code := p.Main(context.Background()); code != exitDone || opened {
		t.Errorf("exit code %d, workbench opened: %v", code, opened)
	}
	if got := lines(out.String()); got[len(got)-1] != "session: quick-1" {
		t.Errorf("printed\n%s", out.String())
	}
	if strings.Count(err.String(), "\n") != 1 || !strings.Contains(err.String(), "no terminal") {
		t.Errorf("stderr is %q", err.String())
	}
	// A session is trained anew under its experiment's name, a source gets a network of its own.
	for _, word := range []string{"quick-1", "line"} {
		if s := d.run(word); s.code != exitDone || !strings.Contains(s.out, "session: ") {
			t.Errorf("%s: exit code %d, %q", word, s.code, s.err)
		}
	}
}

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
	if s.code != exitFailed || !strings.Contains(s.err, "torn.png is no picture") || len(lines(s.out)) != 1 {
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
	if got := lines(string(text)); got[0] != "epoch,accuracy,loss,val_accuracy,val_loss" || !strings.HasPrefix(got[1], "0,") {
		t.Errorf("the history is\n%s", text)
	}
	if s := d.run("export", "shapes-1", "--format", "csv", "-o", filepath.Join(d.dir, "no", "h.csv")); s.code != exitFailed {
		t.Errorf("a missing folder gives exit code %d, %q", s.code, s.err)
	}
	if s := d.run("export", "shapes-1", "--format", "csv", "-o", d.dir); s.code != exitFailed || !strings.Contains(s.err, "is a folder") {
		t.Errorf("a folder gives exit code %d, %q", s.code, s.err)
	}

	// Lists.
	d.must("train", path, "--set", "model.layers[0].conv2d.filters=2", "--set", "fit.epochs=1")
	if got := lines(d.must("sessions")); len(got) != 3 || !strings.Contains(got[1], "shapes-2  FINISHED  1/1") {
		t.Errorf("sessions prints %q", got)
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
	if got := lines(d.must("presets")); len(got) != 11 || !strings.HasPrefix(got[0], "lecture-cnn ") {
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

func TestBench(t *testing.T) {
	d := newDesk(t)
	got := objects(t, d.must("bench", "lenet5", "lstm-rows", "--seconds", "0.02", "--batch", "4", "--threads", "1", "--json"))
	if len(got) != 2 || got[0]["net"] != "lenet5" || got[1]["net"] != "lstm-rows" {
		t.Fatalf("printed %v", got)
	}
	for _, key := range []string{"peer", "net", "batch", "threads", "layout", "images_per_s", "best_images_per_s", "isa", "peak_gflops", "share"} {
		if _, ok := got[0][key]; !ok || len(got[0]) != 10 {
			t.Errorf("%s is missing among %v", key, got[0])
		}
	}
	if r, best := got[0]["images_per_s"].(float64), got[0]["best_images_per_s"].(float64); r <= 0 || best < r {
		t.Errorf("%v images a second, at best %v", r, best)
	}
	if got := lines(d.must("bench", "gemm", "--seconds", "0.001", "--threads", "1")); len(got) != 9 || !strings.Contains(got[4], "288x64x12800 A^T") {
		t.Errorf("bench gemm prints %q", got)
	}
	d.untouched()
}

// The figures are those that the other frameworks' measurements count with.
func TestTrainingFLOP(t *testing.T) {
	for name, want := range map[string]float64{"lecture-cnn": 50.83, "lenet5": 2.26, "keras-mnist": 71.57, "vgg-small": 231.6, "mlp": 3.21, "bn-net": 15.93, "lstm-rows": 3.56} {
		for _, n := range benchNets {
			if n.name != name {
				continue
			}
			r, err := (&Program{threads: 1}).measure(context.Background(), n, 1, time.Millisecond)
			if err != nil {
				t.Fatal(err)
			}
			if got := r.flop / 1e6; math.Abs(got-want) > .006*math.Max(1, want/100) {
				t.Errorf("%s: %.3f MFLOP, want %.2f", name, got, want)
			}
		}
	}
}
