package sessions

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math"
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
func (h *history) OnStep(*train.Step)             {}
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
		text, err := os.ReadFile(filepath.Join(r.Dir, weightsFolder, lastWeights))
		if err != nil {
			t.Fatal(err)
		}
		files[i] = text
	}
	if !bytes.Equal(files[0], files[1]) {
		t.Error("one thread and three give other weights")
	}
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

func TestNamesAndNumbers(t *testing.T) {
	s := &Store{Home: t.TempDir()}
	p := prepared(t, "fit.epochs=1")
	var mu sync.Mutex
	names := map[string]bool{}
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			r, err := s.Start(context.Background(), p, RunOptions{Threads: 1})
			if err != nil {
				t.Error(err)
				return
			}
			<-r.Done()
			mu.Lock()
			defer mu.Unlock()
			names[r.Name] = true
		})
	}
	wg.Wait()
	if len(names) != 4 {
		t.Errorf("four trainings got the names %v", names)
	}
	if r := trained(t, s, p, RunOptions{Name: "mein.Netz_2"}); r.Name != "mein.Netz_2" {
		t.Errorf("named %s", r.Name)
	}
	var exists *ExistsError
	if _, err := s.Start(context.Background(), p, RunOptions{Name: "mein.Netz_2"}); !errors.As(err, &exists) {
		t.Errorf("a taken name gives %v", err)
	}
	for _, bad := range []string{"..", ".", ".x", "a/b", `a\b`, "a b", "-x", "con", "lpt1.x", "a.", strings.Repeat("x", 101), "a\x00b", "a:b"} {
		if CheckName(bad) == nil {
			t.Errorf("the name %q is taken", bad)
		}
		if _, err := s.Start(context.Background(), p, RunOptions{Name: bad}); bad != "" && err == nil {
			t.Errorf("a session is called %q", bad)
		}
		if _, err := s.Open(bad); err == nil {
			t.Errorf("%q was opened", bad)
		}
		if s.Remove(bad) == nil {
			t.Errorf("%q was removed", bad)
		}
	}
	for from, want := range map[string]string{"my net": "my-net", "..": "session", "": "session", "ü/ö": "ü-ö", "aux": "aux", strings.Repeat("x", 200): strings.Repeat("x", 92)} {
		if got := plainName(from); got != want || CheckName(got+"-1") != nil {
			t.Errorf("plainName(%q) = %q, want %q", from, got, want)
		}
	}
	list, err := s.List()
	if err != nil || len(list) != 5 {
		t.Errorf("%d sessions listed, %v", len(list), err)
	}
}

func TestBrokenFolders(t *testing.T) {
	s := &Store{Home: t.TempDir()}
	if list, err := s.List(); err != nil || list != nil {
		t.Errorf("without a folder: %v, %v", list, err)
	}
	good := trained(t, s, prepared(t), RunOptions{})
	write := func(name, file, text string) {
		t.Helper()
		if err := os.MkdirAll(s.dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(s.dir(name), file), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	write("empty", "notes.txt", "")
	write("noise", journalFile, "\x00\x01\n\x02\n")
	write("newer", journalFile, `{"start":{"version":99}}`+"\n")
	write("cut", journalFile, `{"start":{"version":1,"epochs":3}`)
	if err := os.WriteFile(filepath.Join(s.folder(), "file"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	list, err := s.List()
	if err != nil || len(list) != 5 {
		t.Fatalf("%d listed, %v", len(list), err)
	}
	for _, i := range list {
		if (i.Err == nil) != (i.Name == good.Name) {
			t.Errorf("%s: %v", i.Name, i.Err)
		}
		if i.Err != nil {
			if _, err := s.Open(i.Name); err == nil {
				t.Errorf("%s was opened", i.Name)
			}
		}
	}
	if err := s.Remove("noise"); err != nil {
		t.Error(err)
	}
}

// A journal that was cut anywhere is read up to the cut.
func TestTornJournal(t *testing.T) {
	s := &Store{Home: t.TempDir()}
	r := trained(t, s, prepared(t, "fit.epochs=4"), RunOptions{})
	path := filepath.Join(r.Dir, journalFile)
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	header := bytes.IndexByte(whole, '\n') + 1
	for cut := header; cut < len(whole); cut += 7 {
		if err := os.WriteFile(path, whole[:cut], 0o644); err != nil {
			t.Fatal(err)
		}
		got, err := s.Open(r.Name)
		if err != nil {
			t.Fatalf("cut at %d: %v", cut, err)
		}
		want := 0
		for _, l := range bytes.SplitAfter(whole[:cut], []byte("\n")) {
			if bytes.HasPrefix(l, []byte(`{"epoch"`)) && bytes.HasSuffix(l, []byte("\n")) {
				want++
			}
		}
		if len(got.History) != want {
			t.Fatalf("cut at %d: %d epochs, want %d", cut, len(got.History), want)
		}
		if got.State != train.Stopped || got.Reason == "" {
			t.Fatalf("cut at %d: %v, %q", cut, got.State, got.Reason)
		}
	}
	if err := os.WriteFile(path, append(slices.Clone(whole[:header]), append([]byte("{torn\n"), whole[header:]...)...), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Open(r.Name); err == nil || !strings.Contains(err.Error(), "line 2") {
		t.Errorf("damage in the middle gives %v", err)
	}
}

func TestLeftoversOfACrashDoNoHarm(t *testing.T) {
	s := &Store{Home: t.TempDir()}
	r := trained(t, s, prepared(t), RunOptions{})
	dir := filepath.Join(r.Dir, weightsFolder)
	leftover := filepath.Join(dir, ".epoch-00007.safetensors.tmp-1-1")
	if err := os.WriteFile(leftover, []byte("half"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "epoch-7.safetensors"), []byte("half"), 0o644); err != nil {
		t.Fatal(err)
	}
	got := open(t, s, r.Name)
	if kept := got.Kept(); !slices.Equal(kept, []int{0, 1, 2}) {
		t.Errorf("kept are %v", kept)
	}
	if err := os.WriteFile(filepath.Join(dir, lastWeights), []byte("half"), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := got.Weights(Last); err == nil {
		t.Error("half a file was read as weights")
	}
}

// A disk that does not take the weights is a warning; the training goes on, and what was missed is written later.
func TestAFailingSaveIsAWarning(t *testing.T) {
	s := &Store{Home: t.TempDir()}
	p := prepared(t, "fit.epochs=4")
	var warned []error
	var dir string
	epoch := 0
	broken := false
	o := RunOptions{StartPaused: true, Warn: func(err error) { warned = append(warned, err) }, Observers: []train.Observer{&onEpoch{do: func() {
		epoch++
		weights := filepath.Join(dir, weightsFolder)
		switch epoch {
		case 1: // from the second epoch on there is a file where the folder was
			time.Sleep(50 * time.Millisecond) // the first is written by then
			broken = os.Rename(weights, weights+"-aside") == nil && os.WriteFile(weights, nil, 0o644) == nil
		case 3:
			time.Sleep(50 * time.Millisecond)
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
	if len(warned) == 0 || !strings.Contains(warned[0].Error(), "save the weights") {
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

func TestThinning(t *testing.T) {
	dir := t.TempDir()
	for n := range 41 {
		if err := os.WriteFile(filepath.Join(dir, epochWeights(n)), nil, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := thin(dir, keptBytes/10); err != nil {
		t.Fatal(err)
	}
	if kept := keptEpochs(dir); !slices.Equal(kept, []int{0, 8, 16, 24, 32, 40}) {
		t.Errorf("kept are %v", kept)
	}
	if err := thin(dir, 10*keptBytes); err != nil {
		t.Fatal(err)
	}
	if kept := keptEpochs(dir); !slices.Equal(kept, []int{0, 40}) {
		t.Errorf("of huge ones kept are %v", kept)
	}
	if got := ranges([]int{0, 1, 2, 3, 8, 10, 11}); got != "epochs 0 to 3, 8, 10 and 11" {
		t.Errorf("ranges says %q", got)
	}
}

func TestJournalKeepsEveryBit(t *testing.T) {
	path := filepath.Join(t.TempDir(), journalFile)
	j, err := createJournal(path, &Header{Version: journalVersion})
	if err != nil {
		t.Fatal(err)
	}
	values := []float64{0.1, math.Pi, 5e-324, math.MaxFloat64, -0.0, math.NaN(), math.Inf(1), math.Inf(-1), 1.0 / 3}
	e := &train.Epoch{Epoch: 1, Notes: []string{"a \"note\"\n"}}
	for i, v := range values {
		e.Logs = append(e.Logs, train.Value{Name: fmt.Sprint(i), Value: v})
	}
	if err := j.append(line{Epoch: newEpochLine(e)}); err != nil {
		t.Fatal(err)
	}
	lines, err := readJournal(path)
	if err != nil || len(lines) != 2 {
		t.Fatal(lines, err)
	}
	got := lines[1].Epoch.epoch()
	for i, v := range values {
		if g := got.Logs[i].Value; math.Float64bits(g) != math.Float64bits(v) && !(math.IsNaN(g) && math.IsNaN(v)) {
			t.Errorf("%v is read back as %v", v, g)
		}
	}
	if got.Notes[0] != e.Notes[0] {
		t.Errorf("the note is %q", got.Notes[0])
	}
}

// What could not be written is written with the next line, without a gap.
func TestJournalCatchesUp(t *testing.T) {
	path := filepath.Join(t.TempDir(), journalFile)
	j, err := createJournal(path, &Header{Version: journalVersion})
	if err != nil {
		t.Fatal(err)
	}
	good := j.file
	shut, err := os.Open(path) // only for reading: every write fails
	if err != nil {
		t.Fatal(err)
	}
	defer shut.Close()
	j.file = shut
	for i := range 3 {
		if j.append(line{Mark: &markLine{Step: int64(i)}}) == nil {
			t.Fatal("no error")
		}
	}
	j.file = good
	if err := j.append(line{Mark: &markLine{Step: 3}}); err != nil {
		t.Fatal(err)
	}
	if err := j.close(); err != nil {
		t.Fatal(err)
	}
	lines, err := readJournal(path)
	if err != nil || len(lines) != 5 {
		t.Fatalf("%d lines, %v", len(lines), err)
	}
	for i, l := range lines[1:] {
		if l.Mark.Step != int64(i) {
			t.Errorf("line %d is of step %d", i+1, l.Mark.Step)
		}
	}
}

func TestCurveStaysSmallAndKeepsExtremes(t *testing.T) {
	var c curve
	const steps = 100_003
	for i := 1; i <= steps; i++ {
		loss := 1.0
		switch i {
		case 777:
			loss = 9
		case 50_000:
			loss = -3
		case 60_000:
			loss = math.NaN()
		}
		c.add(&train.Step{Step: int64(i), Epoch: 1, Batch: i, Batches: steps, Loss: loss})
	}
	dots := c.take()
	if len(dots) > 2*curveDots || len(dots) < curveDots/2 {
		t.Errorf("%d dots", len(dots))
	}
	lo, hi, at := math.Inf(1), math.Inf(-1), int64(0)
	for _, d := range dots {
		p := d.point()
		lo, hi = min(lo, p.Min), max(hi, p.Max)
		if p.Step <= at {
			t.Fatal("the dots are out of order")
		}
		at = p.Step
	}
	if lo != -3 || hi != 9 || at != steps {
		t.Errorf("lowest %v, highest %v, last step %d", lo, hi, at)
	}
	if len(c.take()) != 0 {
		t.Error("dots were taken twice")
	}
}

func TestStartWeights(t *testing.T) {
	s := &Store{Home: t.TempDir()}
	r := trained(t, s, prepared(t), RunOptions{})
	path := filepath.Join(r.Dir, weightsFolder, lastWeights)
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
	if len(p.Fresh) != 0 {
		t.Errorf("%v start afresh", p.Fresh)
	}
	// A head of another name starts afresh, one of another shape under the same name is refused.
	n, p, err = build("model.layers[1].dense.name=head")
	if err != nil {
		t.Fatal(err)
	}
	n.Close()
	if !slices.Equal(p.Fresh, []string{"head.kernel", "head.bias"}) {
		t.Errorf("%v start afresh", p.Fresh)
	}
	if _, _, err := build("model.layers[0].dense.units=9"); err == nil || !strings.Contains(err.Error(), "dense.kernel is 12x8 there and 12x9") {
		t.Errorf("another shape gives %v", err)
	}
	if _, _, err := build("model.layers[0].dense.name=a", "model.layers[1].dense.name=b"); err == nil {
		t.Error("a file of which nothing fits was taken")
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
