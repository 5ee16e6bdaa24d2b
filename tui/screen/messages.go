package screen

import (
	"cnnbench/nn/train"
	"cnnbench/sessions"
)

// The messages that all screens get.
type (
	// Changed says that the draft is another one than before.
	Changed struct{}
	// Ready says that App.Data is about the draft as it stands, or that it cannot be prepared.
	Ready struct{}
	// Started says that App.Live is a new training, and that App.Session is nil.
	Started struct{}
	// Fed brings what the training App.Live has done since the last one; App.Live knows of it already.
	Fed struct{ Update train.Update }
	// Ended says that App.Live is over; its state and error say how.
	Ended struct{}
	// Two is two of these, which all screens get one after the other, never as such.
	Two struct{ First, Then any }
	// Opened says that App.Session is a stored session now, or, where nil, App.Live again.
	Opened struct{}
	// Stored says that the list of stored sessions may have changed.
	Stored struct{}
	// Crashed says that something in the background panicked; where stands in a file that the error names.
	Crashed struct{ Err error }
	// Themed says that App.Theme has changed; App.Look has grown.
	Themed struct{}
)

// Messages of the App to itself.
type (
	prepared struct {
		version int
		result  *sessions.Prepared
		data    Source
		err     error
	}
	started struct {
		run     *sessions.Run
		unsaved chan error
		err     error
	}
	opened struct {
		gen     int
		session *sessions.Session
		err     error
	}
	expired struct{ id int }
)
