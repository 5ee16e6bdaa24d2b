package build

import (
	"fmt"
	"strings"

	"cnnbench/nn"
	"cnnbench/spec"
	"cnnbench/tui/figure"
	"cnnbench/tui/layout"
	"cnnbench/tui/theme"
)

// drawLayer draws what is known of the layer with the cursor.
func (s *Screen) drawLayer(w, h int, focused bool) string {
	t := s.app.Theme
	p := theme.Pane{Title: wordLayer, Focused: focused}
	layers := s.layers()
	if s.at >= len(layers) {
		p.Body = t.Dim.Render(" " + wordNoLayer)
		return t.Draw(p, w, h)
	}
	kind := nn.Layers.Must(layers[s.at])
	p.Title = fmt.Sprintf("%s %d %s %s", wordLayer, s.at+1, theme.Dot, kind.Name)
	lines := s.aboutLayer(layers[s.at], max(w-4, 8))
	room := h - 2
	s.read = min(s.read, max(len(lines)-room, 0))
	if below := len(lines) - s.read - room; below > 0 {
		p.Foot = fmt.Sprintf("%s %d more", theme.Down, below)
	}
	lines = lines[s.read:]
	for i, l := range lines {
		lines[i] = " " + l
	}
	p.Body = strings.Join(lines, "\n")
	return t.Draw(p, w, h)
}

// aboutLayer describes a layer in lines of w cells: what it makes of what, its weights, its settings.
func (s *Screen) aboutLayer(l nn.Layer, w int) []string {
	t := s.app.Theme
	var lines []string
	keyW := len("as dense") + 1
	if s.sum != nil && s.at < len(s.sum.Rows) {
		for _, q := range s.sum.Rows[s.at].Params {
			keyW = max(keyW, layout.Width(q.Name))
		}
	}
	keyW = min(keyW, w/2)
	pair := func(key, value string) {
		for i, part := range layout.Wrap(value, max(w-keyW-1, 6)) {
			if i > 0 {
				key = ""
			}
			lines = append(lines, t.Dim.Render(layout.Fit(key, keyW))+" "+part)
		}
	}
	if s.problem.layer == s.at && s.problem.found() {
		for _, part := range layout.Wrap(theme.Bad+" "+s.problem.text, w) {
			lines = append(lines, t.Bad.Render(part))
		}
		lines = append(lines, "")
	}
	if s.sum != nil && s.at < len(s.sum.Rows) {
		r := &s.sum.Rows[s.at]
		pair("in", figure.Shape(r.In))
		pair("out", t.Bold.Render(figure.Shape(r.Out))+t.Dim.Render(product(r.Out)))
		for i := range r.Params {
			q := &r.Params[i]
			pair(q.Name, figure.Shape(q.Shape)+t.Dim.Render(product(q.Shape)))
		}
		if r.Total > 0 {
			share := ""
			if s.sum.Total > 0 && len(s.sum.Rows) == len(s.layers()) {
				share = t.Dim.Render(", " + figure.Percent(float64(r.Total)/float64(s.sum.Total)) + " of all")
			}
			pair("params", t.Bold.Render(figure.Thousands(r.Total))+share)
			if frozen := r.Total - r.Trainable; frozen > 0 {
				pair("frozen", figure.Thousands(frozen))
			}
		}
		if r.MACs > 0 {
			pair("work", figure.SI(r.MACs)+t.Dim.Render(" multiply-adds a sample"))
		}
		if f := fieldsOf(s.layers()[:s.at+1], s.sum.In)[s.at]; f.ok && f.size != [2]int{1, 1} {
			pair("sees", figure.Shape(f.size[:])+t.Dim.Render(" pixels of the input"))
		}
		if _, conv := l.(*nn.Conv2D); conv && r.Total > 0 {
			twin := denseTwin(r)
			pair("as dense", figure.SI(twin)+t.Dim.Render(fmt.Sprintf(" params, %s times as many", figure.SI(float64(twin)/float64(r.Total)))))
		}
		if r.Name != "" {
			pair("name", r.Name)
		}
	}
	lines = append(lines, "")
	defaults := map[string]string{}
	for _, f := range settingsOf(nn.Layers.Must(l).New()) {
		defaults[f.Key] = f.Text
	}
	for _, f := range settingsOf(l) {
		switch {
		case f.Key == "name" || f.Key == "trainable" && f.Text == "true":
		case f.Required || f.Text != defaults[f.Key]:
			lines = append(lines, setting(f, w))
		default:
			lines = append(lines, t.Dim.Render(setting(f, w)))
		}
	}
	lines = append(lines, "")
	for _, part := range layout.Wrap(nn.Layers.Must(l).Doc, w) {
		lines = append(lines, t.Dim.Render(part))
	}
	return lines
}

// product is how many values a shape of several axes has.
func product(shape []int) string {
	if len(shape) < 2 || nn.Shape(shape).Size() == 0 {
		return ""
	}
	return " = " + figure.Thousands(nn.Shape(shape).Size())
}

// setting writes a setting in a line of w cells.
func setting(f spec.Field, w int) string {
	keyW := min(max(layout.Width(f.Key), w/2), w-4)
	return layout.Cut(layout.Fit(f.Key, keyW)+" "+f.Text, w)
}

// none is null as a person reads it.
const none = "none"

// settingsOf lists the settings of a layer or callback with their values as a person writes them.
func settingsOf(v any) []spec.Field {
	texts := map[string]string{}
	n := spec.Node(v, nil)
	for i := 0; i+1 < len(n.Content); i += 2 {
		if body := n.Content[i+1]; len(body.Content) == 0 {
			texts[n.Content[i].Value] = body.Value
		}
	}
	fields := spec.Fields(v)
	for i := range fields {
		f := &fields[i]
		if text, ok := texts[f.Key]; ok {
			f.Text = text
		}
		if f.Text == "null" {
			f.Text = none
		}
	}
	return fields
}
