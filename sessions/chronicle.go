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
	header Header
	way
	left []way    // in the order in which they were left
	end  *endLine // nil: the training goes on, or was killed
	most int      // the greatest number that a branch had
}

// way is one branch from the session's start to where it stands.
type way struct {
	branch  int // its number
	began   int // epochs that were finished when it parted from another
	history []train.Epoch
	marks   []train.Mark
	curves  []json.RawMessage
	saves   []save
	changes []train.Change // in the order of their places
	made    int            // of the changes, so many; the others were made once and are to be made again
}

// save is a checkpoint that was written, or was about to be.
type save struct {
	saveLine
	marked bool        // a branch begins here, or a person marked it
	tag    *train.Mark // by which a person marked it; nil: none did
	tagged int         // of the changes that were made by then, so many

	// How much of the chronicle had happened by then.
	epochs, marks, curves, made int
}

// Branch is a way that a session's training went and that was left again. Store.TakeUp goes on with it.
type Branch struct {
	Number  int
	Epoch   int           // the finished epochs up to which it is the same as the branch that was followed last
	History []train.Epoch // of the epochs after that
	Passed  bool          // the branch that was followed last had the same weights at the end of each of them

	curves []json.RawMessage
}

// Points are the dots of its curve after the place where it parted.
func (b *Branch) Points() ([]train.Point, error) { return pointsOf(b.curves) }

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
	case l.Filed != nil:
		if at := c.find(l.Filed.File); at >= 0 {
			c.saves[at].SHA256 = l.Filed.SHA256
		}
	case l.Keep != nil:
		return c.keep(l.Keep)
	case l.Resume != nil:
		return c.resume(l.Resume)
	case l.End != nil:
		c.end = l.End
	}
	return nil
}

func (c *chronicle) mark(l *markLine) {
	c.marks = append(c.marks, train.Mark{Step: l.Step, Epoch: l.Epoch, Seconds: l.Seconds, Text: l.Text, Change: l.Change, Keep: l.Keep})
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

// keep marks a checkpoint. The mark was told before, and so were changes at the same place, which the checkpoint may not
// have.
func (c *chronicle) keep(l *keepLine) error {
	at := c.find(l.File)
	if at < 0 {
		return fmt.Errorf("the journal is damaged: %s was marked, but never saved", l.File)
	}
	s := &c.saves[at]
	s.marked, s.tagged = true, c.made
	for _, m := range slices.Backward(c.marks) {
		if m.Keep && m.Step == s.Step {
			s.tag = &m
			return nil
		}
	}
	return fmt.Errorf("the journal is damaged: %s was marked, but no mark is told of", l.File)
}

// Mark is a place that a person marked.
type Mark struct {
	train.Place
	Text string // as on the charts
}

// tags lists the places that a person marked on the branch that was followed last, in their order; of those after the
// same step the last.
func (c *chronicle) tags() []Mark {
	var out []Mark
	for _, s := range c.saves {
		if s.tag == nil {
			continue
		}
		m := Mark{Place: s.Place, Text: s.tag.Text}
		if n := len(out); n > 0 && out[n-1].Step == s.Step {
			out = out[:n-1]
		}
		out = append(out, m)
	}
	return out
}

// marked is the checkpoint of the place that was marked after so many steps; of several the last.
func (c *chronicle) marked(step int64) (save, bool) {
	for _, s := range slices.Backward(c.saves) {
		if s.tag != nil && s.Step == step {
			return s, true
		}
	}
	return save{}, false
}

// resume goes back to a checkpoint. What came after it on the same branch is done again, changes included; a new branch
// knows nothing of it. A branch that was left stands as it was left.
func (c *chronicle) resume(l *resumeLine) error {
	if i := c.leftAt(l.Branch); i >= 0 {
		taken := c.left[i]
		c.left = slices.Delete(c.left, i, i+1)
		c.leave()
		c.way = taken
	}
	at := c.find(l.File)
	if at < 0 {
		return fmt.Errorf("the journal is damaged: the training went on from %s, which was never saved", l.File)
	}
	if l.Branch != c.branch {
		made := c.saves[at].made
		if l.Mark {
			made = max(made, c.saves[at].tagged)
		}
		c.saves[at].marked = true
		next := way{branch: l.Branch, began: c.saves[at].epochs, history: slices.Clone(c.history), marks: slices.Clone(c.marks), curves: slices.Clone(c.curves),
			saves: slices.Clone(c.saves), changes: slices.Clone(c.changes[:made])}
		c.leave()
		c.way = next
	}
	c.most = max(c.most, l.Branch)
	s := &c.saves[at]
	s.SHA256 = l.SHA256
	c.history, c.marks, c.curves, c.made, c.saves = c.history[:s.epochs], c.marks[:s.marks], c.curves[:s.curves], s.made, c.saves[:at+1]
	c.end = nil
	if told := func(m train.Mark) bool { return m.Keep && m.Step == s.Step }; s.tag != nil && !slices.ContainsFunc(c.marks, told) {
		c.marks = append(slices.Clip(c.marks), *s.tag)
	}
	return nil
}

// leave puts the branch aside, if anything came of it.
func (c *chronicle) leave() {
	if len(c.history) > c.began {
		c.left = append(c.left, c.way)
	}
}

// leftAt is where a branch stands among those that were left, or -1.
func (c *chronicle) leftAt(branch int) int {
	return slices.IndexFunc(c.left, func(w way) bool { return w.branch == branch })
}

// branches tells of the branches that were left, each from where it parted from the one that was followed last.
func (c *chronicle) branches() []Branch {
	var out []Branch
	for _, w := range c.left {
		n := 0
		for n < min(len(w.saves), len(c.saves)) && w.saves[n].File == c.saves[n].File {
			n++
		}
		b := Branch{Number: w.branch}
		if n > 0 {
			b.Epoch = w.saves[n-1].Epoch
			b.History, b.curves = w.history[w.saves[n-1].epochs:], w.curves[w.saves[n-1].curves:]
		}
		b.Passed = c.passed(w.saves[n:], len(b.History))
		out = append(out, b)
	}
	return out
}

// passed reports whether the saves of so many epochs' ends are those of the branch that was followed last.
func (c *chronicle) passed(saves []save, epochs int) bool {
	for _, s := range saves {
		if !s.Between || s.Over {
			continue
		}
		if own, ok := c.ofEpoch(s.Epoch); !ok || own.Weights != s.Weights {
			return false
		}
		epochs--
	}
	return epochs <= 0
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

// past is what had happened by now.
func (c *chronicle) past() (Past, error) {
	points, err := c.points()
	return Past{Epochs: slices.Clone(c.history), Marks: slices.Clone(c.marks), Points: points, Branches: c.branches()}, err
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
