package data

import (
	"fmt"
	"strings"

	"cnnbench/dataset"
	"cnnbench/tui/figure"
	"cnnbench/tui/layout"
	"cnnbench/tui/picture"
	"cnnbench/tui/theme"
)

// drawSample draws the sample with the cursor large, or as the numbers that it is.
func (s *Screen) drawSample(w, h int, focused bool) string {
	t := s.app.Theme
	p := theme.Pane{Title: wordSample, Focused: focused}
	if s.data == nil || len(s.list) == 0 {
		return s.nothing(p, w, h)
	}
	part, i := s.data.Part(s.part), s.list[s.at]
	p.Title = fmt.Sprintf("%s %d", wordSample, part.Index[i])
	if label := part.Label(i); label >= 0 {
		p.Title += " " + theme.Dot + " " + s.data.Classes[label]
	}
	if s.varies() {
		return s.drawVariants(p, w, h, focused)
	}
	p.Right = s.asWord()
	p.Foot = fmt.Sprintf("%s of %s", figure.Thousands(s.at+1), figure.Thousands(len(s.list)))
	it, ok := s.window.One(s.at)
	if !ok {
		return t.Draw(p, w, h)
	}
	words := s.aboutSample(part, i, it, w-4)
	if m := planeOf(it); s.numbers && m.channels > 1 {
		p.Right = fmt.Sprintf("channel %d of %d", min(s.channel, m.channels-1)+1, m.channels)
	}
	room := max(h-2-len(words)-1, 1)
	var lines []string
	switch {
	case s.numbers:
		lines = s.matrix(it, w-4, room)
	case len(it.V) == 1: // said below
	case picture.KindOf(it.Shape) == picture.Picture:
		_, high := picture.Fit(it.Shape[0], it.Shape[1], w-4, room)
		lines = s.style().Sample(it.Shape, it.V, s.look(), w-4, high)
	default:
		lines = s.style().Sample(it.Shape, it.V, s.look(), w-4, min(room, max(w/4, 4)))
	}
	if len(lines) > 0 {
		lines = append(lines, "")
	}
	lines = append(lines, words...)
	p.Body = " " + strings.Join(lines, "\n ")
	return t.Draw(p, w, h)
}

// aboutSample says in lines of w cells what the sample is.
func (s *Screen) aboutSample(part *dataset.Part, i int, it picture.Item, w int) []string {
	t := s.app.Theme
	var lines []string
	add := func(key, value string) {
		lines = append(lines, layout.Fit(t.Dim.Render(key)+" "+value, w))
	}
	if label := part.Label(i); label >= 0 {
		name := t.Bold.Render(s.data.Classes[label])
		if number := fmt.Sprint(label); number != s.data.Classes[label] {
			name = number + " " + name
		}
		add("class", name)
	} else {
		add("target", t.Bold.Render(values(part.Target(i), 8)))
	}
	from := ""
	if part.From != s.part {
		from = t.Dim.Render(" of the source's " + part.From + " part")
	}
	if name := part.File(i); name != "" {
		add("file", name)
	}
	if s.as() == augmented {
		drawn := part.Drawn(i, s.pass)
		for k, l := range layout.Wrap(strings.Join(drawnWords(&drawn, part), ", "), max(w-len("drawn "), 8)) {
			add([]string{"drawn", "     "}[min(k, 1)], l)
		}
	}
	add("row", figure.Thousands(part.Index[i])+from)
	if len(it.V) == 1 {
		add("value", number(it.V[0]))
		return lines
	}
	lo, hi := picture.Range(it.V)
	var sum float64
	for _, v := range it.V {
		sum += float64(v)
	}
	add("values", fmt.Sprintf("%s %s %s", figure.Shape(it.Shape), between(lo, hi),
		t.Dim.Render("mean ")+figure.Short(sum/float64(len(it.V)))))
	return lines
}

// plane is a sample as a matrix of numbers: rows and columns of one channel.
type plane struct {
	rows, cols, channels int
	v                    []float32 // [rows, cols, channels]
}

func planeOf(it picture.Item) plane {
	switch picture.KindOf(it.Shape) {
	case picture.Picture:
		return plane{it.Shape[0], it.Shape[1], it.Shape[2], it.V}
	case picture.Sequence:
		return plane{it.Shape[0], it.Shape[1], 1, it.V}
	}
	return plane{len(it.V), 1, 1, it.V}
}

// matrix writes the sample's numbers, each on its colour, in lines of w cells; the first line and column count.
func (s *Screen) matrix(it picture.Item, w, h int) []string {
	t := s.app.Theme
	m := planeOf(it)
	c := min(s.channel, m.channels-1)
	cell := 0
	for i := c; i < len(m.v); i += m.channels {
		cell = max(cell, len(number(m.v[i])))
	}
	gutter := len(fmt.Sprint(m.rows-1)) + 1
	cols, rows := min(max((w-gutter)/(cell+1), 1), m.cols), min(max(h-1, 1), m.rows)
	if s.top == middle {
		s.top = [2]int{(m.rows - rows) / 2, (m.cols - cols) / 2}
	}
	s.top = [2]int{min(s.top[0], m.rows-rows), min(s.top[1], m.cols-cols)}
	y0, x0 := s.top[0], s.top[1]
	style, look := s.style(), s.look()
	var b strings.Builder
	b.WriteString(layout.Spaces(gutter))
	for x := x0; x < x0+cols; x++ {
		b.WriteString(layout.FitLeft(fmt.Sprint(x), cell+1))
	}
	lines := []string{t.Dim.Render(layout.Fit(b.String(), w))}
	for y := y0; y < y0+rows; y++ {
		b.Reset()
		b.WriteString(t.Dim.Render(layout.FitLeft(fmt.Sprint(y), gutter)))
		for x := x0; x < x0+cols; x++ {
			v := m.v[(y*m.cols+x)*m.channels+c]
			b.WriteString(style.Swatch(look, v, layout.FitLeft(number(v), cell+1)))
		}
		lines = append(lines, b.String())
	}
	return lines
}

// number writes one value: whole numbers as they are.
func number(v float32) string {
	if v == float32(int32(v)) {
		return fmt.Sprint(int32(v))
	}
	return figure.Short(float64(v))
}

// middle stands for the middle of the numbers, where pictures have what they are of.
var middle = [2]int{-1, -1}

// scroll moves the numbers.
func (s *Screen) scroll(dy, dx int) {
	s.top = [2]int{max(s.top[0]+dy, 0), max(s.top[1]+dx, 0)}
	s.version++
}
