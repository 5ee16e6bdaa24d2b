package command

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"cnnbench/nn/train"
	"cnnbench/rng"
	"cnnbench/sessions"
)

// long is quick with more epochs and state.
const long = `name: long
data: {source: blobs, limit: 200, split: {test: 0.2, validation: 0.2}}
model:
  layers:
    - dense: {units: 8, activation: relu}
    - batch_normalization
    - dropout: {rate: 0.2}
    - dense: {units: 10, activation: softmax}
compile: {optimizer: adam}
fit: {epochs: 6, callbacks: [early_stopping: {monitor: val_loss, mode: max, patience: 99, restore_best_weights: true}]}
`

// weightsFile is a session's weights as exported.
func (d *desk) weightsFile(session string, more ...string) []byte {
	d.t.Helper()
	out := filepath.Join(d.dir, "weights.npz")
	d.must(append([]string{"export", session, "--format", "npz", "-o", out}, more...)...)
	text, err := os.ReadFile(out)
	if err != nil {
		d.t.Fatal(err)
	}
	return text
}

// figures is a session's history, which has no times.
func (d *desk) figures(session string) string {
	d.t.Helper()
	out := filepath.Join(d.dir, "history.csv")
	d.must("export", session, "--format", "csv", "-o", out)
	text, err := os.ReadFile(out)
	if err != nil {
		d.t.Fatal(err)
	}
	return string(text)
}

func TestResume(t *testing.T) {
	d := newDesk(t)
	path := d.file("long.yaml", long)
	d.must("train", path, "--name", "straight")
	// Stopped somewhere, as by Ctrl+C.
	ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
	defer cancel()
	s := d.runIn(ctx, "train", path, "--name", "a", "--set", "fit.steps_per_epoch=100000")
	if s.code != exitInterrupted {
		t.Fatalf("exit code %d, %q", s.code, s.err)
	}
	if s := d.run("train", path, "--name", "a"); s.code != exitUsage || !strings.Contains(s.err, "`cnnbench resume a`") {
		t.Errorf("exit code %d, %q", s.code, s.err)
	}
	// A finished one says so.
	if out := lines(d.must("resume", "straight")); len(out) != 2 || out[1] != "session: straight" {
		t.Errorf("printed %q", out)
	}
	if out := objects(t, d.must("resume", "straight", "--json")); len(out) != 1 || out[0]["session"] != "straight" {
		t.Errorf("printed %v", out)
	}
	want, history := d.weightsFile("straight"), d.figures("straight")
	// Back to epoch 2, in JSON: four epochs and the name.
	if out := objects(t, d.must("resume", "straight", "--at", "2", "--json", "--save-every", "1")); len(out) != 5 || out[0]["epoch"] != 3.0 {
		t.Errorf("printed %v", out)
	}
	if !bytes.Equal(want, d.weightsFile("straight")) || history != d.figures("straight") {
		t.Error("trained on from epoch 2 it ends otherwise")
	}
	if out := d.must("sessions", "show", "straight"); !strings.Contains(out, "\nbranch: 0, epochs 3 to 6, left at epoch 2; accuracy ") {
		t.Errorf("shown as\n%s", out)
	}
	if out := d.must("verify", "straight"); out != "same bits: 6 epochs, 24 steps\n" {
		t.Errorf("printed %q", out)
	}
	for _, c := range [][]string{{"resume", "straight", "--at", "7"}, {"resume", "nobody"}, {"resume"}, {"fork", "straight"}, {"fork", "straight", "--at", "6"},
		{"fork", "straight", "--at", "2", "--set", "fit.epoch=3"}, {"verify", "nobody"}, {"resume", "straight", "--save-every", "x"}} {
		if s := d.run(c...); s.code == exitDone || strings.Count(s.err, "\n") != 1 {
			t.Errorf("%v: exit code %d, %q", c, s.code, s.err)
		}
		if s := d.run(c...); s.code != exitUsage {
			t.Errorf("%v: exit code %d", c, s.code)
		}
	}
}

// A wider network goes on from what the narrower one computed; what became of each layer is printed and kept.
func TestForkWidened(t *testing.T) {
	d := newDesk(t)
	d.must("train", d.file("long.yaml", long), "--name", "a")
	// No learning, so that the predictions are those of the start.
	set := []string{"--set", "fit.epochs=7", "fit.callbacks=[]", "compile.optimizer.adam.learning_rate=0", "model.layers[1].batch_normalization.momentum=1", "model.layers[0].dense.units=13"}
	s := d.run(append([]string{"fork", "a", "--at", "6", "--name", "wide", "--widen"}, set...)...)
	if s.code != 0 {
		t.Fatal(s.err)
	}
	shapes := []string{"dense: widened, 12x8 to 12x13", "batch_normalization: widened, 8 to 13", "dense_1: kernel widened, 8x10 to 13x10; bias kept",
		"optimizer: its state is kept, but that of dense, batch_normalization, dense_1.kernel starts afresh"}
	show := d.must("sessions", "show", "wide")
	for _, want := range shapes {
		if !strings.Contains(s.err, "cnnbench: "+want+"\n") || !strings.Contains(show, "\nsurgery: "+want+"\n") {
			t.Errorf("%q is not in\n%s%s", want, s.err, show)
		}
	}
	if s := d.run(append([]string{"fork", "a", "--at", "6", "--name", "anew"}, set...)...); !strings.Contains(s.err, "cnnbench: dense: drawn anew, 12x8 to 12x13\n") {
		t.Errorf("without --widen: %s", s.err)
	}
	loss := func(name string, epoch int) string {
		_, rest, _ := strings.Cut(d.must("sessions", "show", name), fmt.Sprintf("\nepoch %d: ", epoch))
		line, _, _ := strings.Cut(rest, "\n")
		_, loss, _ := strings.Cut(line, "val_loss: ")
		return loss
	}
	if a, wide, anew := loss("a", 6), loss("wide", 7), loss("anew", 7); a == "" || a != wide || a == anew {
		t.Errorf("val_loss was %q, is %q widened and %q drawn anew", a, wide, anew)
	}
}

func TestForkAndVerify(t *testing.T) {
	d := newDesk(t)
	d.must("train", d.file("long.yaml", long), "--name", "a")
	out := lines(d.must("fork", "a", "--at", "4", "--set", "fit.epochs=5", "compile.optimizer.adam.learning_rate=0.5"))
	if out[len(out)-1] != "session: long-1" || out[0] != "Epoch 5/5" {
		t.Errorf("printed %q", out)
	}
	show := d.must("sessions", "show", "long-1")
	if !strings.Contains(show, "\nparent: a, epoch 4\n") || !strings.Contains(show, "epochs: 5 of 5") {
		t.Errorf("shown as\n%s", show)
	}
	if out := d.must("verify", "long-1"); out != "same bits: 1 epochs, 20 steps\n" {
		t.Errorf("printed %q", out)
	}
	// Another learning rate in the file, and it no longer comes out.
	file := filepath.Join(d.home, "sessions", "long-1", "experiment.yaml")
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, bytes.Replace(text, []byte("rate: 0.2"), []byte("rate: 0.3"), 1), 0o644); err != nil {
		t.Fatal(err)
	}
	if s := d.run("verify", "long-1"); s.code != exitFailed || !strings.HasPrefix(s.out, "differs: epoch 5: ") || strings.Count(s.err, "\n") != 1 {
		t.Errorf("exit code %d, %q, %q", s.code, s.out, s.err)
	}
}

// The weights of an epoch whose checkpoint is gone are computed again, and a damaged checkpoint is named and passed over.
func TestWeightsThatAreGone(t *testing.T) {
	d := newDesk(t)
	d.must("train", d.file("long.yaml", long), "--name", "a")
	want := d.weightsFile("a", "--epoch", "4")
	folder := filepath.Join(d.home, "sessions", "a", "checkpoints")
	if err := os.Remove(filepath.Join(folder, "ckpt-00000016.safetensors")); err != nil {
		t.Fatal(err)
	}
	out := filepath.Join(d.dir, "again.npz")
	if s := d.run("export", "a", "--format", "npz", "--epoch", "4", "-o", out); s.code != exitDone || !strings.Contains(s.err, "epoch 4 is not kept") {
		t.Errorf("exit code %d, %q", s.code, s.err)
	}
	if got, err := os.ReadFile(out); err != nil || !bytes.Equal(got, want) {
		t.Errorf("computed again they are others, %v", err)
	}
	if s := d.run("export", "a", "--format", "npz", "--epoch", "9", "-o", "x.npz"); s.code == exitDone {
		t.Error("epoch 9 of 6 was exported")
	}
	end := filepath.Join(folder, "ckpt-00000024-end.safetensors")
	text, err := os.ReadFile(end)
	if err != nil {
		t.Fatal(err)
	}
	text[len(text)/2] ^= 1
	if err := os.WriteFile(end, text, 0o644); err != nil {
		t.Fatal(err)
	}
	if s := d.run("evaluate", "a"); s.code != exitDone || !strings.Contains(s.err, "ckpt-00000024-end.safetensors is damaged: ") {
		t.Errorf("exit code %d, %q", s.code, s.err)
	}
}

// A terminal that is closed, and a kill that asks: both save and end with 130, and the session goes on.
func TestSignals(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("NOT TESTED: these signals are of Unix")
	}
	d := newDesk(t)
	program := d.build()
	path := d.file("long.yaml", long)
	for i, signal := range []syscall.Signal{syscall.SIGHUP, syscall.SIGTERM, syscall.SIGINT} {
		name := fmt.Sprint("s", i)
		cmd := exec.Command(program, "--home", d.home, "train", path, "--name", name, "--set", "fit.epochs=1000000")
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		scan := bufio.NewScanner(out)
		scan.Scan() // it trains
		if err := cmd.Process.Signal(signal); err != nil {
			t.Fatal(err)
		}
		last := ""
		for scan.Scan() {
			last = scan.Text()
		}
		var exit *exec.ExitError
		if err := cmd.Wait(); !errors.As(err, &exit) || exit.ExitCode() != exitInterrupted || last != "session: "+name {
			t.Errorf("%v: %v, the last line is %q", signal, err, last)
		}
		if out := d.must("sessions", "show", name); !strings.Contains(out, "state: STOPPED\n") || strings.Contains(out, "reason") {
			t.Errorf("%v: shown as\n%s", signal, out)
		}
	}
}

// build makes the real program.
func (d *desk) build() string {
	d.t.Helper()
	program := filepath.Join(d.dir, "cnnbench")
	if out, err := exec.Command("go", "build", "-o", program, "cnnbench").CombinedOutput(); err != nil {
		d.t.Fatalf("%v\n%s", err, out)
	}
	return program
}

// kills is how often the program is killed: a number in CNNBENCH_KILLS, 100 with CNNBENCH_LONG, else a handful.
func kills(t *testing.T) int {
	usual := 6
	if os.Getenv("CNNBENCH_LONG") != "" {
		usual = 100
	}
	return fromEnvironment(t, "CNNBENCH_KILLS", usual)
}

// fromEnvironment is a number in an environment variable, or the usual one.
func fromEnvironment(t *testing.T, name string, usual int) int {
	text := os.Getenv(name)
	if text == "" {
		return usual
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 0 {
		t.Fatalf("%s is %q, needs a number", name, text)
	}
	return n
}

// The real program is killed while it trains and saves at every step, again and again, and in the end has the bits of one
// that was not.
func TestKilled(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("NOT TESTED: kill -9 is of Unix")
	}
	d := newDesk(t)
	program := d.build()
	path := d.file("long.yaml", long)
	const more = "fit.epochs=12"
	d.must("train", path, "--name", "straight", "--set", more)
	want, history := d.weightsFile("straight"), d.figures("straight")
	run := func(args ...string) *exec.Cmd {
		cmd := exec.Command(program, append([]string{"--home", d.home, "--threads", "1"}, args...)...)
		cmd.Env = append(os.Environ(), "GOMAXPROCS=1")
		return cmd
	}
	draw := rng.New(uint64(fromEnvironment(t, "CNNBENCH_KILL_SEED", 7)), rng.Data, 0, 0).Stream()
	most := kills(t)
	for killed, n := 0, 0; killed < most; n++ {
		name := fmt.Sprint("killed-", n)
		cmd := run("train", path, "--name", name, "--save-every", "1", "--set", more)
		for killed < most {
			done := killAfter(t, cmd, draw.IntN(13), time.Duration(draw.IntN(4000))*time.Microsecond)
			if done {
				break
			}
			killed++
			cmd = run("resume", name, "--save-every", "1")
			if store := (&sessions.Store{Home: d.home}); !store.Exists(name) {
				break // killed before it began
			} else if _, err := store.Open(name); err != nil {
				break
			}
		}
		switch s := d.run("resume", name, "--save-every", "1"); {
		case s.code == exitUsage: // it never began
			continue
		case s.code != exitDone || s.err != "":
			t.Fatalf("exit code %d, %q", s.code, s.err)
		}
		if !bytes.Equal(want, d.weightsFile(name)) || history != d.figures(name) {
			t.Fatalf("%s ends otherwise", name)
		}
	}
	// Nothing is left of what was in the making.
	d.must("train", path, "--name", "last", "--set", "fit.epochs=1")
	err := filepath.WalkDir(d.home, func(path string, e os.DirEntry, err error) error {
		if strings.Contains(e.Name(), ".tmp-") || strings.HasPrefix(e.Name(), ".removed") {
			t.Errorf("%s is left", path)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

// killAfter kills a program after it has printed so many lines, and a while more. It reports whether the program ended
// by itself.
func killAfter(t *testing.T, cmd *exec.Cmd, lines int, then time.Duration) bool {
	t.Helper()
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	scan := bufio.NewScanner(out)
	for range lines {
		if !scan.Scan() {
			break
		}
	}
	time.Sleep(then)
	if err := cmd.Process.Kill(); err != nil && !errors.Is(err, os.ErrProcessDone) {
		t.Fatal(err)
	}
	err = cmd.Wait()
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		if status, ok := exit.Sys().(syscall.WaitStatus); ok && status.Signaled() {
			return false
		}
		t.Fatalf("it failed: %v, %q", err, &stderr)
	}
	return true
}

// A place that was marked while it trained is listed, and gone back to.
func TestResumeMark(t *testing.T) {
	d := newDesk(t)
	e, err := sessions.ParseExperiment("long.yaml", []byte(long))
	if err != nil {
		t.Fatal(err)
	}
	p, err := sessions.Prepare(e, ".")
	if err != nil {
		t.Fatal(err)
	}
	store := &sessions.Store{Home: d.home}
	r, err := store.Start(t.Context(), p, sessions.RunOptions{Name: "a", StartPaused: true})
	if err != nil {
		t.Fatal(err)
	}
	r.Send(train.RunBatches{N: 3})
	for pausedAt := int64(0); pausedAt < 3; time.Sleep(time.Millisecond) {
		for _, s := range r.Feed.Drain().Steps {
			pausedAt = s.Step
		}
	}
	r.Send(train.Keep{Name: "warm"})
	r.Send(train.Resume{})
	if <-r.Done(); r.Err() != nil {
		t.Fatal(r.Err())
	}
	want := d.weightsFile("a")
	if out := d.must("sessions", "show", "a"); !strings.Contains(out, "step 3, in epoch 1: marked warm") {
		t.Errorf("it shows\n%s", out)
	}
	if s := d.run("resume", "a", "--mark", "4"); s.code != exitUsage || !strings.Contains(s.err, "no mark at step 4; there are marks at step 3") {
		t.Errorf("exit code %d, %q", s.code, s.err)
	}
	d.must("resume", "a", "--mark", "3")
	if string(d.weightsFile("a")) != string(want) {
		t.Error("from the mark it ends with other bits")
	}
	if out := d.must("sessions", "show", "a"); !strings.Contains(out, "epochs 1 to 6, left at epoch 0") {
		t.Errorf("afterwards it shows\n%s", out)
	}
}
