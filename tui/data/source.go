package data

import (
	"fmt"
	"slices"
	"strings"

	"cnnbench/dataset"
	"cnnbench/dataset/augment"
	"cnnbench/spec"
	"cnnbench/tui/figure"
	"cnnbench/tui/layout"
	"cnnbench/tui/theme"
)

// drawSource draws what the source is and what becomes of it.
func (s *Screen) drawSource(w, h int, focused bool) string {
	t := s.app.Theme
	p := theme.Pane{Title: wordSource, Focused: focused}
	if s.reading() {
		p.Right = s.spin.View() + " " + wordReading
	}
	if s.data == nil {
		return s.nothing(p, w, h)
	}
	lines := s.aboutSource(max(w-4, 8))
	room := h - 2
	s.read = min(s.read, max(len(lines)-room, 0))
	if below := len(lines) - s.read - room; below > 0 {
		p.Foot = fmt.Sprintf("%s %d more", theme.Down, below)
	}
	p.Body = " " + strings.Join(lines[s.read:], "\n ")
	return t.Draw(p, w, h)
}

// aboutSource describes the source in lines of w cells.
func (s *Screen) aboutSource(w int) []string {
	if s.data == nil {
		return nil
	}
	t, e, d := s.app.Theme, s.app.Draft.Experiment(), s.data
	cfg := e.Data
	var lines []string
	const keyW = 7
	pair := func(key, value string) {
		for i, part := range layout.Wrap(value, max(w-keyW-1, 6)) {
			if i > 0 {
				key = ""
			}
			lines = append(lines, t.Dim.Render(layout.Fit(key, keyW))+" "+part)
		}
	}
	if s.err != nil {
		for _, l := range layout.Wrap(theme.Bad+" "+s.err.Error(), w) {
			lines = append(lines, t.Bad.Render(l))
		}
		for _, l := range layout.Wrap(wordBefore, w) {
			lines = append(lines, t.Dim.Render(l))
		}
	}
	pair("source", t.Bold.Render(d.Source.Name))
	if leaks := s.leaks(); leaks != "" {
		pair("leaks", t.Warn.Render(theme.Warn)+" "+leaks)
		for i := range s.facts.Overlaps {
			if o := &s.facts.Overlaps[i]; o.Leak() {
				pair("", t.Dim.Render(s.twins(o)))
			}
		}
	}
	pair("holds", holds(d.Source))
	pair("sample", s.change(figure.Shape(d.Source.Shape), figure.Shape(d.Shape)))
	switch {
	case s.bad != nil:
		pair("values", t.Bad.Render(theme.Bad+" "+s.bad.Error()))
	case s.facts == nil:
		pair("values", s.spin.View()+" "+t.Dim.Render(wordCounting))
	default:
		pair("values", s.change(between(s.raw.lo, s.raw.hi), between(s.received.lo, s.received.hi)))
		train := s.facts.Parts[0]
		pair("mean", channels(train.Mean))
		pair("std", channels(train.Std))
		if d.Classes == nil {
			pair("targets", between(float32(train.TargetMin), float32(train.TargetMax)))
		}
	}
	if d.Classes != nil {
		pair("classes", s.change(fmt.Sprint(len(d.Source.Classes)), fmt.Sprint(len(d.Classes))))
		counts := d.Train.Counts()
		if smallest, largest, uneven := dataset.Uneven(counts); uneven {
			times := figure.Short(float64(counts[largest]) / float64(counts[smallest]))
			pair("", t.Warn.Render(theme.Warn)+" "+fmt.Sprintf(wordUneven, d.Classes[largest], times, d.Classes[smallest]))
		}
	}
	if cfg.Limit != nil {
		pair("limit", figure.Thousands(*cfg.Limit)+" training samples")
	}
	if cfg.Rescale != nil {
		pair("rescale", factor(*cfg.Rescale))
	}
	pair("split", splitText(cfg.Split))
	if text := changedText(&cfg.Standardize, &dataset.Standardize{}); text != "" {
		pair("level", text)
	}
	if none := augment.New(); cfg.Augment.Active() {
		pair("augment", changedText(&cfg.Augment, &none))
	}
	if cfg := e.Fit.ClassWeight; cfg.Given() && d.Classes != nil {
		text := s.weightsText(s.weights())
		if cfg.Balanced {
			text = wordBalanced + ": " + text
		}
		pair("weights", text)
	}
	if s.facts != nil {
		if s.leaks() == "" {
			pair("leaks", t.Good.Render(theme.Good)+" "+wordNoLeaks)
		}
		for i := range s.facts.Overlaps {
			if o := &s.facts.Overlaps[i]; !o.Leak() {
				pair("again", fmt.Sprintf(wordRepeated, figure.Thousands(o.Count), figure.Thousands(d.Part(o.Part).Len()), o.Part)+": "+t.Dim.Render(s.twins(o)))
			}
		}
	}
	if n := len(d.Source.Skipped); n > 0 {
		pair("skipped", t.Warn.Render(theme.Warn)+" "+figure.Thousands(n)+" that could not be taken:")
		for _, skip := range d.Source.Skipped[:min(n, mostSkipped)] {
			pair("", skip.Name+" "+t.Dim.Render(skip.Reason))
		}
	}
	if d.Source.Description != "" {
		lines = append(lines, "")
		for _, l := range layout.Wrap(d.Source.Description, w) {
			lines = append(lines, t.Dim.Render(l))
		}
	}
	return lines
}

// twins names the first samples of an overlap.
func (s *Screen) twins(o *dataset.Overlap) string {
	parts := make([]string, len(o.Twins))
	for i, twin := range o.Twins {
		parts[i] = s.data.Pair(o, twin)
	}
	if len(parts) < o.Count {
		parts = append(parts, "…")
	}
	return strings.Join(parts, ", ")
}

// mostSkipped is how many of the things that were left out are named.
const mostSkipped = 20

// changedText lists the settings that are not as by default: rotation_range 40, horizontal_flip.
func changedText(v, defaults any) string {
	n := spec.Node(v, defaults)
	var parts []string
	for i := 0; i+1 < len(n.Content); i += 2 {
		text := n.Content[i].Value
		if body := n.Content[i+1]; len(body.Content) > 0 {
			ends := make([]string, len(body.Content))
			for k, c := range body.Content {
				ends[k] = c.Value
			}
			text += " " + strings.Join(ends, " to ")
		} else if body.Value != "true" {
			text += " " + body.Value
		}
		parts = append(parts, text)
	}
	return strings.Join(parts, ", ")
}

// change writes what was and what became of it, or what it is where nothing became of it.
func (s *Screen) change(was, is string) string {
	if was == is {
		return is
	}
	return s.app.Theme.Dim.Render(was+" "+theme.Arrow+" ") + is
}

// holds counts the samples of a source's own parts.
func holds(src *dataset.Source) string {
	out := ""
	for k, set := range []*dataset.Set{src.Train, src.Validation, src.Test} {
		if set != nil {
			out += ", " + figure.Thousands(set.Samples.Len()) + " " + parts[k].word
		}
	}
	return out[len(", "):]
}

// between writes a range.
func between(lo, hi float32) string { return number(lo) + " to " + number(hi) }

// channels writes a figure of each channel; of many only the first ones.
func channels(v []float64) string {
	const most = 4
	parts := make([]string, 0, most)
	for _, x := range v[:min(len(v), most)] {
		parts = append(parts, figure.Short(x))
	}
	if len(v) > most {
		parts = append(parts, "…")
	}
	return strings.Join(parts, " ")
}

// factor writes a factor as people set it: 1/255.
func factor(f float64) string {
	for n := 2; n <= 1024; n++ {
		if f == 1/float64(n) {
			return fmt.Sprintf("1/%d", n)
		}
	}
	return spec.Text(f)
}

// splitText says in a few words how the samples are divided.
func splitText(c dataset.SplitConfig) string {
	var parts []string
	add := func(name string, a *dataset.Amount) {
		switch {
		case a == nil:
		case *a == 0:
			parts = append(parts, "no "+name)
		case *a < 1:
			parts = append(parts, name+" "+figure.Percent(float64(*a)))
		default:
			parts = append(parts, name+" "+figure.Thousands(int(*a)))
		}
	}
	add("test", c.Test)
	add("validation", c.Validation)
	switch {
	case c.Stratify:
		parts = append(parts, "stratified")
	case c.Shuffle:
		parts = append(parts, "shuffled")
	default:
		parts = append(parts, "in order")
	}
	return strings.Join(slices.DeleteFunc(parts, func(p string) bool { return p == "" }), ", ")
}
