package train

import (
	tea "charm.land/bubbletea/v2"

	"cnnbench/nn/train"
)

// whyNotResume says why the run cannot go on.
func (s *Screen) whyNotResume() string {
	x := s.subject()
	switch {
	case s.app.Watching != nil:
		return s.WhyNotLed()
	case s.app.Data.Starting:
		return textIsStarting
	case x == nil:
		return textNoSubject
	case !x.over() || s.app.Running() || x.state != train.Stopped:
		return textNotStopped
	}
	return ""
}

// CanResume reports whether the tab is about a stored run that was stopped and can go on.
func (s *Screen) CanResume() bool {
	return s.app.Session != nil && s.app.Session.CanGoOn() && s.whyNotResume() == ""
}

// Resume lets the stopped run go on.
func (s *Screen) Resume() tea.Cmd { return s.app.Resume(s.subject().name, nil) }

// whyNotBack says why there is no epoch to go back to.
func (s *Screen) whyNotBack() string {
	x := s.subject()
	switch {
	case s.app.Watching != nil:
		return s.WhyNotLed()
	case s.app.Data.Starting || s.rewind != nil:
		return textIsStarting
	case x == nil:
		return textNoSubject
	case x.over() && s.app.Running():
		return s.app.Live.Run.Name + textStillTrains
	case x.before() < 0:
		return textAtStart
	}
	return ""
}

// before is the epoch at whose end the run was last: the one before the epoch under way, or before the one that has just
// ended. It is negative at the start.
func (x *subject) before() int {
	n := len(x.epochs)
	if x.last != nil && x.last.Epoch > n || x.over() && n > 0 && x.steps > x.epochs[n-1].Step {
		return n
	}
	return n - 1
}

// backEpoch goes back. A training that runs is stopped first, and everything of it is on disk then.
func (s *Screen) backEpoch() tea.Cmd {
	x := s.subject()
	at := x.before()
	if x.over() {
		return s.app.Resume(x.name, &at)
	}
	s.rewind = &at
	return s.send(train.Stop{})
}
