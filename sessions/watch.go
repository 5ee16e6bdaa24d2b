package sessions

import (
	"bytes"
	"errors"
	"fmt"
	"path/filepath"
	"slices"

	"cnnbench/nn/train"
)

// Watch follows a session that another program trains. It writes nothing, and reads only what is new: a look costs two
// small reads where nothing has happened. It may be used in one goroutine at a time.
type Watch struct {
	store   *Store
	name    string
	session *Session
	own     bool // what is behind the ends of its slices is this watch's
	reader  reader
	last    int64 // the newest step that was told
	over    bool
}

// News is what became of a watched session since the last look.
type News struct {
	Session *Session     // as it stands now; another one than before only where the journal has grown
	Holder  string       // the process that trains it
	Over    bool         // no process does any more, and Session is an ordinary stored one; there will be no more news
	Update  train.Update // the state; the new steps, epochs and marks that the journal tells of; the newest step of all
	// Tail is the steps of which the journal does not tell yet. They take the place of the last tail.
	Tail []train.Point
	// Again says that the training went back, or that the journal was read anew: Session tells all that happened, and
	// Update only the newest step.
	Again bool
}

// Watch begins to follow a session as it was read.
func (s *Store) Watch(session *Session) *Watch {
	w := &Watch{store: s, name: session.Name}
	w.begin(session)
	return w
}

func (w *Watch) begin(session *Session) {
	w.session, w.own, w.reader = session, false, session.journal
}

// Look tells what has happened since the last look.
func (w *Watch) Look() (*News, error) {
	if w.over {
		return nil, errors.New("the training is over")
	}
	// In this order: who has ended has written all, and the journal is no older than the pulse.
	holder, held := w.store.fs().Holder(filepath.Join(w.session.Dir, lockFile))
	if !held {
		w.over = true
		session, err := w.store.Open(w.name)
		if err != nil {
			return nil, err
		}
		if session.State == train.Running { // another program has taken it up this moment
			w.over = false
		}
		w.begin(session)
		return &News{Session: session, Holder: session.Holder, Over: w.over, Update: train.Update{State: session.State}, Again: true}, nil
	}
	p := readPulse(w.store.fs(), w.session.Dir)
	n, err := w.read()
	if err != nil {
		return nil, err
	}
	n.Holder, n.Update.State = holder, train.Running
	if p == nil || p.Journal < w.reader.back { // left by a program that was killed
		return n, nil
	}
	n.Update.State = p.alive()
	if l := p.Last; l != nil && (l.Step > w.last || n.Again) {
		n.Update.Last, w.last = l.step(), l.Step
	}
	told := int64(0)
	if i := len(w.session.Points); i > 0 {
		told = w.session.Points[i-1].Step
	}
	n.Tail = p.points(told)
	return n, nil
}

// read reads what the journal has got.
func (w *Watch) read() (*News, error) {
	path := filepath.Join(w.session.Dir, journalFile)
	st, err := w.store.fs().Stat(path)
	if err != nil {
		return nil, fmt.Errorf("watch session %s: %w", w.name, err)
	}
	if st.Size() == w.reader.size {
		return &News{Session: w.session}, nil
	}
	text, err := w.store.fs().ReadFrom(path, w.reader.size, maxJournal)
	if err != nil {
		return nil, fmt.Errorf("watch session %s: %w", w.name, err)
	}
	lines, err := w.reader.take(text)
	// A line that was not synced may have been written over by another, and then there is no line where one should begin.
	lost := err != nil || st.Size() < w.reader.size || len(lines) == 0 && bytes.HasSuffix(text, []byte{'\n'})
	if lost || slices.ContainsFunc(lines, line.goesBack) {
		return w.anew()
	}
	return w.grow(lines)
}

// anew reads the whole session.
func (w *Watch) anew() (*News, error) {
	session, err := w.store.Open(w.name)
	if err != nil {
		return nil, err
	}
	w.begin(session)
	w.last = 0
	return &News{Session: w.session, Again: true}, nil
}

// grow makes the session one that has the lines, too.
func (w *Watch) grow(lines []line) (*News, error) {
	n := &News{Session: w.session}
	if len(lines) == 0 {
		return n, nil
	}
	c, known := *w.session.chronicle, w.session.Points // the sessions that were handed out keep theirs
	if !w.own {
		c.history, c.marks, c.curves, c.saves = slices.Clip(c.history), slices.Clip(c.marks), slices.Clip(c.curves), slices.Clip(c.saves)
		known, w.own = slices.Clip(known), true
	}
	for _, l := range lines {
		if err := c.add(l); err != nil {
			return nil, err
		}
	}
	old := w.session.chronicle
	points, err := pointsOf(c.curves[len(old.curves):])
	if err != nil {
		return nil, err
	}
	n.Update = train.Update{Steps: points, Epochs: c.history[len(old.history):], Marks: c.marks[len(old.marks):]}
	next := *w.session
	next.Info = w.store.infoOf(w.name, &c)
	next.chronicle, next.journal = &c, w.reader
	next.History, next.Marks, next.Points = c.history, c.marks, append(known, points...)
	w.session, n.Session = &next, &next
	return n, nil
}
