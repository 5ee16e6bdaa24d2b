package screen

import (
	"fmt"
	"strings"

	tea "charm.land/bubbletea/v2"

	"cnnbench/nn/train"
	"cnnbench/sessions"
	"cnnbench/sessions/surgery"
	"cnnbench/tui/form"
)

// operation is a training that is to go on with another experiment, as a new session.
type operation struct {
	session string
	fork    sessions.ForkOptions
}

// patient is the training that an operation is about: the stored session that was opened, or the one of this sitting.
type patient struct {
	name       string
	experiment *sessions.Experiment
	epochs     int
	within     bool // it stands in the midst of an epoch
	operate    func(*sessions.Prepared, sessions.ForkOptions) (*surgery.Plan, error)
}

// patient is nil where nothing was trained yet.
func (a *App) patient() *patient {
	switch s, l := a.Session, a.Live; {
	case s != nil:
		n := len(s.History)
		return &patient{s.Name, s.Experiment, s.Epochs, n == 0 && s.Steps > 0 || n > 0 && s.Steps > s.History[n-1].Step, s.Operate}
	case l != nil:
		return &patient{l.Run.Name, l.Run.Prepared.Experiment, len(l.Epochs), l.Last != nil && l.Last.Epoch > len(l.Epochs),
			func(p *sessions.Prepared, f sessions.ForkOptions) (*surgery.Plan, error) {
				return l.Run.Operate(p, f), nil
			}}
	}
	return nil
}

// WhyNotSurgery says why no training can go on with the draft; "" where one can.
func (a *App) WhyNotSurgery() string {
	x := a.patient()
	switch {
	case x == nil:
		return textNoPatient
	case a.Starting():
		return textStarting
	case a.Running() && a.Session != nil:
		return fmt.Sprintf(textOtherTrains, a.Live.Run.Name)
	case a.Running() && a.Live.State != train.Paused:
		return textPauseFirst
	case len(sessions.Differences(x.experiment, a.Draft.Experiment())) == 0:
		return textSameDraft
	}
	return ""
}

// continues reports whether the draft is the paused training's experiment with changes that it can go on with, so that
// it is to be asked with which of both it does.
func (a *App) continues() bool {
	if a.Session != nil || a.WhyNotSurgery() != "" || a.obstacle(a.patient()) != nil {
		return false
	}
	for _, d := range sessions.Differences(a.Live.Run.Prepared.Experiment, a.Draft.Experiment()) {
		if d.Path == "name" || d.Path == "seed" || strings.HasPrefix(d.Path, "data.") {
			return false
		}
	}
	return true
}

// obstacle says what of the draft keeps the training from going on with it, as far as the draft's data is known.
func (a *App) obstacle(x *patient) error {
	e := a.Draft.Experiment()
	path := sessions.NotWithinEpoch(x.experiment, e)
	switch {
	case a.Data.Known(&a.Draft) && a.Data.Err != nil:
		return fmt.Errorf("cannot go on: %w", a.Data.Err)
	case x.epochs >= e.Fit.Epochs:
		return fmt.Errorf(textNoEpochLeft, e.Fit.Epochs, x.name, x.epochs)
	case x.within && path != "":
		return fmt.Errorf(textWithinEpoch, path)
	}
	return nil
}

// AskSurgery shows what would become of each layer if the training went on with the draft, and asks whether it does.
func (a *App) AskSurgery() tea.Cmd {
	x, e := a.patient(), a.Draft.Experiment()
	if err := a.obstacle(x); err != nil {
		return a.Fail(err)
	}
	p := a.Data.Current(&a.Draft)
	if a.asked = p == nil; a.asked {
		return nil
	}
	o := operation{x.name, sessions.ForkOptions{Experiment: e, Dir: a.Draft.Dir}}
	copied := o
	copied.fork.Widen, copied.fork.Deepen = true, true
	plain, err := x.operate(p, o.fork)
	if err != nil {
		return a.Fail(err)
	}
	whole, err := x.operate(p, copied.fork)
	if err != nil {
		return a.Fail(err)
	}
	if whole.Report.Count(surgery.Widened)+whole.Report.Count(surgery.Identity) == 0 {
		return a.confirmSurgery(o, &plain.Report)
	}
	return a.confirmSurgery(copied, &whole.Report, form.Answer{Key: "d", Title: textDrawAnew, Run: func() tea.Cmd { return a.confirmSurgery(o, &plain.Report) }})
}

// confirmSurgery shows the report and asks; others are more answers.
func (a *App) confirmSurgery(o operation, r *surgery.Report, others ...form.Answer) tea.Cmd {
	answers := append([]form.Answer{{Key: "y", Title: textOperate, Run: func() tea.Cmd { return a.After(func() tea.Cmd { return a.operate(o) }) }}}, others...)
	if a.Running() {
		answers = append(answers, form.Answer{Key: "w", Title: textAsItWas, Run: a.goOn})
	}
	answers = append(answers, form.Answer{Key: "n", Title: textLeave})
	return a.Push(form.NewConfirm(a.Theme, fmt.Sprintf(textSurgeryTitle, o.session), surgeryText(r), 0, answers...))
}

// surgeryText is the report, a line a layer; those that stay as they are share one.
func surgeryText(r *surgery.Report) string {
	var lines, kept []string
	flush := func() {
		if len(kept) > 0 {
			lines = append(lines, strings.Join(kept, ", ")+": "+string(surgery.Kept))
		}
		kept = nil
	}
	for _, l := range r.Layers() {
		if l.Text == string(surgery.Kept) {
			kept = append(kept, l.Name)
			continue
		}
		flush()
		lines = append(lines, l.Name+": "+l.Text)
	}
	flush()
	lines = append(lines, "optimizer: "+r.Optimizer())
	if r.Count(surgery.Widened) > 0 {
		lines = append(lines, textCopies)
	}
	return strings.Join(lines, "\n")
}

// operate goes on with a session as a new one, in the background.
func (a *App) operate(o operation) tea.Cmd {
	if l := a.Live; l != nil && l.Run.Name == o.session && l.Err != nil {
		return nil // it failed, which was said: not all that was seen of it may be stored
	}
	a.Data.Starting = true
	store, ctx, threads := a.Store, a.ctx, a.Threads
	return func() tea.Msg {
		unsaved := make(chan error, 1)
		run, err := store.Fork(ctx, o.session, o.fork, sessions.RunOptions{Threads: threads, PauseOnDivergence: true, Warn: warning(unsaved)})
		return started{run, unsaved, err}
	}
}

// operated says what became of the weights of a training that goes on from another.
func (a *App) operated(r *sessions.Run) tea.Cmd {
	if r.Surgery == nil {
		return nil
	}
	return a.Say(fmt.Sprintf(textOperated, r.Name, r.Surgery))
}
