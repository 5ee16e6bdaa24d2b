package train

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"cnnbench/nn/loss"
	"cnnbench/nn/optim"
	"cnnbench/nn/train"
	"cnnbench/sessions"
	"cnnbench/spec"
	"cnnbench/tui/curves"
	"cnnbench/tui/figure"
	"cnnbench/tui/layout"
	"cnnbench/tui/theme"
)

// plan says what the first training would be, and how it is started.
func (s *Screen) plan(w, h int) []string {
	t, a := s.app.Theme, s.app
	e := a.Draft.Experiment()
	if e == nil {
		return nil
	}
	w = min(w-2, planW)
	name := e.Name
	if a.Draft.Edited() {
		name += t.Dim.Render(" " + textEdited)
	}
	lines := []string{t.Bold.Render(name), ""}
	row := func(key, words string) {
		for i, l := range layout.Wrap(words, max(w-planKeyW, 8)) {
			if i > 0 {
				key = ""
			}
			lines = append(lines, t.Dim.Render(layout.Fit(key, planKeyW))+l)
		}
	}
	p := a.Data.Current(&a.Draft)
	switch {
	case a.Starting():
		lines = append(lines, t.Accent.Render(theme.Idle+" "+textStarting))
		return lines
	case p != nil:
		for _, f := range planRows(p) {
			row(f[0], f[1])
		}
	case a.Data.Known(&a.Draft) && a.Data.Err != nil:
		for _, l := range layout.Wrap(theme.Bad+" "+sentence(a.Data.Err), w) {
			lines = append(lines, t.Bad.Render(l))
		}
		lines = append(lines, "", t.Key.Render("1")+t.Dim.Render("  "+textToBuild))
		return lines
	default:
		lines = append(lines, t.Dim.Render(textLooking))
	}
	lines = append(lines, "")
	for _, k := range textPlanKeys {
		lines = append(lines, t.Key.Render(layout.FitLeft(k[0], planKeyW-2))+"  "+t.Dim.Render(k[1]))
	}
	if len(lines) > h {
		lines = slices.Delete(lines, 1, 2)
	}
	if len(lines) > h { // the keys stand in the row of hints, too
		lines = lines[:len(lines)-len(textPlanKeys)-1]
	}
	return lines
}

// Widths of the plan, and of its keys.
const (
	planW    = 70
	planKeyW = 9
)

// sentence is an error without the name of a setting's file, which the draft has none of.
func sentence(err error) string {
	var se *spec.Error
	if errors.As(err, &se) && se.Path != "" {
		return se.Path + ": " + se.Msg
	}
	return err.Error()
}

// planRows are what is to be known of a training before it begins.
func planRows(p *sessions.Prepared) [][2]string {
	e := p.Experiment
	var parts []string
	for _, c := range []struct {
		part  train.Data
		words string
	}{{p.Train, textToTrain}, {p.Validation, textToValidate}, {p.Test, textToTest}} {
		if c.part != nil {
			parts = append(parts, fmt.Sprintf(c.words, c.part.Len()))
		}
	}
	data := e.Data.Source
	if len(p.Classes) > 0 {
		data += ": " + strings.Join(p.Classes, ", ")
	}
	steps := e.Fit.Steps(p.Train.Len())
	return [][2]string{
		{textData, data},
		{"", strings.Join(parts, ", ")},
		{textNetwork, networkLine(p)},
		{"", fmt.Sprintf(textParams, len(p.Summary.Rows), figure.Thousands(p.Summary.Total))},
		{textTraining, fmt.Sprintf(textEpochsOf, plural(e.Fit.Epochs, "epoch"), plural(steps, "step"), e.Fit.Batch(p.Train.Len()))},
		{"", optimizerLine(e) + ", " + loss.Family.Must(p.Loss).Name},
	}
}

// networkLine is the network in one line: its layers with weights, and how wide they are.
func networkLine(p *sessions.Prepared) string {
	var parts []string
	for _, r := range p.Summary.Rows {
		if r.Total > 0 && r.Kind != "batch_normalization" {
			parts = append(parts, fmt.Sprintf("%s %d", r.Kind, r.Out[len(r.Out)-1]))
		}
	}
	return strings.Join(parts, ", ")
}

// optimizerLine is the optimizer and its learning rate.
func optimizerLine(e *sessions.Experiment) string {
	o := e.Compile.Optimizer
	if o == nil {
		return ""
	}
	name := optim.Family.Must(o).Name
	rate := o.Settings().LearningRate
	if rate.Schedule != nil {
		return name + ", " + optim.Schedules.Must(rate.Schedule).Name
	}
	return name + " " + curves.RateText(rate.Value)
}

// plural is a number and its noun.
func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return figure.Thousands(n) + " " + noun + "s"
}
