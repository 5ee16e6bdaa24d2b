package sessions

import (
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strconv"
	"time"

	"cnnbench/nn/train"
	"cnnbench/sessions/atomicfile"
	"cnnbench/sessions/disk"
)

// Interval says how often a checkpoint is saved between the epochs' ends. The zero value is DefaultInterval.
type Interval struct {
	Steps int
	Every time.Duration
}

// DefaultInterval is what is lost at most when the power goes off.
const DefaultInterval = 30 * time.Second

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

// Between the interval's saves, the ends of epochs are saved as well; but where that would take more than some 2 % of the
// training's time, it is left out for some of them. How much time both take is not asked of the clock, so that the same
// training keeps the same checkpoints: saving goes by the bytes, training by the operations, of which two fast cores do
// many fewer while the byte is made, hashed, written and synced.
const (
	largeCheckpoint  = 1 << 20 // bytes; below it nothing is left out
	operationsAByte  = 100_000 // floating-point operations
	trainingPasses   = 3       // forward, and backward twice as much
	operationsOfAMAC = 2
)

// recorder observes a training and writes it down: its methods run in the trainer's goroutine and only copy; a
// goroutine of its own writes, so that a slow disk does not hold up the training until two saves are waiting.
type recorder struct {
	disk     disk.FS
	dir      string
	branch   int
	stamp    stamp
	interval Interval
	journal  *journal
	warn     func(error) // told when saving begins to fail, in the writing goroutine
	told     func(error) // told how each save ended, after warn
	acked    func(save)  // told of each checkpoint that is on disk, in the writing goroutine; nil: nobody
	work     float64     // operations of a step; 0: the end of each epoch is saved
	large    int         // bytes of a checkpoint from which on some are not

	// The trainer's.
	step    int64
	due     bool // a checkpoint, at the next place between two batches
	keep    bool // that checkpoint was marked by a person
	saved   time.Time
	curve   curve
	lines   []line // of the epoch that has just ended
	history []train.Epoch
	ended   endLine
	jobs    chan job
	sent    int // jobs
	pulses  pulses
	spare   chan *train.Checkpoint // that are written, to be filled again
	done    chan struct{}

	// The writing goroutine's.
	wrote  int    // jobs
	buffer []byte // of the newest file, to be filled again
	kept   kept
	newest saveLine
	filed  int64 // steps of the newest one that is on disk
	held   []held
	failed error // the last save; nil: it succeeded
	stuck  bool  // something cannot be removed
}

// job is what is to be written: the lines first, then the checkpoint of which they tell, then the line of the end.
type job struct {
	lines      []line
	checkpoint *train.Checkpoint // nil: none
	history    []train.Epoch     // by then
	keep       bool              // the checkpoint is marked
	rest       bool              // what was left out is written now: the training pauses
	end        *endLine          // nil: the training goes on
}

// held is a checkpoint that the journal tells of and that is not on disk: the newest, and that of the best epoch.
type held struct {
	save
	*train.Checkpoint
	history []train.Epoch
	best    bool
}

// start begins to write. finish must follow.
func (r *recorder) start() {
	r.saved = time.Now()
	r.jobs = make(chan job, 2)
	r.spare = make(chan *train.Checkpoint, 2)
	r.done = make(chan struct{})
	r.pulses.start(r.dir)
	go r.writeAll()
}

// writeAll writes what the trainer hands over, until there will be no more.
func (r *recorder) writeAll() {
	defer close(r.done)
	defer r.pulses.end(r.disk)
	for {
		select {
		case j, more := <-r.jobs:
			if !more {
				return
			}
			r.do(j)
		case p := <-r.pulses.next:
			for r.wrote < p.jobs { // it tells what came after them
				r.do(<-r.jobs)
			}
			r.pulses.write(r.disk, p, r.journal.size)
		}
	}
}

// send hands a job over.
func (r *recorder) send(j job) {
	r.jobs <- j
	r.sent++
}

func (r *recorder) do(j job) {
	r.report(r.write(j))
	r.wrote++
	if c := j.checkpoint; c != nil && !slices.ContainsFunc(r.held, func(h held) bool { return h.Checkpoint == c }) {
		r.giveBack(c)
	}
}

// giveBack lets the trainer fill a checkpoint again.
func (r *recorder) giveBack(c *train.Checkpoint) {
	select {
	case r.spare <- c:
	default:
	}
}

// report tells of a save that failed: once, until one succeeds.
func (r *recorder) report(err error) {
	if err != nil && r.failed == nil {
		r.warn(err)
	}
	r.told(err)
	r.failed = err
}

// write writes a job. A checkpoint follows only on a journal that tells how it came to be, and the line of the end only
// on the checkpoint of it: else the training counts as stopped and can go on.
func (r *recorder) write(j job) error {
	var s save
	var text []byte
	var hold bool
	lines := j.lines
	if j.checkpoint != nil {
		p, between, err := j.checkpoint.Place()
		if err != nil {
			return err
		}
		// What is of the same place is not saved twice: changes made there meanwhile are in the journal. Nor is the end,
		// where the callbacks changed nothing.
		if branchFile(r.branch, checkpointName(p, between)) == r.newest.File || p.Over && r.newest.has(j.checkpoint) {
			j.checkpoint, j.rest = nil, true
		} else if hold = between && !p.Over && !j.keep && r.leavesOut(p); hold {
			s = r.describe(j.checkpoint, p, between)
			lines = append(slices.Clone(lines), line{Save: &s.saveLine})
		} else {
			if s, text, err = r.encode(j.checkpoint, j.history); err != nil {
				return errors.Join(err, r.journal.append(j.lines...))
			}
			lines = append(slices.Clone(lines), line{Save: &s.saveLine})
		}
	}
	if err := r.journal.append(lines...); err != nil {
		return fmt.Errorf("cannot save in %s: %w", r.dir, disk.Reason(err))
	}
	last := train.Epoch{} // that is finished
	if n := len(j.history); n > 0 {
		last = j.history[n-1]
	}
	best := last.Best && s.Between && !s.Over
	if hold {
		r.hold(held{s, j.checkpoint, j.history, best})
	} else if j.checkpoint != nil {
		if err := r.save(s.File, text); err != nil {
			return err
		}
		r.newest = s.saveLine
		r.file(s, int64(len(text)))
		if last.Best {
			r.kept.best = last.Epoch
		}
		r.drop(func(h held) bool { return !h.best || best })
	}
	if !hold && (j.checkpoint != nil || j.rest || j.end != nil) {
		if err := r.writeHeld(); err != nil {
			return err
		}
		r.prune()
	}
	if j.keep {
		r.kept.mark(r.newest.File)
		if err := r.journal.append(line{Keep: &keepLine{r.newest.File}}); err != nil {
			return fmt.Errorf("cannot save in %s: %w", r.dir, disk.Reason(err))
		}
	}
	if j.end != nil {
		if err := r.journal.append(line{End: j.end}); err != nil {
			return fmt.Errorf("cannot save in %s: %w", r.dir, disk.Reason(err))
		}
	}
	return nil
}

// leavesOut reports whether the end of an epoch is not worth its bytes yet.
func (r *recorder) leavesOut(p train.Place) bool {
	bytes := 0
	for _, f := range r.kept.files {
		bytes = max(bytes, int(f.size))
	}
	return r.work > 0 && bytes >= r.large && float64(p.Step-r.filed)*r.work < operationsAByte*float64(bytes)
}

// hold keeps a checkpoint that was left out for as long as it is the newest or the best.
func (r *recorder) hold(h held) {
	if h.best {
		r.kept.best = h.Epoch
	}
	r.drop(func(old held) bool { return !old.best || h.best })
	r.held, r.newest = append(r.held, h), h.saveLine
}

// drop gives up what was left out.
func (r *recorder) drop(unwanted func(h held) bool) {
	rest := r.held[:0]
	for _, h := range r.held {
		if unwanted(h) {
			r.giveBack(h.Checkpoint)
		} else {
			rest = append(rest, h)
		}
	}
	clear(r.held[len(rest):])
	r.held = rest
}

// writeHeld writes what was left out. What fails is tried again the next time.
func (r *recorder) writeHeld() error {
	for len(r.held) > 0 {
		h := r.held[0]
		text, err := encodeCheckpoint(r.buffer, h.Checkpoint, r.stamp, h.history)
		if err != nil {
			return fmt.Errorf("cannot save the checkpoint: %w", err)
		}
		r.buffer, h.SHA256 = text, sumOf(text)
		if err := r.journal.append(line{Filed: &filedLine{h.File, h.SHA256}}); err != nil {
			return fmt.Errorf("cannot save in %s: %w", r.dir, disk.Reason(err))
		}
		if err := r.save(h.File, text); err != nil {
			return err
		}
		if r.newest.File == h.File {
			r.newest = h.saveLine
		}
		r.file(h.save, int64(len(text)))
		r.giveBack(h.Checkpoint)
		r.held = r.held[1:]
	}
	return nil
}

// file takes a checkpoint that is on disk.
func (r *recorder) file(s save, size int64) {
	r.filed = max(r.filed, s.Step)
	r.kept.add(s, size)
	if r.acked != nil {
		r.acked(s)
	}
}

// prune removes what is no longer needed. What cannot be removed is told once, and tried again after the next save.
func (r *recorder) prune() {
	err := r.kept.prune()
	if err != nil && !r.stuck {
		r.warn(err)
	}
	r.stuck = err != nil
}

// encode makes a checkpoint's file, and the line that tells of it.
func (r *recorder) encode(c *train.Checkpoint, history []train.Epoch) (save, []byte, error) {
	p, between, err := c.Place()
	var text []byte
	if err == nil {
		text, err = encodeCheckpoint(r.buffer, c, r.stamp, history)
	}
	if err != nil {
		return save{}, nil, fmt.Errorf("cannot save the checkpoint: %w", err)
	}
	r.buffer = text
	s := r.describe(c, p, between)
	s.SHA256 = sumOf(text)
	return s, text, nil
}

// describe is what the journal tells of a checkpoint, but for the SHA-256 of its file.
func (r *recorder) describe(c *train.Checkpoint, p train.Place, between bool) save {
	return save{saveLine: saveLine{File: branchFile(r.branch, checkpointName(p, between)), Place: p, Between: between, Weights: digest(c)}}
}

// save writes a checkpoint.
func (r *recorder) save(file string, text []byte) error {
	if err := atomicfile.WriteFileFS(r.disk, r.path(file), text, filePerm); err != nil {
		return fmt.Errorf("cannot save the checkpoint in %s: %w", filepath.Dir(r.path(file)), disk.Reason(err))
	}
	return nil
}

func (r *recorder) path(file string) string {
	return filepath.Join(r.dir, checkpointFolder, filepath.FromSlash(file))
}

// OnState keeps the state that the training ends in, and lets those who watch know of a pause.
func (r *recorder) OnState(s train.State, err error) {
	if s == train.Running || s == train.Paused {
		r.pulses.state = s
		r.pulses.beat(&r.curve, r.sent)
	}
	if s == train.Paused && r.work > 0 {
		r.send(job{rest: true})
	}
	r.ended.State = s.String()
	if err != nil {
		r.ended.Error = err.Error()
	}
}

// OnStep keeps the curve, and asks for a checkpoint where the interval says so.
func (r *recorder) OnStep(s *train.Step) {
	r.step = s.Step
	r.curve.add(s)
	if r.pulses.onStep(s) {
		r.pulses.beat(&r.curve, r.sent)
	}
	if r.interval.Steps > 0 && s.Step%int64(r.interval.Steps) == 0 || r.interval.Every > 0 && time.Since(r.saved) >= r.interval.Every {
		r.due = true
	}
}

// OnEpoch keeps the epoch's line, and asks for a checkpoint.
func (r *recorder) OnEpoch(e *train.Epoch) {
	l := newEpochLine(e)
	r.history = append(r.history, l.epoch())
	r.lines = append(append(r.lines, r.curveLines()...), line{Epoch: l})
	r.due = true
}

// OnMark writes the mark down at once: it may be of a change that a person made.
func (r *recorder) OnMark(m train.Mark) {
	l := &markLine{Step: m.Step, Epoch: m.Epoch, Seconds: m.Seconds, Text: m.Text, Change: m.Change, Keep: m.Keep}
	if m.Keep {
		r.due, r.keep = true, true
	}
	r.send(job{lines: append(r.take(), line{Mark: l})})
}

// between saves what was asked for.
func (r *recorder) between(t *train.Trainer) {
	if !r.due {
		return
	}
	r.due, r.saved = false, time.Now()
	old := &train.Checkpoint{}
	select {
	case old = <-r.spare:
	default:
	}
	r.send(job{lines: append(r.take(), r.curveLines()...), checkpoint: t.CheckpointOver(old), history: r.history, keep: r.keep})
	r.keep = false
}

// take hands over the lines that were not written yet.
func (r *recorder) take() []line {
	out := r.lines
	r.lines = nil
	return out
}

func (r *recorder) curveLines() []line {
	dots := r.curve.take()
	if len(dots) == 0 {
		return nil
	}
	text, err := json.Marshal(dots)
	if err != nil {
		panic("sessions: a curve cannot be encoded")
	}
	return []line{{Curve: text}}
}

// finish writes the checkpoint at the end of training and closes the journal; err is what the training ended with. After
// a failure the last checkpoint stays the newest: the network may be in the midst of a step.
func (r *recorder) finish(t *train.Trainer, err error) error {
	if err != nil && r.ended.Error == "" {
		r.ended.State, r.ended.Error = train.Failed.String(), err.Error()
	}
	r.ended.Step, r.ended.Ended = r.step, time.Now().UTC()
	end := r.ended
	last := job{lines: append(r.take(), r.curveLines()...), history: r.history, end: &end}
	if err == nil {
		last.checkpoint = t.Checkpoint()
	}
	r.send(last)
	close(r.jobs)
	<-r.done
	if cerr := r.journal.close(); cerr != nil && r.failed == nil {
		r.failed = fmt.Errorf("close the journal: %w", cerr)
	}
	if r.failed != nil {
		return fmt.Errorf("the end of the training is not on disk: %w; once that is mended, `cnnbench resume %s` does again what is missing", r.failed, filepath.Base(r.dir))
	}
	return nil
}
