package data

import (
	"fmt"
	"slices"
	"strings"

	"charm.land/lipgloss/v2"

	"cnnbench/dataset"
	"cnnbench/tui/chart"
	"cnnbench/tui/figure"
	"cnnbench/tui/layout"
	"cnnbench/tui/picture"
	"cnnbench/tui/theme"
)

// parts are the parts of the data with the words and the characters that stand for them.
var parts = []struct{ name, word, bar string }{{"train", "train", "█"}, {"validation", "val", "▒"}, {"test", "test", "░"}}

// tally is how many samples of a class there are in each part.
type tally struct {
	name string
	n    [3]int
	in   bool // the experiment takes the class
}

func (c *tally) sum() int { return c.n[0] + c.n[1] + c.n[2] }

// tallies counts the source's classes, led by the sum of all.
func (s *Screen) tallies() []tally {
	d := s.data
	out := []tally{{name: wordAll, in: true}}
	for _, name := range d.Source.Classes {
		out = append(out, tally{name: name, in: slices.Contains(d.Classes, name)})
	}
	for k, p := range parts {
		part := d.Part(p.name)
		if part == nil {
			continue
		}
		out[0].n[k] = part.Len()
		for c, n := range part.Counts() {
			out[1+slices.Index(d.Source.Classes, d.Classes[c])].n[k] = n
		}
	}
	return out
}

// drawClasses draws how many samples of each class are in each part.
func (s *Screen) drawClasses(w, h int, focused bool) string {
	t := s.app.Theme
	p := theme.Pane{Title: wordClasses, Focused: focused}
	if s.data == nil {
		return s.nothing(p, w, h)
	}
	if s.data.Classes == nil {
		p.Title = wordTargets
		p.Body = strings.Join(s.targets(w-2, h-2), "\n")
		return t.Draw(p, w, h)
	}
	all := s.tallies()
	room, inner := h-2, w-2
	nameW, most := 3, 1
	for i, c := range all {
		nameW = max(nameW, layout.Width(c.name))
		if i > 0 {
			most = max(most, c.sum())
		}
	}
	nameW = min(nameW, max(inner/3, 6))
	numbers := max(len(figure.Thousands(all[0].sum())), 4)
	bar := inner - 2 - 2 - nameW - 1 - (numbers + 1)
	wide := bar >= 38
	if wide {
		numbers = max(numbers, 7)
		bar = inner - 2 - 2 - nameW - 1 - 3*(numbers+1)
	}
	bar = max(bar, 0)
	at := min(s.classAt, len(all)-1)
	lines := s.legend(inner, nameW, numbers, bar, wide, &all[at])
	if room >= roomForShares {
		lines = append(lines, layout.Fit(s.shares(all, at), inner))
	}
	s.above = len(lines)
	room = max(room-len(lines), 1)
	s.rows = layout.Window(s.rows, s.classAt, len(all), room)
	end := min(s.rows+room, len(all))
	for i := s.rows; i < end; i++ {
		c := &all[i]
		largest := most
		if i == 0 {
			largest = c.sum()
		}
		lines = append(lines, t.Row(s.classRow(c, nameW, numbers, bar, largest, wide), inner, i == s.classAt, focused))
	}
	if below := len(all) - end; below > 0 {
		p.Foot = fmt.Sprintf("%s %d more", theme.Down, below)
	}
	p.Right = balance(s.data.Train.Counts())
	p.Body = strings.Join(lines, "\n")
	return t.Draw(p, w, h)
}

// legend is the line above the rows: what the bars are made of and, where the rows have no room for it, how many samples
// of the class with the cursor each part has.
func (s *Screen) legend(w, nameW, numbers, bar int, wide bool, c *tally) []string {
	t := s.app.Theme
	var b strings.Builder
	if wide {
		b.WriteString(layout.Spaces(2 + 2 + nameW + 1 + bar))
		for k, p := range parts {
			b.WriteString(" " + layout.Spaces(numbers-2-len(p.word)) + s.partStyle(k).Render(p.bar) + " " + t.Dim.Render(p.word))
		}
		return []string{layout.Fit(b.String(), w)}
	}
	for k, p := range parts {
		if s.data.Part(p.name) != nil {
			b.WriteString(" " + s.partStyle(k).Render(p.bar) + t.Dim.Render(p.word+" ") + figure.Thousands(c.n[k]))
		}
	}
	return []string{layout.Fit(b.String(), w)}
}

// classesFrame is the lines of the pane beside the rows of the source's classes: those of the border, two legends and all
// classes.
const classesFrame = 5

// roomForShares is as many lines as the pane needs for one about the class with the cursor.
const roomForShares = 6

// shares says which share of each part the class with the cursor has, and what its samples weigh; of all classes, which
// share of the samples each part has.
func (s *Screen) shares(all []tally, at int) string {
	c := &all[at]
	if !c.in {
		return ""
	}
	var b strings.Builder
	b.WriteString(" " + s.app.Theme.Dim.Render("share"))
	for k, p := range parts {
		of := all[0].n[k]
		if at == 0 {
			of = c.sum()
		}
		if s.data.Part(p.name) != nil {
			b.WriteString(" " + s.partStyle(k).Render(p.bar) + figure.Percent(float64(c.n[k])/float64(of)))
		}
	}
	if weights := s.weights(); weights != nil && at > 0 {
		b.WriteString(s.app.Theme.Dim.Render(" weight ") + figure.Short(dataset.WeightOf(weights, slices.Index(s.data.Classes, c.name))))
	}
	return b.String()
}

// partStyle is the colour of a part's bars.
func (s *Screen) partStyle(part int) lipgloss.Style {
	if !s.app.Theme.Color {
		return s.app.Theme.Text
	}
	return lipgloss.NewStyle().Foreground(s.app.Theme.Series(part))
}

// classRow is a class with its bar and its numbers.
func (s *Screen) classRow(c *tally, nameW, numbers, bar, largest int, wide bool) string {
	t := s.app.Theme
	if !c.in {
		return t.Dim.Render(theme.Idle + " " + layout.Fit(c.name, nameW) + " " + wordLeftOut)
	}
	var b strings.Builder
	b.WriteString(t.Good.Render(theme.Good) + " " + layout.Fit(c.name, nameW) + " ")
	used, drawn := 0, 0
	for k, p := range parts {
		used += c.n[k]
		n := (used*bar + largest/2) / largest // the parts' ends are rounded, so that they add up
		b.WriteString(s.partStyle(k).Render(strings.Repeat(p.bar, max(n-drawn, 0))))
		drawn = max(drawn, n)
	}
	b.WriteString(layout.Spaces(bar - drawn))
	if !wide {
		return b.String() + " " + layout.FitLeft(figure.Thousands(c.sum()), numbers)
	}
	for _, n := range c.n {
		text := figure.Thousands(n)
		if n == 0 {
			text = theme.Dot
		}
		b.WriteString(" " + layout.FitLeft(text, numbers))
	}
	return b.String()
}

// balance says how even the classes are in the training part.
func balance(counts []int) string {
	if slices.Contains(counts, 0) {
		return theme.Warn + " a class is empty"
	}
	smallest, largest, uneven := dataset.Uneven(counts)
	least, most := float64(counts[smallest]), float64(counts[largest])
	text := "1 : " + figure.Short(most/least)
	switch {
	case uneven:
		return theme.Warn + " " + text
	case most < 1.05*least:
		return wordBalanced
	}
	return text
}

// targets draws how the values of the targets are spread, and how many samples each part has.
func (s *Screen) targets(w, h int) []string {
	t := s.app.Theme
	label, largest := 10, s.data.Train.Len()
	var lines []string
	for k, p := range parts {
		part := s.data.Part(p.name)
		if part == nil {
			continue
		}
		lines = append(lines, " "+s.partStyle(k).Render(chart.HBar(chart.Count{Label: p.name, Value: float64(part.Len())}, float64(largest), label, max(w-2, 1), t.Symbols)))
	}
	room := h - len(lines) - 3
	if room < 2 || w < 16 {
		return lines
	}
	counts, lo, hi := histogram(s.data.Train, w-4)
	_, top := picture.Range(counts)
	lines = append(lines, "", " "+t.Dim.Render(layout.Cut("first value of the training targets", w-2)))
	for _, l := range picture.StyleOf(t).Bars(counts, 0, top, w-4, room) {
		lines = append(lines, "  "+s.partStyle(0).Render(l))
	}
	return append(lines, "  "+t.Dim.Render(layout.Ends(figure.Short(float64(lo)), figure.Short(float64(hi)), w-4)))
}

// histogram counts the first value of each target in n equal ranges between the smallest and the largest.
func histogram(p *dataset.Part, n int) (counts []float32, lo, hi float32) {
	values := make([]float32, p.Len())
	for i := range values {
		values[i] = p.Target(i)[0]
	}
	lo, hi = picture.Range(values)
	counts = make([]float32, n)
	for _, v := range values {
		if v >= lo && v <= hi { // finite
			at := 0
			if hi > lo {
				at = min(int(float64(n)*float64(v-lo)/float64(hi-lo)), n-1)
			}
			counts[at]++
		}
	}
	return counts, lo, hi
}
