package tui

import (
	"fmt"
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"cnnbench/tui/form"
	"cnnbench/tui/keys"
	"cnnbench/tui/layout"
)

// palette finds an action by its name.
func (m *Model) palette() tea.Cmd {
	var items []form.Item
	var actions []*keys.Action
	contexts := m.contexts()
	for i := range contexts {
		c := &contexts[i]
		if !c.On() {
			continue
		}
		for j := range c.Actions {
			a := &c.Actions[j]
			if a.Documented() {
				continue
			}
			items = append(items, form.Item{Title: a.Word(), Doc: a.Help, Detail: keys.ShowAll(a.Keys), Also: a.Name + " " + c.Name, Off: a.Why()})
			actions = append(actions, a)
		}
	}
	return m.app.Push(form.NewList(m.app.Theme, "What to do", items, 0, func(i int) tea.Cmd { return m.do(actions[i]) }))
}

// help shows what the keys do here.
func (m *Model) help() tea.Cmd {
	contexts := m.contexts()
	t := m.app.Theme
	return m.app.Push(form.NewPager(t, "Keys", func(w int) []string {
		w = min(w, 76)
		var lines []string
		keyW := 0
		for _, c := range contexts {
			for _, a := range c.Actions {
				if c.On() {
					keyW = max(keyW, layout.Width(keys.ShowAll(a.Keys)))
				}
			}
		}
		keyW = min(keyW, w/3)
		for i := range contexts {
			c := &contexts[i]
			if !c.On() {
				continue
			}
			if len(lines) > 0 {
				lines = append(lines, "")
			}
			lines = append(lines, t.Bold.Render(c.Name))
			for j := range c.Actions {
				a := &c.Actions[j]
				names := keys.ShowAll(a.Keys)
				if len(a.Keys) == 0 {
					names = ":" + a.Name
				}
				text := a.Help
				if why := a.Why(); why != "" {
					text += " (now: " + why + ")"
				}
				for k, l := range layout.Wrap(text, max(w-keyW-4, 10)) {
					if k > 0 {
						names = ""
					}
					lines = append(lines, "  "+t.Key.Render(layout.Fit(names, keyW))+"  "+l)
				}
			}
		}
		return lines
	}))
}

// commandLine asks for a command by name, with what comes after it; text stands in it already.
func (m *Model) commandLine(text string) tea.Cmd {
	contexts := m.contexts()
	p := form.NewPrompt(m.app.Theme, "Command", "", text, nil, func(s string) tea.Cmd {
		if strings.TrimSpace(s) == "" {
			return nil
		}
		a, arg, err := resolve(contexts, s)
		switch {
		case err != nil:
			if elsewhere := m.elsewhere(s); elsewhere != nil {
				err = elsewhere
			}
			return m.app.Fail(err)
		case arg != "" && a.Why() == "":
			return a.Take(arg)
		}
		return m.do(a)
	})
	return m.app.Push(p.Suggest(func(text string) []form.Suggestion { return suggest(contexts, text) }))
}

// elsewhere says which other tab has the command; nil if none has.
func (m *Model) elsewhere(text string) error {
	name, _, _ := strings.Cut(strings.TrimSpace(text), " ")
	if keys.Named(m.contexts(), name) != nil {
		return nil
	}
	for i, s := range m.screens {
		if keys.Named(s.Contexts(), name) != nil {
			return fmt.Errorf("%s is a command of the tab %s; %d opens that", name, s.Title(), i+1)
		}
	}
	return nil
}

// suggest lists the commands whose names the text could be the beginning of, or is like.
func suggest(contexts []keys.Context, text string) []form.Suggestion {
	name, _, whole := strings.Cut(strings.TrimLeft(text, " "), " ")
	type offer struct {
		form.Suggestion
		score int
	}
	var all []offer
	for i := range contexts {
		if !contexts[i].On() {
			continue
		}
		for j := range contexts[i].Actions {
			a := &contexts[i].Actions[j]
			score := keys.Match(name, a.Name)
			if a.Documented() || score == 0 || whole && a.Name != name {
				continue
			}
			doc := a.Help
			if a.Arg != "" {
				doc = a.Arg + ": " + doc
			}
			all = append(all, offer{form.Suggestion{Text: a.Name, Doc: doc}, score})
		}
	}
	slices.SortStableFunc(all, func(a, b offer) int { return b.score - a.score })
	out := make([]form.Suggestion, len(all))
	for i, o := range all {
		out[i] = o.Suggestion
		if whole {
			out[i].Text = text
		}
	}
	return out
}

// resolve reads a command: an action's name or the beginning of only one, and what comes after it.
func resolve(contexts []keys.Context, text string) (*keys.Action, string, error) {
	name, arg, _ := strings.Cut(strings.TrimSpace(text), " ")
	arg = strings.TrimSpace(arg)
	a := keys.Named(contexts, name)
	if a == nil {
		var names []string
		for i := range contexts {
			if !contexts[i].On() {
				continue
			}
			for j := range contexts[i].Actions {
				if b := &contexts[i].Actions[j]; name != "" && strings.HasPrefix(b.Name, name) && !b.Documented() {
					names = append(names, b.Name)
					a = b
				}
			}
		}
		switch {
		case len(names) == 0:
			return nil, "", fmt.Errorf("there is no command %q here; ctrl+p finds all that can be done", name)
		case len(names) > 1:
			return nil, "", fmt.Errorf("%q may be %s", name, strings.Join(names, " or "))
		}
	}
	switch {
	case a.Documented():
		return nil, "", fmt.Errorf("%s is done by its key", a.Name)
	case arg != "" && a.Take == nil:
		return nil, "", fmt.Errorf("%s takes nothing after it", a.Name)
	case arg == "" && a.Run == nil:
		return nil, "", fmt.Errorf("%s needs %s after it", a.Name, a.Arg)
	}
	return a, arg, nil
}
