package screen

import (
	"time"

	tea "charm.land/bubbletea/v2"

	"cnnbench/tui/form"
)

// Awaited is work in the background that may take its time: after a while a window says how far it is, until Done.
type Awaited struct {
	title  string
	state  func(since time.Duration) form.Progress
	end    func()
	began  time.Time
	window *form.Busy // nil: it was just begun
	done   bool
}

// awaits says that it may be taking its time.
type awaits struct{ *Awaited }

// patience is how long work may take without a word, and betweenLooks how often it is drawn how far it is then.
const (
	patience     = 500 * time.Millisecond
	betweenLooks = 200 * time.Millisecond
)

// Await begins to wait for work that the caller does. state says how far it is, and end ends it where a person does not
// want it any more.
func (a *App) Await(title string, state func(since time.Duration) form.Progress, end func()) (*Awaited, tea.Cmd) {
	w := &Awaited{title: title, state: state, end: end, began: time.Now()}
	return w, a.lookAt(w, patience)
}

// Done takes the window away.
func (w *Awaited) Done() {
	w.done = true
	if w.window != nil {
		w.window.Close()
	}
}

func (a *App) lookAt(w *Awaited, after time.Duration) tea.Cmd {
	return a.Tick(after, func(time.Time) tea.Msg { return awaits{w} })
}

// stillAwaited shows the window, or lets it be drawn anew.
func (a *App) stillAwaited(w *Awaited) tea.Cmd {
	if w.done {
		return nil
	}
	cmd := a.lookAt(w, betweenLooks)
	if w.window == nil {
		w.window = form.NewBusy(a.Theme, w.title, func() form.Progress { return w.state(time.Since(w.began)) }, func() tea.Cmd { w.end(); return nil })
		cmd = tea.Batch(cmd, a.Push(w.window))
	}
	return cmd
}
