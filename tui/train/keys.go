package train

import (
	"fmt"
	"strconv"
	"strings"

	tea "charm.land/bubbletea/v2"

	"cnnbench/nn/train"
	"cnnbench/sessions"
	"cnnbench/spec"
	"cnnbench/tui/curves"
	"cnnbench/tui/form"
	"cnnbench/tui/keys"
	"cnnbench/tui/scroll"
)

// table is all keys of the tab, those of single panes first.
func (s *Screen) table() []keys.Context {
	list := func(name string, pane int, l *scroll.Rows) keys.Context {
		move := func(d func() int) func() tea.Cmd {
			return func() tea.Cmd {
				l.By(d())
				s.version++
				return nil
			}
		}
		rows := func(n int) func() int { return func() int { return n } }
		page := func(d int) func() int { return func() int { return d * l.Page() } }
		all := func(d int) func() int { return func() int { return d * l.All() } }
		return keys.Context{Name: "Train: " + name, Active: func() bool { return s.panes.Is(pane) }, Actions: []keys.Action{
			{Name: name + "-up", Keys: []string{"up", "k"}, Title: "up", Hint: 5, Label: "↑/↓ scroll", Help: "scroll up", Run: move(rows(-1))},
			{Name: name + "-down", Keys: []string{"down", "j"}, Title: "down", Help: "scroll down", Run: move(rows(1))},
			{Name: name + "-page-up", Keys: []string{"pgup"}, Title: "page up", Help: "scroll a page up", Run: move(page(-1))},
			{Name: name + "-page-down", Keys: []string{"pgdown"}, Title: "page down", Help: "scroll a page down", Run: move(page(1))},
			{Name: name + "-first", Keys: []string{"home"}, Title: "first", Help: "scroll to the first row", Run: move(all(-1))},
			{Name: name + "-last", Keys: []string{"end"}, Title: "last", Help: "scroll to the last row, and follow what comes", Run: move(all(1))},
		}}
	}
	return []keys.Context{list("epochs", paneEpochs, &s.epochs), list("log", paneLog, &s.log), s.runsKeys(), s.trainKeys(), s.board.Context()}
}

// runsKeys are those of the list of trainings.
func (s *Screen) runsKeys() keys.Context {
	move := func(d int) func() tea.Cmd {
		return func() tea.Cmd {
			s.moveRow(d)
			return nil
		}
	}
	return keys.Context{Name: "Train: runs", Active: func() bool { return s.panes.Is(paneRuns) }, Actions: []keys.Action{
		{Name: "run-up", Keys: []string{"up", "k"}, Title: "up", Help: "go to the run above", Run: move(-1)},
		{Name: "run-down", Keys: []string{"down", "j"}, Title: "down", Help: "go to the run below", Run: move(1)},
		{Name: "run-open", Keys: []string{"enter"}, Title: "show", Hint: 2, Help: "let Train and Inspect be about this run", Blocked: s.whyNoRow, Run: s.openPointed},
		{Name: "run-pin", Keys: []string{"p"}, Title: "pin", Hint: 2, Help: "draw this run beside the others, or no longer", Blocked: s.whyNoRow, Run: s.pinPointed},
	}}
}

// trainKeys are those that lead the training.
func (s *Screen) trainKeys() keys.Context {
	return keys.Context{Name: "Train", Actions: []keys.Action{
		{Name: "batch", Keys: []string{"b"}, Title: "one batch", Hint: 6, Help: "train one batch and pause", Blocked: s.whyNotStep, Run: func() tea.Cmd { return s.step(train.RunBatches{N: 1}) }},
		{Name: "epoch", Keys: []string{"n"}, Title: "one epoch", Hint: 3, Help: "train to the end of the epoch and pause", Blocked: s.whyNotStep, Run: func() tea.Cmd { return s.step(train.RunEpochs{N: 1}) }},
		{Name: "epochs", Keys: []string{"N"}, Title: "epochs", Help: "train a number of epochs and pause", Blocked: s.whyNotStep, Run: s.askCount, Take: s.takeCount, Arg: "NUMBER"},
		{Name: "stop", Keys: []string{"x"}, Title: "stop", Hint: 4, Help: "end the training after this batch; what it has stays", Blocked: s.whyNotRunning, Run: s.askStop},
		{Name: "restart", Keys: []string{"r"}, Title: "restart", Hint: 7, Help: "start the draft from its first weights, as a new run", Blocked: s.whyNotAgain, Run: s.askAgain},
		{Name: "resume", Keys: []string{"R"}, Title: "go on", Help: "go on with a stopped run where it stopped, as if it never had", Blocked: s.whyNotResume, Run: s.Resume},
		{Name: "back-epoch", Keys: []string{"["}, Title: "back an epoch", Help: "go back to the end of the epoch before and pause; what came after stays as a branch", Blocked: s.whyNotBack, Run: s.backEpoch},
		{Name: "back-to", Keys: []string{"{"}, Title: "back to …", Help: "choose the place to go back to: any epoch, the best, the start, a mark", Blocked: s.whyNotBack, Run: s.chooseBack},
		{Name: "mark", Keys: []string{"M"}, Title: "mark", Help: "keep this place, by a name if you say one, so that { comes back to it for as long as the run is there", Blocked: s.whyNotRunning,
			Run: func() tea.Cmd { return s.keep("") }, Take: s.keep, Arg: "NAME"},
		{Name: "surgery", Keys: []string{"S"}, Title: "surgery", Help: "go on from this run with the draft's network, as a new run; what is kept, widened and drawn anew is shown first", Blocked: s.app.WhyNotSurgery, Run: s.app.AskSurgery},
		{Name: "rate-down", Keys: []string{"-"}, Title: "rate down", Hint: 6, Label: "-/+ rate", Help: "lower the learning rate to the next of 5, 2 and 1", Blocked: s.whyNotRunning, Run: func() tea.Cmd { return s.moveRate(false) }},
		{Name: "rate-up", Keys: []string{"+", "="}, Title: "rate up", Help: "raise the learning rate to the next of 1, 2 and 5", Blocked: s.whyNotRunning, Run: func() tea.Cmd { return s.moveRate(true) }},
		{Name: "rate", Title: "rate", Help: "set the learning rate", Blocked: s.whyNotRunning, Take: s.takeRate, Arg: "NUMBER"},
		{Name: "export", Keys: []string{"E"}, Title: "export", Hint: 6, Help: "write weights or history for other programs", Blocked: s.whyNoSubject,
			Run: func() tea.Cmd { return s.export.Ask(s.subject().source()) }, Take: func(path string) tea.Cmd { return s.export.To(s.subject().source(), path) }, Arg: "FILE"},
		{Name: "follow", Keys: []string{"F"}, Title: "back", Hint: 2, Help: "go back from a stored run to the training of this sitting", Blocked: s.whyNotFollow, Run: s.app.Follow},
	}}
}

// WhyNotLed says why the training that the tab is about is not led from here: another program does. "" if none does.
func (s *Screen) WhyNotLed() string {
	if w := s.app.Watching; w != nil {
		return fmt.Sprintf(textNotLed, w.Holder, s.app.Session.Name)
	}
	return ""
}

func (s *Screen) whyNotRunning() string {
	switch {
	case s.app.Watching != nil:
		return s.WhyNotLed()
	case s.app.Starting():
		return textIsStarting
	case !s.app.Running() || s.current() == nil:
		return textNotTraining
	}
	return ""
}

func (s *Screen) whyNotStep() string {
	switch {
	case s.app.Watching != nil:
		return s.WhyNotLed()
	case s.app.Starting() && !s.app.TakesCommands():
		return textIsStarting
	case s.CanResume():
		return fmt.Sprintf(textGoOnFirst, s.subject().name)
	}
	return ""
}

func (s *Screen) whyNotAgain() string {
	if s.app.Watching != nil {
		return s.WhyNotLed()
	}
	if s.app.Live == nil && s.app.Session == nil {
		return textNoSubject
	}
	if s.app.Starting() {
		return textIsStarting
	}
	return ""
}

func (s *Screen) whyNoSubject() string {
	if s.subject() == nil {
		return textNoSubject
	}
	return ""
}

func (s *Screen) whyNotFollow() string {
	if s.app.Session == nil {
		return textNotStored
	}
	return ""
}

// step tells the training to go on a little, or starts it so.
func (s *Screen) step(c train.Command) tea.Cmd {
	if s.app.TakesCommands() {
		return s.app.Send(c)
	}
	return s.app.Start(c)
}

// maxCount is the most epochs that are asked for at once.
const maxCount = 100_000

func count(text string) (int, error) {
	n, err := strconv.Atoi(strings.TrimSpace(text))
	if err != nil || n < 1 || n > maxCount {
		return 0, fmt.Errorf(textCountBad, text)
	}
	return n, nil
}

// askCount asks for a number of epochs.
func (s *Screen) askCount() tea.Cmd {
	check := func(text string) error { _, err := count(text); return err }
	return s.app.Push(form.NewPrompt(s.app.Theme, textCountTitle, textCountDoc, "5", check, s.takeCount))
}

func (s *Screen) takeCount(text string) tea.Cmd {
	n, err := count(text)
	if err != nil {
		return s.app.Fail(err)
	}
	return s.step(train.RunEpochs{N: n})
}

// askStop asks before the training ends for good.
func (s *Screen) askStop() tea.Cmd {
	x := s.current()
	g := progressOf(x.planned, x.epochs, x.last)
	return s.app.Push(form.NewConfirm(s.app.Theme, textStopTitle, fmt.Sprintf(textStopText, x.name, g.epoch, g.planned), 1,
		form.Answer{Key: "y", Title: textStopYes, Run: s.app.Stop},
		form.Answer{Key: "n", Title: textStopNo}))
}

// askAgain asks before the draft starts anew. A training that diverged may start with a smaller learning rate.
func (s *Screen) askAgain() tea.Cmd {
	e := s.app.Draft.Experiment()
	if s.app.Data.Known(&s.app.Draft) && s.app.Data.Err != nil {
		return s.app.Start() // it says what is wrong
	}
	text := ""
	if s.app.Running() {
		text = fmt.Sprintf(textAgainLive, s.app.Live.Run.Name)
	}
	edited := ""
	if l := s.app.Live; l != nil && string(l.Run.Prepared.Experiment.Encode()) != string(e.Encode()) {
		edited = textAgainDraft
	}
	text += fmt.Sprintf(textAgainText, e.Name, edited)
	answers := []form.Answer{{Key: "y", Title: textAgainYes, Run: s.anew}}
	if rate, ok := s.smaller(e); ok {
		answers = append(answers, form.Answer{Key: "t", Title: fmt.Sprintf(textAgainSlow, curves.RateText(rate)), Run: func() tea.Cmd {
			return tea.Batch(s.lower(rate), s.anew())
		}})
	}
	answers = append(answers, form.Answer{Key: "n", Title: textAgainNo})
	// A training that goes on well is not ended by enter alone.
	first := len(answers) - 2
	if s.app.Running() && first == 0 {
		first = 1
	}
	return s.app.Push(form.NewConfirm(s.app.Theme, textAgainTitle, text, first, answers...))
}

// smaller is a tenth of the draft's learning rate, where the training diverged.
func (s *Screen) smaller(e *sessions.Experiment) (float64, bool) {
	x := s.subject()
	if x == nil || e.Compile.Optimizer == nil {
		return 0, false
	}
	rate := e.Compile.Optimizer.Settings().LearningRate
	_, _, diverged := x.status()
	return rate.Value / 10, diverged && rate.Schedule == nil && rate.Value > 0
}

// lower sets the draft's learning rate.
func (s *Screen) lower(rate float64) tea.Cmd {
	text := curves.RateText(rate)
	return s.app.Edit(fmt.Sprintf(textRateEdit, text), func(e *sessions.Experiment) {
		if err := spec.SetField(e.Compile.Optimizer, "learning_rate", text); err != nil {
			panic("train: an optimizer does not take its learning rate")
		}
	})
}

// anew starts the draft, once the training that runs has ended.
func (s *Screen) anew() tea.Cmd {
	return s.app.After(func() tea.Cmd { return s.app.Start() })
}

// moveRate sets the learning rate to the next step down or up.
func (s *Screen) moveRate(up bool) tea.Cmd {
	rate, ok := s.rate(s.current())
	if !ok {
		return nil
	}
	return s.setRate(nextRate(rate, up))
}

func (s *Screen) takeRate(text string) tea.Cmd {
	v, err := strconv.ParseFloat(strings.TrimSpace(text), 64)
	if err != nil || !(v >= 0) || v > largestRate {
		return s.app.Fail(fmt.Errorf(textRateBad, text, largestRate))
	}
	return s.setRate(v)
}

func (s *Screen) setRate(v float64) tea.Cmd {
	s.wanted, s.asked = v, s.asked+1
	s.version++
	return s.app.Send(train.SetLearningRate{Rate: v})
}
