package curves

import (
	tea "charm.land/bubbletea/v2"

	"cnnbench/sessions"
)

// Messages between the screens that draw trainings.
type (
	// Live brings the curves of the training that has begun in this sitting; they grow with every screen.Fed.
	Live struct {
		Run  *Run
		Left []*Run // the branches that it left
	}
	// Listed brings the stored sessions as they are on disk, newest first.
	Listed struct{ Infos []sessions.Info }
	// Pinned brings the curves of the stored sessions that are drawn beside whatever a screen is about.
	Pinned struct{ Runs []*Run }
	// Pin asks for a session to be pinned, or no longer.
	Pin struct{ Name string }
)

// Send is a command that gives a message.
func Send(msg tea.Msg) tea.Cmd { return func() tea.Msg { return msg } }
