package sessions

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"cnnbench/nn"
	"cnnbench/nn/train"
	"cnnbench/sessions/safetensors"
)

// prepared is the experiment small with changes.
func prepared(t *testing.T, set ...string) *Prepared {
	t.Helper()
	e, err := ParseExperiment("x.yaml", []byte(small), set...)
	if err != nil {
		t.Fatal(err)
	}
	p, err := Prepare(e, ".")
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// trained runs a training to its end.
func trained(t *testing.T, s *Store, p *Prepared, o RunOptions) *Run {
	t.Helper()
	r, err := s.Start(context.Background(), p, o)
	if err != nil {
		t.Fatal(err)
	}
	<-r.Done()
	if err := r.Err(); err != nil {
		t.Fatal(err)
	}
	return r
}

func open(t *testing.T, s *Store, name string) *Session {
	t.Helper()
	out, err := s.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestASessionTellsWhatHappened(t *testing.T) {
	s := &Store{Home: t.TempDir()}
	p := prepared(t, "fit.epochs=3", "fit.callbacks=[early_stopping: {monitor: loss, patience: 5, restore_best_weights: true}]")
	var told history
	r := trained(t, s, p, RunOptions{Observers: []train.Observer{&told}})
	if r.Name != "small-1" {
		t.Errorf("the session is called %q", r.Name)
	}
	got := open(t, s, "small-1")
	if got.State != train.Finished || got.Epochs != 3 || got.Planned != 3 || got.Params != p.Summary.Total || got.Source != "blobs" || got.Monitor != "loss" {
		t.Errorf("the session says %+v", got.Info)
	}
	if len(got.History) != 3 || len(told.epochs) != 3 {
		t.Fatalf("%d epochs stored, %d told", len(got.History), len(told.epochs))
	}
	for i, e := range told.epochs {
		if fmt.Sprintf("%#v", e) != fmt.Sprintf("%#v", got.History[i]) {
			t.Errorf("epoch %d was told as\n%#v\nand stored as\n%#v", i+1, e, got.History[i])
		}
	}
	if string(got.Experiment.Encode()) != string(p.Experiment.Encode()) {
		t.Errorf("the experiment is stored as\n%s", got.Experiment.Encode())
	}
	if got.Best == nil || got.Best.Epoch != 3 || got.Best.Monitor != "loss" {
		t.Errorf("the best epoch is %+v", got.Best)
	}
	if n := len(got.Points); n != 3*3 || got.Points[n-1].Step != 9 || got.Points[n-1].Epoch != 3 {
		t.Errorf("the curve has %d points, the last %+v", n, got.Points[n-1])
	}
	if len(got.Marks) != 1 || !strings.Contains(got.Marks[0].Text, "restored") {
		t.Errorf("the marks are %+v", got.Marks)
	}
	if kept := got.Kept(); !slices.Equal(kept, []int{0, 1, 2, 3}) {
		t.Errorf("kept are %v", kept)
	}
	for _, w := range []Which{Last, BestWeights, AtEpoch(0), AtEpoch(3)} {
		if _, err := got.Weights(w); err != nil {
			t.Errorf("%v: %v", w, err)
		}
	}
	if _, err := got.Weights(AtEpoch(9)); err == nil || !strings.Contains(err.Error(), "epochs 0 to 3") {
		t.Errorf("epoch 9 gives %v", err)
	}
}

// history keeps what an observer is told.
type history struct {
	epochs []train.Epoch
	states []train.State
}

func (h *history) OnState(s train.State, _ error) { h.states = append(h.states, s) }

func (h *history) OnStep(*train.Step) {}

func (h *history) OnEpoch(e *train.Epoch) {
	c := *e
	c.Logs, c.Notes, c.EndNotes = slices.Clone(e.Logs), slices.Clone(e.Notes), slices.Clone(e.EndNotes)
	h.epochs = append(h.epochs, c)
}

func (h *history) OnMark(train.Mark) {}

func TestWeightsDoNotDependOnThreads(t *testing.T) {
	s := &Store{Home: t.TempDir()}
	var files [2][]byte
	for i, threads := range []int{1, 3} {
		r := trained(t, s, prepared(t, "fit.epochs=3"), RunOptions{Threads: threads})
		w, err := open(t, s, r.Name).Weights(Last)
		if err != nil {
			t.Fatal(err)
		}
		files[i] = fileOf(t, w)
	}
	if !bytes.Equal(files[0], files[1]) {
		t.Error("one thread and three give other weights")
	}
}

// fileOf is weights as a file, whose bytes do not depend on their order.
func fileOf(t *testing.T, w *Weights) []byte {
	t.Helper()
	text, err := safetensors.Encode(w.File(New()))
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func TestEverythingIsThereBeforeTheFirstStep(t *testing.T) {
	s := &Store{Home: t.TempDir()}
	p := prepared(t)
	r, err := s.Start(context.Background(), p, RunOptions{StartPaused: true})
	if err != nil {
		t.Fatal(err)
	}
	got := open(t, s, r.Name)
	if got.State != train.Running || got.Epochs != 0 {
		t.Errorf("the session says %v after %d epochs", got.State, got.Epochs)
	}
	start, err := got.Weights(Last) // there is no later one
	if err != nil || start.Epoch != 0 {
		t.Fatalf("weights of epoch %v, %v", start, err)
	}
	fresh, err := p.Build(BuildOptions{Threads: 1})
	if err != nil {
		t.Fatal(err)
	}
	defer fresh.Close()
	initial := Copy(fresh)
	fresh.Weights()[0].Data[0]++
	if err := start.Apply(fresh); err != nil {
		t.Error(err)
	}
	for i, w := range Copy(fresh).Tensors {
		if !bytes.Equal(w.Data, initial.Tensors[i].Data) {
			t.Errorf("%s is not stored as it starts", w.Name)
		}
	}
	if err := s.Remove(r.Name); err == nil {
		t.Error("a session that is being trained was removed")
	}
	r.Send(train.Stop{})
	<-r.Done()
	if got := open(t, s, r.Name); got.State != train.Stopped {
		t.Errorf("stopped, it says %v", got.State)
	}
	if err := s.Remove(r.Name); err != nil || s.Exists(r.Name) {
		t.Errorf("not removed: %v", err)
	}
}

func TestTheContextStopsAndSaves(t *testing.T) {
	s := &Store{Home: t.TempDir()}
	ctx, cancel := context.WithCancel(context.Background())
	first := make(chan struct{})
	r, err := s.Start(ctx, prepared(t, "fit.epochs=100000"), RunOptions{Observers: []train.Observer{&onEpoch{do: sync.OnceFunc(func() { close(first) })}}})
	if err != nil {
		t.Fatal(err)
	}
	<-first
	w, err := r.Snapshot(context.Background())
	if err != nil || len(w.Tensors) != 4 {
		t.Errorf("snapshot: %v", err)
	}
	cancel()
	<-r.Done()
	if err := r.Err(); err != nil {
		t.Errorf("stopping is an error: %v", err)
	}
	if _, err := r.Snapshot(context.Background()); !errors.Is(err, ErrEnded) {
		t.Errorf("a snapshot after the end gives %v", err)
	}
	got := open(t, s, r.Name)
	last, err := got.Weights(Last)
	if err != nil || got.State != train.Stopped || last.Step != got.Steps || last.Step == 0 {
		t.Errorf("stopped at step %d, %v, weights %+v, %v", got.Steps, got.State, last, err)
	}
}

// onEpoch does something at every epoch.
type onEpoch struct {
	history
	do func()
}

func (o *onEpoch) OnEpoch(*train.Epoch) { o.do() }

// A disk that does not take the weights is a warning; the training goes on, and what was missed is written later.
func TestAFailingSaveIsAWarning(t *testing.T) {
	s := &Store{Home: t.TempDir()}
	p := prepared(t, "fit.epochs=4")
	var warned []error
	told := make(chan bool, 10)
	var dir string
	epoch := 0
	broken := false
	o := RunOptions{StartPaused: true, Warn: func(err error) { warned = append(warned, err); told <- true }, Observers: []train.Observer{&onEpoch{do: func() {
		epoch++
		weights := filepath.Join(dir, checkpointFolder)
		switch epoch {
		case 1: // from now on there is a file where the folder was
			broken = os.Rename(weights, weights+"-aside") == nil && os.WriteFile(weights, nil, 0o644) == nil
		case 3:
			<-told
			broken = broken && os.Remove(weights) == nil && os.Rename(weights+"-aside", weights) == nil
		}
	}}}}
	r, err := s.Start(context.Background(), p, o)
	if err != nil {
		t.Fatal(err)
	}
	dir = r.Dir
	r.Send(train.Resume{})
	<-r.Done()
	if !broken {
		t.Fatal("the folder could not be broken")
	}
	if err := r.Err(); err != nil {
		t.Errorf("the training failed: %v", err)
	}
	if len(warned) == 0 || !strings.Contains(warned[0].Error(), "cannot save the checkpoint in ") {
		t.Errorf("warnings: %v", warned)
	}
	got := open(t, s, r.Name)
	if len(got.History) != 4 || got.State != train.Finished {
		t.Errorf("%d epochs stored, %v", len(got.History), got.State)
	}
	if w, err := got.Weights(Last); err != nil || w.Epoch != 4 {
		t.Errorf("the last weights: %+v, %v", w, err)
	}
	marks := r.Feed.Drain().Marks
	if len(marks) == 0 || !strings.HasPrefix(marks[0].Text, "not saved: ") {
		t.Errorf("the feed has the marks %+v", marks)
	}
}

// Where the end cannot be saved either, the training says so, and why.
func TestAnEndThatIsNotOnDisk(t *testing.T) {
	s := &Store{Home: t.TempDir()}
	var dir string
	o := RunOptions{StartPaused: true, Observers: []train.Observer{&onEpoch{do: func() {
		weights := filepath.Join(dir, checkpointFolder)
		if err := errors.Join(os.Rename(weights, weights+"-aside"), os.WriteFile(weights, nil, 0o644)); err != nil {
			t.Error(err)
		}
	}}}}
	r, err := s.Start(context.Background(), prepared(t, "fit.epochs=1"), o)
	if err != nil {
		t.Fatal(err)
	}
	dir = r.Dir
	r.Send(train.Resume{})
	<-r.Done()
	err = r.Err()
	if err == nil || !strings.Contains(err.Error(), "is not on disk: cannot save the checkpoint in ") || !strings.Contains(err.Error(), "not a directory") {
		t.Errorf("got %v", err)
	}
}

func TestStartWeights(t *testing.T) {
	s := &Store{Home: t.TempDir()}
	r := trained(t, s, prepared(t), RunOptions{})
	path := filepath.Join(r.Dir, checkpointFolder, "ckpt-00000006.safetensors")
	want, err := open(t, s, r.Name).Weights(Last)
	if err != nil {
		t.Fatal(err)
	}
	build := func(set ...string) (*nn.Network, *Prepared, error) {
		p := prepared(t, append(set, "model.weights="+path)...)
		n, err := p.Build(BuildOptions{Threads: 1})
		return n, p, err
	}
	n, p, err := build()
	if err != nil {
		t.Fatal(err)
	}
	n.Close()
	for i, w := range Copy(n).Tensors {
		if !bytes.Equal(w.Data, want.Tensors[slices.IndexFunc(want.Tensors, func(o safetensors.Tensor) bool { return o.Name == w.Name })].Data) {
			t.Errorf("weight %d, %s, is not the file's", i, w.Name)
		}
	}
	if !p.Started.Plain() {
		t.Errorf("%v start afresh", p.Started.Fresh())
	}
	// A head of another name starts afresh, one of another shape under the same name is refused.
	n, p, err = build("model.layers[1].dense.name=head")
	if err != nil {
		t.Fatal(err)
	}
	n.Close()
	if !slices.Equal(p.Started.Fresh(), []string{"head.kernel", "head.bias"}) {
		t.Errorf("%v start afresh", p.Started.Fresh())
	}
	if _, _, err := build("model.layers[0].dense.units=9"); err == nil || !strings.Contains(err.Error(), "dense.kernel is 12x8 there and 12x9") {
		t.Errorf("another shape gives %v", err)
	}
	if _, _, err := build("model.layers[0].dense.name=a", "model.layers[1].dense.name=b"); err == nil {
		t.Error("a file of which nothing fits was taken")
	}
	for _, c := range [][2]string{
		{filepath.Join(r.Dir, "gone.safetensors"), "cannot start from PATH: no such file or directory"},
		{filepath.Join(r.Dir, experimentFile), "cannot start from PATH: it is no whole safetensors file, which is what is read: safetensors: the header has"},
	} {
		path = c[0]
		if _, _, err := build(); err == nil || !strings.Contains(err.Error(), strings.ReplaceAll(c[1], "PATH", path)) {
			t.Errorf("found %v, want %q", err, c[1])
		}
	}
}

func TestInterval(t *testing.T) {
	for text, want := range map[string]Interval{"50": {Steps: 50}, "30s": {Every: 30 * time.Second}, "2m": {Every: 2 * time.Minute}} {
		if got, err := ParseInterval(text); err != nil || got != want {
			t.Errorf("%s is %v, %v", text, got, err)
		}
	}
	for _, bad := range []string{"", "0", "-3", "1ms", "x", "1.5"} {
		if _, err := ParseInterval(bad); err == nil {
			t.Errorf("%q is taken", bad)
		}
	}
	s := &Store{Home: t.TempDir()}
	r, err := s.Start(context.Background(), prepared(t, "fit.epochs=1"), RunOptions{SaveEvery: Interval{Steps: 2}, StartPaused: true})
	if err != nil {
		t.Fatal(err)
	}
	r.Send(train.RunBatches{N: 2})
	deadline := time.Now().Add(10 * time.Second)
	for {
		w, err := open(t, s, r.Name).Weights(Last)
		if err == nil && w.Step == 2 && w.Epoch == 0 {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("no weights of step 2: %v", err)
		}
		time.Sleep(time.Millisecond)
	}
	r.Send(train.Stop{})
	<-r.Done()
}
