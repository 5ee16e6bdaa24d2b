// Package build is the tab where a network is put together, layer by layer.
package build

import (
	tea "charm.land/bubbletea/v2"

	"cnnbench/tui/keys"
	"cnnbench/tui/screen"
)

// Screen is the tab.
type Screen struct {
	app  *screen.App
	keys []keys.Context
}

// New makes the tab.
func New(app *screen.App) screen.Screen { return &Screen{app: app} }

// Title names the tab.
func (s *Screen) Title() string { return "Build" }

// Contexts are its keys.
func (s *Screen) Contexts() []keys.Context { return s.keys }

// Update takes a message.
func (s *Screen) Update(tea.Msg) tea.Cmd { return nil }

// View draws the tab.
func (s *Screen) View(w, h int) string { return "" }
