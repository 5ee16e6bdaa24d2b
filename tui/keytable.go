package tui

import (
	"context"

	"github.com/charmbracelet/colorprofile"

	"cnnbench/sessions"
	"cnnbench/tui/chart"
	"cnnbench/tui/keys"
	"cnnbench/tui/screen"
	"cnnbench/tui/theme"
)

// KeyTable writes all that can be done in the workbench as tables for the README. A test compares them.
func KeyTable() string {
	app := screen.NewApp(context.Background(), &sessions.Store{}, 0, theme.New(true, colorprofile.TrueColor, chart.Braille))
	app.Draft.Set(sessions.New(), "", "", true)
	m := newModel(app, true)
	all := []keys.Context{m.global}
	for _, s := range m.screens {
		for _, c := range s.Contexts() {
			if c.Name != s.Title() {
				c.Name = s.Title() + ", " + c.Name
			}
			all = append(all, c)
		}
	}
	return keys.Markdown(all)
}
