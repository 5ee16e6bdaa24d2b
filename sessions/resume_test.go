package sessions

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"cnnbench/nn/train"
	"cnnbench/sessions/disk/disktest"
)

// whole is an experiment whose training has all kinds of state, and ends with other weights than those of its last epoch.
const whole = `
name: whole
seed: 3
data: {source: blobs, limit: 40}
model:
  layers: [{dense: {units: 4, activation: relu}}, batch_normalization, {dropout: {rate: 0.3}}, {dense: {units: 10, activation: softmax}}]
compile: {optimizer: adam}
fit:
  batch_size: 12
  epochs: 3
  callbacks:
    - early_stopping: {monitor: val_loss, mode: max, patience: 9, restore_best_weights: true}
    - reduce_lr_on_plateau: {patience: 1, min_delta: 10, factor: 0.5}
`

func wholly(t testing.TB, set ...string) *Prepared {
	t.Helper()
	e, err := ParseExperiment("whole.yaml", []byte(whole), set...)
	if err != nil {
		t.Fatal(err)
	}
	p, err := Prepare(e, ".")
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// outcome is what is the same for a training that was stopped and one that was not: its history without seconds, and
// its newest checkpoint without times.
type outcome struct {
	history string
	newest  *train.Checkpoint
	state   train.State
}

func outcomeOf(t testing.TB, s *Store, name string) outcome {
	t.Helper()
	session, err := s.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	newest, _, err := session.newest()
	if err != nil {
		t.Fatal(err)
	}
	return outcome{historyText(session.History), newest.Checkpoint, session.State}
}

func historyText(h []train.Epoch) string {
	var b strings.Builder
	for _, e := range h {
		e.Seconds, e.TrainSeconds, e.Total = 0, 0, 0
		fmt.Fprintf(&b, "%+v\n", e)
	}
	return b.String()
}

// differs says in what two outcomes differ; "" is nothing.
func (o outcome) differs(want outcome) string {
	switch name := differing(o.newest, want.newest); {
	case o.state != want.state:
		return fmt.Sprintf("state %v, want %v", o.state, want.state)
	case o.history != want.history:
		return fmt.Sprintf("the history\n%swant\n%s", o.history, want.history)
	case name != "":
		return name
	}
	return ""
}

// finish trains a session on to its end.
func finish(t testing.TB, s *Store, name string, o RunOptions) {
	t.Helper()
	o.Threads = 1
	r, err := s.Resume(context.Background(), name, nil, o)
	if errors.Is(err, ErrFinished) {
		return
	}
	if err != nil {
		t.Fatal(err)
	}
	<-r.Done()
	if err := r.Err(); err != nil {
		t.Fatal(err)
	}
}

// stopAt stops a training after a number of steps.
type stopAt struct {
	history
	step int64
	run  **Run
}

func (o *stopAt) OnStep(s *train.Step) {
	if s.Step == o.step {
		(*o.run).Send(train.Stop{})
	}
}

// stopped trains until so many steps are done; 0 is before the first.
func stopped(t testing.TB, s *Store, p *Prepared, step int64, o RunOptions) *Run {
	t.Helper()
	var r *Run
	o.Threads, o.StartPaused = 1, true
	o.Observers = append(o.Observers, &stopAt{step: step, run: &r})
	var err error
	if r, err = s.Start(context.Background(), p, o); err != nil {
		t.Fatal(err)
	}
	if step == 0 {
		r.Send(train.Stop{})
	}
	r.Send(train.Resume{})
	<-r.Done()
	if err := r.Err(); err != nil {
		t.Fatal(err)
	}
	return r
}

// A session that was stopped after any batch, and goes on, ends with the bits of one that was not; augmented too.
func TestResumeAfterEveryBatch(t *testing.T) {
	for what, p := range map[string]*Prepared{"whole": wholly(t), "augmented": deform(t, "name=deformed", "fit.epochs=3", "fit.steps_per_epoch=3")} {
		t.Run(what, func(t *testing.T) {
			s := &Store{Home: "/home", disk: disktest.NewMem()}
			r := trained(t, s, p, RunOptions{Name: "straight", Threads: 1})
			want := outcomeOf(t, s, "straight")
			for step := range r.trainer.Position().Step {
				name := fmt.Sprint("stopped-", step)
				stopped(t, s, p, step, RunOptions{Name: name})
				if got := open(t, s, name); got.State != train.Stopped || got.Steps != step {
					t.Errorf("stopped at %d it says %v after %d steps", step, got.State, got.Steps)
				}
				finish(t, s, name, RunOptions{})
				if d := outcomeOf(t, s, name).differs(want); d != "" {
					t.Fatalf("stopped at %d: %s", step, d)
				}
			}
			if _, err := s.Resume(context.Background(), "straight", nil, RunOptions{}); !errors.Is(err, ErrFinished) {
				t.Errorf("a finished session gives %v", err)
			}
		})
	}
}

// A program that is killed whenever a checkpoint has been written, and again while it goes on, loses nothing.
func TestResumeAfterKills(t *testing.T) {
	s := &Store{Home: t.TempDir()}
	copies := t.TempDir()
	n := 0
	// What is on disk when a program is killed is what was written by then: a copy.
	killed := func(at *Store, name string) func(save) {
		return func(save) {
			if err := os.CopyFS(filepath.Join(copies, fmt.Sprint(n), "sessions", name), os.DirFS(at.dir(name))); err != nil {
				t.Error(err)
			}
			n++
		}
	}
	trained(t, s, wholly(t), RunOptions{Name: "x", Threads: 1, SaveEvery: Interval{Steps: 1}, acked: killed(s, "x")})
	want := outcomeOf(t, s, "x")
	const least = 9
	if n < least {
		t.Fatalf("only %d checkpoints were acknowledged", n)
	}
	first := n
	within := 0
	for _, f := range s.names(filepath.Join(s.dir("x"), checkpointFolder)) {
		if strings.Contains(f, "-batch") || strings.Contains(f, "-validation") {
			within++
		}
	}
	if within > 1 {
		t.Errorf("%d checkpoints within epochs are kept after the end", within)
	}
	for i := range first {
		at := &Store{Home: filepath.Join(copies, fmt.Sprint(i))}
		if got := open(t, at, "x"); got.State != train.Stopped {
			t.Errorf("killed, it says %v", got.State)
		}
		o := RunOptions{}
		if i == 1 {
			o = RunOptions{SaveEvery: Interval{Steps: 2}, acked: killed(at, "x")}
		}
		finish(t, at, "x", o)
		if d := outcomeOf(t, at, "x").differs(want); d != "" {
			t.Fatalf("killed at %d: %s", i, d)
		}
	}
	for i := first; i < n; i++ {
		at := &Store{Home: filepath.Join(copies, fmt.Sprint(i))}
		finish(t, at, "x", RunOptions{})
		if d := outcomeOf(t, at, "x").differs(want); d != "" {
			t.Fatalf("killed twice, at %d: %s", i, d)
		}
	}
}

// atStep sends a command after a step.
type atStep struct {
	history
	step int64
	send train.Command
	run  **Run
}

func (o *atStep) OnStep(s *train.Step) {
	if s.Step == o.step {
		(*o.run).Send(o.send)
	}
}

// changed trains with a learning rate that is set live after the fourth step.
func changed(t *testing.T, s *Store, name string) {
	t.Helper()
	var r *Run
	r, err := s.Start(context.Background(), wholly(t), RunOptions{Name: name, Threads: 1, StartPaused: true, Observers: []train.Observer{&atStep{step: 4, send: train.SetLearningRate{Rate: .05}, run: &r}}})
	if err != nil {
		t.Fatal(err)
	}
	r.Send(train.Resume{})
	<-r.Done()
}

func TestBackInTime(t *testing.T) {
	s := &Store{Home: t.TempDir()}
	changed(t, s, "live")
	trained(t, s, wholly(t), RunOptions{Name: "straight", Threads: 1})
	straight, live := outcomeOf(t, s, "straight"), outcomeOf(t, s, "live")
	if live.differs(straight) == "" {
		t.Fatal("the rate changes nothing")
	}
	// The newest checkpoints are gone, or spoilt: what was changed live after the one that is left is changed again.
	session := open(t, s, "live")
	for _, at := range session.chronicle.saves[1:] {
		if err := os.WriteFile(session.path(at), []byte("spoilt"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	var warned []error
	finish(t, s, "live", RunOptions{Warn: func(err error) { warned = append(warned, err) }})
	if d := outcomeOf(t, s, "live").differs(live); d != "" {
		t.Fatalf("done again: %s", d)
	}
	if len(warned) != len(session.chronicle.saves)-1 || !strings.Contains(warned[0].Error(), "-end.safetensors is damaged: ") {
		t.Errorf("warned of %v", warned)
	}
	var damaged *DamagedError
	if !errors.As(warned[0], &damaged) {
		t.Error("the warning has no type")
	}

	// From the end of epoch 1 on another branch, without the change.
	at := 1
	r, err := s.Resume(context.Background(), "live", &at, RunOptions{Threads: 1})
	if err != nil {
		t.Fatal(err)
	}
	if len(r.Past.Epochs) != 1 {
		t.Errorf("the past has %d epochs", len(r.Past.Epochs))
	}
	<-r.Done()
	if d := outcomeOf(t, s, "live").differs(straight); d != "" {
		t.Fatalf("the branch: %s", d)
	}
	session = open(t, s, "live")
	if b := session.Branches; len(b) != 1 || b[0].Epoch != 1 || b[0].Number != 0 || len(b[0].History) != 2 {
		t.Errorf("the branches left are %+v", b)
	}
	if kept := session.Kept(); !slices.Equal(kept, []int{0, 1, 2, 3}) {
		t.Errorf("kept are %v", kept)
	}
	if v, err := s.Verify(context.Background(), "live", 1); err != nil || !v.Same || v.Epochs != 3 {
		t.Errorf("verified: %+v, %v", v, err)
	}
	// A branch of the branch, from the start; and a stop in it.
	at = 0
	var q *Run
	q, err = s.Resume(context.Background(), "live", &at, RunOptions{Threads: 1, StartPaused: true, Observers: []train.Observer{&atStep{step: 4, send: train.Stop{}, run: &q}}})
	if err != nil {
		t.Fatal(err)
	}
	q.Send(train.Resume{})
	<-q.Done()
	finish(t, s, "live", RunOptions{})
	if d := outcomeOf(t, s, "live").differs(straight); d != "" {
		t.Fatalf("the second branch: %s", d)
	}
	if n := len(open(t, s, "live").Branches); n != 2 {
		t.Errorf("%d branches were left", n)
	}
	// Back, and back again at once, leaves nothing behind.
	for _, at := range []int{2, 1} {
		q, err = s.Resume(context.Background(), "live", &at, RunOptions{Threads: 1, StartPaused: true})
		if err != nil {
			t.Fatal(err)
		}
		q.Send(train.Stop{})
		<-q.Done()
	}
	if n := len(open(t, s, "live").Branches); n != 3 {
		t.Errorf("%d branches were left", n)
	}
	finish(t, s, "live", RunOptions{})
	for _, bad := range []int{-1, 4} {
		if _, err := s.Resume(context.Background(), "live", &bad, RunOptions{}); err == nil || !strings.Contains(err.Error(), "0 to 3") {
			t.Errorf("at %d: %v", bad, err)
		}
	}
}

// A branch that was left is taken up where it was left, changes and all, and the other one is left for it.
func TestTakeUp(t *testing.T) {
	s := &Store{Home: t.TempDir()}
	changed(t, s, "live")
	trained(t, s, wholly(t), RunOptions{Name: "straight", Threads: 1})
	straight, live := outcomeOf(t, s, "straight"), outcomeOf(t, s, "live")
	at := 1
	var r *Run
	r, err := s.Resume(context.Background(), "live", &at, RunOptions{Threads: 1, StartPaused: true})
	if err != nil {
		t.Fatal(err)
	}
	r.Send(train.RunEpochs{N: 1})
	for len(open(t, s, "live").History) < 2 {
		time.Sleep(time.Millisecond)
	}
	r.Send(train.Stop{})
	<-r.Done()
	takeUp := func(branch int) {
		t.Helper()
		r, err := s.TakeUp(context.Background(), "live", branch, RunOptions{Threads: 1})
		if err != nil {
			t.Fatal(err)
		}
		if <-r.Done(); r.Err() != nil {
			t.Fatal(r.Err())
		}
	}
	for range 2 { // there and back
		takeUp(0)
		if d := outcomeOf(t, s, "live").differs(live); d != "" {
			t.Fatalf("the first branch: %s", d)
		}
		session := open(t, s, "live")
		if b := session.Branches; len(b) != 1 || b[0].Number != 1 || b[0].Epoch != 1 || session.State != train.Finished {
			t.Errorf("%s, the branches left are %+v", session.State, b)
		}
		takeUp(1)
		if d := outcomeOf(t, s, "live").differs(straight); d != "" {
			t.Fatalf("the second branch: %s", d)
		}
		if v, err := s.Verify(context.Background(), "live", 1); err != nil || !v.Same || v.Epochs != 3 {
			t.Errorf("verified: %+v, %v", v, err)
		}
	}
	if _, err := s.TakeUp(context.Background(), "live", 7, RunOptions{}); err == nil || !strings.Contains(err.Error(), "no branch 7") {
		t.Errorf("branch 7: %v", err)
	}
}

// An epoch whose checkpoint is gone is reached from the one before, with changes and all, and goes on.
func TestBackToAnEpochThatIsGone(t *testing.T) {
	s := &Store{Home: t.TempDir()}
	changed(t, s, "live")
	session := open(t, s, "live")
	want, err := session.Weights(AtEpoch(2))
	if err != nil {
		t.Fatal(err)
	}
	at, _ := session.chronicle.ofEpoch(2)
	for _, e := range []int{1, 2} {
		x, _ := session.chronicle.ofEpoch(e)
		if err := os.Remove(session.path(x)); err != nil {
			t.Fatal(err)
		}
	}
	got, err := s.Recompute(context.Background(), session, 2, 1)
	if err != nil || string(fileOf(t, got)) != string(fileOf(t, want)) {
		t.Fatalf("epoch 2 comes out otherwise, %v", err)
	}
	epoch := 2
	r, err := s.Resume(context.Background(), "live", &epoch, RunOptions{Threads: 1})
	if err != nil {
		t.Fatal(err)
	}
	<-r.Done()
	again := open(t, s, "live")
	if w, err := again.Weights(AtEpoch(2)); err != nil || string(fileOf(t, w)) != string(fileOf(t, want)) {
		t.Errorf("%s was not saved again: %v", at.File, err)
	}
	if v, err := s.Verify(context.Background(), "live", 1); err != nil || !v.Same {
		t.Errorf("verified: %+v, %v", v, err)
	}
}

// A training does not go on with other data than it began with.
func TestOtherData(t *testing.T) {
	s := &Store{Home: t.TempDir()}
	table := filepath.Join(t.TempDir(), "table.csv")
	write := func(last string) {
		text := "a,b,label\n"
		for i := range 40 {
			text += fmt.Sprintf("%d,%d,%d\n", i%7, i%5, i%2)
		}
		if err := os.WriteFile(table, []byte(text+last), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	write("1,2,0\n")
	p := wholly(t, "data.source="+table, "data.limit=null", "data.label=label", "model.layers[3].dense.units=2")
	stopped(t, s, p, 2, RunOptions{Name: "x"})
	for _, other := range []string{"1,3,0\n", "1,2,1\n", "1,2,0\n3,3,1\n"} {
		write(other)
		if _, err := s.Resume(context.Background(), "x", nil, RunOptions{}); err == nil || !strings.Contains(err.Error(), "no longer those") {
			t.Errorf("with %q it goes on: %v", other, err)
		}
	}
	write("1,2,0\n")
	finish(t, s, "x", RunOptions{})
}

func TestOnlyOneWriter(t *testing.T) {
	s := &Store{Home: t.TempDir()}
	r, err := s.Start(context.Background(), wholly(t), RunOptions{Name: "x", StartPaused: true})
	if err != nil {
		t.Fatal(err)
	}
	_, err = s.Resume(context.Background(), "x", nil, RunOptions{})
	if err == nil || !strings.Contains(err.Error(), fmt.Sprintf("is being trained by process %d", os.Getpid())) {
		t.Errorf("two write it: %v", err)
	}
	if got := open(t, s, "x"); got.State != train.Running {
		t.Errorf("watched, it says %v", got.State)
	}
	r.Send(train.Stop{})
	<-r.Done()
	finish(t, s, "x", RunOptions{})
}

// A session of an earlier cnnbench predicts and cannot go on.
func TestOldSessions(t *testing.T) {
	s := &Store{Home: t.TempDir()}
	trained(t, s, wholly(t), RunOptions{Name: "x", Threads: 1})
	session := open(t, s, "x")
	weights, err := session.Weights(Last)
	if err != nil {
		t.Fatal(err)
	}
	folder := filepath.Join(session.Dir, weightsFolder)
	journal := `{"start":{"version":1,"epochs":3,"input":[2],"monitor":"loss"}}` + "\n" + `{"curve":[[1,0.5,0.1,2,2,2,0.001]]}` + "\n" +
		`{"epoch":{"epoch":1,"step":3,"logs":[{"name":"loss","value":2}],"learning_rate":0.001,"best":true}}` + "\n" + `{"end":{"state":"FINISHED","step":3}}` + "\n"
	if err := errors.Join(os.RemoveAll(filepath.Join(session.Dir, checkpointFolder)), os.Mkdir(folder, 0o755),
		os.WriteFile(filepath.Join(session.Dir, journalFile), []byte(journal), 0o644)); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{lastWeights, bestWeights, epochWeights(0), epochWeights(1)} {
		if err := os.WriteFile(filepath.Join(folder, name), fileOf(t, &Weights{Epoch: 1, Tensors: weights.Tensors}), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	old := open(t, s, "x")
	if old.State != train.Finished || len(old.Points) != 1 || old.Best == nil || !slices.Equal(old.Kept(), []int{0, 1}) {
		t.Errorf("it says %+v", old)
	}
	for _, w := range []Which{Last, BestWeights, AtEpoch(1)} {
		if got, err := old.Weights(w); err != nil || len(got.Tensors) != len(weights.Tensors) {
			t.Errorf("%v: %v", w, err)
		}
	}
	if _, err := old.Weights(AtEpoch(7)); err == nil || !strings.Contains(err.Error(), "epochs 0 and 1") {
		t.Errorf("epoch 7: %v", err)
	}
	for _, err := range []error{func() error { _, err := s.Resume(context.Background(), "x", nil, RunOptions{}); return err }(),
		func() error { _, err := s.Verify(context.Background(), "x", 1); return err }()} {
		if err == nil || !strings.Contains(err.Error(), "of an earlier cnnbench") {
			t.Errorf("it goes on: %v", err)
		}
	}
}

// commands sends commands after steps.
type commands struct {
	history
	after map[int64][]train.Command
	run   **Run
}

func (o *commands) OnStep(s *train.Step) {
	for _, c := range o.after[s.Step] {
		(*o.run).Send(c)
	}
}

// A place that was marked is kept, and going back to it and on again gives the same bits: within an epoch, and at its end,
// where it is saved already, with what was changed there before the mark.
func TestMarks(t *testing.T) {
	s := &Store{Home: t.TempDir()}
	p := wholly(t)
	steps := int64(p.Experiment.Fit.Steps(p.Train.Len()))
	var r *Run
	o := RunOptions{Name: "live", Threads: 1, StartPaused: true, SaveEvery: Interval{Steps: 1}, Observers: []train.Observer{&commands{run: &r, after: map[int64][]train.Command{
		2:         {train.Keep{Name: "within"}},
		steps:     {train.SetLearningRate{Rate: .05}, train.Keep{}},
		steps + 1: {train.SetLearningRate{Rate: .02}},
	}}}}
	r, err := s.Start(context.Background(), p, o)
	if err != nil {
		t.Fatal(err)
	}
	r.Send(train.Keep{Name: "start"})
	r.Send(train.Resume{})
	if <-r.Done(); r.Err() != nil {
		t.Fatal(r.Err())
	}
	live := outcomeOf(t, s, "live")
	session := open(t, s, "live")
	marked := session.Marked()
	if len(marked) != 3 || marked[0].Text != "marked start" || marked[1].Text != "marked within" || marked[1].Step != 2 || marked[2].Text != "marked" || marked[2].Step != steps {
		t.Fatalf("marked are %+v", marked)
	}
	for i, m := range marked {
		at, ok := session.chronicle.marked(m.Step)
		if _, err := os.Stat(session.path(at)); !ok || err != nil {
			t.Errorf("mark %d is not kept: %v", i, err)
		}
	}
	if at, _ := session.chronicle.marked(steps); at.made != 0 || at.tagged != 1 {
		t.Errorf("of the changes, %d and %d belong to the mark at the end of the epoch, want none in the checkpoint, and the first", at.made, at.tagged)
	}
	// The rate of .02 was set behind the marks: without it the end is another, and with it, set again, the same.
	for _, m := range slices.Backward(marked) {
		again := map[int64][]train.Command{steps + 1: {train.SetLearningRate{Rate: .02}}}
		if m.Step < steps {
			again[steps] = []train.Command{train.SetLearningRate{Rate: .05}}
		}
		b, err := s.ResumeMark(context.Background(), "live", m.Step, RunOptions{Threads: 1, StartPaused: true, Observers: []train.Observer{&commands{run: &r, after: again}}})
		if err != nil {
			t.Fatal(err)
		}
		r = b
		if n := len(b.Past.Marks); m.Step > 0 && b.Past.Marks[n-1].Text != m.Text {
			t.Errorf("the mark at step %d is gone: %+v", m.Step, b.Past.Marks)
		}
		r.Send(train.Resume{})
		if <-r.Done(); r.Err() != nil {
			t.Fatal(r.Err())
		}
		if d := outcomeOf(t, s, "live").differs(live); d != "" {
			t.Errorf("from the mark at step %d: %s", m.Step, d)
		}
		if v, err := s.Verify(context.Background(), "live", 1); err != nil || !v.Same {
			t.Errorf("verified: %+v, %v", v, err)
		}
	}
	if n := len(open(t, s, "live").Branches); n != 3 {
		t.Errorf("%d branches were left, want 3", n)
	}
	if _, err := s.ResumeMark(context.Background(), "live", 7, RunOptions{}); err == nil || !strings.Contains(err.Error(), "there are marks at step 0") {
		t.Errorf("no mark at step 7: %v", err)
	}
}

// copying copies a session's folder at the end of an epoch, as it is then: what is left when the program is killed there.
type copying struct {
	history
	epoch int
	copy  func()
}

func (o *copying) OnEpoch(e *train.Epoch) {
	if e.Epoch == o.epoch {
		o.copy()
	}
}

// Where epochs are short and their checkpoints large, the ends of some are left out, the same ones every time: at a pause
// and in the end the newest and the best are there, any other is computed again, and a program that is killed loses
// nothing.
func TestEndsOfEpochsLeftOut(t *testing.T) {
	wide := []string{"fit.epochs=6", "fit.callbacks=[]", "model.layers=[dense: {units: 9000, activation: relu}, dropout: {rate: 0.3}, dense: {units: 10, activation: softmax}]"}
	s, killed := &Store{Home: t.TempDir()}, &Store{Home: t.TempDir()}
	trained(t, s, wholly(t, wide...), RunOptions{Name: "x", Observers: []train.Observer{&copying{epoch: 4, copy: func() {
		if err := os.CopyFS(killed.dir("x"), os.DirFS(s.dir("x"))); err != nil {
			t.Error(err)
		}
	}}}})
	session := open(t, s, "x")
	want := []int{0}
	for _, e := range []int{session.Best.Epoch, 6} {
		if !slices.Contains(want, e) {
			want = append(want, e)
		}
	}
	if kept := session.Kept(); !slices.Equal(kept, want) {
		t.Errorf("kept are %v, want %v", kept, want)
	}
	if w, err := session.Weights(BestWeights); err != nil || w.Epoch != session.Best.Epoch {
		t.Errorf("the best weights: %v", err)
	}
	if _, err := session.Weights(AtEpoch(3)); err == nil {
		t.Error("epoch 3 is kept")
	}
	for epoch := range 7 { // compared with the digest that the journal tells
		if w, err := s.WeightsOf(context.Background(), session, AtEpoch(epoch), 1); err != nil || w.Epoch != epoch {
			t.Errorf("epoch %d: %v", epoch, err)
		}
	}
	if v, err := s.Verify(context.Background(), "x", 1); err != nil || !v.Same || v.Epochs != 6 || len(v.Damaged) > 0 {
		t.Errorf("verified: %+v, %v", v, err)
	}
	finish(t, killed, "x", RunOptions{})
	if d := outcomeOf(t, killed, "x").differs(outcomeOf(t, s, "x")); d != "" {
		t.Errorf("killed after epoch 4: %s", d)
	}
	if kept := open(t, killed, "x").Kept(); !slices.Equal(kept, want) {
		t.Errorf("killed after epoch 4, kept are %v, want %v", kept, want)
	}

	// Who says how often gets them all.
	trained(t, s, wholly(t, wide...), RunOptions{Name: "all", SaveEvery: Interval{Steps: 1000}})
	if kept := open(t, s, "all").Kept(); len(kept) != 7 {
		t.Errorf("asked for, kept are %v", kept)
	}

	// A pause writes the newest; back to one that was left out, and on.
	r, err := s.Start(context.Background(), wholly(t, wide...), RunOptions{Name: "p", StartPaused: true})
	if err != nil {
		t.Fatal(err)
	}
	r.Send(train.RunEpochs{N: 3})
	for !slices.Contains(open(t, s, "p").Kept(), 3) {
		time.Sleep(time.Millisecond)
	}
	r.Send(train.Stop{})
	if <-r.Done(); r.Err() != nil {
		t.Fatal(r.Err())
	}
	at := 2
	if r, err = s.Resume(context.Background(), "p", &at, RunOptions{Threads: 1}); err != nil {
		t.Fatal(err)
	}
	if <-r.Done(); r.Err() != nil {
		t.Fatal(r.Err())
	}
	if d := outcomeOf(t, s, "p").differs(outcomeOf(t, s, "x")); d != "" {
		t.Errorf("back to epoch 2 and on: %s", d)
	}
}
