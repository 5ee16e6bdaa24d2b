package sessions

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"cnnbench/nn/train"
	"cnnbench/sessions/safetensors"
	"cnnbench/sessions/tfevents/eventtest"
)

// logFiles are the files of a run of a log, in the order of their making.
func logFiles(t *testing.T, dir, run string) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, run, "events.out.tfevents.*"))
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// logged are the values of a run's only file.
func logged(t *testing.T, dir, run string) []eventtest.Value {
	t.Helper()
	files := logFiles(t, dir, run)
	if len(files) != 1 {
		t.Fatalf("%s has the files %q", run, files)
	}
	text, err := os.ReadFile(files[0])
	if err != nil {
		t.Fatal(err)
	}
	return eventtest.Read(t, text)
}

func TestTensorBoardIsWrittenWhileItTrains(t *testing.T) {
	dir := t.TempDir()
	s := &Store{Home: t.TempDir()}
	// 48 samples of training and 12 of validation, 3 steps an epoch.
	p := prepared(t, "fit.epochs=3", "compile.metrics=[accuracy]", fmt.Sprintf("fit.callbacks=[tensorboard: {log_dir: '%s', histogram_freq: 2, update_freq: 2}]", dir))
	after := map[int]int{} // values in the files after each epoch
	r := trained(t, s, p, RunOptions{Observers: []train.Observer{&eachEpoch{do: func(e *train.Epoch) {
		// The log is an observer too, so that at the third epoch the second is there at least.
		if e.Epoch == 3 {
			after[2] = len(logged(t, dir, "validation"))
		}
	}}}})
	if after[2] < 8 {
		t.Errorf("after two epochs, %d values of the validation were on disk, want 8", after[2])
	}
	session := open(t, s, r.Name)
	var tags []string
	for _, v := range logged(t, dir, "train") {
		tags = append(tags, fmt.Sprintf("%d %s", v.Step, v.Tag))
		if v.Tag != "epoch_loss" {
			continue
		}
		if want, _ := session.History[v.Step].Log("loss"); v.Floats[0] != float64(float32(want)) {
			t.Errorf("the loss of epoch %d is %v, want %v", v.Step, v.Floats[0], want)
		}
	}
	for _, want := range []string{"2 batch_loss", "2 batch_accuracy", "8 batch_loss", "0 epoch_loss", "2 epoch_accuracy", "1 epoch_learning_rate",
		"0 sequential/dense/kernel/histogram", "2 sequential/dense_1/bias/histogram"} {
		if !slices.Contains(tags, want) {
			t.Errorf("%q is not among %q", want, tags)
		}
	}
	for _, not := range []string{"3 batch_loss", "1 sequential/dense/kernel/histogram", "0 epoch_val_loss"} {
		if slices.Contains(tags, not) {
			t.Errorf("%q is there", not)
		}
	}
	// Where it was told to go is in the session, whatever folder that is opened from.
	if got := session.Experiment.Fit.Callbacks[0].(*train.TensorBoard).LogDir; got != dir {
		t.Errorf("the session keeps the folder %q", got)
	}
}

// eachEpoch is an observer of epochs.
type eachEpoch struct {
	do func(*train.Epoch)
}

func (*eachEpoch) OnState(train.State, error) {}
func (*eachEpoch) OnStep(*train.Step)         {}
func (o *eachEpoch) OnEpoch(e *train.Epoch)   { o.do(e) }
func (*eachEpoch) OnMark(train.Mark)          {}

// A second training of the same experiment, or a resumed one, begins another file.
func TestTensorBoardNeverAppendsToAnother(t *testing.T) {
	dir := t.TempDir()
	s := &Store{Home: t.TempDir()}
	p := prepared(t, fmt.Sprintf("fit.callbacks=[tensorboard: {log_dir: '%s'}]", dir))
	trained(t, s, p, RunOptions{})
	before := logFiles(t, dir, "train")
	text, err := os.ReadFile(before[0])
	if err != nil {
		t.Fatal(err)
	}
	trained(t, s, p, RunOptions{})
	if files := logFiles(t, dir, "train"); len(files) != 2 {
		t.Errorf("there are %q", files)
	}
	if now, err := os.ReadFile(before[0]); err != nil || string(now) != string(text) {
		t.Errorf("the first file changed: %v", err)
	}
}

func TestTensorBoardLeavesTheTrainingAlone(t *testing.T) {
	blocked := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(blocked, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	s := &Store{Home: t.TempDir()}
	weights := func(name string, set ...string) []safetensors.Tensor {
		t.Helper()
		r := trained(t, s, prepared(t, set...), RunOptions{Name: name})
		w, err := open(t, s, r.Name).Weights(Last)
		if err != nil {
			t.Fatal(err)
		}
		return w.Tensors
	}
	plain := weights("plain")
	logging := weights("logging", fmt.Sprintf("fit.callbacks=[tensorboard: {log_dir: '%s', histogram_freq: 1, update_freq: batch}]", t.TempDir()))
	failing := weights("failing", fmt.Sprintf("fit.callbacks=[tensorboard: {log_dir: '%s', update_freq: batch}]", blocked))
	for i := range plain {
		if string(plain[i].Data) != string(logging[i].Data) || string(plain[i].Data) != string(failing[i].Data) {
			t.Errorf("%s is another", plain[i].Name)
		}
	}
	marks := open(t, s, "failing").Marks
	if len(marks) != 1 || marks[0].Epoch != 1 || !strings.HasPrefix(marks[0].Text, "tensorboard: cannot write the log in "+blocked+": ") {
		t.Errorf("the marks are %+v", marks)
	}
}

// A log that could not be written for a while is whole in the end; one that was cleared away begins anew.
func TestTensorBoardMendsItself(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "logs")
	s := &Store{Home: t.TempDir()}
	var once sync.Once
	p := prepared(t, "fit.epochs=4", fmt.Sprintf("fit.callbacks=[tensorboard: {log_dir: '%s'}]", dir))
	if err := os.WriteFile(dir, nil, 0o644); err != nil { // a file where the folder should be
		t.Fatal(err)
	}
	var warned []error
	warn := func(err error) { warned = append(warned, err) }
	r := trained(t, s, p, RunOptions{Warn: warn, Observers: []train.Observer{&eachEpoch{do: func(e *train.Epoch) {
		if e.Epoch == 2 {
			once.Do(func() {
				if err := os.Remove(dir); err != nil {
					t.Error(err)
				}
			})
		}
	}}}})
	if marks := open(t, s, r.Name).Marks; len(marks) != 1 || len(warned) != 1 || warned[0].Error() != marks[0].Text {
		t.Errorf("the marks are %+v, the warnings %v", marks, warned)
	}
	var epochs []int64
	for _, v := range logged(t, dir, "train") {
		if v.Tag == "epoch_loss" {
			epochs = append(epochs, v.Step)
		}
	}
	if !slices.Equal(epochs, []int64{0, 1, 2, 3}) {
		t.Errorf("the log has the epochs %v", epochs)
	}
	var f boardFile
	records := []byte("abc")
	for range 2 {
		if err := f.append(filepath.Join(dir, "x"), &records); err != nil || len(records) != 0 {
			t.Fatalf("%v, %d bytes left", err, len(records))
		}
		records = []byte("def")
		if err := os.RemoveAll(filepath.Join(dir, "x")); err != nil {
			t.Fatal(err)
		}
	}
}

// What waits for a disk that cannot be written has a bound. What is left out for it is told, once when it begins and once
// when the log goes on.
func TestTensorBoardWaitsForSoMuch(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "logs")
	if err := os.WriteFile(dir, nil, 0o644); err != nil { // a file where the folder should be
		t.Fatal(err)
	}
	var said []string
	b := &board{settings: &train.TensorBoard{UpdateFreq: 1}, dir: dir, most: 2000, flushed: time.Now(), tell: func(m train.Mark) {
		said = append(said, fmt.Sprintf("%d %s", m.Step, m.Text))
	}}
	step := func(n int) {
		b.OnStep(&train.Step{Step: int64(n), Epoch: 1, Batch: n, Batches: 1000, Means: []train.Value{{Name: "loss", Value: float64(n)}}})
	}
	step(1)
	b.flush()
	for n := 2; n <= 900; n++ {
		step(n)
		if n%10 == 0 {
			b.flush()
		}
		if len(b.log.Train) > b.most {
			t.Fatalf("%d bytes wait after step %d", len(b.log.Train), n)
		}
	}
	if err := os.Remove(dir); err != nil {
		t.Fatal(err)
	}
	b.flush()
	step(901)
	b.OnState(train.Finished, nil)

	var steps []int64
	for _, v := range logged(t, dir, "train") {
		steps = append(steps, v.Step)
	}
	last := steps[len(steps)-2] // before the gap
	if last < 10 || last > 200 || steps[len(steps)-1] != 901 || len(steps) != int(last)+1 {
		t.Errorf("the log has the steps %v", steps)
	}
	want := []string{
		fmt.Sprintf("1 tensorboard: cannot write the log in %s: ", dir),
		fmt.Sprintf("%d tensorboard: 0 MB of the log wait for %s; what follows is left out until it can be written", last+1, dir),
		fmt.Sprintf("900 tensorboard: the log in %s is written again; it lacks steps %d to 900", dir, last+1),
	}
	if len(said) != len(want) {
		t.Fatalf("told %q", said)
	}
	for i, w := range want {
		if !strings.HasPrefix(said[i], w) {
			t.Errorf("told %q, want %q", said[i], w)
		}
	}
}

// What half a write left behind is written over, so that no torn record stands before a whole one.
func TestTensorBoardWritesOverATornTail(t *testing.T) {
	dir := t.TempDir()
	var f boardFile
	records := []byte("first")
	if err := f.append(dir, &records); err != nil {
		t.Fatal(err)
	}
	size := f.size
	torn, err := os.OpenFile(f.path, os.O_WRONLY|os.O_APPEND, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := torn.WriteString("to"); err != nil || torn.Close() != nil {
		t.Fatal(err)
	}
	records = []byte("second")
	if err := f.append(dir, &records); err != nil {
		t.Fatal(err)
	}
	if text, err := os.ReadFile(f.path); err != nil || string(text[size:]) != "second" {
		t.Errorf("the file ends with %q, %v", text[size:], err)
	}
}
