package screen

import (
	"context"
	"fmt"
	"runtime"
	"slices"

	tea "charm.land/bubbletea/v2"

	"cnnbench/nn/train"
	"cnnbench/sessions"
)

// Live is a training of this sitting.
type Live struct {
	Run    *sessions.Run
	State  train.State
	Err    error
	Last   *train.Step   // the newest step; nil before the first
	Epochs []train.Epoch // all that are finished
	Marks  []train.Mark
	Over   bool // it has ended; what is stored is all on disk

	Unsaved error // why the newest save failed; nil: it did not

	unsaved chan error // why saving began to fail, told from the writing goroutine
}

// Running says that a training of this sitting is not over; it may be paused.
func (a *App) Running() bool { return a.Live != nil && !a.Live.Over }

// Starting says that a training is about to start, or to stop so that another can.
func (a *App) Starting() bool { return a.Data.Starting || a.next != nil }

// TakesCommands says that a training runs, or is about to go back, where commands wait for it.
func (a *App) TakesCommands() bool { return a.back || a.Running() && !a.Starting() }

func (a *App) nothingStarts() { a.Data.Starting, a.next, a.back, a.wishes = false, nil, false, nil }

// Spare is how many processors a training of this sitting leaves free, at least one: all of them where none runs.
func (a *App) Spare() int {
	all := runtime.GOMAXPROCS(0)
	switch {
	case !a.Running() || a.Live.State == train.Paused:
		return all
	case a.Threads == 0:
		return 1
	}
	return max(all-a.Threads, 1)
}

// Start trains the draft in the background. With first, it starts paused and these commands are sent to it.
func (a *App) Start(first ...train.Command) tea.Cmd {
	switch {
	case a.Leaving:
		return nil
	case a.Running():
		return a.Say(a.Live.Run.Name + " is still training; x on Train stops it")
	case a.Starting():
		return a.Say(textStarting)
	case a.Data.Err != nil:
		return a.Fail(fmt.Errorf("cannot start: %w", a.Data.Err))
	}
	a.Data.Starting = true
	store, ctx := a.Store, a.ctx
	e, dir, threads, ready := a.Draft.Experiment(), a.Draft.Dir, a.Threads, a.Data.Current(&a.Draft)
	return func() tea.Msg {
		p := ready
		if p == nil {
			var err error
			if p, err = store.Prepare(e, dir); err != nil {
				return started{err: err}
			}
		}
		unsaved := make(chan error, 1)
		run, err := store.Start(ctx, p, sessions.RunOptions{Threads: threads, PauseOnDivergence: true, StartPaused: len(first) > 0, Warn: warning(unsaved)})
		if err == nil {
			for _, c := range first {
				run.Send(c)
			}
		}
		return started{run, unsaved, err}
	}
}

// Resume goes on with a stored session where it stopped, in the background; with at, from the end of that epoch, paused,
// on a branch of its own.
func (a *App) Resume(name string, at *int) tea.Cmd {
	return a.goOnWith(func(ctx context.Context, o sessions.RunOptions) (*sessions.Run, error) {
		o.StartPaused = at != nil
		return a.Store.Resume(ctx, name, at, o)
	})
}

// ResumeMark goes on with a stored session from the place that was marked after so many steps, in the background, paused,
// on a branch of its own.
func (a *App) ResumeMark(name string, step int64) tea.Cmd {
	return a.goOnWith(func(ctx context.Context, o sessions.RunOptions) (*sessions.Run, error) {
		o.StartPaused = true
		return a.Store.ResumeMark(ctx, name, step, o)
	})
}

// TakeUp goes on with a branch that a stored session left, in the background.
func (a *App) TakeUp(name string, branch int) tea.Cmd {
	return a.goOnWith(func(ctx context.Context, o sessions.RunOptions) (*sessions.Run, error) {
		return a.Store.TakeUp(ctx, name, branch, o)
	})
}

func (a *App) goOnWith(begin func(context.Context, sessions.RunOptions) (*sessions.Run, error)) tea.Cmd {
	switch {
	case a.Leaving:
		return nil
	case a.Running():
		return a.Say(a.Live.Run.Name + " is still training; x on Train stops it")
	case a.Starting():
		return a.Say(textStarting)
	}
	a.Data.Starting = true
	ctx, threads := a.ctx, a.Threads
	return func() tea.Msg {
		unsaved := make(chan error, 1)
		run, err := begin(ctx, sessions.RunOptions{Threads: threads, PauseOnDivergence: true, Warn: warning(unsaved)})
		return started{run, unsaved, err}
	}
}

// warning tells of one trouble at a time.
func warning(unsaved chan error) func(error) {
	return func(err error) {
		select {
		case unsaved <- err:
		default: // the one before is about to be said
		}
	}
}

func (a *App) started(m started) tea.Cmd {
	wishes := a.wishes
	a.nothingStarts()
	if m.err != nil {
		return a.refused(m.err)
	}
	for _, c := range wishes {
		a.Command(m.run, c)
	}
	a.Live = &Live{Run: m.run, State: train.Running, Epochs: m.run.Past.Epochs, Marks: m.run.Past.Marks, unsaved: m.unsaved}
	return tea.Batch(a.about(nil), send(Started{}), send(Stored{}), send(Woken{}), a.operated(m.run))
}

// After ends the training of this sitting, if one runs, so that everything of it is on disk, and starts what comes then.
func (a *App) After(start func() tea.Cmd) tea.Cmd {
	switch {
	case a.Leaving:
		return nil
	case a.Starting():
		return a.Say(textStarting)
	case !a.Running():
		return start()
	}
	stop := a.Stop()
	a.next = start
	return stop
}

// GoBack is After for what goes on from an earlier place and stands still there. Commands that are sent meanwhile wait for
// it.
func (a *App) GoBack(start func() tea.Cmd) tea.Cmd {
	if a.Starting() {
		return a.Say(textStarting)
	}
	cmd := a.After(start)
	a.back = a.Starting()
	return cmd
}

// Stop ends the training of this sitting. Nothing comes after it, also where something was to.
func (a *App) Stop() tea.Cmd {
	a.nothingStarts()
	return a.Send(train.Stop{})
}

// succeed is the time to start what comes after a training.
type succeed struct{}

func (a *App) succeed() tea.Cmd {
	start := a.next
	if start == nil {
		return nil
	}
	a.next = nil
	cmd := start()
	if !a.Data.Starting {
		a.nothingStarts() // it cannot, and said why
	}
	return cmd
}

// Send hands a command to the training that runs, or that is about to go back.
func (a *App) Send(c train.Command) tea.Cmd {
	switch {
	case a.back:
		a.wishes = append(a.wishes, c)
		return a.Say(textStarting)
	case a.Starting():
		return a.Say(textStarting)
	case !a.Running():
		return nil
	}
	a.Command(a.Live.Run, c)
	return send(Woken{})
}

// Woken says that a command is under way to a training that may have been still, so that the clock has to run.
type Woken struct{}

// Toggle starts the draft, or pauses or resumes the training that runs.
func (a *App) Toggle() tea.Cmd {
	switch {
	case a.Starting():
		if n := len(a.wishes); n > 0 && a.wishes[n-1] == train.Command(train.Resume{}) {
			return a.Send(train.Pause{})
		}
		return a.Send(train.Resume{})
	case !a.Running():
		return a.Start()
	case a.Live.State == train.Paused && a.continues():
		return a.AskSurgery()
	case a.Live.State == train.Paused:
		return a.goOn()
	}
	return a.Send(train.Pause{})
}

// goOn lets the training that is paused go on as it is.
func (a *App) goOn() tea.Cmd { return tea.Batch(a.Send(train.Resume{}), a.remind()) }

// remind says which training goes on, where the draft has become another experiment meanwhile.
func (a *App) remind() tea.Cmd {
	run := a.Live.Run
	if string(a.Draft.Experiment().Encode()) == string(run.Prepared.Experiment.Encode()) {
		return nil
	}
	return a.Say(run.Name + " goes on; the draft can start when it has ended: x on Train stops it")
}

// Drain takes what the training has done since the last time, its end included; package tui calls it at every tick.
// The command, if any, brings it to all screens.
func (a *App) Drain() tea.Cmd {
	over := false
	if a.Running() {
		select {
		case <-a.Live.Run.Done(): // looked at before the feed, which then has everything
			over = true
		default:
		}
	}
	fed, news := a.drain()
	switch {
	case over:
		return a.over(fed)
	case news:
		return tea.Batch(send(fed), a.warn())
	}
	return nil
}

// warn says that a save, or a log, began to fail, while there is still time to make room.
func (a *App) warn() tea.Cmd {
	select {
	case err := <-a.Live.unsaved:
		return a.Fail(fmt.Errorf("%w; the training goes on", err))
	default:
		return nil
	}
}

func (a *App) drain() (Fed, bool) {
	if a.Live == nil {
		return Fed{}, false
	}
	u := a.Live.Run.Feed.Drain()
	u.Steps = slices.Clone(u.Steps) // the message may arrive after the next Drain
	l := a.Live
	was := l.State
	l.State, l.Err, l.Unsaved = u.State, u.Err, l.Run.Unsaved()
	if u.Last != nil {
		l.Last = u.Last
	}
	l.Epochs = append(l.Epochs, u.Epochs...)
	l.Marks = append(l.Marks, u.Marks...)
	news := u.Last != nil || len(u.Epochs) > 0 || len(u.Marks) > 0 || len(u.Steps) > 0 || was != u.State
	return Fed{u}, news
}

// over takes the end of the training, with the last that it did.
func (a *App) over(fed Fed) tea.Cmd {
	l := a.Live
	l.Over = true
	err := l.Run.Err()
	if err != nil {
		l.Err = err
	}
	var say tea.Cmd
	switch {
	case l.State == train.Failed && l.Err != nil:
		say = a.Fail(fmt.Errorf("%s failed: %w; what it had is stored", l.Run.Name, l.Err))
	case err != nil && a.ctx.Err() == nil:
		say = a.Fail(fmt.Errorf("%s: %w", l.Run.Name, err))
	case l.State == train.Finished:
		say = a.Say(l.Run.Name + " is trained and stored")
	case a.next != nil: // what starts now says so
	default:
		say = a.Say(l.Run.Name + " is stopped and stored")
	}
	end := Two{fed, Ended{}}
	if a.next != nil {
		end = Two{end, succeed{}}
	}
	return tea.Batch(send(end), send(Stored{}), say)
}
