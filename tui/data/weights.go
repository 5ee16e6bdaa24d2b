package data

import (
	"fmt"
	"strings"

	tea "charm.land/bubbletea/v2"

	"cnnbench/dataset"
	"cnnbench/nn/train"
	"cnnbench/sessions"
	"cnnbench/tui/figure"
	"cnnbench/tui/form"
)

// weights are what the training samples of each class weigh; nil: all weigh alike.
func (s *Screen) weights() map[int]float64 {
	c := s.app.Draft.Experiment().Fit.ClassWeight
	if c.Balanced && s.data.Classes != nil {
		return dataset.BalancedWeights(s.data.Train.Counts())
	}
	return c.Of
}

// weightsText lists the weights of the classes.
func (s *Screen) weightsText(weights map[int]float64) string {
	parts := make([]string, len(s.data.Classes))
	for c, name := range s.data.Classes {
		parts[c] = name + " " + figure.Short(dataset.WeightOf(weights, c))
	}
	return strings.Join(parts, ", ")
}

// editWeights chooses what the classes weigh in the training, and says what that comes to.
func (s *Screen) editWeights() tea.Cmd {
	now := s.app.Draft.Experiment().Fit.ClassWeight
	choices := []train.ClassWeight{{}, {Balanced: true}}
	items := []form.Item{{Title: wordNoWeights, Doc: wordNoWeightsDoc},
		{Title: wordBalanced, Doc: s.weightsText(dataset.BalancedWeights(s.data.Train.Counts()))}}
	at := 0
	switch {
	case now.Balanced:
		at = 1
	case now.Of != nil:
		at = 2
		choices = append(choices, now)
		items = append(items, form.Item{Title: wordAsWritten, Doc: s.weightsText(now.Of)})
	}
	return s.app.Push(form.NewList(s.app.Theme, wordWeights, items, at, func(i int) tea.Cmd {
		return s.app.Edit("weigh classes: "+items[i].Title, func(e *sessions.Experiment) { e.Fit.ClassWeight = choices[i] })
	}))
}

// leaks says what stands on both sides of a split, "" where nothing does or where it is not known yet.
func (s *Screen) leaks() string {
	if s.facts == nil {
		return ""
	}
	var parts []string
	for _, o := range s.facts.Overlaps {
		if o.Leak() {
			parts = append(parts, fmt.Sprintf(wordLeak, figure.Thousands(o.Count), figure.Thousands(s.data.Part(o.Part).Len()), o.Part, o.In))
		}
	}
	return strings.Join(parts, "; ")
}
