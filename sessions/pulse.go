package sessions

import (
	"bytes"
	"encoding/json"
	"errors"
	"io/fs"
	"path/filepath"
	"slices"
	"time"

	"cnnbench/nn/train"
	"cnnbench/sessions/disk"
)

// pulseFile lies beside the journal while a program trains the session: what it does just now, for those who watch. It is
// one line with a checksum, written over again and again and never synced. Nothing that is kept depends on it: a torn one
// is passed over, and so is one that a killed program left.
const pulseFile = "pulse.json"

// pulseTime is between two pulses.
const pulseTime = 500 * time.Millisecond

// maxPulse is the largest pulse that is read: a curve of one epoch and the names of metrics.
const maxPulse = 1 << 20

// pulse is what a training does just now.
type pulse struct {
	Journal int64      `json:"journal"` // bytes that it has by now
	State   string     `json:"state"`
	Last    *stepLine  `json:"last,omitempty"`  // the newest step
	Curve   []curveDot `json:"curve,omitempty"` // of the steps of which the journal does not tell yet

	jobs int // that were handed over before
}

// stepLine is a train.Step.
type stepLine struct {
	Step         int64        `json:"step"`
	Epoch        int          `json:"epoch"`
	Batch        int          `json:"batch"`
	Batches      int          `json:"batches"`
	Samples      int          `json:"samples"`
	Loss         number       `json:"loss"`
	Means        []namedValue `json:"means,omitempty"`
	LearningRate number       `json:"learning_rate"`
	Seconds      float64      `json:"seconds"`
}

func newStepLine(s *train.Step) *stepLine {
	l := &stepLine{Step: s.Step, Epoch: s.Epoch, Batch: s.Batch, Batches: s.Batches, Samples: s.Samples, Loss: number(s.Loss),
		LearningRate: number(s.LearningRate), Seconds: s.Seconds}
	for _, v := range s.Means {
		l.Means = append(l.Means, namedValue{v.Name, number(v.Value)})
	}
	return l
}

func (l *stepLine) step() *train.Step {
	s := &train.Step{Step: l.Step, Epoch: l.Epoch, Batch: l.Batch, Batches: l.Batches, Samples: l.Samples, Loss: float64(l.Loss),
		LearningRate: float64(l.LearningRate), Seconds: l.Seconds}
	for _, v := range l.Means {
		s.Means = append(s.Means, train.Value{Name: v.Name, Value: float64(v.Value)})
	}
	return s
}

// pulses hands pulses from the trainer to the goroutine that writes. It never waits: where the disk is slow, the newest
// takes the place of the one that was not written yet.
type pulses struct {
	every time.Duration // less than 0: none
	path  string
	next  chan *pulse

	// The trainer's.
	state train.State
	last  train.Step // with Means of its own
	at    time.Time  // of the last one

	// The writing goroutine's.
	file disk.File // nil: not made yet
}

func (p *pulses) start(dir string) {
	if p.every == 0 {
		p.every = pulseTime
	}
	p.path, p.next, p.at = filepath.Join(dir, pulseFile), make(chan *pulse, 1), time.Now()
}

// onStep keeps the newest step, and reports whether a pulse is due.
func (p *pulses) onStep(s *train.Step) bool {
	means := append(p.last.Means[:0], s.Means...)
	p.last = *s
	p.last.Means = means
	return p.every > 0 && time.Since(p.at) >= p.every
}

// beat hands a pulse over; c is the curve since the journal's, jobs how many were handed over before.
func (p *pulses) beat(c *curve, jobs int) {
	if p.every < 0 {
		return
	}
	p.at = time.Now()
	out := &pulse{State: p.state.String(), Curve: c.look(), jobs: jobs}
	if p.last.Step > 0 {
		out.Last = newStepLine(&p.last)
	}
	select {
	case <-p.next:
	default:
	}
	p.next <- out // for which there is room: nobody else sends
}

// write writes a pulse. One that cannot be written is not missed: the next is soon there, and it is no part of the session.
func (p *pulses) write(d disk.FS, one *pulse, journal int64) {
	one.Journal = journal
	if p.file == nil {
		made, err := d.Create(p.path, filePerm)
		if err == nil {
			err = made.Close()
		}
		if err != nil && !errors.Is(err, fs.ErrExist) { // a program that was killed left it
			return
		}
		if p.file, err = d.Open(p.path); err != nil {
			p.file = nil
			return
		}
	}
	_, _ = p.file.WriteAt(sealed(one), 0) // what is behind the line's end is of an earlier one
}

// end takes the file away. One that cannot be removed now goes at the next start.
func (p *pulses) end(d disk.FS) {
	if p.file != nil {
		_ = p.file.Close()
		_ = d.Remove(p.path)
	}
}

// readPulse reads the pulse of a session; nil: there is none, or it is being written.
func readPulse(d disk.FS, dir string) *pulse {
	text, err := d.ReadFrom(filepath.Join(dir, pulseFile), 0, maxPulse)
	if err != nil {
		return nil
	}
	return parsePulse(text)
}

func parsePulse(text []byte) *pulse {
	one, _, whole := bytes.Cut(text, []byte{'\n'})
	var p pulse
	if !whole || !sound(one) || json.Unmarshal(one, &p) != nil {
		return nil
	}
	return &p
}

// points are those of the curve behind a step.
func (p *pulse) points(after int64) []train.Point {
	var out []train.Point
	for _, d := range p.Curve {
		if q := d.point(); q.Step > after {
			out = append(out, q)
		}
	}
	return out
}

// alive is the state that a pulse tells, of a training that has not ended.
func (p *pulse) alive() train.State {
	if p.State == train.Paused.String() {
		return train.Paused
	}
	return train.Running
}

// look is what take would hand over.
func (c *curve) look() []curveDot {
	shown := curve{dots: slices.Clone(c.dots)}
	return shown.take()
}
