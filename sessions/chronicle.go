package sessions

import (
	"encoding/json"
	"fmt"
	"path"
	"slices"
	"strconv"

	"cnnbench/nn/train"
)

// chronicle is what a journal tells when it is read to its end: the training as it stands on the branch that was
// followed last, and the branches that were left.
type chronicle struct {
	header  Header
	history []train.Epoch
	marks   []train.Mark
	curves  []json.RawMessage
	saves   []save
	changes []train.Change // in the order of their places
	made    int            // of the changes, so many; the others were made once and are to be made again
	end     *endLine       // nil: the training goes on, or was killed
	branch  int            // the number of the branch
	began   int            // epochs that were finished when it began
	left    []Branch
}

// save is a checkpoint that was written, or was about to be.
type save struct {
	saveLine
	marked bool // a branch begins here

	// How much of the chronicle had happened by then.
	epochs, marks, curves, made int
}

// Branch is a way that a session's training went and that was left again.
type Branch struct {
	Number  int
	Epoch   int           // the finished epochs at which it was left for another
	History []train.Epoch // of the epochs after that
}

// newChronicle reads the lines of a journal.
func newChronicle(lines []line) (*chronicle, error) {
	c := &chronicle{header: *lines[0].Start}
	for _, l := range lines[1:] {
		if err := c.add(l); err != nil {
			return nil, err
		}
	}
	return c, nil
}

// add takes in the next line. Unless it goes back, copies of the chronicle that were made before stay as they are.
func (c *chronicle) add(l line) error {
	switch {
	case l.Epoch != nil:
		c.history = append(c.history, l.Epoch.epoch())
	case l.Mark != nil:
		c.mark(l.Mark)
	case l.Curve != nil:
		c.curves = append(c.curves, l.Curve)
	case l.Save != nil:
		c.save(*l.Save)
	case l.Resume != nil:
		return c.resume(l.Resume)
	case l.End != nil:
		c.end = l.End
	}
	return nil
}

func (c *chronicle) mark(l *markLine) {
	c.marks = append(c.marks, train.Mark{Step: l.Step, Epoch: l.Epoch, Seconds: l.Seconds, Text: l.Text, Change: l.Change})
	if l.Change == nil {
		return
	}
	if c.made == len(c.changes) || c.changes[c.made] != *l.Change { // else it was made again
		c.changes = slices.Insert(slices.Clip(c.changes), c.made, *l.Change)
	}
	c.made++
}

func (c *chronicle) save(l saveLine) {
	c.saves = append(c.saves, save{saveLine: l, epochs: len(c.history), marks: len(c.marks), curves: len(c.curves), made: c.made})
}

// resume goes back to a checkpoint. What came after it on the same branch is done again, changes included; another branch
// knows nothing of it.
func (c *chronicle) resume(l *resumeLine) error {
	at := c.find(l.File)
	if at < 0 {
		return fmt.Errorf("the journal is damaged: the training went on from %s, which was never saved", l.File)
	}
	s := &c.saves[at]
	s.SHA256 = l.SHA256
	if l.Branch != c.branch {
		if len(c.history) > c.began { // else nothing came of it
			c.left = append(c.left, Branch{Number: c.branch, Epoch: s.Epoch, History: slices.Clone(c.history[s.epochs:])})
		}
		c.began = s.epochs
		c.branch = l.Branch
		c.changes = slices.Clone(c.changes[:s.made])
		s.marked = true
	}
	c.history, c.marks, c.curves, c.made, c.saves = c.history[:s.epochs], c.marks[:s.marks], c.curves[:s.curves], s.made, c.saves[:at+1]
	c.end = nil
	return nil
}

// find is the number of the newest save of that file, or -1.
func (c *chronicle) find(file string) int {
	for i, s := range slices.Backward(c.saves) {
		if s.File == file {
			return i
		}
	}
	return -1
}

// ofEpoch is the checkpoint at the end of an epoch; false: the journal tells of none.
func (c *chronicle) ofEpoch(epoch int) (save, bool) {
	for _, s := range slices.Backward(c.saves) {
		if s.Between && !s.Over && s.Epoch == epoch {
			return s, true
		}
	}
	return save{}, false
}

// branches is the greatest number of a branch.
func (c *chronicle) branches() int {
	n := c.branch
	for _, b := range c.left {
		n = max(n, b.Number)
	}
	return n
}

// past is what had happened by now.
func (c *chronicle) past() (Past, error) {
	points, err := c.points()
	return Past{Epochs: slices.Clone(c.history), Marks: slices.Clone(c.marks), Points: points}, err
}

// pending are the changes that are to be made again.
func (c *chronicle) pending() []train.Change { return slices.Clone(c.changes[c.made:]) }

// best is the best epoch by the monitored figure.
func (c *chronicle) best() *Best {
	for _, e := range slices.Backward(c.history) {
		if e.Best {
			if v, ok := e.Log(c.header.Monitor); ok {
				return &Best{Epoch: e.Epoch, Monitor: c.header.Monitor, Value: v}
			}
		}
	}
	return nil
}

// points are the dots of the curve.
func (c *chronicle) points() ([]train.Point, error) { return pointsOf(c.curves) }

// pointsOf are the dots of pieces of a curve.
func pointsOf(curves []json.RawMessage) ([]train.Point, error) {
	var out []train.Point
	for _, text := range curves {
		var dots []curveDot
		if err := json.Unmarshal(text, &dots); err != nil {
			return nil, fmt.Errorf("the journal's curve is damaged: %w", err)
		}
		for _, d := range dots {
			out = append(out, d.point())
		}
	}
	return out, nil
}

// branchFile is a checkpoint's name below the folder of checkpoints: each branch but the first has a folder of its own.
func branchFile(branch int, name string) string {
	if branch == 0 {
		return name
	}
	return path.Join(strconv.Itoa(branch), name)
}
