package curves

import (
	"math"

	"charm.land/lipgloss/v2"

	"cnnbench/nn/train"
	"cnnbench/sessions"
	"cnnbench/tui/theme"
)

// Status is how a training stands: a sign and a word, for it is never said by colour alone.
type Status struct {
	Sign, Word string
	style      func(t *theme.Theme) lipgloss.Style
}

// LeftBehind is the status of a branch that a training left.
var LeftBehind = Status{theme.Idle, wordLeft, func(t *theme.Theme) lipgloss.Style { return t.Dim }}

// StatusOf is the status for a state. Diverged says that the loss is no number any more.
func StatusOf(state train.State, diverged bool) Status {
	good := func(t *theme.Theme) lipgloss.Style { return t.Good }
	warn := func(t *theme.Theme) lipgloss.Style { return t.Warn }
	bad := func(t *theme.Theme) lipgloss.Style { return t.Bad }
	dim := func(t *theme.Theme) lipgloss.Style { return t.Dim }
	word := state.String()
	switch {
	case state == train.Failed:
		return Status{theme.Bad, word, bad}
	case diverged:
		return Status{theme.Warn, wordDiverged, bad}
	}
	switch state {
	case train.Running:
		return Status{theme.Running, word, good}
	case train.Paused:
		return Status{theme.Paused, word, warn}
	case train.Finished:
		return Status{theme.Good, word, good}
	case train.Stopped:
		return Status{theme.Idle, word, warn}
	}
	return Status{theme.Idle, word, dim}
}

// StatusOfInfo is the status of a stored session as a list of them knows it.
func StatusOfInfo(i *sessions.Info) Status {
	if i.Err != nil {
		return Status{theme.Bad, wordBroken, func(t *theme.Theme) lipgloss.Style { return t.Bad }}
	}
	diverged := false
	for _, v := range i.Last {
		if v.Name == Loss && (math.IsNaN(v.Value) || math.IsInf(v.Value, 0)) {
			diverged = true
		}
	}
	return StatusOf(i.State, diverged)
}

// Text is sign and word.
func (s Status) Text() string { return s.Sign + " " + s.Word }

// Draw is sign and word in the theme's style.
func (s Status) Draw(t *theme.Theme) string { return s.Style(t).Render(s.Text()) }

// Style is that of the theme which goes with the status.
func (s Status) Style(t *theme.Theme) lipgloss.Style { return s.style(t) }
