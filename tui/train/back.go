package train

import (
	"fmt"
	"slices"
	"strings"
	"unicode"

	tea "charm.land/bubbletea/v2"

	"cnnbench/nn/train"
	"cnnbench/tui/curves"
	"cnnbench/tui/form"
)

// whyNotResume says why the run cannot go on.
func (s *Screen) whyNotResume() string {
	x := s.subject()
	switch {
	case s.app.Watching != nil:
		return s.WhyNotLed()
	case s.app.Starting():
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
	case s.app.Starting():
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

// backEpoch goes back to where the run was last.
func (s *Screen) backEpoch() tea.Cmd { return s.backTo(target{epoch: s.subject().before()}) }

// target is a place to go back to.
type target struct {
	marked bool
	step   int64 // that was marked
	epoch  int   // else the end of this one
}

// chooseBack asks for the place to go back to: the ends of epochs and the marks that lie behind, the newest first, and
// the start.
func (s *Screen) chooseBack() tea.Cmd {
	x := s.subject()
	top := bestOf(x.epochs)
	var items []form.Item
	var targets []target
	for at := x.before(); at >= 0; at-- {
		for _, m := range slices.Backward(x.marks) {
			if m.Keep && int(m.Epoch) == at && !slices.Contains(targets, target{marked: true, step: m.Step}) {
				items = append(items, form.Item{Title: fmt.Sprintf(textMarkAt, m.Text, m.Step)})
				targets = append(targets, target{marked: true, step: m.Step})
			}
		}
		i := form.Item{Title: fmt.Sprintf(textEpochEnd, at)}
		if at == 0 {
			i.Title = textStart
		} else {
			e := &x.epochs[at-1]
			for _, name := range []string{x.monitor, curves.Loss} {
				if v, ok := e.Log(name); ok {
					i.Detail = curves.Short(name) + " " + curves.Value(v)
					break
				}
			}
			if e == top {
				i.Title += " " + textTheBest
			}
		}
		var within []string // what happened in the epoch that follows
		for _, m := range x.marks {
			if int(m.Epoch) == at && m.Step > 0 && !m.Keep {
				within = append(within, m.Text)
			}
		}
		if len(within) > 0 {
			i.Doc = fmt.Sprintf(textBefore, strings.Join(within, "; "))
		}
		items, targets = append(items, i), append(targets, target{epoch: at})
	}
	return s.app.Push(form.NewList(s.app.Theme, fmt.Sprintf(textBackTitle, x.name), items, 0, func(i int) tea.Cmd {
		if why := s.whyNotBack(); why != "" { // it trained on meanwhile, or ended
			return s.app.Say(why)
		}
		return s.backTo(targets[i])
	}))
}

// backTo goes on with the training from an earlier place.
func (s *Screen) backTo(to target) tea.Cmd {
	name := s.subject().name
	return s.app.GoBack(func() tea.Cmd {
		if to.marked {
			return s.app.ResumeMark(name, to.step)
		}
		return s.app.Resume(name, &to.epoch)
	})
}

// keep marks where the training stands.
func (s *Screen) keep(name string) tea.Cmd {
	name = strings.TrimSpace(name)
	if n := len([]rune(name)); n > maxMark || strings.ContainsFunc(name, unicode.IsControl) {
		return s.app.Fail(fmt.Errorf(textMarkBad, maxMark))
	}
	return tea.Batch(s.app.Send(train.Keep{Name: name}), s.app.Say(textMarked))
}

// maxMark is the longest name of a mark, in letters.
const maxMark = 40
