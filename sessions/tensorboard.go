package sessions

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"cnnbench/nn"
	"cnnbench/nn/train"
	"cnnbench/sessions/disk"
	"cnnbench/sessions/tensorboard"
)

// boardFlush is how long what is written more often than once an epoch may wait.
const boardFlush = 10 * time.Second

// maxBoardWait is the most bytes of a run's log that wait to be written.
const maxBoardWait = 16 << 20

// board writes the log of a tensorboard callback, as an observer of the training. What cannot be written now is written
// later, in its place: a disk that was full for a while leaves no gap. One that is full for long leaves a gap, which is
// told; the training never ends for its log.
type board struct {
	settings *train.TensorBoard
	dir      string
	network  *nn.Network
	tell     func(train.Mark) // that writing begins to fail, and what is missing in the end
	most     int              // bytes of a run's log that may wait

	log               tensorboard.Log
	train, validation boardFile
	at                train.Mark // where the training is
	flushed           time.Time
	failing           bool
	gap               boardGap
}

// boardGap is where the log is not whole, as what waited for the disk became too much.
type boardGap struct {
	open     bool
	from, to train.Mark // the first and the last that is missing
}

// withBoards adds the writers of the experiment's tensorboard callbacks to the observers, who are told of what they fail
// in, as warn is where it is not nil.
func (p *Prepared) withBoards(n *nn.Network, observers []train.Observer, warn func(error)) []train.Observer {
	tell := func(m train.Mark) {
		for _, o := range observers {
			o.OnMark(m)
		}
		if warn != nil {
			warn(errors.New(m.Text))
		}
	}
	out := slices.Clone(observers)
	for _, c := range p.Experiment.Fit.Callbacks {
		if t, ok := c.(*train.TensorBoard); ok {
			out = append(out, &board{settings: t, dir: absolute(t.LogDir, p.Dir), network: n, tell: tell, most: maxBoardWait, flushed: time.Now()})
		}
	}
	return out
}

// OnStep writes the running means down where update_freq says so.
func (b *board) OnStep(s *train.Step) {
	b.at = train.Mark{Step: s.Step, Epoch: float64(s.Epoch-1) + float64(s.Batch)/float64(s.Batches), Seconds: s.Seconds}
	every := int64(b.settings.UpdateFreq)
	if every == 0 || s.Step%every != 0 {
		return
	}
	now := time.Now()
	b.add(func() { b.log.Batch(now, s.Step, s.Means) })
	if now.Sub(b.flushed) >= boardFlush {
		b.flush()
	}
}

// OnEpoch writes the epoch's figures, and the histograms where it is their turn.
func (b *board) OnEpoch(e *train.Epoch) {
	now := time.Now()
	b.at = train.Mark{Step: e.Step, Epoch: float64(e.Epoch), Seconds: e.Total}
	b.add(func() { b.log.Epoch(now, e, float64(float32(b.network.Optimizer().LearningRate()))) })
	if every := b.settings.HistogramFreq; every > 0 && (e.Epoch-1)%every == 0 {
		weights := boardTensors(b.network.Weights())
		b.add(func() { b.log.Histograms(now, e.Epoch, weights) })
		if b.settings.WriteImages {
			var err error
			b.add(func() { err = b.log.Filters(now, e.Epoch, weights) })
			if err != nil {
				b.say(err.Error())
			}
		}
	}
	b.flush()
}

// add adds whole records to the log, or leaves them out where too much waits for the disk: from the first one on, until
// it can be written, so that there is one gap. It is told when it begins.
func (b *board) add(records func()) {
	train, validation := len(b.log.Train), len(b.log.Validation)
	if !b.gap.open {
		records()
		if !b.failing || max(len(b.log.Train), len(b.log.Validation)) <= b.most {
			return
		}
		b.log.Train, b.log.Validation = b.log.Train[:train], b.log.Validation[:validation]
		b.gap = boardGap{open: true, from: b.at}
		b.say(fmt.Sprintf("%.0f MB of the log wait for %s; what follows is left out until it can be written", float64(b.most)/1e6, b.dir))
	}
	b.gap.to = b.at
}

func boardTensors(weights []nn.Weight) []tensorboard.Tensor {
	out := make([]tensorboard.Tensor, len(weights))
	for i, w := range weights {
		out[i] = tensorboard.Tensor{Name: w.Name, Shape: w.Shape, Data: w.Data}
	}
	return out
}

// OnState writes what is left when the training ends.
func (b *board) OnState(s train.State, _ error) {
	switch s {
	case train.Finished, train.Stopped, train.Failed:
		b.flush()
	}
}

// OnMark has no place in the log.
func (b *board) OnMark(train.Mark) {}

// flush writes what has come together. A failure is told once, until it is over.
func (b *board) flush() {
	b.flushed = time.Now()
	err := b.train.append(filepath.Join(b.dir, tensorboard.Train), &b.log.Train)
	if err == nil {
		err = b.validation.append(filepath.Join(b.dir, tensorboard.Validation), &b.log.Validation)
	}
	switch {
	case err != nil && !b.failing:
		b.say(fmt.Sprintf("cannot write the log in %s: %v", b.dir, disk.Reason(err)))
	case err == nil && b.gap.open:
		b.say(fmt.Sprintf("the log in %s is written again; it lacks steps %d to %d", b.dir, b.gap.from.Step, b.gap.to.Step))
		b.gap = boardGap{}
	}
	b.failing = err != nil
}

// say tells of the log, at the place where the training is.
func (b *board) say(text string) {
	m := b.at
	m.Text = "tensorboard: " + text
	b.tell(m)
}

// boardFile is a file that grows. It is open only while it is written, so that there is nothing to close.
type boardFile struct {
	path string // "": there is none yet
	size int64  // of what is known to be there
}

// append writes the records at the file's known end, over what half a write left behind, and empties them. A file that is
// not there is begun: the first one, and where somebody cleared the folder another.
func (f *boardFile) append(dir string, records *[]byte) error {
	if len(*records) == 0 {
		return nil
	}
	text := *records
	var file *os.File
	err := fs.ErrNotExist
	if f.path != "" {
		file, err = os.OpenFile(f.path, os.O_WRONLY, filePerm)
	}
	if errors.Is(err, fs.ErrNotExist) {
		now := time.Now()
		if file, err = createBoardFile(dir, now); err != nil {
			return err
		}
		f.path, f.size = file.Name(), 0
		text = append(tensorboard.Head(now), text...)
	}
	if err != nil {
		return err
	}
	n, err := file.WriteAt(text, f.size)
	if err = errors.Join(err, file.Close()); err != nil {
		if f.size == 0 { // its head is not there either
			f.path = ""
			return errors.Join(err, os.Remove(file.Name()))
		}
		return err
	}
	f.size += int64(n)
	*records = (*records)[:0]
	return nil
}

// createBoardFile makes a new file of a run: a training that is resumed begins another one, and so does a second one.
func createBoardFile(dir string, now time.Time) (*os.File, error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, err
	}
	for n := 0; ; n++ {
		f, err := os.OpenFile(filepath.Join(dir, tensorboard.FileName(now, fmt.Sprintf("cnnbench.%d", n))), os.O_WRONLY|os.O_CREATE|os.O_EXCL, filePerm)
		if !errors.Is(err, fs.ErrExist) {
			return f, err
		}
	}
}
