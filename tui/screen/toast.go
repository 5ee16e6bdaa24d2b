package screen

import (
	"time"

	tea "charm.land/bubbletea/v2"
)

// Toast is a sentence that is shown for a while.
type Toast struct {
	Text string
	Bad  bool
	id   int
}

// How long a sentence stays: one about a failure until there was time to read it well.
const (
	toastTime = 4 * time.Second
	failTime  = 15 * time.Second
)

// maxToasts is how many sentences are shown at once.
const maxToasts = 3

// Say shows a sentence for a while.
func (a *App) Say(text string) tea.Cmd { return a.toast(Toast{Text: text}, toastTime) }

// Fail shows what went wrong, until esc or for a longer while.
func (a *App) Fail(err error) tea.Cmd {
	return a.toast(Toast{Text: err.Error(), Bad: true}, failTime)
}

func (a *App) toast(t Toast, d time.Duration) tea.Cmd {
	a.toastID++
	t.id = a.toastID
	a.Toasts = append(a.Toasts, t)
	if len(a.Toasts) > maxToasts {
		a.Toasts = a.Toasts[1:]
	}
	return a.Tick(d, func(time.Time) tea.Msg { return expired{t.id} })
}

func (a *App) expire(id int) {
	for i, t := range a.Toasts {
		if t.id == id {
			a.Toasts = append(a.Toasts[:i], a.Toasts[i+1:]...)
			return
		}
	}
}
