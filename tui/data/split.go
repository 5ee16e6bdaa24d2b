package data

import (
	"strconv"

	tea "charm.land/bubbletea/v2"

	"cnnbench/dataset"
	"cnnbench/sessions"
	"cnnbench/tui/form"
)

// ratio is a division of all samples into training, validation and test.
type ratio struct {
	name string
	rest dataset.Amount // the share of the validation, and that of the test
}

// ratios are the lecture's.
var ratios = []ratio{{"60:20:20", .2}, {"50:25:25", .25}}

// ownRatio stands for any other division.
const ownRatio = "own"

// splitForm is what the form edits: the split, and a choice that fills its shares in.
type splitForm struct {
	Ratio               string `yaml:"ratio" oneof:"own 60:20:20 50:25:25" doc:"training, validation and test; own: as they stand below"`
	dataset.SplitConfig `yaml:",inline"`
}

// editSplit opens the form of the split. What it comes to is counted with every key.
func (s *Screen) editSplit() tea.Cmd {
	c := s.app.Draft.Experiment().Data
	value := &splitForm{Ratio: ratioOf(amountText(c.Split.Test), amountText(c.Split.Validation)), SplitConfig: c.Split}
	return s.app.Push(form.New(s.app.Theme, form.Settings{Title: "Split", Doc: "How the training samples are divided: test first, then validation, as train_test_split does.",
		Value: value, Follow: followRatio,
		Check: func(v any) (string, error) {
			changed := c
			changed.Split = v.(*splitForm).SplitConfig
			return s.preview(changed)
		},
		Done: func(v any) tea.Cmd {
			return s.app.Edit("edit split", func(e *sessions.Experiment) { e.Data.Split = v.(*splitForm).SplitConfig })
		}}))
}

// followRatio fills in the shares of a ratio that was chosen, and names the ratio of shares that were typed.
func followRatio(changed string, text func(string) string) map[string]string {
	switch changed {
	case "ratio":
		for _, r := range ratios {
			if r.name == text("ratio") {
				share := amountText(&r.rest)
				return map[string]string{"test": share, "validation": share}
			}
		}
	case "test", "validation":
		return map[string]string{"ratio": ratioOf(text("test"), text("validation"))}
	}
	return nil
}

// ratioOf names the ratio of two shares as they are written.
func ratioOf(test, validation string) string {
	a, errA := strconv.ParseFloat(test, 64)
	b, errB := strconv.ParseFloat(validation, 64)
	for _, r := range ratios {
		if errA == nil && errB == nil && a == float64(r.rest) && b == a {
			return r.name
		}
	}
	return ownRatio
}

// amountText writes a share or count as the form has it; "" is none given.
func amountText(a *dataset.Amount) string {
	if a == nil {
		return ""
	}
	return strconv.FormatFloat(float64(*a), 'f', -1, 64)
}
