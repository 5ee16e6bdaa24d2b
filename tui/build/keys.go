package build

import (
	tea "charm.land/bubbletea/v2"

	"cnnbench/tui/keys"
	"cnnbench/tui/screen"
)

// table is the keys of the tab.
func (s *Screen) table() []keys.Context {
	by := func(d int) func() tea.Cmd {
		return func() tea.Cmd { s.scroll(s.panes.Focus(), d); return nil }
	}
	layer := func() string {
		if len(s.layers()) == 0 {
			return wordNoLayer
		}
		return ""
	}
	first := func() string {
		if s.at == 0 {
			return wordFirst
		}
		return layer()
	}
	last := func() string {
		if s.at >= len(s.layers())-1 {
			return wordLast
		}
		return layer()
	}
	const page, far = 8, 1 << 20
	layers := keys.Context{Name: "Layers", Active: func() bool { return s.panes.Is(paneLayers) || s.panes.Is(paneLayer) }, Actions: []keys.Action{
		{Name: "add-layer", Keys: []string{"a"}, Title: "add", Hint: 1, Help: "add a layer after the one with the pointer", Run: s.add},
		{Name: "add-layer-before", Keys: []string{"A"}, Title: "add before", Help: "add a layer before it", Blocked: layer, Run: s.addBefore},
		{Name: "edit-layer", Keys: []string{"enter", "e"}, Title: "edit", Hint: 2, Help: "edit the layer's settings", Blocked: layer, Run: s.edit},
		{Name: "delete-layer", Keys: []string{"d", "delete"}, Title: "delete", Label: "d del", Hint: 6, Help: "delete the layer", Blocked: layer, Run: s.remove},
		{Name: "move-down", Keys: []string{"J", "shift+down"}, Title: "move down", Label: "J/K move", Hint: 7, Help: "move the layer down", Blocked: last, Run: func() tea.Cmd { return s.move(1) }},
		{Name: "move-up", Keys: []string{"K", "shift+up"}, Title: "move up", Help: "move the layer up", Blocked: first, Run: func() tea.Cmd { return s.move(-1) }},
		{Name: "copy-layer", Keys: []string{"y"}, Title: "copy", Help: "copy the layer", Blocked: layer, Run: s.copyLayer},
		{Name: "paste-layer", Keys: []string{"p"}, Title: "paste", Help: "put the copied layer after the one with the pointer", Blocked: func() string {
			if s.copied == nil {
				return wordNothing
			}
			return ""
		}, Run: s.paste},
	}}
	settings := keys.Context{Name: "Settings", Active: func() bool { return s.panes.Is(paneSettings) }, Actions: []keys.Action{
		{Name: "edit-setting", Keys: []string{"enter", "e"}, Title: "edit", Hint: 1, Help: "edit the setting", Run: s.editFact},
		{Name: "add-callback", Keys: []string{"a"}, Title: "add callback", Hint: 2, Help: "add what is done between epochs: early stopping, a lower rate", Run: s.addCallback},
		{Name: "delete-callback", Keys: []string{"d", "delete"}, Title: "delete", Label: "d del", Hint: 6, Help: "delete the callback", Blocked: func() string {
			if s.facts[s.setAt].part != partCallback {
				return wordNotThis
			}
			return ""
		}, Run: s.removeFact},
	}}
	all := keys.Context{Name: wordTitle, Actions: []keys.Action{
		{Name: "down", Keys: []string{"down", "j"}, Title: "down", Help: "go down", Run: by(1)},
		{Name: "up", Keys: []string{"up", "k"}, Title: "up", Help: "go up", Run: by(-1)},
		{Name: "page-down", Keys: []string{"pgdown"}, Title: "page down", Help: "go down a page", Run: by(page)},
		{Name: "page-up", Keys: []string{"pgup"}, Title: "page up", Help: "go up a page", Run: by(-page)},
		{Name: "first", Keys: []string{"home", "g"}, Title: "first", Help: "go to the first row", Run: by(-far)},
		{Name: "last", Keys: []string{"end", "G"}, Title: "last", Help: "go to the last row", Run: by(far)},
		{Name: "undo", Keys: []string{"u"}, Title: "undo", Label: "u/U undo", Hint: 7, Help: "take the last edit back", Blocked: func() string { return s.steps(true) }, Run: s.app.Undo},
		{Name: "redo", Keys: []string{"U", "ctrl+r"}, Title: "redo", Help: "do again what was undone", Blocked: func() string { return s.steps(false) }, Run: s.app.Redo},
		{Name: "presets", Keys: []string{"P"}, Title: "presets", Hint: 6, Help: "take a whole experiment from those that come along", Run: s.preset},
		{Name: "compile", Keys: []string{"c"}, Title: "compile", Help: "edit loss, optimizer and metrics", Run: func() tea.Cmd { return s.editCompile("") }},
		{Name: "fit", Keys: []string{"r"}, Title: "fit", Help: "edit epochs, batch size and how the data is gone through", Run: func() tea.Cmd { return s.editFit("") }},
		{Name: "export", Keys: []string{"E"}, Title: "export", Help: "write the network for other programs, with the weights that it begins with; a trained one leaves from Train and Runs", Blocked: s.whyNotExport,
			Run: func() tea.Cmd { return s.export.Ask(s.source()) }, Take: func(path string) tea.Cmd { return s.export.To(s.source(), path) }, Arg: "FILE"},
	}}
	return []keys.Context{layers, settings, all}
}

// steps says why there is nothing to undo or redo.
func (s *Screen) steps(back bool) string {
	undo, redo := s.app.Draft.Steps()
	switch {
	case back && undo == 0:
		return "nothing was edited yet"
	case !back && redo == 0:
		return "nothing was undone"
	}
	return ""
}

var _ screen.Noting = (*Screen)(nil)
