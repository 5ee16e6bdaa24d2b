package command

import (
	"bytes"
	"context"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
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
	out := d.must("train", path, "--name", "one", "--set", "fit.epochs=1", "fit.callbacks=[reduce_lr_on_plateau]")
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

// A folder of pictures is data; a bad picture in it is a sentence, and the rest is trained on.
func TestAFolderOfPictures(t *testing.T) {
	d := newDesk(t)
	for _, class := range []string{"big", "small"} {
		if err := os.MkdirAll(filepath.Join(d.dir, "photos", class), 0o755); err != nil {
			t.Fatal(err)
		}
		for i := range 10 {
			size := map[string]int{"big": 20, "small": 12}[class]
			d.picture(filepath.Join("photos", class, fmt.Sprintf("%d.png", i)), size, size)
		}
	}
	d.file(filepath.Join("photos", "big", "torn.png"), "\x89PNG\r\n\x1a\nhalf")
	path := d.file("photos.yaml", `data: {source: photos, image: {size: [10, 10]}, rescale: 1/255}
model: {layers: [flatten, dense: {units: 2, activation: softmax}]}
`)
	s := d.run("train", path)
	if s.code != exitDone || !strings.HasSuffix(s.out, "session: photos-1\n") || strings.Count(s.err, "\n") != 1 || !strings.Contains(s.err, "torn.png was left out: ") {
		t.Errorf("exit code %d, stdout %q, stderr %q", s.code, s.out, s.err)
	}
	// The session knows where its pictures are, from wherever it is asked.
	if s := d.run("evaluate", "photos-1", "--split", "validation"); s.code != exitDone || !strings.Contains(s.out, "validation samples: 4\n") {
		t.Errorf("exit code %d, stdout %q, stderr %q", s.code, s.out, s.err)
	}
}
