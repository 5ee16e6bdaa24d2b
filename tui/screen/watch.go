package screen

import (
	"errors"
	"fmt"
	"time"

	tea "charm.land/bubbletea/v2"

	"cnnbench/nn/train"
	"cnnbench/sessions"
)

// Watching is how App.Session goes on while another program trains it: it grows, and is only to be looked at.
type Watching struct {
	Holder string // the process number of the program
	State  train.State
	Last   *train.Step // the newest; nil while it is not known

	watch *sessions.Watch
}

// Watched brings what the session that is watched has done since the last one; App.Session and App.Watching know of it
// already. Its Over is never set: Opened comes then.
type Watched struct{ News *sessions.News }

// looked is the answer to a look at the session that is watched.
type looked struct {
	watch *sessions.Watch
	news  *sessions.News
	err   error
}

// watchTime is between two looks.
const watchTime = 500 * time.Millisecond

// about makes Train and Inspect be about a stored session, or with nil about the training of this sitting, and watches a
// session that another program trains.
func (a *App) about(s *sessions.Session) tea.Cmd {
	a.Session, a.Watching = s, nil
	if s == nil || s.State != train.Running {
		return nil
	}
	if a.Running() && a.Live.Run.Name == s.Name {
		a.Session = nil // it is the one of this sitting
		return nil
	}
	w := a.Store.Watch(s)
	a.Watching = &Watching{Holder: s.Holder, State: train.Running, watch: w}
	return func() tea.Msg {
		n, err := w.Look()
		return looked{w, n, err}
	}
}

func (a *App) looked(m looked) tea.Cmd {
	x := a.Watching
	if x == nil || x.watch != m.watch {
		return nil
	}
	if m.err != nil {
		return tea.Batch(a.about(nil), a.Fail(fmt.Errorf("%w; it is no longer watched", m.err)), send(Opened{}), send(Stored{}))
	}
	n := m.news
	if n.Over {
		a.Session, a.Watching = n.Session, nil
		return tea.Batch(send(Opened{}), send(Stored{}), a.ended(n.Session, x.Holder))
	}
	again := a.Tick(watchTime, func(time.Time) tea.Msg {
		n, err := m.watch.Look()
		return looked{m.watch, n, err}
	})
	news := n.Again || n.Session != a.Session || n.Update.Last != nil || n.Update.State != x.State
	a.Session, x.State = n.Session, n.Update.State
	if n.Holder != "" {
		x.Holder = n.Holder
	}
	if n.Again {
		x.Last = nil
	}
	if n.Update.Last != nil {
		x.Last = n.Update.Last
	}
	if !news {
		return again
	}
	return tea.Batch(send(Watched{n}), again)
}

// ended says how the training ended that was watched.
func (a *App) ended(s *sessions.Session, holder string) tea.Cmd {
	switch {
	case s.State == train.Failed:
		return a.Fail(fmt.Errorf("%s failed in process %s: %s; what it had is stored", s.Name, holder, s.Reason))
	case s.State == train.Finished:
		return a.Say(fmt.Sprintf("%s is trained and stored; process %s has ended it", s.Name, holder))
	case s.Reason != "":
		return a.Fail(fmt.Errorf("process %s is gone before %s was trained; space on Train goes on with it from what is stored", holder, s.Name))
	}
	return a.Say(fmt.Sprintf("process %s has stopped %s; space on Train goes on with it", holder, s.Name))
}

// refused says why a session cannot be written, and watches it where another program trains it.
func (a *App) refused(err error) tea.Cmd {
	var busy *sessions.BusyError
	if errors.As(err, &busy) && a.Session != nil && a.Session.Name == busy.Session {
		return tea.Batch(a.Fail(err), a.Open(busy.Session))
	}
	return a.Fail(err)
}
