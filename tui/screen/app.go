package screen

import (
	"context"
	"time"

	tea "charm.land/bubbletea/v2"

	"cnnbench/nn/train"
	"cnnbench/sessions"
	"cnnbench/tui/theme"
)

// App is what the screens share. It lives in the goroutine of the screen: only commands run elsewhere, and they take
// copies of what they need.
type App struct {
	Store   *sessions.Store
	Threads int // of trainings started here; 0: all cores

	Theme *theme.Theme
	Look  int // grows with every change of the theme

	Draft Draft
	Data  Data
	// Live is the training that runs, or the last one of this sitting; nil before the first.
	Live *Live
	// Session is a stored session that was opened; while it is set, Train and Inspect are about it. Nil: about Live.
	Session *sessions.Session
	// Watching is how another program trains Session at the moment; nil: none does.
	Watching *Watching

	Dialogs []Dialog // the last one has the keys
	Toasts  []Toast  // the last one is the newest
	Tab     int      // of the shown screen, from 0
	Leaving bool     // the training is being stopped, then the program ends; no other starts

	// Tick is tea.Tick; tests take their own.
	Tick func(d time.Duration, f func(time.Time) tea.Msg) tea.Cmd
	// Command is Run.Send; tests whose trainings are made up take their own.
	Command func(*sessions.Run, train.Command)

	next   func() tea.Cmd  // starts what comes once the training has stopped; nil: nothing does
	back   bool            // what is about to start goes back, and stands still there
	wishes []train.Command // for it then
	asked  bool            // AskSurgery waits until the draft's data is known

	ctx     context.Context
	gen     int // of the newest question asked in the background
	toastID int
}

// NewApp makes the shared state; ctx ends what runs in the background.
func NewApp(ctx context.Context, store *sessions.Store, threads int, t *theme.Theme) *App {
	return &App{Store: store, Threads: threads, Theme: t, Tick: tea.Tick, Command: (*sessions.Run).Send, ctx: ctx}
}

// Context ends when the workbench does.
func (a *App) Context() context.Context { return a.ctx }

// Begin looks at the draft that the launch found.
func (a *App) Begin() tea.Cmd { return a.changed() }

// Push shows a dialog.
func (a *App) Push(d Dialog) tea.Cmd {
	a.Dialogs = append(a.Dialogs, d)
	if i, ok := d.(interface{ Init() tea.Cmd }); ok {
		return i.Init()
	}
	return nil
}

// Show goes to the tab of that title.
func (a *App) Show(title string) tea.Cmd { return send(Tab{title}) }

// Tab asks package tui to show the tab of that title.
type Tab struct{ Title string }

// send is a command that gives a message.
func send(msg tea.Msg) tea.Cmd { return func() tea.Msg { return msg } }

// Edit changes the draft; what names the change for undo ("delete dense").
func (a *App) Edit(what string, edit func(e *sessions.Experiment)) tea.Cmd {
	a.Draft.Edit(what, edit)
	return a.changed()
}

// Undo takes the last edit back; Redo does it again.
func (a *App) Undo() tea.Cmd { return a.stepped("undone", a.Draft.Undo) }

// Redo does again what was undone.
func (a *App) Redo() tea.Cmd { return a.stepped("done again", a.Draft.Redo) }

func (a *App) stepped(how string, step func() (string, bool)) tea.Cmd {
	what, ok := step()
	if !ok {
		return a.Say("nothing to be " + how)
	}
	return tea.Batch(a.changed(), a.Say(how+": "+what))
}

// Load makes an experiment the draft.
func (a *App) Load(e *sessions.Experiment, path, dir string, saved bool) tea.Cmd {
	a.Draft.Set(e, path, dir, saved)
	return a.changed()
}

// Saved says that an experiment that is, or just was, the draft stands in a file now, as e.
func (a *App) Saved(of, e *sessions.Experiment, path string) tea.Cmd {
	before := a.Draft.Version
	a.Draft.MarkSaved(of, e, path, time.Now())
	if a.Draft.Version == before {
		return send(Changed{})
	}
	return a.changed()
}

func (a *App) changed() tea.Cmd { return tea.Batch(send(Changed{}), a.prepare()) }

// Update takes the messages that the App sends itself. It reports whether the message was one.
func (a *App) Update(msg tea.Msg) (cmd tea.Cmd, mine bool) {
	switch m := msg.(type) {
	case prepare:
		return a.prepareNow(m), true
	case prepared:
		return a.prepared(m), true
	case succeed:
		return a.succeed(), true
	case started:
		return a.started(m), true
	case opened:
		return a.opened(m), true
	case Crashed:
		a.Data.Busy = false // what was awaited may be what is lost
		a.nothingStarts()
		return a.Fail(m.Err), true
	case awaits:
		return a.stillAwaited(m.Awaited), true
	case looked:
		return a.looked(m), true
	case expired:
		a.expire(m.id)
		return nil, true
	}
	return nil, false
}

// Open reads a stored session and makes Train and Inspect be about it.
func (a *App) Open(name string) tea.Cmd {
	a.gen++
	gen, store := a.gen, a.Store
	return func() tea.Msg {
		s, err := store.Open(name)
		return opened{gen, s, err}
	}
}

func (a *App) opened(m opened) tea.Cmd {
	if m.gen != a.gen {
		return nil
	}
	if m.err != nil {
		return a.Fail(m.err)
	}
	return tea.Batch(a.about(m.session), send(Opened{}))
}

// Follow makes Train and Inspect be about the training of this sitting again.
func (a *App) Follow() tea.Cmd {
	return tea.Batch(a.about(nil), send(Opened{}))
}
