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

// board writes the log of a tensorboard callback, as an observer of the training. What cannot be written now is written
// later, in its place: a disk that was full for a while leaves no gap, and the training never ends for its log.
type board struct {
	settings *train.TensorBoard
	dir      string
	network  *nn.Network
	tell     func(train.Mark) // that writing begins to fail

	log               tensorboard.Log
	train, validation boardFile
	at                train.Mark // where the training is
	flushed           time.Time
	failing           bool
}

// withBoards adds the writers of the experiment's tensorboard callbacks to the observers, who are told of what they fail in.
func (p *Prepared) withBoards(n *nn.Network, observers []train.Observer) []train.Observer {
	tell := func(m train.Mark) {
		for _, o := range observers {
			o.OnMark(m)
		}
	}
	out := slices.Clone(observers)
	for _, c := range p.Experiment.Fit.Callbacks {
		if t, ok := c.(*train.TensorBoard); ok {
			out = append(out, &board{settings: t, dir: absolute(t.LogDir, p.Dir), network: n, tell: tell, flushed: time.Now()})
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
	b.log.Batch(now, s.Step, s.Means)
	if now.Sub(b.flushed) >= boardFlush {
		b.flush()
	}
}

// OnEpoch writes the epoch's figures, and the histograms where it is their turn.
func (b *board) OnEpoch(e *train.Epoch) {
	now := time.Now()
	b.at = train.Mark{Step: e.Step, Epoch: float64(e.Epoch), Seconds: e.Total}
	b.log.Epoch(now, e, float64(float32(b.network.Optimizer().LearningRate())))
	if every := b.settings.HistogramFreq; every > 0 && (e.Epoch-1)%every == 0 {
		weights := boardTensors(b.network.Weights())
		b.log.Histograms(now, e.Epoch, weights)
		if b.settings.WriteImages {
			if err := b.log.Filters(now, e.Epoch, weights); err != nil {
				b.fail(err)
			}
		}
	}
	b.flush()
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
	if err != nil && !b.failing {
		b.fail(fmt.Errorf("cannot write the log in %s: %w", b.dir, disk.Reason(err)))
	}
	b.failing = err != nil
}

func (b *board) fail(err error) {
	m := b.at
	m.Text = "tensorboard: " + err.Error()
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
