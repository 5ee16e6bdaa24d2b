package build

import (
	"fmt"
	"slices"

	tea "charm.land/bubbletea/v2"

	"cnnbench/nn"
	"cnnbench/sessions"
	"cnnbench/spec"
	"cnnbench/tui/figure"
	"cnnbench/tui/form"
	"cnnbench/tui/theme"
)

// change edits the draft. The first edit while a training runs says that it is none of that training's.
func (s *Screen) change(what string, edit func(e *sessions.Experiment)) tea.Cmd {
	cmd := s.app.Edit(what, edit)
	s.refresh()
	if s.app.Running() && s.warned != s.app.Live.Run {
		s.warned = s.app.Live.Run
		cmd = tea.Batch(cmd, s.app.Say(wordEditing))
	}
	return cmd
}

// inAt is the shape that reaches the layer i, nil where it is not known.
func (s *Screen) inAt(i int) nn.Shape {
	switch {
	case s.sum == nil:
		if len(s.layers()) == 0 {
			return s.app.Data.Source.In
		}
		return nil
	case i == 0:
		return s.sum.In
	case i <= len(s.sum.Rows):
		return s.sum.Rows[i-1].Out
	}
	return nil
}

// classes is how many classes the data has, 0 where it has none or is not known.
func (s *Screen) classes() int {
	if d := s.app.Data.Source.Data; d != nil {
		return len(d.Classes)
	}
	return 0
}

// add asks for a kind of layer and its settings, and puts it after the cursor.
func (s *Screen) add() tea.Cmd { return s.insert(min(s.at+1, len(s.layers()))) }

// addBefore puts it before the cursor.
func (s *Screen) addBefore() tea.Cmd { return s.insert(s.at) }

func (s *Screen) insert(at int) tea.Cmd {
	layers := s.layers()
	in := s.inAt(at)
	names := nn.Layers.Names()
	items := make([]form.Item, len(names))
	fresh := make([]nn.Layer, len(names))
	for i, name := range names {
		k, _ := nn.Layers.Lookup(name)
		fresh[i] = suggest(k, layers[:at], in, s.classes(), at == len(layers))
		items[i] = form.Item{Title: name, Doc: k.Doc, Also: k.Class}
		if in != nil {
			if p, err := fresh[i].Plan(in); err != nil {
				items[i].Detail = theme.Bad
				items[i].Doc = k.Doc + "; here: " + err.Error()
			} else {
				items[i].Detail = theme.Arrow + " " + figure.Shape(p.Out)
			}
		}
	}
	// What cannot stand here comes last.
	order := make([]int, len(names))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int {
		rank := map[bool]int{true: 1}
		return rank[items[a].Detail == theme.Bad] - rank[items[b].Detail == theme.Bad]
	})
	sorted := make([]form.Item, len(items))
	for to, from := range order {
		sorted[to] = items[from]
	}
	return s.app.Push(form.NewList(s.app.Theme, wordAddTitle, sorted, 0, func(chosen int) tea.Cmd {
		i := order[chosen]
		put := func(v any) tea.Cmd {
			cmd := s.change("add "+names[i], func(e *sessions.Experiment) {
				e.Model.Layers = slices.Insert(e.Model.Layers, at, v.(nn.Layer))
			})
			s.at = at
			return cmd
		}
		if len(spec.Fields(fresh[i])) == len(spec.Fields(&nn.Common{})) {
			return put(fresh[i]) // no settings of its own
		}
		return s.layerForm(fresh[i], at, false, put)
	}))
}

// edit opens the form of the layer with the cursor.
func (s *Screen) edit() tea.Cmd {
	i := s.at
	l := s.layers()[i]
	return s.layerForm(l, i, true, func(v any) tea.Cmd {
		return s.change("edit "+nn.Layers.Must(l).Name, func(e *sessions.Experiment) { e.Model.Layers[i] = v.(nn.Layer) })
	})
}

// layerForm asks for the settings of a layer that stands, or is to stand, at a place, and says what it comes to there.
func (s *Screen) layerForm(l nn.Layer, at int, replace bool, done func(any) tea.Cmd) tea.Cmd {
	kind := nn.Layers.Must(l)
	layers, in := s.layers(), s.app.Data.Source.In
	if s.sum != nil {
		in = s.sum.In
	}
	check := func(v any) (string, error) {
		if in == nil {
			return "", nil
		}
		next := slices.Clone(layers)
		if replace {
			next[at] = v.(nn.Layer)
		} else {
			next = slices.Insert(next, at, v.(nn.Layer))
		}
		sum, err := nn.Summarize(next, in)
		if p := wordsFor(err, at); p != nil {
			return "", p
		}
		if at >= len(sum.Rows) {
			return "", nil
		}
		r := sum.Rows[at]
		note := fmt.Sprintf("%s %s %s, %s params, %s MACs", figure.Shape(r.In), theme.Arrow, figure.Shape(r.Out), figure.Thousands(r.Total), figure.SI(r.MACs))
		if err == nil {
			note += "; " + figure.Thousands(sum.Total) + " in all"
		}
		return note, nil
	}
	return s.app.Push(form.New(s.app.Theme, form.Settings{Title: fmt.Sprintf("%d %s %s", at+1, theme.Dot, kind.Name), Doc: kind.Doc, Value: l, Blank: true, Last: []string{"name", "trainable"}, Check: check,
		Word: func(key, option string) string {
			for _, f := range []*spec.Family{nn.Activations, nn.Initializers} {
				if k, ok := f.Lookup(option); ok {
					return k.Doc
				}
			}
			return ""
		}, Done: done}))
}

// wordsFor words an impossible layer for the form of the layer at: its own mistake as it is, that of a later one with
// its number.
func wordsFor(err error, at int) error {
	if err == nil {
		return nil
	}
	p := problemOf(err)
	if p.layer == at || p.layer < 0 {
		return fmt.Errorf("%s", p.text)
	}
	if p.layer < at {
		return nil
	}
	return fmt.Errorf("layer %d would not fit any more: %s", p.layer+1, p.text)
}

// remove deletes the layer with the cursor.
func (s *Screen) remove() tea.Cmd {
	i := s.at
	name := nn.Layers.Must(s.layers()[i]).Name
	return s.change("delete "+name, func(e *sessions.Experiment) { e.Model.Layers = slices.Delete(e.Model.Layers, i, i+1) })
}

// move takes the layer with the cursor d places down.
func (s *Screen) move(d int) tea.Cmd {
	i := s.at
	s.at += d
	name := nn.Layers.Must(s.layers()[i]).Name
	return s.change("move "+name, func(e *sessions.Experiment) {
		l := e.Model.Layers
		l[i], l[i+d] = l[i+d], l[i]
	})
}

// copyLayer keeps a copy of the layer with the cursor.
func (s *Screen) copyLayer() tea.Cmd {
	s.copied = spec.Clone(s.layers()[s.at])
	return s.app.Say("copied " + nn.Layers.Must(s.copied).Name + "; p puts it after the cursor")
}

// paste puts the copy after the cursor. A name of its own stays with the first.
func (s *Screen) paste() tea.Cmd {
	l := spec.Clone(s.copied)
	l.Settings().Name = ""
	at := min(s.at+1, len(s.layers()))
	cmd := s.change("paste "+nn.Layers.Must(l).Name, func(e *sessions.Experiment) { e.Model.Layers = slices.Insert(e.Model.Layers, at, l) })
	s.at = at
	return cmd
}

// preset asks for an experiment that comes along and makes it the draft.
func (s *Screen) preset() tea.Cmd {
	infos := sessions.Presets()
	items := make([]form.Item, len(infos))
	for i, p := range infos {
		items[i] = form.Item{Title: p.Name, Doc: p.Doc}
	}
	return s.app.Push(form.NewList(s.app.Theme, wordPresets, items, 0, func(i int) tea.Cmd {
		e, err := sessions.Preset(infos[i].Name)
		if err != nil {
			return s.app.Fail(err)
		}
		s.at, s.read, s.setAt = 0, 0, 0
		return s.app.Load(e, "", "", true)
	}))
}

// removeFact deletes the callback with the cursor.
func (s *Screen) removeFact() tea.Cmd {
	i := s.facts[s.setAt].callback
	return s.change("delete "+s.facts[s.setAt].key, func(e *sessions.Experiment) { e.Fit.Callbacks = slices.Delete(e.Fit.Callbacks, i, i+1) })
}
