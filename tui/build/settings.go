package build

import (
	"fmt"
	"strings"

	tea "charm.land/bubbletea/v2"

	"cnnbench/nn/loss"
	"cnnbench/nn/metric"
	"cnnbench/nn/optim"
	"cnnbench/nn/train"
	"cnnbench/sessions"
	"cnnbench/spec"
	"cnnbench/tui/form"
	"cnnbench/tui/layout"
	"cnnbench/tui/theme"
)

// part is which settings a row of the settings pane belongs to.
type part int

// The parts of the settings.
const (
	partHead     part = iota // a caption
	partAll                  // name and seed
	partData                 // the data section, which has a tab of its own
	partCompile              // loss, optimizer, metrics
	partFit                  // epochs, batches
	partCallback             // one callback
	partAdd                  // the row that adds one
)

// fact is one row of the settings pane.
type fact struct {
	part       part
	key, value string
	changed    bool // is not what it is by default
	callback   int
}

// factsOf lists the settings of an experiment. Those that few people touch are shown only where they were.
func factsOf(e *sessions.Experiment) []fact {
	d := sessions.New()
	out := []fact{{part: partAll, key: "name", value: e.Name}, {part: partAll, key: "seed", value: fmt.Sprint(e.Seed), changed: e.Seed != 0}}
	source := e.Data.Source
	if n := len(e.Data.Classes); n > 0 {
		source += fmt.Sprintf(", %d classes", n)
	}
	out = append(out, fact{part: partData, key: "data", value: source})
	list := func(p part, v, defaults any, always ...string) {
		was := map[string]string{}
		for _, f := range settingsOf(defaults) {
			was[f.Key] = f.Text
		}
		for _, f := range settingsOf(v) {
			changed := f.Text != was[f.Key]
			shown := changed
			for _, key := range always {
				shown = shown || f.Key == key
			}
			if f.Key == "callbacks" || !shown {
				continue
			}
			if f.Text == none && (f.Key == "loss" || f.Key == "metrics") {
				f.Text = wordAuto // an experiment that does not say takes the usual ones for its data
			}
			out = append(out, fact{part: p, key: f.Key, value: f.Text, changed: changed})
			if f.Key == "optimizer" && e.Compile.Optimizer != nil {
				for _, sub := range rateOf(e.Compile.Optimizer) {
					out = append(out, fact{part: p, key: "  " + sub.Key, value: sub.Text, changed: true})
				}
			}
		}
	}
	list(partCompile, &e.Compile, &d.Compile, "loss", "optimizer", "metrics")
	list(partFit, &e.Fit, &d.Fit, "epochs", "batch_size", "shuffle")
	for i, c := range e.Fit.Callbacks {
		out = append(out, fact{part: partCallback, key: train.Callbacks.Must(c).Name, value: briefOf(c, train.Callbacks), changed: true, callback: i})
	}
	return append(out, fact{part: partAdd, key: "+ callback"})
}

// rateOf lists the optimizer's settings that are worth a row: its learning rate, and what is not as by default.
func rateOf(o optim.Optimizer) []spec.Field {
	was := map[string]string{}
	for _, f := range settingsOf(optim.Family.Must(o).New()) {
		was[f.Key] = f.Text
	}
	var out []spec.Field
	for _, f := range settingsOf(o) {
		if f.Key == "learning_rate" || f.Text != was[f.Key] {
			out = append(out, f)
		}
	}
	return out
}

// briefOf is the settings of one of a family that are not as by default.
func briefOf(v any, family *spec.Family) string {
	n := spec.Node(v, family.Must(v).New())
	var parts []string
	for i := 0; i+1 < len(n.Content); i += 2 {
		parts = append(parts, n.Content[i].Value+" "+n.Content[i+1].Value)
	}
	return strings.Join(parts, ", ")
}

// drawSettings draws the settings pane.
func (s *Screen) drawSettings(w, h int, focused bool) string {
	t := s.app.Theme
	p := theme.Pane{Title: wordSettings, Focused: focused}
	inner := w - 2
	keyW := 0
	for _, f := range s.facts {
		keyW = max(keyW, layout.Width(f.key))
	}
	keyW = min(keyW, max(inner/2, 15))
	room := h - 2
	s.set = layout.Window(s.set, s.setAt, len(s.facts), room)
	end := min(s.set+room, len(s.facts))
	var lines []string
	for i := s.set; i < end; i++ {
		f := s.facts[i]
		key, value := t.Dim.Render(layout.Fit(f.key, keyW)), f.value
		if f.changed {
			value = t.Bold.Render(value)
		}
		if s.wrong(f) {
			key, value = t.Bad.Render(layout.Fit(theme.Bad+" "+f.key, keyW)), t.Bad.Render(f.value)
		}
		lines = append(lines, t.Row(key+" "+value, inner, i == s.setAt, focused))
	}
	if below := len(s.facts) - end; below > 0 {
		p.Foot = fmt.Sprintf("%s %d more", theme.Down, below)
	}
	p.Body = strings.Join(lines, "\n")
	return t.Draw(p, w, h)
}

// wrong says that the problem is about the row.
func (s *Screen) wrong(f fact) bool {
	if !s.problem.found() {
		return false
	}
	path := s.problem.path
	switch f.part {
	case partData:
		return s.problem.section() == "data"
	case partCompile:
		return path == "compile."+f.key
	case partFit:
		return path == "fit."+f.key || strings.HasPrefix(path, "fit."+f.key+".")
	case partCallback:
		return strings.HasPrefix(path, fmt.Sprintf("fit.callbacks[%d]", f.callback))
	}
	return false
}

// editFact opens the form of the settings with the cursor.
func (s *Screen) editFact() tea.Cmd {
	f := s.facts[s.setAt]
	key := strings.TrimSpace(f.key)
	switch f.part {
	case partAll:
		return s.editHead(key)
	case partData:
		return s.app.Show(wordDataTab)
	case partCompile:
		return s.editCompile(key)
	case partFit:
		return s.editFit(key)
	case partCallback:
		return s.editCallback(f.callback)
	case partAdd:
		return s.addCallback()
	}
	return nil
}

// head is the settings of an experiment that stand alone.
type head struct {
	Name string `yaml:"name" doc:"names the sessions that are trained from it"`
	Seed uint64 `yaml:"seed" doc:"of all random draws: weights, order, dropout, splits"`
}

func (s *Screen) editHead(focus string) tea.Cmd {
	e := s.app.Draft.Experiment()
	return s.app.Push(form.New(s.app.Theme, form.Settings{Title: "Experiment", Value: &head{e.Name, e.Seed}, Focus: focus, Done: func(v any) tea.Cmd {
		h := v.(*head)
		return s.change("edit name and seed", func(e *sessions.Experiment) { e.Name, e.Seed = h.Name, h.Seed })
	}}))
}

func (s *Screen) editCompile(focus string) tea.Cmd {
	c := s.app.Draft.Experiment().Compile
	optimizer := []string{"optimizer"}
	return s.app.Push(form.New(s.app.Theme, form.Settings{Title: "Compile", Doc: "What training makes small, how, and what is measured.", Value: &c, Focus: focus, Open: optimizer, Needs: optimizer, Word: wordOf, Done: func(v any) tea.Cmd {
		return s.change("edit compile", func(e *sessions.Experiment) { e.Compile = *v.(*sessions.Compile) })
	}}))
}

func (s *Screen) editFit(focus string) tea.Cmd {
	f := s.app.Draft.Experiment().Fit
	return s.app.Push(form.New(s.app.Theme, form.Settings{Title: "Fit", Doc: "How long and in which batches the network is trained.", Value: &f, Skip: []string{"callbacks"}, Focus: focus, Done: func(v any) tea.Cmd {
		return s.change("edit fit", func(e *sessions.Experiment) { e.Fit = *v.(*train.Fit) })
	}}))
}

// wordOf explains a choice of the compile form.
func wordOf(key, option string) string {
	for _, f := range []*spec.Family{loss.Family, optim.Family, metric.Family} {
		if k, ok := f.Lookup(option); ok {
			return k.Doc
		}
	}
	return ""
}

// addCallback asks for a callback's kind and settings and adds it.
func (s *Screen) addCallback() tea.Cmd {
	names := train.Callbacks.Names()
	items := make([]form.Item, len(names))
	for i, name := range names {
		k, _ := train.Callbacks.Lookup(name)
		items[i] = form.Item{Title: name, Doc: k.Doc, Also: k.Class}
	}
	return s.app.Push(form.NewList(s.app.Theme, wordCallbacks, items, 0, func(i int) tea.Cmd {
		k, _ := train.Callbacks.Lookup(names[i])
		add := func(v any) tea.Cmd {
			return s.change("add "+names[i], func(e *sessions.Experiment) { e.Fit.Callbacks = append(e.Fit.Callbacks, v.(train.Callback)) })
		}
		v := k.New()
		if len(spec.Fields(v)) == 0 {
			return add(v)
		}
		return s.app.Push(form.New(s.app.Theme, form.Settings{Title: names[i], Doc: k.Doc, Value: v, Blank: true, Done: add}))
	}))
}

func (s *Screen) editCallback(i int) tea.Cmd {
	c := s.app.Draft.Experiment().Fit.Callbacks[i]
	k := train.Callbacks.Must(c)
	if len(spec.Fields(c)) == 0 {
		return s.app.Say(k.Name + " has no settings")
	}
	return s.app.Push(form.New(s.app.Theme, form.Settings{Title: k.Name, Doc: k.Doc, Value: c, Done: func(v any) tea.Cmd {
		return s.change("edit "+k.Name, func(e *sessions.Experiment) { e.Fit.Callbacks[i] = v.(train.Callback) })
	}}))
}
