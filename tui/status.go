package tui

import (
	"fmt"
	"math"
	"strings"
	"time"

	"charm.land/lipgloss/v2"

	"cnnbench/nn/train"
	"cnnbench/tui/curves"
	"cnnbench/tui/figure"
	"cnnbench/tui/layout"
	"cnnbench/tui/screen"
	"cnnbench/tui/theme"
)

// progress is how far a training is.
type progress struct {
	now, planned    int     // epochs
	batch, batches  int     // of the epoch
	share, total    float64 // of the epoch and of all, 0 to 1
	left, leftEpoch time.Duration
	known           bool // the time left can be told
}

// progressOf works out how far a training is.
func progressOf(l *screen.Live) progress {
	p := progress{now: len(l.Epochs) + 1, planned: l.Run.Prepared.Experiment.Fit.Epochs}
	p.now = min(p.now, p.planned)
	s := l.Last
	if s == nil {
		return p
	}
	p.batch, p.batches = s.Batch, s.Batches
	if s.Epoch <= len(l.Epochs) { // validated already, and the next has not begun
		p.batch = 0
	}
	if s.Batches > 0 {
		p.share = float64(p.batch) / float64(s.Batches)
	}
	p.total = (float64(len(l.Epochs)) + p.share) / float64(max(p.planned, 1))
	if s.Step > 0 && s.Seconds > 0 && s.Batches > 0 {
		// Validation belongs to the time of an epoch, so a whole one, if there is one, tells more than the steps.
		perEpoch := s.Seconds / float64(s.Step) * float64(s.Batches)
		if n := len(l.Epochs); n > 0 {
			perEpoch = l.Epochs[n-1].Seconds
		}
		seconds := func(x float64) time.Duration { return time.Duration(x * float64(time.Second)) }
		p.left = seconds(perEpoch * (float64(p.planned-len(l.Epochs)) - p.share))
		p.leftEpoch = seconds(perEpoch * (1 - p.share))
		p.known = true
	}
	return p
}

func (p progress) epoch() string { return fmt.Sprintf("ep %d/%d", p.now, p.planned) }

// lastValue is a figure of the last finished epoch.
func lastValue(l *screen.Live, name string) (float64, bool) {
	if n := len(l.Epochs); n > 0 {
		return l.Epochs[n-1].Log(name)
	}
	return 0, false
}

// diverged says that the training's loss is no number any more.
func diverged(l *screen.Live) bool {
	return l.Last != nil && (math.IsNaN(l.Last.Loss) || math.IsInf(l.Last.Loss, 0))
}

// stateWord is the state's sign, word and style.
func (m *Model) stateWord() (string, lipgloss.Style) {
	t, l := m.app.Theme, m.app.Live
	switch {
	case m.app.Starting():
		return theme.Idle + " " + wordStarting, t.Accent
	case l == nil:
		return theme.Idle + " " + train.Idle.String(), t.Dim
	}
	s := curves.StatusOf(l.State, diverged(l))
	return s.Text(), s.Style(t)
}

// statusLine says in one line what goes on: the training's state and figures, and how the draft stands.
func (m *Model) statusLine(w int) string {
	t, l := m.app.Theme, m.app.Live
	word, style := m.stateWord()
	if m.app.Watching != nil && !m.app.Running() && !m.app.Starting() {
		return m.watchLine(w)
	}
	left := []string{style.Render(" " + word)}
	if l != nil && l.Unsaved != nil && !m.app.Starting() {
		left = append(left, t.Bad.Render(theme.Bad+" "+wordUnsaved+": "+l.Unsaved.Error()))
	}
	if l == nil && m.size() == layout.Line {
		left = append(left, m.app.Draft.Experiment().Name)
	}
	if l != nil && !m.app.Starting() { // the figures of the last training are none of the next
		p := progressOf(l)
		if m.size() != layout.Line { // one line is for the figures
			left = append(left, t.Bold.Render(l.Run.Name))
		}
		left = append(left, p.epoch())
		if s := l.Last; s != nil {
			left = append(left, t.Dim.Render("loss ")+figure.Loss(meanOf(s)))
			if v, ok := lastValue(l, "val_accuracy"); ok {
				left = append(left, t.Dim.Render("val_acc ")+figure.Short(v))
			}
			left = append(left, t.Dim.Render("lr ")+fmt.Sprintf("%.3g", s.LearningRate))
			if p.batches > 0 && m.app.Running() {
				left = append(left, t.Dim.Render("batch ")+fmt.Sprintf("%d/%d", p.batch, p.batches))
			}
		}
	}
	return layout.Ends(strings.Join(left, "  "), t.Dim.Render(m.draftWords())+" ", w)
}

// watchLine says what the training does that is watched, and that no more can be done with it here.
func (m *Model) watchLine(w int) string {
	t, x, s := m.app.Theme, m.app.Watching, m.app.Session
	sign, style := theme.Running, t.Good
	if x.State == train.Paused {
		sign, style = theme.Paused, t.Warn
	}
	left := []string{style.Render(" " + sign + " " + x.State.String()), t.Accent.Render(fmt.Sprintf(wordWatching, x.Holder)), t.Bold.Render(s.Name),
		fmt.Sprintf("ep %d/%d", min(s.Epochs+1, max(s.Planned, s.Epochs)), s.Planned)}
	if l := x.Last; l != nil {
		left = append(left, t.Dim.Render("loss ")+figure.Loss(meanOf(l)), t.Dim.Render("batch ")+fmt.Sprintf("%d/%d", l.Batch, l.Batches))
	}
	return layout.Ends(strings.Join(left, "  "), t.Dim.Render(m.draftWords())+" ", w)
}

// meanOf is the running mean of the epoch's loss, or the batch's own.
func meanOf(s *train.Step) float64 {
	for _, v := range s.Means {
		if v.Name == "loss" {
			return v.Value
		}
	}
	return s.Loss
}

// draftWords says how the draft stands.
func (m *Model) draftWords() string {
	d := &m.app.Draft
	var parts []string
	if d.Edited() {
		parts = append(parts, "edited"+theme.Edited)
	}
	if undo, redo := d.Steps(); undo+redo > 0 {
		parts = append(parts, fmt.Sprintf("undo %d", undo))
		if redo > 0 {
			parts = append(parts, fmt.Sprintf("redo %d", redo))
		}
	}
	if !d.Saved.IsZero() {
		parts = append(parts, "saved "+d.Saved.Format("15:04"))
	}
	return strings.Join(parts, "  ")
}

// noteRow is the training's progress, or what the screen has to say.
func (m *Model) noteRow(w int) string {
	t := m.app.Theme
	if m.app.Leaving {
		return " " + wordStopping
	}
	if m.app.Running() {
		p := progressOf(m.app.Live)
		tail := fmt.Sprintf(" %3.0f%%   total %3.0f%%", 100*p.share, 100*p.total)
		if p.known {
			tail += "   " + figure.Clock(p.left) + " left"
		}
		head := " epoch "
		if w < 60 {
			head, tail = " ", fmt.Sprintf(" %3.0f%% ", 100*p.total)
		}
		return t.Dim.Render(head) + t.Progress(p.share, w-layout.Width(head)-layout.Width(tail)-1) + tail
	}
	if s, ok := m.screen().(screen.Noting); ok {
		return " " + s.Note(w-2)
	}
	return ""
}
