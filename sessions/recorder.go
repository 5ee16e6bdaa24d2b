package sessions

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"cnnbench/nn"
	"cnnbench/nn/train"
	"cnnbench/sessions/atomicfile"
	"cnnbench/sessions/safetensors"
)

// Interval says how often the weights are saved between the epochs' ends. The zero value is never.
type Interval struct {
	Steps int
	Every time.Duration
}

// ParseInterval reads a number of steps, 50, or a time, 30s.
func ParseInterval(s string) (Interval, error) {
	if n, err := strconv.Atoi(s); err == nil && n >= 1 {
		return Interval{Steps: n}, nil
	}
	if d, err := time.ParseDuration(s); err == nil && d >= time.Second {
		return Interval{Every: d}, nil
	}
	return Interval{}, fmt.Errorf("found %q, needs a number of steps such as 50, or a time of 1s or more such as 30s", s)
}

// keptBytes is how much the epochs' weights of a session may take on disk; beyond it they are thinned out.
// It holds 33 epochs of a million parameters.
const keptBytes = 128 << 20

// recorder observes a training and writes it down: its methods run in the trainer's goroutine and only copy; a
// goroutine of its own writes, so that a slow disk does not hold up the training until two saves are waiting.
type recorder struct {
	dir        string
	experiment *Experiment
	network    *nn.Network
	interval   Interval
	journal    *journal
	warn       func(error) // told when saving begins to fail, in the writing goroutine

	epoch  int // finished
	step   int64
	saved  time.Time
	curve  curve
	ended  endLine
	jobs   chan job
	done   chan struct{}
	failed error // the last save; nil: it succeeded
}

// job is what is to be written: the weights under each of the names first, then the lines that speak of them.
type job struct {
	weights *Weights
	names   []string
	lines   []line
}

// create writes what must be on disk before the first step: the experiment, the weights of epoch 0, and the journal's
// header last, without which the folder is no session.
func (r *recorder) create(h *Header) error {
	if err := os.Mkdir(filepath.Join(r.dir, weightsFolder), 0o755); err != nil {
		return fmt.Errorf("make the session's folder: %w", err)
	}
	if err := atomicfile.WriteFile(filepath.Join(r.dir, experimentFile), r.experiment.Encode(), filePerm); err != nil {
		return fmt.Errorf("cannot save the experiment in %s: %w", r.dir, reason(err))
	}
	if err := r.saveWeights(r.copy(), epochWeights(0)); err != nil {
		return err
	}
	var err error
	r.journal, err = createJournal(filepath.Join(r.dir, journalFile), h)
	return err
}

// start begins to write. finish must follow.
func (r *recorder) start() {
	r.saved = time.Now()
	r.jobs = make(chan job, 2)
	r.done = make(chan struct{})
	go func() {
		defer close(r.done)
		for j := range r.jobs {
			r.report(r.write(j))
		}
	}()
}

// report tells of a save that failed: once, until one succeeds.
func (r *recorder) report(err error) {
	if err != nil && r.failed == nil {
		r.warn(err)
	}
	r.failed = err
}

func (r *recorder) write(j job) error {
	var err error
	if j.weights != nil {
		err = r.saveWeights(j.weights, j.names...)
	}
	// The journal goes on without the weights: what it says stays true.
	if jerr := r.journal.append(j.lines...); jerr != nil {
		return jerr
	}
	return err
}

func (r *recorder) saveWeights(w *Weights, names ...string) error {
	text, err := safetensors.Encode(w.File(r.experiment))
	if err != nil {
		return fmt.Errorf("cannot save the weights: %w", err)
	}
	dir := filepath.Join(r.dir, weightsFolder)
	for _, name := range names {
		if err := atomicfile.WriteFile(filepath.Join(dir, name), text, filePerm); err != nil {
			return fmt.Errorf("cannot save the weights in %s: %w", dir, reason(err))
		}
	}
	return thin(dir, int64(len(text)))
}

// reason is the system's own word for why a file cannot be written, without the paths that the message has already.
func reason(err error) error {
	var pe *fs.PathError
	if errors.As(err, &pe) {
		return pe.Err
	}
	return err
}

// thin removes weights of epochs, those of a size each, until the rest fits keptBytes: first those of every other
// epoch, then of every other one left, and so on; the first and the last always stay.
func thin(dir string, size int64) error {
	kept := keptEpochs(dir)
	most := max(2, int(keptBytes/max(size, 1)))
	for stride := 2; len(kept) > most; stride *= 2 {
		var rest []int
		for i, n := range kept {
			if n%stride == 0 || i == len(kept)-1 {
				rest = append(rest, n)
			} else if err := os.Remove(filepath.Join(dir, epochWeights(n))); err != nil {
				return fmt.Errorf("thin out the kept epochs: %w", err)
			}
		}
		kept = rest
	}
	return nil
}

func (r *recorder) copy() *Weights {
	w := Copy(r.network)
	w.Epoch, w.Step = r.epoch, r.step
	return w
}

// OnState keeps the state that the training ends in.
func (r *recorder) OnState(s train.State, err error) {
	r.ended.State = s.String()
	if err != nil {
		r.ended.Error = err.Error()
	}
}

// OnStep keeps the curve, and saves where the interval says so.
func (r *recorder) OnStep(s *train.Step) {
	r.step = s.Step
	r.curve.add(s)
	if r.interval.Steps > 0 && s.Step%int64(r.interval.Steps) == 0 || r.interval.Every > 0 && time.Since(r.saved) >= r.interval.Every {
		r.saved = time.Now()
		r.jobs <- job{weights: r.copy(), names: []string{lastWeights}, lines: r.curveLines()}
	}
}

// OnEpoch saves the weights and the epoch's line.
func (r *recorder) OnEpoch(e *train.Epoch) {
	r.epoch, r.step = e.Epoch, e.Step
	names := []string{lastWeights} // what counts most comes first, should the disk be full
	if e.Best {
		names = append(names, bestWeights)
	}
	names = append(names, epochWeights(e.Epoch))
	r.saved = time.Now()
	r.jobs <- job{weights: r.copy(), names: names, lines: append(r.curveLines(), line{Epoch: newEpochLine(e)})}
}

// OnMark writes the mark down.
func (r *recorder) OnMark(m train.Mark) {
	l := markLine(m)
	r.jobs <- job{lines: []line{{Mark: &l}}}
}

func (r *recorder) curveLines() []line {
	dots := r.curve.take()
	if len(dots) == 0 {
		return nil
	}
	return []line{{Curve: dots}}
}

// finish writes the weights at the end of training and closes the journal; err is what the training ended with.
func (r *recorder) finish(err error) error {
	if err != nil && r.ended.Error == "" {
		r.ended.State, r.ended.Error = train.Failed.String(), err.Error()
	}
	r.ended.Step, r.ended.Ended = r.step, time.Now().UTC()
	end := r.ended
	r.jobs <- job{weights: r.copy(), names: []string{lastWeights}, lines: append(r.curveLines(), line{End: &end})}
	close(r.jobs)
	<-r.done
	if cerr := r.journal.close(); cerr != nil {
		return fmt.Errorf("close the journal: %w", cerr)
	}
	if r.failed != nil {
		return fmt.Errorf("the end of the training is not on disk: %w", r.failed)
	}
	return nil
}
