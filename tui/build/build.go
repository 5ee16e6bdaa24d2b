// Package build is the tab where a network is put together, layer by layer, and where it is said how it is trained.
//
// Everything that is shown follows from the draft by nn.Summarize, which takes microseconds, so that shapes and
// parameters are there while a person types. Whether the data fits is worked out by the App in the background.
package build

import (
	tea "charm.land/bubbletea/v2"

	"cnnbench/nn"
	"cnnbench/sessions"
	"cnnbench/tui/exports"
	"cnnbench/tui/keys"
	"cnnbench/tui/layout"
	"cnnbench/tui/screen"
)

// The panes.
const (
	paneLayers = iota
	paneLayer
	paneSettings
)

// Screen is the tab.
type Screen struct {
	app   *screen.App
	keys  []keys.Context
	panes screen.Panes

	at, from   int // layer with the cursor, first line shown
	set, setAt int // first setting shown, setting with the cursor
	read       int // first line of the layer pane
	copied     nn.Layer
	warned     *sessions.Run // of which it was said that edits do not touch it
	export     *exports.Exporter

	sum     *nn.Summary
	problem problem
	facts   []fact // of the settings pane
	version int    // grows with everything above but the cursors

	layersText, layerText, settingsText screen.Cache[paneKey]
	layerAt                             []int // the layer on each line of the list, -1 none
}

// paneKey is all that a pane's text depends on.
type paneKey struct {
	w, h          int
	focused       bool
	look, version int
	at, from      int
	run           bool
}

// New makes the tab.
func New(app *screen.App) screen.Screen {
	s := &Screen{app: app, export: exports.New(app), panes: screen.Panes{Names: []string{wordLayers, wordLayer, wordSettings}}}
	s.keys = s.table()
	s.refresh()
	return s
}

// Title names the tab.
func (s *Screen) Title() string { return wordTitle }

// Contexts are its keys.
func (s *Screen) Contexts() []keys.Context { return s.keys }

// Panes are its panes.
func (s *Screen) Panes() *screen.Panes { return &s.panes }

// Update takes messages and the mouse.
func (s *Screen) Update(msg tea.Msg) tea.Cmd {
	switch m := msg.(type) {
	case screen.Changed, screen.Ready:
		s.refresh()
	case tea.MouseWheelMsg:
		d := 1
		if m.Button == tea.MouseWheelUp {
			d = -1
		}
		if pane, ok := s.panes.At(m.X, m.Y); ok {
			s.scroll(pane, d)
		}
	case tea.MouseClickMsg:
		return s.click(m.X, m.Y)
	default:
		return s.export.Update(msg)
	}
	return nil
}

// refresh works out what is shown from the draft and what is known of its data.
func (s *Screen) refresh() {
	e := s.app.Draft.Experiment()
	s.sum, s.problem = examine(e, &s.app.Data, &s.app.Draft)
	s.facts = factsOf(e)
	s.at = min(max(s.at, 0), max(len(e.Model.Layers)-1, 0))
	s.setAt = min(max(s.setAt, 0), len(s.facts)-1)
	s.version++
}

// View draws the tab.
func (s *Screen) View(w, h int) string {
	r := s.panes.Arrange(w, h, arrange)
	layers := s.drawPane(&s.layersText, paneLayers, s.at, s.from, r[paneLayers], s.drawLayers)
	layer := s.drawPane(&s.layerText, paneLayer, s.at, s.read, r[paneLayer], s.drawLayer)
	settings := s.drawPane(&s.settingsText, paneSettings, s.setAt, s.set, r[paneSettings], s.drawSettings)
	return layout.Beside(layers, layout.Above(layer, settings))
}

func (s *Screen) drawPane(c *screen.Cache[paneKey], pane, at, from int, r layout.Rect, draw func(w, h int, focused bool) string) string {
	if r.Empty() {
		return ""
	}
	key := paneKey{r.W, r.H, s.panes.Is(pane), s.app.Look, s.version, at, from, s.app.Running()}
	return c.Get(key, func() string { return draw(r.W, r.H, key.focused) })
}

// arrange places the panes: the layers at the left, at the right what is known of one of them and the settings.
func arrange(body layout.Rect) []layout.Rect {
	side := min(max(body.W*3/8, 32), 60)
	cols := layout.Columns(body, layout.Flex(48, 1), layout.Fixed(side))
	rows := layout.Rows(cols[1], layout.Flex(9, 3), layout.Flex(10, 2))
	return []layout.Rect{cols[0], rows[0], rows[1]}
}

// scroll moves the cursor of a pane.
func (s *Screen) scroll(pane, d int) {
	switch pane {
	case paneLayers:
		s.at = min(max(s.at+d, 0), max(len(s.layers())-1, 0))
		s.read = 0
	case paneLayer:
		s.read = max(s.read+d, 0)
	case paneSettings:
		s.setAt = min(max(s.setAt+d, 0), len(s.facts)-1)
	}
}

// click puts the cursor on a row, and opens the row that has it.
func (s *Screen) click(x, y int) tea.Cmd {
	pane, ok := s.panes.At(x, y)
	if !ok {
		return nil
	}
	line := y - s.panes.Rect(pane).Y - 1
	switch pane {
	case paneLayers:
		if line < 0 || line >= len(s.layerAt) || s.layerAt[line] < 0 {
			return nil
		}
		if i := s.layerAt[line]; i != s.at {
			s.at, s.read = i, 0
			return nil
		}
		return s.edit()
	case paneSettings:
		i := line + s.set
		if line < 0 || i >= len(s.facts) {
			return nil
		}
		if i != s.setAt {
			s.setAt = i
			return nil
		}
		return s.editFact()
	}
	return nil
}

// whyNotExport says why the draft cannot be written for other programs.
func (s *Screen) whyNotExport() string {
	d := &s.app.Data
	switch {
	case d.Current(&s.app.Draft) != nil:
		return ""
	case d.Known(&s.app.Draft) && d.Err != nil:
		return wordNotFit
	}
	return wordStillRead
}

// source is what is exported of the draft.
func (s *Screen) source() exports.Source {
	return exports.Source{Name: s.app.Draft.Experiment().Name, Draft: s.app.Data.Current(&s.app.Draft)}
}

// layers are the draft's.
func (s *Screen) layers() []nn.Layer { return s.app.Draft.Experiment().Model.Layers }
