package screen

import (
	tea "charm.land/bubbletea/v2"

	"cnnbench/tui/keys"
)

// Screen is a tab of the workbench; the package's comment says how one is written.
type Screen interface {
	Title() string
	// Contexts are its keys, those of a pane before those of the whole screen.
	Contexts() []keys.Context
	Update(msg tea.Msg) tea.Cmd
	// View is h lines of w cells.
	View(w, h int) string
}

// The rest of what a screen may have.
type (
	// Paned screens have several panes, between which the focus moves.
	Paned interface{ Panes() *Panes }
	// Typing screens have text fields of their own: while one is open, all keys go to Update.
	Typing interface{ Typing() bool }
	// Showing screens do something when their tab is opened.
	Showing interface{ Show() tea.Cmd }
	// Leaving screens have something open that esc closes, when there is nothing else for it to close.
	Leaving interface{ Leave() }
	// Noting screens have a line to say while nothing runs.
	Noting interface{ Note(w int) string }
)

// Dialog lies over the screen and gets keys, pastes and the mouse first; X and Y of mouse messages count from its
// content's corner. Package form has those that are needed.
type Dialog interface {
	Title() string
	// Context is its keys, for hints and help; Update handles them.
	Context() keys.Context
	Update(msg tea.Msg) tea.Cmd
	// View draws the content in at most w x h cells.
	View(w, h int) string
	// Closed says that it is done with.
	Closed() bool
}
